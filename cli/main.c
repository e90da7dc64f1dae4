/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process around command_main(): streams, terminal, environment. */
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>
#include "cleanup.h"
#include "command.h"

int main(int argc, char **argv)
{
	CLEANUP(ctl_deinit) struct ctl ctl = CTL_NULL;
	const char *no_color = getenv("NO_COLOR");

	/* widths of names in tables; numbers and words stay as they are */
	setlocale(LC_CTYPE, "");
	ctl.out = stdout;
	ctl.err = stderr;
	ctl.in = stdin;
	ctl.in_is_terminal = isatty(STDIN_FILENO);
	ctl.out_is_terminal = isatty(STDOUT_FILENO);
	ctl.err_is_terminal = isatty(STDERR_FILENO);
	ctl.no_color = no_color && no_color[0];
	return command_main(&ctl, argc ? argc - 1 : 0, argc ? argv + 1 : argv);
}
