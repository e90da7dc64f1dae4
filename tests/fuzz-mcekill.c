/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a thread is called must not change what is read of it; a refusal leaves the result alone. */
#include <errno.h>
#include "fuzz.h"
#include "mcekill.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "7 (", tail[] = ") S 1 2 3 4 -1 134217856 0\n";
	enum mcekill got = (enum mcekill)77;
	char *text;
	int r;

	r = mcekill_parse((const char *)data, size, &got);
	fuzz_require(r == 0 || r == -EBADMSG);
	fuzz_require(r ? got == (enum mcekill)77 : got <= MCEKILL_LATE);

	text = malloc(sizeof(head) + size + sizeof(tail));
	fuzz_require(text);
	memcpy(text, head, sizeof(head) - 1);
	if (size)
		memcpy(text + sizeof(head) - 1, data, size);
	memcpy(text + sizeof(head) - 1 + size, tail, sizeof(tail) - 1);
	fuzz_require(!mcekill_parse(text, sizeof(head) - 1 + size + sizeof(tail) - 1, &got) &&
		     got == MCEKILL_EARLY);
	free(text);
	return 0;
}
