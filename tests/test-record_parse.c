/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing but a findings record is read as one: any member broken, cut anywhere. */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include "record_sample.h"

/* One place of a good record changed; NULL: cut off there. */
static const struct {
	const char *what, *old, *new;
	bool good;
} changes[] = {
	/* harmless */
	{"computed words are not read", "\"impact\":\"data\"", "\"impact\":7", true},
	{"an unknown member", "\"schema\":1", "\"schema\":1,\"x\":[[]]", true},
	{"asked twice", "\"asked\":[", "\"asked\":[{\"offset\":512,\"length\":512},", true},
	{"a flag said to be false", "\"primary\":true", "\"primary\":false", true},
	{"no geometry", "\"block_size\":4096,", "", true},
	{"white space", "{\"schema\"", " \n\t{ \"schema\"", true},
	/* not a record, or of another kind */
	{"empty", "{", NULL, false},
	{"cut", "\"kind\"", NULL, false},
	{"cut inside", "\"summary\"", NULL, false},
	{"an array", "{\"schema\"", "[{\"schema\"", false},
	{"next schema", "\"schema\":1", "\"schema\":2", false},
	{"schema is text", "\"schema\":1", "\"schema\":\"1\"", false},
	{"no schema", "\"schema\":1,", "", false},
	{"other kind", "\"kind\":\"findings\"", "\"kind\":\"incident\"", false},
	{"kind with NUL", "\"kind\":\"findings\"", "\"kind\":\"findings\\u0000\"", false},
	{"no kind", "\"kind\":\"findings\",", "", false},
	{"trailing comma", "\"schema\":1,", "\"schema\":1,,", false},
	{"a comment", "{\"schema\"", "{/* */\"schema\"", false},
	{"not UTF-8", "mysqld", "mysql\xff", false},
	/* device */
	{"no device", "\"device\":{", "\"devic\":{", false},
	{"device is text", "\"device\":{\"name\":\"pmem0\",", "\"device\":\"\",\"x\":{", false},
	{"name is a number", "\"name\":\"pmem0\"", "\"name\":7", false},
	{"devno without colon", "259:1048575", "2591048575", false},
	{"devno with more", "259:1048575", "259:1048575 ", false},
	{"devno with zeros", "259:1048575", "0259:1048575", false},
	{"devno negative", "259:1048575", "-1:1048575", false},
	{"size negative", "\"size\":16777216", "\"size\":-1", false},
	{"size a fraction", "\"size\":16777216", "\"size\":16777216.0", false},
	{"size text", "\"size\":16777216", "\"size\":\"16777216\"", false},
	{"size missing", "\"size\":16777216", "\"siz\":16777216", false},
	/* filesystem */
	{"filesystem is null", "\"filesystem\":{\"type\":\"xfs\",", "\"filesystem\":null,\"x\":{",
	 false},
	{"type is a number", "\"type\":\"xfs\"", "\"type\":1", false},
	{"block size 0", "\"block_size\":4096", "\"block_size\":0", false},
	{"block size not 32 bits", "\"block_size\":4096", "\"block_size\":4294971392", false},
	{"AGs do not fit", "\"ag_count\":4", "\"ag_count\":3", false},
	{"uuid short", "0203040506ff", "0203040506f", false},
	{"uuid in capitals", "0203040506ff", "0203040506FF", false},
	{"uuid without dash", "9abc-def0", "9abc0def0", false},
	{"rmapbt a number", "\"rmapbt\":true", "\"rmapbt\":1", false},
	{"log beyond the end", "\"offset\":6144000", "\"offset\":61440000000", false},
	{"mountpoint not base64", "L3Nydi//bW91bnQ=", "L3Nydi//bW91bnQ", false},
	{"mountpoint with NUL", "L3Nydi//bW91bnQ=", "L3NydgBtb3VudA==", false},
	{"base64 is a number", "\"mountpoint_base64\":\"L3Nydi//bW91bnQ=\"",
	 "\"mountpoint_base64\":3", false},
	/* asked, reasons */
	{"asked is no array", "\"asked\":[", "\"asked\":1,\"x\":[", false},
	{"asked nothing", "\"asked\":[", "\"asked\":[{\"offset\":1,\"length\":0},", false},
	{"asked wraps", "\"asked\":[",
	 "\"asked\":[{\"offset\":512,\"length\":18446744073709551615},", false},
	{"asked a number", "\"asked\":[", "\"asked\":[7,", false},
	{"asked null", "\"asked\":[", "\"asked\":[null,", false},
	/* where it physically is */
	{"region is a number", "\"region\":\"region0\"", "\"region\":0", false},
	{"region empty", "\"region\":\"region0\"", "\"region\":\"\"", false},
	{"region too long", "\"region\":\"region0\"",
	 "\"region\":\"region0123456789012345678901234567890\"", false},
	{"no region: a record from before", "\"region\":\"region0\",", "", true},
	{"namespace is a number", "\"namespace\":\"namespace0.0\"", "\"namespace\":0", false},
	{"address negative", "\"physical_address\":4313841664", "\"physical_address\":-1", false},
	{"DIMMs no array", "\"dimms\":[\"nmem0\",\"nmem1\"]", "\"dimms\":\"nmem0\"", false},
	{"a DIMM is a number", "\"dimms\":[\"nmem0\",\"nmem1\"]", "\"dimms\":[0]", false},
	{"a DIMM with NUL", "\"dimms\":[\"nmem0\",\"nmem1\"]", "\"dimms\":[\"a\\u0000b\"]", false},
	{"a DIMM with a long name", "\"dimms\":[\"nmem0\",\"nmem1\"]",
	 "\"dimms\":[\"nmem0123456789ab\"]", false},
	{"unknown reason", "\"reason\":\"changed\"", "\"reason\":\"tired\"", false},
	{"reason missing", "\"reason\":\"changed\"", "\"raison\":\"changed\"", false},
	{"reasons missing", "\"reasons\":[", "\"x\":[", false},
	/* findings */
	{"findings no array", "\"findings\":[", "\"findings\":{},\"x\":[", false},
	{"a finding is a number", "\"findings\":[", "\"findings\":[1,", false},
	{"a finding is null", "\"findings\":[", "\"findings\":[null,", false},
	{"a finding is empty", "\"findings\":[", "\"findings\":[{},", false},
	{"unknown owner", "\"owner\":\"free\"", "\"owner\":\"nobody\"", false},
	{"owner missing", "\"owner\":\"free\",", "", false},
	{"length 0", "\"offset\":131072,\"length\":4096", "\"offset\":131072,\"length\":0", false},
	{"length missing", "\"offset\":131072,\"length\":4096", "\"offset\":131072", false},
	{"wraps", "\"offset\":131072,\"length\":4096",
	 "\"offset\":131072,\"length\":18446744073709551615", false},
	{"ino missing", "\"ino\":131,\"file_offset\"", "\"file_offset\"", false},
	{"ino negative", "\"ino\":131,\"file_offset\"", "\"ino\":-131,\"file_offset\"", false},
	{"file offset missing", "\"file_offset\":69632,", "", false},
	{"file offset wraps", "\"file_offset\":69632", "\"file_offset\":18446744073709551615",
	 false},
	{"shared a number", "\"shared\":true", "\"shared\":1", false},
	/* inodes */
	{"inodes missing", "\"inodes\":{\"first\":136", "\"in\":{\"first\":136", false},
	{"count not 16 bits", "\"first\":136,\"count\":1", "\"first\":136,\"count\":65536", false},
	{"numbers wrap", "\"first\":136,\"count\":1", "\"first\":18446744073709551615,\"count\":1",
	 false},
	{"in_use missing", "\"unused\":true,\"in_use\":[]", "\"unused\":true", false},
	{"in_use of numbers", "\"in_use\":[]", "\"in_use\":[131]", false},
	{"in_use without ino", "\"in_use\":[]", "\"in_use\":[{}]", false},
	/* files */
	{"unknown type", "\"type\":\"directory\"", "\"type\":\"folder\"", false},
	{"gen not 32 bits", "\"gen\":24378", "\"gen\":4294967296", false},
	{"gen missing", "\"gen\":24378,", "", false},
	{"links negative", "\"links\":3", "\"links\":-3", false},
	{"vanished is text", "\"vanished\":true", "\"vanished\":\"yes\"", false},
	{"paths no array", "\"paths\":[{\"path\":\"x\"}]", "\"paths\":{}", false},
	{"a path is text", "\"paths\":[{\"path\":\"x\"}]", "\"paths\":[\"x\"]", false},
	{"a path is empty", "{\"path\":\"x\"}", "{\"path\":\"\"}", false},
	{"a path with NUL", "{\"path\":\"x\"}", "{\"path\":\"x\\u0000y\"}", false},
	{"a path is missing", "{\"path\":\"x\"}", "{\"pat\":\"x\"}", false},
	{"a path is empty in base64", "{\"path\":\"x\"}", "{\"path\":\"x\",\"path_base64\":\"\"}",
	 false},
	{"holders no array", "\"holders\":[", "\"holders\":1,\"x\":[", false},
	{"a holder is a number", "\"holders\":[", "\"holders\":[1,", false},
	{"pid negative", "\"pid\":2210", "\"pid\":-1", false},
	{"pid too large", "\"pid\":2210", "\"pid\":2147483648", false},
	{"comm too long", "\"comm\":\"mysqld\"", "\"comm\":\"sixteen bytes !!\"", false},
	{"comm missing", "\"comm\":\"mysqld\",", "", false},
	{"mapped missing", ",\"mapped\":true", "", false},
	/* truncated: its totals are needed */
	{"no totals", "\"reason\":\"changed\"", "\"reason\":\"truncated\"", true},
	{"nested deep", "\"schema\":1",
	 "\"schema\":1,\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	 false},
};

/* @text with every place of @old changed; free(). */
static char *change(const char *text, const char *old, const char *new)
{
	size_t n = 0, size = strlen(text) + 1;
	const char *at = text, *next;
	char *changed;

	for (const char *p = text; (p = strstr(p, old)); p++)
		n++;
	assert_true(n > 0);
	changed = calloc(1, size + n * (new ? strlen(new) : 0));
	assert_non_null(changed);
	while ((next = strstr(at, old))) {
		strncat(changed, at, (size_t)(next - at));
		if (!new)
			return changed;
		strcat(changed, new);
		at = next + strlen(old);
	}
	strcat(changed, at);
	return changed;
}

static void test_changes(void **state)
{
	CLEANUP(findings_freep) struct findings *f = sample_make();
	CLEANUP(freep) char *text = sample_text(f, SIZE_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		CLEANUP(findings_freep) struct findings *back = NULL;
		CLEANUP(freep) char *changed = change(text, changes[i].old, changes[i].new);

		UNIT_ROW(changes, i, changes[i].what);
		assert_int_equal(record_parse_findings(changed, strlen(changed), &back),
				 changes[i].good ? 0 : -EBADMSG);
		assert_int_equal(back != NULL, changes[i].good);
	}
}

static void test_truncated_needs_totals(void **state)
{
	CLEANUP(findings_freep) struct findings *f = sample_make(), *back = NULL;
	CLEANUP(freep)
	char *text = sample_text(f, 3), *no_worst = change(text, "\"worst\"", "\"w\"");
	CLEANUP(freep) char *no_sum = change(text, "\"summary\"", "\"s\"");
	CLEANUP(freep) char *negative = change(text, "\"data_bytes\":", "\"data_bytes\":-");

	assert_int_equal(record_parse_findings(no_worst, strlen(no_worst), &back), -EBADMSG);
	assert_int_equal(record_parse_findings(no_sum, strlen(no_sum), &back), -EBADMSG);
	assert_int_equal(record_parse_findings(negative, strlen(negative), &back), -EBADMSG);
	assert_null(back);
}

/* Every prefix of a record is no record, and no byte behind it is read. */
static void test_prefixes(void **state)
{
	CLEANUP(findings_freep) struct findings *f = sample_make();
	CLEANUP(freep) char *text = sample_text(f, 2);
	size_t len = strlen(text);

	for (size_t n = 0; n < len; n++) {
		CLEANUP(freep) char *part = malloc(n ? n : 1);
		struct findings *back = NULL;

		assert_non_null(part);
		memcpy(part, text, n);
		assert_int_equal(record_parse_findings(part, n, &back), -EBADMSG);
	}
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(freep) char *more = NULL;
		CLEANUP(findings_freep) struct findings *back = NULL;
		int r;

		assert_true(asprintf(&more, "%s%s", text, i ? " x" : " \n") > 0);
		r = record_parse_findings(more, strlen(more), &back);
		assert_int_equal(r, i ? -EBADMSG : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_truncated_needs_totals),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
