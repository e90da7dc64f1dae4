/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peers: the ioctls alone, with nothing kept and nothing printed but a
 * count. They are what no program that asks the kernel can beat.
 *
 *   bare query MOUNT RANGES             one GETFSMAP a range (a file of "START+LENGTH" lines)
 *   bare sweep MOUNT [RECORDS]          the whole device, RECORDS a call (default 256)
 *   bare parents MOUNT RANGES           query, then BULKSTAT and GETPARENTS up to the root for each inode
 *   bare bulkstat MOUNT RANGES          query, then BULKSTAT of each inode
 *   bare bmap MOUNT                     BULKSTAT of all inodes, GETBMAPX of those that have blocks
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/fsmap.h>
#include <xfs/xfs.h>

/*
 * Linux 6.10 ioctl_xfs_getparents(2), not in older installed headers: a handle,
 * then the request; records are chained by their length.
 */
struct bare_parents {
	uint64_t fsid;
	uint16_t fid_len, fid_pad;
	uint32_t gen;
	uint64_t ino;
	uint32_t cursor[4];
	uint16_t iflags, oflags;
	uint32_t bufsize;
	uint64_t reserved, buffer;
};
#define BARE_GETPARENTS _IOWR('X', 63, struct bare_parents)
#define BARE_ROOT       0x1u /* oflags: the handle is the root directory */

struct bare_parent {
	uint64_t fsid;
	uint16_t fid_len, fid_pad;
	uint32_t gen;
	uint64_t ino;
	uint32_t len, reserved;
	char name[];
};

struct ranges {
	uint64_t (*items)[2];
	size_t n;
};

typedef void record_fn(int fd, const struct fsmap *rec);

static uint64_t n_records, n_inodes, n_names, fsid;
static uint32_t device; /* as the kernel encodes it in fmr_device */

static void query(int fd, uint64_t start, uint64_t end, unsigned int records, record_fn *fn)
{
	static struct fsmap_head *head;

	if (!head)
		head = malloc(fsmap_sizeof(records));
	if (!head)
		err(1, "malloc");
	memset(head, 0, sizeof(*head));
	head->fmh_count = records;
	head->fmh_keys[0].fmr_physical = start;
	head->fmh_keys[1].fmr_physical = end;
	head->fmh_keys[0].fmr_device = head->fmh_keys[1].fmr_device = device;
	head->fmh_keys[1].fmr_flags = UINT32_MAX;
	head->fmh_keys[1].fmr_owner = UINT64_MAX;
	head->fmh_keys[1].fmr_offset = UINT64_MAX;
	for (;;) {
		if (ioctl(fd, FS_IOC_GETFSMAP, head))
			err(1, "GETFSMAP");
		if (!head->fmh_entries)
			return;
		n_records += head->fmh_entries;
		for (unsigned int i = 0; fn && i < head->fmh_entries; i++)
			fn(fd, &head->fmh_recs[i]);
		if (head->fmh_recs[head->fmh_entries - 1].fmr_flags & FMR_OF_LAST)
			return;
		fsmap_advance(head);
	}
}

static uint32_t bulkstat(int fd, uint64_t ino)
{
	static struct {
		struct xfs_bulk_ireq hdr;
		struct xfs_bulkstat one;
	} req;

	memset(&req.hdr, 0, sizeof(req.hdr));
	req.hdr.ino = ino;
	req.hdr.icount = 1;
	if (ioctl(fd, XFS_IOC_BULKSTAT, &req))
		err(1, "BULKSTAT");
	n_inodes += req.hdr.ocount;
	return req.one.bs_gen;
}

/* One name after the other up to the root, first link only, nothing cached. */
static void climb(int fd, uint64_t ino, uint32_t gen)
{
	static char buffer[65536] __attribute__((aligned(8)));

	for (;;) {
		struct bare_parents req = {
			.fsid = fsid,
			.fid_len = 14,
			.gen = gen,
			.ino = ino,
			.bufsize = sizeof(buffer),
			.buffer = (uintptr_t)buffer,
		};
		const struct bare_parent *parent = (const void *)buffer;

		if (ioctl(fd, BARE_GETPARENTS, &req))
			err(1, "GETPARENTS");
		if (req.oflags & BARE_ROOT)
			return;
		n_names++;
		ino = parent->ino;
		gen = parent->gen;
	}
}

static bool of_file(const struct fsmap *rec)
{
	return !(rec->fmr_flags & FMR_OF_SPECIAL_OWNER);
}

static void look(int fd, const struct fsmap *rec)
{
	if (of_file(rec))
		bulkstat(fd, rec->fmr_owner);
}

static void look_and_climb(int fd, const struct fsmap *rec)
{
	if (of_file(rec))
		climb(fd, rec->fmr_owner, bulkstat(fd, rec->fmr_owner));
}

static void bmap_fork(int fd, unsigned int extents, int flags)
{
	static struct getbmapx map[1026];

	memset(map, 0, sizeof(map[0]));
	map[0].bmv_length = INT64_MAX / 512;
	map[0].bmv_count = (extents < 1024 ? (int)extents : 1024) + 2;
	map[0].bmv_iflags = flags | BMV_IF_PREALLOC | BMV_IF_DELALLOC | BMV_IF_NO_HOLES;
	do {
		if (ioctl(fd, XFS_IOC_GETBMAPX, map))
			err(1, "GETBMAPX");
		n_records += (unsigned int)map[0].bmv_entries;
	} while (map[0].bmv_entries && map[0].bmv_entries == map[0].bmv_count - 1);
}

/* Where every file and directory lies. */
static void bmap_all(int fd)
{
	static struct {
		struct xfs_bulk_ireq hdr;
		struct xfs_bulkstat inodes[512];
	} req;
	union {
		struct file_handle head;
		char space[sizeof(struct file_handle) + 12];
	} handle = {.head = {.handle_bytes = 12, .handle_type = 0x81}};

	for (;;) {
		req.hdr.icount = 512;
		if (ioctl(fd, XFS_IOC_BULKSTAT, &req))
			err(1, "BULKSTAT");
		if (!req.hdr.ocount)
			return;
		for (unsigned int i = 0; i < req.hdr.ocount; i++) {
			const struct xfs_bulkstat *bs = &req.inodes[i];
			int file;

			n_inodes++;
			if ((!bs->bs_extents && !bs->bs_aextents) ||
			    (!S_ISREG(bs->bs_mode) && !S_ISDIR(bs->bs_mode)))
				continue;
			memcpy(handle.head.f_handle, &bs->bs_ino, 8);
			memcpy(handle.head.f_handle + 8, &bs->bs_gen, 4);
			file = open_by_handle_at(fd, &handle.head,
						 O_RDONLY | O_NONBLOCK | O_CLOEXEC);
			if (file < 0)
				err(1, "open_by_handle_at");
			if (bs->bs_extents)
				bmap_fork(file, bs->bs_extents, 0);
			if (bs->bs_aextents)
				bmap_fork(file, bs->bs_aextents, BMV_IF_ATTRFORK);
			close(file);
		}
	}
}

static void read_ranges(const char *path, struct ranges *ret)
{
	FILE *f = fopen(path, "r");
	uint64_t start, len;

	if (!f)
		err(1, "%s", path);
	while (fscanf(f, "%lu+%lu", &start, &len) == 2) {
		if (!(ret->n & (ret->n + 1)) || !ret->items)
			ret->items = reallocarray(ret->items, 2 * ret->n + 2, sizeof(*ret->items));
		if (!ret->items)
			err(1, "malloc");
		ret->items[ret->n][0] = start;
		ret->items[ret->n++][1] = len;
	}
	fclose(f);
}

static void handle_fsid(int fd, const char *mount)
{
	char handle[64];
	uint32_t len = sizeof(handle);
	struct xfs_fsop_handlereq req = {
		.path = (void *)(uintptr_t)mount,
		.oflags = O_LARGEFILE,
		.ohandle = handle,
		.ohandlen = &len,
	};

	if (ioctl(fd, XFS_IOC_PATH_TO_FSHANDLE, &req))
		err(1, "PATH_TO_FSHANDLE");
	memcpy(&fsid, handle, sizeof(fsid));
}

int main(int argc, char **argv)
{
	struct ranges ranges = {0};
	record_fn *fn = NULL;
	struct stat st;
	int fd;

	if (argc < 3)
		errx(2, "usage: bare bmap MOUNT | sweep MOUNT [RECORDS] | query|bulkstat|parents "
			"MOUNT RANGES");
	fd = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[2]);
	if (fstat(fd, &st))
		err(1, "%s", argv[2]);
	device = (minor(st.st_dev) & 0xff) | (major(st.st_dev) << 8) |
		 ((minor(st.st_dev) & ~0xffu) << 12);
	if (!strcmp(argv[1], "bmap")) {
		bmap_all(fd);
	} else if (!strcmp(argv[1], "sweep")) {
		query(fd, 0, UINT64_MAX, argc > 3 ? (unsigned int)atoi(argv[3]) : 256, NULL);
	} else if (argc > 3) {
		if (!strcmp(argv[1], "bulkstat"))
			fn = look;
		else if (!strcmp(argv[1], "parents"))
			fn = look_and_climb;
		else if (strcmp(argv[1], "query"))
			errx(2, "%s: not a benchmark", argv[1]);
		handle_fsid(fd, argv[2]);
		read_ranges(argv[3], &ranges);
		for (size_t i = 0; i < ranges.n; i++)
			query(fd, ranges.items[i][0], ranges.items[i][0] + ranges.items[i][1] - 1,
			      256, fn);
	} else {
		errx(2, "%s: needs a file of ranges", argv[1]);
	}
	printf("%lu records, %lu inodes, %lu names\n", n_records, n_inodes, n_names);
	return 0;
}
