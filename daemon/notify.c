/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line that answers "is it well, and does it want me?". Trouble with the
 * store comes first: a watcher that cannot write down what it sees is worth
 * more attention than any number behind it. Watchdog pings are sent by sd-event
 * itself (sd_event_set_watchdog(3)), from the loop, so they prove that the loop turns.
 */
#include "notify.h"

#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "cleanup.h"

void notify_deinit(struct notify *notify)
{
	free(notify->text);
	*notify = NOTIFY_NULL;
}

void notify_ready(struct notify *notify)
{
	if (notify->ready)
		return;
	notify->ready = true;
	(void)sd_notify(0, "READY=1");
}

void notify_reloading(struct notify *notify)
{
	struct timespec now;

	/* MONOTONIC_USEC: for Type=notify-reload, systemd.service(5) */
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify->ready = false;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
			 (unsigned long long)now.tv_sec * 1000000 +
				 (unsigned long long)now.tv_nsec / 1000);
}

void notify_stopping(struct notify *notify)
{
	(void)sd_notify(0, "STOPPING=1");
}

void notify_status(struct notify *notify, const char *text)
{
	char *copy;

	if (notify->text && !strcmp(notify->text, text))
		return;
	copy = strdup(text);
	if (copy) {
		free(notify->text);
		notify->text = copy;
	}
	(void)sd_notifyf(0, "STATUS=%s", text);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void notify_text(const struct notify_facts *facts, char *buf, size_t size)
{
	char incidents[160] = "", watching[160];

	if (facts->counted && !facts->n_open && !facts->n_acked)
		snprintf(incidents, sizeof(incidents), "no incidents open; ");
	else if (facts->counted)
		snprintf(incidents, sizeof(incidents), "%zu incident%s open, %zu acknowledged; ",
			 facts->n_open, plural(facts->n_open), facts->n_acked);
	if (facts->counted && facts->n_unlocated)
		snprintf(incidents + strlen(incidents), sizeof(incidents) - strlen(incidents),
			 "looking up %zu; ", facts->n_unlocated);

	if (facts->n_lists)
		snprintf(watching, sizeof(watching), "watching %zu badblocks list%s",
			 facts->n_lists, plural(facts->n_lists));
	else
		snprintf(watching, sizeof(watching),
			 "nothing to watch but declared ranges (%zu NVDIMM bus%s, 0 badblocks "
			 "lists)",
			 facts->n_buses, facts->n_buses == 1 ? "" : "es");

	if (facts->trouble && facts->n_unsaved)
		snprintf(buf, size,
			 "NOT RECORDING: %s; bad blocks on %zu device%s not recorded; %s%s",
			 facts->trouble, facts->n_unsaved, plural(facts->n_unsaved), incidents,
			 watching);
	else if (facts->trouble)
		snprintf(buf, size, "NOT RECORDING: %s; %s%s", facts->trouble, incidents, watching);
	else
		snprintf(buf, size, "%s%s", incidents, watching);
}
