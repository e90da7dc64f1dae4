/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SERD_H
#define PMEMRAS_SERD_H

/*
 * Soft-error-rate discrimination: a few errors over the years are to be
 * expected, N of them within T are not. Fires once when the rate is reached;
 * again only after it was below N in T meanwhile.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERD_N_MAX 64u

struct serd {
	unsigned int n;             /* events, 1 … SERD_N_MAX */
	uint64_t t_usec;            /* within */
	uint64_t times[SERD_N_MAX]; /* of the last @n events, a ring */
	unsigned int known, next;
	bool fired;
};

/* -EINVAL: @n is 0 or too many */
int serd_init(struct serd *serd, unsigned int n, uint64_t t_usec);
void serd_reset(struct serd *serd);
/* @now_usec: a clock that does not go back; where it does, time stands still. True: fires. */
bool serd_record(struct serd *serd, uint64_t now_usec);
/* The rate is reached, as of @now_usec. */
bool serd_bursting(const struct serd *serd, uint64_t now_usec);

#endif
