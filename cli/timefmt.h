/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRASCTL_TIMEFMT_H
#define PMEMRASCTL_TIMEFMT_H

/* Times and amounts as people read them. Times are microseconds since the epoch, shown in local
 * time. */
#include <stdint.h>

#define TIMEFMT_BUF 48

/* Today "03:12:41", else "Nov 21 22:05", of another year "2025-11-21 22:05"; "-" for 0. */
char *timefmt_since(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF]);
/* As above with milliseconds and, on another day, the date: "03:12:41.207", "Nov 21 22:05:10.001".
 */
char *timefmt_exact(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF]);
/* "4 s ago", "3 min ago", "2 h ago", "5 days ago"; "in the future" where the clock went back. */
char *timefmt_ago(uint64_t usec, uint64_t now_usec, char buf[TIMEFMT_BUF]);

/* "512 B", "4 KiB"; not a whole number of units: "1.5 MiB" (rounded to a tenth). */
char *sizefmt(uint64_t bytes, char buf[TIMEFMT_BUF]);

#endif
