/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of device-mapper: read, computed by hand, and there and back for random ones. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include "dmtable.h"
#include "rangeset.h"

#define S 512u

static const struct {
	const char *text;
	int r;
	size_t n;
} texts[] = {
	{"", 0, 0},
	{"0 8 linear 259:0 2048\n", 0, 1},
	{"0 8 linear 259:0 2048", 0, 1},
	{"0 8 linear 259:0 2048\n8 64 striped 2 16 259:0 0 259:1 0\n", 0, 2},
	{"0 8 zero\n8 8 error \n", 0, 2},
	{"0 8 thin 253:2 1\n", 0, 1},
	{"0 8 crypt aes-xts-plain64 0000 0 259:0 32768 1 allow_discards\n", 0, 1},
	{"0 8 linear 259:0\n", -EBADMSG, 0},
	{"0 8 linear pmem0 0\n", -EBADMSG, 0},
	{"0 8 linear 259:x 0\n", -EBADMSG, 0},
	{"0 0 linear 259:0 0\n", -EBADMSG, 0},
	{"8 8 linear 259:0 0\n", -EBADMSG, 0},
	{"0 8 linear 259:0 0\n9 8 linear 259:0 0\n", -EBADMSG, 0},
	{"0 8 linear 259:0 -1\n", -EBADMSG, 0},
	{"0 8 linear 259:0 36028797018963968\n", -EBADMSG, 0},
	{"0 8 linear 259:0 36028797018963967\n", -EBADMSG, 0},
	{"0 99999999999999999999 linear 259:0 0\n", -EBADMSG, 0},
	{"0 64 striped 0 16\n", -EBADMSG, 0},
	{"0 64 striped 2 0 259:0 0 259:1 0\n", -EBADMSG, 0},
	{"0 60 striped 2 16 259:0 0 259:1 0\n", -EBADMSG, 0},
	{"0 64 striped 2 16 259:0 0\n", -EBADMSG, 0},
	{"0 64 striped 4097 16 259:0 0\n", -EBADMSG, 0},
	{"0 8 crypt aes 00 0\n", -EBADMSG, 0},
	{"0 8\n", -EBADMSG, 0},
	{"\n", -EBADMSG, 0},
	{"0 8 a-type-with-a-name-that-is-far-too-long 1\n", -EBADMSG, 0},
};

static void reading(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;

		UNIT_ROW(texts, i, texts[i].text);
		assert_int_equal(dmtable_parse(texts[i].text, &table), texts[i].r);
		assert_int_equal(table.n, texts[i].n);
	}
}

struct pieces {
	struct dmpiece list[64];
	size_t n;
};

static int collect(const struct dmpiece *piece, void *data)
{
	struct pieces *pieces = data;

	assert_true(pieces->n < 64);
	pieces->list[pieces->n++] = *piece;
	return 0;
}

static const struct {
	const char *text;
	unsigned int minor;
	struct byte_range lower; /* sectors */
	int r;
	size_t n;
	struct {
		uint64_t lower, len, upper; /* sectors */
	} want[4];
} ups[] = {
	{"0 100 linear 259:0 2048", 0, {2048, 100}, 0, 1, {{2048, 100, 0}}},
	{"0 100 linear 259:0 2048", 0, {2000, 49}, 0, 1, {{2048, 1, 0}}},
	{"0 100 linear 259:0 2048", 0, {2148, 9}, 0, 0, {{0, 0, 0}}},
	{"0 100 linear 259:0 2048", 1, {2048, 100}, 0, 0, {{0, 0, 0}}},
	/* over the border of two targets that are apart below, and the other way round above */
	{"0 100 linear 259:0 100\n100 100 linear 259:0 0",
	 0,
	 {99, 2},
	 0,
	 2,
	 {{100, 1, 0}, {99, 1, 199}}},
	/* a device that is there twice */
	{"0 10 linear 259:0 0\n10 10 linear 259:0 0", 0, {3, 1}, 0, 2, {{3, 1, 3}, {3, 1, 13}}},
	{"0 64 striped 2 16 259:0 8 259:1 0", 0, {20, 10}, 0, 2, {{20, 4, 12}, {24, 6, 32}}},
	{"0 64 striped 2 16 259:0 8 259:1 0", 1, {0, 32}, 0, 2, {{0, 16, 16}, {16, 16, 48}}},
	{"0 8 crypt aes 00 7 259:0 32768", 0, {32770, 2}, 0, 1, {{32770, 2, 2}}},
	{"0 8 crypt aes 00 7 259:0 32768 1 integrity:28:aead", 0, {32770, 2}, 1, 0, {{0, 0, 0}}},
	{"0 8 crypt aes 00 7 259:0 32768 1 sector_size:4096", 0, {32770, 2}, 1, 0, {{0, 0, 0}}},
	{"0 8 thin 253:2 1", 0, {0, 8}, 0, 0, {{0, 0, 0}}},
	{"0 8 linear 259:0 0\n8 8 raid raid5_ls 3 64 region_size 1024 2 - 259:0 - 259:1",
	 0,
	 {0, 8},
	 1,
	 1,
	 {{0, 8, 0}}},
};

static void going_up(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(ups); i++) {
		CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;
		struct pieces pieces = {.n = 0};

		UNIT_ROW(ups, i, ups[i].text);
		assert_int_equal(dmtable_parse(ups[i].text, &table), 0);
		assert_int_equal(dmtable_map_up(&table, makedev(259, ups[i].minor),
						(struct byte_range){ups[i].lower.start * S,
								    ups[i].lower.len * S},
						collect, &pieces),
				 ups[i].r);
		assert_int_equal(pieces.n, ups[i].n);
		for (size_t k = 0; k < pieces.n; k++) {
			assert_int_equal(pieces.list[k].lower.start, ups[i].want[k].lower * S);
			assert_int_equal(pieces.list[k].lower.len, ups[i].want[k].len * S);
			assert_int_equal(pieces.list[k].upper, ups[i].want[k].upper * S);
		}
	}
}

/* ---- up and down again ---- */

struct trip {
	const struct dmtable *table;
	struct byte_range start;
	struct rangeset home; /* bytes that came back to where they had started */
	dev_t dev;
};

static int come_home(const struct dmpiece *piece, void *data)
{
	struct trip *trip = data;

	/* another device's, or another place's, byte would be a lie */
	assert_int_equal(piece->dev, trip->dev);
	return rangeset_add(&trip->home, piece->lower);
}

static int go_down(const struct dmpiece *piece, void *data)
{
	struct trip *trip = data;
	int r;

	r = dmtable_map_down(trip->table, (struct byte_range){piece->upper, piece->lower.len},
			     come_home, trip);
	assert_true(rangeset_contains(&trip->home, piece->lower));
	return r;
}

/* Parts of devices 0 to 2 that no other target has: linear and striped ones in any order. */
static void make_table(unsigned int *seed, char *text, size_t size)
{
	uint64_t next[3] = {0, 0, 0}, upper = 0;
	size_t n = 1 + (size_t)rand_r(seed) % 6, len = 0;

	*text = '\0';
	for (size_t i = 0; i < n; i++) {
		unsigned int dev = (unsigned int)rand_r(seed) % 3;
		uint64_t gap = (uint64_t)rand_r(seed) % 5;

		if (rand_r(seed) % 2) {
			uint64_t sectors = 1 + (uint64_t)rand_r(seed) % 200;

			len += (size_t)snprintf(
				text + len, size - len, "%llu %llu linear 259:%u %llu\n",
				(unsigned long long)upper, (unsigned long long)sectors, dev,
				(unsigned long long)(next[dev] + gap));
			next[dev] += gap + sectors;
			upper += sectors;
		} else {
			uint64_t chunk = 1 + (uint64_t)rand_r(seed) % 16;
			uint64_t rows = 1 + (uint64_t)rand_r(seed) % 8;
			unsigned int legs = 1 + (unsigned int)rand_r(seed) % 3;

			len += (size_t)snprintf(text + len, size - len, "%llu %llu striped %u %llu",
						(unsigned long long)upper,
						(unsigned long long)(chunk * rows * legs), legs,
						(unsigned long long)chunk);
			for (unsigned int k = 0; k < legs; k++) {
				unsigned int on = (dev + k) % 3;

				len += (size_t)snprintf(text + len, size - len, " 259:%u %llu", on,
							(unsigned long long)(next[on] + gap));
				next[on] += gap + chunk * rows;
			}
			len += (size_t)snprintf(text + len, size - len, "\n");
			upper += chunk * rows * legs;
		}
	}
	assert_true(len < size);
}

static int count_bytes(const struct dmpiece *piece, void *data)
{
	*(uint64_t *)data += piece->lower.len;
	return 0;
}

static void round_trips(void **state)
{
	unsigned int seed = 1;

	for (int i = 0; i < 2000; i++) {
		CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;
		char text[2048];
		uint64_t mapped = 0;

		make_table(&seed, text, sizeof(text));
		assert_int_equal(dmtable_parse(text, &table), 0);
		for (unsigned int minor = 0; minor < 3; minor++) {
			struct trip trip = {.table = &table, .home = RANGESET_NULL};
			uint64_t up = 0;

			trip.dev = makedev(259, minor);
			trip.start = (struct byte_range){(uint64_t)rand_r(&seed) % 200 * S,
							 (1 + (uint64_t)rand_r(&seed) % 400) * S};
			assert_int_equal(
				dmtable_map_up(&table, trip.dev, trip.start, go_down, &trip), 0);
			assert_int_equal(
				dmtable_map_up(&table, trip.dev, trip.start, count_bytes, &up), 0);
			/* each byte once, none from outside of what was asked */
			assert_int_equal(rangeset_bytes(&trip.home), up);
			for (size_t k = 0; k < trip.home.n; k++) {
				assert_true(trip.home.ranges[k].start >= trip.start.start);
				assert_true(range_end(trip.home.ranges[k]) <=
					    range_end(trip.start));
			}
			rangeset_deinit(&trip.home);
			assert_int_equal(dmtable_map_up(&table, trip.dev,
							(struct byte_range){0, UINT64_MAX},
							count_bytes, &mapped),
					 0);
		}
		/* all devices together make up all of the mapped one */
		assert_int_equal(mapped, range_end(table.targets[table.n - 1].upper));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(going_up),
		cmocka_unit_test(round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
