/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store on a medium that is full or cannot be written. It needs file
 * systems of its own: tmpfs in a mount namespace, as root or as root of a
 * user namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include "storedump.h"

static bool may_mount;

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		print_message("%s: %m\n", path);
	close(fd);
}

static int enter(void **state)
{
	char map[64];
	uid_t uid = getuid();
	gid_t gid = getgid();

	if (unshare(CLONE_NEWNS) && !unshare(CLONE_NEWUSER | CLONE_NEWNS)) {
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_text("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_text("/proc/self/gid_map", map);
	}
	may_mount = !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}

static int mount_at(void **state)
{
	return statedir_setup(state);
}

static void need_tmpfs(const char *dir, const char *options)
{
	if (may_mount && !mount("pmemras-test", dir, "tmpfs", 0, options))
		return;
	print_message("not permitted to mount a file system: %m\n");
	skip();
}

static char *path_of(const char *dir, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	return path;
}

static int unmount_at(void **state)
{
	CLEANUP(freep) char *medium = path_of(*state, "medium");

	umount2(medium, MNT_DETACH);
	umount2(*state, MNT_DETACH);
	return statedir_teardown(state);
}

/* Takes all the room there is left, but for @leave bytes. */
static void fill_up(const char *dir, off_t leave)
{
	CLEANUP(freep) char *path = path_of(dir, "filler");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	static const char block[4096];
	off_t len = 0;

	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) == sizeof(block))
		len += sizeof(block);
	assert_int_equal(ftruncate(fd, len > leave ? len - leave : 0), 0);
	close(fd);
}

static int add(struct store *store, int64_t device, int n)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(freep) char *note = NULL;

	assert_true(asprintf(&note, "%0*d", 900, n) > 0);
	incident.ack_note = steal(note);
	incident.acked = true;
	assert_int_equal(rangeset_add(&incident.lost, (struct byte_range){n * 8192u, 512}), 0);
	return store_save_incident(store, device, &incident, CHANGE_NEW, 2);
}

static int count(int64_t device, const struct incident *incident, void *data)
{
	int *n = data;

	assert_int_equal(incident->id, ++*n);
	assert_int_equal(incident->lost.ranges[0].start, *n * 8192);
	return 0;
}

static int count_all(struct store *store)
{
	int n = 0;

	assert_int_equal(store_incident_each(store, ~0u, count, &n), 0);
	return n;
}

static void test_full(void **state)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(store_freep) struct store *reader = NULL;
	CLEANUP(freep) char *filler = path_of(*state, "filler");
	int64_t row;
	int n, r = 0;

	need_tmpfs(*state, "size=2m");
	assert_int_equal(store_open(*state, STORE_WRITE, &store), 0);
	assert_int_equal(store_open(*state, STORE_READ, &reader), 0);
	assert_int_equal(store_device_ensure(store, &(struct devid){.name = "x"}, 1, &row), 0);
	fill_up(*state, 256 * 1024);
	for (n = 1; n < 10000 && !(r = add(store, row, n)); n++)
		;
	assert_int_equal(r, STORE_E_FULL);
	assert_true(n > 10);

	/* it stays full, and what was told to be stored is there */
	for (int i = 0; i < 5; i++)
		assert_int_equal(add(store, row, n), STORE_E_FULL);
	assert_int_equal(count_all(reader), n - 1);
	assert_int_equal(count_all(store), n - 1);
	reader = store_free(reader);
	store = store_free(store);
	assert_int_equal(store_open(*state, STORE_READ, &reader), 0);
	assert_int_equal(count_all(reader), n - 1);
	r = store_open(*state, STORE_WRITE, &store);
	assert_true(r == 0 || r == STORE_E_FULL);

	/* room again */
	assert_int_equal(unlink(filler), 0);
	if (r)
		assert_int_equal(store_open(*state, STORE_WRITE, &store), 0);
	assert_int_equal(add(store, row, n), 0);
	assert_int_equal(count_all(store), n);
	assert_int_equal(store_check(store), 0);
}

/* No room for the first page: told, and nothing half made is left for the next time. */
static void test_born_full(void **state)
{
	CLEANUP(freep)
	char *filler = path_of(*state, "filler"),
	     *db = path_of(*state, "pmemras.db");
	CLEANUP(store_freep) struct store *store = NULL;

	need_tmpfs(*state, "size=1m");
	fill_up(*state, 0);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_FULL);
	assert_int_not_equal(access(db, F_OK), 0);
	fill_up(*state, 16 * 1024);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), STORE_E_FULL);
	assert_int_not_equal(access(db, F_OK), 0);
	assert_int_equal(unlink(filler), 0);
	assert_int_equal(store_open(*state, STORE_WRITE, &store), 0);
}

static void copy_file(const char *from_dir, const char *to_dir, const char *name)
{
	CLEANUP(freep) char *from = path_of(from_dir, name), *to = path_of(to_dir, name);
	char buffer[4096];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0600);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		assert_int_equal(write(out, buffer, (size_t)n), n);
	close(in);
	close(out);
}

static void assert_read_only(const char *dir, const char *want)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) char *got = NULL;

	assert_int_equal(store_open(dir, STORE_WRITE, &store), STORE_E_READ_ONLY);
	assert_int_equal(store_open(dir, STORE_READ, &store), 0);
	assert_int_equal(storedump_text(store, &got), 0);
	assert_string_equal(got, want);
	assert_int_equal(store_set_text(store, "a", "b"), STORE_E_READ_ONLY);
}

static void test_read_only(void **state)
{
	/* what a daemon leaves: stopped; killed, its log full; with the index or both lost */
	static const struct {
		const char *what;
		const char *files[3];
		bool killed;
	} cases[] = {
		{"stopped", {"pmemras.db", "pmemras.db-wal", "pmemras.db-shm"}, false},
		{"stopped, the file alone", {"pmemras.db"}, false},
		{"killed", {"pmemras.db", "pmemras.db-wal", "pmemras.db-shm"}, true},
	};
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(freep) char *live = path_of(*state, "live"), *medium = path_of(*state, "medium");
	CLEANUP(freep) char *want = NULL;

	storedump_fill(live, &want);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		UNIT_ROW(cases, i, cases[i].what);
		if (cases[i].killed)
			assert_int_equal(store_open(live, STORE_WRITE, &store), 0);
		if (cases[i].killed)
			assert_int_equal(store_set_text(store, "a.fact", "is a fact "), 0);
		if (cases[i].killed)
			assert_int_equal(store_set_text(store, "a.fact", "is a fact"), 0);
		assert_int_equal(mkdir(medium, 0700), 0);
		need_tmpfs(medium, "size=4m");
		for (size_t k = 0; k < 3 && cases[i].files[k]; k++)
			copy_file(live, medium, cases[i].files[k]);
		assert_int_equal(mount(NULL, medium, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
		assert_read_only(medium, want);
		assert_int_equal(store_lock_daemon(medium, &(int){0}, &(int){0}),
				 STORE_E_READ_ONLY);
		assert_int_equal(umount(medium), 0);
		assert_int_equal(rmdir(medium), 0);
	}

	/* no directory, and no way to make it */
	assert_int_equal(mkdir(medium, 0700), 0);
	need_tmpfs(medium, "size=4m");
	assert_int_equal(mount(NULL, medium, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	strcpy(want, medium);
	assert_int_equal(store_open(strcat(want, "/new"), STORE_WRITE, &(struct store *){NULL}),
			 STORE_E_READ_ONLY);
	assert_int_equal(umount(medium), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, mount_at, unmount_at)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_full),
		TEST(test_born_full),
		TEST(test_read_only),
	};

	return cmocka_run_group_tests(tests, enter, NULL);
}
