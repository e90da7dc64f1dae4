/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Versions of the schema: up by steps or not at all; newer ones are left alone. */
#include <fcntl.h>
#include "storedump.h"
#include "store_priv.h"

static const char colour[] = "ALTER TABLE device ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';"
			     "UPDATE device SET colour = 'red' WHERE name = 'loop0';";
static const char table[] = "CREATE TABLE extra(id INTEGER PRIMARY KEY);"
			    "INSERT INTO extra SELECT id FROM incident;";
static const char broken[] = "CREATE TABLE half(id INTEGER PRIMARY KEY);"
			     "INSERT INTO half SELECT nothing FROM nowhere;";

static sqlite3 *open_db(const char *dir)
{
	CLEANUP(freep) char *path = NULL;
	sqlite3 *db = NULL;

	assert_true(asprintf(&path, "%s/" STORE_FILE, dir) > 0);
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sql_add_sum(db), 0);
	return db;
}

static int64_t number(sqlite3 *db, const char *query)
{
	int64_t value = -1;

	assert_int_equal(sql_int(db, &value, query, ""), 0);
	return value;
}

static void make(const char *dir)
{
	CLEANUP(freep) char *want = NULL;

	storedump_fill(dir, &want);
}

/* Over two made-up versions at once, with all that was there. */
static void test_up(void **state)
{
	const char *const steps[] = {store_schema.steps[0], store_schema.steps[1], colour, table};
	const struct store_schema schema = {steps, ARRAY_SIZE(steps)};
	sqlite3 *db;

	make(*state);
	db = open_db(*state);
	assert_int_equal(store_schema_version(db, &schema), STORE_E_OLDER);
	assert_int_equal(store_schema_apply(db, &schema, 0), 0);
	assert_int_equal(store_schema_version(db, &schema), 0);
	assert_int_equal(number(db, "PRAGMA user_version"), 4);
	assert_int_equal(number(db, "SELECT count(*) FROM extra"), 40);
	assert_int_equal(number(db, "SELECT count(*) FROM device WHERE colour = 'red'"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM device WHERE colour = 'grey'"), 1);
	assert_int_equal(store_schema_check(db), 0);
	assert_int_equal(store_schema_apply(db, &schema, 0), 0); /* there already */
	sqlite3_close(db);
}

/* A step that fails: nothing of it, nothing of the step before. */
static void test_all_or_nothing(void **state)
{
	const char *const steps[] = {store_schema.steps[0], store_schema.steps[1], colour, broken};
	const struct store_schema schema = {steps, ARRAY_SIZE(steps)};
	CLEANUP(freep) char *want = NULL, *got = NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	sqlite3 *db;

	storedump_fill(*state, &want);
	db = open_db(*state);
	assert_int_not_equal(store_schema_apply(db, &schema, 0), 0);
	assert_int_equal(number(db, "PRAGMA user_version"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'half'"), 0);
	sqlite3_close(db);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), 0);
	assert_int_equal(storedump_text(store, &got), 0);
	assert_string_equal(got, want);
}

static void test_newer(void **state)
{
	const char *const steps[] = {store_schema.steps[0], store_schema.steps[1], colour};
	const struct store_schema schema = {steps, ARRAY_SIZE(steps)};
	CLEANUP(store_freep) struct store *store = NULL;
	sqlite3 *db;

	make(*state);
	db = open_db(*state);
	assert_int_equal(store_schema_apply(db, &schema, 0), 0);
	sqlite3_close(db);
	assert_int_equal(store_open(*state, STORE_READ, &store), STORE_E_NEWER);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_NEWER);

	db = open_db(*state);
	assert_int_equal(store_schema_apply(db, &store_schema, 0), STORE_E_NEWER);
	assert_int_equal(number(db, "PRAGMA user_version"), 3);
	assert_int_equal(store_schema_check(db), 0);

	/* a number that the tables do not confirm is no version */
	assert_int_equal(sql_run(db, "PRAGMA user_version = 7", ""), 0);
	sqlite3_close(db);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_CORRUPT);
}

static void test_empty(void **state)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sql_add_sum(db), 0);
	assert_int_equal(store_schema_apply(db, &store_schema, 77), 0);
	assert_int_equal(store_schema_version(db, &store_schema), 0);
	assert_int_equal(store_schema_check(db), 0);
	assert_int_equal(number(db, "SELECT seq FROM sqlite_sequence WHERE name = 'incident'"), 76);
	sqlite3_close(db);
}

/* A file as version 1 wrote it, kept as text: every later version has to bring it up. */
static void test_version_1(void **state)
{
	CLEANUP(freep) char *path = NULL, *text = NULL, *want = NULL, *got = NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	size_t len;
	FILE *file;
	sqlite3 *db = NULL;

	assert_true(asprintf(&path, "%s/tests/data/store/version-1.sql", getenv("srcdir") ?: ".") >
		    0);
	file = fopen(path, "r");
	assert_non_null(file);
	text = calloc(1, 1 << 20);
	len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	assert_true(len > 1000);
	free(steal(path));

	assert_true(asprintf(&path, "%s/v1", (char *)*state) > 0);
	assert_int_equal(mkdir(path, 0700), 0);
	free(steal(path));
	assert_true(asprintf(&path, "%s/v1/" STORE_FILE, (char *)*state) > 0);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	*strrchr(path, '/') = '\0';

	storedump_fill(*state, &want);
	assert_int_equal(store_open(path, STORE_WRITE, &store), 0);
	assert_int_equal(storedump_text(store, &got), 0);
	assert_string_equal(got, want);
}

static const struct {
	const char *what, *text;
	const char *sectors; /* NULL: refused */
} sets[] = {
	{"empty", "", ""},
	{"one", "0+512", "0+1"},
	{"two", "512+512 4096+1024", "1+1 8+2"},
	{"the last byte there is", "9223372036854775295+512", "!"},
	{"beyond 2^63", "9223372036854775807+512", NULL},
	{"number too large", "9223372036854775808+512", NULL},
	{"huge number", "99999999999999999999999+512", NULL},
	{"empty range", "0+0", NULL},
	{"touching", "0+512 512+512", NULL},
	{"overlapping", "0+1024 512+1024", NULL},
	{"descending", "4096+512 0+512", NULL},
	{"no length", "512", NULL},
	{"no start", "+512", NULL},
	{"minus", "-1+512", NULL},
	{"leading zero", "00+512", NULL},
	{"hexadecimal", "0x200+512", NULL},
	{"space in front", " 0+512", NULL},
	{"space behind", "0+512 ", NULL},
	{"two spaces", "0+512  1024+512", NULL},
	{"letter", "0+512s", NULL},
};

static void test_sets(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
		CLEANUP(freep) char *text = NULL;
		int r = store_sets_parse(sets[i].text, &set);

		UNIT_ROW(sets, i, sets[i].what);
		assert_int_equal(r, sets[i].sectors ? 0 : STORE_E_CORRUPT);
		if (r)
			continue;
		if (*sets[i].sectors != '!')
			statedir_assert_sectors(&set, sets[i].sectors);
		assert_int_equal(store_sets_format(&set, &text), 0);
		assert_string_equal(text, sets[i].text);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, statedir_setup, statedir_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_up),    TEST(test_all_or_nothing), TEST(test_newer),
		TEST(test_empty), TEST(test_version_1),      TEST(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
