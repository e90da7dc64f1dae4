/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who a device is. Four things may tell, from the strongest to the weakest:
 * the uuid of the nd namespace and the hardware's own number belong to the
 * medium; the uuid of a filesystem belongs to what is written on it and can be
 * copied; a kernel name belongs to nobody and means something only until the
 * next reboot.
 *
 * The first one that both sides know decides, for or against. What one side
 * does not know proves nothing, as the bad block may be the very one that
 * holds it. With one exception: where one side has a number of its own medium
 * and the other has none at all, an equal filesystem under another name is a
 * copy (an image on a loop device, say) and not the device.
 *
 * Damage belongs to a medium, so a doubt is answered with "different": a
 * second entry for one device is a nuisance, one entry for two is a lie.
 */
#include <stdio.h>
#include <string.h>
#include "devid.h"

enum verdict { SILENT, AGREE, CONTRADICT };

/* Empty, or nothing but zeros as firmware fills in for want of a number: says nothing. */
static bool known(const char *text)
{
	return text[strspn(text, "0-")] != '\0';
}

static enum verdict judge(const char *a, const char *b)
{
	if (!known(a) || !known(b))
		return SILENT;
	return strcmp(a, b) == 0 ? AGREE : CONTRADICT;
}

static bool names_medium(const struct devid *id)
{
	return known(id->nd_uuid) || known(id->hw_id);
}

static bool same_name(const struct devid *a, const struct devid *b)
{
	return *a->name && strcmp(a->name, b->name) == 0;
}

static bool sizes_differ(const struct devid *a, const struct devid *b)
{
	return a->size && b->size && a->size != b->size;
}

enum devid_match devid_compare(const struct devid *a, const struct devid *b)
{
	enum verdict medium = judge(a->nd_uuid, b->nd_uuid);

	if (medium == SILENT)
		medium = judge(a->hw_id, b->hw_id);
	if (medium != SILENT)
		return medium == AGREE ? DEVID_SAME : DEVID_DIFFERENT;

	switch (judge(a->fs_uuid, b->fs_uuid)) {
	case CONTRADICT: return DEVID_DIFFERENT;
	case AGREE:
		if (same_name(a, b))
			return DEVID_SAME_FS;
		if (names_medium(a) != names_medium(b) || sizes_differ(a, b))
			return DEVID_DIFFERENT; /* a copy */
		return DEVID_SAME_FS;
	case SILENT: break;
	}
	return same_name(a, b) && !sizes_differ(a, b) ? DEVID_SAME_NAME : DEVID_DIFFERENT;
}

ptrdiff_t devid_find(const struct devid *who, const struct devid *known_ids, size_t n)
{
	enum devid_match best = DEVID_DIFFERENT;
	ptrdiff_t found = -1;
	bool found_named = false, tied = false;

	for (size_t i = 0; i < n; i++) {
		enum devid_match match = devid_compare(who, &known_ids[i]);
		bool named = same_name(who, &known_ids[i]);

		if (match == DEVID_DIFFERENT || match < best ||
		    (match == best && found_named && !named))
			continue;
		tied = match == best && found_named == named;
		best = match;
		found = (ptrdiff_t)i;
		found_named = named;
	}
	return tied ? -1 : found;
}

static bool learn(char *field, size_t size, const char *seen)
{
	if (!*seen || strcmp(field, seen) == 0)
		return false;
	snprintf(field, size, "%s", seen);
	return true;
}

bool devid_update(struct devid *id, const struct devid *seen)
{
	bool changed = false;

	changed |= learn(id->nd_uuid, sizeof(id->nd_uuid), seen->nd_uuid);
	changed |= learn(id->hw_id, sizeof(id->hw_id), seen->hw_id);
	changed |= learn(id->fs_uuid, sizeof(id->fs_uuid), seen->fs_uuid);
	changed |= learn(id->name, sizeof(id->name), seen->name);
	if (seen->size && seen->size != id->size) {
		id->size = seen->size;
		changed = true;
	}
	return changed;
}

char *devid_format(const struct devid *id, char buf[DEVID_BUF])
{
	if (known(id->nd_uuid))
		snprintf(buf, DEVID_BUF, "nd:%s", id->nd_uuid);
	else if (known(id->hw_id))
		snprintf(buf, DEVID_BUF, "hw:%s", id->hw_id);
	else if (known(id->fs_uuid))
		snprintf(buf, DEVID_BUF, "fs:%s", id->fs_uuid);
	else
		snprintf(buf, DEVID_BUF, "name:%s", id->name);
	return buf;
}
