/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records decoded by the fields of a real kernel's formats (Linux 7.2, without their print
 * texts), and by the same with every field moved: no place is known beforehand.
 */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "trace_event.h"

#define MOVED 64 /* bytes */

struct value {
	const char *name;
	uint64_t value;
};

static const struct {
	const char *name;
	struct value values[5];
	enum media_source source;
	enum tracefact_kind kind;
	struct byte_range range;
} records[] = {
	{"mce_record",
	 {{"status", 0xbd000000000000c0}, {"addr", 0x101201234}, {"misc", 0x8c}, {"cpu", 3}},
	 SOURCE_MCE,
	 TRACEFACT_BAD,
	 {0x101201000, 4096}},
	{"cxl_poison",
	 {{"trace_type", 0}, {"hpa", 0x280000000}, {"dpa", 0x1000}, {"dpa_length", 4096}},
	 SOURCE_CXL,
	 TRACEFACT_BAD,
	 {0x280000000, 4096}},
	{"cxl_poison",
	 {{"trace_type", 0}, {"hpa", UINT64_MAX}, {"dpa", 0x1000}, {"dpa_length", 64}},
	 SOURCE_CXL,
	 TRACEFACT_UNPLACED,
	 {0, 0}},
	{"cxl_general_media",
	 {{"descriptor", 1}, {"hpa", 0x280000240}, {"dpa", 0x240}},
	 SOURCE_CXL,
	 TRACEFACT_BAD,
	 {0x280000200, 512}},
	{"cxl_dram",
	 {{"descriptor", 2}, {"hpa", 0x280000240}, {"dpa", 0x240}},
	 SOURCE_CXL,
	 TRACEFACT_NOTHING,
	 {0, 0}},
};

static char *read_format(const char *name)
{
	CLEANUP(freep) char *path = NULL;
	char *text = calloc(1, 16384);
	FILE *file;

	assert_true(asprintf(&path, "%s/tests/data/trace/%s.format", getenv("srcdir") ?: ".",
			     name) > 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_true(fread(text, 1, 16383, file) > 0);
	fclose(file);
	return text;
}

/* The same format with its own fields further on. */
static char *move_fields(const char *text)
{
	char *moved = calloc(1, 2 * strlen(text) + 4096), *to = moved;
	const char *own = strstr(text, "\n\n");

	assert_non_null(own);
	while (*text) {
		int offset, skip;

		if (text > own && sscanf(text, "offset:%d;%n", &offset, &skip) == 1) {
			to += sprintf(to, "offset:%d;", offset + MOVED);
			text += skip;
		} else {
			*to++ = *text++;
		}
	}
	return moved;
}

static void put(struct tep_event *event, const struct value *value, unsigned char *data)
{
	struct tep_format_field *field = tep_find_field(event, value->name);

	assert_non_null(field);
	assert_true(field->size <= 8);
	memcpy(data + field->offset, &value->value, (size_t)field->size);
}

static void decode(size_t row, const char *format)
{
	struct tep_handle *tep = tep_alloc();
	unsigned char data[512] = {0};
	struct tep_record record = {.data = data, .size = sizeof(data)};
	struct tracefact fact = {.source = SOURCE_N};
	enum tracefact_event which;
	struct tep_event *event;

	assert_int_equal(tep_parse_event(tep, format, strlen(format), "test"), 0);
	event = tep_find_event_by_name(tep, "test", records[row].name);
	assert_non_null(event);
	memcpy(data, &(unsigned short){(unsigned short)event->id}, 2);
	for (size_t i = 0; i < 5 && records[row].values[i].name; i++)
		put(event, &records[row].values[i], data);
	assert_int_equal(trace_event_decode(event, &record, 4096, &which, &fact), 0);
	assert_string_equal(tracefact_event_name(which), records[row].name);
	assert_int_equal(fact.source, records[row].source);
	assert_int_equal(fact.kind, records[row].kind);
	assert_int_equal(fact.range.start, records[row].range.start);
	assert_int_equal(fact.range.len, records[row].range.len);
	tep_free(tep);
}

static void real_formats(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		CLEANUP(freep) char *format = read_format(records[i].name);
		CLEANUP(freep) char *moved = move_fields(format);

		UNIT_ROW(records, i, records[i].name);
		assert_string_not_equal(format, moved);
		decode(i, format);
		decode(i, moved);
	}
}

static void missing_field(void **state)
{
	static const char format[] =
		"name: mce_record\nID: 7\nformat:\n"
		"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\n\tfield:u64 status;\toffset:8;\tsize:8;\tsigned:0;\n\n"
		"print fmt: \"%llx\", REC->status\n";
	struct tep_handle *tep = tep_alloc();
	unsigned char data[64] = {7};
	struct tep_record record = {.data = data, .size = sizeof(data)};
	struct tracefact fact;
	enum tracefact_event which;
	struct tep_event *event;

	assert_int_equal(tep_parse_event(tep, format, sizeof(format) - 1, "mce"), 0);
	event = tep_find_event_by_name(tep, "mce", "mce_record");
	assert_non_null(event);
	assert_int_equal(trace_event_decode(event, &record, 4096, &which, &fact), -ENODATA);
	event->name[0] = 'x';
	assert_int_equal(trace_event_decode(event, &record, 4096, &which, &fact), -ENOENT);
	tep_free(tep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_formats),
		cmocka_unit_test(missing_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
