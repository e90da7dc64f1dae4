/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The locator, as conversations: what was bad, what the kernel said, what must
 * come out. One line a step; all numbers are bytes or inode numbers.
 *
 *	bad A-B               asked
 *	query A-B             what the records that follow were asked with; at first everything
 *	rec A-B OWNER OFF [p] a record; OWNER is an inode number or a name, p: preallocated, a:
 *attribute fork, m: extent map, s: shared wanted                the list so far is put out inode I
 *TYPE SIZE N   a look at an inode with N links; TYPE reg, dir, lnk, chr, lost (unreadable), own
 *(the filesystem's) unreadable I N        nobody can tell about N numbers from I on path I TEXT and
 *the inode's names were looked for nopath I              they were, but none was found reason TOKEN
 *the caller's own
 *
 * The model that random machines are compared with is in test-locator_model.c.
 */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "locator.h"

static int allocations_left = -1; /* negative: no end of them */

static bool allocation_fails(void)
{
	if (allocations_left < 0)
		return false;
	if (!allocations_left)
		return true;
	allocations_left--;
	return false;
}

/* the compiler may turn one into another: all can fail */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(pointer, size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(n, size);
}

/*
 * 4 KiB blocks, 512 B sectors and inodes; AGs of 1000 blocks (10 bits), 4096000 bytes; inode
 * number = AG << 13 | byte in the AG / 512. The log lies in AG 1; the last AG is short:
 * the filesystem ends at 15974400.
 */
static const struct fsgeom geom = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 1000,
	.ag_count = 4,
	.data_blocks = 3900,
	.features = FSGEOM_RMAPBT | FSGEOM_REFLINK,
	.log = {4096000 + 500 * 4096, 100 * 4096},
};

static const struct talk {
	const char *what;
	const char *said;
	const char *found;
} talks[] = {
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

static const struct {
	const char *name;
	uint64_t code;
} owners[] = {
	{"free", 1},
	{"unknown", 2},
	{"fs", 0x58ull << 32 | 1},
	{"log", 0x58ull << 32 | 2},
	{"ag", 0x58ull << 32 | 3},
	{"inobt", 0x58ull << 32 | 4},
	{"inodes", 0x58ull << 32 | 5},
	{"refc", 0x58ull << 32 | 6},
	{"cow", 0x58ull << 32 | 7},
	{"defective", 0x58ull << 32 | 8},
};

/* What a conversation has put out so far. */
struct output {
	char text[4096];
	size_t used;
};

static void __attribute__((format(printf, 2, 3))) put(struct output *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out->used += (size_t)vsnprintf(out->text + out->used, sizeof(out->text) - out->used, format,
				       args);
	va_end(args);
	assert_true(out->used < sizeof(out->text));
}

static struct byte_range scan_range(const char *text)
{
	unsigned long long start, end;

	assert_int_equal(sscanf(text, "%llu-%llu", &start, &end), 2);
	return (struct byte_range){start, end - start};
}

static void say_record(struct locator *l, struct byte_range query, const char *text)
{
	struct fsmap_rec rec = {.phys = scan_range(text)};
	char owner[32], flags[8] = "";
	unsigned long long offset;

	assert_true(sscanf(text, "%*s %31s %llu %7s", owner, &offset, flags) >= 2);
	rec.owner = strtoull(owner, NULL, 10);
	rec.offset = offset;
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		if (!strcmp(owner, owners[i].name)) {
			rec.owner = owners[i].code;
			rec.flags = FSMAP_SPECIAL;
		}
	}
	assert_true(rec.owner);
	rec.flags |= strchr(flags, 'p') ? FSMAP_PREALLOC : 0;
	rec.flags |= strchr(flags, 'a') ? FSMAP_ATTR_FORK : 0;
	rec.flags |= strchr(flags, 'm') ? FSMAP_EXTENT_MAP : 0;
	rec.flags |= strchr(flags, 's') ? FSMAP_SHARED : 0;
	assert_int_equal(locator_add_record(l, query, &rec), 0);
}

static void say_inode(struct locator *l, const char *text)
{
	unsigned long long ino, size;
	struct found_file file = {.gen = 5};
	char type[8];

	assert_int_equal(sscanf(text, "%llu %7s %llu %u", &ino, type, &size, &file.nlink), 4);
	file.ino = ino;
	file.size = size;
	if (!strcmp(type, "lost"))
		file.flags = FOUND_FILE_UNREADABLE;
	else if (!strcmp(type, "own"))
		file.flags = FOUND_FILE_INTERNAL;
	else if (!strcmp(type, "dir"))
		file.mode = S_IFDIR | 0755;
	else if (!strcmp(type, "lnk"))
		file.mode = S_IFLNK | 0777;
	else if (!strcmp(type, "chr"))
		file.mode = S_IFCHR | 0600;
	else
		file.mode = S_IFREG | 0644;
	assert_int_equal(locator_add_inode(l, &file), 0);
}

static void say_path(struct findings *f, const char *text, bool found)
{
	struct found_file *file = findings_file_by_ino(f, strtoull(text, NULL, 10));

	assert_non_null(file);
	file->flags |= FOUND_FILE_PATHS;
	if (found)
		assert_int_equal(
			findings_add_path(f, (size_t)(file - f->files), strchr(text, ' ') + 1), 0);
}

static void say_wanted(struct locator *l, struct output *out)
{
	const uint64_t *wanted;
	size_t n;

	assert_int_equal(locator_wanted(l, &wanted, &n), 0);
	put(out, "wanted");
	for (size_t i = 0; i < n; i++)
		put(out, " %llu", (unsigned long long)wanted[i]);
	put(out, "\n");
}

static bool is_word(const char **line, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*line, word, n) || ((*line)[n] && (*line)[n] != ' '))
		return false;
	*line += n + ((*line)[n] == ' ');
	return true;
}

static void say(struct locator *l, struct byte_range *query, const char *line, struct output *out)
{
	unsigned long long first, count;

	if (is_word(&line, "query")) {
		*query = scan_range(line);
	} else if (is_word(&line, "rec")) {
		say_record(l, *query, line);
	} else if (is_word(&line, "inode")) {
		say_inode(l, line);
	} else if (is_word(&line, "unreadable")) {
		assert_int_equal(sscanf(line, "%llu %llu", &first, &count), 2);
		assert_int_equal(locator_inodes_unreadable(l, first, count), 0);
	} else if (is_word(&line, "path")) {
		say_path(l->findings, line, true);
	} else if (is_word(&line, "nopath")) {
		say_path(l->findings, line, false);
	} else if (is_word(&line, "wanted")) {
		say_wanted(l, out);
	} else if (is_word(&line, "reason")) {
		assert_true(reason_from_token(line) >= 0);
		findings_add_reason(l->findings, reason_from_token(line));
	} else {
		assert_true(is_word(&line, "bad"));
	}
}

static void put_flags(struct output *out, unsigned int flags, const char *const *names)
{
	for (unsigned int bit = 0; names[bit]; bit++)
		if (flags & 1u << bit && *names[bit])
			put(out, " %s", names[bit]);
}

static void put_findings(struct output *out, const struct findings *f)
{
	static const char *const item_flags[] = {"shared",  "unwritten",  "past-eof", "unused",
						 "primary", "unreadable", NULL};
	static const char *const file_flags[] = {
		"vanished",        "deleted",    "",         "no-path",
		"in-lost-cluster", "unreadable", "internal", NULL};

	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		put(out, "%llu-%llu %s", (unsigned long long)item->start,
		    (unsigned long long)(item->start + item->len), fs_owner_token(item->kind));
		if (fs_owner_is_file(item->kind)) {
			put(out, " %llu@%llu", (unsigned long long)item->ino,
			    (unsigned long long)item->offset);
			assert_int_equal(f->files[item->file].ino, item->ino);
		} else {
			assert_int_equal(item->file, FINDING_NO_FILE);
			assert_int_equal(item->ino, 0);
		}
		if (item->kind == FS_OWNER_INODES)
			put(out, " %llu+%u", (unsigned long long)item->offset, item->n_inodes);
		put_flags(out, item->flags, item_flags);
		put(out, "\n");
	}
	for (size_t i = 0; i < f->n_files; i++) {
		uint32_t cursor = 0;
		const char *path;

		put(out, "file %llu", (unsigned long long)f->files[i].ino);
		put_flags(out, f->files[i].flags, file_flags);
		while ((path = findings_path_next(f, &f->files[i], &cursor)))
			put(out, " %s", path);
		put(out, "\n");
	}
	for (int i = 0; i < REASON_N; i++)
		if (f->reasons & 1u << i)
			put(out, "reason %s\n", reason_token(i));
	if (!f->reasons)
		put(out, "complete\n");
}

static void hold(const struct talk *talk, struct output *out)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range query = {0, UINT64_MAX};
	char said[2048], *line, *rest = said;

	assert_true(strlen(talk->said) < sizeof(said));
	for (const char *at = talk->said; (at = strstr(at, "bad ")); at++)
		assert_int_equal(rangeset_add(&bad, scan_range(at + 4)), 0);
	assert_int_equal(locator_init(&l, &bad, &geom), 0);
	strcpy(said, talk->said);
	while ((line = strsep(&rest, "\n")))
		if (*line)
			say(&l, &query, line, out);
	assert_int_equal(locator_finish(&l, &f), 0);
	assert_true(rangeset_equal(&f->asked, &bad));
	put_findings(out, f);
}

static void test_talks(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(talks); i++) {
		struct output out = {.used = 0};

		UNIT_ROW(talks, i, talks[i].what);
		hold(&talks[i], &out);
		assert_string_equal(out.text, talks[i].found);
	}
}

/* Not XFS, not mounted, gone: unknown, whatever is asked; the caller says why. */
static void test_no_geometry(void **state)
{
	for (int said = 0; said < 2; said++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
		CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
		struct findings_summary sum;

		assert_int_equal(rangeset_add(&bad, (struct byte_range){0, 512}), 0);
		assert_int_equal(rangeset_add(&bad, (struct byte_range){1ull << 60, 4096}), 0);
		assert_int_equal(locator_init(&l, &bad, NULL), 0);
		if (said)
			findings_add_reason(l.findings, REASON_NOT_XFS);
		assert_int_equal(locator_finish(&l, &f), 0);
		assert_int_equal(f->n_items, 2);
		assert_int_equal(f->items[0].kind, FS_OWNER_UNKNOWN);
		assert_int_equal(f->items[1].kind, FS_OWNER_UNKNOWN);
		assert_int_equal(f->reasons,
				 said ? 1u << REASON_NOT_XFS : 1u << REASON_UNKNOWN_OWNER);
		assert_int_equal(findings_summarise(f, &sum), 0);
		assert_int_equal(sum.unknown_bytes, 4608);
		assert_int_equal(sum.worst, IMPACT_UNKNOWN);
	}
}

static void test_refusals(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct found_file file = {.ino = 132, .mode = S_IFREG, .nlink = 1};
	struct byte_range all = {0, UINT64_MAX};
	struct fsmap_rec rec = {{409600, 1024}, 131, 0, 0};
	struct fsgeom broken = geom;

	assert_int_equal(rangeset_add(&bad, (struct byte_range){409600, 1024}), 0);
	broken.block_size = 0;
	assert_int_equal(locator_init(&l, &bad, &broken), -EINVAL);
	assert_null(l.findings);
	assert_int_equal(locator_init(&l, &bad, &geom), 0);

	/* a record that wraps is none */
	rec.phys.len = UINT64_MAX - 409599;
	assert_int_equal(locator_add_record(&l, all, &rec), -EINVAL);
	rec.phys.len = 512;
	assert_int_equal(locator_add_record(&l, (struct byte_range){1, UINT64_MAX}, &rec), -EINVAL);
	assert_int_equal(locator_add_record(&l, all, &rec), 0);
	rec.phys.start += 512;
	rec.owner = 132;
	assert_int_equal(locator_add_record(&l, all, &rec), 0);

	/* inodes ascend */
	assert_int_equal(locator_add_inode(&l, &file), 0);
	assert_int_equal(locator_add_inode(&l, &file), -EINVAL);
	file.ino = 131;
	assert_int_equal(locator_add_inode(&l, &file), -EINVAL);
	assert_int_equal(l.findings->n_files, 2);
}

/* A record of inodes longer than a finding can count: several findings, no number twice. */
static void test_many_inodes(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct fsgeom big = geom;
	struct fsmap_rec rec = {{65536, 80000 * 512}, 0x58ull << 32 | 5, 0, FSMAP_SPECIAL};
	const uint64_t *wanted;
	uint64_t next = 128;
	size_t n;

	big.ag_blocks = 100000;
	big.data_blocks = 400000;
	/* from the middle of inode 129 on */
	assert_int_equal(rangeset_add(&bad, (struct byte_range){66048 + 256, 1 << 30}), 0);
	assert_int_equal(locator_init(&l, &bad, &big), 0);
	assert_int_equal(locator_add_record(&l, all, &rec), 0);
	assert_int_equal(locator_wanted(&l, &wanted, &n), 0);
	assert_int_equal(n, 79999);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(wanted[i], 129 + i);
	assert_int_equal(locator_finish(&l, &f), 0);
	for (size_t i = 0; i < f->n_items && f->items[i].kind == FS_OWNER_INODES; i++) {
		next = i ? next : 129;
		assert_int_equal(f->items[i].offset, next);
		assert_true(f->items[i].flags & FINDING_INODES_UNUSED);
		next += f->items[i].n_inodes;
	}
	assert_int_equal(next, 80128);
}

/* A million records against 10,000 ranges: found by cursor and search, not by walking. */
static void test_many_records(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct fsgeom big = geom;
	const uint64_t *wanted;
	size_t n;

	big.ag_blocks = 1000000;
	big.data_blocks = 4000000;
	big.log.len = 0;
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(
			rangeset_add(&bad, (struct byte_range){(i * 100 + 50) * 4096, 512}), 0);
	assert_int_equal(locator_init(&l, &bad, &big), 0);
	for (int pass = 0; pass < 2; pass++) {
		for (uint64_t i = 0; i < 1000000; i++) {
			/* ascending, then jumping */
			uint64_t at = pass ? i * 7919 % 1000000 : i;
			struct fsmap_rec rec = {{at * 4096, 4096}, 1000 + at / 2, at, 0};

			assert_int_equal(locator_add_record(&l, all, &rec), 0);
		}
	}
	assert_int_equal(locator_wanted(&l, &wanted, &n), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(locator_finish(&l, &f), 0);
	assert_int_equal(f->n_items, 10000);
	for (size_t i = 0; i < f->n_items; i++) {
		assert_int_equal(f->items[i].start, (i * 100 + 50) * 4096);
		assert_int_equal(f->items[i].ino, 1000 + (i * 100 + 50) / 2);
	}
}

/* A huge extent comes back from each of a thousand queries: a finding a range, not a million. */
static void test_extent_in_many_queries(void **state)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct fsmap_rec rec = {{0, 4096000}, 131, 0, 0};

	for (uint64_t i = 2; i < 1000; i++)
		assert_int_equal(rangeset_add(&bad, (struct byte_range){i * 4096, 512}), 0);
	assert_int_equal(locator_init(&l, &bad, &geom), 0);
	for (uint64_t i = 2; i < 1000; i++) {
		struct byte_range query = {i * 4096, 4096};

		assert_int_equal(locator_add_record(&l, query, &rec), 0);
	}
	assert_int_equal(l.findings->n_items, 998);
}

/* Every part of the locator once; what fails, fails with -ENOMEM and leaves nothing behind. */
static int locate_something(struct findings **ret)
{
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	CLEANUP(locator_deinit) struct locator l = LOCATOR_NULL;
	struct byte_range all = {0, UINT64_MAX};
	struct found_file file = {.ino = 131, .mode = S_IFREG, .size = 5000, .nlink = 1};
	const struct fsmap_rec records[] = {
		{{409600, 8192}, 131, 0, 0},
		{{409600, 8192}, 200, 0, 0},
		{{65536, 4096}, 0x58ull << 32 | 5, 0, FSMAP_SPECIAL},
	};
	int r;

	if ((r = rangeset_add(&bad, (struct byte_range){0, 1024})) ||
	    (r = rangeset_add(&bad, (struct byte_range){409600, 8192})) ||
	    (r = rangeset_add(&bad, (struct byte_range){65536, 4096})) ||
	    (r = locator_init(&l, &bad, &geom)))
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		r = locator_add_record(&l, all, &records[i]);
		if (r)
			return r;
	}
	r = locator_add_inode(&l, &file);
	if (r)
		return r;
	r = locator_inodes_unreadable(&l, 200, 1);
	return r ? r : locator_finish(&l, ret);
}

static void test_no_memory(void **state)
{
	int r = -ENOMEM;

	for (allocations_left = 0; r == -ENOMEM; allocations_left++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		int granted = allocations_left;

		r = locate_something(&f);
		allocations_left = granted;
		if (r)
			assert_null(f);
		else
			assert_int_equal(f->n_items, 6);
	}
	assert_int_equal(r, 0);
	assert_true(allocations_left > 10);
	allocations_left = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),        cmocka_unit_test(test_no_geometry),
		cmocka_unit_test(test_refusals),     cmocka_unit_test(test_many_inodes),
		cmocka_unit_test(test_many_records), cmocka_unit_test(test_extent_in_many_queries),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
