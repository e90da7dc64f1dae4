/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reasons: tokens are a promise to programs, sentences one to people. */
#include "unit.h"
#include <ctype.h>
#include <string.h>
#include "reason.h"

static const struct {
	enum reason reason;
	const char *token;
	const char *names; /* a command or option that the remedy must name */
} reasons[] = {
	{REASON_NO_RMAPBT, "no-rmapbt", "mkfs.xfs -m rmapbt=1"},
	{REASON_SHUTDOWN, "shutdown", "dmesg"},
	{REASON_NOT_PERMITTED, "not-permitted", "root"},
	{REASON_UNRESOLVED_LAYER, "unresolved-layer", "lsblk"},
	{REASON_NOT_XFS, "not-xfs", "lsblk"},
	{REASON_NOT_MOUNTED, "not-mounted", "-o ro,norecovery"},
	{REASON_DEVICE_GONE, "device-gone", "lsblk"},
	{REASON_BEYOND_END, "beyond-end", "blockdev --getsize64"},
	{REASON_UNKNOWN_OWNER, "unknown-owner", "xfs_repair -n"},
	{REASON_NO_PATHS, "no-paths", "find "},
	{REASON_PATHS_OUTSIDE, "paths-outside", "mount"},
	{REASON_CHANGED, "changed", "Ask again"},
	{REASON_LIST_CUT, "list-cut", "ndctl"},
	{REASON_NOT_LOCATED, "not-located", "pmemrasctl locate"},
	{REASON_TRUNCATED, "truncated", "pmemrasctl locate"},
	{REASON_IO_ERROR, "io-error", "dmesg"},
	{REASON_INODES_UNREADABLE, "inodes-unreadable", "xfs_repair -n"},
	{REASON_OUTSIDE_FS, "outside-filesystem", "wipefs"},
	{REASON_DIRTY_LOG, "dirty-log", "replays the log"},
	{REASON_MOUNTED, "mounted", "--offline"},
};

static void test_reasons(void **state)
{
	assert_int_equal(ARRAY_SIZE(reasons), REASON_N);
	assert_true(REASON_N <= 32); /* a mask is 32 bits */
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		const char *says = reason_says(reasons[i].reason);
		const char *remedy = reason_remedy(reasons[i].reason);

		UNIT_ROW(reasons, i, reasons[i].token);
		assert_int_equal(reasons[i].reason, i);
		assert_string_equal(reason_token(reasons[i].reason), reasons[i].token);
		assert_int_equal(reason_from_token(reasons[i].token), reasons[i].reason);
		assert_true(isupper((unsigned char)*says) && says[strlen(says) - 1] == '.');
		assert_true(isupper((unsigned char)*remedy) && remedy[strlen(remedy) - 1] == '.');
		assert_null(strchr(says, '\n'));
		assert_null(strchr(remedy, '\n'));
		assert_non_null(strstr(remedy, reasons[i].names));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(says, reason_says(reasons[k].reason));
	}
}

static void test_no_reason(void **state)
{
	assert_int_equal(reason_from_token("none"), -1);
	assert_int_equal(reason_from_token(""), -1);
	assert_int_equal(reason_from_token(NULL), -1);
	assert_string_equal(reason_token(REASON_N), "unknown");
	assert_true(*reason_says(REASON_N));
	assert_string_equal(reason_remedy(REASON_N), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
