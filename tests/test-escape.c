/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names on their way to people (nothing may forge a line) and to JSON (nothing may be lost). */
#include "unit.h"
#include <errno.h>
#include <string.h>
#include "escape.h"

static void test_terminal(void **state)
{
	static const struct {
		const char *raw, *shown;
	} vectors[] = {
		{"", ""},
		{"/srv/db/orders.ibd", "/srv/db/orders.ibd"},
		{"a b", "a b"},
		{"a\nb\tc", "a\\nb\\tc"},
		{"a\\nb", "a\\\\nb"},
		{"\r\v\f\b\a", "\\x0d\\x0b\\x0c\\x08\\x07"},
		{"\x1b[31mred", "\\x1b[31mred"},
		{"\x7f", "\\x7f"},
		{"\xc2\x80 \xc2\x9b 31m \xc2\x9f", "\\xc2\\x80 \\xc2\\x9b 31m \\xc2\\x9f"},
		{"\xc2\xa0\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8c",
		 "\xc2\xa0\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8c"},
		{"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9",
		 "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xa9"},
		{"\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
		 "\\xe2\\x80\\xaa\\xe2\\x80\\xae\xe2\x80\xaf"},
		{"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
		 "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9\xe2\x81\xaa"},
		{"caf\xe9", "caf\\xe9"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xc3", "\\xc3"},
		{"\xe2\x82", "\\xe2\\x82"},
		{"\xe2\x82z", "\\xe2\\x82z"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(freep) char *shown = NULL;

		UNIT_ROW(vectors, i, vectors[i].shown);
		assert_int_equal(escape_terminal(vectors[i].raw, &shown), 0);
		assert_string_equal(shown, vectors[i].shown);
	}
}

static int hex(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* reads an escaped text back */
static size_t unescape(const char *shown, char *raw)
{
	size_t n = 0;

	for (; *shown; shown++) {
		if (*shown != '\\') {
			raw[n++] = *shown;
			continue;
		}
		switch (*++shown) {
		case 'n': raw[n++] = '\n'; break;
		case 't': raw[n++] = '\t'; break;
		case '\\': raw[n++] = '\\'; break;
		case 'x':
			raw[n++] = (char)(hex(shown[1]) << 4 | hex(shown[2]));
			shown += 2;
			break;
		default: fail_msg("\\%c", *shown);
		}
	}
	raw[n] = '\0';
	return n;
}

/* Every pair of bytes: shown without a control character, as UTF-8, and readable back. */
static void test_terminal_pairs(void **state)
{
	for (unsigned int a = 1; a < 256; a++) {
		for (unsigned int b = 1; b < 256; b++) {
			char raw[] = {(char)a, (char)b, '\0'}, back[16];
			CLEANUP(freep) char *shown = NULL;

			assert_int_equal(escape_terminal(raw, &shown), 0);
			assert_true(utf8_valid(shown, strlen(shown)));
			for (const char *p = shown; *p; p++)
				assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
			assert_int_equal(unescape(shown, back), 2);
			assert_string_equal(back, raw);
		}
	}
}

#define TEXT(s) (s), sizeof(s) - 1
#define FFFD    "\xef\xbf\xbd"

static void test_utf8(void **state)
{
	static const struct {
		const char *raw;
		size_t len;
		const char *replaced; /* NULL: is valid, and stays as it is */
	} vectors[] = {
		{TEXT(""), NULL},
		{TEXT("plain\n\x01\x7f"), NULL},
		{TEXT("\xc2\x80\xdf\xbf"), NULL},
		{TEXT("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"), NULL},
		{TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"), NULL},
		{TEXT("\xef\xbf\xbd"), NULL},
		{TEXT("a\0b"), "a" FFFD "b"},
		{TEXT("\x80"), FFFD},
		{TEXT("caf\xe9!"), "caf" FFFD "!"},
		{TEXT("\xc1\xbf"), FFFD FFFD},
		{TEXT("\xc2"), FFFD},
		{TEXT("\xc2z"), FFFD "z"},
		{TEXT("\xe0\x9f\xbf"), FFFD FFFD FFFD},
		{TEXT("\xed\xa0\x80"), FFFD FFFD FFFD},
		{TEXT("\xf0\x8f\xbf\xbf"), FFFD FFFD FFFD FFFD},
		{TEXT("\xf4\x90\x80\x80"), FFFD FFFD FFFD FFFD},
		{TEXT("\xf5\x80\x80\x80"), FFFD FFFD FFFD FFFD},
		{TEXT("\xe2\x82\xe2\x82\xac"), FFFD FFFD "\xe2\x82\xac"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		const char *want = vectors[i].replaced ? vectors[i].replaced : vectors[i].raw;
		CLEANUP(freep) char *exact = NULL;
		CLEANUP(freep) char *got = NULL;

		UNIT_ROW(vectors, i, want);
		/* a copy without a byte to spare, so that reading on is seen */
		exact = malloc(vectors[i].len ? vectors[i].len : 1);
		assert_non_null(exact);
		memcpy(exact, vectors[i].raw, vectors[i].len);
		assert_int_equal(utf8_valid(exact, vectors[i].len), !vectors[i].replaced);
		assert_int_equal(utf8_replace(exact, vectors[i].len, &got), 0);
		assert_string_equal(got, want);
		assert_true(utf8_valid(got, strlen(got)));
	}
}

static void test_base64(void **state)
{
	static const struct {
		const char *raw;
		size_t len;
		const char *text;
	} vectors[] = {
		/* RFC 4648, section 10 */
		{TEXT(""), ""},
		{TEXT("f"), "Zg=="},
		{TEXT("fo"), "Zm8="},
		{TEXT("foo"), "Zm9v"},
		{TEXT("foob"), "Zm9vYg=="},
		{TEXT("fooba"), "Zm9vYmE="},
		{TEXT("foobar"), "Zm9vYmFy"},
		{TEXT("\0\0\0"), "AAAA"},
		{TEXT("\xff\xff\xff"), "////"},
		{TEXT("\xfb\xef\xbe"), "++++"},
		{TEXT("caf\xe9\n\0"), "Y2Fm6QoA"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		CLEANUP(freep) char *text = NULL;
		CLEANUP(freep) void *back = NULL;
		size_t len = 99;

		UNIT_ROW(vectors, i, vectors[i].text);
		assert_int_equal(base64_encode(vectors[i].raw, vectors[i].len, &text), 0);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(base64_decode(text, strlen(text), &back, &len), 0);
		assert_int_equal(len, vectors[i].len);
		assert_memory_equal(back, vectors[i].raw, len);
		assert_int_equal(((char *)back)[len], 0);
	}
}

static void test_not_base64(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} vectors[] = {
		{TEXT("Z")},      {TEXT("Zg")},      {TEXT("Zg=")},   {TEXT("Zm9vYg")},
		{TEXT("Zg==\n")}, {TEXT("Zm 9v")},   {TEXT("Zm9\n")}, {TEXT("====")},
		{TEXT("Z===")},   {TEXT("=Zg=")},    {TEXT("Z=g=")},  {TEXT("Zg==Zg==")},
		{TEXT("Zm+=")},   {TEXT("Zh==")},    {TEXT("Zm9=")},  {TEXT("Zm9-")},
		{TEXT("Zm9_")},   {TEXT("Zm9\xff")}, {TEXT("Zm\0v")}, {TEXT("Zg=a")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		/* a copy without a byte to spare, so that reading on is seen */
		CLEANUP(freep) char *exact = malloc(vectors[i].len);
		size_t len = 99;
		void *back = &len;

		UNIT_ROW(vectors, i, vectors[i].text);
		assert_non_null(exact);
		memcpy(exact, vectors[i].text, vectors[i].len);
		assert_int_equal(base64_decode(exact, vectors[i].len, &back, &len), -EBADMSG);
		assert_ptr_equal(back, &len);
		assert_int_equal(len, 99);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terminal),   cmocka_unit_test(test_terminal_pairs),
		cmocka_unit_test(test_utf8),       cmocka_unit_test(test_base64),
		cmocka_unit_test(test_not_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
