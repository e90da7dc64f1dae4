/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conversations with a casebook: what is said, what it answers, what it
 * remembers. A long random one against a model is in test-casebook_model.c.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "casebook.h"
#include "rangespec.h"
#include "unit.h"

#define DECL SOURCE_DECLARED
#define LIST SOURCE_BADBLOCKS
#define MEMF SOURCE_MEMORY_FAILURE

enum op { END, REPORT, CLEAR, ACK, REPAIRED, LOCATED };

struct step {
	enum op op;
	int source;          /* ACK, REPAIRED, LOCATED: the id */
	const char *ranges;  /* sectors "8+1 16+8", or with "b" behind it bytes */
	const char *changes; /* "1:new 2:grew,source" */
};

struct conversation {
	const char *what;
	struct step steps[10];
	const char *want; /* the book at the end, "1 open lost 0+1 bad 0+1" a line */
};

static const struct conversation conversations[] = {
	{"one sector", {{REPORT, LIST, "5+1", "1:new"}}, "1 open lost 5+1 bad 5+1"},
	{"nothing", {{REPORT, LIST, "", ""}}, ""},
	{"bytes are rounded out to sectors",
	 {{REPORT, DECL, "100+1b", "1:new"}},
	 "1 open lost 0+1 bad 0+1"},
	{"repeated news is no news",
	 {{REPORT, LIST, "5+1", "1:new"}, {REPORT, LIST, "5+1", ""}, {REPORT, LIST, "5+1", ""}},
	 "1 open lost 5+1 bad 5+1"},
	{"grows within its page",
	 {{REPORT, LIST, "5+1", "1:new"}, {REPORT, LIST, "5+1 7+1", "1:grew"}},
	 "1 open lost 5+1 7+1 bad 5+1 7+1"},
	{"touches its page from behind and from the front",
	 {{REPORT, LIST, "13+1", "1:new"},
	  {REPORT, LIST, "16+1", "1:grew"},
	  {REPORT, LIST, "7+1", "1:grew"}},
	 "1 open lost 7+1 13+1 16+1 bad 7+1 13+1 16+1"},
	{"far away is another one",
	 {{REPORT, LIST, "5+1", "1:new"}, {REPORT, LIST, "100+1", "2:new"}},
	 "1 open lost 5+1 bad 5+1\n2 open lost 100+1 bad 100+1"},
	{"one report, three places, two of them near",
	 {{REPORT, LIST, "0+1 8+1 100+1", "1:new 2:new"}},
	 "1 open lost 0+1 8+1 bad 0+1 8+1\n2 open lost 100+1 bad 100+1"},
	{"the page, then the sector: one damage, two sources",
	 {{REPORT, MEMF, "8+8", "1:new"}, {REPORT, LIST, "10+1", "1:source"}},
	 "1 open lost 8+8 bad 8+8"},
	{"the sector, then the page",
	 {{REPORT, LIST, "10+1", "1:new"}, {REPORT, MEMF, "8+8", "1:grew,source"}},
	 "1 open lost 8+8 bad 8+8"},
	{"a source that repeats more of what another knows",
	 {{REPORT, MEMF, "8+8", "1:new"},
	  {REPORT, LIST, "10+1", "1:source"},
	  {REPORT, LIST, "10+2", "1:source"}},
	 "1 open lost 8+8 bad 8+8"},
	{"merging keeps the lowest",
	 {{REPORT, LIST, "0+1", "1:new"},
	  {REPORT, LIST, "16+1", "2:new"},
	  {REPORT, LIST, "8+1", "1:merged,grew 2:absorbed"}},
	 "1 open lost 0+1 8+1 16+1 bad 0+1 8+1 16+1\n2 merged>1 lost 16+1 bad"},
	{"merges of merges: each points at who took it in",
	 {{REPORT, LIST, "100+1", "1:new"},
	  {REPORT, LIST, "0+1", "2:new"},
	  {REPORT, LIST, "16+1", "3:new"},
	  {REPORT, LIST, "8+1", "2:merged,grew 3:absorbed"},
	  {REPORT, LIST, "20+80", "1:merged,grew 2:absorbed"}},
	 "1 open lost 0+1 8+1 16+1 20+81 bad 0+1 8+1 16+1 20+81\n"
	 "2 merged>1 lost 0+1 8+1 16+1 bad\n3 merged>2 lost 16+1 bad"},
	{"three at once",
	 {{REPORT, LIST, "0+1 100+1 200+1", "1:new 2:new 3:new"},
	  {REPORT, DECL, "0+300", "1:merged,grew,source 2:absorbed 3:absorbed"}},
	 "1 open lost 0+300 bad 0+300\n2 merged>1 lost 100+1 bad\n3 merged>1 lost 200+1 bad"},
	{"an absorbed one hears nothing more",
	 {{REPORT, LIST, "0+1 16+1", "1:new 2:new"},
	  {REPORT, LIST, "8+1", "1:merged,grew 2:absorbed"},
	  {REPORT, LIST, "17+1", "1:grew"},
	  {CLEAR, LIST, "16+1", "1:shrank"}},
	 "1 open lost 0+1 8+1 16+2 bad 0+1 8+1 17+1\n2 merged>1 lost 16+1 bad"},
	{"clearing shrinks bad, never lost",
	 {{REPORT, LIST, "0+8", "1:new"}, {CLEAR, LIST, "0+2", "1:shrank"}},
	 "1 open lost 0+8 bad 2+6"},
	{"splitting keeps one incident",
	 {{REPORT, LIST, "0+64", "1:new"}, {CLEAR, LIST, "20+20", "1:shrank"}},
	 "1 open lost 0+64 bad 0+20 40+24"},
	{"all cleared",
	 {{REPORT, LIST, "0+8", "1:new"}, {CLEAR, LIST, "0+100", "1:shrank,cleared"}},
	 "1 cleared lost 0+8 bad"},
	{"half a sector proves nothing",
	 {{REPORT, LIST, "0+1", "1:new"},
	  {CLEAR, LIST, "1+511b", ""},
	  {CLEAR, LIST, "0+511b", ""},
	  {CLEAR, LIST, "0+1000b", "1:shrank,cleared"}},
	 "1 cleared lost 0+1 bad"},
	{"reopens where it was cleared",
	 {{REPORT, LIST, "0+8", "1:new"},
	  {CLEAR, LIST, "0+8", "1:shrank,cleared"},
	  {REPORT, LIST, "3+1", "1:grew,reopened"}},
	 "1 open lost 0+8 bad 3+1"},
	{"a cleared neighbour reopens and grows",
	 {{REPORT, LIST, "0+8", "1:new"},
	  {CLEAR, LIST, "0+8", "1:shrank,cleared"},
	  {REPORT, LIST, "8+1", "1:grew,reopened"}},
	 "1 open lost 0+9 bad 8+1"},
	{"cleared and open merge into the lowest, which reopens",
	 {{REPORT, LIST, "0+1 16+1", "1:new 2:new"},
	  {CLEAR, LIST, "0+1", "1:shrank,cleared"},
	  {REPORT, LIST, "8+1", "1:merged,grew,reopened 2:absorbed"}},
	 "1 open lost 0+1 8+1 16+1 bad 8+1 16+1\n2 merged>1 lost 16+1 bad"},
	{"two sources: one lets go, it stays bad",
	 {{REPORT, LIST, "0+1", "1:new"},
	  {REPORT, DECL, "0+1", "1:source"},
	  {CLEAR, LIST, "0+1", "1:source"},
	  {CLEAR, DECL, "0+1", "1:shrank,cleared"}},
	 "1 cleared lost 0+1 bad"},
	{"a read refutes every source but a declaration",
	 {{REPORT, LIST, "0+1", "1:new"},
	  {REPORT, MEMF, "0+8", "1:grew,source"},
	  {REPORT, DECL, "4+1", "1:source"},
	  {CLEAR, -1, "0+8", "1:shrank"}},
	 "1 open lost 0+8 bad 4+1"},
	{"retracting what a list still holds",
	 {{REPORT, DECL, "0+8", "1:new"},
	  {REPORT, LIST, "3+1", "1:source"},
	  {CLEAR, DECL, "0+8", "1:shrank"}},
	 "1 open lost 0+8 bad 3+1"},
	{"clearing what was never bad",
	 {{REPORT, LIST, "0+1", "1:new"}, {CLEAR, LIST, "1+100", ""}, {CLEAR, DECL, "0+1", ""}},
	 "1 open lost 0+1 bad 0+1"},
	{"a repaired one is over: the same range is a new incident",
	 {{REPORT, LIST, "0+1", "1:new"},
	  {CLEAR, LIST, "0+1", "1:shrank,cleared"},
	  {REPAIRED, 1, NULL, NULL},
	  {REPORT, LIST, "0+1", "2:new"}},
	 "1 repaired lost 0+1 bad\n2 open lost 0+1 bad 0+1"},
	{"an acknowledgement survives repetition and shrinking",
	 {{REPORT, LIST, "0+2", "1:new"},
	  {ACK, 1, NULL, NULL},
	  {REPORT, LIST, "0+2", ""},
	  {REPORT, MEMF, "0+1", "1:source"},
	  {CLEAR, -1, "0+1", "1:shrank"}},
	 "1 open acked lost 0+2 bad 1+1"},
	{"more loss takes it back",
	 {{REPORT, LIST, "0+2", "1:new"},
	  {ACK, 1, NULL, NULL},
	  {REPORT, LIST, "2+1", "1:grew,unacked"}},
	 "1 open lost 0+3 bad 0+3"},
	{"bad again takes it back",
	 {{REPORT, LIST, "0+2", "1:new"},
	  {ACK, 1, NULL, NULL},
	  {CLEAR, -1, "0+2", "1:shrank,cleared"},
	  {REPORT, LIST, "0+1", "1:grew,reopened,unacked"}},
	 "1 open lost 0+2 bad 0+1"},
	{"taking in an unacknowledged one takes it back",
	 {{REPORT, LIST, "0+1 16+1", "1:new 2:new"},
	  {ACK, 1, NULL, NULL},
	  {REPORT, LIST, "8+1", "1:merged,grew,unacked 2:absorbed"}},
	 "1 open lost 0+1 8+1 16+1 bad 0+1 8+1 16+1\n2 merged>1 lost 16+1 bad"},
	{"a look goes stale with more loss, not with less bad",
	 {{REPORT, LIST, "0+2", "1:new"},
	  {LOCATED, 1, NULL, NULL},
	  {CLEAR, LIST, "0+1", "1:shrank"},
	  {REPORT, LIST, "0+1", "1:grew"}},
	 "1 open lost 0+2 bad 0+2"},
	{"more loss: stale",
	 {{REPORT, LIST, "0+2", "1:new"},
	  {LOCATED, 1, NULL, NULL},
	  {REPORT, LIST, "0+3", "1:grew"}},
	 "1 open stale lost 0+3 bad 0+3"},
};

static void sectors(const char *text, struct rangeset *ret)
{
	unsigned long long start, len;
	int used;

	for (; sscanf(text, " %llu+%llu%n", &start, &len, &used) == 2; text += used) {
		uint64_t unit = text[used] == 'b' ? 1 : SECTOR_SIZE;

		assert_int_equal(rangeset_add(ret, (struct byte_range){start * unit, len * unit}),
				 0);
		used += unit == 1;
	}
}

static void print_set(FILE *out, const struct rangeset *set)
{
	for (size_t i = 0; i < set->n; i++)
		fprintf(out, " %" PRIu64 "+%" PRIu64, set->ranges[i].start / SECTOR_SIZE,
			set->ranges[i].len / SECTOR_SIZE);
}

static char *print_book(const struct casebook *book)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	for (size_t i = 0; i < book->n; i++) {
		CLEANUP(rangeset_deinit) struct rangeset bad = RANGESET_NULL;
		const struct incident *incident = book->incidents[i];

		assert_int_equal(incident_bad(incident, &bad), 0);
		fprintf(out, "%s%" PRId64 " %s", i ? "\n" : "", incident->id,
			incident_state_token(incident->state));
		if (incident->state == INCIDENT_MERGED)
			fprintf(out, ">%" PRId64, incident->merged_into);
		if (incident->acked)
			fprintf(out, " acked");
		if (incident->findings_stale)
			fprintf(out, " stale");
		fprintf(out, " lost");
		print_set(out, &incident->lost);
		fprintf(out, " bad");
		print_set(out, &bad);
	}
	fclose(out);
	return text;
}

static unsigned int parse_bits(const char *text, size_t len)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} names[] = {
		{"new", CHANGE_NEW},           {"grew", CHANGE_GREW},
		{"shrank", CHANGE_SHRANK},     {"cleared", CHANGE_CLEARED},
		{"reopened", CHANGE_REOPENED}, {"merged", CHANGE_MERGED},
		{"absorbed", CHANGE_ABSORBED}, {"source", CHANGE_SOURCE},
		{"unacked", CHANGE_UNACKED},
	};
	unsigned int bits = 0;

	while (len) {
		size_t one = strcspn(text, ", ");
		bool found = false;

		for (size_t i = 0; i < ARRAY_SIZE(names); i++)
			if (strlen(names[i].name) == one && !memcmp(names[i].name, text, one)) {
				bits |= names[i].bit;
				found = true;
			}
		assert_true(found);
		text += one < len ? one + 1 : one;
		len -= one < len ? one + 1 : one;
	}
	return bits;
}

/* "1:new 2:grew,source" */
static void check_changes(const struct casebook_changes *changes, const char *want)
{
	for (size_t i = 0; i < changes->n; i++) {
		char *bits;

		assert_int_equal(strtoll(want, &bits, 10), changes->items[i].incident->id);
		assert_int_equal(*bits, ':');
		bits++;
		assert_int_equal(parse_bits(bits, strcspn(bits, " ")), changes->items[i].bits);
		want = bits + strcspn(bits, " ");
		want += *want == ' ';
	}
	assert_string_equal(want, "");
}

/* What the store does: gives ids to what is new. */
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

static void play(const struct conversation *conversation)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(freep) char *got = NULL;
	int64_t last_id = 0;
	uint64_t now = 1000;

	for (const struct step *step = conversation->steps; step->op != END; step++, now++) {
		CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL;

		if (step->ranges)
			sectors(step->ranges, &set);
		if (step->op == REPORT)
			assert_int_equal(casebook_report(&book, step->source, &set, now, &changes),
					 0);
		else if (step->op == CLEAR)
			assert_int_equal(
				casebook_clear(&book, step->source, &set,
					       step->source == DECL ? PROOF_RETRACTED : PROOF_READ,
					       now, &changes),
				0);
		else if (step->op == ACK)
			by_id(&book, step->source)->acked = true;
		else if (step->op == REPAIRED)
			by_id(&book, step->source)->state = INCIDENT_REPAIRED;
		else
			by_id(&book, step->source)->located_usec = now;
		number(&book, &last_id);
		if (step->changes)
			check_changes(&changes, step->changes);
		for (size_t i = 0; i < changes.n; i++)
			assert_int_equal(changes.items[i].incident->changed_usec, now);
	}

	got = print_book(&book);
	assert_string_equal(got, conversation->want);
}

static void test_conversations(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(conversations); i++) {
		UNIT_ROW(conversations, i, conversations[i].what);
		play(&conversations[i]);
	}
}

/* Times, proofs, and what is refused. */
static void test_details(void **state)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, far = RANGESET_NULL;
	struct incident *incident;

	sectors("0+1", &set);
	assert_int_equal(rangeset_add(&far, (struct byte_range){INT64_MAX - 100, 200}), 0);
	assert_int_equal(casebook_report(&book, LIST, &far, 1, &changes), -ERANGE);
	assert_int_equal(casebook_clear(&book, -1, &set, PROOF_RETRACTED, 1, &changes), -EINVAL);
	assert_int_equal(casebook_clear(&book, DECL, &set, PROOF_READ, 1, &changes), -EINVAL);
	assert_int_equal(book.n, 0);

	assert_int_equal(casebook_report(&book, LIST, &set, 10, &changes), 0);
	incident = book.incidents[0];
	assert_int_equal(casebook_report(&book, LIST, &set, 20, &changes), 0);
	assert_int_equal(changes.n, 1);
	assert_int_equal(changes.items[0].bits, CHANGE_NEW);
	assert_int_equal(incident->opened_usec, 10);
	assert_int_equal(incident->changed_usec, 10);
	assert_int_equal(incident->sightings[0].first_usec, 10);
	assert_int_equal(incident->sightings[0].last_usec, 20);
	assert_int_equal(casebook_clear(&book, -1, &set, PROOF_SCRUB, 30, &changes), 0);
	assert_int_equal(changes.n, 1);
	assert_int_equal(changes.items[0].bits, CHANGE_NEW | CHANGE_SHRANK | CHANGE_CLEARED);
	assert_int_equal(incident->cleared_usec, 30);
	assert_int_equal(incident->cleared_by, PROOF_SCRUB);
	assert_int_equal(casebook_report(&book, LIST, &set, 40, &changes), 0);
	assert_int_equal(incident->cleared_usec, 0);

	/* taken in before it had an id: MERGED with id 0 */
	sectors("16+1", &set);
	assert_int_equal(casebook_report(&book, LIST, &set, 50, &changes), 0);
	assert_int_equal(book.n, 2);
	sectors("8+1", &set);
	assert_int_equal(casebook_report(&book, LIST, &set, 60, &changes), 0);
	assert_int_equal(book.incidents[1]->state, INCIDENT_MERGED);
	assert_int_equal(book.incidents[1]->id, 0);
}

/* What each source holds after scrubs, heard at 10 (list), 20 (memory failure) and 30 (declared). */
static const struct {
	const char *what, *listed;
	uint64_t begun_usec;
	const char *list, *memf;
	unsigned int bits;
} scrubs[] = {
	{"it began before anything was heard", "", 5, "8+2", "8+8", 0},
	{"at the very moment", "", 10, "8+2", "8+8", 0},
	{"behind its back: the memory failure stays", "", 15, "", "8+8", CHANGE_SOURCE},
	{"of all of it", "", 21, "", "", CHANGE_SOURCE | CHANGE_SHRANK},
	{"still listed", "0+100", 21, "8+2", "8+8", 0},
	{"one sector still listed", "9+1", 21, "9+1", "9+1", CHANGE_SOURCE | CHANGE_SHRANK},
	{"part of a sector still listed", "4609+1b", 21, "9+1", "9+1",
	 CHANGE_SOURCE | CHANGE_SHRANK},
};

static void refill(struct rangeset *set, const char *text)
{
	rangeset_clear(set);
	sectors(text, set);
}

static void test_scrubbed(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(scrubs); i++) {
		CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
		CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
		CLEANUP(casebook_changes_deinit) struct casebook_changes after = {0};
		CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, got = RANGESET_NULL;

		UNIT_ROW(scrubs, i, scrubs[i].what);
		refill(&set, "8+2");
		assert_int_equal(casebook_report(&book, LIST, &set, 10, &changes), 0);
		refill(&set, "8+8");
		assert_int_equal(casebook_report(&book, MEMF, &set, 20, &changes), 0);
		refill(&set, "15+1");
		assert_int_equal(casebook_report(&book, DECL, &set, 30, &changes), 0);

		refill(&set, scrubs[i].listed);
		assert_int_equal(casebook_scrubbed(&book, &set, scrubs[i].begun_usec, 40, &after),
				 0);
		assert_int_equal(after.n ? after.items[0].bits : 0, scrubs[i].bits);
		refill(&set, scrubs[i].list);
		assert_int_equal(casebook_source_bad(&book, LIST, &got), 0);
		assert_true(rangeset_equal(&got, &set));
		refill(&set, scrubs[i].memf);
		assert_int_equal(casebook_source_bad(&book, MEMF, &got), 0);
		assert_true(rangeset_equal(&got, &set));
		/* declared ranges stay, and the incident with them */
		refill(&set, "15+1");
		assert_int_equal(casebook_source_bad(&book, DECL, &got), 0);
		assert_true(rangeset_equal(&got, &set));
		assert_int_equal(book.incidents[0]->state, INCIDENT_OPEN);
	}
}

/* The last bad byte: cleared, with the proof. What was lost stays; bad again, it is open again. */
static void test_scrubbed_clear(void **state)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	CLEANUP(casebook_changes_deinit) struct casebook_changes after = {0};
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, none = RANGESET_NULL;
	const struct incident *incident;

	sectors("8+2", &set);
	assert_int_equal(casebook_report(&book, LIST, &set, 10, &changes), 0);
	assert_int_equal(casebook_scrubbed(&book, &none, 11, 40, &after), 0);
	incident = book.incidents[0];
	assert_int_equal(after.items[0].bits, CHANGE_SHRANK | CHANGE_CLEARED);
	assert_int_equal(incident->state, INCIDENT_CLEARED);
	assert_int_equal(incident->cleared_by, PROOF_SCRUB);
	assert_int_equal(incident->cleared_usec, 40);
	assert_true(rangeset_equal(&incident->lost, &set));
	assert_int_equal(casebook_report(&book, LIST, &set, 50, &changes), 0);
	assert_int_equal(incident->state, INCIDENT_OPEN);
	assert_int_equal(casebook_scrubbed(&book, &none, 11, 60, &changes), 0);
	assert_int_equal(incident->state, INCIDENT_OPEN);
}

static void test_source_bad(void **state)
{
	CLEANUP(casebook_deinit) struct casebook book = CASEBOOK_NULL;
	CLEANUP(casebook_changes_deinit) struct casebook_changes changes = {0};
	CLEANUP(rangeset_deinit) struct rangeset set = RANGESET_NULL, declared = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset got = RANGESET_NULL;

	sectors("0+8 100+1 200+4", &set);
	sectors("4+8 300+1", &declared);
	assert_int_equal(casebook_report(&book, LIST, &set, 1, &changes), 0);
	assert_int_equal(casebook_report(&book, DECL, &declared, 2, &changes), 0);
	assert_int_equal(casebook_source_bad(&book, LIST, &got), 0);
	assert_true(rangeset_equal(&got, &set));
	assert_int_equal(casebook_source_bad(&book, DECL, &got), 0);
	assert_true(rangeset_equal(&got, &declared));
	assert_int_equal(casebook_source_bad(&book, MEMF, &got), 0);
	assert_int_equal(got.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),  cmocka_unit_test(test_details),
		cmocka_unit_test(test_source_bad),     cmocka_unit_test(test_scrubbed),
		cmocka_unit_test(test_scrubbed_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
