/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command-line words by a table of options: what is taken, and what is refused where. */
#include "unit.h"
#include <string.h>
#include "args.h"

static const struct args_option own[] = {
	{"ranges", 0, "FILE", ""}, {"output", 'o', "COLS", ""}, {"all", 'a', NULL, ""}, {NULL}};
static const struct args_option common[] = {
	{"json", 0, NULL, ""}, {"state-dir", 0, "DIR", ""}, {NULL}};

static void test_parse(void **state)
{
	static const struct {
		const char *name;
		const char *argv[8];
		int r, at;
		const char *ranges, *output, *all, *json, *state_dir; /* values */
		const char *words;                                    /* joined with | */
	} vectors[] = {
		{"nothing", {NULL}, 0, 0, NULL, NULL, NULL, NULL, NULL, ""},
		{"words",
		 {"/dev/pmem0", "8s+8s"},
		 0,
		 2,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 "/dev/pmem0|8s+8s"},
		{"long, apart", {"--ranges", "x"}, 0, 2, "x", NULL, NULL, NULL, NULL, ""},
		{"long, with =", {"--ranges=x"}, 0, 1, "x", NULL, NULL, NULL, NULL, ""},
		{"empty value", {"--ranges="}, 0, 1, "", NULL, NULL, NULL, NULL, ""},
		{"= in the value", {"--ranges=a=b"}, 0, 1, "a=b", NULL, NULL, NULL, NULL, ""},
		{"value like an option",
		 {"--ranges", "--json"},
		 0,
		 2,
		 "--json",
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 ""},
		{"standard input", {"--ranges", "-"}, 0, 2, "-", NULL, NULL, NULL, NULL, ""},
		{"a lone dash is a word", {"-"}, 0, 1, NULL, NULL, NULL, NULL, NULL, "-"},
		{"letter, apart", {"-o", "ID"}, 0, 2, NULL, "ID", NULL, NULL, NULL, ""},
		{"letter, together", {"-oID"}, 0, 1, NULL, "ID", NULL, NULL, NULL, ""},
		{"flags", {"-a", "--json"}, 0, 2, NULL, NULL, "", "", NULL, ""},
		{"any order",
		 {"d", "--json", "r", "--state-dir", "s"},
		 0,
		 5,
		 NULL,
		 NULL,
		 NULL,
		 "",
		 "s",
		 "d|r"},
		{"end of options",
		 {"--", "--json", "-a"},
		 0,
		 3,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 "--json|-a"},
		{"twice the end", {"--", "--"}, 0, 2, NULL, NULL, NULL, NULL, NULL, "--"},
		{"unknown",
		 {"a", "--rangez", "x"},
		 ARGS_E_UNKNOWN,
		 1,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 "a"},
		{"no abbreviation",
		 {"--range", "x"},
		 ARGS_E_UNKNOWN,
		 0,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 ""},
		{"unknown letter", {"-x"}, ARGS_E_UNKNOWN, 0, NULL, NULL, NULL, NULL, NULL, ""},
		{"letter 0 is none",
		 {"-"
		  "\x01"},
		 ARGS_E_UNKNOWN,
		 0,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 ""},
		{"missing", {"--ranges"}, ARGS_E_MISSING, 0, NULL, NULL, NULL, NULL, NULL, ""},
		{"letter missing",
		 {"b", "-o"},
		 ARGS_E_MISSING,
		 1,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 "b"},
		{"unwanted", {"--all=yes"}, ARGS_E_UNWANTED, 0, NULL, NULL, NULL, NULL, NULL, ""},
		{"letters do not bundle",
		 {"-aa"},
		 ARGS_E_UNWANTED,
		 0,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 NULL,
		 ""},
		{"twice", {"--all", "-a"}, ARGS_E_TWICE, 1, NULL, NULL, "", NULL, NULL, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(args_deinit) struct args args = ARGS_NULL;
		char words[128] = "";
		int argc = 0, at = -1;

		UNIT_ROW(vectors, i, vectors[i].name);
		while (vectors[i].argv[argc])
			argc++;
		assert_int_equal(
			args_parse(argc, (char **)vectors[i].argv, own, common, false, &args, &at),
			vectors[i].r);
		assert_int_equal(at, vectors[i].at);
		for (size_t j = 0; j < args.n_words; j++) {
			strcat(words, j ? "|" : "");
			strcat(words, args.words[j]);
		}
		assert_string_equal(words, vectors[i].words);
#define SAME(value, expected)                                                                      \
	do {                                                                                       \
		assert_int_equal(!(value), !(expected));                                           \
		if (value)                                                                         \
			assert_string_equal(value, expected);                                      \
	} while (0)
		SAME(args.values[0], vectors[i].ranges);
		SAME(args.values[1], vectors[i].output);
		SAME(args.values[2], vectors[i].all);
		SAME(args.common_values[0], vectors[i].json);
		SAME(args.common_values[1], vectors[i].state_dir);
	}
}

/* Options in front of the verb count, and the verb is where it stopped. */
static void test_verb(void **state)
{
	CLEANUP(args_deinit) struct args args = ARGS_NULL;
	char *argv[] = {"--json", "--state-dir", "d", "list", "--all"};
	int at = -1;

	assert_int_equal(args_parse(5, argv, NULL, common, true, &args, &at), 0);
	assert_int_equal(at, 3);
	assert_int_equal(args.n_words, 0);
	assert_int_equal(args_parse(1, argv + 4, own, common, false, &args, &at), 0);
	assert_non_null(args.values[2]);
	assert_non_null(args.common_values[0]);
	assert_string_equal(args.common_values[1], "d");
	/* the same option on both sides is given twice */
	assert_int_equal(args_parse(1, argv, own, common, false, &args, &at), ARGS_E_TWICE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
