#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libpmemras.so exports exactly what lib/libpmemras.sym lists, pmemras.h declares each of them, and
# there are at most twelve.
. "${srcdir:-.}/tests/arch.sh"

limit=12

# The names under global: of a version script, one a line
listed() {
	sed 's/#.*//' "$1" | tr ';\n' '  ' | sed 's,/\*[^*]*\*/, ,g; s/[{}]/ & /g' | awk '
	{
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^(global:|local:|{|})$/)
				part = $i
			else if (part == "global:")
				print $i
		}
	}' | sort
}

# exports SYM HEADER LIBRARY
exports() {
	listed "$1" >"$scratch/listed"
	[ -s "$scratch/listed" ] || violation "$1 lists nothing"
	# A: the version itself
	$NM -D -P "$3" | awk '$2 !~ /^[UwvA]$/ { sub(/@.*/, "", $1); print $1 }' | sort >"$scratch/exported"
	for name in $(comm -23 "$scratch/listed" "$scratch/exported"); do
		violation "$name is listed but not exported"
	done
	for name in $(comm -13 "$scratch/listed" "$scratch/exported"); do
		violation "$name is exported but not listed"
	done
	while read -r name; do
		case $name in
		*[*?]*) violation "$name: a pattern lists what nobody has looked at" ;;
		pmemras_*) ;;
		*) violation "$name does not begin with pmemras_" ;;
		esac
		grep -q "[^a-z0-9_]$name(" "$2" || violation "$name is not declared in pmemras.h"
	done <"$scratch/listed"
	[ "$(wc -l <"$scratch/exported")" -le $limit ] ||
		violation "$(wc -l <"$scratch/exported") functions, more than $limit"
}

real exports "$srcdir/lib/libpmemras.sym" "$srcdir/lib/pmemras.h" .libs/libpmemras.so

# library NAME...: a shared object that exports functions of these names
library() {
	for name; do
		echo "int $name(int a); int $name(int a) { return a; }"
	done >"$scratch/plant/a.c"
	$CC -shared -fPIC -o "$scratch/plant/a.so" "$scratch/plant/a.c"
}

# header NAME...
header() {
	for name; do
		echo "int $name(int a);"
	done >"$scratch/plant/a.h"
}

# script NAME...: as a version script with two nodes
script() {
	{
		echo "A_1 { /* first: */ global:"
		for name; do
			echo "	$name;"
		done
		echo "local: *; };"
		echo "A_2 { global: pmemras_z; } A_1; # local: pmemras_y"
	} >"$scratch/plant/a.sym"
}

check() {
	exports "$scratch/plant/a.sym" "$scratch/plant/a.h" "$scratch/plant/a.so"
}

unplant
header pmemras_a pmemras_b pmemras_z
script pmemras_a pmemras_b
library pmemras_a pmemras_b pmemras_z
harmless check
library pmemras_a pmemras_z
planted 'pmemras_b is listed but not exported' check
library pmemras_a pmemras_b pmemras_c pmemras_z
planted 'pmemras_c is exported but not listed' check
header pmemras_b pmemras_z
planted 'pmemras_a is not declared' check
script 'pmemras_*'
planted 'pmemras_\*: a pattern' check
script rangeset_add
planted 'rangeset_add does not begin' check
many="pmemras_a pmemras_b pmemras_c pmemras_d pmemras_e pmemras_f pmemras_g pmemras_h pmemras_i"
many="$many pmemras_j pmemras_k"
# shellcheck disable=SC2086
{
	header $many pmemras_z
	script $many
	library $many pmemras_z
	harmless check
	header $many pmemras_l pmemras_z
	script $many pmemras_l
	library $many pmemras_l pmemras_z
}
planted '13 functions, more than 12' check
