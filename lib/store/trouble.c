/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A full disk takes no row that says so, hence a place of its own: /run is
 * memory, there before any disk and gone with the machine. State directories
 * may be many (tests, a second instance), so the file's name carries a hash
 * of the directory's resolved name. Two that collide would at worst show one's
 * trouble for the other: the text names the directory.
 */
#include "trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "fd.h"

#define RUN_DIR  "/run/pmemras"
#define NAME_BUF 64
#define TEXT_MAX 4096

/* FNV-1a, 64 bits: Fowler, Noll, Vo; draft-eastlake-fnv */
static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

static void make_name(const char *dir, char name[NAME_BUF])
{
	CLEANUP(freep) char *real = realpath(dir, NULL);

	snprintf(name, NAME_BUF, RUN_DIR "/trouble-%016llx",
		 (unsigned long long)hash(real ? real : dir));
}

int trouble_tell(const char *dir, const char *text)
{
	CLEANUP(fd_closep) int fd = -1;
	char name[NAME_BUF], fresh[NAME_BUF + 8];
	size_t len = strlen(text);
	int r = 0;

	if (mkdir(RUN_DIR, 0755) && errno != EEXIST)
		return -errno;
	make_name(dir, name);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (len >= TEXT_MAX)
		len = TEXT_MAX - 1;
	if (write(fd, text, len) != (ssize_t)len)
		r = -EIO;
	else if (rename(fresh, name))
		r = -errno;
	if (r)
		(void)unlink(fresh);
	return r;
}

int trouble_read(const char *dir, char **ret)
{
	CLEANUP(freep) char *text = NULL;
	CLEANUP(fd_closep) int fd = -1;
	char name[NAME_BUF];
	ssize_t got;

	make_name(dir, name);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	text = malloc(TEXT_MAX);
	if (!text)
		return -ENOMEM;
	got = read(fd, text, TEXT_MAX - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	*ret = steal(text);
	return 0;
}

void trouble_clear(const char *dir)
{
	char name[NAME_BUF];

	make_name(dir, name);
	if (!unlink(name))
		(void)rmdir(RUN_DIR); /* where it was the last */
}
