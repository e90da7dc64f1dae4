/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mappings on a made-up machine: which lines are told, across the pieces that they are read in. */
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "procuse.h"
#include "tree.h"

#define LINES 3000 /* several pieces */

struct seen {
	uint64_t sum;
	size_t n, stop_after;
};

static int see(const struct mapsline *m, const char *line, size_t len, void *data)
{
	struct seen *seen = data;

	assert_true(len > 20 && line[len - 1] != '\n' && memmem(line, len, " /f", 3));
	seen->sum += m->ino;
	return ++seen->n == seen->stop_after ? 7 : 0;
}

static void test_mappings(void **state)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(freep) char *chunk = malloc(PROCUSE_CHUNK);
	struct tree_entry machine[] = {TREE_FILE("proc/7/maps", NULL), TREE_DIR("proc/8")};
	struct sysroot root = SYSROOT_NULL;
	struct seen seen = {0};
	uint64_t sum = 0;
	size_t len = 0;
	char path[64];
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	for (unsigned int i = 1; i <= LINES; i++) {
		fprintf(out, "%x000-%x000 rw-s 00000000 fe:01 %u    /f%0*u\n", i, i + 1, i,
			(int)(i % 90) + 1, i);
		fprintf(out, "ffff%x000-ffff%x000 rw-p 00000000 00:00 0 \nodd\n", i, i + 1);
		sum += i;
	}
	assert_int_equal(fclose(out), 0);
	assert_true(len > 3 * PROCUSE_CHUNK);
	machine[0].text = text;
	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);

	assert_int_equal(procuse_mappings(&root, 7, chunk, see, &seen), 0);
	assert_int_equal(seen.n, LINES);
	assert_int_equal(seen.sum, sum);
	seen = (struct seen){.stop_after = 5};
	assert_int_equal(procuse_mappings(&root, 7, chunk, see, &seen), 7);
	assert_int_equal(seen.n, 5);
	assert_int_equal(procuse_mappings(&root, 8, chunk, see, &seen), 0);
	assert_int_equal(procuse_mappings(&root, 9, chunk, see, &seen), 0);
	assert_int_equal(seen.n, 5);
	sysroot_deinit(&root);
	tree_remove(path);
}

static void test_pid(void **state)
{
	static const struct {
		const char *name;
		pid_t pid; /* 0: none */
	} vectors[] = {{"1", 1}, {"4194304", 4194304}, {"0", 0}, {"-1", 0}, {"self", 0}, {"7x", 0},
		       {"", 0},  {"99999999999", 0}};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		pid_t pid = 0;

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(procuse_pid(vectors[i].name, &pid), vectors[i].pid > 0);
		assert_int_equal(pid, vectors[i].pid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_pid),
	};

	return cmocka_run_group_tests_name("procuse", tests, NULL, NULL);
}
