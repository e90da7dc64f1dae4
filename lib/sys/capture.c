/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What ranges of a device hold. First, who can be asked: the mounted XFS, if
 * there is one. Where there is none, the answer is "unknown" with the reason,
 * in the order in which it helps: the device is gone; something else is
 * mounted; a layer sits between; nothing is mounted, and what the superblock says.
 *
 * An XFS that has shut itself down answers nothing, but its device does: the answer stays
 * incomplete, as the log is not replayed, and is worth much more than none.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "advice.h"
#include "blkprobe.h"
#include "capture.h"
#include "capture_disk.h"
#include "capture_inside.h"
#include "capture_xfs.h"
#include "cleanup.h"
#include "devholders.h"
#include "fd.h"
#include "findings_through.h"
#include "fs_xfs.h"
#include "holders.h"
#include "layers.h"
#include "locator.h"
#include "nsmounts.h"
#include "pmem.h"

struct capture {
	const struct sysroot *root;
	const struct blkdev *dev;
	const struct capture_options *options;
	struct mounts mounts;
	struct locator locator;
	struct findings
		*above; /* found on a device above, told of this one; NULL: it was @locator */
	char *fs_type, *detail;    /* for the findings */
	const struct mount *mount; /* the one used, or in the way */
};

static void capture_deinit(struct capture *c)
{
	mounts_deinit(&c->mounts);
	locator_deinit(&c->locator);
	findings_free(c->above);
	free(c->fs_type);
	free(c->detail);
}

/* ---- why there is no answer ---- */

static int replace(char **text, const char *with)
{
	char *copy = NULL;

	if (with && *with) {
		copy = strdup(with);
		if (!copy)
			return -ENOMEM;
	}
	free(*text);
	*text = copy;
	return 0;
}

static int stuck(struct capture *c, enum reason reason, const char *detail)
{
	findings_add_reason(c->locator.findings, reason);
	return replace(&c->detail, detail);
}

static bool is_gone(const struct capture *c)
{
	CLEANUP(fd_closep) int fd = -1;
	char path[64];

	if (!c->root->live)
		return false;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(c->dev->devno),
		 minor(c->dev->devno));
	return sysroot_open_file(c->root, path, O_PATH, &fd) == -ENOENT;
}

struct probed {
	bool looked; /* the superblock could be read */
	bool held;   /* somebody else has the device: a mount elsewhere, a layer, swap */
	struct blkprobe found;
};

static struct probed probe(const struct capture *c)
{
	struct probed p = {.looked = false};
	CLEANUP(fd_closep) int fd = -1;
	CLEANUP(fd_closep) int exclusive = -1;
	char path[PATH_MAX];
	struct stat st;

	if (!c->root->live)
		return p;
	fd = open(blkdev_path(c->dev, path), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !S_ISBLK(st.st_mode) || st.st_rdev != c->dev->devno)
		return p;
	p.looked = !blkprobe_fd(fd, &p.found);
	exclusive = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_EXCL);
	p.held = exclusive < 0 && errno == EBUSY;
	return p;
}

static int stuck_opening(struct capture *c, int r)
{
	CLEANUP(freep) char *text = NULL;

	if (r == -EACCES || r == -EPERM)
		return stuck(c, REASON_NOT_PERMITTED, NULL);
	if (r == -EBUSY || r == -ENOENT) {
		if (asprintf(&text, "something is mounted over %s", c->mount->target) < 0) {
			text = NULL;
			return -ENOMEM;
		}
		return stuck(c, REASON_NOT_MOUNTED, text);
	}
	return stuck(c, REASON_IO_ERROR, strerror(-r));
}

/* ---- layers above ---- */

static const struct {
	const char *before, *after; /* the devices' names */
} layer_outcomes[] = {
	[LAYERS_E_OPAQUE] = {"", ""},
	[LAYERS_E_SEVERAL] = {"", ": several devices, ask about each range alone"},
	[LAYERS_E_NOWHERE] = {"in none of ", ""},
};

/* What the filesystem says whose device is above this one. LAYERS_E_NONE: there is nothing above. */
static int ask_above(struct capture *c)
{
	CLEANUP(blkdev_deinit) struct blkdev top = BLKDEV_NULL;
	CLEANUP(through_freep) struct through *through = NULL;
	CLEANUP(rangeset_deinit) struct rangeset upper = RANGESET_NULL;
	CLEANUP(freep) char *detail = NULL;
	CLEANUP(freep) char *text = NULL;
	int r;

	r = layers_up(c->root, &c->mounts, c->dev, &c->locator.bad, &top, &through, &detail);
	if (r == LAYERS_E_NONE || r == -ENOMEM)
		return r;
	if (r > 0) {
		if (asprintf(&text, "%s%s%s", layer_outcomes[r].before, detail,
			     layer_outcomes[r].after) < 0) {
			text = NULL;
			return -ENOMEM;
		}
		return stuck(c, REASON_UNRESOLVED_LAYER, text);
	}
	r = through_upper(through, &upper);
	if (!r)
		r = capture_locate(c->root, &top, &upper, c->options, &c->above);
	if (r)
		return r;
	c->above->reasons |= c->locator.findings->reasons;
	return findings_below(c->above, &through, &c->locator.bad);
}

/* ---- whom to ask ---- */

/* Does mount option @name= of @mount name device @devno? */
static bool option_names(const struct mount *mount, const char *name, dev_t devno)
{
	CLEANUP(freep) char *path = mounts_option_value(mount, name);
	struct stat st;

	return path && !stat(path, &st) && S_ISBLK(st.st_mode) && st.st_rdev == devno;
}

/* The mounted XFS whose external log (or realtime device) this is. */
static const struct mount *find_by_option(const struct capture *c, const char *name)
{
	for (size_t i = 0; c->root->live && i < c->mounts.n; i++) {
		const struct mount *mount = &c->mounts.items[i];

		if (!strcmp(mount->fs_type, "xfs") && option_names(mount, name, c->dev->devno))
			return mount;
	}
	return NULL;
}

/* The device is asked; with @reason, if any, where it does not tell. */
static int ask_disk(struct capture *c, enum reason reason)
{
	const struct capture_disk d = {c->dev, &c->mounts, c->mount, c->options};
	CLEANUP(freep) char *detail = NULL;
	int r;

	r = capture_disk_locate(&d, &c->locator, &detail);
	if (r < 0)
		return r;
	if (r == CAPTURE_DISK_E_CLOSED || reason == REASON_SHUTDOWN)
		findings_add_reason(c->locator.findings, reason);
	return replace(&c->detail, detail);
}

static int ask_shut_down(struct capture *c, bool data_device)
{
	int r;

	if (!data_device)
		return stuck(c, REASON_SHUTDOWN, NULL);
	r = ask_disk(c, REASON_SHUTDOWN);
	if (r || c->options->no_holders)
		return r;
	return holders_find(c->root, c->mount->devno, c->locator.findings);
}

static int ask(struct capture *c, bool data_device)
{
	CLEANUP(fd_closep) int fd = -1;
	struct capture_xfs x = {
		.mounts = &c->mounts,
		.options = c->options,
		.dev = c->dev,
		.device = c->dev->devno,
		.data_device = data_device,
	};
	int r;

	r = fs_xfs_open(&c->mounts, c->mount->devno, &fd, &x.mount);
	if (r == -EIO)
		return ask_shut_down(c, data_device);
	if (r)
		return stuck_opening(c, r);
	c->mount = x.mount;
	x.fd = fd;
	r = fs_xfs_geometry(fd, &x.geom);
	if (r)
		return stuck_opening(c, r);
	if (data_device) {
		r = locator_set_geometry(&c->locator, &x.geom);
		if (r)
			return r == -ENOMEM ? r : stuck_opening(c, r);
	}
	r = capture_xfs_gather(&x, &c->locator);
	if (r)
		return r;
	fd_closep(&fd); /* or we would be found as a holder ourselves */
	if (c->locator.findings->reasons & 1u << REASON_SHUTDOWN) /* on the way */
		return ask_shut_down(c, data_device);
	if (c->options->no_holders)
		return 0;
	return holders_find(c->root, c->mount->devno, c->locator.findings);
}

/* Whoever does not want the kernel's answer gets the device's where nobody writes to that. */
static int ask_offline(struct capture *c)
{
	CLEANUP(fd_closep) int fd = -1;
	const struct mount *mount;
	int r;

	if (mounts_has_option(c->mount, "ro"))
		return ask_disk(c, REASON_MOUNTED);
	r = fs_xfs_open(&c->mounts, c->mount->devno, &fd, &mount);
	if (r == -EIO || (!r && fs_xfs_is_shut_down(fd))) {
		fd_closep(&fd);
		return ask_shut_down(c, true);
	}
	return stuck(c, REASON_MOUNTED, c->mount->target);
}

/* Lines of /proc/swaps begin with the name, blanks in it as \\040; devices' names have none. */
static bool is_swap(const struct capture *c)
{
	CLEANUP(freep) char *text = NULL;
	char *line, *rest;

	if (sysroot_read(c->root, "/proc/swaps", &text, NULL))
		return false;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		struct stat st;

		line[strcspn(line, " \t")] = '\0';
		if (c->root->live && !stat(line, &st) && S_ISBLK(st.st_mode) &&
		    st.st_rdev == c->dev->devno)
			return true;
	}
	return false;
}

static int ask_unmounted(struct capture *c)
{
	struct probed p;
	bool is_xfs; /* "xfs_external_log" is of the family */
	int r;

	p = probe(c);
	is_xfs = !strncmp(p.found.type, "xfs", 3);
	if (*p.found.type) {
		r = replace(&c->fs_type, p.found.type);
		if (r)
			return r;
		if (!is_xfs)
			return stuck(c, REASON_NOT_XFS,
				     is_swap(c) ? ADVICE_SWAP_IN_USE : p.found.type);
		if (p.held)
			return stuck(c, REASON_NOT_MOUNTED,
				     "in use outside of this mount namespace");
		if (strcmp(p.found.type, "xfs"))
			return stuck(c, REASON_NOT_MOUNTED, p.found.type);
		r = ask_disk(c, REASON_NOT_MOUNTED);
		if (!r && probe(c).held) /* mounted in between */
			findings_add_reason(c->locator.findings, REASON_CHANGED);
		return r;
	}
	if (p.held)
		return stuck(c, REASON_UNRESOLVED_LAYER,
			     "held exclusively, by the kernel or a program");
	if (p.looked && c->dev->size)
		return stuck(c, REASON_NOT_XFS, ADVICE_NOTHING);
	return stuck(c, REASON_NOT_MOUNTED, NULL);
}

/* Device-dax is used through its character device; a namespace or region through what it shows. */
static int stuck_pmem(struct capture *c)
{
	CLEANUP(freep) char *driver = NULL, *number = NULL;
	unsigned int major, minor;
	char path[128];
	int r;

	if (strncmp(c->dev->name, "dax", 3) != 0)
		return stuck(c, REASON_NOT_XFS, "persistent memory that is no block device");
	snprintf(path, sizeof(path), "/sys/bus/dax/devices/%s/driver", c->dev->name);
	r = sysroot_readlink(c->root, path, &driver);
	if (r == -ENOMEM)
		return r;
	if (driver && !strcmp(basename(driver), "kmem"))
		return stuck(c, REASON_NOT_XFS, ADVICE_KMEM);
	r = stuck(c, REASON_NOT_XFS, ADVICE_DEVDAX);
	if (r || c->options->no_holders ||
	    sysroot_readf(c->root, &number, "/sys/bus/dax/devices/%s/dev", c->dev->name) ||
	    sscanf(number, "%u:%u", &major, &minor) != 2)
		return r;
	return devholders_find(c->root, makedev(major, minor), S_IFCHR, c->locator.findings);
}

/* Also where a signature was found: that says what was made there once, not who uses it now. */
static int find_device_users(struct capture *c)
{
	if (c->options->no_holders)
		return 0;
	return devholders_find(c->root, c->dev->devno, S_IFBLK, c->locator.findings);
}

static int look(struct capture *c)
{
	const struct mount *log;
	int r;

	if (c->dev->pmem)
		return stuck_pmem(c);
	if (is_gone(c))
		return stuck(c, REASON_DEVICE_GONE, NULL);
	if (!c->dev->size)
		return stuck(c, REASON_DEVICE_GONE, "nothing is in it");
	r = nsmounts_read(c->root, c->dev->devno, &c->mounts);
	if (r == -ENOMEM)
		return r;

	c->mount = mounts_find(&c->mounts, c->dev->devno);
	log = c->mount ? NULL : find_by_option(c, "logdev");
	if (log)
		c->mount = log;
	if (!c->mount && find_by_option(c, "rtdev"))
		return stuck(c, REASON_UNRESOLVED_LAYER, "realtime device of an XFS");
	if (!c->mount) {
		r = ask_above(c);
		if (r == LAYERS_E_NONE)
			r = ask_unmounted(c);
		return r || c->above ? r : find_device_users(c);
	}
	r = replace(&c->fs_type, c->mount->fs_type);
	if (r)
		return r;
	if (strcmp(c->mount->fs_type, "xfs"))
		return stuck(c, REASON_NOT_XFS, c->mount->fs_type);
	if (!c->root->live)
		return stuck(c, REASON_NOT_LOCATED, "a recorded machine has no kernel to ask");
	if (c->options->offline && !log)
		return ask_offline(c);
	return ask(c, !log);
}

/* ---- the answer ---- */

static int finish(struct capture *c, const struct rangeset *asked, struct findings **ret)
{
	CLEANUP(findings_freep) struct findings *f = NULL;
	int r;

	if (c->above) {
		f = steal(c->above); /* with what is inside of it */
	} else {
		r = locator_finish(&c->locator, &f);
		if (r)
			return r;
		findings_drop_idle_reasons(f);
		f->fs_type = steal(c->fs_type);
		f->detail = steal(c->detail);
		r = replace(&f->mountpoint, c->mount ? c->mount->target : NULL);
		if (!r && c->mount && c->root->live && !c->options->no_inside)
			r = capture_inside(c->root, c->mount->devno, c->options, f);
		if (!r && c->mount)
			r = nsmounts_elsewhere(c->root, c->mount, &f->elsewhere);
		if (r)
			return r;
	}
	r = rangeset_copy(&f->asked, asked); /* with what lies beyond the end */
	if (!r)
		r = replace(&f->device, c->dev->name);
	if (r)
		return r;
	f->devno = c->dev->devno;
	f->device_size = c->dev->size;
	free(f->place); /* of the device above */
	f->place = NULL;
	r = pmem_where(c->root, c->dev->name, asked, &f->place);
	if (r && r != -ENOENT)
		return r;

	*ret = steal(f);
	return 0;
}

int capture_locate(const struct sysroot *root, const struct blkdev *dev, const struct rangeset *bad,
		   const struct capture_options *options, struct findings **ret)
{
	static const struct capture_options defaults;
	CLEANUP(capture_deinit)
	struct capture c = {
		.root = root,
		.dev = dev,
		.options = options ? options : &defaults,
	};
	CLEANUP(rangeset_deinit) struct rangeset device = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset asked = RANGESET_NULL;
	int r;

	r = rangeset_round_out(bad, SECTOR_SIZE, &whole);
	if (!r && dev->size)
		r = rangeset_add(&device, (struct byte_range){0, dev->size});
	if (!r)
		r = rangeset_intersect(&whole, &device, &asked);
	if (!r)
		r = locator_init(&c.locator, &asked, NULL);
	if (r)
		return r;
	if (!rangeset_equal(&whole, &asked))
		findings_add_reason(c.locator.findings, REASON_BEYOND_END);

	r = look(&c);
	if (r)
		return r;
	return finish(&c, &whole, ret);
}
