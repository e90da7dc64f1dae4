/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exit codes and complaints, by table: what is wrong is named together with
 * what to do about it, on standard error, and nothing is printed as an answer.
 * And help: complete, and in step with the descriptors and the manual page.
 */
#include "unit.h"
#include <unistd.h>
#include "ctl_sample.h"
#include "statedir.h"

struct world {
	char root[64];
	char *dir;
};

static void test_usage(void **state)
{
	static const struct {
		const char *words;
		int exit;
		const char *says; /* somewhere on standard error */
	} vectors[] = {
		{"", 2, "Usage: pmemrasctl COMMAND"},
		{"stauts", 2, "stauts: no such command"},
		{"--jsno status", 2, "--jsno: no such option"},
		{"status --jsno", 2, "pmemrasctl status: --jsno: no such option"},
		{"status 17", 2, "show ID"},
		{"status --state-dir", 2, "its argument is missing"},
		{"status --color loud", 2, "auto, always or never"},
		{"status --root /no/such/place", 2, "--root /no/such/place: No such file"},
		{"list 17", 2, "show ID"},
		{"list -o ID,NOPE", 2, "no column \"NOPE\""},
		{"list -o ID --json", 2, "--output: a record is always whole"},
		{"show", 2, "which incident?"},
		{"show 1 2", 2, "which incident?"},
		{"show x", 2, "x: not the number of an incident"},
		{"show 0", 2, "0: not the number"},
		{"show 1x", 2, "1x: not the number"},
		{"show 99999999999999999999", 2, "not the number"},
		{"show 99 --state-dir @", 2, "99: no such incident"},
		{"watch now", 2, "now: unexpected"},
		{"watch --since soon", 2, "--since soon: the number of a change"},
		{"watch --since 1x", 2, "--since 1x"},
		{"locate", 2, "which device?"},
		{"locate pmem0", 2, "which ranges? START+LENGTH"},
		{"locate pmem0 16", 2, "16: expected START+LENGTH"},
		{"locate pmem0 16s+0", 2, "16s+0: "},
		{"locate pmem0 16q+1", 2, "16q+1: "},
		{"locate pmem0 0x8000000000000000+1T", 2, "0x8000000000000000+1T: "},
		{"locate pmem0 --ranges ~/nolist", 2, "nolist: No such file"},
		{"locate pmem0 --ranges ~/badlist", 2, "badlist, line 2: "},
		{"locate pmem0 --ranges ~/emptylist", 2, "no range in it"},
		{"locate pmem0 16s+1s -o NOPE", 2, "no column \"NOPE\""},
		{"locate pmem0 16s+1s --no-paths=1", 2, "it takes no argument"},
		{"locate --file /f --badblocks", 2, "--file takes a RANGE"},
		{"locate --file /f --ranges ~/list", 2, "--file takes a RANGE"},
		{"locate --file /f 0+1 2+3", 2, "2+3: --file takes one RANGE"},
		{"locate --file /f 0", 2, "0: expected START+LENGTH"},
		{"declare", 2, "which blocks?"},
		{"declare pmem0", 2, "which blocks?"},
		{"declare pmem7 16s+1s", 2, "pmem7: no such block device; lsblk"},
		{"declare pmem0 16", 2, "16: expected START+LENGTH"},
		{"declare pmem0 4194303s+2s", 2,
		 "behind the end of pmem0, which has 2147483648 bytes (2 GiB, 4194304 sectors)"},
		{"declare pmem0 --ranges ~/emptylist", 2, "no range in it"},
		{"retract", 2, "DEVICE RANGE..., DEVICE --all, or --all"},
		{"retract pmem0", 2, "DEVICE RANGE..., DEVICE --all, or --all"},
		{"retract pmem0 16s+1s --all", 2, "--all: takes no ranges"},
		{"retract pmem7 --all --state-dir @", 2, "pmem7: nothing was declared on it"},
		{"retract pmem0 1s+1s --state-dir @", 2, "nothing of that was declared"},
		{"retract pmem0 1s+1s --state-dir ~/none", 2, "nothing on record"},
		{"ack", 2, "which incident?"},
		{"ack 1 x --state-dir @", 2, "x: not the number"},
		{"ack 1 99 --state-dir @", 2, "99: no such incident"},
		{"ack 1 --undo --note x", 2, "--note: has no meaning with --undo"},
		{"ack 1 --state-dir ~/none", 2, "nothing on record"},
		{"repair", 2, "which incident?"},
		{"repair x --dry-run", 2, "x: not the number"},
		{"repair 1 --exec /bin/true", 2, "only plans it: add"},
		{"repair 1 --zero --quarantine --dry-run", 2, "one choice at a time"},
		{"repair 1 --zero --commands", 2, "no meaning without --dry-run"},
		{"repair 1 2 --salvage /tmp --plan x", 2, "--plan: is of one incident"},
		{"repair 1 --dry-run --commands --json", 2, "leave out --json"},
		{"repair 1 --dry-run --salvage=", 2, "the name is empty"},
		{"repair 1 --dry-run --restore-from /no/such --state-dir @", 2,
		 "/no/such: No such file"},
		{"repair 1 --dry-run --restore-from / --state-dir @", 2, "not a regular file"},
		{"repair 99 --dry-run --state-dir @", 2, "99: no such incident"},
		{"repair 1 --dry-run --state-dir ~/none", 2, "nothing on record"},
		{"help nothing", 2, "nothing: no such command"},
		{"help list show", 2, "one command at a time"},
		{"version now", 2, "now: unexpected"},
	};
	const struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
		char words[256];

		UNIT_ROW(vectors, i, vectors[i].words);
		/* no test may look at the machine it runs on */
		snprintf(words, sizeof(words), "%s%s",
			 strstr(vectors[i].words, "--root") ? "" : "--root ~ ", vectors[i].words);
		ctl_run(&run, words, world->dir, world->root, false);
		assert_int_equal(run.exit, vectors[i].exit);
		assert_string_equal(run.out, "");
		if (!strstr(run.err, vectors[i].says))
			fail_msg("\"%s\" not in %s", vectors[i].says, run.err);
	}
}

/* None of the refusals above has changed anything. */
static void test_nothing_changed(void **state)
{
	const struct world *world = *state;
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(store_freep) struct store *store = NULL;
	char path[256];

	assert_int_equal(store_open(world->dir, STORE_READ, &store), 0);
	assert_int_equal(store_incident(store, 1, false, &incident, NULL), 0);
	assert_false(incident.acked);
	snprintf(path, sizeof(path), "%s/none", world->root);
	assert_int_not_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/var", world->root);
	assert_int_not_equal(access(path, F_OK), 0);
}

/* status by what is in the store; each row acknowledges or retracts something more. */
static void test_status_exit(void **state)
{
	static const struct {
		const char *first; /* a command to run before, NULL none */
		int exit;
		const char *says;
	} vectors[] = {
		{NULL, 1, "DATA AND METADATA LOST   4 incidents need you, 1 acknowledged"},
		{"ack 3", 1, "DATA LOST   3 incidents need you, 2 acknowledged"},
		{"ack 1", 3, "NOT KNOWN   2 incidents need you, 3 acknowledged"},
		{"ack --undo 2", 3,
		 "NOT KNOWN   2 incidents need you, 2 acknowledged, 1 with nothing lost"},
		{"ack 4 5", 0, "NOTHING NEW   4 acknowledged, 1 with nothing lost"},
		{"ack --undo 3", 1, "METADATA LOST   1 incident needs you"},
		{"ack --undo 5", 1, "METADATA LOST   2 incidents need you"},
	};
	const struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
		char words[128];

		UNIT_ROW(vectors, i, vectors[i].says);
		if (vectors[i].first) {
			snprintf(words, sizeof(words), "%s --state-dir @ --root ~/quiet",
				 vectors[i].first);
			ctl_run(&run, words, world->dir, world->root, false);
			assert_int_equal(run.exit, 0);
		}
		/* a machine without lists: nothing but the store counts */
		ctl_run(&run, "status --state-dir @ --root ~/quiet", world->dir, world->root,
			false);
		if (strncmp(run.out, vectors[i].says, strlen(vectors[i].says)))
			fail_msg("expected %s, got %s", vectors[i].says, run.out);
		assert_int_equal(run.exit, vectors[i].exit);
		ctl_run(&run, "status --json --state-dir @ --root ~/quiet", world->dir, world->root,
			false);
		assert_int_equal(run.exit, vectors[i].exit);
	}
}

/* A machine with neither lists nor buses, and no store: nothing is watched, and that is fine. */
static void test_laptop(void **state)
{
	const struct world *world = *state;
	CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;

	ctl_run(&run, "status --root ~/quiet", world->dir, world->root, false);
	assert_int_equal(run.exit, 0);
	assert_non_null(
		strstr(run.out, "NOTHING IS WATCHED   0 NVDIMM buses, 0 badblocks lists\n"));
	assert_non_null(strstr(run.out, "./demo"));
	assert_non_null(strstr(run.out, "locate --file FILE"));
	assert_string_equal(run.err, "");
}

static void spoil(const char *dir, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/pmemras.db", dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* A damaged store is not an empty one. */
static void test_damaged(void **state)
{
	static const struct {
		const char *words;
		int exit;
	} vectors[] = {{"status", 3}, {"list", 3},  {"list --json", 3},
		       {"show 1", 3}, {"ack 1", 3}, {"declare pmem0 16s+1s", 3}};
	const struct world *world = *state;
	char dir[128];

	snprintf(dir, sizeof(dir), "%s/damaged", world->root);
	assert_int_equal(mkdir(dir, 0700), 0);
	spoil(dir, "this is no database, and long enough to be read as one of another kind\n");
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
		char words[128];

		UNIT_ROW(vectors, i, vectors[i].words);
		snprintf(words, sizeof(words), "%s --state-dir @ --root ~", vectors[i].words);
		ctl_run(&run, words, dir, world->root, false);
		assert_int_equal(run.exit, vectors[i].exit);
		assert_non_null(strstr(run.err, "pmemrasd --once"));
		if (strstr(words, "--json"))
			ctl_check_record(run.out);
	}
}

/* Each command's help names its options and columns, has an example that exists, and fits 100 columns. */
static void test_help(void **state)
{
	const struct world *world = *state;
	CLEANUP(freep) char *manual = ctl_read_source("doc/pmemrasctl.1");
	const struct ctl_command *command;

	for (size_t i = 0; (command = command_at(i)); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL, again = CTL_RUN_NULL;
		char words[64], text[128];

		snprintf(words, sizeof(words), "help %s", command->name);
		UNIT_ROW(commands, i, words);
		ctl_run(&run, words, world->dir, world->root, false);
		assert_int_equal(run.exit, 0);
		snprintf(words, sizeof(words), "%s --help", command->name);
		ctl_run(&again, words, world->dir, world->root, false);
		assert_string_equal(run.out, again.out);

		snprintf(text, sizeof(text), "pmemrasctl %s", command->name);
		assert_int_equal(strncmp(command->example, text, strlen(text)), 0);
		for (size_t j = 0; command->options && command->options[j].name; j++) {
			snprintf(text, sizeof(text), "--%s", command->options[j].name);
			assert_non_null(strstr(run.out, text));
			/* the manual page writes hyphens as \- */
			snprintf(text, sizeof(text), "\\-\\-%.*s",
				 (int)strcspn(command->options[j].name, "-"),
				 command->options[j].name);
			if (!strstr(manual, text))
				fail_msg("the manual page lacks %s", command->options[j].name);
		}
		for (size_t j = 0; command->columns && command->columns[j].name; j++)
			assert_non_null(strstr(run.out, command->columns[j].name));
		for (char *line = run.out; line; line = strchr(line, '\n')) {
			line += *line == '\n';
			if (strcspn(line, "\n") > 100)
				fail_msg("too long: %.*s", (int)strcspn(line, "\n"), line);
		}
		snprintf(text, sizeof(text), "%s", command->name);
		assert_non_null(strstr(manual, text));
	}
}

static int setup(void **state)
{
	static const struct tree_entry quiet[] = {
		TREE_DIR("quiet/sys/class/block"),
		TREE_FILE("quiet/proc/self/mountinfo", ""),
	};
	struct world *world = calloc(1, sizeof(*world));
	struct tree_entry entries[ARRAY_SIZE(sample_machine) + ARRAY_SIZE(quiet)];

	memcpy(entries, sample_machine, sizeof(sample_machine));
	memcpy(entries + ARRAY_SIZE(sample_machine), quiet, sizeof(quiet));
	if (!world || setenv("TZ", "UTC", 1) ||
	    tree_make(world->root, entries, ARRAY_SIZE(entries)) ||
	    statedir_setup((void **)&world->dir))
		return -1;
	sample_store(world->dir);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	tree_remove(world->root);
	statedir_teardown((void **)&world->dir);
	free(world);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage),       cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_status_exit), cmocka_unit_test(test_laptop),
		cmocka_unit_test(test_damaged),     cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
