#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever git knows goes into the tarball; a file that a Makemodule.am forgot would be
# missing only for those who build from it. Outside of a git checkout, in the tarball itself, there is
# nothing to compare with and only the self test runs.
. "${srcdir:-.}/tests/arch.sh"

# distributed KNOWN LISTED: two files with a path a line; a listed directory takes in what is below
distributed() {
	awk '
	FNR == NR { listed[$0] = 1; next }
	/^\.(gitignore|gitattributes|clang-format)$/ || /^\.ci\// { next }
	{
		for (path = $0; path != ""; ) {
			if (path in listed)
				next
			if (!sub(/\/[^\/]*$/, "", path))
				break
		}
		print "VIOLATION: " $0 " is in no SOURCES, EXTRA_DIST or the like"
	}' "$2" "$1"
}

if top=$(git -C "$srcdir" rev-parse --show-toplevel 2>/dev/null) &&
	[ "$(cd "$srcdir" && pwd -P)" = "$top" ]; then
	git -C "$srcdir" ls-files >"$scratch/known"
	# make names some relative to where it builds, and its own rules' files
	printf '%s\n' $DISTFILES | sed "s|^$srcdir/||; s|^\./||" >"$scratch/listed"
	real distributed "$scratch/known" "$scratch/listed"
fi

printf '%s\n' lib/a.c tests/data lib/tests >"$scratch/listed"
printf '%s\n' lib/a.c tests/data/x/y tests/data/z .ci/run >"$scratch/known"
harmless distributed "$scratch/known" "$scratch/listed"
printf '%s\n' lib/a.c tests/dat/z >"$scratch/known"
planted 'tests/dat/z is in no' distributed "$scratch/known" "$scratch/listed"
printf '%s\n' lib/a.h >"$scratch/known"
planted 'lib/a.h is in no' distributed "$scratch/known" "$scratch/listed"
