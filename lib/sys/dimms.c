/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dimms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "pmem_ndctl.h"

struct reading {
	const struct sysroot *root;
	struct dimms *dimms;
};

void dimms_deinit(struct dimms *dimms)
{
	free(dimms->items);
	*dimms = DIMMS_NULL;
}

const struct dimm *dimms_find(const struct dimms *dimms, const char *name)
{
	for (size_t i = 0; i < dimms->n; i++)
		if (!strcmp(dimms->items[i].name, name))
			return &dimms->items[i];
	return NULL;
}

/* One line, without the space that the kernel leaves at its end. */
static void read_flags(const struct sysroot *root, struct dimm *dimm)
{
	CLEANUP(freep) char *text = NULL;
	size_t len;

	if (sysroot_readf(root, &text, "/sys/bus/nd/devices/%s/nfit/flags", dimm->name))
		return;
	len = strcspn(text, "\n");
	while (len && text[len - 1] == ' ')
		len--;
	if (len >= sizeof(dimm->flags))
		len = sizeof(dimm->flags) - 1;
	memcpy(dimm->flags, text, len);
	dimm->flags[len] = '\0';
}

static int read_dimm(const char *name, void *data)
{
	struct reading *reading = data;
	struct dimms *dimms = reading->dimms;
	struct dimm dimm = DIMM_NULL;
	struct dimm *more;
	size_t at = dimms->n;

	if (strncmp(name, "nmem", 4) != 0 || strlen(name) >= sizeof(dimm.name))
		return 0;
	more = reallocarray(dimms->items, dimms->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	dimms->items = more;
	strcpy(dimm.name, name);
	read_flags(reading->root, &dimm);
	while (at && strverscmp(more[at - 1].name, name) > 0)
		at--;
	memmove(more + at + 1, more + at, (dimms->n - at) * sizeof(*more));
	more[at] = dimm;
	dimms->n++;
	return 0;
}

int dimms_read(const struct sysroot *root, struct dimms *ret)
{
	CLEANUP(dimms_deinit) struct dimms dimms = DIMMS_NULL;
	struct reading reading = {root, &dimms};
	int r;

	r = sysroot_each(root, "/sys/bus/nd/devices", read_dimm, &reading);
	if (r == -ENOMEM)
		return r;
	if (root->live && dimms.n)
		pmem_ndctl_smart(dimms.items, dimms.n);
	dimms_deinit(ret);
	*ret = dimms;
	dimms = DIMMS_NULL;
	return 0;
}
