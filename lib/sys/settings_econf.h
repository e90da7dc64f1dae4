/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PMEMRAS_SETTINGS_ECONF_H
#define PMEMRAS_SETTINGS_ECONF_H

/*
 * Reads configuration files with libeconf: /etc/pmemras/pmemras.conf (or the
 * vendor's PREFIX/lib/pmemras/pmemras.conf where there is none), then the
 * drop-ins pmemras.conf.d/NAME.conf of both directories in the order of their names, one in
 * /etc hiding the vendor's of the same name; a later assignment replaces an earlier one.
 */
#include "settings.h"

/**
 * settings_econf_read_file() - exactly one file
 * @ret:         replaced on success
 * @ret_message: on failure one line for people: file, line, what is wrong, what would be right.
 *               Malloced, the caller's; NULL where memory was short. May hold any bytes of the
 * file.
 *
 * Return: 0, -ENOENT (no such file), -EBADMSG (cannot be parsed, or settings_set() refused it),
 * -ENOMEM, other -errno of reading. @ret is untouched on failure.
 */
int settings_econf_read_file(const char *path, struct settings *ret, char **ret_message);

/* The same for main file and drop-ins of two directories; where there is no file at all @ret gets
 * the defaults. */
int settings_econf_read_dirs(const char *vendor_dir, const char *etc_dir, struct settings *ret,
			     char **ret_message);
/* The same for /etc/pmemras and the vendor's directory, PREFIX/lib/pmemras. */
int settings_econf_read(struct settings *ret, char **ret_message);

#endif
