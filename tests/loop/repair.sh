# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034
#
# Sourced by the tests of repair, after lib.sh: damage by declaration, and what of a file differs.

ctl()
{
	"$PMEMRASCTL" --state-dir "$scratch/state" "$@"
}

# at FILE OFFSET: byte on the device
at()
{
	ctl locate --no-paths --json --file "$1" "$2+512" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["findings"][0]["offset"])'
}

# declare_at FILE OFFSET [LENGTH]: sets $id
declare_at()
{
	id=$(ctl declare --json "$loop" "$(at "$1" "$2")+${3:-512}" |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["incidents"][-1]["id"])')
}

# differs_only FILE ORIGINAL FIRST LAST: bytes FIRST to LAST at most (counted from 0); no others, same size
differs_only()
{
	[ "$(stat -c %s "$1")" = "$(stat -c %s "$2")" ] || return 1
	{ cmp -l "$1" "$2" || :; } | awk -v first="$3" -v last="$4" \
		'$1 - 1 < first || $1 - 1 > last { bad = 1 } END { exit bad }'
}

zeros() # FILE OFFSET LENGTH
{
	cmp -s -i "$2:0" -n "$3" "$1" /dev/zero
}

# physical FILE OFFSET: first byte of that block on the device
physical()
{
	xfs_io -r -c "fiemap -v $2 4096" "$1" | awk -v block="$(($2 / 512))" '
		$1 ~ /^[0-9]+:$/ { split($2, file, /[][.:]+/); split($3, dev, /\.\./)
			if (file[2] <= block && block <= file[3]) { print (dev[1] + block - file[2]) * 512; exit } }'
}

make_file() # NAME SIZE
{
	head -c "$2" /dev/urandom >"$mnt/$1"
	cp "$mnt/$1" "$scratch/orig/$1"
}

# quarantined PAGE: is there a sealed file of that page?
quarantined()
{
	lsattr "$mnt/.pmemras-quarantine/$1.bad" 2>/dev/null | grep -q '^[^ ]*i'
}

# who PAGE: who owns that page of the device, a line for each
who()
{
	xfs_io -r -c "fsmap -n 64 -d $(($1 / 512)) $(($1 / 512 + 7))" "$mnt"
}
