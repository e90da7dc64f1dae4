/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as a list of resources: pieces cover what was asked, in order, once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "fuzz.h"
#include "iomem.h"

static int check(const struct iomem_piece *piece, void *data)
{
	uint64_t *at = data;

	fuzz_require(piece->spa.range.start == *at);
	fuzz_require(piece->spa.range.len);
	fuzz_require(memchr(piece->name, '\0', sizeof(piece->name)) != NULL);
	*at = range_end(piece->spa.range);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct byte_range asked = {0xf00, 0x2000};
	CLEANUP(freep) char *text = malloc(size + 1);
	uint64_t at = asked.start;
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = iomem_split(text, (struct spa_range){asked}, check, &at);
	fuzz_require(r == 0 || r == -EACCES || r == -EBADMSG);
	fuzz_require(r || at == range_end(asked));
	return 0;
}
