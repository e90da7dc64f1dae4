/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log: clean only where an unmount record ends at its head, and nothing lies behind that. */
#include "unit.h"
#include <errno.h>
#include "xfsdisk_log.h"
#include "ximage.h"

#define LOG_AT 104u /* blocks of 1 KiB, 8 of them: 16 blocks of the log */
#define BLOCKS 16u

static struct ximage image;

static uint8_t *block(unsigned int number)
{
	return image.bytes + LOG_AT * XIMAGE_BLOCK + (size_t)number * 512;
}

/* Blocks before @head are of @round, the others of the one before. */
static void fill(unsigned int head, uint32_t round)
{
	for (unsigned int i = 0; i < BLOCKS; i++)
		ximage_put(block(i), i < head ? round : round - 1, 4);
}

static uint8_t *record(unsigned int at, uint32_t round, unsigned int blocks)
{
	uint8_t *header = block(at);

	ximage_put(header, 0xfeedbabe, 4);
	ximage_put(header + 4, round, 4);
	ximage_put(header + 8, 2, 4);
	ximage_put(header + 12, blocks * 512, 4);
	ximage_put(header + 16, round, 4);
	ximage_put(header + 20, at, 4);
	ximage_put(header + 40, 1, 4);
	memcpy(header + 304, XIMAGE_UUID, 16);
	ximage_put(header + 320, 32768, 4);
	block((at + 1) % BLOCKS)[9] = 0x20;
	return header;
}

static enum xfsdisk_log_state state_of_image(void)
{
	enum xfsdisk_log_state state;
	struct xfsdisk disk;

	assert_int_equal(ximage_open(&image, &disk), 0);
	assert_int_equal(xfsdisk_log(&disk, &state), 0);
	return state;
}

static const struct {
	const char *what;
	unsigned int head, at, blocks; /* of the last record */
	uint32_t round;
} places[] = {
	{"made just now", 2, 0, 1, 1},
	{"in the middle", 9, 7, 1, 5},
	{"in its first block", 1, 15, 1, 5},
	{"at its end", 0, 14, 1, 5},
	{"padded", 9, 3, 5, 5},
	{"nearly the end", 15, 13, 1, 5},
};

static void clean(void **unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		uint32_t round = places[i].round;

		UNIT_ROW(places, i, places[i].what);
		ximage_init(&image);
		fill(places[i].head ? places[i].head : BLOCKS, round);
		record(places[i].at, places[i].head == 1 ? round - 1 : round, places[i].blocks);
		assert_int_equal(state_of_image(), XFSDISK_LOG_CLEAN);
		block((places[i].at + 1) % BLOCKS)[9] = 0; /* another kind of record */
		assert_int_equal(state_of_image(), XFSDISK_LOG_DIRTY);
	}
}

/* One number of an unmount record, changed. */
static const struct {
	const char *what;
	unsigned int at;
	uint32_t value;
	enum xfsdisk_log_state state;
} fields[] = {
	{"another round", 4, 4, XFSDISK_LOG_DIRTY},
	{"version", 8, 1, XFSDISK_LOG_UNKNOWN},
	{"ends before the head", 12, 512, XFSDISK_LOG_DIRTY},
	{"ends behind the head", 12, 2048, XFSDISK_LOG_DIRTY},
	{"length 0", 12, 0, XFSDISK_LOG_UNKNOWN},
	{"too long", 12, 1u << 30, XFSDISK_LOG_UNKNOWN},
	{"from elsewhere", 20, 4, XFSDISK_LOG_UNKNOWN},
	{"more than an unmount", 40, 2, XFSDISK_LOG_DIRTY},
	{"another filesystem", 304, 0, XFSDISK_LOG_UNKNOWN},
	{"size", 320, UINT32_MAX, XFSDISK_LOG_UNKNOWN},
};

static void not_clean(void **unused)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		UNIT_ROW(fields, i, fields[i].what);
		ximage_init(&image);
		fill(8, 5);
		ximage_put(record(5, 5, 2) + fields[i].at, fields[i].value, 4);
		assert_int_equal(state_of_image(), fields[i].state);
	}

	ximage_init(&image);
	fill(8, 5);
	record(5, 5, 2);
	assert_int_equal(state_of_image(), XFSDISK_LOG_CLEAN);
	ximage_put(block(11), 5, 4); /* written out of order */
	assert_int_not_equal(state_of_image(), XFSDISK_LOG_CLEAN);
	fill(8, 5);
	record(5, 5, 2);
	ximage_put(block(2), 6, 4); /* and around the end */
	assert_int_equal(state_of_image(), XFSDISK_LOG_DIRTY);
}

static void not_told(void **unused)
{
	ximage_init(&image);
	assert_int_equal(state_of_image(), XFSDISK_LOG_UNKNOWN); /* zeros */
	fill(8, 5);
	assert_int_equal(state_of_image(), XFSDISK_LOG_UNKNOWN); /* no record at all */
	ximage_put(block(15), 9, 4);
	assert_int_equal(state_of_image(), XFSDISK_LOG_UNKNOWN);

	fill(8, 5);
	record(5, 5, 2);
	image.bad = (struct byte_range){LOG_AT * XIMAGE_BLOCK + 6 * 512, 512};
	assert_int_equal(state_of_image(), XFSDISK_LOG_UNKNOWN);
	image.bad.len = 0;

	ximage_put(image.bytes + 48, 0, 8);
	ximage_seal_sb(&image);
	assert_int_equal(state_of_image(), XFSDISK_LOG_EXTERNAL);
}

static void errors(void **unused)
{
	enum xfsdisk_log_state state = XFSDISK_LOG_DIRTY;
	struct xfsdisk disk;

	ximage_init(&image);
	fill(8, 5);
	record(5, 5, 2);
	assert_int_equal(ximage_open(&image, &disk), 0);
	image.bad = (struct byte_range){LOG_AT * XIMAGE_BLOCK, 512};
	image.error = -ENODEV;
	assert_int_equal(xfsdisk_log(&disk, &state), -ENODEV);
	assert_int_equal(state, XFSDISK_LOG_DIRTY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean),
		cmocka_unit_test(not_clean),
		cmocka_unit_test(not_told),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
