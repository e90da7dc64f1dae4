/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_RECORD_SAMPLE_H
#define PMEMRAS_RECORD_SAMPLE_H

/* One of everything that findings can hold, with names of any bytes and numbers at their limits. */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "mapsline.h"
#include "record.h"

#define NO FINDING_NO_FILE

static const struct fsgeom sample_geom = {
	.block_size = 4096,
	.sector_size = 512,
	.inode_size = 512,
	.ag_blocks = 1000,
	.ag_count = 4,
	.data_blocks = 3900,
	.features = FSGEOM_RMAPBT | FSGEOM_REFLINK | FSGEOM_SPARSE_INODES,
	.log = {6144000, 409600},
	.uuid = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0, 1, 2, 3, 4, 5, 6, 0xff},
};

/* Sorted, as the locator leaves them. */
static const struct finding sample_items[] = {
	{0, 512, 0, 0, NO, FS_OWNER_SUPERBLOCK, FINDING_PRIMARY, 0},
	{65536, 4096, 128, 0, NO, FS_OWNER_INODES, 0, 8},
	{69632, 512, 136, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNUSED, 1},
	{70144, 512, 137, 0, NO, FS_OWNER_INODES, FINDING_INODES_UNREADABLE, 1},
	{131072, 4096, 0, 0, NO, FS_OWNER_FREE, 0, 0},
	{409600, 1024, 69632, 131, 1, FS_OWNER_DATA, FINDING_SHARED, 0},
	{409600, 1024, 0, 977, 5, FS_OWNER_DATA, FINDING_SHARED | FINDING_PAST_EOF, 0},
	{413696, 512, UINT64_MAX - 512, 400, 4, FS_OWNER_DATA, FINDING_UNWRITTEN, 0},
	{417792, 512, 0, 131, 1, FS_OWNER_ATTR, 0, 0},
	{418304, 512, 0, 131, 1, FS_OWNER_EXTENT_MAP, 0, 0},
	{421888, 512, 0, 128, 0, FS_OWNER_DIRECTORY, 0, 0},
	{425984, 512, 0, 300, 2, FS_OWNER_DATA, 0, 0},
	{430080, 512, 0, 301, 3, FS_OWNER_INTERNAL, 0, 0},
	{8192512, 512, 0, 0, NO, FS_OWNER_AGF, 0, 0},
	{UINT64_MAX - 512, 512, 0, 0, NO, FS_OWNER_UNKNOWN, 0, 0},
};

static const struct found_file sample_files[] = {
	{128, 4096, 1, S_IFDIR, 7, 0, 0, FOUND_FILE_PATHS | FOUND_FILE_IN_LOST_CLUSTER},
	{131, 5000, 0x5f3a, S_IFREG, 3, 0, 0,
	 FOUND_FILE_PATHS | FOUND_FILE_NO_PATH | FOUND_FILE_IN_LOST_CLUSTER},
	{300, 0, 0, 0, 0, 0, 0, FOUND_FILE_VANISHED},
	{301, 0, 0, 0, 0, 0, 0, FOUND_FILE_INTERNAL},
	{400, UINT64_MAX, UINT32_MAX, S_IFREG, 0, 0, 0, FOUND_FILE_DELETED},
	{977, 0, 0, S_IFREG, 1, 0, 0, FOUND_FILE_PATHS},
};

static const struct {
	size_t file;
	const char *path;
} sample_paths[] = {
	{0, "/srv/db"},
	{1, "/srv/db/orders.ibd"},
	{1, "/srv/db/new\nline \"quoted\" \\back\x1b[31m"},
	{1, "/srv/db/not utf-8 \xff\xfe \xc3\x28 end\xc3"},
	{1, "/srv/db/\xc3\xa9t\xc3\xa9 \xe2\x80\xae \xf0\x9f\x92\xbe"},
	{5, "x"},
};

static const struct found_map sample_maps[] = {
	{{0, 4096}, MAPSLINE_READ | MAPSLINE_SHARED},
	{{0, 8192}, MAPSLINE_READ | MAPSLINE_EXEC},
	{{69632, 512}, MAPSLINE_READ | MAPSLINE_WRITE | MAPSLINE_SHARED},
	{{UINT64_MAX - 4096, 4096}, 0},
};

/* home: one more than the index into sample_homes */
static const struct found_holder sample_holders[] = {
	{.file = 1, .pid = 2210, .mapped = true, .comm = "mysqld"},
	{.file = 1,
	 .pid = 2211,
	 .comm = "\xff\n\"comm",
	 .flags = HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_UID,
	 .uid = UINT32_MAX,
	 .home = 1},
	{.file = 4,
	 .pid = INT32_MAX,
	 .mapped = true,
	 .comm = "fifteen bytes!!",
	 .flags = HOLDER_OPEN | HOLDER_EARLY_KNOWN | HOLDER_EARLY,
	 .home = 2},
	{.file = 5,
	 .pid = 1,
	 .comm = "x",
	 .flags = HOLDER_OPEN | HOLDER_OPEN_READ | HOLDER_OPEN_WRITE | HOLDER_UID |
		  HOLDER_EARLY_KNOWN},
	{.file = 5, .pid = 2, .comm = "", .flags = HOLDER_OPEN | HOLDER_OPEN_WRITE, .home = 1},
	{.file = FINDING_NO_FILE, .pid = 3, .comm = "db", .flags = HOLDER_OPEN, .home = 2},
};

static const struct holder_home sample_homes[] = {
	{.user = "my\xffsql",
	 .unit = "user@1000.service",
	 .user_unit = "app-x\\x2d.scope",
	 .slice = "user-1000.slice"},
	{.container = "we\xff"
		      "b",
	 .kind = CGROUP_LXC},
};

static inline struct findings *sample_make(void)
{
	struct findings *f;

	assert_int_equal(findings_new(&f), 0);
	f->device = strdup("pmem0");
	f->devno = makedev(259, 1048575);
	f->device_size = 16777216;
	f->fs_type = strdup("xfs");
	f->mountpoint = strdup("/srv/\xffmount");
	f->detail = strdup("pmem0p1, \x80");
	f->geom = sample_geom;
	f->reasons = 1u << REASON_CHANGED | 1u << REASON_PATHS_OUTSIDE;
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){0, 512}), 0);
	assert_int_equal(rangeset_add(&f->asked, (struct byte_range){409600, 16384}), 0);
	f->place = calloc(1, sizeof(*f->place));
	assert_non_null(f->place);
	*f->place = (struct place){
		.region = "region0",
		.ns = "namespace0.0",
		.has_address = true,
		.address = 0x101200000,
	};
	place_add_dimm(f->place, (struct byte_range){0, 4096}, "nmem0");
	place_add_dimm(f->place, (struct byte_range){409600, 4096}, "nmem1");
	for (size_t i = 0; i < ARRAY_SIZE(sample_files); i++)
		assert_int_equal(findings_add_file(f, &sample_files[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sample_paths); i++)
		assert_int_equal(findings_add_path(f, sample_paths[i].file, sample_paths[i].path),
				 0);
	for (size_t i = 0; i < ARRAY_SIZE(sample_homes); i++) {
		uint32_t home;

		assert_int_equal(findings_add_home(f, &sample_homes[i], &home), 0);
		assert_int_equal(home, i + 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sample_holders); i++)
		assert_int_equal(findings_add_holder_maps(f, &sample_holders[i], sample_maps,
							  i == 2 ? ARRAY_SIZE(sample_maps) : 0),
				 0);
	for (size_t i = 0; i < ARRAY_SIZE(sample_items); i++)
		assert_int_equal(findings_add(f, &sample_items[i]), 0);
	return f;
}

/* The text of a record; free(). */
static inline char *sample_text(const struct findings *f, size_t limit)
{
	CLEANUP(record_freep) struct json_object *object = NULL;
	char *text;

	assert_int_equal(record_from_findings(f, limit, &object), 0);
	text = strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
	assert_non_null(text);
	return text;
}

#undef NO

#endif
