# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the arch-*.sh checks. Each is one function that looks at a source tree (or at what
# was built from it), prints a line per violation with violation(), and is run twice: on
# the real tree, where it must find nothing, and (self test) on planted
# violations, each of which it must find and name.
set -euf
export LC_ALL=C

: "${srcdir:=.}" "${CC:=cc}" "${NM:=nm}" "${ARCH_CPPFLAGS=}" "${ARCH_CFLAGS=}"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/pmemras-arch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# On the standard output, where real() and planted() collect them.
violation() {
	printf 'VIOLATION: %s\n' "$*"
}

# real CHECK ARGUMENT...: must find nothing
real() {
	"$@" >"$scratch/real.out"
	if grep VIOLATION "$scratch/real.out" >&2; then
		exit 1
	fi
	echo "$1: nothing found"
}

# planted PATTERN CHECK ARGUMENT...: must find a violation that matches the basic regular expression
planted() {
	pattern=$1
	shift
	"$@" >"$scratch/planted.out"
	if ! grep -q "VIOLATION: .*$pattern" "$scratch/planted.out"; then
		echo "self test: $1 does not see a planted violation; expected: $pattern; it said:" >&2
		cat "$scratch/planted.out" >&2
		exit 1
	fi
	echo "self test: $1 sees $pattern"
}

# harmless CHECK ARGUMENT...: planted, but nothing is wrong with it
harmless() {
	"$@" >"$scratch/planted.out"
	if grep -q VIOLATION "$scratch/planted.out"; then
		echo "self test: $1 sees a violation where there is none:" >&2
		cat "$scratch/planted.out" >&2
		exit 1
	fi
}

# plant FILE: the standard input becomes FILE below $scratch/plant
plant() {
	mkdir -p "$(dirname "$scratch/plant/$1")"
	cat >"$scratch/plant/$1"
}

unplant() {
	rm -rf "$scratch/plant"
	mkdir "$scratch/plant"
}

# sources ROOT DIRECTORY...: the .c and .h files below, as paths relative to ROOT
sources() {
	(
		cd "$1"
		shift
		for directory; do
			[ ! -d "$directory" ] || find "$directory" -name '*.[ch]' -type f
		done
	) | sort
}
