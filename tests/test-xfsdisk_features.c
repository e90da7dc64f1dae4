/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not known of a superblock, by name. */
#include "unit.h"
#include "xfsdisk_features.h"
#include "ximage.h"

static const struct {
	uint32_t version, incompat;
	const char *says;
} rows[] = {
	{0xb4a4, 0, "version 4"},
	{0xb4a5, 0xef, ""},
	{0xb4a5, 0xff, "needsrepair (run xfs_repair)"},
	{0xb4a5, 0x10b, "metadir"},
	{0xb4a5, 0x30b, "metadir, zoned"},
	{0xb4a5, 0xffffffff, "needsrepair (run xfs_repair), metadir, zoned, zone gaps, 0xfffff800"},
};

static void unknown(void **state)
{
	static struct ximage image;
	char says[XFSDISK_FEATURES_SAYS];
	struct xfsdisk disk;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		UNIT_ROW(rows, i, rows[i].says);
		ximage_init(&image);
		ximage_put(image.bytes + 100, rows[i].version, 2);
		ximage_put(image.bytes + 216, rows[i].incompat, 4);
		ximage_seal_sb(&image);
		xfsdisk_features_unknown(image.bytes, says);
		assert_string_equal(says, rows[i].says);
		assert_int_equal(ximage_open(&image, &disk), *says ? XFSDISK_E_UNSUPPORTED : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
