#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every header compiles alone, and twice; the public one also outside of the project, as plain C11.
. "${srcdir:-.}/tests/arch.sh"

# alone ROOT DIRECTORY...
alone() {
	root=$1
	for header in $(sources "$@"); do
		case $header in
		*.h)
			printf '#include "%s"\n#include "%s"\n' "$root/$header" "$root/$header" |
				$CC $ARCH_CPPFLAGS $ARCH_CFLAGS -Werror -fsyntax-only -x c - \
					2>"$scratch/cc.out" ||
				violation "$header: $(grep -m 1 error: "$scratch/cc.out")"
			;;
		esac
	done
}

# public ROOT: as an installed header, where no other header of ours is to be found
public() {
	[ -f "$1/lib/pmemras.h" ] || return 0
	mkdir -p "$scratch/installed"
	cp "$1/lib/pmemras.h" "$scratch/installed/"
	chmod u+w "$scratch/installed/pmemras.h"
	echo '#include <pmemras.h>' |
		$CC -I"$scratch/installed" -std=c11 -Wall -Wextra -pedantic -Werror -fsyntax-only \
			-x c - 2>"$scratch/cc.out" ||
		violation "lib/pmemras.h: $(grep -m 1 error: "$scratch/cc.out")"
	rm "$scratch/installed/pmemras.h"
}

real alone "$(cd "$srcdir" && pwd)" lib daemon cli
real public "$srcdir"

unplant
plant lib/a.h <<'END'
#ifndef A_H
#define A_H
#include <stdint.h>
struct a {
	uint64_t bytes;
};
#endif
END
harmless alone "$scratch/plant" lib
plant lib/a.h <<'END'
#ifndef A_H
#define A_H
struct a {
	uint64_t bytes;
};
#endif
END
planted 'lib/a.h: .*uint64_t' alone "$scratch/plant" lib
plant lib/a.h <<'END'
struct a {
	int b;
};
END
planted 'lib/a.h: .*redefinition' alone "$scratch/plant" lib
rm "$scratch/plant/lib/a.h"

printf '#include <stdint.h>\nint pmemras_a(uint64_t bytes);\n' | plant lib/pmemras.h
harmless public "$scratch/plant"
printf '#include "range.h"\n' | plant lib/pmemras.h
planted 'lib/pmemras.h: .*range.h' public "$scratch/plant"
printf 'static inline int f(void)\n{\n\treturn ({ 1; });\n}\n' | plant lib/pmemras.h
planted 'lib/pmemras.h: .*expression' public "$scratch/plant"
