/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_XFUZZ_H
#define PMEMRAS_XFUZZ_H

/*
 * Any bytes as the device of an XFS. Checksums are made right while reading, or nothing would ever get past
 * them. Behind the input the device is zeros.
 */
#include "crc32c.h"
#include "fuzz.h"
#include "xfsdisk.h"

#define XFUZZ_DEVICE 262144u /* bytes */

struct xfuzz {
	const uint8_t *data;
	size_t size;
	uint64_t reads;
	uint32_t inode_size; /* 0: a read of inodes is of one */
};

static inline void xfuzz_seal(uint8_t *block, uint32_t len)
{
	static const struct {
		const char *magic;
		size_t n;
		uint32_t crc_at;
	} kinds[] = {{"XFSB", 4, 224}, {"XAGF", 4, 216}, {"XAGI", 4, 312}, {"XAFL", 4, 32},
		     {"AB3B", 4, 52},  {"AB3C", 4, 52},  {"FIB3", 4, 52},  {"R3FC", 4, 52},
		     {"RMB3", 4, 52},  {"IAB3", 4, 52},  {"BMA3", 4, 64},  {"XDB3", 4, 4},
		     {"XDD3", 4, 4},   {"IN", 2, 100}};
	uint32_t crc;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint8_t *at = block + kinds[i].crc_at;

		if (memcmp(block, kinds[i].magic, kinds[i].n) != 0)
			continue;
		memset(at, 0, 4);
		crc = crc32c(0, block, len);
		for (unsigned int k = 0; k < 4; k++)
			at[k] = (uint8_t)(crc >> 8 * k);
		return;
	}
}

/* As struct xfsdisk_source wants it; @data: a struct xfuzz. */
static inline int xfuzz_read(uint64_t offset, void *buffer, uint32_t len, void *data)
{
	struct xfuzz *device = data;
	uint8_t *bytes = buffer;
	uint32_t step = len;

	device->reads++;
	fuzz_require(len && len <= XFUZZ_DEVICE && offset <= XFUZZ_DEVICE - len);
	memset(buffer, 0, len);
	if (offset < device->size)
		memcpy(buffer, device->data + offset,
		       len < device->size - offset ? len : device->size - offset);
	if (device->inode_size && bytes[0] == 'I' && bytes[1] == 'N')
		step = device->inode_size;
	for (uint32_t at = 0; at < len; at += step)
		xfuzz_seal(bytes + at, step);
	return 0;
}

#endif
