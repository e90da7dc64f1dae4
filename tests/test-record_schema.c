/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc/record-schema.json against the code: names in both are the same, and it has
 * teeth: whatever is broken in a real record of each kind is noticed.
 */
#include "unit.h"
#include <unistd.h>
#include "columns_finding.h"
#include "columns_incident.h"
#include "ctl_sample.h"
#include "incident.h"
#include "reason.h"
#include "statedir.h"

struct world {
	char root[64];
	char *dir;
	struct json_object *schema;
};

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("the schema has no \"%s\"", key);
	return value;
}

static struct json_object *def(const struct world *world, const char *name)
{
	return member(member(world->schema, "$defs"), name);
}

/* The enumeration has these tokens and no others, in this order. */
static void expect_tokens(struct json_object *list, int n, const char *(*token)(int i))
{
	assert_int_equal(json_object_array_length(list), n);
	for (int i = 0; i < n; i++)
		assert_string_equal(json_object_get_string(json_object_array_get_idx(list, i)),
				    token(i));
}

static const char *reason_at(int i)
{
	return reason_token((enum reason)i);
}

static const char *owner_at(int i)
{
	return fs_owner_token((enum fs_owner_kind)i);
}

static const char *impact_at(int i)
{
	return impact_token((enum impact)i);
}

static const char *state_at(int i)
{
	return incident_state_token((enum incident_state)i);
}

static const char *source_at(int i)
{
	return media_source_token((enum media_source)i);
}

static const char *proof_at(int i)
{
	return clear_proof_token((enum clear_proof)i);
}

static void test_tokens(void **state)
{
	const struct world *world = *state;
	struct json_object *incident = member(def(world, "incident"), "properties");

	expect_tokens(member(def(world, "reason"), "enum"), REASON_N, reason_at);
	expect_tokens(member(def(world, "owner"), "enum"), FS_OWNER_N, owner_at);
	expect_tokens(member(def(world, "impact"), "enum"), IMPACT_N, impact_at);
	expect_tokens(member(def(world, "source"), "enum"), SOURCE_N, source_at);
	expect_tokens(member(member(incident, "state"), "enum"), INCIDENT_MERGED + 1, state_at);
	expect_tokens(member(member(incident, "cleared_by"), "enum"), PROOF_RETRACTED + 1,
		      proof_at);
}

/* What help says a column is called in the record is there. */
static void test_columns(void **state)
{
	const struct world *world = *state;
	const struct {
		const char *def;
		const struct column *columns;
	} tables[] = {{"incident", columns_incident}, {"finding", columns_finding}};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct json_object *properties = member(def(world, tables[i].def), "properties");

		for (const struct column *c = tables[i].columns; c->name; c++) {
			print_message("%s: %s\n", c->name, c->json);
			assert_true(c->help[0]);
			if (c->json[0])
				member(properties, c->json);
		}
	}
}

/* Every schema in the document, those that no record reaches included, uses only known words. */
static void check_words(struct json_object *schema, struct world *world, bool is_schema)
{
	if (json_object_is_type(schema, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(schema); i++)
			check_words(json_object_array_get_idx(schema, i), world, is_schema);
		return;
	}
	if (!json_object_is_type(schema, json_type_object))
		return;
	json_object_object_foreach(schema, key, value)
	{
		struct jsonschema s = {.root = world->schema};
		bool names = !strcmp(key, "properties") || !strcmp(key, "$defs");

		if (is_schema && !jsonschema_keyword(&s, schema, key, value, NULL))
			assert_null(strstr(s.error, "the schema "));
		if (!is_schema || names || !strcmp(key, "items") || !strcmp(key, "oneOf"))
			check_words(value, world, !is_schema || !names);
	}
}

static void test_words(void **state)
{
	struct world *world = *state;

	check_words(world->schema, world, true);
}

struct mutation {
	struct jsonschema schema;
	struct json_object *record; /* the whole */
	size_t n;                   /* mutants so far */
	size_t removed;             /* removals that were noticed */
};

static void expect_invalid(struct mutation *m, const char *what, const char *key)
{
	m->n++;
	if (jsonschema_valid(&m->schema, m->record))
		fail_msg("%s \"%s\" goes unnoticed in %.2000s", what, key,
			 json_object_to_json_string(m->record));
}

static void mutate(struct mutation *m, struct json_object *object);

static void mutate_member(struct mutation *m, struct json_object *object, const char *key)
{
	struct json_object *value = json_object_get(member(object, key));
	struct json_object *wrong = json_tokener_parse("[[]]");

	json_object_object_add(object, key, wrong);
	expect_invalid(m, "another type of", key);
	json_object_object_del(object, key);
	m->removed += !jsonschema_valid(&m->schema, m->record);
	json_object_object_add(object, key, json_object_get(value));
	if (json_object_is_type(value, json_type_object))
		mutate(m, value);
	for (size_t i = 0;
	     json_object_is_type(value, json_type_array) && i < json_object_array_length(value);
	     i++) {
		if (json_object_is_type(json_object_array_get_idx(value, i), json_type_object))
			mutate(m, json_object_array_get_idx(value, i));
	}
	json_object_put(value);
}

static void mutate(struct mutation *m, struct json_object *object)
{
	char *keys[64];
	size_t n = 0;

	/* the object is changed on the way: its keys first */
	json_object_object_foreach(object, key, value)
	{
		(void)value;
		assert_true(n < ARRAY_SIZE(keys));
		keys[n++] = strdup(key);
	}
	json_object_object_add(object, "no_such_member", json_object_new_int(1));
	expect_invalid(m, "a new member", "no_such_member");
	json_object_object_del(object, "no_such_member");
	for (size_t i = 0; i < n; i++) {
		mutate_member(m, object, keys[i]);
		free(keys[i]);
	}
}

/* A real record of each kind, then everything in it broken, one thing at a time. */
static void test_teeth(void **state)
{
	static const struct {
		const char *words;
		size_t mutants, removed; /* at least so many of each */
	} vectors[] = {
		{"status --json", 400, 250},
		{"list --all --json", 400, 250},
		{"show 1 --json", 110, 60},
		{"show 3 --json", 120, 60},
		{"show 5 --json", 60, 30},
		{"locate pmem0 16s+3s --json", 30, 15},
		{"ack 1 --json --note x", 4, 4},
		{"declare pmem1 1s+1s --json", 50, 25},
		{"retract pmem1 1s+1s --json", 50, 25},
		{"version --json", 3, 3},
	};
	const struct world *world = *state;

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(ctl_run_deinit) struct ctl_run run = CTL_RUN_NULL;
		struct mutation m = {.schema = {.root = world->schema}};
		char words[256];

		snprintf(words, sizeof(words), "%s --state-dir @ --root ~", vectors[i].words);
		ctl_run(&run, words, world->dir, world->root, false);
		UNIT_ROW(vectors, i, words);
		m.record = ctl_parse(run.out);
		if (!jsonschema_valid(&m.schema, m.record))
			fail_msg("%s\n%s", m.schema.error, run.out);
		mutate(&m, m.record);
		print_message("%zu mutants, %zu removals noticed\n", m.n, m.removed);
		assert_true(m.n >= vectors[i].mutants);
		assert_true(m.removed >= vectors[i].removed);
		json_object_put(m.record);
	}
}

static int setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	if (!world || setenv("TZ", "UTC", 1) ||
	    tree_make(world->root, sample_machine, ARRAY_SIZE(sample_machine)) ||
	    statedir_setup((void **)&world->dir))
		return -1;
	sample_store(world->dir);
	world->schema = ctl_read_schema();
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;

	tree_remove(world->root);
	statedir_teardown((void **)&world->dir);
	json_object_put(world->schema);
	free(world);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_teeth),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
