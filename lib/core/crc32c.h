/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CRC32C_H
#define PMEMRAS_CRC32C_H

/* CRC-32C (Castagnoli), as iSCSI has it: RFC 3720, appendix B.4. */
#include <stddef.h>
#include <stdint.h>

/* Of @len bytes. @crc: 0, or what the bytes before them gave. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t len);

#endif
