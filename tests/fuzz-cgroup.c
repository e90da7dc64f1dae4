/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/cgroup. Names come out whole and fit; a container has a kind and a name, or neither;
 * what is told as a unit or slice has the name of one.
 */
#include "fuzz.h"
#include "cgroup.h"

static void require_name(const char name[CGROUP_NAME_MAX])
{
	fuzz_require(memchr(name, '\0', CGROUP_NAME_MAX));
	fuzz_require(!strchr(name, '\n'));
}

static void require_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), tail = strlen(suffix);

	fuzz_require(!*name || (len > tail && !strcmp(name + len - tail, suffix)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroup_place got;

	memset(&got, 0x5a, sizeof(got));
	cgroup_parse((const char *)data, size, &got);
	require_name(got.unit);
	require_name(got.user_unit);
	require_name(got.slice);
	fuzz_require(memchr(got.container, '\0', CGROUP_NAME_MAX));
	require_suffix(got.slice, ".slice");
	fuzz_require(!strchr(got.unit, '/') && !strchr(got.user_unit, '/') &&
		     !strchr(got.slice, '/'));
	fuzz_require(!*got.user_unit || !strncmp(got.unit, "user@", 5) || !*got.unit);
	fuzz_require((unsigned int)got.kind < CGROUP_CONTAINER_N);
	fuzz_require((got.kind != CGROUP_NO_CONTAINER) == (*got.container != '\0'));
	fuzz_require(got.kind == CGROUP_NO_CONTAINER ||
		     cgroup_container_from_token(cgroup_container_token(got.kind)) ==
			     (int)got.kind);
	return 0;
}
