/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bit of the incompatible features may change what any structure means, so one that is not known ends
 * the reading. Those that have a name by now are called by it, others by their bit. Realtime
 * groups have no bit of their own: they come with the metadata directory.
 */
#include <stdio.h>
#include <string.h>
#include "cleanup.h"
#include "xfsdisk_features.h"

enum sb_at {
	SB_VERSION = 100,
	SB_INCOMPAT = 216,
};

static const struct {
	uint32_t bit;
	const char *name;
} names[] = {
	{0x10, "needsrepair (run xfs_repair)"},
	{0x100, "metadir"},
	{0x200, "zoned"},
	{0x400, "zone gaps"},
};

static void append(char *ret, const char *name)
{
	size_t len = strlen(ret);

	snprintf(ret + len, XFSDISK_FEATURES_SAYS - len, "%s%s", len ? ", " : "", name);
}

void xfsdisk_features_unknown(const uint8_t *superblock, char ret[static XFSDISK_FEATURES_SAYS])
{
	unsigned int version = xfsdisk_u16(superblock + SB_VERSION) & 0xf;
	uint32_t unknown = xfsdisk_u32(superblock + SB_INCOMPAT) & ~XFSDISK_INCOMPAT_KNOWN;
	char text[32];

	ret[0] = '\0';
	if (version != 5) {
		snprintf(text, sizeof(text), "version %u", version);
		append(ret, text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (unknown & names[i].bit)
			append(ret, names[i].name);
		unknown &= ~names[i].bit;
	}
	if (unknown) {
		snprintf(text, sizeof(text), "0x%x", unknown);
		append(ret, text);
	}
}
