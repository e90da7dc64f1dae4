/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tokens, sightings, and their union. */
#include <string.h>
#include "incident.h"
#include "unit.h"

static void test_tokens(void **state)
{
	static const char *const states[] = {"open", "cleared", "repaired", "merged"};
	static const char *const sources[] = {
		"declared", "badblocks", "memory-failure", "xfs-health", "fanotify", "mce", "cxl"};
	static const char *const proofs[] = {"read", "scrub", "retracted"};

	assert_int_equal(ARRAY_SIZE(sources), SOURCE_N);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		assert_string_equal(incident_state_token((enum incident_state)i), states[i]);
		assert_int_equal(incident_state_from_token(states[i]), i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		assert_string_equal(media_source_token((enum media_source)i), sources[i]);
		assert_int_equal(media_source_from_token(sources[i]), i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(proofs); i++) {
		assert_string_equal(clear_proof_token((enum clear_proof)i), proofs[i]);
		assert_int_equal(clear_proof_from_token(proofs[i]), i);
	}
	assert_int_equal(incident_state_from_token("Open"), -1);
	assert_int_equal(media_source_from_token(""), -1);
	assert_int_equal(media_source_from_token(NULL), -1);
	assert_int_equal(clear_proof_from_token("open"), -1);
}

static void test_sightings(void **state)
{
	CLEANUP(incident_deinit) struct incident incident = INCIDENT_NULL;
	CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
	static const enum media_source order[] = {SOURCE_MCE, SOURCE_DECLARED, SOURCE_BADBLOCKS,
						  SOURCE_MCE};
	struct sighting *sighting;

	assert_int_equal(incident_bad(&incident, &bad), 0);
	assert_int_equal(bad.n, 0);
	assert_null(incident_sighting(&incident, SOURCE_DECLARED));

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct byte_range r = {i * 512, 512};

		assert_int_equal(incident_ensure_sighting(&incident, order[i], 100 + i, &sighting),
				 0);
		assert_int_equal(sighting->source, order[i]);
		assert_int_equal(rangeset_add(&sighting->bad, r), 0);
	}
	assert_int_equal(incident.n_sightings, 3);
	for (size_t i = 1; i < incident.n_sightings; i++)
		assert_true(incident.sightings[i - 1].source < incident.sightings[i].source);
	sighting = incident_sighting(&incident, SOURCE_MCE);
	assert_non_null(sighting);
	assert_int_equal(sighting->first_usec, 100);
	assert_int_equal(sighting->bad.n, 2);

	assert_int_equal(incident_bad(&incident, &bad), 0);
	assert_int_equal(bad.n, 1);
	assert_int_equal(bad.ranges[0].start, 0);
	assert_int_equal(bad.ranges[0].len, 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_sightings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
