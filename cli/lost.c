/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A repair that had no backup leaves zeros, which read like data. What a file lost is told by the path
 * that it had then, and its inode, as it may have moved since.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "cleanup.h"
#include "jsonio.h"
#include "lost.h"
#include "out_json.h"
#include "store_repair.h"
#include "timefmt.h"
#include "words.h"

#define OWN_MAX 20 /* lines of one incident */

struct listing {
	const struct ctl *ctl;
	const char *const *paths;
	size_t n_paths, n;
};

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	while (len > 1 && top[len - 1] == '/')
		len--;
	return !strncmp(path, top, len) && (len == 1 || path[len] == '/' || path[len] == '\0');
}

/* As it was typed, or without links: a record has the kernel's path. */
static bool is_wanted(const struct listing *l, const struct store_loss *loss)
{
	for (size_t i = 0; i < l->n_paths; i++) {
		CLEANUP(freep) char *real = realpath(l->paths[i], NULL);

		if (loss->path &&
		    (is_below(loss->path, l->paths[i]) || (real && is_below(loss->path, real))))
			return true;
	}
	return !l->n_paths;
}

static int put(const struct listing *l, const struct store_loss *loss)
{
	CLEANUP(jsonio_freep) struct json_object *entry = json_object_new_object();
	int r;

	if (!entry)
		return -ENOMEM;
	if ((r = jsonio_put_u64(entry, "incident", (uint64_t)loss->incident)) ||
	    (r = jsonio_put_u64(entry, "repair", (uint64_t)loss->repair)) ||
	    (r = jsonio_put_u64(entry, "ino", loss->ino)) ||
	    (r = jsonio_put_u64(entry, "gen", loss->gen)) ||
	    (r = jsonio_put_bytes(entry, "path", loss->path)) ||
	    (r = jsonio_put_range(entry, loss->range)) ||
	    (r = jsonio_put_text(entry, "holds", loss->restored ? "backup" : "zeros")) ||
	    (r = jsonio_put_u64(entry, "at_usec", loss->at_usec)))
		return r;
	return out_json_element(l->ctl, "losses", l->n, entry);
}

static void say_what(const struct ctl *ctl, const struct store_loss *loss)
{
	char since[TIMEFMT_BUF];

	if (loss->path)
		words_quoted(ctl->out, loss->path);
	else
		fprintf(ctl->out, "inode %" PRIu64, loss->ino);
	fprintf(ctl->out, "  bytes %" PRIu64 "-%" PRIu64 ": %s since %s", loss->range.start,
		range_end(loss->range) - 1, loss->restored ? "from a backup" : "zeros, lost",
		timefmt_since(loss->at_usec, ctl_now(ctl), since));
}

static void say(const struct listing *l, const struct store_loss *loss)
{
	say_what(l->ctl, loss);
	fprintf(l->ctl->out, " (incident %" PRId64 ")\n", loss->incident);
}

static int each(const struct store_loss *loss, void *data)
{
	struct listing *l = data;
	int r = 0;

	if (!is_wanted(l, loss))
		return 0;
	if (l->ctl->json)
		r = put(l, loss);
	else
		say(l, loss);
	l->n++;
	return r;
}

int lost_list(const struct ctl *ctl, struct store *store, const char *const *paths, size_t n)
{
	CLEANUP(jsonio_freep) struct json_object *head = NULL;
	struct listing l = {.ctl = ctl, .paths = paths, .n_paths = n};
	int r = 0;

	if (ctl->json) {
		head = out_json_record("lost");
		r = head ? jsonio_put_u64(head, "now_usec", ctl_now(ctl)) : -ENOMEM;
		if (!r)
			r = out_json_open(ctl, head);
	}
	if (!r && store)
		r = store_loss_each(store, each, &l);
	if (r) {
		ctl_error(ctl, "%s: %s", ctl->state_dir, store_strerror(r));
		return CTL_INCOMPLETE;
	}
	if (ctl->json)
		out_json_close(ctl, "losses", l.n);
	else if (!l.n)
		fputs("No file is on record as holding anything but what was written to it.\n",
		      ctl->out);
	return CTL_OK;
}

/* ---- of one incident ---- */

struct own {
	const struct ctl *ctl;
	int64_t incident;
	struct section *s;
	size_t n;
};

static int say_own(const struct store_loss *loss, void *data)
{
	struct own *own = data;

	if (loss->incident != own->incident)
		return 0;
	if (own->n++ < OWN_MAX) {
		section_start_line(own->s);
		say_what(own->ctl, loss);
		fputc('\n', own->ctl->out);
	}
	return 0;
}

int lost_say(const struct ctl *ctl, struct store *store, int64_t incident, struct section *s,
	     bool *ret)
{
	struct own own = {ctl, incident, s, 0};
	int r;

	section_begin(s, "Repaired", true);
	r = store_loss_each(store, say_own, &own);
	if (own.n > OWN_MAX)
		section_line(s, "and %zu more: pmemrasctl list --lost", own.n - OWN_MAX);
	*ret = own.n;
	return r > 0 ? -EIO : r;
}
