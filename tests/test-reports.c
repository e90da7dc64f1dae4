/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people read, word for word: each command on the made-up store
 * against a file of tests/data/ctl. To look at what changed on purpose:
 * UPDATE_EXPECTED=1 tests/test-reports writes the files anew.
 */
#include "unit.h"
#include <unistd.h>
#include "ctl_sample.h"
#include "statedir.h"

static const char *const watched =
	"{\"schema\":1,\"n_buses\":1,\"n_lists\":2,\"uevents\":\"udev\",\"mounts\":true,"
	"\"store\":true,\"devices\":["
	"{\"device\":\"pmem0\",\"fs_type\":\"xfs\",\"mountpoint\":\"/srv/"
	"db\",\"badblocks\":\"yes\","
	"\"memory_failure\":\"no\",\"filesystem\":\"no\",\"notes\":[\"First note.\"]},"
	"{\"device\":\"pmem1\",\"fs_type\":\"xfs\",\"mountpoint\":\"/srv/log\",\"badblocks\":"
	"\"unreadable\",\"memory_failure\":\"no\",\"filesystem\":\"no\",\"notes\":[\"Second "
	"note.\","
	"\"First note.\"]},{\"device\":\"pmem9\",\"badblocks\":\"gone\"}]}";

struct world {
	char root[64]; /* the machine */
	char *dir;     /* the store of the sample */
	char *none;    /* no store there */
};

static void write_expected(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Directories and pids are of this run: replaced by what they stand for. Malloced. */
static char *anonymous(const char *text, const struct world *world)
{
	char pid[32], *copy = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&copy, &len);
	const struct {
		const char *from, *to;
	} names[] = {
		{world->none, "NONE"}, {world->dir, "DIR"}, {world->root, "ROOT"}, {pid, "PID"}};

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	while (*text) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(names); i++) {
			if (strncmp(text, names[i].from, strlen(names[i].from)))
				continue;
			fputs(names[i].to, out);
			text += strlen(names[i].from);
			break;
		}
		if (i == ARRAY_SIZE(names))
			putc(*text++, out);
	}
	fclose(out);
	return copy;
}

static void expect_file(const char *name, const char *words, const struct ctl_run *run,
			const struct world *world)
{
	char path[256], *got = NULL, *raw = NULL, *expected;
	size_t len = 0;
	FILE *out = open_memstream(&raw, &len);

	fprintf(out, "$ pmemrasctl %s\n%s", words, run->out);
	if (run->err[0])
		fprintf(out, "--- standard error\n%s", run->err);
	fprintf(out, "--- exit %d\n", run->exit);
	fclose(out);
	got = anonymous(raw, world);
	free(raw);

	snprintf(path, sizeof(path), "tests/data/ctl/%s.txt", name);
	if (getenv("UPDATE_EXPECTED")) {
		char full[512];

		snprintf(full, sizeof(full), "%s/%s", getenv("srcdir") ?: ".", path);
		write_expected(full, got);
	}
	expected = ctl_read_source(path);
	if (strcmp(got, expected))
		fail_msg("%s: expected\n%s\ngot\n%s", path, expected, got);
	free(expected);
	free(got);
}

struct report {
	const char *name, *words;
};

static void run_reports(const struct world *world, const struct report *reports, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
		char words[512];

		UNIT_ROW(reports, i, reports[i].name);
		snprintf(words, sizeof(words), "%s --state-dir %s --root ~", reports[i].words,
			 strncmp(reports[i].name, "none-", 5) ? world->dir : world->none);
		ctl_run(&run, words, world->dir, world->root, strstr(reports[i].name, "color"));
		if (strstr(reports[i].words, "--json") && run.out[0])
			ctl_check_record(run.out);
		expect_file(reports[i].name, reports[i].words, &run, world);
	}
}

/* Nobody watches: the store, and the lists of the machine as they are now. */
static void test_without_daemon(void **state)
{
	static const struct report reports[] = {
		{"status", "status"},
		{"status-json", "status --json"},
		{"status-color", "status"},
		{"list", "list"},
		{"list-all", "list --all"},
		{"list-columns",
		 "list -o id,State,acK,NOTE,BAD,RANGES,SOURCES,CHANGED,LOCATED,IDENTITY"},
		{"list-plus", "list --output=+BAD"},
		{"list-json", "list --all --json"},
		{"show-data", "show 1"},
		{"show-data-json", "show 1 --json"},
		{"show-free", "show 2"},
		{"show-metadata", "show 3"},
		{"show-metadata-json", "show --json 3"},
		{"show-unlooked", "show 4"},
		{"show-unknown", "show 5"},
		{"show-merged", "show 6"},
		{"show-repaired", "show 7"},
		{"show-no-such", "show 8"},
		{"locate-not-mounted", "locate pmem0 16s+3s"},
		{"locate-list", "locate /dev/pmem0 --badblocks --json"},
		{"locate-file-of-ranges", "locate pmem0 --ranges ~/list"},
		{"none-status", "status"},
		{"none-status-json", "status --json"},
		{"none-list", "list"},
		{"none-list-json", "list --json"},
		{"none-show", "show 1"},
		{"version-json", "version --json"},
	};

	run_reports(*state, reports, ARRAY_SIZE(reports));
}

/* A daemon holds the directory: the table of what it watches. */
static void test_with_daemon(void **state)
{
	static const struct report reports[] = {
		{"daemon-status", "status"},
		{"daemon-status-json", "status --json"},
		{"daemon-list", "list -o ID"},
		{"daemon-show", "show 2"},
	};
	struct world *world = *state;
	CLEANUP(store_freep) struct store *store = NULL;
	int fd = -1, pid = 0;

	assert_int_equal(store_open(world->dir, STORE_WRITE, &store), 0);
	assert_int_equal(store_set_text(store, "daemon.watch", watched), 0);
	assert_int_equal(store_lock_daemon(world->dir, &fd, &pid), 0);
	run_reports(world, reports, ARRAY_SIZE(reports));
	close(fd);
}

/* root's transactions, one after the other, and what the answers are then. */
static void test_changes(void **state)
{
	static const struct report reports[] = {
		{"change-1-ack", "ack 6 1 --note known"},
		{"change-2-unack", "ack --undo 2 --json"},
		{"change-3-declare", "declare pmem1 9000s+1s 100s+1s --note a%note"},
		{"change-4-declare-again", "declare --json pmem1 100s+1s"},
		{"change-5-retract-part", "retract pmem1 100s+8s"},
		{"change-6-retract-absent", "retract --json pmem9 64s+2s"},
		{"change-7-retract-nothing", "retract pmem1 100s+1s"},
		{"change-8-retract-all", "retract --all"},
		{"change-9-list", "list -o ID,STATE,BAD,ACK,NOTE,SOURCES"},
		{"none-declare", "declare pmem0 16s+1s"},
		{"none-declare-status", "status"},
	};

	run_reports(*state, reports, ARRAY_SIZE(reports));
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world || setenv("TZ", "UTC", 1) ||
	    tree_make(world->root, sample_machine, ARRAY_SIZE(sample_machine)) ||
	    statedir_setup((void **)&world->dir) || statedir_setup((void **)&world->none))
		return -1;
	sample_store(world->dir);
	rmdir(world->none);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	tree_remove(world->root);
	statedir_teardown((void **)&world->dir);
	statedir_teardown((void **)&world->none);
	free(world);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_without_daemon, setup, teardown),
		cmocka_unit_test_setup_teardown(test_with_daemon, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
