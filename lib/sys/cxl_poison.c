/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Documentation/ABI/testing/sysfs-bus-cxl in the kernel: "trigger_poison_list" of a memory device.
 */
#include "cxl_poison.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"

#define CXL "/sys/bus/cxl/devices"

struct asking {
	const struct sysroot *root;
	const struct cxl_poison *before;
	struct cxl_poison now;
	void (*failed)(const char *name, int error, void *data);
	void *data;
};

void cxl_poison_deinit(struct cxl_poison *asked)
{
	free(asked->names);
	*asked = CXL_POISON_NULL;
}

static bool is_known(const struct cxl_poison *asked, const char *name)
{
	for (size_t i = 0; i < asked->n; i++)
		if (!strcmp(asked->names[i], name))
			return true;
	return false;
}

/* -ENOENT: it has no such list */
static int trigger(const struct sysroot *root, const char *name)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[96];
	int r;

	snprintf(path, sizeof(path), CXL "/%s/trigger_poison_list", name);
	r = sysroot_open_file(root, path, O_WRONLY | O_CLOEXEC, &fd);
	if (r)
		return r;
	return write(fd, "1", 1) == 1 ? 0 : -errno;
}

static int ask(const char *name, void *data)
{
	struct asking *asking = data;
	char(*more)[16];
	int r;

	if (strncmp(name, "mem", 3) != 0 || strlen(name) >= sizeof(*more))
		return 0;
	if (!is_known(asking->before, name)) {
		r = trigger(asking->root, name);
		if (r && r != -ENOENT && asking->failed)
			asking->failed(name, r, asking->data);
	}
	more = reallocarray(asking->now.names, asking->now.n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	asking->now.names = more;
	strcpy(more[asking->now.n++], name);
	return 0;
}

int cxl_poison_ask(const struct sysroot *root, struct cxl_poison *asked,
		   void (*failed)(const char *name, int error, void *data), void *data)
{
	struct asking asking = {root, asked, CXL_POISON_NULL, failed, data};
	int r;

	r = sysroot_each(root, CXL, ask, &asking);
	if (r == -ENOMEM) {
		cxl_poison_deinit(&asking.now);
		return r;
	}
	cxl_poison_deinit(asked);
	*asked = asking.now;
	return 0;
}
