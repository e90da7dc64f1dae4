/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crowd FILE PROCESSES MAPS EVERY: a machine full of processes. Each maps MAPS pieces of files, one page
 * each, neighbours of different permissions so that they stay mappings of their own; every EVERYth maps a
 * page of FILE as well, and none but these has it open. Says "ready" when all are there, and ends them
 * when its standard input ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int map_many(const char *filler, long maps)
{
	long page = sysconf(_SC_PAGESIZE);
	int fd = open(filler, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	for (long i = 0; i < maps; i++)
		if (mmap(NULL, (size_t)page, i % 2 ? PROT_READ : PROT_READ | PROT_EXEC, MAP_PRIVATE,
			 fd, 0) == MAP_FAILED)
			return -1;
	return close(fd);
}

static int map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *at;

	if (fd < 0)
		return -1;
	at = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
	long n, maps, every;
	pid_t *pids;
	char byte;

	if (argc != 5) {
		fprintf(stderr, "usage: crowd FILE PROCESSES MAPS EVERY\n");
		return 2;
	}
	n = strtol(argv[2], NULL, 10);
	maps = strtol(argv[3], NULL, 10);
	every = strtol(argv[4], NULL, 10);
	pids = n > 0 ? calloc((size_t)n, sizeof(*pids)) : NULL;
	if (!pids || every <= 0 || map_many("/proc/self/exe", maps)) {
		fprintf(stderr, "crowd: %s\n", strerror(errno));
		return 1;
	}
	for (long i = 0; i < n; i++) {
		int ready[2];

		if (pipe2(ready, O_CLOEXEC))
			return 1;
		pids[i] = fork();
		if (pids[i] < 0) {
			fprintf(stderr, "crowd: process %ld: %s\n", i, strerror(errno));
			n = i;
			break;
		}
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if ((i % every == 0 && map_file(argv[1])) || write(ready[1], "", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			return 1;
		close(ready[0]);
	}
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	for (long i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (long i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
	free(pids);
	return 0;
}
