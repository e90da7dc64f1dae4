/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * writers DIR SECONDS: create + fallocate + unlink in a loop; prints the
 * latencies of one round: "ROUNDS P50 P99 MAX" (microseconds). What a sweep of
 * the reverse map costs the others who work in the same allocation group.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	uint64_t end, t;
	uint32_t *took;
	size_t n = 0, max = 4u << 20;
	char path[4096];

	if (argc != 3)
		errx(2, "usage: writers DIR SECONDS");
	took = malloc(max * sizeof(*took));
	if (!took)
		err(1, "malloc");
	snprintf(path, sizeof(path), "%s/writer", argv[1]);
	end = now() + (uint64_t)(atof(argv[2]) * 1e6);
	while ((t = now()) < end && n < max) {
		int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

		if (fd < 0 || fallocate(fd, 0, 0, 65536) || close(fd) || unlink(path))
			err(1, "%s", path);
		took[n++] = (uint32_t)(now() - t);
	}
	qsort(took, n, sizeof(*took), compare);
	if (!n)
		errx(1, "no round was completed");
	printf("%zu %u %u %u\n", n, took[n / 2], took[n - 1 - n / 100], took[n - 1]);
	free(took);
	return 0;
}
