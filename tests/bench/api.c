/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api DEVICE RANGES TIMES: the library's answer for the first range of a file
 * of "START+LENGTH" lines, TIMES times in one process, paths included.
 */
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "pmemras.h"

int main(int argc, char **argv)
{
	struct pmemras_ctx *ctx = NULL;
	struct pmemras_finding item;
	uint64_t start, len;
	size_t paths = 0;
	struct stat st;
	FILE *f;
	int r;

	if (argc != 4)
		errx(2, "usage: api DEVICE RANGES TIMES");
	f = fopen(argv[2], "r");
	if (!f || fscanf(f, "%lu+%lu", &start, &len) != 2)
		errx(2, "%s: no range", argv[2]);
	fclose(f);
	if (stat(argv[1], &st))
		err(1, "%s", argv[1]);
	r = pmemras_new(&ctx);
	for (long i = atol(argv[3]); !r && i > 0; i--) {
		struct pmemras_findings *findings = NULL;

		r = pmemras_locate(ctx, st.st_rdev, start, len, &findings);
		for (size_t k = 0; !r && !pmemras_findings_get(findings, k, &item, sizeof(item)); k++)
			paths += item.n_paths;
		pmemras_findings_free(findings);
	}
	pmemras_free(ctx);
	if (r)
		errx(1, "%s", pmemras_strerror(r));
	printf("%zu paths\n", paths);
	return 0;
}
