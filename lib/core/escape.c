/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names from outside on their way to people and into JSON.
 *
 * A path is bytes; a terminal and JSON want text. For a terminal every byte
 * that could forge a line, move the cursor or turn the reading direction is
 * spelled out, and the backslash too, so that the spelling can be read back.
 * For JSON what is not UTF-8 becomes U+FFFD, and base64 carries the exact
 * bytes beside it (RFC 4648, padded, canonical). UTF-8 is that of RFC 3629:
 * no overlong forms, no surrogates, nothing beyond U+10FFFF.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "escape.h"

/*
 * Length of the character at @p, 0 where the bytes are not UTF-8. NUL is
 * none: a name cannot hold it, and what is made of it ends in NUL.
 */
static size_t utf8_next(const unsigned char *p, size_t len, uint32_t *ret)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t n;

	if (p[0] < 0x80) {
		*ret = p[0];
		return p[0] ? 1 : 0;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		n = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		n = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (n > len)
		return 0;

	code = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;

	*ret = code;
	return n;
}

/* C0, DEL, C1, line and paragraph separator, bidirectional embeddings, overrides and isolates */
static bool is_harmful(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static char *put_byte(char *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	*out++ = '\\';
	if (byte == '\n') {
		*out++ = 'n';
	} else if (byte == '\t') {
		*out++ = 't';
	} else if (byte == '\\') {
		*out++ = '\\';
	} else {
		*out++ = 'x';
		*out++ = digits[byte >> 4];
		*out++ = digits[byte & 15];
	}
	return out;
}

int escape_terminal(const char *raw, char **ret)
{
	const unsigned char *p = (const unsigned char *)raw;
	size_t len = strlen(raw);
	char *text, *out;

	if (len > (SIZE_MAX - 1) / 4)
		return -ENOMEM;
	text = out = malloc(len * 4 + 1);
	if (!text)
		return -ENOMEM;

	while (len) {
		uint32_t code = 0;
		size_t n = utf8_next(p, len, &code);
		bool show = n && !is_harmful(code) && code != '\\';

		n = n ? n : 1;
		for (size_t i = 0; i < n; i++) {
			if (show)
				*out++ = (char)p[i];
			else
				out = put_byte(out, p[i]);
		}
		p += n;
		len -= n;
	}
	*out = '\0';

	*ret = text;
	return 0;
}

bool utf8_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	while (len) {
		uint32_t code;
		size_t n = utf8_next(p, len, &code);

		if (!n)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

int utf8_replace(const char *raw, size_t len, char **ret)
{
	const unsigned char *p = (const unsigned char *)raw;
	char *text, *out;

	if (len > (SIZE_MAX - 1) / 3)
		return -ENOMEM;
	text = out = malloc(len * 3 + 1);
	if (!text)
		return -ENOMEM;

	while (len) {
		uint32_t code;
		size_t n = utf8_next(p, len, &code);

		if (n) {
			memcpy(out, p, n);
			out += n;
		} else {
			memcpy(out, "\xef\xbf\xbd", 3); /* U+FFFD */
			out += 3;
			n = 1;
		}
		p += n;
		len -= n;
	}
	*out = '\0';

	*ret = text;
	return 0;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_encode(const void *data, size_t len, char **ret)
{
	const unsigned char *p = data;
	char *text, *out;

	if (len > SIZE_MAX / 4 - 4)
		return -ENOMEM;
	text = out = malloc((len + 2) / 3 * 4 + 1);
	if (!text)
		return -ENOMEM;

	while (len) {
		size_t n = len < 3 ? len : 3;
		uint32_t bits = (uint32_t)p[0] << 16;

		if (n > 1)
			bits |= (uint32_t)p[1] << 8;
		if (n > 2)
			bits |= p[2];
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		*out++ = n > 2 ? alphabet[bits & 63] : '=';
		p += n;
		len -= n;
	}
	*out = '\0';

	*ret = text;
	return 0;
}

static int base64_digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

int base64_decode(const char *text, size_t len, void **ret, size_t *ret_len)
{
	CLEANUP(freep) unsigned char *data = NULL;
	size_t out = 0, padding = 0;

	if (len % 4)
		return -EBADMSG;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	data = malloc(len / 4 * 3 + 1);
	if (!data)
		return -ENOMEM;

	for (size_t i = 0; i < len; i += 4) {
		size_t digits = i + 4 == len ? 4 - padding : 4;
		uint32_t bits = 0;

		for (size_t k = 0; k < 4; k++) {
			int digit = k < digits ? base64_digit(text[i + k]) : 0;

			if (digit < 0)
				return -EBADMSG;
			bits = bits << 6 | (uint32_t)digit;
		}
		/* bits that no byte takes must be 0, or two texts would mean the same bytes */
		if ((digits == 3 && bits & 0xff) || (digits == 2 && bits & 0xffff))
			return -EBADMSG;
		data[out++] = (unsigned char)(bits >> 16);
		if (digits > 2)
			data[out++] = (unsigned char)(bits >> 8);
		if (digits > 3)
			data[out++] = (unsigned char)bits;
	}
	data[out] = '\0';

	*ret = steal(data);
	*ret_len = out;
	return 0;
}
