/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Only the last N times matter: the N-th event from the end tells whether N
 * lie within T. So an engine is a ring of N times and needs no timer: whether
 * the rate was below the threshold meanwhile is asked when the next event comes.
 */
#include <errno.h>
#include <string.h>
#include "serd.h"

int serd_init(struct serd *serd, unsigned int n, uint64_t t_usec)
{
	if (!n || n > SERD_N_MAX)
		return -EINVAL;
	*serd = (struct serd){.n = n, .t_usec = t_usec};
	return 0;
}

void serd_reset(struct serd *serd)
{
	serd->known = serd->next = 0;
	serd->fired = false;
}

/* The oldest that is kept is where the next one will go. */
bool serd_bursting(const struct serd *serd, uint64_t now_usec)
{
	uint64_t oldest;

	if (serd->known < serd->n)
		return false;
	oldest = serd->times[serd->next];
	return now_usec < oldest || now_usec - oldest <= serd->t_usec;
}

bool serd_record(struct serd *serd, uint64_t now_usec)
{
	uint64_t last = serd->known ? serd->times[(serd->next + serd->n - 1) % serd->n] : 0;

	if (now_usec < last)
		now_usec = last;
	if (!serd_bursting(serd, now_usec))
		serd->fired = false;
	serd->times[serd->next] = now_usec;
	serd->next = (serd->next + 1) % serd->n;
	if (serd->known < serd->n)
		serd->known++;

	if (serd->fired || !serd_bursting(serd, now_usec))
		return false;
	serd->fired = true;
	return true;
}
