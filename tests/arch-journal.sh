#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every message id of the daemon is explained in the catalog and listed in the manual, and
# nothing there is explained that the daemon does not say.
. "${srcdir:-.}/tests/arch.sh"

# journal_ids ROOT
journal_ids() {
	sed -n 's/^#define JOURNAL_ID_[A-Z_]*[ \t]*"\([0-9a-f]*\)"$/\1/p' "$1/daemon/journal.h" |
		sort >"$scratch/said"
	sed -n 's/^-- \([0-9a-f]*\)$/\1/p' "$1/systemd/pmemras.catalog" | sort >"$scratch/catalog"
	grep -o '[0-9a-f]\{32\}' "$1/doc/pmemrasd.8" | sort >"$scratch/manual"
	[ -s "$scratch/said" ] || violation "daemon/journal.h: no message ids found"
	for where in catalog manual; do
		comm -23 "$scratch/said" "$scratch/$where" | sed "s/^/VIOLATION: not in the $where: /"
		comm -13 "$scratch/said" "$scratch/$where" | sed "s/^/VIOLATION: only in the $where: /"
	done
	sort "$scratch/said" | uniq -d | sed 's/^/VIOLATION: twice in journal.h: /'
	grep -v '^[0-9a-f]\{32\}$' "$scratch/said" | sed 's/^/VIOLATION: not an id: /'
}

real journal_ids "${srcdir:-.}"

a=00000000000000000000000000000001
b=00000000000000000000000000000002
plant_ids() {
	unplant
	echo "#define JOURNAL_ID_A \"$a\"" | plant daemon/journal.h
	echo "-- $1" | plant systemd/pmemras.catalog
	echo "opened	$2" | plant doc/pmemrasd.8
}
plant_ids $a $a
harmless journal_ids "$scratch/plant"
plant_ids $b $a
planted "not in the catalog: $a" journal_ids "$scratch/plant"
planted "only in the catalog: $b" journal_ids "$scratch/plant"
plant_ids $a $b
planted "not in the manual: $a" journal_ids "$scratch/plant"
