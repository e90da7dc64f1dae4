/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * By half bytes: a table that can be read, and fast enough for a handful of
 * blocks. The polynomial is 0x1edc6f41, bits reversed; ones go in before and
 * the result is inverted. Where the processor has an instruction for it, that does eight bytes
 * at a time: all inodes of a filesystem are hundreds of megabytes.
 */
#include <string.h>
#include "crc32c.h"

static uint32_t by_table(uint32_t crc, const uint8_t *at, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
		0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
		0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
	};

	while (len--) {
		crc ^= *at++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const uint8_t *at,
								 size_t len)
{
	uint64_t wide = crc, word;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		wide = __builtin_ia32_crc32di(wide, word);
	}
	return by_table((uint32_t)wide, at, len);
}

static uint32_t advance(uint32_t crc, const uint8_t *at, size_t len)
{
	return __builtin_cpu_supports("sse4.2") ? by_instruction(crc, at, len)
						: by_table(crc, at, len);
}
#else
static uint32_t advance(uint32_t crc, const uint8_t *at, size_t len)
{
	return by_table(crc, at, len);
}
#endif

uint32_t crc32c(uint32_t crc, const void *bytes, size_t len)
{
	return ~advance(~crc, bytes, len);
}
