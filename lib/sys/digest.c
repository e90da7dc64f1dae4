/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcrypto is in the process already (libndctl brings it), so the check sum costs no new library. */
#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include "digest.h"

int digest_text(const void *data, size_t len, char ret[DIGEST_TEXT])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	if (!SHA256(data, len, sum))
		return -EIO;
	for (size_t i = 0; i < sizeof(sum); i++)
		snprintf(ret + 2 * i, 3, "%02x", sum[i]);
	return 0;
}
