/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a fuzzer without libFuzzer: feeds it the files given as arguments or,
 * without any, its seed corpus in tests/data/fuzz/NAME, where NAME comes from
 * the program's own, "fuzz-NAME". Each file goes in whole, and cut after every
 * byte of its first 4 KiB, in a buffer without a byte to spare.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "fuzz.h"

#define CUTS_MAX 4096

static void feed(const uint8_t *data, size_t size)
{
	CLEANUP(freep) uint8_t *exact = malloc(size ? size : 1);

	fuzz_require(exact);
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
}

static int replay(int directory, const char *name)
{
	static uint8_t data[1 << 20];
	size_t size = 0;
	ssize_t n = 1;
	int fd;

	fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		return 1;
	}
	while (n > 0 && size < sizeof(data)) {
		n = read(fd, data + size, sizeof(data) - size);
		size += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (n) {
		fprintf(stderr, "%s: %s\n", name, n < 0 ? strerror(errno) : "larger than 1 MiB");
		return 1;
	}

	printf("%s, %zu bytes\n", name, size);
	fflush(stdout);
	for (size_t cut = 0; cut < size && cut < CUTS_MAX; cut++)
		feed(data, cut);
	feed(data, size);
	return 0;
}

static int replay_corpus(void)
{
	const char *srcdir = getenv("srcdir"), *name = program_invocation_short_name;
	unsigned int files = 0;
	char path[4096];
	DIR *directory;
	int r = 0;

	if (!strncmp(name, "lt-", 3))
		name += 3;
	if (!strncmp(name, "fuzz-", 5))
		name += 5;
	snprintf(path, sizeof(path), "%s/tests/data/fuzz/%s", srcdir ? srcdir : ".", name);
	directory = opendir(path);
	if (!directory) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
		if (entry->d_name[0] == '.')
			continue;
		r |= replay(dirfd(directory), entry->d_name);
		files++;
	}
	closedir(directory);
	if (!files) {
		fprintf(stderr, "%s: a corpus without a file proves nothing\n", path);
		return 1;
	}
	return r;
}

int main(int argc, char **argv)
{
	int r = 0;

	if (argc < 2)
		return replay_corpus();
	for (int i = 1; i < argc; i++)
		r |= replay(AT_FDCWD, argv[i]);
	return r;
}
