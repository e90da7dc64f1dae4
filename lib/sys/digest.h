/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_DIGEST_H
#define PMEMRAS_DIGEST_H

/* SHA-256 by libcrypto, for naming a text by its content. */
#include <stddef.h>

#define DIGEST_TEXT 65 /* 64 hexadecimal digits and NUL */

/* 0, -EIO: libcrypto would not. */
int digest_text(const void *data, size_t len, char ret[DIGEST_TEXT]);

#endif
