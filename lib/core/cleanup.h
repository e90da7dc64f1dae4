/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_CLEANUP_H
#define PMEMRAS_CLEANUP_H

/*
 * Ownership of locals: CLEANUP(fn) runs fn(&variable) when the variable goes
 * out of scope, steal(variable) hands its value out and leaves NULL behind.
 */
#include <stddef.h>
#include <stdlib.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define steal(pointer)                                                                             \
	__extension__({                                                                            \
		__typeof__(&(pointer)) steal_from_ = &(pointer);                                   \
		__typeof__(pointer) steal_value_ = *steal_from_;                                   \
		*steal_from_ = NULL;                                                               \
		steal_value_;                                                                      \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* for CLEANUP(freep): any pointer that came from malloc() */
static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

#endif
