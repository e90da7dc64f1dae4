/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log is a ring of 512-byte blocks. Each begins with the number of the
 * round in which it was written, so that its head, where the next record goes, is
 * where that number falls by one. If the record that ends right there says "unmounted",
 * and says nothing else, there is nothing to replay.
 *
 * Clean is only what is proved to be: the record must have the filesystem's UUID, its own
 * place, and end exactly at the head; and as far behind the head as records may have been
 * written out of order, all must be of the round before. Everything else is
 * dirty, or unknown.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "xfsdisk_log.h"

#define BLOCK        512u /* whatever the sector and block sizes */
#define CHUNK_BLOCKS 8u
#define RECORD_MAGIC 0xfeedbabeu

/* A record is at most 256 KiB behind its header, of which up to 8 can be on the way. */
#define RECORD_BLOCKS_MAX   (512u + 8u)
#define IN_FLIGHT_BLOCKS    (8u * RECORD_BLOCKS_MAX)
#define HEADER_COVERS       32768u /* bytes of a record for each block of its header */
#define RECORD_BYTES_MAX    (256u * 1024u)
#define UNMOUNT_TRANSACTION 0x20u

enum record_at {
	AT_MAGIC = 0,
	AT_CYCLE = 4,
	AT_VERSION = 8,
	AT_LEN = 12,
	AT_LSN = 16, /* round, block */
	AT_OPERATIONS = 40,
	AT_UUID = 304,
	AT_SIZE = 320,
};

#define OPERATION_FLAGS 9 /* in the first operation, behind the header */

/* Internal, besides -errno: it cannot be told. */
#define E_UNKNOWN 1

struct ring {
	const struct xfsdisk *disk;
	uint32_t blocks;
	uint32_t held; /* first block of the chunk in the buffer, of @n_held */
	uint32_t n_held;
	uint8_t buffer[CHUNK_BLOCKS * BLOCK];
};

static int read_blocks(struct ring *ring, uint32_t first, uint32_t n)
{
	const struct xfsdisk *disk = ring->disk;
	int r = disk->source.read(disk->geom.log.start + (uint64_t)first * BLOCK, ring->buffer,
				  n * BLOCK, disk->source.data);

	ring->held = first;
	ring->n_held = r ? 0 : n;
	return r == -EIO ? E_UNKNOWN : r;
}

/* @ret stays valid until the next call. */
static int block_at(struct ring *ring, uint32_t number, const uint8_t **ret)
{
	uint32_t first = number - number % CHUNK_BLOCKS;
	uint32_t left = ring->blocks - first;
	int r = 0;

	if (number - ring->held >= ring->n_held) {
		r = read_blocks(ring, first, left < CHUNK_BLOCKS ? left : CHUNK_BLOCKS);
		if (r == E_UNKNOWN) /* one bad sector is not all of them */
			r = read_blocks(ring, number, 1);
		if (r)
			return r;
	}
	*ret = ring->buffer + (size_t)(number - ring->held) * BLOCK;
	return 0;
}

static int round_of(struct ring *ring, uint32_t number, uint32_t *ret)
{
	const uint8_t *block;
	int r = block_at(ring, number, &block);

	if (r)
		return r;
	*ret = xfsdisk_u32(block + (xfsdisk_u32(block) == RECORD_MAGIC ? AT_CYCLE : AT_MAGIC));
	return 0;
}

/* Where the next record would go; the rounds of what lies before and behind it. */
static int find_head(struct ring *ring, uint32_t *ret, uint32_t *ret_first, uint32_t *ret_last)
{
	uint32_t low = 0, high = ring->blocks - 1, first, last;
	int r;

	r = round_of(ring, 0, &first);
	if (!r)
		r = round_of(ring, high, &last);
	if (r)
		return r;
	if (!first || (last != first && last != first - 1))
		return E_UNKNOWN;
	while (last != first && high - low > 1) {
		uint32_t middle = low + (high - low) / 2, round;

		r = round_of(ring, middle, &round);
		if (r)
			return r;
		if (round == first)
			low = middle;
		else
			high = middle;
	}
	*ret = last == first ? 0 : high;
	*ret_first = first;
	*ret_last = last;
	return 0;
}

/* Was anything behind the head written in the round that the head is in? */
static int behind_head(struct ring *ring, uint32_t head, uint32_t first, uint32_t last,
		       bool *ret_written)
{
	uint32_t n = ring->blocks < IN_FLIGHT_BLOCKS ? ring->blocks : IN_FLIGHT_BLOCKS;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = head + i < ring->blocks ? head + i : head + i - ring->blocks, round;
		int r = round_of(ring, at, &round);

		if (r)
			return r;
		if (round != (at >= head ? last : first)) {
			*ret_written = true;
			return 0;
		}
	}
	*ret_written = false;
	return 0;
}

/* The record at @at, whose header is @header: does it end at the head, and say "unmounted" alone? */
static int is_unmount(struct ring *ring, uint32_t at, const uint8_t *header, uint32_t head,
		      bool *ret)
{
	uint32_t size = xfsdisk_u32(header + AT_SIZE), len = xfsdisk_u32(header + AT_LEN);
	uint32_t lsn_block = xfsdisk_u32(header + AT_LSN + 4), blocks = 1;
	uint32_t version = xfsdisk_u32(header + AT_VERSION);
	bool alone = xfsdisk_u32(header + AT_OPERATIONS) == 1;
	const uint8_t *operation;
	int r;

	if (version != 2 || lsn_block != at || !len || len > RECORD_BYTES_MAX ||
	    size > RECORD_BYTES_MAX ||
	    xfsdisk_u32(header + AT_LSN) != xfsdisk_u32(header + AT_CYCLE) ||
	    memcmp(header + AT_UUID, ring->disk->geom.uuid, sizeof(ring->disk->geom.uuid)) != 0)
		return E_UNKNOWN;
	if (size > HEADER_COVERS)
		blocks = (size + HEADER_COVERS - 1) / HEADER_COVERS;
	*ret = false;
	if (!alone || (at + blocks + (len + BLOCK - 1) / BLOCK) % ring->blocks != head)
		return 0;
	r = block_at(ring, (at + blocks) % ring->blocks, &operation);
	if (!r)
		*ret = operation[OPERATION_FLAGS] & UNMOUNT_TRANSACTION;
	return r;
}

static int look(struct ring *ring, bool *ret_clean)
{
	uint32_t head, first, last;
	bool written;
	int r;

	r = find_head(ring, &head, &first, &last);
	if (!r)
		r = behind_head(ring, head, first, last, &written);
	if (r)
		return r;
	*ret_clean = false;
	if (written)
		return 0;
	for (uint32_t i = 1; i <= RECORD_BLOCKS_MAX && i <= ring->blocks; i++) {
		uint32_t at = head >= i ? head - i : head + ring->blocks - i;
		const uint8_t *block;

		r = block_at(ring, at, &block);
		if (r)
			return r;
		if (xfsdisk_u32(block) == RECORD_MAGIC)
			return is_unmount(ring, at, block, head, ret_clean);
	}
	return E_UNKNOWN;
}

int xfsdisk_log(const struct xfsdisk *disk, enum xfsdisk_log_state *ret)
{
	CLEANUP(freep) struct ring *ring = NULL;
	bool clean = false;
	int r;

	if (!disk->geom.log.len) {
		*ret = XFSDISK_LOG_EXTERNAL;
		return 0;
	}
	ring = calloc(1, sizeof(*ring));
	if (!ring)
		return -ENOMEM;
	ring->disk = disk;
	if (disk->geom.log.len / BLOCK > INT32_MAX || disk->geom.log.len / BLOCK < 2) {
		*ret = XFSDISK_LOG_UNKNOWN;
		return 0;
	}
	ring->blocks = (uint32_t)(disk->geom.log.len / BLOCK);
	r = look(ring, &clean);
	if (r < 0)
		return r;
	*ret = r ? XFSDISK_LOG_UNKNOWN : clean ? XFSDISK_LOG_CLEAN : XFSDISK_LOG_DIRTY;
	return 0;
}
