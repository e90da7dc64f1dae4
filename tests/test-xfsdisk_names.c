/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From inodes to names through all directories; circles, depth, what is missing. */
#include "unit.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "xfsdisk_names.h"
#include "ximage.h"

#define ROOT 64u

static struct ximage image;
static char said[8192];
static uint64_t asked[4];
static unsigned int told;
static bool stop;

static int setup(void **state)
{
	ximage_init(&image);
	memset(asked, 0, sizeof(asked));
	told = 0;
	stop = false;
	return 0;
}

static bool is_wanted(uint64_t ino, void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(asked); i++)
		if (asked[i] == ino)
			return true;
	return false;
}

static int say(uint64_t ino, const char *path, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "%" PRIu64 " %s;", ino, path);
	return stop ? 77 : 0;
}

static int say_lost(uint64_t ino, void *data)
{
	size_t len = strlen(said);

	snprintf(said + len, sizeof(said) - len, "lost in %" PRIu64 ";", ino);
	return 0;
}

static int count(uint64_t done, uint64_t known, void *data)
{
	assert_true(done && done <= known);
	told++;
	return 0;
}

static int walk(void)
{
	static const struct xfsdisk_names_sink sink = {is_wanted, say, say_lost, count, NULL};
	struct xfsdisk disk;

	said[0] = '\0';
	assert_int_equal(ximage_open(&image, &disk), 0);
	return xfsdisk_names_walk(&disk, &sink);
}

static void says(const char *what)
{
	assert_int_equal(walk(), 0);
	assert_string_equal(said, what);
}

static void end(uint64_t ino)
{
	ximage_seal(ximage_block(&image, 0, 0) + ino * XIMAGE_INODE, XIMAGE_INODE, 100);
}

/* /a, /a/b with a file of two names, one of them in the root */
static void tree(void)
{
	uint8_t *at = ximage_dir_short(&image, ROOT, 3);

	at = ximage_dirshort(at, 66, "a", 2);
	at = ximage_dirshort(at, 70, "file", 1);
	ximage_dirshort(at, 72, "odd\n", 1);
	end(ROOT);
	ximage_dirshort(ximage_dir_short(&image, 66, 1), 68, "b", 2);
	end(66);
	at = ximage_dir_short(&image, 68, 2);
	at = ximage_dirshort(at, 70, "again", 1);
	ximage_dirshort(at, 73, "deep", 1);
	end(68);
}

static void names(void **state)
{
	tree();
	asked[0] = 70;
	says("70 /file;70 /a/b/again;");
	assert_int_equal(told, 1);
	asked[1] = 73;
	asked[2] = 68;
	asked[3] = ROOT;
	says("64 /;70 /file;68 /a/b;70 /a/b/again;73 /a/b/deep;");
	stop = true;
	assert_int_equal(walk(), 77);
}

static void circles(void **state)
{
	uint8_t *at = ximage_dir_short(&image, ROOT, 2);

	at = ximage_dirshort(at, ROOT, "self", 2);
	ximage_dirshort(at, 66, "a", 2);
	end(ROOT);
	at = ximage_dir_short(&image, 66, 3);
	at = ximage_dirshort(at, 66, "self", 2);
	at = ximage_dirshort(at, ROOT, "up", 2);
	ximage_dirshort(at, 70, "file", 1);
	end(66);
	asked[0] = 70;
	asked[1] = 66;
	says("66 /a;66 /a/self;70 /a/file;");
}

static void unreadable(void **state)
{
	tree();
	asked[0] = 70;
	asked[1] = 73;
	image.bad = (struct byte_range){68 * XIMAGE_INODE, 1};
	says("70 /file;lost in 68;");
	image.error = -ENODEV;
	assert_int_equal(walk(), -ENODEV);
	image.bad = (struct byte_range){0, 0};
	ximage_block(&image, 0, 34)[200] ^= 1; /* inode 68 */
	says("70 /file;lost in 68;");
	setup(NULL);
	says("lost in 64;"); /* no root at all */
}

/* By its entry a directory, by itself a file: nothing is in it, and nothing is missing. */
static void wrong_type(void **state)
{
	tree();
	asked[0] = 73;
	ximage_inode(&image, 66, 0100644);
	says("");
}

/* The same depth as there are inodes: every one of a group below the other. */
static void chain(void **state)
{
	char path[512] = "127 ";

	for (uint64_t ino = 66; ino < 127; ino++) {
		ximage_dirshort(ximage_dir_short(&image, ino, 1), ino + 1, "d", 2);
		end(ino);
		strcat(path, "/d");
	}
	ximage_dirshort(ximage_dir_short(&image, ROOT, 1), 66, "d", 2);
	end(ROOT);
	ximage_inode(&image, 127, 0100644);
	asked[0] = 127;
	strcat(path, "/d;");
	says(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(names, setup),
		cmocka_unit_test_setup(circles, setup),
		cmocka_unit_test_setup(unreadable, setup),
		cmocka_unit_test_setup(wrong_type, setup),
		cmocka_unit_test_setup(chain, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
