/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The public library as its users have it: pmemras.h and libpmemras.so, nothing else of ours. What
 * needs a filesystem is tested with one by tests/loop; here is what holds on any machine.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>
#include "pmemras.h"

static int setup(void **state)
{
	return pmemras_new((struct pmemras_ctx **)state);
}

static int teardown(void **state)
{
	return pmemras_free(*state) != NULL;
}

static void test_version(void **state)
{
	unsigned int major, minor;

	assert_int_equal(sscanf(pmemras_version(), "%u.%u", &major, &minor), 2);
	assert_string_equal(pmemras_strerror(-ENODEV), "No such device");
	assert_string_equal(pmemras_strerror(0), "Success");
	assert_string_equal(pmemras_strerror(-99999), "Unknown error");
	assert_null(pmemras_free(NULL));
	assert_null(pmemras_findings_free(NULL));
}

static const struct {
	const char *name;
	unsigned int major;
	struct pmemras_range range;
	unsigned int flags;
	int r;
} refused[] = {
	{"no such device", 4095, {0, 512}, 0, -ENODEV},
	{"empty", 4095, {512, 0}, 0, -EINVAL},
	{"wraps", 4095, {UINT64_MAX - 10, 512}, 0, -ERANGE},
	{"unknown flag", 4095, {0, 512}, 0x80000000u, -EINVAL},
};

static void test_refused(void **state)
{
	struct pmemras_findings *const untouched = (struct pmemras_findings *)state;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct pmemras_findings *findings = untouched;

		print_message("refused[%zu] %s\n", i, refused[i].name);
		assert_int_equal(pmemras_locate_ranges(*state, makedev(refused[i].major, 7),
						       &refused[i].range, 1, refused[i].flags,
						       &findings),
				 refused[i].r);
		assert_ptr_equal(findings, untouched);
	}
}

static void test_files_refused(void **state)
{
	struct pmemras_findings *findings = NULL;
	dev_t dev = 1;

	assert_int_equal(pmemras_locate_file(*state, "/nonexistent", 0, 0, 0, &dev, &findings),
			 -ENOENT);
	assert_int_equal(pmemras_locate_file(*state, "/proc", 0, 0, 0, &dev, &findings), -EINVAL);
	/* a regular file, on no device at all */
	assert_int_equal(pmemras_locate_file(*state, "/proc/self/stat", 0, 0, 0, &dev, &findings),
			 -ENOTBLK);
	assert_int_equal(
		pmemras_locate_file(*state, "/proc/self/stat", 1, UINT64_MAX, 0, &dev, &findings),
		-ERANGE);
	assert_null(findings);
	assert_int_equal(dev, 1);
}

/* Some block device that has a size. 0: this machine shows none. */
static dev_t any_device(void)
{
	DIR *dir = opendir("/sys/class/block");
	const struct dirent *entry;
	dev_t found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		unsigned int major = 0, minor = 0;
		unsigned long long sectors = 0;
		char path[512];
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/block/%s/size", entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!file)
			continue;
		if (fscanf(file, "%llu", &sectors) != 1)
			sectors = 0;
		fclose(file);
		snprintf(path, sizeof(path), "/sys/class/block/%s/dev", entry->d_name);
		file = fopen(path, "r");
		if (!file)
			continue;
		if (sectors >= 64 && fscanf(file, "%u:%u", &major, &minor) == 2)
			found = makedev(major, minor);
		fclose(file);
	}
	if (dir)
		closedir(dir);
	return found;
}

/*
 * Whatever the device is: both ranges are covered without a gap, and where something is unknown
 * there is a reason with a sentence.
 */
static void test_any_device(void **state)
{
	static const struct pmemras_range ranges[] = {{8192, 1000}, {0, 4096}};
	struct pmemras_findings *findings = NULL;
	uint64_t covered = 0, bytes = 0;
	struct {
		struct pmemras_finding item;
		char later[8]; /* as if the caller knew more than the library */
	} extended;
	dev_t dev = any_device();
	char *json = NULL;
	int unknown = 0;
	size_t i;

	if (!dev)
		skip();
	assert_int_equal(
		pmemras_locate_ranges(*state, dev, ranges, 2, PMEMRAS_NO_HOLDERS, &findings), 0);
	for (i = 0;; i++) {
		struct pmemras_finding *item = &extended.item;
		int r;

		memset(&extended, 0xff, sizeof(extended));
		r = pmemras_findings_get(findings, i, item, sizeof(extended));
		if (r) {
			assert_int_equal(r, -ENOENT);
			break;
		}
		assert_memory_equal(extended.later, "\0\0\0\0\0\0\0", 8);
		assert_non_null(item->kind);
		assert_non_null(item->says);
		unknown |= item->impact == PMEMRAS_IMPACT_UNKNOWN;
		if (item->start < covered) /* another owner of the same */
			continue;
		assert_true(item->start == covered || item->start == 8192);
		bytes += item->len;
		covered = item->start + item->len;
		if (!item->n_paths)
			assert_null(pmemras_findings_path(findings, i, 0));
		assert_int_equal(pmemras_findings_get(findings, i, item, 8), -EINVAL);
	}
	assert_int_equal(bytes, 4096 + 1024);
	assert_null(pmemras_findings_path(findings, i, 0));
	if (unknown) {
		const char *says = NULL, *remedy = NULL;

		assert_non_null(pmemras_findings_reason(findings, 0, &says, &remedy));
		assert_true(says && *says && remedy);
		assert_null(pmemras_findings_reason(findings, 32, NULL, NULL));
	}

	assert_int_equal(pmemras_findings_json(findings, &json), 0);
	assert_int_equal(json[0], '{');
	assert_non_null(strstr(json, "\"findings\":["));
	free(json);
	pmemras_findings_free(findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_files_refused),
		cmocka_unit_test(test_any_device),
	};

	return cmocka_run_group_tests_name("api", tests, setup, teardown);
}
