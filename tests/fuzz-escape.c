/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names: what a terminal gets is printable and can be read back, what JSON
 * gets is UTF-8, unchanged where it was already, and base64 is its own inverse.
 */
#include <errno.h>
#include "escape.h"
#include "fuzz.h"

static unsigned int hex(char c)
{
	fuzz_require((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
	return (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* Reads @shown back in place. */
static void unescape(char *shown)
{
	char *out = shown;

	for (; *shown; shown++) {
		if (*shown != '\\') {
			*out++ = *shown;
			continue;
		}
		shown++;
		fuzz_require(*shown && strchr("nt\\x", *shown));
		if (*shown == 'x') {
			*out++ = (char)(hex(shown[1]) << 4 | hex(shown[2]));
			shown += 2;
		} else {
			*out++ = *shown == 'n' ? '\n' : *shown == 't' ? '\t' : '\\';
		}
	}
	*out = '\0';
}

static void check_terminal(const char *raw)
{
	CLEANUP(freep) char *shown = NULL;

	fuzz_require(!escape_terminal(raw, &shown));
	fuzz_require(utf8_valid(shown, strlen(shown)));
	for (const unsigned char *p = (unsigned char *)shown; *p; p++) {
		fuzz_require(*p >= 0x20 && *p != 0x7f);
		fuzz_require(p[0] != 0xc2 || p[1] > 0x9f); /* C1 */
		/* line separators, bidirectional overrides and isolates */
		fuzz_require(p[0] != 0xe2 || p[1] != 0x80 || p[2] < 0xa8 || p[2] > 0xae);
		fuzz_require(p[0] != 0xe2 || p[1] != 0x81 || p[2] < 0xa6 || p[2] > 0xa9);
	}
	unescape(shown);
	fuzz_require(!strcmp(shown, raw));
}

static void check_utf8(const char *raw, size_t size)
{
	CLEANUP(freep) char *text = NULL;

	fuzz_require(!utf8_replace(raw, size, &text));
	fuzz_require(utf8_valid(text, strlen(text)));
	fuzz_require(utf8_valid(raw, size) == (strlen(text) == size && !memcmp(text, raw, size)));
}

static void check_base64(const char *raw, size_t size)
{
	CLEANUP(freep) char *text = NULL, *again = NULL;
	CLEANUP(freep) void *back = NULL, *decoded = NULL;
	size_t len = 0;
	int r;

	fuzz_require(!base64_encode(raw, size, &text));
	fuzz_require(!base64_decode(text, strlen(text), &back, &len));
	fuzz_require(len == size && !memcmp(back, raw, size));

	r = base64_decode(raw, size, &decoded, &len);
	fuzz_require(r == 0 || r == -EBADMSG);
	if (r)
		return;
	fuzz_require(!base64_encode(decoded, len, &again));
	fuzz_require(strlen(again) == size && !memcmp(again, raw, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(freep) char *text = fuzz_text(data, size);
	const char *raw = size ? (const char *)data : "";

	check_terminal(text);
	check_utf8(raw, size);
	check_base64(raw, size);
	return 0;
}
