/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two at a time on one store: transactions that wait for each other, and one daemon only. */
#include <errno.h>
#include <sys/wait.h>
#include "store_sample.h"

/* Another process, started before this one has a store open: SQLite's locks do not
 * survive a fork. */
static pid_t start_writer(const char *dir, int *ret_go)
{
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		struct store *store = NULL;
		char go;

		close(pipes[1]);
		if (read(pipes[0], &go, 1) != 1 || store_open(dir, STORE_WRITE, &store))
			_exit(2);
		_exit(store_set_text(store, "child", "done") ? 1 : 0);
	}
	close(pipes[0]);
	*ret_go = pipes[1];
	return pid;
}

/* A transaction is all or nothing, and one writer waits for the other. */
static void test_transactions(void **state)
{
	CLEANUP(store_freep) struct store *store = NULL;
	CLEANUP(store_freep) struct store *reader = NULL;
	CLEANUP(freep) char *text = NULL;
	int64_t row, id;
	int status, go;
	pid_t pid;

	pid = start_writer(*state, &go);
	store = open_store(*state);
	assert_int_equal(store_open(*state, STORE_READ, &reader), 0);
	assert_int_equal(store_begin(reader), STORE_E_READ_ONLY);
	assert_int_equal(store_device_ensure(store, &pmem0, 1, &row), 0);
	assert_int_equal(store_begin(store), 0);
	assert_int_equal(store_begin(store), -EINVAL);
	id = save(store, row, "0+1", SOURCE_MCE, "0+1");
	store_rollback(store);
	store_rollback(store);
	assert_int_equal(store_incident(store, id, false, &(struct incident){0}, NULL), -ENOENT);

	assert_int_equal(store_begin(store), 0);
	save(store, row, "0+1", SOURCE_MCE, "0+1");
	assert_int_equal(write(go, "x", 1), 1);
	usleep(300 * 1000);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(store_get_text(reader, "child", &text), -ENOENT);
	assert_int_equal(store_commit(store), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(store_get_text(reader, "child", &text), 0);
	close(go);
}

static void test_daemon_lock(void **state)
{
	CLEANUP(freep) char *dir = NULL;
	int fd = -1, pid = -1, second = -1;

	assert_true(asprintf(&dir, "%s/new", (char *)*state) > 0);
	assert_int_equal(store_daemon_pid(dir, &pid), -ENOENT);
	assert_int_equal(store_lock_daemon(dir, &fd, &pid), 0);
	assert_int_equal(store_daemon_pid(dir, &pid), 0);
	assert_int_equal(pid, getpid());
	pid = -1;
	assert_int_equal(store_lock_daemon(dir, &second, &pid), -EBUSY);
	assert_int_equal(pid, getpid());
	assert_int_equal(second, -1);
	close(fd);
	assert_int_equal(store_daemon_pid(dir, &pid), -ENOENT);
	assert_int_equal(store_lock_daemon(dir, &fd, &pid), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_transactions, statedir_setup,
						statedir_teardown),
		cmocka_unit_test_setup_teardown(test_daemon_lock, statedir_setup,
						statedir_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
