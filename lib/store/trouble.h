/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_TROUBLE_H
#define PMEMRAS_TROUBLE_H

/*
 * What the daemon cannot write into the store because the store itself is
 * what is wrong (full, read-only, damaged): one line of text in
 * /run/pmemras, by the name of the state directory. Holds only while the
 * daemon runs (store_daemon_pid()); gone when the store works again.
 */

/* @text: without a newline. 0, -errno (no /run, not root: the journal has it all the same). */
int trouble_tell(const char *dir, const char *text);
/* @ret: malloced, the caller's; raw bytes. -ENOENT: no trouble. Other -errno. */
int trouble_read(const char *dir, char **ret);
void trouble_clear(const char *dir);

#endif
