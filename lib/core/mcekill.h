/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_MCEKILL_H
#define PMEMRAS_MCEKILL_H

/*
 * When a thread is told of memory that failed below a mapping of its process: at once ("early kill"), or when it
 * touches it. prctl(PR_MCE_KILL) sets that for a thread; one that never did follows the machine's
 * vm.memory_failure_early_kill. The kernel looks for one early thread in each process
 * (find_early_kill_thread(), mm/memory-failure.c).
 *
 * Of others it can be read nowhere but in the kernel's flags of a task, field 9 of
 * /proc/PID/task/TID/stat (proc_pid_stat(5)): PF_MCE_PROCESS and PF_MCE_EARLY of
 * include/linux/sched.h, at these bits since Linux 2.6.32.
 */
#include <stddef.h>

#define MCEKILL_FLAG_PROCESS 0x00000080u /* PF_MCE_PROCESS: PR_MCE_KILL was set */
#define MCEKILL_FLAG_EARLY   0x08000000u /* PF_MCE_EARLY: to early */

enum mcekill {
	MCEKILL_DEFAULT, /* as the machine has it */
	MCEKILL_EARLY,
	MCEKILL_LATE,
};

/**
 * mcekill_parse() - what a thread has set
 * @stat: of /proc/PID/task/TID/stat, any bytes; need not end in NUL
 *
 * Return: 0; -EBADMSG, @ret untouched.
 */
int mcekill_parse(const char *stat, size_t len, enum mcekill *ret);

#endif
