/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_JOURNAL_H
#define PMEMRAS_JOURNAL_H

/*
 * The system journal (sd_journal_sendv(3)): every message that somebody may
 * want to react to has an id of its own, explained in systemd/pmemras.catalog.
 * Where there is no journal, or for somebody at the terminal (--foreground), the
 * text goes to standard error.
 *
 * Thread-safe: nothing here is shared but the socket.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include <syslog.h>

#define JOURNAL_ID_INCIDENT_NEW     "6f5934f39d6a4f8d9143a4d62d7daae2"
#define JOURNAL_ID_INCIDENT_CHANGED "e3ea2a542b7c4067988e897331d553cd"
#define JOURNAL_ID_INCIDENT_LOCATED "28383342a3ce4cfba8c3fa899af62d27"
#define JOURNAL_ID_INCIDENT_CLOSED  "99fdad40b5ce4d849292ec31b1876023"
#define JOURNAL_ID_STORE_TROUBLE    "0458b876bb6d48449809ec8610af0c66"
#define JOURNAL_ID_STORE_WELL       "cc4afca36df94aec8836db97b31143e7"
#define JOURNAL_ID_STORE_ASIDE      "0b02416399ae41b8be6d768f686aab16"
#define JOURNAL_ID_UNSAVED          "726c05f2dc184d29961c0973d9fce5ff"
#define JOURNAL_ID_DIMM             "b6f2a0d94c1e4d2f8f0a7f5f7c3d9e41"
#define JOURNAL_ID_FS_SHUTDOWN      "5d0c1c0f7e4b4a44a9a6a0e3b7d8f215"
#define JOURNAL_ID_CONFIG           "64a0038089e24d2394ae425f99aee11c"

struct journal {
	bool foreground; /* standard error as well */
};

/* The fields of an entry under construction. Running out of memory is remembered until it is sent.
 */
struct journal_entry {
	struct iovec *fields; /* malloced "NAME=value", the value any bytes */
	size_t n, allocated;
	bool failed;
};

#define JOURNAL_ENTRY_NULL ((struct journal_entry){NULL, 0, 0, false})
void journal_entry_deinit(struct journal_entry *entry);
void journal_entry_bytes(struct journal_entry *entry, const char *name, const void *value,
			 size_t len);
void journal_entry_text(struct journal_entry *entry, const char *name, const char *value);
void journal_entry_number(struct journal_entry *entry, const char *name, uint64_t value);

/*
 * @id:      JOURNAL_ID_*, NULL for plain talk
 * @entry:   more fields, may be NULL
 * @message: for people; names in it are escaped already
 *
 * An entry that cannot be sent whole is sent with its text alone: nothing is swallowed.
 */
void journal_send(const struct journal *journal, int priority, const char *id,
		  struct journal_entry *entry, const char *message);
void journal_say(const struct journal *journal, int priority, const char *id, const char *format,
		 ...) __attribute__((format(printf, 4, 5)));

#endif
