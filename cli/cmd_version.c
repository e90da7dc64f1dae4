/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version: what to write into a bug report. */
#include "config.h"
#include "command.h"
#include "record.h"

static int run(struct ctl *ctl, const struct args *args)
{
	if (args->n_words)
		return ctl_usage(ctl, "%s: unexpected", args->words[0]);
	if (ctl->json)
		fprintf(ctl->out, "{\"schema\":%d,\"kind\":\"version\",\"version\":\"%s\"}\n",
			RECORD_SCHEMA, PACKAGE_VERSION);
	else
		fprintf(ctl->out, "pmemrasctl %s (records: schema %d)\n", PACKAGE_VERSION,
			RECORD_SCHEMA);
	return CTL_OK;
}

const struct ctl_command ctl_version = {
	.name = "version",
	.arguments = "",
	.summary = "the version of pmemrasctl and of its records",
	.help = "Prints the version of the program and of the schema of its JSON records.\n",
	.example = "pmemrasctl version --json",
	.run = run,
};
