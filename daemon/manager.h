/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef PMEMRAS_MANAGER_H
#define PMEMRAS_MANAGER_H

/* The daemon itself: owns the event loop and everything in it. */
#include <stdbool.h>

struct manager_options {
	const char *state_dir; /* NULL: the configuration's, or the default */
	const char *config;    /* NULL: /etc/pmemras and /usr/lib/pmemras */
	const char *root;      /* NULL: the live machine */
	bool foreground;
	bool once;
};

enum manager_exit {
	MANAGER_EXIT_OK = 0,
	MANAGER_EXIT_FAILURE = 1,
	MANAGER_EXIT_USAGE = 2,   /* also: the configuration cannot be used */
	MANAGER_EXIT_RUNNING = 3, /* another pmemrasd has this state directory */
};

/* All paths in @options are absolute. Return: what main() returns. */
int manager_run(const struct manager_options *options);

#endif
