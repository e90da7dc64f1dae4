/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A damaged store: it opens with all that was in it, or says that it is
 * damaged. It never crashes, never answers with something else, and what is
 * set aside is not gone and its ids are not given again.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include "statedir.h"
#include "storedump.h"

static char *path_of(const char *dir, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static void read_file(const char *dir, const char *name, unsigned char **ret, size_t *ret_len)
{
	CLEANUP(freep) char *path = path_of(dir, name);
	int fd = open(path, O_RDONLY);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	*ret_len = (size_t)st.st_size;
	*ret = malloc(*ret_len + 1);
	assert_int_equal(read(fd, *ret, *ret_len), st.st_size);
	close(fd);
}

static void write_file(const char *dir, const char *name, const void *data, size_t len)
{
	CLEANUP(freep) char *path = path_of(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void remove_file(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = path_of(dir, name);

	unlink(path);
}

static bool is_there(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = path_of(dir, name);

	return access(path, F_OK) == 0;
}

static uint64_t dice(uint64_t *seed, uint64_t sides)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(0x2545F4914F6CDD1D) >> 33) % sides;
}

/* Opens what lies there: true where it is told to be damaged, false where all of it is there. */
static bool is_told(const char *dir, const char *want, enum store_mode mode)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) char *got = NULL;
	int r = store_open(dir, mode, &store);

	if (!r)
		r = storedump_text(store, &got);
	if (r == STORE_E_CORRUPT)
		return true;
	assert_int_equal(r, 0);
	assert_string_equal(got, want);
	return false;
}

/* ---- every kind of damage ---- */

enum { FLIP, HEADER, SECTOR, ZERO, CUT };

static const struct {
	const char *what;
	int kind;
	unsigned int times;
} damages[] = {
	{"a byte anywhere", FLIP, 400},
	{"each byte of the header", HEADER, 100},
	{"a sector full of noise", SECTOR, 40},
	{"a sector of zeros, as cleared poison leaves it", ZERO, 100},
	{"cut off", CUT, 60},
};

static size_t damage(unsigned char *data, size_t len, int kind, unsigned int turn, uint64_t *seed)
{
	size_t at = dice(seed, len);

	switch (kind) {
	case HEADER: at = turn; /* fallthrough */
	case FLIP: data[at] ^= (unsigned char)(1 + dice(seed, 255)); break;
	case SECTOR:
		for (size_t i = 0; i < 512; i++)
			data[at / 512 * 512 + i] = (unsigned char)dice(seed, 256);
		break;
	case ZERO: memset(data + at / 512 * 512, 0, 512); break;
	case CUT: return at;
	}
	return len;
}

static void test_damage(void **state)
{
	CLEANUP(freep) char *want = NULL;
	CLEANUP(freep) unsigned char *whole = NULL;
	uint64_t seed = 20260217;
	size_t len;

	storedump_fill(*state, &want);
	read_file(*state, "pmemras.db", &whole, &len);
	assert_true(len > 40000 && len % 512 == 0);
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		unsigned int told = 0;

		for (unsigned int turn = 0; turn < damages[i].times; turn++) {
			CLEANUP(freep) unsigned char *data = malloc(len);
			size_t left;

			memcpy(data, whole, len);
			left = damage(data, len, damages[i].kind, turn, &seed);
			write_file(*state, "pmemras.db", data, left);
			remove_file(*state, "pmemras.db-wal");
			remove_file(*state, "pmemras.db-shm");
			is_told(*state, want, STORE_READ);
			told += is_told(*state, want, STORE_WRITE);
		}
		UNIT_ROW(damages, i, damages[i].what);
		print_message("told of %u in %u\n", told, damages[i].times);
		assert_true(told * 10 >= damages[i].times * 3);
	}
}

/* What is no store at all. */
static void test_strangers(void **state)
{
	static const struct {
		const char *what, *text;
	} strangers[] = {
		{"empty", ""},
		{"text",
		 "this is not a database, and it is longer than a hundred bytes, as it has to be "
		 "for the header to be read from it at all"},
	};
	CLEANUP(freep) char *path = path_of(*state, "pmemras.db");
	struct store *store = NULL;
	sqlite3 *db = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
		UNIT_ROW(strangers, i, strangers[i].what);
		write_file(*state, "pmemras.db", strangers[i].text, strlen(strangers[i].text));
		assert_int_equal(store_open(*state, STORE_READ, &store), STORE_E_CORRUPT);
		assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_CORRUPT);
	}

	/* another program's database is not ours to fill */
	unlink(path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "CREATE TABLE incident(id); INSERT INTO incident VALUES(5)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_CORRUPT);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_CORRUPT);
}

static int64_t add_one(const char *dir)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	int64_t row;

	assert_int_equal(store_open(dir, STORE_WRITE, &store), 0);
	assert_int_equal(store_device_ensure(store, &(struct devid){.name = "x"}, 1, &row), 0);
	statedir_sectors("0+1", &incident.lost);
	assert_int_equal(store_save_incident(store, row, &incident, CHANGE_NEW, 1), 0);
	return incident.id;
}

static void test_set_aside(void **state)
{
	CLEANUP(freep) char *want = NULL, *name = NULL, *second = NULL, *told = NULL, *wal = NULL;
	CLEANUP(freep) unsigned char *data = NULL, *aside = NULL;
	CLEANUP(store_freep) struct store *stale = NULL, *store = NULL;
	size_t len, aside_len;
	int64_t id;

	assert_int_equal(store_set_aside(*state, 0, &name), -ENOENT);
	storedump_fill(*state, &want);
	assert_int_equal(store_open(*state, STORE_WRITE, &stale), 0);
	assert_int_equal(store_set_text(stale, "x", "y"), 0); /* so that there is a log */
	read_file(*state, "pmemras.db", &data, &len);
	assert_int_equal(store_set_aside(*state, UINT64_C(1768000000000000), &name), 0);
	assert_string_equal(name, "pmemras.db.corrupt-20260109T230640Z");
	assert_false(is_there(*state, "pmemras.db"));
	assert_false(is_there(*state, "pmemras.db-wal"));
	read_file(*state, name, &aside, &aside_len);
	assert_int_equal(aside_len, len);
	assert_memory_equal(aside, data, len);
	assert_true(asprintf(&wal, "%s-wal", name) > 0);
	assert_true(is_there(*state, wal));

	/* who has it open still cannot believe to have stored anything */
	assert_int_equal(store_set_text(stale, "x", "z"), STORE_E_REPLACED);
	assert_int_equal(store_open(*state, STORE_READ, &store), -ENOENT);
	id = add_one(*state);
	assert_true(id > 40 && id <= 200);
	assert_int_equal(store_set_text(stale, "x", "z"), STORE_E_REPLACED);
	stale = store_free(stale);
	assert_int_equal(add_one(*state),
			 id + 1); /* closing the old one took nothing from the new */
	assert_int_equal(store_open(*state, STORE_READ, &store), 0);
	assert_int_equal(store_get_text(store, "store.set_aside", &told), 0);
	assert_string_equal(told, name);
	store = store_free(store);

	/* once more within the second, this time without a mark: the file tells */
	write_file(*state, "pmemras.ids", "pmemras-ids 5 0000", 18);
	assert_int_equal(store_set_aside(*state, UINT64_C(1768000000000000), &second), 0);
	assert_string_equal(second, "pmemras.db.corrupt-20260109T230640Z-2");
	assert_true(add_one(*state) > id + 1);

	/* beyond reading, but with the mark */
	id = add_one(*state);
	write_file(*state, "pmemras.db", "rubbish", 7);
	remove_file(*state, "pmemras.db-wal");
	assert_int_equal(store_set_aside(*state, UINT64_C(1768000001000000), NULL), 0);
	assert_true(add_one(*state) > id);

	/* deleted by somebody: the mark is still there, and a log without its database is not
	 * replayed */
	id = add_one(*state);
	remove_file(*state, "pmemras.db");
	write_file(*state, "pmemras.db-wal", "a log", 5);
	assert_true(add_one(*state) > id);
	assert_true(is_there(*state, "pmemras.db.orphan-1-wal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_damage, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_strangers, statedir_setup, statedir_teardown),
		cmocka_unit_test_setup_teardown(test_set_aside, statedir_setup, statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
