/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sd_journal_sendv() claims success where there is no journal at all, so the
 * socket is looked for each time: entries are rare, and a journal that is
 * restarted counts again at once. What it cannot take goes to standard error,
 * which under systemd ends up in the journal as well.
 */
#define SD_JOURNAL_SUPPRESS_LOCATION /* where in our source it was said is of no use to anybody */
#include "journal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "cleanup.h"

#define SOCKET "/run/systemd/journal/socket"

void journal_entry_deinit(struct journal_entry *entry)
{
	for (size_t i = 0; i < entry->n; i++)
		free(entry->fields[i].iov_base);
	free(entry->fields);
	*entry = JOURNAL_ENTRY_NULL;
}

void journal_entry_bytes(struct journal_entry *entry, const char *name, const void *value,
			 size_t len)
{
	size_t name_len = strlen(name);
	char *field;

	if (entry->n == entry->allocated) {
		size_t allocated = entry->allocated ? 2 * entry->allocated : 32;
		struct iovec *more = realloc(entry->fields, allocated * sizeof(*more));

		if (!more) {
			entry->failed = true;
			return;
		}
		entry->fields = more;
		entry->allocated = allocated;
	}
	field = malloc(name_len + 1 + len);
	if (!field) {
		entry->failed = true;
		return;
	}
	memcpy(field, name, name_len);
	field[name_len] = '=';
	memcpy(field + name_len + 1, value, len);
	entry->fields[entry->n++] = (struct iovec){field, name_len + 1 + len};
}

void journal_entry_text(struct journal_entry *entry, const char *name, const char *value)
{
	journal_entry_bytes(entry, name, value, strlen(value));
}

void journal_entry_number(struct journal_entry *entry, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	journal_entry_text(entry, name, text);
}

void journal_send(const struct journal *journal, int priority, const char *id,
		  struct journal_entry *entry, const char *message)
{
	CLEANUP(journal_entry_deinit) struct journal_entry plain = JOURNAL_ENTRY_NULL;
	bool sent = false;

	if (!entry)
		entry = &plain;
	journal_entry_text(entry, "MESSAGE", message);
	journal_entry_number(entry, "PRIORITY", (uint64_t)priority);
	journal_entry_text(entry, "SYSLOG_IDENTIFIER", "pmemrasd");
	if (id)
		journal_entry_text(entry, "MESSAGE_ID", id);

	if (!entry->failed && access(SOCKET, F_OK) == 0)
		sent = sd_journal_sendv(entry->fields, (int)entry->n) == 0;
	if (!sent || journal->foreground)
		fprintf(stderr, "pmemrasd: %s\n", message);
}

void journal_say(const struct journal *journal, int priority, const char *id, const char *format,
		 ...)
{
	CLEANUP(freep) char *message = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&message, format, args);
	va_end(args);
	if (n < 0)
		message = NULL;
	journal_send(journal, priority, id, NULL, message ? message : format);
}
