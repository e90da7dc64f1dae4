/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A change that could not be stored has not happened, and the one who asked
 * must know that, and what stands in the way.
 */
#include <errno.h>
#include "opened.h"

int opened_failed(const struct ctl *ctl, int r)
{
	const char *remedy = "";

	switch (r) {
	case -EACCES:
	case -EPERM:
		ctl_error(ctl, "%s: only root may change what is on record; run this as root",
			  ctl->state_dir);
		return CTL_INCOMPLETE;
	case STORE_E_CORRUPT:
		remedy = "; pmemrasd --once sets it aside and begins a new one";
		break;
	case STORE_E_NEWER: remedy = "; use the pmemrasctl that belongs to it"; break;
	case STORE_E_BUSY: remedy = "; try again"; break;
	case STORE_E_FULL: remedy = "; make room there and try again"; break;
	case STORE_E_READ_ONLY:
		remedy = "; remount it read-write, or name another --state-dir";
		break;
	}
	ctl_error(ctl, "nothing was recorded: %s: %s%s", ctl->state_dir, store_strerror(r), remedy);
	return CTL_INCOMPLETE;
}

int opened_for_change(const struct ctl *ctl, bool make, struct store **ret)
{
	struct store *probe = NULL;
	int r;

	/* writing makes one: see first whether there is one */
	if (!make) {
		r = store_open(ctl->state_dir, STORE_READ, &probe);
		store_free(probe);
		if (r == -ENOENT)
			return ctl_usage(ctl, "%s: there is nothing on record", ctl->state_dir);
	}
	r = store_open(ctl->state_dir, STORE_WRITE, ret);
	return r ? opened_failed(ctl, r) : 0;
}
