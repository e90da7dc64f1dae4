/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a DIMM, what of it is news, and what is read of a machine. */
#include "unit.h"
#include <string.h>
#include "dimms.h"
#include "tree.h"

static const struct {
	const char *what;
	struct dimm dimm;
	enum dimm_state state;
	bool news; /* when first seen */
	const char *says;
} states[] = {
	{"silent", {.spares = -1, .life_used = -1}, DIMM_UNKNOWN, false, "health unknown"},
	{"well",
	 {.smart = true,
	  .health = DIMM_OK,
	  .spares = 75,
	  .life_used = 5,
	  .has_temperature = true,
	  .temperature_mc = 23500},
	 DIMM_OK,
	 false,
	 "health ok, 75 % of spares left, 5 % of its life used, 23.5 degrees Celsius"},
	{"beyond a threshold",
	 {.smart = true, .health = DIMM_OK, .spares = 3, .life_used = -1, .alarm = true},
	 DIMM_NON_CRITICAL,
	 true,
	 "health non-critical, 3 % of spares left, beyond a threshold"},
	{"fatal",
	 {.smart = true, .health = DIMM_FATAL, .spares = -1, .life_used = -1},
	 DIMM_FATAL,
	 true,
	 "health fatal"},
	{"not armed",
	 {.flags = "not_armed smart_notify", .spares = -1, .life_used = -1},
	 DIMM_CRITICAL,
	 true,
	 "health critical, flags not_armed smart_notify"},
	{"listens only",
	 {.flags = "smart_notify", .spares = -1, .life_used = -1},
	 DIMM_UNKNOWN,
	 false,
	 "health unknown, flags smart_notify"},
	{"an event",
	 {.flags = "smart_event", .smart = true, .health = DIMM_OK, .spares = -1, .life_used = -1},
	 DIMM_NON_CRITICAL,
	 true,
	 "health non-critical, flags smart_event"},
	{"a flag of another name",
	 {.flags = "xnot_armed not_armedx", .spares = -1, .life_used = -1},
	 DIMM_UNKNOWN,
	 false,
	 "health unknown, flags xnot_armed not_armedx"},
	{"unsafe",
	 {.smart = true, .health = DIMM_OK, .spares = -1, .life_used = -1, .unsafe_shutdown = true},
	 DIMM_OK,
	 true,
	 "health ok, last shutdown unsafe"},
	{"what the firmware did not say",
	 {.health = DIMM_FATAL, .spares = 1, .alarm = true},
	 DIMM_UNKNOWN,
	 false,
	 "health unknown"},
};

static void told_states(void **state)
{
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		UNIT_ROW(states, i, states[i].what);
		assert_int_equal(dimm_state(&states[i].dimm), states[i].state);
		assert_int_equal(dimm_is_news(NULL, &states[i].dimm), states[i].news);
		assert_false(dimm_is_news(&states[i].dimm, &states[i].dimm));
		dimm_describe(&states[i].dimm, text, sizeof(text));
		assert_string_equal(text, states[i].says);
		dimm_describe(&states[i].dimm, text, 8); /* cut, not beyond */
		assert_int_equal(strlen(text), 7);
	}
}

static void changes(void **state)
{
	struct dimm before = {.smart = true, .health = DIMM_OK, .spares = 50, .life_used = 5};
	struct dimm now = before;

	now.temperature_mc += 1000;
	now.life_used++;
	assert_false(dimm_is_news(&before, &now));
	now.spares = 49;
	assert_true(dimm_is_news(&before, &now));
	assert_false(dimm_is_news(&now, &before)); /* better by itself: not worth a line */
	now = before;
	now.health = DIMM_CRITICAL;
	assert_true(dimm_is_news(&before, &now));
	assert_true(dimm_is_news(&now, &before));
}

#define ND "sys/bus/nd/devices/"

static void read_machine(void **state)
{
	static const struct tree_entry machine[] = {
		TREE_FILE(ND "nmem10/nfit/flags", "smart_notify \n"),
		TREE_FILE(ND "nmem2/nfit/flags", "\n"),
		TREE_DIR(ND "nmem3"),
		TREE_DIR(ND "region0"),
	};
	CLEANUP(sysroot_deinit) struct sysroot root = SYSROOT_NULL;
	CLEANUP(dimms_deinit) struct dimms dimms = DIMMS_NULL;
	char path[64];

	assert_int_equal(tree_make(path, machine, ARRAY_SIZE(machine)), 0);
	assert_int_equal(sysroot_open(&root, path), 0);
	assert_int_equal(dimms_read(&root, &dimms), 0);
	tree_remove(path);
	assert_int_equal(dimms.n, 3);
	assert_string_equal(dimms.items[0].name, "nmem2");
	assert_string_equal(dimms.items[0].flags, "");
	assert_string_equal(dimms.items[2].name, "nmem10");
	assert_string_equal(dimms.items[2].flags, "smart_notify");
	assert_non_null(dimms_find(&dimms, "nmem3"));
	assert_null(dimms_find(&dimms, "nmem1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told_states),
		cmocka_unit_test(changes),
		cmocka_unit_test(read_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
