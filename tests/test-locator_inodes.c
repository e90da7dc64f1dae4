/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations about inodes: ends of files, inode blocks, what has gone, names. */
#include "unit.h"
#include "talk.h"

static const struct talk talks[] = {
	/* ---- ends of files ---- */
	{"the end of the file lies in the range",
	 "bad 409600-413696\n"
	 "rec 409600-413696 131 4096\n"
	 "inode 131 reg 5000 1\npath 131 /a\n",
	 "409600-410504 file-data 131@4096\n"
	 "410504-413696 file-data 131@5000 past-eof\n"
	 "file 131 /a\n"
	 "complete\n"},
	{"before it, at it, behind it",
	 "bad 409600-410112\nbad 413696-414208\nbad 417792-418304\n"
	 "rec 409600-421888 131 0\n"
	 "inode 131 reg 4608 1\npath 131 /a\n",
	 "409600-410112 file-data 131@0\n"
	 "413696-414208 file-data 131@4096\n"
	 "417792-418304 file-data 131@8192 past-eof\n"
	 "file 131 /a\n"
	 "complete\n"},
	{"each sharer has its own end",
	 "bad 409600-413696\n"
	 "rec 409600-413696 131 0\n"
	 "rec 409600-413696 132 0\n"
	 "rec 409600-413696 133 0\n"
	 "inode 131 reg 1000 1\ninode 132 reg 0 1\ninode 133 reg 2000 1\n"
	 "path 131 /a\npath 132 /b\npath 133 /c\n",
	 "409600-410600 file-data 131@0 shared\n"
	 "409600-413696 file-data 132@0 shared past-eof\n"
	 "409600-411600 file-data 133@0 shared\n"
	 "410600-413696 file-data 131@1000 shared past-eof\n"
	 "411600-413696 file-data 133@2000 shared past-eof\n"
	 "file 131 /a\nfile 132 /b\nfile 133 /c\n"
	 "complete\n"},
	{"no end for directories, attributes, maps and unwritten space",
	 "bad 409600-411648\n"
	 "rec 409600-410112 131 8192 a\n"
	 "rec 410112-410624 131 8192 p\n"
	 "rec 410624-411136 131 0 m\n"
	 "rec 411136-411648 132 8192\n"
	 "inode 131 reg 10 1\ninode 132 dir 10 2\npath 131 /a\npath 132 /d\n",
	 "409600-410112 attributes 131@8192\n"
	 "410112-410624 file-data 131@8192 unwritten\n"
	 "410624-411136 extent-map 131@0\n"
	 "411136-411648 directory 132@8192\n"
	 "file 131 /a\nfile 132 /d\n"
	 "complete\n"},

	/* ---- inode blocks: number = AG << 13 | byte / 512 ---- */
	{"an inode block: those in use are named, free ones are not",
	 "bad 4161536-4165632\n"
	 "rec 4161536-4194304 inodes 0\n"
	 "wanted\n"
	 "inode 8320 dir 100 3\n"
	 "inode 8323 reg 100 1\n"
	 "inode 8330 reg 100 1\n"
	 "path 8320 /d\npath 8323 /d/a\n",
	 "wanted 8320 8321 8322 8323 8324 8325 8326 8327\n"
	 "4161536-4165632 inodes 8320+8\n"
	 "file 8320 in-lost-cluster /d\nfile 8323 in-lost-cluster /d/a\n"
	 "complete\n"},
	{"one sector is one inode; numbers go up with the block",
	 "bad 67072-67584\n"
	 "rec 65536-98304 inodes 0\n"
	 "wanted\n"
	 "inode 131 reg 100 1\npath 131 /a\n",
	 "wanted 131\n"
	 "67072-67584 inodes 131+1\n"
	 "file 131 in-lost-cluster /a\n"
	 "complete\n"},
	{"none in use",
	 "bad 65536-69632\n"
	 "rec 65536-98304 inodes 0\n"
	 "wanted\n",
	 "wanted 128 129 130 131 132 133 134 135\n"
	 "65536-69632 inodes 128+8 unused\n"
	 "complete\n"},
	{"nobody could look: not unused",
	 "bad 65536-69632\n"
	 "rec 65536-98304 inodes 0\n"
	 "wanted\n"
	 "unreadable 130 2\n",
	 "wanted 128 129 130 131 132 133 134 135\n"
	 "65536-69632 inodes 128+8 unreadable\n"
	 "reason inodes-unreadable\n"},
	{"in use, but not to be looked at",
	 "bad 65536-69632\n"
	 "rec 65536-98304 inodes 0\n"
	 "inode 130 lost 0 0\n"
	 "path 130 /a\n",
	 "65536-69632 inodes 128+8\n"
	 "file 130 in-lost-cluster unreadable /a\n"
	 "reason inodes-unreadable\n"},
	{"nobody ever looked: neither unused nor vanished",
	 "bad 65536-66048\nbad 409600-410112\n"
	 "rec 65536-98304 inodes 0\n"
	 "rec 409600-413696 131 0\n",
	 "65536-66048 inodes 128+1 unreadable\n"
	 "409600-410112 file-data 131@0\n"
	 "file 131 unreadable\n"
	 "reason no-paths\nreason inodes-unreadable\n"},
	{"owner and victim at once: its data and its inode are lost",
	 "bad 67072-68096\nbad 409600-410112\n"
	 "rec 65536-98304 inodes 0\n"
	 "rec 409600-413696 131 0\n"
	 "inode 131 reg 100 1\n"
	 "path 131 /a\n",
	 "67072-68096 inodes 131+2\n"
	 "409600-409700 file-data 131@0\n"
	 "409700-410112 file-data 131@100 past-eof\n"
	 "file 131 in-lost-cluster /a\n"
	 "complete\n"},
	{"owner and victim, unreadable in either order",
	 "bad 67072-68096\nbad 409600-410112\n"
	 "rec 65536-98304 inodes 0\n"
	 "rec 409600-410000 131 0\n"
	 "rec 410000-413696 200 0\n"
	 "unreadable 131 1\n"
	 "inode 200 reg 1000 1\n"
	 "path 200 /b\nnopath 131\n",
	 "67072-68096 inodes 131+2 unreadable\n"
	 "409600-410000 file-data 131@0\n"
	 "410000-410112 file-data 200@0\n"
	 "file 131 no-path in-lost-cluster unreadable\nfile 200 /b\n"
	 "reason paths-outside\nreason inodes-unreadable\n"},

	/* ---- inodes that are not what they were ---- */
	{"vanished: first, in the middle, last",
	 "bad 409600-411648\n"
	 "rec 409600-410112 131 0\n"
	 "rec 410112-410624 132 0\n"
	 "rec 410624-411136 133 0\n"
	 "rec 411136-411648 134 0\n"
	 "inode 132 reg 1000000 1\n"
	 "path 132 /a\n",
	 "409600-410112 file-data 131@0\n"
	 "410112-410624 file-data 132@0\n"
	 "410624-411136 file-data 133@0\n"
	 "411136-411648 file-data 134@0\n"
	 "file 131 vanished\nfile 132 /a\nfile 133 vanished\nfile 134 vanished\n"
	 "reason changed\n"},
	{"unreadable, said after it was passed over: not vanished",
	 "bad 409600-410624\n"
	 "rec 409600-410112 131 0\n"
	 "rec 410112-410624 132 0\n"
	 "inode 132 reg 1000000 1\n"
	 "unreadable 100 50\n"
	 "path 132 /a\nnopath 131\n",
	 "409600-410112 file-data 131@0\n"
	 "410112-410624 file-data 132@0\n"
	 "file 131 no-path unreadable\nfile 132 /a\n"
	 "reason paths-outside\nreason inodes-unreadable\n"},
	{"deleted but open: no names expected",
	 "bad 409600-410112\n"
	 "rec 409600-410112 131 0\n"
	 "inode 131 reg 1000000 0\n",
	 "409600-410112 file-data 131@0\n"
	 "file 131 deleted\n"
	 "complete\n"},
	{"unwanted inodes are ignored",
	 "bad 409600-410112\n"
	 "rec 409600-410112 131 0\n"
	 "inode 100 reg 1 1\n"
	 "inode 131 reg 1000000 1\n"
	 "inode 132 reg 1 1\n"
	 "path 131 /a\n",
	 "409600-410112 file-data 131@0\n"
	 "file 131 /a\n"
	 "complete\n"},

	/* ---- names ---- */
	{"not looked for",
	 "bad 409600-410112\n"
	 "rec 409600-410112 131 0\n"
	 "inode 131 reg 1000000 1\n",
	 "409600-410112 file-data 131@0\n"
	 "file 131\n"
	 "reason no-paths\n"},
	{"fewer than links; a directory's links are its children's",
	 "bad 409600-410624\n"
	 "rec 409600-410112 131 0\n"
	 "rec 410112-410624 132 0\n"
	 "inode 131 reg 1000000 2\n"
	 "inode 132 dir 1000000 9\n"
	 "path 131 /a\n"
	 "path 132 /d\n",
	 "409600-410112 file-data 131@0\n"
	 "410112-410624 directory 132@0\n"
	 "file 131 no-path /a\nfile 132 /d\n"
	 "reason paths-outside\n"},
	{"free space needs no names",
	 "bad 409600-410112\n"
	 "rec 409600-413696 free 0\n",
	 "409600-410112 free\n"
	 "complete\n"},
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
