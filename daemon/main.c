/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pmemrasd: the command line. Everything else is the manager's.
 *
 * The process never forks: systemd, or the terminal, has it in the foreground
 * anyway. It leaves the directory it was started in, which would else keep a
 * mount busy; so paths of the command line are made absolute first.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "config.h"
#include "manager.h"
#include "store.h"

static const char help[] =
	"Usage: pmemrasd [OPTION]...\n"
	"Watches for media errors of persistent memory, finds out what they hit, and keeps them\n"
	"as incidents for pmemrasctl(1).\n"
	"\n"
	"  --state-dir DIR  where incidents are kept (" STORE_DIR_DEFAULT ")\n"
	"  --config FILE    read this configuration file and no other\n"
	"  --root DIR       watch the recorded machine below DIR instead of this one\n"
	"  --foreground     messages also to standard error\n"
	"  --once           take stock, look up what is new, and exit\n"
	"  --help           this text\n"
	"  --version        the version\n"
	"\n"
	"SIGHUP reads the configuration again, SIGTERM and SIGINT end it.\n"
	"Exit status: 0 ended as asked, 1 failure, 2 usage or configuration,\n"
	"3 another pmemrasd has this state directory.\n"
	"Manual: pmemrasd(8), pmemras.conf(5)\n";

enum {
	OPTION_STATE_DIR = 256,
	OPTION_CONFIG,
	OPTION_ROOT,
	OPTION_FOREGROUND,
	OPTION_ONCE,
	OPTION_HELP,
	OPTION_VERSION
};

static const struct option long_options[] = {
	{"state-dir", required_argument, NULL, OPTION_STATE_DIR},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"foreground", no_argument, NULL, OPTION_FOREGROUND},
	{"once", no_argument, NULL, OPTION_ONCE},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{NULL, 0, NULL, 0},
};

/* @path below the working directory, malloced, in place of what *@ret was */
static int absolute(const char *path, char **ret)
{
	CLEANUP(freep) char *cwd = NULL;
	char *text;

	if (path[0] == '/') {
		text = strdup(path);
		if (!text)
			return -ENOMEM;
	} else {
		cwd = getcwd(NULL, 0);
		if (!cwd)
			return -errno;
		if (asprintf(&text, "%s/%s", cwd, path) < 0)
			return -ENOMEM;
	}
	free(*ret);
	*ret = text;
	return 0;
}

static int usage_error(void)
{
	fprintf(stderr, "Try \"pmemrasd --help\".\n");
	return MANAGER_EXIT_USAGE;
}

int main(int argc, char **argv)
{
	CLEANUP(freep) char *state_dir = NULL;
	CLEANUP(freep) char *config = NULL;
	CLEANUP(freep) char *root = NULL;
	struct manager_options options = {.foreground = false};
	int option, r = 0;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (option) {
		case OPTION_STATE_DIR: r = absolute(optarg, &state_dir); break;
		case OPTION_CONFIG: r = absolute(optarg, &config); break;
		case OPTION_ROOT: r = absolute(optarg, &root); break;
		case OPTION_FOREGROUND: options.foreground = true; break;
		case OPTION_ONCE: options.once = true; break;
		case OPTION_HELP: fputs(help, stdout); return fflush(stdout) ? 1 : 0;
		case OPTION_VERSION:
			puts("pmemrasd " PACKAGE_VERSION);
			return fflush(stdout) ? 1 : 0;
		default: return usage_error();
		}
		if (r) {
			fprintf(stderr, "pmemrasd: %s: %s\n", optarg, strerror(-r));
			return MANAGER_EXIT_FAILURE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "pmemrasd: unexpected argument \"%s\"\n", argv[optind]);
		return usage_error();
	}
	if (chdir("/")) {
		fprintf(stderr, "pmemrasd: /: %s\n", strerror(errno));
		return MANAGER_EXIT_FAILURE;
	}
	options.state_dir = state_dir;
	options.config = config;
	options.root = root;
	return manager_run(&options);
}
