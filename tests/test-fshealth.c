/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of the health monitor and of fanotify, and what is none. */
#include "unit.h"
#include <errno.h>
#include <linux/fanotify.h>
#include <string.h>
#include "fshealth.h"

static const struct {
	uint32_t domain, type;
	uint64_t words[4];
	int r;
	struct fshealth_event want;
} records[] = {
	{0, 0, {0}, 0, {.kind = FSHEALTH_OTHER}},
	{0, 1, {77}, 0, {.kind = FSHEALTH_LOST, .count = 77}},
	{0, 2, {0}, 0, {.kind = FSHEALTH_UNMOUNT}},
	{0, 6, {0x10}, 0, {.kind = FSHEALTH_SHUTDOWN}},
	{1, 3, {1}, 0, {.kind = FSHEALTH_DAMAGED}},
	{2, 4, {1}, 0, {.kind = FSHEALTH_DAMAGED}},
	{3, 5, {1}, 0, {.kind = FSHEALTH_OTHER}}, /* healthy again */
	{5, 7, {2048, 8}, 0, {.kind = FSHEALTH_MEDIA, .range = {1048576, 4096}}},
	{6,
	 7,
	 {1, 1},
	 0,
	 {.kind = FSHEALTH_MEDIA, .where = FSHEALTH_REALTIME, .range = {512, 512}}},
	{7, 7, {0, 2}, 0, {.kind = FSHEALTH_MEDIA, .where = FSHEALTH_LOG, .range = {0, 1024}}},
	{5, 7, {UINT64_MAX / 512 + 1, 1}, -EBADMSG, {.kind = FSHEALTH_OTHER}},
	{5, 7, {UINT64_MAX / 512, UINT64_MAX / 512}, -EBADMSG, {.kind = FSHEALTH_OTHER}},
	{8,
	 12,
	 {69632, 4096, 131, 0x5f3a},
	 0,
	 {.kind = FSHEALTH_DATA_LOST, .range = {69632, 4096}, .ino = 131, .gen = 0x5f3a}},
	{8,
	 8,
	 {0, 512, 9, 1},
	 0,
	 {.kind = FSHEALTH_IO_ERROR, .range = {0, 512}, .ino = 9, .gen = 1}},
	{8, 12, {UINT64_MAX, 2, 9, 1}, -EBADMSG, {.kind = FSHEALTH_OTHER}},
	{8, 99, {1, 2, 3, 4}, 0, {.kind = FSHEALTH_OTHER}}, /* of a later kernel */
	{99, 7, {1, 2, 3, 4}, 0, {.kind = FSHEALTH_OTHER}},
};

static void monitor_records(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct fshealth_event got = {.count = 4711};
		uint64_t wire[8] = {0};
		char shifted[FSHEALTH_RECORD + 1];

		UNIT_ROW(records, i, NULL);
		memcpy(wire, (uint32_t[]){records[i].domain, records[i].type}, 8);
		wire[1] = UINT64_C(1000001999);
		memcpy(wire + 2, records[i].words, sizeof(records[i].words));
		memcpy(shifted + 1, wire, sizeof(wire));
		assert_int_equal(fshealth_parse(shifted + 1, FSHEALTH_RECORD, &got), records[i].r);
		if (records[i].r) {
			assert_int_equal(got.count, 4711);
			continue;
		}
		assert_int_equal(got.kind, records[i].want.kind);
		assert_int_equal(got.at_usec, 1000001);
		assert_int_equal(got.where, records[i].want.where);
		assert_int_equal(got.range.start, records[i].want.range.start);
		assert_int_equal(got.range.len, records[i].want.range.len);
		assert_int_equal(got.ino, records[i].want.ino);
		assert_int_equal(got.gen, records[i].want.gen);
		assert_int_equal(got.count, records[i].want.count);
		assert_int_equal(fshealth_parse(wire, FSHEALTH_RECORD - 1, &got), -EBADMSG);
	}
}

struct told {
	struct fanotify_event_metadata event;
	struct fanotify_event_info_error error;
} __attribute__((packed));

static const struct told template = {
	.event = {sizeof(struct told), FANOTIFY_METADATA_VERSION, 0,
		  sizeof(struct fanotify_event_metadata), FAN_FS_ERROR, FAN_NOFD, 0},
	.error = {{FAN_EVENT_INFO_TYPE_ERROR, 0, sizeof(struct fanotify_event_info_error)}, 5, 3},
};

static void fanotify_events(void **state)
{
	struct told told[3] = {template, template, template};
	struct fshealth_error error;
	size_t at = 0;
	bool lost;

	told[1].error.error = -ESHUTDOWN;
	told[2].event.mask = FAN_Q_OVERFLOW;
	assert_int_equal(fshealth_next_error(told, sizeof(told), &at, &error, &lost), 1);
	assert_int_equal(error.error, EIO);
	assert_int_equal(error.count, 3);
	assert_false(lost);
	assert_int_equal(fshealth_next_error(told, sizeof(told), &at, &error, &lost), 1);
	assert_int_equal(error.error, ESHUTDOWN);
	assert_int_equal(fshealth_next_error(told, sizeof(told), &at, &error, &lost), 1);
	assert_int_equal(error.error, 0);
	assert_true(lost);
	assert_int_equal(at, sizeof(told));
	assert_int_equal(fshealth_next_error(told, sizeof(told), &at, &error, &lost), 0);
}

static void refuse(const struct told *told, size_t len)
{
	struct fshealth_error error;
	size_t at = 0;
	bool lost;

	assert_int_equal(fshealth_next_error(told, len, &at, &error, &lost), -EBADMSG);
	assert_int_equal(at, 0);
}

static void broken_fanotify(void **state)
{
	struct told told = template;

	refuse(&told, sizeof(told) - 1);
	refuse(&told, sizeof(told.event) - 1);
	told.event.vers++;
	refuse(&told, sizeof(told));
	told = template;
	told.event.event_len = sizeof(told.event) - 1; /* would stand still */
	refuse(&told, sizeof(told));
	told = template;
	told.event.metadata_len = sizeof(told) + 1;
	refuse(&told, sizeof(told));
	told = template;
	told.error.hdr.len = 0;
	refuse(&told, sizeof(told));
	told = template;
	told.error.hdr.len++;
	refuse(&told, sizeof(told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monitor_records),
		cmocka_unit_test(fanotify_events),
		cmocka_unit_test(broken_fanotify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
