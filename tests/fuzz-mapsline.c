/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of /proc/PID/maps. What is understood must say the same when it is written
 * anew, and a refusal must leave the result as it was.
 */
#include <errno.h>
#include <inttypes.h>
#include "fuzz.h"
#include "mapsline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mapsline untouched, got, again;
	char text[256];
	int r, len;

	memset(&untouched, 0x5a, sizeof(untouched));
	got = untouched;
	r = mapsline_parse((const char *)data, size, &got);
	fuzz_require(r == 0 || r == -EBADMSG);
	if (r) {
		fuzz_require(!memcmp(&got, &untouched, sizeof(got)));
		return 0;
	}
	fuzz_require(got.start < got.end && got.perms < 16);
	fuzz_require(got.end - got.start <= UINT64_MAX - got.offset);
	len = snprintf(
		text, sizeof(text),
		"%08" PRIx64 "-%08" PRIx64 " %c%c%c%c %08" PRIx64 " %02x:%02x %" PRIu64
		"       /x (deleted)",
		got.start, got.end, got.perms & MAPSLINE_READ ? 'r' : '-',
		got.perms & MAPSLINE_WRITE ? 'w' : '-', got.perms & MAPSLINE_EXEC ? 'x' : '-',
		got.perms & MAPSLINE_SHARED ? 's' : 'p', got.offset, got.major, got.minor, got.ino);
	again = untouched;
	fuzz_require(!mapsline_parse(text, (size_t)len, &again));
	fuzz_require(got.start == again.start && got.end == again.end && got.ino == again.ino &&
		     got.offset == again.offset && got.perms == again.perms &&
		     got.major == again.major && got.minor == again.minor);
	return 0;
}
