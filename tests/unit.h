/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_UNIT_H
#define PMEMRAS_UNIT_H

/* What every unit test includes: cmocka with the headers it asks for, and a table's row in
 * messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "cleanup.h"

/*
 * In a loop over vectors: prints the row that the next assertions look at, so
 * that the log of a failing test ends with it.
 */
#define UNIT_ROW(table, index, what) unit_row(#table, (size_t)(index), (what))

static inline void unit_row(const char *table, size_t index, const char *what)
{
	print_message("%s[%zu] %s\n", table, index, what ? what : "");
}

#endif
