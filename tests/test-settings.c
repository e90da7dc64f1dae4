/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration: what is taken, what is refused and with which words, and that a refusal
 * changes nothing. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "settings.h"

static void test_set(void **state)
{
	static const struct {
		const char *section, *key, *value;
		int r;
	} vectors[] = {
		{"daemon", "StateDirectory", "/var/lib/pmemras", 0},
		{"daemon", "StateDirectory", "/", 0},
		{"daemon", "StateDirectory", "/a/..b/c..", 0},
		{"daemon", "StateDirectory", "var/lib", SETTINGS_E_VALUE},
		{"daemon", "StateDirectory", "", SETTINGS_E_VALUE},
		{"daemon", "StateDirectory", NULL, SETTINGS_E_VALUE},
		{"daemon", "StateDirectory", "/..", SETTINGS_E_VALUE},
		{"daemon", "StateDirectory", "/a/../b", SETTINGS_E_VALUE},
		{"daemon", "StateDirectory", "/a/..", SETTINGS_E_VALUE},
		{"locate", "Paths", "yes", 0},
		{"locate", "Paths", "off", 0},
		{"locate", "Paths", "Yes", SETTINGS_E_VALUE},
		{"locate", "Paths", "yesno", SETTINGS_E_VALUE},
		{"locate", "Paths", NULL, SETTINGS_E_VALUE},
		{"locate", "Holders", "0", 0},
		{"locate", "Holders", "2", SETTINGS_E_VALUE},
		{"watch", "Ignore", "loop* ?d0", 0},
		{"watch", "Ignore", NULL, 0},
		{"watch", "Ignore", " \t\n", 0},
		{"watch", "Ignore", "/dev/sda", SETTINGS_E_VALUE},
		{"watch", "Ignore", "a \033[2J", SETTINGS_E_VALUE},
		{"watch", "Ignore",
		 "1234567890123456789012345678901234567890123456789012345678901234",
		 SETTINGS_E_VALUE},
		{"watch", "Ignore",
		 "123456789012345678901234567890123456789012345678901234567890123", 0},
		{"watch", "ignore", "loop*", SETTINGS_E_KEY},
		{"locate", "Path", "no", SETTINGS_E_KEY},
		{"daemon", "Ignore", "x", SETTINGS_E_KEY},
		{"Daemon", "StateDirectory", "/x", SETTINGS_E_SECTION},
		{NULL, "StateDirectory", "/x", SETTINGS_E_SECTION},
		{"", "", "", SETTINGS_E_SECTION},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;

		UNIT_ROW(vectors, i, vectors[i].value);
		assert_int_equal(settings_set(&settings, vectors[i].section, vectors[i].key,
					      vectors[i].value),
				 vectors[i].r);
	}
}

static void test_values(void **state)
{
	static const struct {
		const char *word;
		bool means;
	} words[] = {
		{"yes", true}, {"true", true},   {"on", true},   {"1", true},
		{"no", false}, {"false", false}, {"off", false}, {"0", false},
	};
	CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;

	assert_true(settings.paths);
	assert_true(settings.holders);
	assert_null(settings.state_dir);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		UNIT_ROW(words, i, words[i].word);
		settings.paths = !words[i].means;
		assert_int_equal(settings_set(&settings, "locate", "Paths", words[i].word), 0);
		assert_int_equal(settings.paths, words[i].means);
		assert_true(settings.holders);
	}
	assert_int_equal(settings_set(&settings, "locate", "Holders", "no"), 0);
	assert_false(settings.holders);

	assert_int_equal(settings_set(&settings, "daemon", "StateDirectory", "/a"), 0);
	assert_int_equal(settings_set(&settings, "daemon", "StateDirectory", "/b"), 0);
	assert_string_equal(settings.state_dir, "/b");
	assert_int_equal(settings_set(&settings, "daemon", "StateDirectory", "c"),
			 SETTINGS_E_VALUE);
	assert_string_equal(settings.state_dir, "/b");

	assert_int_equal(settings_set(&settings, "watch", "Ignore", "  a\tb*\n c "), 0);
	assert_int_equal(settings.n_ignore, 3);
	assert_string_equal(settings.ignore[0], "a");
	assert_string_equal(settings.ignore[1], "b*");
	assert_string_equal(settings.ignore[2], "c");
	assert_int_equal(settings_set(&settings, "watch", "Ignore", "good /bad"), SETTINGS_E_VALUE);
	assert_int_equal(settings.n_ignore, 3);
	assert_string_equal(settings.ignore[1], "b*");
	assert_int_equal(settings_set(&settings, "watch", "Ignore", ""), 0);
	assert_int_equal(settings.n_ignore, 0);
}

static void test_ignores(void **state)
{
	static const struct {
		const char *patterns, *name;
		bool ignored;
	} vectors[] = {
		{"", "loop0", false},
		{"loop*", "loop0", true},
		{"loop*", "loop", true},
		{"loop*", "xloop0", false},
		{"loop?", "loop12", false},
		{"loop??", "loop12", true},
		{"*", "", true},
		{"?", "", false},
		{"sr0 zram*", "zram3", true},
		{"sr0 zram*", "sr1", false},
		{"*p1", "nvme0n1p1", true},
		{"*p1", "nvme0n1p11", false},
		{"*a*b*", "xaxxbx", true},
		{"*a*b*", "xbxxax", false},
		{"pmem0", "pmem0s", false},
		{"***", "x", true},
		{"a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 false},
		{"!a", "!a", true},
		{"[ab]", "a", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(settings_deinit) struct settings settings = SETTINGS_NULL;

		UNIT_ROW(vectors, i, vectors[i].patterns);
		assert_int_equal(settings_set(&settings, "watch", "Ignore", vectors[i].patterns),
				 0);
		assert_int_equal(settings_ignores(&settings, vectors[i].name), vectors[i].ignored);
	}
}

static void test_copy(void **state)
{
	CLEANUP(settings_deinit) struct settings a = SETTINGS_NULL, b = SETTINGS_NULL;

	assert_int_equal(settings_set(&a, "watch", "Ignore", "x y"), 0);
	assert_int_equal(settings_set(&a, "daemon", "StateDirectory", "/a"), 0);
	assert_int_equal(settings_set(&a, "locate", "Holders", "no"), 0);
	assert_int_equal(settings_set(&b, "watch", "Ignore", "z"), 0);
	assert_int_equal(settings_copy(&b, &a), 0);
	assert_int_equal(settings_set(&a, "watch", "Ignore", ""), 0);
	assert_int_equal(settings_set(&a, "daemon", "StateDirectory", "/changed"), 0);
	assert_string_equal(b.state_dir, "/a");
	assert_int_equal(b.n_ignore, 2);
	assert_string_equal(b.ignore[1], "y");
	assert_true(b.paths);
	assert_false(b.holders);
	assert_int_equal(settings_copy(&b, &(struct settings)SETTINGS_NULL), 0);
	assert_null(b.state_dir);
	assert_int_equal(b.n_ignore, 0);
	assert_true(b.holders);
}

static void test_words(void **state)
{
	static const struct {
		enum settings_error e;
		const char *section, *key, *says;
	} vectors[] = {
		{SETTINGS_E_SECTION, "deamon", "X", "[daemon], [locate] and [watch]"},
		{SETTINGS_E_SECTION, NULL, "X", "[daemon], [locate] and [watch]"},
		{SETTINGS_E_KEY, "daemon", "X", "StateDirectory="},
		{SETTINGS_E_KEY, "locate", "X", "Holders="},
		{SETTINGS_E_KEY, "watch", "X", "Ignore="},
		{SETTINGS_E_VALUE, "locate", "Paths", "yes or no"},
		{SETTINGS_E_VALUE, "daemon", "StateDirectory", "absolute path"},
		{SETTINGS_E_VALUE, "watch", "Ignore", "kernel names"},
		{SETTINGS_E_VALUE, "watch", NULL, "sections"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, vectors[i].says);
		assert_non_null(
			strstr(settings_expects(vectors[i].e, vectors[i].section, vectors[i].key),
			       vectors[i].says));
	}
	assert_string_equal(settings_strerror(SETTINGS_E_SECTION), "unknown section");
	assert_string_equal(settings_strerror(SETTINGS_E_KEY), "unknown key");
	assert_string_equal(settings_strerror(SETTINGS_E_VALUE), "bad value");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),     cmocka_unit_test(test_values),
		cmocka_unit_test(test_ignores), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
