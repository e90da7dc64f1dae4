/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records of /dev/kmsg. What is understood must say the same when it is written
 * anew, and a refusal must leave the result as it was.
 */
#include <errno.h>
#include <inttypes.h>
#include "fuzz.h"
#include "kmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kmsg_failure untouched = {1, 2, 3};
	struct kmsg_failure got = untouched, again;
	char text[256];
	int r, len;

	r = kmsg_memory_failure((const char *)data, size, &got);
	fuzz_require(r == 0 || r == KMSG_E_OTHER || r == -EBADMSG);
	if (r) {
		fuzz_require(!memcmp(&got, &untouched, sizeof(got)));
		return 0;
	}
	len = snprintf(text, sizeof(text),
		       "3,%" PRIu64 ",%" PRIu64 ",-;Memory failure: 0x%" PRIx64
		       ": recovery action for x: y\n",
		       got.sequence, got.usec, got.pfn);
	fuzz_require(!kmsg_memory_failure(text, (size_t)len, &again));
	fuzz_require(!memcmp(&got, &again, sizeof(got)));
	return 0;
}
