/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command is to be about. A wrong device or range is the mistake with
 * the worst consequences here (the answer to another question looks just like the
 * right one), so nothing is guessed: each refusal says which argument it is about, what
 * is wrong with it, and how it would be right.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cleanup.h"
#include "rangespec.h"
#include "target.h"
#include "timefmt.h"
#include "words.h"

#define LIST_BYTES_MAX (256u << 20) /* of a list of ranges: some ten million */

/* A file or directory was given: name the device it lies on, if that can be told. */
static int not_a_device(const struct ctl *ctl, const char *arg)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	struct stat st;

	if (!ctl->root.live || stat(arg, &st))
		return ctl_usage(ctl, "%s: is not a block device", arg);
	if (blkdev_from_devno(&ctl->root, st.st_dev, &dev))
		return ctl_usage(ctl,
				 "%s: is not a block device; name the device it lies on, or "
				 "ask from the file's side: locate --file %s",
				 arg, arg);
	return ctl_usage(ctl,
			 "%s: is not a block device, it lies on /dev/%s; name that, or ask "
			 "from the file's side: locate --file %s",
			 arg, dev.name, arg);
}

int target_device(const struct ctl *ctl, const char *arg, struct blkdev *ret)
{
	int r = blkdev_resolve(&ctl->root, arg, ret);

	switch (r) {
	case 0: return 0;
	case -ENOTBLK: return not_a_device(ctl, arg);
	case -ENOENT:
	case -ENODEV:
	case -ENXIO: return ctl_usage(ctl, "%s: no such block device; lsblk lists them", arg);
	default: return ctl_usage(ctl, "%s: %s", arg, strerror(-r));
	}
}

bool target_is_gone(const struct ctl *ctl, const char *arg)
{
	CLEANUP(blkdev_deinit) struct blkdev dev = BLKDEV_NULL;
	int r = blkdev_resolve(&ctl->root, arg, &dev);

	return r == -ENOENT || r == -ENODEV || r == -ENXIO;
}

int target_range(const struct ctl *ctl, const char *arg, struct byte_range *ret)
{
	int r = rangespec_parse(arg, ret);

	if (r > 0)
		return ctl_usage(ctl, "%s: %s", arg, rangespec_strerror((enum rangespec_error)r));
	return r ? ctl_failed(ctl, arg, r) : 0;
}

int target_ranges(const struct ctl *ctl, const char *const *words, size_t n, struct rangeset *ret)
{
	for (size_t i = 0; i < n; i++) {
		struct byte_range range;
		int r = target_range(ctl, words[i], &range);

		if (r)
			return r;
		r = rangeset_add(ret, range);
		if (r)
			return ctl_failed(ctl, words[i], r);
	}
	return 0;
}

static void closep(int *fd)
{
	if (*fd > STDIN_FILENO)
		close(*fd);
}

/* All of a file or pipe. -EFBIG beyond LIST_BYTES_MAX. */
static int read_all(int fd, char **ret, size_t *ret_len)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0, allocated = 0;

	for (;;) {
		ssize_t n;

		if (len == allocated) {
			size_t larger = allocated ? allocated * 2 : 65536;
			char *grown = len < LIST_BYTES_MAX ? realloc(text, larger) : NULL;

			if (!grown)
				return len < LIST_BYTES_MAX ? -ENOMEM : -EFBIG;
			text = grown;
			allocated = larger;
		}
		n = read(fd, text + len, allocated - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	*ret = steal(text);
	*ret_len = len;
	return 0;
}

int target_range_list(const struct ctl *ctl, const char *path, struct rangeset *ret)
{
	bool is_stdin = !strcmp(path, "-");
	CLEANUP(closep) int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	const char *name = is_stdin ? "standard input" : path;
	CLEANUP(freep) char *text = NULL;
	unsigned int line = 0;
	size_t len = 0;
	int r;

	r = fd < 0 ? -errno : read_all(fd, &text, &len);
	if (r)
		return ctl_usage(ctl, "--ranges %s: %s", path, strerror(-r));
	r = rangespec_parse_list(text, len, ret, &line);
	if (r > 0)
		return ctl_usage(ctl, "%s, line %u: %s", name, line,
				 rangespec_strerror((enum rangespec_error)r));
	return r ? ctl_failed(ctl, name, r) : 0;
}

int target_within(const struct ctl *ctl, const struct blkdev *dev, const struct rangeset *ranges)
{
	char spec[RANGESPEC_BUF], size[TIMEFMT_BUF];

	if (!dev->size)
		return ctl_usage(ctl, "%s: has no size (no medium?)", dev->name);
	for (size_t i = 0; i < ranges->n; i++) {
		if (range_end(ranges->ranges[i]) <= dev->size)
			continue;
		return ctl_usage(ctl,
				 "%s: reaches behind the end of %s, which has %" PRIu64
				 " bytes (%s, %" PRIu64 " sectors)",
				 rangespec_format(ranges->ranges[i], spec), dev->name, dev->size,
				 sizefmt(dev->size, size), dev->size / SECTOR_SIZE);
	}
	return 0;
}
