/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every target owns a range of the mapped device and is computed in it alone. A
 * striped one deals its range out in chunks, leg after leg: chunk c lies on leg c mod n as
 * the chunk number c / n of that leg's part. Linear is the same with one leg and one chunk.
 *
 * Of a target that is not understood it is only known which devices it names. A byte of such a
 * device may be anywhere in it, also when another target maps it.
 */
#include "dmtable.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "cleanup.h"

#define LEGS_MAX  4096u
#define WORDS_MAX 8192u

void dmtable_deinit(struct dmtable *table)
{
	for (size_t i = 0; i < table->n; i++)
		free(table->targets[i].legs);
	free(table->targets);
	*table = DMTABLE_NULL;
}

/* ---- parsing ---- */

struct words {
	const char *at, *end; /* of the line */
};

/* The next word; false at the end of the line. */
static bool next_word(struct words *words, const char **ret, size_t *ret_len)
{
	while (words->at < words->end && *words->at == ' ')
		words->at++;
	*ret = words->at;
	while (words->at < words->end && *words->at != ' ')
		words->at++;
	*ret_len = (size_t)(words->at - *ret);
	return *ret_len > 0;
}

static bool to_number(const char *text, size_t len, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (value > (max - (uint64_t)(text[i] - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t)(text[i] - '0');
	}
	*ret = value;
	return true;
}

static bool take_number(struct words *words, uint64_t max, uint64_t *ret)
{
	const char *text;
	size_t len;

	return next_word(words, &text, &len) && to_number(text, len, max, ret);
}

static bool take_bytes(struct words *words, uint64_t *ret)
{
	uint64_t sectors;

	if (!take_number(words, UINT64_MAX / SECTOR_SIZE, &sectors))
		return false;
	*ret = sectors * SECTOR_SIZE;
	return true;
}

static bool to_device(const char *text, size_t len, dev_t *ret)
{
	const char *colon = memchr(text, ':', len);
	uint64_t major, minor;

	if (!colon || !to_number(text, (size_t)(colon - text), UINT32_MAX, &major) ||
	    !to_number(colon + 1, len - (size_t)(colon - text) - 1, UINT32_MAX, &minor))
		return false;
	*ret = makedev((unsigned int)major, (unsigned int)minor);
	return true;
}

static int add_leg(struct dmtarget *target, dev_t dev, uint64_t offset)
{
	struct dmleg *more;

	if (target->n_legs == LEGS_MAX)
		return -EBADMSG;
	more = reallocarray(target->legs, target->n_legs + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	target->legs = more;
	more[target->n_legs++] = (struct dmleg){dev, offset};
	return 0;
}

/* "DEVICE OFFSET"; @len: bytes of it that belong to the target */
static int take_leg(struct words *words, uint64_t len, struct dmtarget *target)
{
	const char *text;
	uint64_t offset;
	size_t text_len;
	dev_t dev;

	if (!next_word(words, &text, &text_len) || !to_device(text, text_len, &dev) ||
	    !take_bytes(words, &offset) || offset > UINT64_MAX - len)
		return -EBADMSG;
	return add_leg(target, dev, offset);
}

static int parse_linear(struct words *words, struct dmtarget *target)
{
	target->kind = DMTARGET_LINEAR;
	return take_leg(words, target->upper.len, target);
}

static int parse_striped(struct words *words, struct dmtarget *target)
{
	uint64_t n;

	target->kind = DMTARGET_STRIPED;
	if (!take_number(words, LEGS_MAX, &n) || !n || !take_bytes(words, &target->chunk) ||
	    !target->chunk || target->chunk > UINT64_MAX / n ||
	    target->upper.len % (n * target->chunk))
		return -EBADMSG;
	while (n--) {
		int r = take_leg(words, target->upper.len, target);

		if (r)
			return r;
	}
	return 0;
}

/* Each device that is named, whatever for. */
static int parse_opaque(struct words *words, struct dmtarget *target)
{
	const char *text;
	size_t len;
	dev_t dev;
	int r = 0;

	target->kind = DMTARGET_OPAQUE;
	for (size_t i = 0; !r && i < WORDS_MAX && next_word(words, &text, &len); i++)
		if (to_device(text, len, &dev))
			r = add_leg(target, dev, 0);
	return r;
}

/*
 * "CIPHER KEY IV_OFFSET DEVICE OFFSET [#OPTIONS OPTION…]". With authentication, or bigger sectors,
 * what is lost above is more than what is bad below.
 */
static int parse_crypt(struct words *words, struct dmtarget *target)
{
	struct words all = *words;
	const char *text;
	size_t len;

	for (int i = 0; i < 3; i++)
		if (!next_word(words, &text, &len))
			return -EBADMSG;
	for (struct words rest = *words; next_word(&rest, &text, &len);)
		if ((len > 10 && !memcmp(text, "integrity:", 10)) ||
		    (len > 12 && !memcmp(text, "sector_size:", 12)))
			return parse_opaque(&all, target);
	return parse_linear(words, target);
}

static int parse_line(struct words *words, struct dmtarget *target)
{
	static const struct {
		const char *type;
		int (*parse)(struct words *words, struct dmtarget *target);
	} types[] = {
		{"linear", parse_linear},
		{"striped", parse_striped},
		{"crypt", parse_crypt},
	};
	const char *type;
	size_t len;

	if (!take_bytes(words, &target->upper.start) || !take_bytes(words, &target->upper.len) ||
	    !target->upper.len || target->upper.start > UINT64_MAX - target->upper.len ||
	    !next_word(words, &type, &len) || len >= sizeof(target->type))
		return -EBADMSG;
	memcpy(target->type, type, len);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].type, target->type))
			return types[i].parse(words, target);
	return parse_opaque(words, target);
}

/* Targets follow each other without gap or overlap (the kernel sees to that). */
static bool follows(const struct dmtable *table, const struct dmtarget *target)
{
	return target->upper.start ==
	       (table->n ? range_end(table->targets[table->n - 1].upper) : 0);
}

int dmtable_parse(const char *text, struct dmtable *ret)
{
	CLEANUP(dmtable_deinit) struct dmtable table = DMTABLE_NULL;

	while (*text) {
		const char *end = strchrnul(text, '\n');
		struct words words = {text, end};
		struct dmtarget target = {.legs = NULL};
		struct dmtarget *more;
		int r;

		r = parse_line(&words, &target);
		if (!r && !follows(&table, &target))
			r = -EBADMSG;
		more = r ? NULL : reallocarray(table.targets, table.n + 1, sizeof(*more));
		if (!more) {
			free(target.legs);
			return r ? r : -ENOMEM;
		}
		table.targets = more;
		more[table.n++] = target;
		text = *end ? end + 1 : end;
	}
	*ret = table;
	table = DMTABLE_NULL;
	return 0;
}

/* ---- mapping ---- */

/* Bytes in a row on one leg, and how many such rows a leg has. */
static uint64_t chunk_of(const struct dmtarget *target)
{
	return target->kind == DMTARGET_STRIPED ? target->chunk : target->upper.len;
}

static struct byte_range leg_range(const struct dmtarget *target, size_t leg)
{
	return (struct byte_range){target->legs[leg].offset, target->upper.len / target->n_legs};
}

static int leg_up(const struct dmtarget *target, size_t leg, struct byte_range lower,
		  int (*fn)(const struct dmpiece *piece, void *data), void *data)
{
	struct byte_range mine = range_intersect(leg_range(target, leg), lower);
	uint64_t chunk = chunk_of(target);

	while (mine.len) {
		uint64_t at = mine.start - target->legs[leg].offset, row = at / chunk;
		uint64_t len = chunk - at % chunk;
		struct dmpiece piece = {.dev = target->legs[leg].dev};
		int r;

		if (len > mine.len)
			len = mine.len;
		piece.lower = (struct byte_range){mine.start, len};
		piece.upper =
			target->upper.start + (row * target->n_legs + leg) * chunk + at % chunk;
		r = fn(&piece, data);
		if (r)
			return r;
		mine = (struct byte_range){mine.start + len, mine.len - len};
	}
	return 0;
}

const char *dmtable_opaque(const struct dmtable *table, dev_t dev)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct dmtarget *target = &table->targets[i];

		for (size_t k = 0; target->kind == DMTARGET_OPAQUE && k < target->n_legs; k++)
			if (target->legs[k].dev == dev)
				return target->type;
	}
	return NULL;
}

int dmtable_map_up(const struct dmtable *table, dev_t dev, struct byte_range lower,
		   int (*fn)(const struct dmpiece *piece, void *data), void *data)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct dmtarget *target = &table->targets[i];

		for (size_t k = 0; target->kind != DMTARGET_OPAQUE && k < target->n_legs; k++) {
			int r = target->legs[k].dev == dev ? leg_up(target, k, lower, fn, data) : 0;

			if (r)
				return r;
		}
	}
	return dmtable_opaque(table, dev) ? DMTABLE_E_OPAQUE : 0;
}

static int target_down(const struct dmtarget *target, struct byte_range upper,
		       int (*fn)(const struct dmpiece *piece, void *data), void *data)
{
	uint64_t chunk = chunk_of(target);

	while (upper.len) {
		uint64_t at = upper.start - target->upper.start, number = at / chunk;
		const struct dmleg *leg = &target->legs[number % target->n_legs];
		uint64_t len = chunk - at % chunk;
		struct dmpiece piece = {.dev = leg->dev, .upper = upper.start};
		int r;

		if (len > upper.len)
			len = upper.len;
		piece.lower = (struct byte_range){
			leg->offset + number / target->n_legs * chunk + at % chunk, len};
		r = fn(&piece, data);
		if (r)
			return r;
		upper = (struct byte_range){upper.start + len, upper.len - len};
	}
	return 0;
}

int dmtable_map_down(const struct dmtable *table, struct byte_range upper,
		     int (*fn)(const struct dmpiece *piece, void *data), void *data)
{
	bool opaque = false;

	for (size_t i = 0; i < table->n; i++) {
		const struct dmtarget *target = &table->targets[i];
		struct byte_range part = range_intersect(target->upper, upper);
		int r = 0;

		if (part.len && target->kind == DMTARGET_OPAQUE)
			opaque = true;
		else if (part.len)
			r = target_down(target, part, fn, data);
		if (r)
			return r;
	}
	return opaque ? DMTABLE_E_OPAQUE : 0;
}
