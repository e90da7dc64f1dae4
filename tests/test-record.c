/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings as JSON: what programs read (word for word), that nothing is lost on
 * the way there and back. What is refused: test-record_parse.c.
 */
#include "unit.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "record_sample.h"

static void same_maps(const struct findings *a, const struct found_holder *x,
		      const struct findings *b, const struct found_holder *y)
{
	const struct found_map *left, *right;
	size_t n, m;

	left = findings_holder_maps(a, x, &n);
	right = findings_holder_maps(b, y, &m);
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(left[i].range.start, right[i].range.start);
		assert_int_equal(left[i].range.len, right[i].range.len);
		assert_int_equal(left[i].perms, right[i].perms);
	}
}

static void same_home(const struct findings *a, uint32_t x, const struct findings *b, uint32_t y)
{
	struct holder_home left, right;

	findings_home(a, x, &left);
	findings_home(b, y, &right);
	assert_string_equal(left.user ? left.user : "", right.user ? right.user : "");
	assert_string_equal(left.unit ? left.unit : "", right.unit ? right.unit : "");
	assert_string_equal(left.user_unit ? left.user_unit : "",
			    right.user_unit ? right.user_unit : "");
	assert_string_equal(left.slice ? left.slice : "", right.slice ? right.slice : "");
	assert_string_equal(left.container ? left.container : "",
			    right.container ? right.container : "");
	assert_int_equal(left.kind, right.kind);
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
		assert_int_equal(a->holders[i].flags, b->holders[i].flags);
		assert_int_equal(a->holders[i].uid, b->holders[i].uid);
		same_maps(a, &a->holders[i], b, &b->holders[i]);
		same_home(a, a->holders[i].home, b, b->holders[i].home);
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
	assert_string_equal(a->place->ns, b->place->ns);
	assert_string_equal(a->place->region, b->place->region);
	assert_int_equal(a->place->has_address, b->place->has_address);
	assert_int_equal(a->place->address, b->place->address);
	assert_int_equal(a->place->n_dimms, b->place->n_dimms);
	for (size_t i = 0; i < a->place->n_dimms; i++)
		assert_string_equal(a->place->dimms[i].name, b->place->dimms[i].name);
	assert_int_equal(a->reasons, b->reasons);
	assert_int_equal(a->n_items, b->n_items);
	for (size_t i = 0; i < a->n_items; i++)
		assert_memory_equal(&a->items[i], &b->items[i], sizeof(a->items[i]));
	assert_same_files(a, b);
}

static void test_round_trip(void **state)
{
	CLEANUP(findings_freep) struct findings *f = sample_make(), *back = NULL;
	CLEANUP(freep) char *text = sample_text(f, SIZE_MAX), *again = NULL;

	assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
	assert_same(f, back);
	assert_null(back->whole);
	again = sample_text(back, SIZE_MAX);
	assert_string_equal(text, again);
}

/* Not XFS, nothing known: as little as possible, and lossless too. */
static void test_round_trip_bare(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL, *back = NULL;
	CLEANUP(freep) char *text = NULL, *again = NULL;

	assert_int_equal(findings_new(&f), 0);
	findings_add_reason(f, REASON_DEVICE_GONE);
	text = sample_text(f, SIZE_MAX);
	assert_null(strstr(text, "filesystem\":"));
	assert_null(strstr(text, "detail"));
	assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
	assert_null(back->device);
	assert_null(back->fs_type);
	assert_int_equal(back->geom.block_size, 0);
	assert_int_equal(back->reasons, 1u << REASON_DEVICE_GONE);
	again = sample_text(back, SIZE_MAX);
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
	 "\"/woiY29tbQ==\", \"mapped\": false, \"open\": \"read\", \"uid\": 4294967295, "
	 "\"user\": \"my\xef\xbf\xbdsql\", \"user_base64\": \"bXn/c3Fs\", \"unit\": "
	 "\"user@1000.service\", "
	 "\"user_unit\": \"app-x\\\\x2d.scope\", \"slice\": \"user-1000.slice\" } ] } ] } }"},
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
	 "\"paths\": [ { \"path\": \"x\" } ], "
	 "\"holders\": [ { \"pid\": 1, \"comm\": \"x\", \"mapped\": false, "
	 "\"open\": \"read-write\", \"uid\": 0, \"early_kill\": false }, "
	 "{ \"pid\": 2, \"comm\": \"\", \"mapped\": false, \"open\": \"write\", "
	 "\"user\": \"my\xef\xbf\xbdsql\", \"user_base64\": \"bXn/c3Fs\", \"unit\": "
	 "\"user@1000.service\", "
	 "\"user_unit\": \"app-x\\\\x2d.scope\", \"slice\": \"user-1000.slice\" } ] }"},
	{7,
	 "{ \"offset\": 413696, \"length\": 512, \"owner\": \"file-data\", \"impact\": \"none\", "
	 "\"says\": \"@\", \"ino\": 400, \"file_offset\": 18446744073709551103, "
	 "\"unwritten\": true, \"gen\": 4294967295, \"type\": \"file\", "
	 "\"size\": 18446744073709551615, \"links\": 0, \"deleted\": true, "
	 "\"holders\": [ { \"pid\": 2147483647, \"comm\": \"fifteen bytes!!\", "
	 "\"mapped\": true, \"open\": \"neither\", \"early_kill\": true, "
	 "\"container\": { \"kind\": \"lxc\", \"id\": \"we\xef\xbf\xbd"
	 "b\", "
	 "\"id_base64\": \"d2X/Yg==\" }, "
	 "\"maps\": [ { \"offset\": 0, \"length\": 4096, \"shared\": true, \"read\": true }, "
	 "{ \"offset\": 0, \"length\": 8192, \"shared\": false, \"read\": true, "
	 "\"exec\": true }, "
	 "{ \"offset\": 69632, \"length\": 512, \"shared\": true, \"read\": true, "
	 "\"write\": true }, "
	 "{ \"offset\": 18446744073709547519, \"length\": 4096, \"shared\": false } ], "
	 "\"overlap\": 512 } ] }"},
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
	CLEANUP(findings_freep) struct findings *f = sample_make();

	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		CLEANUP(record_freep) struct json_object *object = NULL;
		const char *at = strchr(written[i].json, '@'), *says;
		char want[2048];

		UNIT_ROW(written, i, fs_owner_token(sample_items[written[i].index].kind));
		says = finding_says(&sample_items[written[i].index]);
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
		"\"devno\":\"259:1048575\",\"size\":16777216},"
		"\"namespace\":\"namespace0.0\",\"region\":\"region0\","
		"\"physical_address\":4313841664,\"dimms\":[\"nmem0\",\"nmem1\"],"
		"\"filesystem\":{\"type\":\"xfs\","
		"\"mountpoint\":\"/srv/\xef\xbf\xbdmount\",\"mountpoint_base64\":\"L3Nydi//"
		"bW91bnQ=\","
		"\"uuid\":\"12345678-9abc-def0-0001-0203040506ff\",\"block_size\":4096,"
		"\"sector_size\":512,\"inode_size\":512,\"ag_blocks\":1000,\"ag_count\":4,"
		"\"data_blocks\":3900,\"rmapbt\":true,\"reflink\":true,\"parent\":false,"
		"\"sparse_inodes\":true,\"log\":{\"offset\":6144000,\"length\":409600}},"
		"\"complete\":false,\"reasons\":[{\"reason\":\"paths-outside\",\"says\":";
	static const char tail[] =
		"\"detail\":\"pmem0p1, \xef\xbf\xbd\",\"detail_base64\":\"cG1lbTBwMSwggA==\","
		"\"holders\":[{\"pid\":3,\"comm\":\"db\",\"mapped\":false,\"open\":\"neither\","
		"\"container\":{\"kind\":\"lxc\",\"id\":\"we\xef\xbf\xbd"
		"b\",\"id_base64\":\"d2X/Yg==\"}}],"
		"\"summary\":{\"data_bytes\":1536,\"metadata_bytes\":7680,\"unknown_bytes\":2560,"
		"\"nothing_bytes\":5120,\"files\":2,\"metadata_files\":3,\"lost_inodes\":2,"
		"\"worst\":\"metadata\"}}";
	CLEANUP(findings_freep) struct findings *f = sample_make();
	CLEANUP(freep) char *text = sample_text(f, 0);

	assert_int_equal(strncmp(text, want, sizeof(want) - 1), 0);
	assert_true(strlen(text) > sizeof(tail));
	assert_string_equal(text + strlen(text) - sizeof(tail) + 1, tail);
	assert_null(strstr(text, "findings\":["));
	assert_null(strstr(text, "asked\":["));
	assert_null(strstr(text, "truncated"));
	f->reasons = 0;
	free(text);
	text = sample_text(f, 0);
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
	CLEANUP(findings_freep) struct findings *f = sample_make();

	assert_int_equal(findings_summarise(f, &all), 0);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		CLEANUP(findings_freep) struct findings *back = NULL;
		CLEANUP(freep) char *text = sample_text(f, limits[i].limit), *again = NULL;

		UNIT_ROW(limits, i, NULL);
		assert_int_equal(record_parse_findings(text, strlen(text), &back), 0);
		assert_int_equal(back->reasons, f->reasons | 1u << REASON_TRUNCATED);
		assert_int_equal(back->n_items, limits[i].n);
		for (size_t k = 0; k < limits[i].n; k++)
			assert_int_equal(back->items[k].start, limits[i].starts[k]);
		/* the totals are those of all, and stay so */
		assert_int_equal(findings_summarise(back, &kept), 0);
		assert_same_totals(&kept, &all);
		again = sample_text(back, SIZE_MAX);
		assert_string_equal(text, again);
	}
	{
		CLEANUP(freep) char *text = sample_text(f, ARRAY_SIZE(sample_items));

		assert_null(strstr(text, "truncated"));
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
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_round_trip_bare),
		cmocka_unit_test(test_written),    cmocka_unit_test(test_head),
		cmocka_unit_test(test_limits),

		cmocka_unit_test(test_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
