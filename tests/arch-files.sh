#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Files: at most 500 lines, the licence of their room in the first line, and a .h for each .c.
# A .c that is one part of a larger module, NAME_PART.c, may share NAME.h; main.c has none; all
# cmd_*.c of the command line share command.h. Tests have no headers.
. "${srcdir:-.}/tests/arch.sh"

limit=500

# shares_header ROOT FILE.c
shares_header() {
	stem=${2%.c}
	while :; do
		[ ! -f "$1/$stem.h" ] || return 0
		case ${stem##*/} in
		*_*) stem=${stem%_*} ;;
		*) return 1 ;;
		esac
	done
}

# files ROOT
files() {
	for file in $(sources "$1" lib daemon cli tests); do
		lines=$(wc -l <"$1/$file")
		[ "$lines" -le $limit ] || violation "$file: $lines lines, more than $limit"

		case $file in
		lib/*) licence=LGPL-2.1-or-later ;;
		*) licence=GPL-2.0-or-later ;;
		esac
		read -r first <"$1/$file" || :
		[ "$first" = "/* SPDX-License-Identifier: $licence */" ] ||
			violation "$file: its first line is not the SPDX line for $licence"

		case $file in
		*.h | tests/* | daemon/main.c | cli/main.c) ;;
		cli/cmd_*.c)
			[ -f "$1/cli/command.h" ] || violation "$file: no cli/command.h"
			;;
		*.c)
			shares_header "$1" "$file" || violation "$file: no .h"
			;;
		esac
	done
}

real files "$srcdir"

spdx() {
	echo "/* SPDX-License-Identifier: $1 */"
}

unplant
spdx LGPL-2.1-or-later | plant lib/core/a.h
spdx LGPL-2.1-or-later | plant lib/core/a.c
spdx LGPL-2.1-or-later | plant lib/core/a_part.c
spdx GPL-2.0-or-later | plant daemon/main.c
spdx GPL-2.0-or-later | plant cli/cmd_show.c
spdx GPL-2.0-or-later | plant cli/command.h
spdx GPL-2.0-or-later | plant tests/test-a.c
seq -f '/* %g */' 2 $limit >>"$scratch/plant/tests/test-a.c"
harmless files "$scratch/plant"

echo '/* one too many */' >>"$scratch/plant/tests/test-a.c"
planted 'tests/test-a.c: 501 lines' files "$scratch/plant"
spdx LGPL-2.1-or-later | plant daemon/main.c
planted 'daemon/main.c: .*SPDX line for GPL' files "$scratch/plant"
spdx GPL-2.0-or-later | plant lib/core/a.h
planted 'lib/core/a.h: .*SPDX line for LGPL' files "$scratch/plant"
: | plant lib/core/a.c
planted 'lib/core/a.c: .*SPDX line' files "$scratch/plant"
spdx LGPL-2.1-or-later | plant lib/sys/b.c
planted 'lib/sys/b.c: no .h' files "$scratch/plant"
spdx LGPL-2.1-or-later | plant lib/sys/b_part.c
planted 'lib/sys/b_part.c: no .h' files "$scratch/plant"
spdx LGPL-2.1-or-later | plant lib/sys/main.c
planted 'lib/sys/main.c: no .h' files "$scratch/plant"
rm "$scratch/plant/cli/command.h"
planted 'cli/cmd_show.c: no cli/command.h' files "$scratch/plant"
