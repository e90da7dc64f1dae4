/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * There may be a million of these lines on a machine, hence one walk over the bytes and no copy. The
 * kernel prints addresses and offset in lower case hexadecimal, at least eight digits; we take any.
 */
#include "mapsline.h"

#include <errno.h>
#include <stdbool.h>

#include "number.h"

struct cursor {
	const char *at, *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_number(struct cursor *c, unsigned int base, uint64_t *ret)
{
	return !number_scan(&c->at, c->end, base, ret);
}

/* "rw-s", "r-xp": one letter or a dash each, then shared or private. */
static bool take_perms(struct cursor *c, uint32_t *ret)
{
	static const char letters[] = "rwx";
	uint32_t perms = 0;

	if (c->end - c->at < 4)
		return false;
	for (unsigned int i = 0; i < 3; i++) {
		if (c->at[i] == letters[i])
			perms |= 1u << i;
		else if (c->at[i] != '-')
			return false;
	}
	if (c->at[3] == 's')
		perms |= MAPSLINE_SHARED;
	else if (c->at[3] != 'p')
		return false;
	c->at += 4;
	*ret = perms;
	return true;
}

int mapsline_parse(const char *line, size_t len, struct mapsline *ret)
{
	struct cursor c = {line, line + len};
	uint64_t major, minor;
	struct mapsline m;

	if (!take_number(&c, 16, &m.start) || !take(&c, '-') || !take_number(&c, 16, &m.end) ||
	    !take(&c, ' ') || !take_perms(&c, &m.perms) || !take(&c, ' ') ||
	    !take_number(&c, 16, &m.offset) || !take(&c, ' ') || !take_number(&c, 16, &major) ||
	    !take(&c, ':') || !take_number(&c, 16, &minor) || !take(&c, ' ') ||
	    !take_number(&c, 10, &m.ino))
		return -EBADMSG;
	if (c.at != c.end && *c.at != ' ')
		return -EBADMSG;
	if (m.start >= m.end || m.end - m.start > UINT64_MAX - m.offset || major > UINT32_MAX ||
	    minor > UINT32_MAX)
		return -EBADMSG;
	m.major = (uint32_t)major;
	m.minor = (uint32_t)minor;

	*ret = m;
	return 0;
}
