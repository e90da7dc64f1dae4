/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_XIMAGE_H
#define PMEMRAS_XIMAGE_H

/*
 * The bones of an XFS in memory, for tests of what reads one: two groups of 64 blocks of 1 KiB,
 * headers, blocks of the reverse map where the test puts them, inodes.
 */
#include <errno.h>
#include <string.h>
#include "crc32c.h"
#include "xfsdisk.h"

#define XIMAGE_BLOCK     1024u
#define XIMAGE_AG_BLOCKS 64u
#define XIMAGE_AGS       2u
#define XIMAGE_BYTES     (XIMAGE_AGS * XIMAGE_AG_BLOCKS * XIMAGE_BLOCK)
#define XIMAGE_INODE     512u
#define XIMAGE_UUID      "0123456789abcdef"

struct ximage {
	uint8_t bytes[XIMAGE_BYTES];
	struct byte_range bad; /* reads of it fail */
	int error;             /* in which way: 0: -EIO */
	size_t reads;
};

struct ximage_record {
	uint32_t start, count;
	uint64_t owner, offset;
};

struct ximage_entry {
	struct ximage_record low; /* its count means nothing */
	uint32_t high;            /* last block */
	uint32_t child;
};

static inline void ximage_put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static inline void ximage_seal(uint8_t *block, uint32_t len, uint32_t crc_at)
{
	uint32_t crc;

	memset(block + crc_at, 0, 4);
	crc = crc32c(0, block, len);
	for (unsigned int i = 0; i < 4; i++)
		block[crc_at + i] = (uint8_t)(crc >> 8 * i);
}

/* A number in a block, changed; where sealed, with a checksum that holds. For tables of what a reader must notice. */
struct ximage_change {
	const char *what;
	unsigned int at, bytes;
	uint64_t value;
	bool sealed;
};

static inline void ximage_change(uint8_t *block, const struct ximage_change *change,
				 uint32_t crc_at)
{
	ximage_put(block + change->at, change->value, change->bytes);
	if (change->sealed)
		ximage_seal(block, XIMAGE_BLOCK, crc_at);
}

static inline uint8_t *ximage_block(struct ximage *image, uint32_t agno, uint32_t block)
{
	return image->bytes + ((size_t)agno * XIMAGE_AG_BLOCKS + block) * XIMAGE_BLOCK;
}

static inline void ximage_seal_sb(struct ximage *image)
{
	ximage_seal(image->bytes, 512, 224);
}

static inline void ximage_agf(struct ximage *image, uint32_t agno, uint32_t root, uint32_t levels)
{
	uint8_t *agf = ximage_block(image, agno, 0) + 512;

	memcpy(agf, "XAGF", 4);
	ximage_put(agf + 4, 1, 4);
	ximage_put(agf + 8, agno, 4);
	ximage_put(agf + 12, XIMAGE_AG_BLOCKS, 4);
	ximage_put(agf + 24, root, 4);
	ximage_put(agf + 36, levels, 4);
	memcpy(agf + 64, XIMAGE_UUID, 16);
	ximage_seal(agf, 512, 216);
}

static inline void ximage_init(struct ximage *image)
{
	uint8_t *sb = image->bytes;

	memset(image, 0, sizeof(*image));
	memcpy(sb, "XFSB", 4);
	ximage_put(sb + 4, XIMAGE_BLOCK, 4);
	ximage_put(sb + 8, (uint64_t)XIMAGE_AGS * XIMAGE_AG_BLOCKS, 8);
	memcpy(sb + 32, XIMAGE_UUID, 16);
	ximage_put(sb + 48, 64 + 40, 8); /* log in group 1 */
	ximage_put(sb + 56, 64, 8);      /* root directory */
	ximage_put(sb + 64, 65, 8);      /* realtime bitmap */
	ximage_put(sb + 72, UINT64_MAX, 8);
	ximage_put(sb + 84, XIMAGE_AG_BLOCKS, 4);
	ximage_put(sb + 88, XIMAGE_AGS, 4);
	ximage_put(sb + 96, 8, 4);
	ximage_put(sb + 100, 0xb4a5, 2);
	ximage_put(sb + 102, 512, 2);
	ximage_put(sb + 104, XIMAGE_INODE, 2);
	ximage_put(sb + 106, XIMAGE_BLOCK / XIMAGE_INODE, 2);
	sb[124] = 6;
	ximage_put(sb + 212, 0x7, 4);
	ximage_put(sb + 216, 0xeb, 4); /* all that is known, but for another UUID */
	ximage_seal_sb(image);
	for (uint32_t agno = 0; agno < XIMAGE_AGS; agno++)
		ximage_agf(image, agno, 4, 1);
}

static inline uint8_t *ximage_btree(struct ximage *image, uint32_t agno, uint32_t number,
				    unsigned int level, size_t n)
{
	uint8_t *block = ximage_block(image, agno, number);

	memset(block, 0, XIMAGE_BLOCK);
	memcpy(block, "RMB3", 4);
	ximage_put(block + 4, level, 2);
	ximage_put(block + 6, n, 2);
	ximage_put(block + 16, (uint64_t)(block - image->bytes) / 512, 8);
	memcpy(block + 32, XIMAGE_UUID, 16);
	ximage_put(block + 48, agno, 4);
	return block;
}

static inline void ximage_leaf(struct ximage *image, uint32_t agno, uint32_t number,
			       const struct ximage_record *records, size_t n)
{
	uint8_t *block = ximage_btree(image, agno, number, 0, n), *at = block + 56;

	for (size_t i = 0; i < n; i++, at += 24) {
		ximage_put(at, records[i].start, 4);
		ximage_put(at + 4, records[i].count, 4);
		ximage_put(at + 8, records[i].owner, 8);
		ximage_put(at + 16, records[i].offset, 8);
	}
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

static inline void ximage_node(struct ximage *image, uint32_t agno, uint32_t number,
			       unsigned int level, const struct ximage_entry *entries, size_t n)
{
	uint8_t *block = ximage_btree(image, agno, number, level, n), *at = block + 56;

	for (size_t i = 0; i < n; i++, at += 40) {
		ximage_put(at, entries[i].low.start, 4);
		ximage_put(at + 4, entries[i].low.owner, 8);
		ximage_put(at + 12, entries[i].low.offset, 8);
		ximage_put(at + 20, entries[i].high, 4);
		ximage_put(block + 56 + (XIMAGE_BLOCK - 56) / 44 * 40 + i * 4, entries[i].child, 4);
	}
	ximage_seal(block, XIMAGE_BLOCK, 52);
}

/* Sealed. Its place follows from @ino. */
static inline uint8_t *ximage_inode(struct ximage *image, uint64_t ino, uint32_t mode)
{
	uint8_t *inode = ximage_block(image, (uint32_t)(ino >> 7), 0) + (ino & 127) * XIMAGE_INODE;

	memcpy(inode, "IN", 2);
	ximage_put(inode + 2, mode, 2);
	inode[4] = 3;
	ximage_put(inode + 16, 2, 4);
	ximage_put(inode + 56, 123456, 8);
	ximage_put(inode + 92, 0xfeedbeef, 4);
	ximage_put(inode + 152, ino, 8);
	memcpy(inode + 160, XIMAGE_UUID, 16);
	ximage_seal(inode, XIMAGE_INODE, 100);
	return inode;
}

/* ---- directories ---- */

/* A block of the directory @owner, of @len bytes, without entries. */
static inline uint32_t ximage_dir(struct ximage *image, uint8_t *block, const char *magic,
				  uint64_t owner)
{
	memcpy(block, magic, 4);
	ximage_put(block + 8, (uint64_t)(block - image->bytes) / 512, 8);
	memcpy(block + 24, XIMAGE_UUID, 16);
	ximage_put(block + 40, owner, 8);
	return 64;
}

/* An entry at @at, with a type; where the next one begins. */
static inline uint32_t ximage_dirent(uint8_t *block, uint32_t at, uint64_t ino, const char *name,
				     uint8_t type)
{
	uint32_t len = (uint32_t)strlen(name), size = (8 + 1 + len + 1 + 2 + 7) & ~7u;

	ximage_put(block + at, ino, 8);
	block[at + 8] = (uint8_t)len;
	memcpy(block + at + 9, name, len);
	block[at + 9 + len] = type;
	ximage_put(block + at + size - 2, at, 2);
	return at + size;
}

/* A gap from @at up to @end. */
static inline void ximage_dirgap(uint8_t *block, uint32_t at, uint32_t end)
{
	ximage_put(block + at, 0xffff, 2);
	ximage_put(block + at + 2, end - at, 2);
	ximage_put(block + end - 2, at, 2);
}

/* The last thing of a block: a gap, and behind it what an index of @n entries takes if it is all of a directory. */
static inline void ximage_dir_end(uint8_t *block, uint32_t at, uint32_t len, uint32_t n)
{
	uint32_t end = memcmp(block, "XDB3", 4) ? len : len - 8 - 8 * n;

	if (end < len)
		ximage_put(block + len - 8, n, 4);
	if (at < end)
		ximage_dirgap(block, at, end);
	ximage_seal(block, len, 4);
}

/* A directory whose data fork is one extent; sealed. Blocks of group 0 only. */
static inline uint8_t *ximage_dir_inode(struct ximage *image, uint64_t ino, uint32_t block,
					uint32_t count)
{
	uint8_t *inode = ximage_inode(image, ino, 040755);

	inode[5] = 2;
	ximage_put(inode + 76, 1, 4);
	ximage_put(inode + 176, 0, 8);
	ximage_put(inode + 184, (uint64_t)block << 21 | count, 8);
	ximage_seal(inode, XIMAGE_INODE, 100);
	return inode;
}

/* A directory kept in its inode: entries follow with ximage_dirshort(). */
static inline uint8_t *ximage_dir_short(struct ximage *image, uint64_t ino, uint8_t n)
{
	uint8_t *inode = ximage_inode(image, ino, 040755);

	inode[5] = 1;
	inode[176] = n;
	return inode + 182;
}

static inline uint8_t *ximage_dirshort(uint8_t *at, uint64_t ino, const char *name, uint8_t type)
{
	uint8_t len = (uint8_t)strlen(name);

	at[0] = len;
	memcpy(at + 3, name, len);
	at[3 + len] = type;
	ximage_put(at + 4 + len, ino, 4);
	return at + 8 + len;
}

static inline int ximage_read(uint64_t offset, void *buffer, uint32_t len, void *data)
{
	struct ximage *image = data;

	image->reads++;
	if (len > XIMAGE_BYTES || offset > XIMAGE_BYTES - len)
		abort(); /* beyond the device */
	if (range_overlaps((struct byte_range){offset, len}, image->bad))
		return image->error ? image->error : -EIO;
	memcpy(buffer, image->bytes + offset, len);
	return 0;
}

static inline int ximage_open(struct ximage *image, struct xfsdisk *ret)
{
	struct xfsdisk_source source = {ximage_read, image, XIMAGE_BYTES};

	return xfsdisk_open(&source, ret);
}

#endif
