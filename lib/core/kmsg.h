/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_KMSG_H
#define PMEMRAS_KMSG_H

/*
 * Records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg):
 * "PRIORITY,SEQUENCE,USEC,FLAGS[,…];TEXT\n[ KEY=VALUE\n…]".
 */
#include <stddef.h>
#include <stdint.h>

struct kmsg_failure {
	uint64_t pfn;
	uint64_t sequence;
	uint64_t usec; /* since boot, the kernel's clock for messages */
};

enum kmsg_error { KMSG_E_OTHER = 1 /* says something else */ };

/**
 * kmsg_memory_failure() - does the record say that the kernel handled a memory failure?
 * @text: one record, not necessarily NUL-terminated
 *
 * That is "Memory failure: 0xPFN: recovery action for PAGE: RESULT" (mm/memory-failure.c), once
 * for each page. Only the kernel's own messages count: what a process wrote into /dev/kmsg has
 * another facility.
 *
 * Return: 0; KMSG_E_OTHER; -EBADMSG: no record.
 */
int kmsg_memory_failure(const char *text, size_t len, struct kmsg_failure *ret);

#endif
