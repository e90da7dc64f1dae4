/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who uses a file: mappings that become one, overlap with lost bytes, where processes belong. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "findings.h"
#include "mapsline.h"
#include "unit_alloc.h"

#define RO MAPSLINE_READ
#define RW (MAPSLINE_READ | MAPSLINE_WRITE)
#define SH (RW | MAPSLINE_SHARED)

static struct findings *make(void)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	return f;
}

static void test_maps(void **state)
{
	static const struct {
		struct found_map in[5], want[5];
	} vectors[] = {
		{{{{0, 4096}, SH}}, {{{0, 4096}, SH}}},
		{{{{4096, 4096}, SH}, {{0, 4096}, SH}}, {{{0, 8192}, SH}}},
		{{{{0, 4096}, SH}, {{0, 4096}, SH}}, {{{0, 4096}, SH}}},
		{{{{0, 8192}, SH}, {{4096, 8192}, SH}}, {{{0, 12288}, SH}}},
		{{{{0, 4096}, SH}, {{4096, 4096}, RW}}, {{{0, 4096}, SH}, {{4096, 4096}, RW}}},
		{{{{0, 4096}, SH}, {{8192, 4096}, SH}}, {{{0, 4096}, SH}, {{8192, 4096}, SH}}},
		{{{{0, 65536}, RO}, {{4096, 4096}, RW}, {{8192, 65536}, RO}},
		 {{{0, 65536}, RO}, {{4096, 4096}, RW}, {{8192, 65536}, RO}}},
		{{{{UINT64_MAX - 8191, 4096}, RO}, {{UINT64_MAX - 4095, 4095}, RO}},
		 {{{UINT64_MAX - 8191, 8191}, RO}}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const struct found_holder holder = {.pid = 7, .comm = "x"};

		UNIT_ROW(vectors, i, NULL);
		/* told of at once, and one by one */
		for (int singly = 0; singly < 2; singly++) {
			CLEANUP(findings_freep) struct findings *f = make();
			const struct found_map *got;
			size_t n_in = 0, n_want = 0, n;

			while (n_in < 5 && vectors[i].in[n_in].range.len)
				n_in++;
			while (n_want < 5 && vectors[i].want[n_want].range.len)
				n_want++;
			for (size_t k = 0; singly && k < n_in; k++)
				assert_int_equal(
					findings_add_holder_maps(f, &holder, &vectors[i].in[k], 1),
					0);
			if (!singly)
				assert_int_equal(
					findings_add_holder_maps(f, &holder, vectors[i].in, n_in),
					0);
			assert_int_equal(f->n_holders, 1);
			assert_true(f->holders[0].mapped);
			got = findings_holder_maps(f, &f->holders[0], &n);
			assert_int_equal(n, n_want);
			for (size_t k = 0; k < n; k++) {
				assert_int_equal(got[k].range.start,
						 vectors[i].want[k].range.start);
				assert_int_equal(got[k].range.len, vectors[i].want[k].range.len);
				assert_int_equal(got[k].perms, vectors[i].want[k].perms);
			}
		}
	}
}

static void test_overlap(void **state)
{
	static const struct found_map maps[] = {
		{{4096, 8192}, SH}, {{8192, 8192}, RW}, {{65536, 4096}, SH}};
	static const struct {
		struct byte_range bytes;
		uint64_t want;
	} vectors[] = {
		{{0, 4096}, 0},       {{0, 4097}, 1},           {{4096, 512}, 512},
		{{8192, 4096}, 4096}, {{0, 1048576}, 16384},    {{16383, 512}, 1},
		{{16384, 49152}, 0},  {{69631, 1}, 1},          {{69632, 1}, 0},
		{{5000, 0}, 0},       {{UINT64_MAX - 1, 1}, 0},
	};
	CLEANUP(findings_freep) struct findings *f = make();
	const struct found_holder holder = {.pid = 7}, other = {.pid = 8, .mapped = true};

	assert_int_equal(findings_add_holder_maps(f, &holder, maps, ARRAY_SIZE(maps)), 0);
	assert_int_equal(findings_add_holder(f, &other), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		UNIT_ROW(vectors, i, NULL);
		assert_int_equal(findings_holder_overlap(f, &f->holders[0], vectors[i].bytes),
				 vectors[i].want);
		assert_int_equal(findings_holder_overlap(f, &f->holders[1], vectors[i].bytes), 0);
	}
}

/* Of several entries for one process and file: all that any of them has. */
static void test_merged(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();
	const struct found_holder a = {
		.pid = 7, .comm = "x", .flags = HOLDER_OPEN | HOLDER_OPEN_READ};
	const struct found_holder b = {.pid = 7,
				       .comm = "y",
				       .flags = HOLDER_OPEN | HOLDER_OPEN_WRITE | HOLDER_UID,
				       .uid = 5};

	assert_int_equal(findings_add_holder(f, &a), 0);
	assert_int_equal(findings_add_holder(f, &b), 0);
	assert_int_equal(f->n_holders, 1);
	assert_false(f->holders[0].mapped);
	assert_string_equal(f->holders[0].comm, "x");
	assert_int_equal(f->holders[0].uid, 5);
	assert_int_equal(f->holders[0].flags,
			 HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE | HOLDER_UID);
}

static void test_homes(void **state)
{
	static const struct holder_home homes[] = {
		{.user = "mysql", .unit = "mysql.service", .slice = "system.slice"},
		{.user = "mysql", .unit = "mysql.service", .slice = "other.slice"},
		{.unit = "user@1.service", .user_unit = "a.service"},
		{.container = "web", .kind = CGROUP_LXC},
		{.container = "web", .kind = CGROUP_NSPAWN},
	};
	CLEANUP(findings_freep) struct findings *f = make();
	CLEANUP(findings_freep) struct findings *to = make();
	const struct holder_home none = {.user = "", .unit = NULL};
	const struct found_map map = {{0, 4096}, SH};
	struct found_holder holder = {.file = 3, .pid = 9, .flags = HOLDER_EARLY_KNOWN};
	struct holder_home got;
	uint32_t at, again;

	assert_int_equal(findings_add_home(f, &none, &at), 0);
	assert_int_equal(at, 0);
	findings_home(f, 0, &got);
	assert_null(got.user);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
			assert_int_equal(findings_add_home(f, &homes[i], &at), 0);
			assert_int_equal(at, i + 1); /* kept once */
		}
	}
	findings_home(f, 3, &got);
	assert_null(got.user);
	assert_string_equal(got.unit, "user@1.service");
	assert_string_equal(got.user_unit, "a.service");

	/* a copy in other findings takes everything along */
	holder.home = 5;
	assert_int_equal(findings_add_holder_maps(f, &holder, &map, 1), 0);
	assert_int_equal(findings_copy_holder(to, 1, f, &f->holders[0]), 0);
	assert_int_equal(to->holders[0].file, 1);
	assert_int_equal(to->holders[0].flags, HOLDER_EARLY_KNOWN);
	assert_int_equal(findings_holder_overlap(to, &to->holders[0], (struct byte_range){0, 512}),
			 512);
	findings_home(to, to->holders[0].home, &got);
	assert_string_equal(got.container, "web");
	assert_int_equal(got.kind, CGROUP_NSPAWN);

	allocations_left = 0;
	for (int i = 0; i < 100; i++) {
		char user[16];
		struct holder_home fresh = {.user = user};

		snprintf(user, sizeof(user), "user%d", i);
		at = 77;
		if (findings_add_home(f, &fresh, &at) == -ENOMEM)
			assert_int_equal(at, 77);
	}
	allocations_left = -1;
	assert_int_equal(findings_add_home(f, &homes[4], &again), 0);
	findings_home(f, again, &got);
	assert_string_equal(got.container, "web");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_merged),
		cmocka_unit_test(test_homes),
	};

	return cmocka_run_group_tests_name("findings_holders", tests, NULL, NULL);
}
