/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A long random conversation with a casebook, compared step by step with a
 * model that counts single sectors and knows no ranges.
 */
#include <inttypes.h>
#include <string.h>
#include "casebook.h"
#include "unit.h"

#define SECTORS   200u
#define INCIDENTS 4096u
#define SOURCES   3

struct model_incident {
	enum incident_state state;
	int merged_into;
	bool lost[SECTORS], bad[SOURCES][SECTORS];
};

struct model {
	struct model_incident incidents[INCIDENTS]; /* by id */
	int last_id;
};

static bool model_near(unsigned int a, unsigned int b)
{
	unsigned int page_a = a / 8 * 8, page_b = b / 8 * 8;

	return (a + 1 >= page_b && a <= page_b + 8) || (b + 1 >= page_a && b <= page_a + 8);
}

static bool model_alive(const struct model *model, int id)
{
	return model->incidents[id].state == INCIDENT_OPEN ||
	       model->incidents[id].state == INCIDENT_CLEARED;
}

static bool model_any(const bool *sectors_of)
{
	for (unsigned int i = 0; i < SECTORS; i++)
		if (sectors_of[i])
			return true;
	return false;
}

static bool model_is_bad(const struct model_incident *incident)
{
	for (int source = 0; source < SOURCES; source++)
		if (model_any(incident->bad[source]))
			return true;
	return false;
}

static void model_merge(struct model *model, int into, int from)
{
	struct model_incident *a = &model->incidents[into], *b = &model->incidents[from];

	for (unsigned int i = 0; i < SECTORS; i++) {
		a->lost[i] |= b->lost[i];
		for (int source = 0; source < SOURCES; source++) {
			a->bad[source][i] |= b->bad[source][i];
			b->bad[source][i] = false;
		}
	}
	b->state = INCIDENT_MERGED;
	b->merged_into = into;
}

/*
 * Colours of the news' sectors: near ones get the same until nothing changes any
 * more; then each colour is merged with whoever is near to any of its sectors.
 */
static void model_report(struct model *model, int source, const bool *news)
{
	unsigned int colour[SECTORS];
	bool moved = true;

	for (unsigned int i = 0; i < SECTORS; i++)
		colour[i] = i;
	while (moved) {
		moved = false;
		for (unsigned int a = 0; a < SECTORS; a++)
			for (unsigned int b = 0; b < SECTORS; b++) {
				bool together = news[a] && news[b] && model_near(a, b);

				/* two places may also be joined by one incident that is near to
				 * both */
				for (int id = 1;
				     news[a] && news[b] && !together && id <= model->last_id;
				     id++) {
					bool near_a = false, near_b = false;

					if (!model_alive(model, id))
						continue;
					for (unsigned int s = 0; s < SECTORS; s++) {
						near_a |= model->incidents[id].lost[s] &&
							  model_near(a, s);
						near_b |= model->incidents[id].lost[s] &&
							  model_near(b, s);
					}
					together = near_a && near_b;
				}
				if (together && colour[b] > colour[a]) {
					colour[b] = colour[a];
					moved = true;
				}
			}
	}

	for (unsigned int c = 0; c < SECTORS; c++) {
		int target = 0;

		if (!news[c] || colour[c] != c)
			continue;
		for (int id = 1; id <= model->last_id; id++) {
			bool near = false;

			for (unsigned int s = 0; model_alive(model, id) && s < SECTORS; s++)
				for (unsigned int a = 0; a < SECTORS; a++)
					near |= news[a] && colour[a] == c &&
						model->incidents[id].lost[s] && model_near(a, s);
			if (near && !target)
				target = id;
			else if (near)
				model_merge(model, target, id);
		}
		if (!target)
			target = ++model->last_id;
		assert_true(target < (int)INCIDENTS);
		for (unsigned int a = 0; a < SECTORS; a++)
			if (news[a] && colour[a] == c) {
				model->incidents[target].lost[a] = true;
				model->incidents[target].bad[source][a] = true;
			}
		model->incidents[target].state = INCIDENT_OPEN;
	}
}

static void model_clear(struct model *model, int source, const bool *good)
{
	for (int id = 1; id <= model->last_id; id++) {
		struct model_incident *incident = &model->incidents[id];

		for (unsigned int i = 0; model_alive(model, id) && i < SECTORS; i++)
			for (int s = 0; s < SOURCES; s++)
				if (good[i] && (source < 0 ? s != SOURCE_DECLARED : s == source))
					incident->bad[s][i] = false;
		if (incident->state == INCIDENT_OPEN && !model_is_bad(incident))
			incident->state = INCIDENT_CLEARED;
	}
}

static void same_set(const struct rangeset *set, const bool *want)
{
	CLEANUP(rangeset_deinit) struct rangeset wanted = RANGESET_NULL;

	for (unsigned int i = 0; i < SECTORS; i++)
		if (want[i])
			assert_int_equal(rangeset_add(&wanted, (struct byte_range){i * 512u, 512}),
					 0);
	assert_true(rangeset_equal(set, &wanted));
}

static void same_book(const struct casebook *book, const struct model *model)
{
	static const bool none[SECTORS];
	int n = 0;

	for (size_t i = 0; i < book->n; i++) {
		const struct incident *incident = book->incidents[i];
		const struct model_incident *want = &model->incidents[incident->id];

		assert_int_equal(incident->id, ++n);
		assert_int_equal(incident->state, want->state);
		assert_int_equal(incident->merged_into, want->merged_into);
		same_set(&incident->lost, want->lost);
		for (int source = 0; source < SOURCES; source++) {
			const struct sighting *sighting = incident_sighting(incident, source);

			if (sighting)
				same_set(&sighting->bad, want->bad[source]);
			else
				assert_memory_equal(want->bad[source], none, sizeof(none));
		}
	}
	assert_int_equal(n, model->last_id);
}

static void number(struct casebook *book, int64_t *last_id)
{
	for (size_t i = 0; i < book->n; i++)
		if (!book->incidents[i]->id && book->incidents[i]->state != INCIDENT_MERGED)
			book->incidents[i]->id = ++*last_id;
}

static struct incident *by_id(const struct casebook *book, int64_t id)
{
	for (size_t i = 0; i < book->n; i++)
		if (book->incidents[i]->id == id)
			return book->incidents[i];
	fail_msg("no incident %" PRId64, id);
	return NULL;
}

/* xorshift64*: the same conversation on every machine */
static uint64_t dice(uint64_t *seed, uint64_t sides)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * UINT64_C(0x2545F4914F6CDD1D) >> 33) % sides;
}

static void random_ranges(uint64_t *seed, unsigned int longest, struct rangeset *set, bool *model)
{
	unsigned int n = 1 + dice(seed, 3);

	while (n--) {
		unsigned int start = dice(seed, SECTORS), len = 1 + dice(seed, longest);

		if (start + len > SECTORS)
			len = SECTORS - start;
		assert_int_equal(rangeset_add(set, (struct byte_range){start * 512u, len * 512u}),
				 0);
		memset(model + start, true, len);
	}
}

static void check_bits(const struct casebook *book, const struct casebook_changes *changes,
		       uint64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < book->n; i++)
		n += book->incidents[i]->changed_usec == now;
	assert_int_equal(changes->n, n); /* a bit for each that changed, and for nobody else */
}

static void test_against_model(void **state)
{
	uint64_t seed = 20260117;

	for (unsigned int run = 0; run < 12; run++) {
		CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
		CLEANUP(freep) struct model *model = calloc(1, sizeof(*model));
		int64_t last_id = 0;

		assert_non_null(model);
		for (uint64_t now = 1; now <= 60; now++) {
			CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
			CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;
			bool sectors_of[SECTORS] = {false};
			int source = (int)dice(&seed, SOURCES);
			int64_t id = last_id ? 1 + (int64_t)dice(&seed, (uint64_t)last_id) : 0;

			switch (dice(&seed, 8)) {
			case 0:
			case 1:
			case 2:
			case 3:
				random_ranges(&seed, run % 3 ? 3 : 12, &set, sectors_of);
				assert_int_equal(
					casebook_report(&book, source, &set, now, &changes), 0);
				number(&book, &last_id);
				model_report(model, source, sectors_of);
				check_bits(&book, &changes, now);
				break;
			case 4:
			case 5:
			case 6:
				random_ranges(&seed, 40, &set, sectors_of);
				source = dice(&seed, 2) ? -1 : source;
				assert_int_equal(casebook_clear(&book, source, &set,
								source == SOURCE_DECLARED
									? PROOF_RETRACTED
									: PROOF_READ,
								now, &changes),
						 0);
				model_clear(model, source, sectors_of);
				check_bits(&book, &changes, now);
				break;
			default:
				if (!id || by_id(&book, id)->state != INCIDENT_CLEARED)
					break;
				by_id(&book, id)->state = INCIDENT_REPAIRED;
				model->incidents[id].state = INCIDENT_REPAIRED;
				break;
			}
			same_book(&book, model);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
