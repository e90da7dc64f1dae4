/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading around what is lost.
 *
 * The page cache reads ahead, and so into sectors that must not be touched: everything
 * is read with O_DIRECT, whose requests are just the bytes asked for. Where the file is
 * mapped straight onto the medium (DAX), the kernel refuses a whole page for one bad
 * sector in it; the page's other sectors are then read from the block device, after the file's
 * own map has said where they are, and believed if it still says so afterwards.
 *
 * Whatever cannot be read although no list has it becomes a hole as well, of a sector at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cleanup.h"
#include "fd.h"
#include "fs_file.h"
#include "fs_map.h"
#include "repair_salvage.h"

#define STEP      (1024u * 1024u)
#define NAMES_MAX 10000
#define NAME_BYTES                                                                                 \
	200 /* of the file's name that the copy's keeps: numbers and ".map" come behind */

struct salvage {
	const struct repair_look *look;
	const struct plan_facts *facts;
	uint32_t file;
	uint64_t size;
	int in, out, device;     /* device: -1 not open */
	unsigned char *buffer;   /* STEP bytes */
	struct rangeset refused; /* not lost, could not be read */
	struct repair_salvaged *result;
};

void repair_salvaged_deinit(struct repair_salvaged *salvaged)
{
	free(salvaged->name);
	rangeset_deinit(&salvaged->lost);
	*salvaged = REPAIR_SALVAGED_NULL;
}

static int write_all(int fd, const unsigned char *data, size_t len, uint64_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		data += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Exactly @want bytes; those before the end of what is read at least @need. 0, -errno, -ENODATA short. */
static int read_exactly(int fd, unsigned char *buffer, struct byte_range want, uint64_t need)
{
	uint64_t done = 0;

	while (done < need) {
		ssize_t n = pread(fd, buffer + done, want.len - done, (off_t)(want.start + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		done += (uint64_t)n;
	}
	return 0;
}

/* ---- a sector that the file does not give ---- */

/* Where on the device the block of the file at @offset is, by the findings. False: they do not tell. */
static bool place_of(const struct salvage *s, uint64_t offset, uint64_t *ret)
{
	const struct findings *f = s->facts->f;
	uint64_t page = offset - offset % PAGE_BYTES;

	/* within one filesystem block, and where the device is the filesystem's */
	if (f->through || f->geom.block_size < PAGE_BYTES)
		return false;
	for (size_t i = 0; i < f->n_items; i++) {
		const struct finding *item = &f->items[i];

		if (item->file != s->file || item->kind != FS_OWNER_DATA ||
		    item->offset >= page + PAGE_BYTES || item->offset + item->len <= page)
			continue;
		*ret = item->start + (offset - item->offset);
		return true;
	}
	return false;
}

static int is_there(const struct salvage *s, struct byte_range in_file, uint64_t byte)
{
	CLEANUP(rangeset_deinit) struct rangeset map = RANGESET_NULL;
	int r = fs_map_file(s->in, in_file, &map);

	if (r)
		return r;
	return map.n == 1 && map.ranges[0].start == byte && map.ranges[0].len >= in_file.len
		       ? 0
		       : -ESTALE;
}

static int read_from_device(struct salvage *s, struct byte_range in_file)
{
	struct byte_range there = {0, in_file.len};
	int r;

	if (!place_of(s, in_file.start, &there.start))
		return -EIO;
	if (rangeset_overlaps(s->facts->known_bad, there))
		return -EIO;
	r = s->device >= 0 ? 0 : blkdev_open_direct(&s->look->dev, &s->device);
	if (!r)
		r = is_there(s, in_file, there.start);
	if (!r)
		r = read_exactly(s->device, s->buffer, there, there.len);
	if (!r)
		r = is_there(s, in_file, there.start);
	return r;
}

/* ---- copying ---- */

static uint64_t in_file(const struct salvage *s, struct byte_range range)
{
	return range.start >= s->size       ? 0
	       : range_end(range) > s->size ? s->size - range.start
					    : range.len;
}

static int keep(struct salvage *s, struct byte_range range)
{
	uint64_t len = in_file(s, range);
	bool zeros = true;

	for (uint64_t i = 0; zeros && i < len; i++)
		zeros = !s->buffer[i];
	s->result->copied += len;
	return zeros ? 0 : write_all(s->out, s->buffer, len, range.start);
}

/* @range: multiples of sectors. One that cannot be read is noted. -errno of writing. */
static int copy_sectors(struct salvage *s, struct byte_range range)
{
	for (uint64_t at = range.start; at < range_end(range); at += SECTOR_SIZE) {
		struct byte_range one = {at, SECTOR_SIZE};
		uint64_t need = in_file(s, one);
		int r;

		if (!need)
			return 0;
		r = read_exactly(s->in, s->buffer, one, need);
		if (r)
			r = read_from_device(s, one);
		r = r ? rangeset_add(&s->refused, (struct byte_range){at, need}) : keep(s, one);
		if (r)
			return r;
	}
	return 0;
}

static int copy_pages(struct salvage *s, struct byte_range range);

static int copy_each_page(struct salvage *s, struct byte_range range)
{
	int r = 0;

	for (uint64_t at = range.start; !r && at < range_end(range); at += PAGE_BYTES)
		r = copy_pages(s, (struct byte_range){at, PAGE_BYTES});
	return r;
}

/* Pages, none of which is known bad. */
static int copy_pages(struct salvage *s, struct byte_range range)
{
	while (range.len) {
		struct byte_range step = {range.start, range.len < STEP ? range.len : STEP};
		uint64_t need = in_file(s, step);
		int r;

		if (!need)
			return 0;
		r = read_exactly(s->in, s->buffer, step, need);
		if (!r)
			r = keep(s, step);
		else if (step.len > PAGE_BYTES)
			r = copy_each_page(s, step);
		else
			r = copy_sectors(s, step);
		if (r)
			return r;
		range.start += step.len;
		range.len -= step.len;
	}
	return 0;
}

/* What is stored in the file, in whole pages; a filesystem that cannot tell has it all. */
static int find_stored(const struct salvage *s, struct rangeset *ret)
{
	CLEANUP(rangeset_deinit) struct rangeset stored = RANGESET_NULL;
	uint64_t at = 0;

	while (at < s->size) {
		off_t data = lseek(s->in, (off_t)at, SEEK_DATA), hole;
		int r;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(s->in, data, SEEK_HOLE);
		if (data < 0 || hole <= data)
			return -errno;
		r = rangeset_add(&stored,
				 (struct byte_range){(uint64_t)data, (uint64_t)(hole - data)});
		if (r)
			return r;
		at = (uint64_t)hole;
	}
	return rangeset_round_out(&stored, PAGE_BYTES, ret);
}

static int copy_all(struct salvage *s)
{
	CLEANUP(rangeset_deinit) struct rangeset stored = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset pages = RANGESET_NULL; /* bad in part */
	CLEANUP(rangeset_deinit) struct rangeset lost = RANGESET_NULL;
	CLEANUP(rangeset_deinit) struct rangeset whole = RANGESET_NULL; /* pages that are not */
	CLEANUP(rangeset_deinit) struct rangeset rest = RANGESET_NULL;  /* of those that are */
	struct rangeset *holes = &s->result->lost;
	int r;

	r = find_stored(s, &stored);
	if (!r)
		r = plan_unreadable(s->facts, s->file, &pages, &lost);
	if (!r)
		r = rangeset_diff(&stored, &pages, &whole);
	if (!r)
		r = rangeset_diff(&pages, &lost, &rest);
	for (size_t i = 0; !r && i < whole.n; i++)
		r = copy_pages(s, whole.ranges[i]);
	for (size_t i = 0; !r && i < rest.n; i++)
		r = copy_sectors(s, rest.ranges[i]);
	if (!r)
		r = rangeset_copy(holes, &lost);
	if (!r)
		r = rangeset_add_set(holes, &s->refused);
	if (!r && s->size < INT64_MAX)
		r = rangeset_subtract(holes, (struct byte_range){s->size, INT64_MAX - s->size});
	s->result->unexpected = rangeset_bytes(&s->refused);
	return r;
}

/* ---- the two files ---- */

/* ddrescue's map (GNU ddrescue manual, "Mapfile structure"): '+' is there, '-' is lost */
static int write_map(const struct salvage *s, int fd)
{
	const struct rangeset *lost = &s->result->lost;
	CLEANUP(freep) char *text = NULL;
	uint64_t at = 0;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return -ENOMEM;
	fputs("# Mapfile. Created by pmemrasctl repair --salvage\n"
	      "# current_pos  current_status  current_pass\n"
	      "0x00000000     +               1\n"
	      "#      pos        size  status\n",
	      out);
	for (size_t i = 0; i < lost->n; i++) {
		struct byte_range one = lost->ranges[i];

		if (one.start > at)
			fprintf(out, "0x%08" PRIX64 "  0x%08" PRIX64 "  +\n", at, one.start - at);
		fprintf(out, "0x%08" PRIX64 "  0x%08" PRIX64 "  -\n", one.start, one.len);
		at = range_end(one);
	}
	if (at < s->size)
		fprintf(out, "0x%08" PRIX64 "  0x%08" PRIX64 "  +\n", at, s->size - at);
	if (fclose(out))
		return -ENOMEM;
	return write_all(fd, (unsigned char *)text, len, 0);
}

static void base_name(const struct salvage *s, char buf[NAME_BYTES + 1])
{
	const struct found_file *file = &s->facts->f->files[s->file];
	uint32_t cursor = 0;
	const char *path = findings_path_next(s->facts->f, file, &cursor);
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (slash && slash[1])
		snprintf(buf, NAME_BYTES + 1, "%s", slash + 1);
	else
		snprintf(buf, NAME_BYTES + 1, "inode-%" PRIu64, file->ino);
}

static int create(int dir, const char *name, int *ret)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* A name that is free, and so is its map's. @ret_fd: the copy, empty; @ret_map: the map's name */
static int create_copy(struct salvage *s, int dir, char **ret_map)
{
	char base[NAME_BYTES + 1];

	base_name(s, base);
	for (unsigned int i = 0; i < NAMES_MAX; i++) {
		CLEANUP(freep) char *name = NULL;
		CLEANUP(freep) char *map = NULL;
		char number[16] = "";
		int r;

		if (i)
			snprintf(number, sizeof(number), ".%u", i);
		if (asprintf(&name, "%s%s", base, number) < 0 ||
		    asprintf(&map, "%s%s.map", base, number) < 0)
			return -ENOMEM;
		if (!faccessat(dir, map, F_OK, AT_SYMLINK_NOFOLLOW))
			continue;
		r = create(dir, name, &s->out);
		if (r == -EEXIST)
			continue;
		if (r)
			return r;
		s->result->name = steal(name);
		*ret_map = steal(map);
		return 0;
	}
	return -EEXIST;
}

static int finish(struct salvage *s, int dir, const char *map_name)
{
	CLEANUP(fd_closep) int map = -1;
	int r;

	if (ftruncate(s->out, (off_t)s->size) || fsync(s->out))
		return -errno;
	r = create(dir, map_name, &map);
	if (!r)
		r = write_map(s, map);
	if (!r && (fsync(map) || fsync(dir)))
		r = -errno;
	if (r && map >= 0)
		unlinkat(dir, map_name, 0);
	return r;
}

static int salvage(struct salvage *s, int dir)
{
	CLEANUP(freep) char *map_name = NULL;
	struct plan_inode before, after;
	int r;

	r = fs_file_look(s->in, &before);
	if (r)
		return r;
	s->size = before.size;
	r = create_copy(s, dir, &map_name);
	if (r)
		return r;
	r = copy_all(s);
	if (!r)
		r = finish(s, dir, map_name);
	if (!r)
		r = fs_file_look(s->in, &after);
	if (r) {
		unlinkat(dir, s->result->name, 0);
		return r;
	}
	s->result->changed = before.changed_nsec != after.changed_nsec || before.size != after.size;
	return 0;
}

static void salvage_deinit(struct salvage *s)
{
	fd_closep(&s->in);
	fd_closep(&s->out);
	fd_closep(&s->device);
	free(s->buffer);
	rangeset_deinit(&s->refused);
}

int repair_salvage(const struct repair_look *look, const struct plan_facts *facts, int fs_fd,
		   uint32_t file, int dir, struct repair_salvaged *ret)
{
	CLEANUP(repair_salvaged_deinit) struct repair_salvaged result = REPAIR_SALVAGED_NULL;
	CLEANUP(salvage_deinit)
	struct salvage s = {look, facts, file, 0, -1, -1, -1, NULL, RANGESET_NULL, &result};
	const struct found_file *found = &facts->f->files[file];
	void *buffer;
	int r;

	r = fs_file_open(fs_fd, found->ino, found->gen, O_RDONLY | O_DIRECT | O_NOATIME, &s.in);
	if (r)
		return r;
	if (posix_memalign(&buffer, PAGE_BYTES, STEP))
		return -ENOMEM;
	s.buffer = buffer;
	r = salvage(&s, dir);
	if (r)
		return r;

	*ret = result;
	result = REPAIR_SALVAGED_NULL;
	return 0;
}
