/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations about the map: clamping, owners, places, holes, sharing. */
#include "unit.h"
#include "talk.h"

static const struct talk talks[] = {
	{"nothing asked", "", "complete\n"},

	/* ---- clamping ---- */
	{"a file's sector; the record is the whole extent",
	 "bad 409600-410112\n"
	 "rec 405504-421888 131 65536\n"
	 "inode 131 reg 1000000 1\n"
	 "path 131 /a\n",
	 "409600-410112 file-data 131@69632\n"
	 "file 131 /a\n"
	 "complete\n"},
	{"begins in the range, ends in it, beside it",
	 "bad 409600-413696\n"
	 "rec 400000-409600 140 0\n"
	 "rec 408000-410112 131 0\n"
	 "rec 410112-413184 132 4096\n"
	 "rec 413184-500000 133 0\n"
	 "rec 413696-500000 141 0\n"
	 "wanted\n"
	 "inode 131 reg 1000000 1\n"
	 "inode 132 reg 1000000 1\n"
	 "inode 133 reg 1000000 1\n"
	 "path 131 /a\n"
	 "path 132 /b\n"
	 "path 133 /c\n",
	 "wanted 131 132 133\n"
	 "409600-410112 file-data 131@1600\n"
	 "410112-413184 file-data 132@4096\n"
	 "413184-413696 file-data 133@0\n"
	 "file 131 /a\nfile 132 /b\nfile 133 /c\n"
	 "complete\n"},
	{"one record, several bad ranges; records in any order",
	 "bad 409600-410112\nbad 420000-420512\nbad 430080-430592\n"
	 "rec 425984-434176 free 0\n"
	 "rec 409600-425984 131 0\n"
	 "inode 131 reg 1000000 2\n"
	 "path 131 /a\npath 131 /b\n",
	 "409600-410112 file-data 131@0\n"
	 "420000-420512 file-data 131@10400\n"
	 "430080-430592 free\n"
	 "file 131 /a /b\n"
	 "complete\n"},
	{"an extent that two queries returned counts once",
	 "bad 409600-410112\nbad 420000-420512\n"
	 "query 409600-413696\n"
	 "rec 409600-425984 131 0\n"
	 "rec 430080-434176 132 0\n"
	 "query 417792-421888\n"
	 "rec 409600-425984 131 0\n"
	 "inode 131 reg 1000000 1\n"
	 "path 131 /a\n",
	 "409600-410112 file-data 131@0\n"
	 "420000-420512 file-data 131@10400\n"
	 "file 131 /a\n"
	 "complete\n"},
	{"the very same record twice counts once",
	 "bad 409600-410112\n"
	 "rec 409600-425984 131 0\n"
	 "rec 409600-425984 131 0\n"
	 "inode 131 reg 1000000 1\n"
	 "path 131 /a\n",
	 "409600-410112 file-data 131@0\n"
	 "file 131 /a\n"
	 "complete\n"},

	/* ---- owners ---- */
	{"every special owner",
	 "bad 40960-49152\n"
	 "rec 40960-41472 free 0\n"
	 "rec 41472-41984 ag 0\n"
	 "rec 41984-42496 inobt 0\n"
	 "rec 42496-43008 refc 0\n"
	 "rec 43008-43520 cow 0\n"
	 "rec 43520-44032 defective 0\n"
	 "rec 44032-44544 log 0\n"
	 "rec 44544-45056 unknown 0\n"
	 "rec 45056-49152 fs 0\n",
	 "40960-41472 free\n"
	 "41472-41984 ag-btree\n"
	 "41984-42496 inode-btree\n"
	 "42496-43008 refcount-btree\n"
	 "43008-43520 cow-staging\n"
	 "43520-44032 defective\n"
	 "44032-44544 log\n"
	 "44544-45056 unknown\n"
	 "45056-49152 fixed-metadata\n"
	 "reason unknown-owner\n"},
	{"every part of a file; directory and symbolic link",
	 "bad 409600-413696\n"
	 "rec 409600-410112 131 4096\n"
	 "rec 410112-410624 131 512 p\n"
	 "rec 410624-411136 131 1024 a\n"
	 "rec 411136-411648 131 0 m\n"
	 "rec 411648-412160 131 0 am\n"
	 "rec 412160-412672 132 2048\n"
	 "rec 412672-413184 133 0\n"
	 "rec 413184-413696 134 512\n"
	 "inode 131 reg 1000000 1\n"
	 "inode 132 dir 100 5\n"
	 "inode 133 lnk 30 1\n"
	 "inode 134 own 0 0\n"
	 "path 131 /a\npath 132 /d\npath 133 /l\n",
	 "409600-410112 file-data 131@4096\n"
	 "410112-410624 file-data 131@512 unwritten\n"
	 "410624-411136 attributes 131@1024\n"
	 "411136-411648 extent-map 131@0\n"
	 "411648-412160 attribute-map 131@0\n"
	 "412160-412672 directory 132@2048\n"
	 "412672-413184 symlink 133@0\n"
	 "413184-413696 internal-file 134@512\n"
	 "file 131 /a\nfile 132 /d\nfile 133 /l\nfile 134 internal\n"
	 "complete\n"},

	/* ---- places ---- */
	{"headers of AG 0 and AG 2, from records",
	 "bad 0-4096\nbad 8192000-8194048\n"
	 "rec 0-4096 fs 0\n"
	 "rec 8192000-8196096 fs 0\n",
	 "0-512 superblock primary\n"
	 "512-1024 agf\n"
	 "1024-1536 agi\n"
	 "1536-2048 agfl\n"
	 "2048-4096 ag-padding\n"
	 "8192000-8192512 superblock\n"
	 "8192512-8193024 agf\n"
	 "8193024-8193536 agi\n"
	 "8193536-8194048 agfl\n"
	 "complete\n"},
	{"without a reverse map: headers and log are still told apart",
	 "bad 512-5120\nbad 6143488-6144512\nbad 6553088-6554112\n"
	 "rec 0-5000000 unknown 0\n"
	 "rec 5000000-8000000 unknown 0\n"
	 "reason no-rmapbt\n",
	 "512-1024 agf\n"
	 "1024-1536 agi\n"
	 "1536-2048 agfl\n"
	 "2048-4096 ag-padding\n"
	 "4096-5120 unknown\n"
	 "6143488-6144000 unknown\n"
	 "6144000-6144512 log\n"
	 "6553088-6553600 log\n"
	 "6553600-6554112 unknown\n"
	 "reason no-rmapbt\n"},
	{"no answer at all (shut down): unknown, but for what has its place",
	 "bad 4096000-4096512\nbad 409600-410112\n"
	 "reason shutdown\n",
	 "409600-410112 unknown\n"
	 "4096000-4096512 superblock\n"
	 "reason shutdown\n"},
	{"behind the end of the filesystem",
	 "bad 15973888-15974912\n"
	 "rec 15970304-15974400 free 0\n",
	 "15973888-15974400 free\n"
	 "15974400-15974912 outside-filesystem\n"
	 "reason outside-filesystem\n"},

	/* ---- holes ---- */
	{"what no record covers is unknown, before, between and behind",
	 "bad 409600-413696\nbad 500000-500512\n"
	 "rec 410112-410624 free 0\n"
	 "rec 411136-412160 free 0\n",
	 "409600-410112 unknown\n"
	 "410112-410624 free\n"
	 "410624-411136 unknown\n"
	 "411136-412160 free\n"
	 "412160-413696 unknown\n"
	 "500000-500512 unknown\n"
	 "reason unknown-owner\n"},
	{"a long record hides no hole behind a short one",
	 "bad 409600-413696\n"
	 "rec 409600-413184 131 0\n"
	 "rec 409600-410112 132 0\n"
	 "inode 131 reg 1000000 1\ninode 132 reg 1000000 1\n"
	 "path 131 /a\npath 132 /b\n",
	 "409600-413184 file-data 131@0 shared\n"
	 "409600-410112 file-data 132@0 shared\n"
	 "413184-413696 unknown\n"
	 "file 131 /a\nfile 132 /b\n"
	 "reason unknown-owner\n"},

	/* ---- sharing ---- */
	{"every owner of a shared block; the flag is not the extent's but the block's",
	 "bad 409600-410112\nbad 417792-418304\n"
	 "rec 409600-425984 131 0 s\n"
	 "rec 409600-413696 132 8192 s\n"
	 "rec 405504-413696 133 0 s\n"
	 "inode 131 reg 1000000 1\ninode 132 reg 1000000 1\ninode 133 reg 1000000 1\n"
	 "path 131 /a\npath 132 /b\npath 133 /c\n",
	 "409600-410112 file-data 131@0 shared\n"
	 "409600-410112 file-data 132@8192 shared\n"
	 "409600-410112 file-data 133@4096 shared\n"
	 "417792-418304 file-data 131@8192\n"
	 "file 131 /a\nfile 132 /b\nfile 133 /c\n"
	 "complete\n"},
	{"a file that shares with itself",
	 "bad 409600-410112\n"
	 "rec 409600-413696 131 0 s\n"
	 "rec 409600-413696 131 8192 s\n"
	 "inode 131 reg 1000000 1\npath 131 /a\n",
	 "409600-410112 file-data 131@0 shared\n"
	 "409600-410112 file-data 131@8192 shared\n"
	 "file 131 /a\n"
	 "complete\n"},
	{"chains: each is shared, though not with all",
	 "bad 409600-421888\n"
	 "rec 409600-415744 131 0\n"
	 "rec 413696-414208 132 0\n"
	 "rec 414720-419840 133 0\n"
	 "rec 419840-421888 134 0\n"
	 "inode 131 reg 1000000 1\ninode 132 reg 1000000 1\n"
	 "inode 133 reg 1000000 1\ninode 134 reg 1000000 1\n"
	 "path 131 /a\npath 132 /b\npath 133 /c\npath 134 /d\n",
	 "409600-415744 file-data 131@0 shared\n"
	 "413696-414208 file-data 132@0 shared\n"
	 "414720-419840 file-data 133@0 shared\n"
	 "419840-421888 file-data 134@0\n"
	 "file 131 /a\nfile 132 /b\nfile 133 /c\nfile 134 /d\n"
	 "complete\n"},
	{"free and owned at once: the map changed",
	 "bad 409600-413696\n"
	 "rec 409600-413696 131 0\n"
	 "rec 409600-411648 free 0\n"
	 "inode 131 reg 1000000 1\npath 131 /a\n",
	 "409600-411648 free\n"
	 "409600-413696 file-data 131@0\n"
	 "file 131 /a\n"
	 "reason changed\n"},
	{"two kinds of metadata at once: the map changed",
	 "bad 409600-413696\n"
	 "rec 409600-413696 ag 0\n"
	 "rec 411648-413696 inobt 0\n",
	 "409600-413696 ag-btree\n"
	 "411648-413696 inode-btree\n"
	 "reason changed\n"},
};

static void test_talks(void **state)
{
	talk_hold(talks, ARRAY_SIZE(talks));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
