/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns picked by name. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "columns.h"

static const struct column table[] = {
	{"ID", "id", "", COLUMN_DEFAULT, 0, NULL},
	{"STATE", "state", "", 0, 0, NULL},
	{"LOST", "lost", "", COLUMN_DEFAULT, 0, NULL},
	{NULL},
};

static void test_pick(void **state)
{
	static const struct {
		const char *spec, *names; /* joined with a comma; NULL: refused */
		const char *bad;
	} vectors[] = {
		{NULL, "ID,LOST", NULL},
		{"ID", "ID", NULL},
		{"lost,Id", "LOST,ID", NULL},
		{"ID,ID", "ID,ID", NULL},
		{"+STATE", "ID,LOST,STATE", NULL},
		{"+state,id", "ID,LOST,STATE,ID", NULL},
		{"", NULL, ""},
		{"+", NULL, ""},
		{"ID,", NULL, ""},
		{"ID,NOPE,LOST", NULL, "NOPE"},
		{"LO", NULL, "LO"},
		{"LOSTX", NULL, "LOSTX"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct column *picked[COLUMNS_MAX];
		const char *bad = NULL;
		size_t n = 0, bad_len = 0;
		char names[128] = "";
		int r;

		UNIT_ROW(vectors, i, vectors[i].spec);
		r = columns_pick(table, vectors[i].spec, picked, &n, &bad, &bad_len);
		assert_int_equal(r, vectors[i].names ? 0 : -EINVAL);
		if (r) {
			assert_int_equal(bad_len, strlen(vectors[i].bad));
			assert_memory_equal(bad, vectors[i].bad, bad_len);
			continue;
		}
		for (size_t j = 0; j < n; j++) {
			strcat(names, j ? "," : "");
			strcat(names, picked[j]->name);
		}
		assert_string_equal(names, vectors[i].names);
	}
}

/* More than there is room for is refused, not written past the end. */
static void test_too_many(void **state)
{
	char spec[4 * COLUMNS_MAX] = "ID";
	const struct column *picked[COLUMNS_MAX];
	const char *bad;
	size_t n = 0, bad_len;

	for (size_t i = 1; i < COLUMNS_MAX; i++)
		strcat(spec, ",ID");
	assert_int_equal(columns_pick(table, spec, picked, &n, &bad, &bad_len), 0);
	assert_int_equal(n, COLUMNS_MAX);
	strcat(spec, ",ID");
	assert_int_equal(columns_pick(table, spec, picked, &n, &bad, &bad_len), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pick),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
