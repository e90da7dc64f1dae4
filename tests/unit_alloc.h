/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_UNIT_ALLOC_H
#define PMEMRAS_UNIT_ALLOC_H

/*
 * Allocations that fail on demand. Include it in one file of a test that is
 * linked with $(unit_alloc), see tests/Makemodule.am.
 */
#include <stdbool.h>
#include <stddef.h>

/* So many succeed, then all fail until it is set again; negative: no end of them. */
static int allocations_left = -1;

static bool allocation_fails(void)
{
	if (allocations_left < 0)
		return false;
	if (!allocations_left)
		return true;
	allocations_left--;
	return false;
}

/* the compiler may turn one into another: all can fail */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(pointer, size);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(n, size);
}

#endif
