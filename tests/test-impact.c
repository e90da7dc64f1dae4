/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lost block means: the classification, and what the sentences may and may not say. */
#include "unit.h"
#include <string.h>
#include "impact.h"

#define NONE IMPACT_NOTHING

static const struct {
	enum fs_owner_kind kind;
	enum impact plain, unwritten, past_eof, unused;
} impacts[] = {
	{FS_OWNER_UNKNOWN, IMPACT_UNKNOWN, IMPACT_UNKNOWN, IMPACT_UNKNOWN, IMPACT_UNKNOWN},
	{FS_OWNER_FREE, NONE, NONE, NONE, NONE},
	{FS_OWNER_OUTSIDE, IMPACT_UNKNOWN, IMPACT_UNKNOWN, IMPACT_UNKNOWN, IMPACT_UNKNOWN},
	{FS_OWNER_SUPERBLOCK, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_AGF, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_AGI, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_AGFL, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_FS, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_AG_PADDING, NONE, NONE, NONE, NONE},
	{FS_OWNER_AG_BTREE, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_INOBT, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_REFCOUNT, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_INODES, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, NONE},
	{FS_OWNER_LOG, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_COW, NONE, NONE, NONE, NONE},
	{FS_OWNER_DEFECTIVE, NONE, NONE, NONE, NONE},
	{FS_OWNER_DATA, IMPACT_DATA, NONE, NONE, IMPACT_DATA},
	{FS_OWNER_DIRECTORY, IMPACT_METADATA, NONE, NONE, IMPACT_METADATA},
	{FS_OWNER_SYMLINK, IMPACT_METADATA, NONE, NONE, IMPACT_METADATA},
	{FS_OWNER_INTERNAL, IMPACT_METADATA, NONE, NONE, IMPACT_METADATA},
	{FS_OWNER_ATTR, IMPACT_METADATA, NONE, NONE, IMPACT_METADATA},
	{FS_OWNER_EXTENT_MAP, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
	{FS_OWNER_ATTR_MAP, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA, IMPACT_METADATA},
};

static void test_impact_of(void **state)
{
	assert_int_equal(ARRAY_SIZE(impacts), FS_OWNER_N);
	for (size_t i = 0; i < ARRAY_SIZE(impacts); i++) {
		enum fs_owner_kind kind = impacts[i].kind;

		UNIT_ROW(impacts, i, fs_owner_token(kind));
		assert_int_equal(impact_of(kind, 0), impacts[i].plain);
		assert_int_equal(impact_of(kind, IMPACT_PRIMARY), impacts[i].plain);
		assert_int_equal(impact_of(kind, IMPACT_UNWRITTEN), impacts[i].unwritten);
		assert_int_equal(impact_of(kind, IMPACT_PAST_EOF), impacts[i].past_eof);
		assert_int_equal(impact_of(kind, IMPACT_INODES_UNUSED), impacts[i].unused);
		/* a look that failed outweighs one that found nothing */
		assert_int_equal(impact_of(kind, IMPACT_INODES_UNUSED | IMPACT_INODES_UNREADABLE),
				 impacts[i].plain);
	}
	assert_int_equal(impact_of(FS_OWNER_N, 0), IMPACT_UNKNOWN);
	assert_int_equal(impact_of(-1, 0), IMPACT_UNKNOWN);
}

/* What holds for every sentence that anybody can be shown. */
static void test_says(void **state)
{
	for (int kind = 0; kind < FS_OWNER_N; kind++) {
		for (unsigned int flags = 0; flags < 32; flags++) {
			const char *says = impact_says(kind, flags);
			bool nothing = impact_of(kind, flags) == IMPACT_NOTHING;

			print_message("%s %#x: %s\n", fs_owner_token(kind), flags, says);
			assert_true(strlen(says) > 20);
			assert_true(says[strlen(says) - 1] != '.');
			assert_null(strchr(says, '\n'));
			/* "nothing lost" exactly where nothing is */
			assert_int_equal(strstr(says, "nothing lost") ||
						 strstr(says, "nothing stored is lost"),
					 nothing);
		}
	}
	assert_string_equal(impact_says(FS_OWNER_N, 0), impact_says(FS_OWNER_UNKNOWN, 0));
}

/* Different damage is told in different words. */
static void test_says_differ(void **state)
{
	const char *says[] = {
		impact_says(FS_OWNER_SUPERBLOCK, 0),
		impact_says(FS_OWNER_SUPERBLOCK, IMPACT_PRIMARY),
		impact_says(FS_OWNER_INODES, 0),
		impact_says(FS_OWNER_INODES, IMPACT_INODES_UNUSED),
		impact_says(FS_OWNER_INODES, IMPACT_INODES_UNREADABLE),
		impact_says(FS_OWNER_DATA, 0),
		impact_says(FS_OWNER_DATA, IMPACT_UNWRITTEN),
		impact_says(FS_OWNER_DATA, IMPACT_PAST_EOF),
	};

	for (size_t i = 0; i < ARRAY_SIZE(says); i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(says[i], says[k]);
	for (int i = 0; i < FS_OWNER_N; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(impact_says(i, 0), impact_says(k, 0));
}

static void test_tokens(void **state)
{
	for (int i = 0; i < IMPACT_N; i++)
		assert_int_equal(impact_from_token(impact_token(i)), i);
	assert_string_equal(impact_token(IMPACT_NOTHING), "none");
	assert_string_equal(impact_token(IMPACT_UNKNOWN), "unknown");
	assert_string_equal(impact_token(IMPACT_DATA), "data");
	assert_string_equal(impact_token(IMPACT_METADATA), "metadata");
	assert_string_equal(impact_token(IMPACT_N), "unknown");
	assert_int_equal(impact_from_token("nothing"), -1);
	assert_int_equal(impact_from_token(NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_impact_of),
		cmocka_unit_test(test_says),
		cmocka_unit_test(test_says_differ),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
