/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings as JSON: what programs read (word for word), that nothing is lost on
 * the way there and back, and that nothing but a findings record is read as one.
 */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "record.h"

#define NO FINDING_NO_FILE

static const struct fsgeom geom = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 1000,
	.ag_count = 4,
	.data_blocks = 3900,
	.features = FSGEOM_RMAPBT | FSGEOM_REFLINK | FSGEOM_SPARSE_INODES,
	.log = {6144000, 409600},
	.uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0, 1, 2, 3, 4, 5, 6, 0xff},
};

/* Sorted, as the locator leaves them. */
static const struct finding items[] = {
	{0, 512, 0, 0, NO, FS_OWNER_SUPERBLOCK, FINDING_PRIMARY, 0},
	{65536, 4096, 128, 0, NO, FS_OWNER_INODES, 0, 8},
	{69632, 512, 136, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNUSED, 1},
	{70144, 512, 137, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNREADABLE, 1},
	{131072, 4096, 0, 0, NO, FS_OWNER_FREE, 0, 0},
	{409600, 1024, 69632, 131, 1, FS_OWNER_DATA, FINDING_SHARED, 0},
	{409600, 1024, 0, 977, 5, FS_OWNER_DATA, FINDING_SHARED | FINDING_PAST_EOF, 0},
	{413696, 512, UINT64_MAX - 512, 400, 4, FS_OWNER_DATA, FINDING_UNWRITTEN, 0},
	{417792, 512, 0, 131, 1, FS_OWNER_ATTR, 0, 0},
	{418304, 512, 0, 131, 1, FS_OWNER_EXTENT_MAP, 0, 0},
	{421888, 512, 0, 128, 0, FS_OWNER_DIRECTORY, 0, 0},
	{425984, 512, 0, 300, 2, FS_OWNER_DATA, 0, 0},
	{430080, 512, 0, 301, 3, FS_OWNER_INTERNAL, 0, 0},
	{8192512, 512, 0, 0, NO, FS_OWNER_AGF, 0, 0},
	{UINT64_MAX - 512, 512, 0, 0, NO, FS_OWNER_UNKNOWN, 0, 0},
};

static const struct found_file files[] = {
	{128, 4096, 1, S_IFDIR, 7, 0, 0, FOUND_FILE_PATHS | FOUND_FILE_IN_LOST_CLUSTER},
	{131, 5000, 0x5f3a, S_IFREG, 3, 0, 0,
	 FOUND_FILE_PATHS | FOUND_FILE_NO_PATH | FOUND_FILE_IN_LOST_CLUSTER},
	{300, 0, 0, 0, 0, 0, 0, FOUND_FILE_VANISHED},
	{301, 0, 0, 0, 0, 0, 0, FOUND_FILE_INTERNAL},
	{400, UINT64_MAX, UINT32_MAX, S_IFREG, 0, 0, 0, FOUND_FILE_DELETED},
	{977, 0, 0, S_IFREG, 1, 0, 0, FOUND_FILE_PATHS},
};

static const struct {
	size_t file;
	const char *path;
} paths[] = {
	{0, "/srv/db"},
	{1, "/srv/db/orders.ibd"},
	{1, "/srv/db/new\nline \"quoted\" \\back\x1b[31m"},
	{1, "/srv/db/not utf-8 \xff\xfe \xc3\x28 end\xc3"},
	{1, "/srv/db/\xc3\xa9t\xc3\xa9 \xe2\x80\xae \xf0\x9f\x92\xbe"},
	{5, "x"},
};

static const struct found_holder holders[] = {
	{1, 2210, true, "mysqld"},
	{1, 2211, false, "\xff\n\"comm"},
	{4, INT32_MAX, true, "fifteen bytes!!"},
};

static struct findings *make(void)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup("pmem0");
	f->devno = makedev(259, 1048575);
	f->device_size = 16777216;
	f->fs_type = strdup("xfs");
	f->mountpoint = strdup("/srv/\xffmount");
	f->detail = strdup("pmem0p1, \x80");
	f->geom = geom;
	f->reasons = 1u << REASON_CHANGED | 1u << REASON_PATHS_OUTSIDE;
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){0, 512}), 0);
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){409600, 16384}), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(findings_add_file(f, &files[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		assert_int_equal(findings_add_path(f, paths[i].file, paths[i].path), 0);
	for (size_t i = 0; i < ARRAY_SIZE(holders); i++)
		assert_int_equal(findings_add_holder(f, &holders[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		assert_int_equal(findings_add(f, &items[i]), 0);
	return f;
}

/* The text of a record; free(). */
static char *text_of(const struct findings *f, size_t limit)
{
	CLEANUP(record_freep) struct json_object *object = NULL;
	char *text;

	assert_int_equal(record_from_findings(f, limit, &object), 0);
	text = strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
	assert_non_null(text);
	return text;
}

static void assert_same_files(const struct findings *a, const struct findings *b)
{
	assert_int_equal(a->n_files, b->n_files);
	for (size_t i = 0; i < a->n_files; i++) {
		const struct found_file *x = &a->files[i], *y = &b->files[i];
		uint32_t left = 0, right = 0;
		const char *path;

		assert_int_equal(x->ino, y->ino);
		assert_int_equal(x->size, y->size);
		assert_int_equal(x->gen, y->gen);
		assert_int_equal(x->mode & S_IFMT, y->mode);
		assert_int_equal(x->nlink, y->nlink);
		assert_int_equal(x->flags, y->flags);
		assert_int_equal(x->n_paths, y->n_paths);
		while ((path = findings_path_next(a, x, &left)))
			assert_string_equal(path, findings_path_next(b, y, &right));
		assert_null(findings_path_next(b, y, &right));
	}
	assert_int_equal(a->n_holders, b->n_holders);
	for (size_t i = 0; i < a->n_holders; i++) {
		assert_int_equal(a->holders[i].file, b->holders[i].file);
		assert_int_equal(a->holders[i].pid, b->holders[i].pid);
		assert_int_equal(a->holders[i].mapped, b->holders[i].mapped);
		assert_string_equal(a->holders[i].comm, b->holders[i].comm);
	}
}

static void assert_same(const struct findings *a, const struct findings *b)
{
	assert_string_equal(a->device, b->device);
	assert_int_equal(a->devno, b->devno);
	assert_int_equal(a->device_size, b->device_size);
	assert_string_equal(a->fs_type, b->fs_type);
	assert_string_equal(a->mountpoint, b->mountpoint);
	assert_string_equal(a->detail, b->detail);
	assert_memory_equal(&a->geom, &b->geom, sizeof(a->geom));
	assert_true(rangeset_equal(&a->asked, &b->asked));
	assert_int_equal(a->reasons, b->reasons);
	assert_int_equal(a->n_items, b->n_items);
	for (size_t i = 0; i < a->n_items; i++)
		assert_memory_equal(&a->items[i], &b->items[i], sizeof(a->items[i]));
	assert_same_files(a, b);
}

static void test_round_trip(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make(), *back = NULL;
	CLEANUP(freep) char *text = text_of(f, SIZE_MAX), *again = NULL;

	assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
	assert_same(f, back);
	assert_null(back->whole);
	again = text_of(back, SIZE_MAX);
	assert_string_equal(text, again);
}

/* Not XFS, nothing known: as little as possible, and lossless too. */
static void test_round_trip_bare(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL, *back = NULL;
	CLEANUP(freep) char *text = NULL, *again = NULL;

	assert_int_equal(findings_new(&f), 0);
	findings_add_reason(f, REASON_DEVICE_GONE);
	text = text_of(f, SIZE_MAX);
	assert_null(strstr(text, "filesystem\":"));
	assert_null(strstr(text, "detail"));
	assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
	assert_null(back->device);
	assert_null(back->fs_type);
	assert_int_equal(back->geom.block_size, 0);
	assert_int_equal(back->reasons, 1u << REASON_DEVICE_GONE);
	again = text_of(back, SIZE_MAX);
	assert_string_equal(text, again);
}

/* What programs rely on, word for word; @: the sentence of impact_says(). */
static const struct {
	size_t index;
	const char *json;
} written[] = {
	{0,
	 "{ \"offset\": 0, \"length\": 512, \"owner\": \"superblock\", \"impact\": \"metadata\", "
	 "\"says\": \"@\", \"agno\": 0, \"primary\": true }"},
	{1,
	 "{ \"offset\": 65536, \"length\": 4096, \"owner\": \"inodes\", \"impact\": \"metadata\", "
	 "\"says\": \"@\", \"agno\": 0, \"inodes\": { \"first\": 128, \"count\": 8, \"in_use\": [ "
	 "{ \"ino\": 128, \"gen\": 1, \"type\": \"directory\", \"size\": 4096, \"links\": 7, "
	 "\"paths\": [ { \"path\": \"/srv/db\" } ] }, "
	 "{ \"ino\": 131, \"gen\": 24378, \"type\": \"file\", \"size\": 5000, \"links\": 3, "
	 "\"paths_missing\": true, \"paths\": [ "
	 "{ \"path\": \"/srv/db/orders.ibd\" }, "
	 "{ \"path\": \"/srv/db/new\\nline \\\"quoted\\\" \\\\back\\u001b[31m\" }, "
	 "{ \"path\": \"/srv/db/not utf-8 \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd( "
	 "end\xef\xbf\xbd\", "
	 "\"path_base64\": \"L3Nydi9kYi9ub3QgdXRmLTgg//4gwyggZW5kww==\" }, "
	 "{ \"path\": \"/srv/db/\xc3\xa9t\xc3\xa9 \xe2\x80\xae \xf0\x9f\x92\xbe\" } ], "
	 "\"holders\": [ { \"pid\": 2210, \"comm\": \"mysqld\", \"mapped\": true }, "
	 "{ \"pid\": 2211, \"comm\": \"\xef\xbf\xbd\\n\\\"comm\", \"comm_base64\": "
	 "\"/woiY29tbQ==\", \"mapped\": false } ] } ] } }"},
	{2, "{ \"offset\": 69632, \"length\": 512, \"owner\": \"inodes\", \"impact\": \"none\", "
	    "\"says\": \"@\", \"agno\": 0, \"inodes\": { \"first\": 136, \"count\": 1, "
	    "\"unused\": true, \"in_use\": [ ] } }"},
	{3,
	 "{ \"offset\": 70144, \"length\": 512, \"owner\": \"inodes\", \"impact\": \"metadata\", "
	 "\"says\": \"@\", \"agno\": 0, \"inodes\": { \"first\": 137, \"count\": 1, "
	 "\"unreadable\": true, \"in_use\": [ ] } }"},
	{4, "{ \"offset\": 131072, \"length\": 4096, \"owner\": \"free\", \"impact\": \"none\", "
	    "\"says\": \"@\" }"},
	{6,
	 "{ \"offset\": 409600, \"length\": 1024, \"owner\": \"file-data\", \"impact\": \"none\", "
	 "\"says\": \"@\", \"ino\": 977, \"file_offset\": 0, \"shared\": true, "
	 "\"past_eof\": true, \"gen\": 0, \"type\": \"file\", \"size\": 0, \"links\": 1, "
	 "\"paths\": [ { \"path\": \"x\" } ] }"},
	{7,
	 "{ \"offset\": 413696, \"length\": 512, \"owner\": \"file-data\", \"impact\": \"none\", "
	 "\"says\": \"@\", \"ino\": 400, \"file_offset\": 18446744073709551103, "
	 "\"unwritten\": true, \"gen\": 4294967295, \"type\": \"file\", "
	 "\"size\": 18446744073709551615, \"links\": 0, \"deleted\": true, "
	 "\"holders\": [ { \"pid\": 2147483647, \"comm\": \"fifteen bytes!!\", "
	 "\"mapped\": true } ] }"},
	{11,
	 "{ \"offset\": 425984, \"length\": 512, \"owner\": \"file-data\", \"impact\": \"data\", "
	 "\"says\": \"@\", \"ino\": 300, \"file_offset\": 0, \"vanished\": true }"},
	{12, "{ \"offset\": 430080, \"length\": 512, \"owner\": \"internal-file\", "
	     "\"impact\": \"metadata\", \"says\": \"@\", \"ino\": 301, \"file_offset\": 0, "
	     "\"internal\": true }"},
	{13,
	 "{ \"offset\": 8192512, \"length\": 512, \"owner\": \"agf\", \"impact\": \"metadata\", "
	 "\"says\": \"@\", \"agno\": 2 }"},
	{14, "{ \"offset\": 18446744073709551103, \"length\": 512, \"owner\": \"unknown\", "
	     "\"impact\": \"unknown\", \"says\": \"@\" }"},
};

static void test_written(void **state)
{
	CLEANUP(findings_freep) struct findings *f = make();

	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		CLEANUP(record_freep) struct json_object *object = NULL;
		const char *at = strchr(written[i].json, '@'), *says;
		char want[2048];

		UNIT_ROW(written, i, fs_owner_token(items[written[i].index].kind));
		says = finding_says(&items[written[i].index]);
		snprintf(want, sizeof(want), "%.*s%s%s", (int)(at - written[i].json),
			 written[i].json, says, at + 1);
		assert_int_equal(record_from_finding(f, written[i].index, &object), 0);
		assert_string_equal(
			json_object_to_json_string_ext(
				object, JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE),
			want);
	}
}

/* The head alone, for a command that streams the findings. */
static void test_head(void **state)
{
	static const char want[] =
		"{\"schema\":1,\"kind\":\"findings\",\"device\":{\"name\":\"pmem0\","
		"\"devno\":\"259:1048575\",\"size\":16777216},\"filesystem\":{\"type\":\"xfs\","
		"\"mountpoint\":\"/srv/\xef\xbf\xbdmount\",\"mountpoint_base64\":\"L3Nydi//"
		"bW91bnQ=\","
		"\"uuid\":\"12345678-9abc-def0-0001-0203040506ff\",\"block_size\":4096,"
		"\"sector_size\":512,\"inode_size\":512,\"ag_blocks\":1000,\"ag_count\":4,"
		"\"data_blocks\":3900,\"rmapbt\":true,\"reflink\":true,\"parent\":false,"
		"\"sparse_inodes\":true,\"log\":{\"offset\":6144000,\"length\":409600}},"
		"\"asked\":[{\"offset\":0,\"length\":512},{\"offset\":409600,\"length\":16384}],"
		"\"complete\":false,\"reasons\":[{\"reason\":\"paths-outside\",\"says\":";
	static const char tail[] =
		"\"detail\":\"pmem0p1, \xef\xbf\xbd\",\"detail_base64\":\"cG1lbTBwMSwggA==\","
		"\"summary\":{\"data_bytes\":1536,\"metadata_bytes\":7680,\"unknown_bytes\":512,"
		"\"nothing_bytes\":5120,\"files\":2,\"metadata_files\":3,\"lost_inodes\":2,"
		"\"worst\":\"metadata\"}}";
	CLEANUP(findings_freep) struct findings *f = make();
	CLEANUP(freep) char *text = text_of(f, 0);

	assert_int_equal(strncmp(text, want, sizeof(want) - 1), 0);
	assert_true(strlen(text) > sizeof(tail));
	assert_string_equal(text + strlen(text) - sizeof(tail) + 1, tail);
	assert_null(strstr(text, "findings\":["));
	assert_null(strstr(text, "truncated"));
	f->reasons = 0;
	free(text);
	text = text_of(f, 0);
	assert_non_null(strstr(text, "\"complete\":true,\"reasons\":[],"));
}

/* What a limit keeps: the worst, by offset; indices into items. */
static const struct {
	size_t limit;
	size_t n;
	uint64_t starts[16];
} limits[] = {
	{1, 1, {0}},
	{3, 3, {0, 65536, 70144}},
	{8, 8, {0, 65536, 70144, 417792, 418304, 421888, 430080, 8192512}},
	{9, 9, {0, 65536, 70144, 409600, 417792, 418304, 421888, 430080, 8192512}},
	{11,
	 11,
	 {0, 65536, 70144, 409600, 417792, 418304, 421888, 425984, 430080, 8192512,
	  UINT64_MAX - 512}},
	{12,
	 12,
	 {0, 65536, 69632, 70144, 409600, 417792, 418304, 421888, 425984, 430080, 8192512,
	  UINT64_MAX - 512}},
};

static void assert_same_totals(const struct findings_summary *a, const struct findings_summary *b)
{
	assert_int_equal(a->data_bytes, b->data_bytes);
	assert_int_equal(a->metadata_bytes, b->metadata_bytes);
	assert_int_equal(a->unknown_bytes, b->unknown_bytes);
	assert_int_equal(a->nothing_bytes, b->nothing_bytes);
	assert_int_equal(a->n_data_files, b->n_data_files);
	assert_int_equal(a->n_metadata_files, b->n_metadata_files);
	assert_int_equal(a->n_lost_inodes, b->n_lost_inodes);
	assert_int_equal(a->worst, b->worst);
}

static void test_limits(void **state)
{
	struct findings_summary all, kept;
	CLEANUP(findings_freep) struct findings *f = make();

	assert_int_equal(findings_summarise(f, &all), 0);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		CLEANUP(findings_freep) struct findings *back = NULL;
		CLEANUP(freep) char *text = text_of(f, limits[i].limit), *again = NULL;

		UNIT_ROW(limits, i, NULL);
		assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
		assert_int_equal(back->reasons, f->reasons | 1u << REASON_TRUNCATED);
		assert_int_equal(back->n_items, limits[i].n);
		for (size_t k = 0; k < limits[i].n; k++)
			assert_int_equal(back->items[k].start, limits[i].starts[k]);
		/* the totals are those of all, and stay so */
		assert_int_equal(findings_summarise(back, &kept), 0);
		assert_same_totals(&kept, &all);
		again = text_of(back, SIZE_MAX);
		assert_string_equal(text, again);
	}
	{
		CLEANUP(freep) char *text = text_of(f, ARRAY_SIZE(items));

		assert_null(strstr(text, "truncated"));
	}
}

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
	{"nested deep", "\"schema\":1", "\"schema\":1,\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]",
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
	CLEANUP(findings_freep) struct findings *f = make();
	CLEANUP(freep) char *text = text_of(f, SIZE_MAX);

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
	CLEANUP(findings_freep) struct findings *f = make(), *back = NULL;
	CLEANUP(freep) char *text = text_of(f, 3), *no_worst = change(text, "\"worst\"", "\"w\"");
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
	CLEANUP(findings_freep) struct findings *f = make();
	CLEANUP(freep) char *text = text_of(f, 2);
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

static const struct {
	uint32_t mode;
	const char *type;
} types[] = {
	{S_IFREG | 0644, "file"},
	{S_IFDIR | 0755, "directory"},
	{S_IFLNK | 0777, "symlink"},
	{S_IFCHR, "character-device"},
	{S_IFBLK, "block-device"},
	{S_IFIFO, "fifo"},
	{S_IFSOCK, "socket"},
	{0, NULL},
	{0644, NULL},
};

static void test_types(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		UNIT_ROW(types, i, types[i].type);
		if (types[i].type)
			assert_string_equal(record_file_type(types[i].mode), types[i].type);
		else
			assert_null(record_file_type(types[i].mode));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_bare),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_truncated_needs_totals),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
