/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers inside an answer: which bytes of an image are hit, told of a device below, cut, and in records. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "findings_inside.h"
#include "findings_through.h"
#include "record.h"

#define NO FINDING_NO_FILE

static void test_image(void **state)
{
	static const struct finding items[] = {
		{1000000, 8192, 4096, 131, 0, FS_OWNER_DATA, 0, 0},
		{2000000, 8192, 12288, 131, 0, FS_OWNER_DATA, FINDING_UNWRITTEN, 0},
		{3000000, 4096, 65536, 131, 0, FS_OWNER_DATA, FINDING_SHARED, 0},
		{3000000, 4096, 0, 977, 1, FS_OWNER_DATA, FINDING_SHARED, 0},
		{4000000, 512, 8192, 131, 0, FS_OWNER_ATTR, 0, 0},
		{5000000, 4096, 69632, 131, 0, FS_OWNER_DATA, FINDING_PAST_EOF, 0},
	};
	static const struct {
		uint64_t ino;
		struct byte_range part;
		size_t n;
		struct through_piece pieces[2];
	} vectors[] = {
		{131, {0, 1 << 20}, 2, {{{1000000, 8192}, 4096}, {{3000000, 4096}, 65536}}},
		/* begins in the middle of a hit, ends in the middle of another */
		{131, {5120, 61440}, 2, {{{1001024, 7168}, 0}, {{3000000, 1024}, 60416}}},
		{131, {0, 4096}, 0, {{{0, 0}, 0}}},
		{131, {12288, 4096}, 0, {{{0, 0}, 0}}},
		{977, {0, 512}, 1, {{{3000000, 512}, 0}}},
		{978, {0, 1 << 20}, 0, {{{0, 0}, 0}}},
		{131, {0, 0}, 0, {{{0, 0}, 0}}},
	};
	CLEANUP(findings_freep) struct findings *f = NULL;

	assert_int_equal(findings_new(&f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		assert_int_equal(findings_add(f, &items[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(through_freep) struct through *from = NULL;

		UNIT_ROW(vectors, i, "");
		assert_int_equal(findings_inside_image(f, vectors[i].ino, vectors[i].part, "/img",
						       "loop7", &from),
				 0);
		if (!vectors[i].n) {
			assert_null(from);
			continue;
		}
		assert_non_null(from);
		assert_string_equal(from->devices, "/img");
		assert_string_equal(from->top, "loop7");
		assert_int_equal(from->n, vectors[i].n);
		for (size_t k = 0; k < from->n; k++) {
			assert_int_equal(from->pieces[k].lower.start,
					 vectors[i].pieces[k].lower.start);
			assert_int_equal(from->pieces[k].lower.len, vectors[i].pieces[k].lower.len);
			assert_int_equal(from->pieces[k].upper, vectors[i].pieces[k].upper);
		}
	}
}

/* Bytes [0, 8192) of the device, [4096, 12288) of a loop device whose free space they are. */
static struct findings *make(const char *device, struct findings *inner)
{
	struct findings *f, *found = inner;
	struct through *from;

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup(device);
	f->device_size = 1 << 20;
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){0, 8192}), 0);
	if (!inner) {
		rangeset_clear(&f->asked);
		assert_int_equal(rangeset_add(&f->asked, (struct byte_range){4096, 8192}), 0);
		assert_int_equal(findings_add(f, &(struct finding){4096, 8192, 0, 0, NO,
								   FS_OWNER_FREE, 0, 0}),
				 0);
		return f;
	}
	assert_int_equal(findings_add_file(f, &(struct found_file){.ino = 131, .size = 1 << 20}),
			 0);
	assert_int_equal(
		findings_add(f, &(struct finding){0, 8192, 4096, 131, 0, FS_OWNER_DATA, 0, 0}), 0);
	assert_int_equal(through_new("/img", inner->device, &from), 0);
	assert_int_equal(through_add(from, (struct through_piece){{0, 8192}, 4096}), 0);
	assert_int_equal(findings_add_inside(f, &from, &found), 0);
	assert_null(from);
	assert_null(found);
	return f;
}

static void test_below(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make("dm-0", make("loop7", NULL));
	CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
	struct through *through;

	/* in two halves, the other way round */
	assert_int_equal(through_new("dm-0", "dm-0", &through), 0);
	assert_int_equal(through_add(through, (struct through_piece){{65536, 4096}, 4096}), 0);
	assert_int_equal(through_add(through, (struct through_piece){{131072, 4096}, 0}), 0);
	assert_int_equal(through_lower(through, &asked), 0);
	assert_int_equal(findings_below(f, &through, &asked), 0);
	assert_int_equal(f->n_inside, 1);
	assert_int_equal(f->inside[0].from->n, 2);
	assert_int_equal(f->inside[0].from->pieces[0].lower.start, 65536);
	assert_int_equal(f->inside[0].from->pieces[0].upper, 8192);
	assert_int_equal(f->inside[0].from->pieces[1].lower.start, 131072);
	assert_int_equal(f->inside[0].from->pieces[1].upper, 4096);
	assert_int_equal(f->inside[0].found->items[0].start, 4096);
}

static void test_cut(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make("loop0", make("loop7", NULL));
	CLEANUP(rangeset_deinit) struct rangeset some = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset none = RANGESET_NULL;
	CLEANUP(findings_freep) struct findings *part = NULL, *other = NULL;

	assert_int_equal(rangeset_add(&some, (struct byte_range){7168, 512}), 0);
	assert_int_equal(findings_cut(f, &some, &part), 0);
	assert_int_equal(part->n_inside, 1);
	assert_int_equal(part->inside[0].from->n, 1);
	assert_int_equal(part->inside[0].from->pieces[0].lower.start, 7168);
	assert_int_equal(part->inside[0].from->pieces[0].lower.len, 512);
	assert_int_equal(part->inside[0].from->pieces[0].upper, 11264);
	assert_int_equal(part->inside[0].found->n_items, 1);
	assert_int_equal(part->inside[0].found->items[0].start, 11264);
	assert_int_equal(part->inside[0].found->items[0].len, 512);
	assert_int_equal(rangeset_add(&none, (struct byte_range){65536, 512}), 0);
	assert_int_equal(findings_cut(f, &none, &other), 0);
	assert_int_equal(other->n_inside, 0);
}

static void test_record(void **state)
{
	CLEANUP(findings_freep)
	struct findings *f = make("loop0", make("loop7", make("loop8", NULL)));
	CLEANUP(record_freep) struct json_object *object = NULL, *again = NULL;
	CLEANUP(findings_freep) struct findings *read = NULL;
	const char *text;

	assert_int_equal(record_from_findings(f, 100, &object), 0);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	assert_int_equal(record_parse_findings(text, strlen(text), &read), 0);
	assert_int_equal(read->n_inside, 1);
	assert_int_equal(read->inside[0].found->n_inside, 1);
	assert_string_equal(read->inside[0].found->inside[0].found->device, "loop8");
	assert_int_equal(record_from_findings(read, 100, &again), 0);
	assert_string_equal(json_object_to_json_string_ext(again, JSON_C_TO_STRING_PLAIN), text);
}

/* As deep as it goes in a look is as deep as it is read again, in an incident's record too. */
static void test_depth(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make("loop9", NULL);
	CLEANUP(findings_freep) struct findings *read = NULL;
	CLEANUP(record_freep) struct json_object *object = NULL;
	const char *text;

	for (int i = 0; i < FINDINGS_INSIDE_MAX; i++)
		f = make("loop1", f);
	assert_int_equal(record_from_findings(f, 100, &object), 0);
	text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	assert_int_equal(record_parse_findings(text, strlen(text), &read), 0);
}

static void test_not_records(void **state)
{
	static const char *const not [] = {
		"[]",
		"[{}]",
		"[7]",
		"{}",
		"[{\"through\":{\"devices\":\"a\",\"top\":\"b\",\"map\":[]}}]",
		"[{\"through\":{\"devices\":\"a\",\"top\":\"b\",\"map\":[]},\"found\":{}}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(not ); i++) {
		CLEANUP(findings_freep) struct findings *f = make("loop7", NULL);
		CLEANUP(findings_freep) struct findings *read = NULL;
		CLEANUP(record_freep) struct json_object *object = NULL;

		UNIT_ROW(not, i, not [i]);
		assert_int_equal(record_from_findings(f, 100, &object), 0);
		json_object_object_add(object, "inside", json_tokener_parse(not [i]));
		assert_int_equal(record_to_findings(object, &read), i ? -EBADMSG : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_image), cmocka_unit_test(test_below),
		cmocka_unit_test(test_cut),   cmocka_unit_test(test_record),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_not_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
