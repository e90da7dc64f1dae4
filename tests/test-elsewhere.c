/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a mount is: copies, and to JSON and back. */
#include "unit.h"
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "elsewhere.h"
#include "record_elsewhere.h"

static const struct {
	struct elsewhere it;
	const char *json; /* NULL: none */
} vectors[] = {
	{{.pid = 811,
	  .comm = "mysqld",
	  .path = (char *)"/data",
	  .unit = (char *)"db.service",
	  .container = (char *)"db1",
	  .kind = CGROUP_PODMAN},
	 "{\"elsewhere\":{\"pid\":811,\"comm\":\"mysqld\",\"path\":\"/"
	 "data\",\"unit\":\"db.service\","
	 "\"container\":{\"kind\":\"podman\",\"id\":\"db1\"}}}"},
	{{.pid = 1,
	  .comm = "a\xff",
	  .path = (char *)"/\xff",
	  .unit = (char *)"",
	  .kind = CGROUP_LXC},
	 "{\"elsewhere\":{\"pid\":1,\"comm\":\"a\xef\xbf\xbd\",\"comm_base64\":\"Yf8=\","
	 "\"path\":\"/\xef\xbf\xbd\",\"path_base64\":\"L/8=\"}}"},
};

static void same(const char *a, const char *b)
{
	assert_string_equal(a && *a ? a : "(none)", b && *b ? b : "(none)");
}

static void test_record(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(elsewhere_freep) struct elsewhere *copy = NULL;
		CLEANUP(elsewhere_freep) struct elsewhere *back = NULL;
		struct json_object *fs = json_object_new_object();

		UNIT_ROW(vectors, i, vectors[i].it.path);
		assert_int_equal(elsewhere_copy(&vectors[i].it, &copy), 0);
		assert_int_equal(record_put_elsewhere(copy, fs), 0);
		assert_string_equal(
			json_object_to_json_string_ext(fs, JSON_C_TO_STRING_PLAIN |
								   JSON_C_TO_STRING_NOSLASHESCAPE),
			vectors[i].json);
		assert_int_equal(record_parse_elsewhere(fs, &back), 0);
		assert_int_equal(back->pid, vectors[i].it.pid);
		same(back->comm, vectors[i].it.comm);
		same(back->path, vectors[i].it.path);
		same(back->unit, vectors[i].it.unit);
		same(back->container, vectors[i].it.container);
		assert_int_equal(back->kind, vectors[i].it.container ? vectors[i].it.kind
								     : CGROUP_NO_CONTAINER);
		json_object_put(fs);
	}
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int r;
	} texts[] = {
		{"{}", 0},
		{"{\"elsewhere\":7}", -EBADMSG},
		{"{\"elsewhere\":{}}", -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"a\"}}", -EBADMSG},
		{"{\"elsewhere\":{\"pid\":-1,\"comm\":\"a\",\"path\":\"/\"}}", -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"a\",\"path\":7}}", -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"sixteen bytes !!\",\"path\":\"/\"}}",
		 -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"a\",\"path\":\"/\",\"container\":7}}",
		 -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"a\",\"path\":\"/\","
		 "\"container\":{\"kind\":\"shoebox\",\"id\":\"x\"}}}",
		 -EBADMSG},
		{"{\"elsewhere\":{\"pid\":1,\"comm\":\"a\",\"path\":\"/\","
		 "\"container\":{\"kind\":\"lxc\"}}}",
		 -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct json_object *fs = json_tokener_parse(texts[i].text);
		struct elsewhere *got = NULL;

		UNIT_ROW(texts, i, texts[i].text);
		assert_non_null(fs);
		assert_int_equal(record_parse_elsewhere(fs, &got), texts[i].r);
		assert_null(got);
		json_object_put(fs);
	}
}

static void test_none(void **state)
{
	struct elsewhere *copy = (struct elsewhere *)&vectors;

	assert_int_equal(elsewhere_copy(NULL, &copy), 0);
	assert_null(copy);
	assert_int_equal(record_put_elsewhere(NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("elsewhere", tests, NULL, NULL);
}
