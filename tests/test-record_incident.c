/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Incidents as JSON, word for word. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"
#include "unit.h"

static const struct devid pmem0 = {
	.nd_uuid = "11111111-aaaa-4aaa-8aaa-111111111111",
	.name = "pmem0",
	.size = UINT64_C(1) << 62,
};

static void check(const struct incident *incident, const struct devid *device, const char *want)
{
	CLEANUP(record_freep) struct json_object *object = NULL;

	assert_int_equal(record_from_incident(incident, device, &object), 0);
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		want);
}

static void add(struct rangeset *set, uint64_t start, uint64_t len)
{
	assert_int_equal(rangeset_add(set, (struct byte_range){start, len}), 0);
}

static void test_bare(void **state)
{
	const struct incident incident = {.id = 3, .opened_usec = 7, .changed_usec = 8};

	check(&incident, &(struct devid){.name = "loop0"},
	      "{\"schema\":1,\"kind\":\"incident\",\"id\":3,\"state\":\"open\",\"acked\":false,"
	      "\"unreachable\":false,\"opened_usec\":7,"
	      "\"changed_usec\":8,"
	      "\"findings_stale\":false,\"device\":{\"name\":\"loop0\",\"identity\":\"name:loop0\""
	      "},\"lost\":[],"
	      "\"bad\":[],\"lost_bytes\":0,\"bad_bytes\":0,\"sources\":[]}");
}

static void test_full(void **state)
{
	CLEANUP(incident_deinit)
	struct incident incident = {
		.id = 17,
		.merged_into = 4,
		.state = INCIDENT_MERGED,
		.acked = true,
		.unreachable = true,
		.opened_usec = UINT64_C(1768000000000001),
		.changed_usec = UINT64_C(1768000000000002),
		.cleared_usec = UINT64_C(1768000000000003),
		.cleared_by = PROOF_SCRUB,
		.located_usec = UINT64_C(1768000000000004),
		.findings_stale = true,
	};
	struct sighting *sighting;

	incident.ack_note = strdup("swap\n\xff on \"Friday\"");
	incident.findings = strdup("{\"kind\":\"findings\",\"n\":[1,2]}");
	add(&incident.lost, 0, 4096);
	add(&incident.lost, UINT64_C(1) << 61, 512);
	assert_int_equal(incident_ensure_sighting(&incident, SOURCE_BADBLOCKS, 5, &sighting), 0);
	add(&sighting->bad, 512, 512);
	assert_int_equal(incident_ensure_sighting(&incident, SOURCE_MEMORY_FAILURE, 6, &sighting),
			 0);
	add(&sighting->bad, 0, 4096);

	check(&incident, &pmem0,
	      "{\"schema\":1,\"kind\":\"incident\",\"id\":17,\"state\":\"merged\",\"acked\":true,"
	      "\"ack_note\":\"swap\\n\xef\xbf\xbd on \\\"Friday\\\"\","
	      "\"ack_note_base64\":\"c3dhcAr/IG9uICJGcmlkYXki\",\"merged_into\":4,"
	      "\"unreachable\":true,\"opened_usec\":1768000000000001,"
	      "\"changed_usec\":1768000000000002,\"cleared_usec\":1768000000000003,"
	      "\"cleared_by\":\"scrub\",\"located_usec\":1768000000000004,\"findings_stale\":true,"
	      "\"device\":{\"name\":\"pmem0\","
	      "\"identity\":\"nd:11111111-aaaa-4aaa-8aaa-111111111111\","
	      "\"nd_uuid\":\"11111111-aaaa-4aaa-8aaa-111111111111\","
	      "\"size\":4611686018427387904},"
	      "\"lost\":[{\"offset\":0,\"length\":4096},"
	      "{\"offset\":2305843009213693952,\"length\":512}],"
	      "\"bad\":[{\"offset\":0,\"length\":4096}],\"lost_bytes\":4608,\"bad_bytes\":4096,"
	      "\"sources\":[{\"source\":\"badblocks\",\"first_usec\":5,\"last_usec\":5,"
	      "\"bad\":[{\"offset\":512,\"length\":512}]},{\"source\":\"memory-failure\","
	      "\"first_usec\":6,\"last_usec\":6,\"bad\":[{\"offset\":0,\"length\":4096}]}],"
	      "\"findings\":{\"kind\":\"findings\",\"n\":[1,2]}}");
}

static void test_broken_findings(void **state)
{
	static const char *const broken[] = {"", "{", "{}x", "nonsense"};

	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		CLEANUP(incident_deinit) struct incident incident = {.id = 1};
		struct json_object *object = NULL;

		UNIT_ROW(broken, i, broken[i]);
		incident.findings = strdup(broken[i]);
		assert_int_equal(record_from_incident(&incident, &pmem0, &object), -EBADMSG);
		assert_null(object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_broken_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
