/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * No name begins with '-', so of a run of them the pairs come first and belong to the name on
 * its left; one that is left over is the joint. A name that
 * does not come apart like that was not made by LVM, whatever its uuid says, and stays as it is.
 */
#include "dmname.h"

#include <stdio.h>
#include <string.h>

#include "cleanup.h"

static const struct {
	const char *prefix, *maker;
} makers[] = {
	{"LVM-", "lvm"},       {"CRYPT-", "crypt"}, {"mpath-", "multipath"},
	{"DMRAID-", "dmraid"}, {"VDO-", "vdo"},     {"stratis-1-", "stratis"},
};

/* "part1-mpath-…": kpartx(8) on something else */
static int is_partition(const char *uuid)
{
	size_t digits;

	if (strncmp(uuid, "part", 4) != 0)
		return 0;
	digits = strspn(uuid + 4, "0123456789");
	return digits && uuid[4 + digits] == '-';
}

/* The part that @at begins with, undoubled. Returns what is behind its joint, NULL: it was the last. */
static const char *take_part(const char *at, char *ret, size_t size)
{
	size_t n = 0;

	while (*at) {
		size_t copy = 1;

		if (*at == '-') {
			if (at[1] != '-')
				break;
			copy = 2;
		}
		if (n + 1 < size)
			ret[n++] = *at;
		at += copy;
	}
	ret[n] = '\0';
	return *at ? at + 1 : NULL;
}

static void split_lvm(const char *name, struct dmname *ret)
{
	char group[160] = "", volume[160] = "", layer[sizeof(ret->layer)] = "";
	const char *at = take_part(name, group, sizeof(group));

	if (at)
		at = take_part(at, volume, sizeof(volume));
	if (at)
		at = take_part(at, layer, sizeof(layer));
	if (at || !*group || !*volume)
		return;
	snprintf(ret->label, sizeof(ret->label), "%s/%s", group, volume);
	strcpy(ret->layer, layer);
}

void dmname_decode(const char *name, const char *uuid, struct dmname *ret)
{
	*ret = (struct dmname){.maker = ""};
	snprintf(ret->label, sizeof(ret->label), "%s", name ? name : "");
	if (!uuid)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (!strncmp(uuid, makers[i].prefix, strlen(makers[i].prefix)))
			strcpy(ret->maker, makers[i].maker);
	if (!*ret->maker && is_partition(uuid))
		strcpy(ret->maker, "partition");
	if (name && !strcmp(ret->maker, "lvm"))
		split_lvm(name, ret);
}
