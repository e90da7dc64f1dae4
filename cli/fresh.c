/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An answer out of a store is as old as the last look. Every command that
 * reads it says so, in the same words. A store that cannot be read is not an
 * empty one: no permission, damage and "there is none" are three answers.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "fresh.h"
#include "jsonio.h"
#include "reason.h"
#include "timefmt.h"
#include "trouble.h"
#include "words.h"

static void read_facts(struct fresh *fresh)
{
	if (store_reconciled(fresh->store, &fresh->as_of_usec))
		fresh->as_of_usec = 0;
	if (store_get_text(fresh->store, "store.set_aside", &fresh->set_aside))
		fresh->set_aside = NULL;
}

void fresh_open(struct fresh *fresh, const struct ctl *ctl)
{
	int r;

	*fresh = FRESH_NULL;
	r = store_daemon_pid(ctl->state_dir, &fresh->pid);
	fresh->daemon = !r ? DAEMON_RUNNING : r == -ENOENT ? DAEMON_ABSENT : DAEMON_UNKNOWN;
	/* it is of use only while its writer lives: what was left behind is not news */
	if (fresh->daemon == DAEMON_RUNNING && trouble_read(ctl->state_dir, &fresh->trouble))
		fresh->trouble = NULL;
	fresh->error = store_open(ctl->state_dir, STORE_READ, &fresh->store);
	if (fresh->error)
		fresh->store = NULL;
	else
		read_facts(fresh);
}

void fresh_deinit(struct fresh *fresh)
{
	free(fresh->set_aside);
	free(fresh->trouble);
	store_free(fresh->store);
	*fresh = FRESH_NULL;
}

uint32_t fresh_reasons(const struct fresh *fresh)
{
	switch (fresh->error) {
	case 0:
	case -ENOENT: return 0;
	case -EACCES:
	case -EPERM: return 1u << REASON_NOT_PERMITTED;
	default: return 1u << REASON_IO_ERROR;
	}
}

static void say_daemon(const struct fresh *fresh, FILE *out)
{
	bool never = fresh->store && !fresh->as_of_usec;

	switch (fresh->daemon) {
	case DAEMON_RUNNING:
		fputs("pmemrasd running", out);
		if (fresh->pid)
			fprintf(out, ", pid %d", fresh->pid);
		fputs(never ? "; its first look is not over yet.\n" : ".\n", out);
		break;
	case DAEMON_ABSENT:
		fputs(never ? "pmemrasd has never looked at this machine.\n"
			    : "pmemrasd is not running.\n",
		      out);
		break;
	case DAEMON_UNKNOWN: fputs("Whether pmemrasd runs cannot be seen.\n", out); break;
	}
}

void fresh_say(const struct fresh *fresh, const struct ctl *ctl)
{
	char at[TIMEFMT_BUF], ago[TIMEFMT_BUF];
	uint64_t now = ctl_now(ctl);

	if (fresh->as_of_usec)
		fprintf(ctl->out, "As of %s (%s). ", timefmt_since(fresh->as_of_usec, now, at),
			timefmt_ago(fresh->as_of_usec, now, ago));
	say_daemon(fresh, ctl->out);
	if (fresh->trouble) {
		fputs("pmemrasd says: ", ctl->out);
		words_raw(ctl->out, fresh->trouble);
		fputc('\n', ctl->out);
	}
	if (fresh->set_aside) {
		fputs("A damaged store was set aside as ", ctl->out);
		words_raw(ctl->out, fresh->set_aside);
		fputs("; what it knew is not in this answer.\n", ctl->out);
	}
}

bool fresh_complain(const struct fresh *fresh, const struct ctl *ctl)
{
	switch (fresh->error) {
	case 0:
	case -ENOENT: return false;
	case -EACCES:
	case -EPERM:
		ctl_error(ctl, "%s: only root may read what is on record; run this as root",
			  ctl->state_dir);
		return true;
	case STORE_E_CORRUPT:
		ctl_error(ctl,
			  "%s: %s; pmemrasd sets it aside when it starts (pmemrasd --once) and "
			  "begins "
			  "a new one",
			  ctl->state_dir, store_strerror(fresh->error));
		return true;
	case STORE_E_OLDER:
		ctl_error(ctl,
			  "%s: %s; pmemrasd brings it up to date when it starts (pmemrasd --once)",
			  ctl->state_dir, store_strerror(fresh->error));
		return true;
	default:
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(fresh->error));
		return true;
	}
}

int fresh_put(const struct fresh *fresh, const struct ctl *ctl, struct json_object *record)
{
	static const char *const running[] = {[DAEMON_RUNNING] = "running",
					      [DAEMON_ABSENT] = "absent",
					      [DAEMON_UNKNOWN] = "unknown"};
	struct json_object *daemon;
	const char *store = "read";
	int r;

	if (fresh->error == -ENOENT)
		store = "none";
	else if (fresh->error == -EACCES || fresh->error == -EPERM)
		store = "not-permitted";
	else if (fresh->error == STORE_E_CORRUPT)
		store = "corrupt";
	else if (fresh->error)
		store = "failed";

	daemon = jsonio_add_object(record, "daemon");
	if (!daemon)
		return -ENOMEM;
	if ((r = jsonio_put_text(daemon, "state", running[fresh->daemon])) ||
	    (fresh->daemon == DAEMON_RUNNING &&
	     (r = jsonio_put_u64(daemon, "pid", (uint64_t)fresh->pid))) ||
	    (r = jsonio_put_u64(record, "now_usec", ctl_now(ctl))) ||
	    (fresh->as_of_usec && (r = jsonio_put_u64(record, "as_of_usec", fresh->as_of_usec))) ||
	    (r = jsonio_put_text(record, "store", store)))
		return r;
	r = jsonio_put_bytes(record, "trouble", fresh->trouble);
	return r ? r : jsonio_put_bytes(record, "store_set_aside", fresh->set_aside);
}
