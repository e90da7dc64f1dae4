/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of a filesystem's device, told of a device below, and in records. */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "findings_through.h"
#include "record.h"

#define NO FINDING_NO_FILE

/* What lies at [0, 16 K) above: chunks of 4 K in another order below, the third elsewhere. */
static const struct through_piece pieces[] = {
	{{1 << 20, 4096}, 4096},
	{{(1 << 20) + 4096, 4096}, 0},
	{{1 << 21, 4096}, 12288},
};

static const struct finding above[] = {
	{0, 12288, 65536, 131, 0, FS_OWNER_DATA, 0, 0},
	{4096, 4096, 0, 977, 1, FS_OWNER_DATA, FINDING_SHARED, 0},
	{12288, 4096, 0, 0, NO, FS_OWNER_INODES, 0, 8},
};

static const struct {
	uint64_t start, len, offset, ino;
	uint8_t kind;
} below[] = {
	{1 << 20, 4096, 65536 + 4096, 131, FS_OWNER_DATA},
	{1 << 20, 4096, 0, 977, FS_OWNER_DATA},
	{(1 << 20) + 4096, 4096, 65536, 131, FS_OWNER_DATA},
	{1 << 21, 4096, 24, 0, FS_OWNER_INODES},
	{(1 << 21) + 4096, 512, 0, 0, FS_OWNER_UNKNOWN}, /* in no piece */
};

static struct findings *make(void)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup("dm-0");
	f->geom = (struct fsgeom){
		.block_size = 4096,
		.sector_size = 512,
		.inode_size = 512,
		.ag_blocks = 1000,
		.ag_count = 4,
		.data_blocks = 4000,
	};
	assert_int_equal(findings_add_file(f, &(struct found_file){.ino = 131, .size = 1 << 20}),
			 0);
	assert_int_equal(findings_add_file(f, &(struct found_file){.ino = 977, .size = 1 << 20}),
			 0);
	for (size_t i = 0; i < ARRAY_SIZE(above); i++)
		assert_int_equal(findings_add(f, &above[i]), 0);
	assert_int_equal(rangeset_add(&f->failed, (struct byte_range){6000, 100}), 0);
	return f;
}

static struct findings *go_below(void)
{
	CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
	CLEANUP(through_freep) struct through *through = NULL;
	struct findings *f = make();

	assert_int_equal(through_new("pmem0p1 > dm-0 (vg-lv)", "dm-0", &through), 0);
	for (size_t i = ARRAY_SIZE(pieces); i--;)
		assert_int_equal(through_add(through, pieces[i]), 0);
	assert_int_equal(rangeset_add(&asked, (struct byte_range){1 << 20, 8192}), 0);
	assert_int_equal(rangeset_add(&asked, (struct byte_range){1 << 21, 4096 + 512}), 0);
	assert_int_equal(findings_below(f, &through, &asked), 0);
	assert_null(through);
	return f;
}

static void moved_down(void **state)
{
	CLEANUP(findings_freep) struct findings *f = go_below();

	assert_int_equal(f->n_items, ARRAY_SIZE(below));
	for (size_t i = 0; i < f->n_items; i++) {
		UNIT_ROW(below, i, NULL);
		assert_int_equal(f->items[i].start, below[i].start);
		assert_int_equal(f->items[i].len, below[i].len);
		assert_int_equal(f->items[i].offset, below[i].offset);
		assert_int_equal(f->items[i].ino, below[i].ino);
		assert_int_equal(f->items[i].kind, below[i].kind);
	}
	assert_true(f->reasons & 1u << REASON_UNRESOLVED_LAYER);
	assert_int_equal(f->failed.n, 1);
	assert_int_equal(f->failed.ranges[0].start, (1 << 20) + 6000 - 4096);
	assert_int_equal(findings_fs_byte(f, (1 << 20) + 5000), 904);
	assert_int_equal(findings_fs_byte(f, 7), 7);
}

/* Places in the filesystem stay right in a part of it, and in its record. */
static void cut_and_kept(void **state)
{
	CLEANUP(findings_freep) struct findings *f = go_below();
	CLEANUP(findings_freep) struct findings *part = NULL;
	CLEANUP(findings_freep) struct findings *again = NULL;
	CLEANUP(record_freep) struct json_object *object = NULL;
	CLEANUP(rangeset_deinit) struct rangeset ranges = RANGESET_NULL;
	const char *text;

	assert_int_equal(rangeset_add(&ranges, (struct byte_range){(1 << 21) + 512, 512}), 0);
	assert_int_equal(findings_cut(f, &ranges, &part), 0);
	assert_int_equal(part->n_items, 1);
	assert_int_equal(part->items[0].offset, 25); /* 12288 + 512 above */
	assert_int_equal(part->items[0].n_inodes, 1);
	assert_int_equal(part->through->n, 1);

	part->device_size = 1 << 22;
	assert_int_equal(record_from_findings(part, SIZE_MAX, &object), 0);
	text = json_object_to_json_string(object);
	assert_int_equal(record_parse_findings(text, strlen(text), &again), 0);
	assert_string_equal(again->through->devices, "pmem0p1 > dm-0 (vg-lv)");
	assert_string_equal(again->through->top, "dm-0");
	assert_int_equal(again->through->n, 1);
	assert_memory_equal(&again->through->pieces[0], &pieces[2], sizeof(pieces[2]));
}

static void refused_pieces(void **state)
{
	CLEANUP(through_freep) struct through *through = NULL;

	assert_int_equal(through_new("a", "a", &through), 0);
	assert_int_equal(through_add(through, (struct through_piece){{UINT64_MAX, 2}, 0}), -ERANGE);
	assert_int_equal(through_add(through, (struct through_piece){{0, 2}, UINT64_MAX}), -ERANGE);
	assert_int_equal(through_add(through, (struct through_piece){{0, 0}, 7}), 0);
	assert_int_equal(through->n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moved_down),
		cmocka_unit_test(cut_and_kept),
		cmocka_unit_test(refused_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
