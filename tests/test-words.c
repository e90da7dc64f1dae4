/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wordings that commands share: losses, names in shell commands, what was hit on one line. */
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "words.h"

struct stream {
	FILE *out;
	char *text;
	size_t len;
};

static struct stream *stream_open(void)
{
	struct stream *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->out = open_memstream(&s->text, &s->len);
	assert_non_null(s->out);
	return s;
}

static void stream_expect(struct stream *s, const char *expected)
{
	assert_int_equal(fclose(s->out), 0);
	assert_string_equal(s->text, expected);
	free(s->text);
	free(s);
}

static void test_quoted(void **state)
{
	static const struct {
		const char *raw, *quoted;
	} vectors[] = {
		{"/srv/db/orders.ibd", "/srv/db/orders.ibd"},
		{"a-b_c.d:e@f%g+h,i=j^k~", "a-b_c.d:e@f%g+h,i=j^k~"},
		{"", "''"},
		{"my file", "'my file'"},
		{"it's", "'it'\\''s'"},
		{"~root", "'~root'"},
		{"-rf", "'-rf'"},
		{"a$(id)`id`\"", "'a$(id)`id`\"'"},
		{"back\\slash", "'back\\slash'"},
		{"new\nline", "$'new\\x0aline'"},
		{"\033[31m'\\", "$'\\x1b[31m\\'\\\\'"},
		{"\xff", "$'\\xff'"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct stream *s = stream_open();

		UNIT_ROW(vectors, i, vectors[i].quoted);
		words_quoted(s->out, vectors[i].raw);
		stream_expect(s, vectors[i].quoted);
	}
}

/* What is quoted comes back through a shell as it was. */
static void test_quoted_by_a_shell(void **state)
{
	static const char *const raws[] = {"/a/b",
					   "my file",
					   "it's",
					   "~",
					   "-n",
					   "$HOME",
					   "a\\nb",
					   "new\nline",
					   "\033[31m'\\\x01"
					   "2",
					   "\xff\xfe x",
					   "\xc3\xa4"
					   "b"};

	if (access("/bin/bash", X_OK))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++) {
		struct stream *s = stream_open();
		char back[64] = "";
		size_t n;
		FILE *shell;

		UNIT_ROW(raws, i, raws[i]);
		fputs("exec /bin/bash -c 'printf %s \"$1\"' - ", s->out);
		words_quoted(s->out, raws[i]);
		assert_int_equal(fclose(s->out), 0);
		/* sh -c would not know $'…': the whole line goes to bash */
		assert_int_equal(setenv("LINE", s->text, 1), 0);
		shell = popen("/bin/bash -c 'eval \"$LINE\"'", "r");
		assert_non_null(shell);
		n = fread(back, 1, sizeof(back) - 1, shell);
		assert_int_equal(pclose(shell), 0);
		assert_int_equal(n, strlen(raws[i]));
		assert_memory_equal(back, raws[i], n);
		free(s->text);
		free(s);
	}
}

static void test_loss(void **state)
{
	static const struct {
		struct findings_summary sum;
		uint32_t reasons;
		const char *verdict, *loss;
	} vectors[] = {
		{{.nothing_bytes = 4096}, 0, "NOTHING LOST", "nothing lost"},
		{{.nothing_bytes = 4096},
		 1u << REASON_LIST_CUT,
		 "NOT KNOWN",
		 "nothing known to be lost"},
		{{.data_bytes = 512, .worst = IMPACT_DATA},
		 0,
		 "DATA LOST",
		 "512 bytes of file data lost"},
		{{.metadata_bytes = 4096, .worst = IMPACT_METADATA},
		 0,
		 "METADATA LOST",
		 "4096 bytes of metadata lost"},
		{{.data_bytes = 512, .metadata_bytes = 512, .worst = IMPACT_METADATA},
		 0,
		 "DATA AND METADATA LOST",
		 "512 bytes of file data and 512 bytes of metadata lost"},
		{{.unknown_bytes = 512, .worst = IMPACT_UNKNOWN},
		 0,
		 "NOT KNOWN",
		 "512 bytes: what they held is not known"},
		{{.data_bytes = 512, .unknown_bytes = 1024, .worst = IMPACT_DATA},
		 2,
		 "DATA LOST",
		 "512 bytes of file data lost; 1024 bytes: what they held is not known"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct stream *s = stream_open();

		UNIT_ROW(vectors, i, vectors[i].loss);
		assert_string_equal(words_verdict(&vectors[i].sum, vectors[i].reasons),
				    vectors[i].verdict);
		words_loss(s->out, &vectors[i].sum, vectors[i].reasons);
		stream_expect(s, vectors[i].loss);
	}
}

static void add(struct findings *f, uint64_t start, uint64_t ino, enum fs_owner_kind kind,
		unsigned int flags)
{
	struct finding item = {.start = start,
			       .len = 512,
			       .offset = start,
			       .ino = ino,
			       .file = FINDING_NO_FILE,
			       .kind = (uint8_t)kind,
			       .flags = (uint8_t)flags};

	for (size_t i = 0; i < f->n_files; i++) {
		if (f->files[i].ino == ino)
			item.file = (uint32_t)i;
	}
	assert_int_equal(findings_add(f, &item), 0);
}

static void expect_what(struct findings *f, const char *expected)
{
	struct stream *s = stream_open();

	findings_sort(f);
	assert_int_equal(words_what(s->out, f), 0);
	stream_expect(s, expected);
}

static void test_what(void **state)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	const struct found_file files[] = {
		{.ino = 131, .flags = FOUND_FILE_PATHS},
		{.ino = 977, .flags = FOUND_FILE_PATHS},
		{.ino = 1000, .flags = FOUND_FILE_PATHS | FOUND_FILE_DELETED},
	};
	const struct found_holder holder = {
		.file = 0, .pid = 2210, .mapped = true, .comm = "mysqld"};

	assert_int_equal(findings_new(&f), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(findings_add_file(f, &files[i]), 0);
	assert_int_equal(findings_add_path(f, 0, "/srv/db/or\nders"), 0);
	assert_int_equal(findings_add_path(f, 1, "/srv/db/snap"), 0);
	expect_what(f, "-");

	add(f, 0, 0, FS_OWNER_FREE, 0);
	expect_what(f, "free space");
	add(f, 512, 0, FS_OWNER_UNKNOWN, 0);
	expect_what(f, "not known");
	add(f, 1024, 131, FS_OWNER_ATTR, 0);
	expect_what(f, "/srv/db/or\\nders: extended attributes; part not known");
	add(f, 2048, 131, FS_OWNER_DATA, FINDING_SHARED);
	add(f, 2048, 977, FS_OWNER_DATA, FINDING_SHARED);
	expect_what(f, "/srv/db/or\\nders, 1 reflink copy; metadata too; part not known");
	add(f, 4096, 1000, FS_OWNER_DATA, 0);
	assert_int_equal(findings_add_path(f, 0, "/srv/db/link"), 0);
	assert_int_equal(findings_add_holder(f, &holder), 0);
	expect_what(f, "/srv/db/or\\nders, 1 hard link, 1 reflink copy, 1 more; metadata too; "
		       "part not known; in use");
}

static void test_file(void **state)
{
	static const struct {
		uint32_t flags;
		const char *text;
	} vectors[] = {
		{0, "inode 131 (name not looked for)"},
		{FOUND_FILE_PATHS | FOUND_FILE_NO_PATH, "inode 131 (no name found)"},
		{FOUND_FILE_PATHS | FOUND_FILE_DELETED, "inode 131 (deleted, not gone yet)"},
		{FOUND_FILE_VANISHED, "inode 131 (deleted meanwhile)"},
		{FOUND_FILE_INTERNAL, "inode 131 (the filesystem's own)"},
		{FOUND_FILE_UNREADABLE, "inode 131 (cannot be read)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		struct found_file file = {.ino = 131, .flags = vectors[i].flags};
		struct stream *s = stream_open();

		UNIT_ROW(vectors, i, vectors[i].text);
		assert_int_equal(findings_new(&f), 0);
		assert_int_equal(findings_add_file(f, &file), 0);
		words_file(s->out, f, 0, 131);
		stream_expect(s, vectors[i].text);
	}
}

/* Where in the file: neighbours are one range, many are counted. */
static void test_bytes(void **state)
{
	static const struct {
		const char *name;
		uint64_t offsets[8]; /* of 512 bytes each; UINT64_MAX ends */
		const char *text;
	} vectors[] = {
		{"one", {0, UINT64_MAX}, "bytes 0-511"},
		{"neighbours", {512, 1024, UINT64_MAX}, "bytes 512-1535"},
		{"apart", {0, 4096, UINT64_MAX}, "bytes 0-511, 4096-4607"},
		{"in any order on the device",
		 {4096, 0, 512, UINT64_MAX},
		 "bytes 0-1023, 4096-4607"},
		{"many",
		 {0, 4096, 8192, 16384, 32768, 33280, UINT64_MAX},
		 "bytes 0-511, 4096-4607, 8192-8703 and 2 more ranges"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(findings_freep) struct findings *f = NULL;
		CLEANUP(hits_deinit) struct hits hits = HITS_NULL;
		struct stream *s = stream_open();

		UNIT_ROW(vectors, i, vectors[i].name);
		assert_int_equal(findings_new(&f), 0);
		for (size_t j = 0; vectors[i].offsets[j] != UINT64_MAX; j++) {
			struct finding item = {.start = j * 4096,
					       .len = 512,
					       .ino = 131,
					       .offset = vectors[i].offsets[j],
					       .file = FINDING_NO_FILE,
					       .kind = FS_OWNER_DATA};

			assert_int_equal(findings_add(f, &item), 0);
		}
		assert_int_equal(hits_group(f, &hits), 0);
		assert_int_equal(hits.n, 1);
		words_hit_bytes(s->out, f, &hits, &hits.items[0]);
		stream_expect(s, vectors[i].text);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quoted), cmocka_unit_test(test_quoted_by_a_shell),
		cmocka_unit_test(test_loss),   cmocka_unit_test(test_what),
		cmocka_unit_test(test_file),   cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
