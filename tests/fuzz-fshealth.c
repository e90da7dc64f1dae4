/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as reports of a filesystem: each walk ends, and what is understood is no impossible range. */
#include <errno.h>
#include "fshealth.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fshealth_error error;
	struct fshealth_event event;
	size_t at = 0, before = 0;
	bool lost;
	int r;

	for (size_t i = 0; i + FSHEALTH_RECORD <= size; i += FSHEALTH_RECORD) {
		r = fshealth_parse(data + i, size - i, &event);
		fuzz_require(r == 0 || r == -EBADMSG);
		fuzz_require(r || event.range.start <= UINT64_MAX - event.range.len);
	}
	while ((r = fshealth_next_error(data, size, &at, &error, &lost)) > 0) {
		fuzz_require(at > before && at <= size);
		fuzz_require(error.error >= 0);
		before = at;
	}
	fuzz_require(r == -EBADMSG || (r == 0 && at == size));
	return 0;
}
