#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 memory=2G timeout=500 tree
#
# Repair where nothing clears: the files get good pages, the bad blocks stay with a quarantine file, and that
# is what is said. A memory failure that no list has, and a machine check that one has.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"
mkdir -p /run/vm/orig
# (xfs_repair reads the first half MiB at a stroke)
head -c 4M /dev/urandom > $MNT/pad
for f in heard listed; do
	head -c 65536 /dev/urandom > $MNT/$f
	cp $MNT/$f /run/vm/orig/$f
done
cp --reflink=always $MNT/listed $MNT/copy
sync -f $MNT
check "the daemon starts" start_daemon

differs_only() # FILE ORIGINAL FIRST LAST: counted from 0
{
	[ "$(stat -c %s "$1")" = "$(stat -c %s "$2")" ] || return 1
	cmp -l "$1" "$2" | awk -v first="$3" -v last="$4" \
		'$1 - 1 < first || $1 - 1 > last { bad = 1 } END { exit bad }'
}

# repaired NAME ID PAGE: the page of that incident is in quarantine, and that is said
repaired()
{
	local name=$1 id=$2 page=$3 fsmap
	ctl repair "$id" --zero --dry-run > "/run/vm/plan-$name.txt" 2>&1
	ctl repair "$id" --zero --yes --json > "/run/vm/repair-$name.json" 2> "/run/vm/repair-$name.err"
	is "$name: repaired" $? 0
	is "$name: kept, not cleared" "$(json "/run/vm/repair-$name.json" "[d['state'], d['pages'], d['quarantined']]")" \
		"['done', 1, 1]"
	ctl show "$id" > "/run/vm/show-$name.txt"
	like "$name: so says show" "$(tr -s ' \n' ' ' < "/run/vm/show-$name.txt")" "in quarantine"
	ctl show "$id" --json > "/run/vm/show-$name.json"
	is "$name: the incident is open, and seen to" "$(json "/run/vm/show-$name.json" "[d['state'], d['acked']]")" \
		"['open', True]"
	check "$name: the file is there" test -e "$MNT/.pmemras-quarantine/$page.bad"
	like "$name: immutable" "$(lsattr "$MNT/.pmemras-quarantine/$page.bad")" "^[^ ]*i"
	fsmap=$(xfs_io -r -c "fsmap -d $((page / 512)) $((page / 512 + 7))" $MNT)
	is "$name: and the only owner" "$(grep -c 'inode' <<< "$fsmap")" 1
}

at=$(file_device_offset $MNT/heard 8192)
check "memory failure without a machine check" hwpoison "$(file_phys $MNT/heard 8192)"
check "the incident is stored, and looked at" until_json 20 /run/vm/list-1.json \
	"[i for i in d['incidents'] if i.get('findings') and not i['findings_stale']]" ctl list --json
is "no list has it" "$(badblocks_of pmem0)" ""
repaired heard 1 "$at"
like "heard: so says the plan" "$(< /run/vm/plan-heard.txt)" "Keep the bad block in quarantine, not cleared"
check "heard: not a byte beside the page differs" differs_only $MNT/heard /run/vm/orig/heard 8192 12287
check "heard: it can be read" cmp -s -i 8192:0 -n 4096 $MNT/heard /dev/zero

at=$(file_device_offset $MNT/listed 4096)
check "machine check" machine_check "$(file_phys $MNT/listed 4096)"
check "the incident is stored, and looked at" until_json 20 /run/vm/list-2.json \
	"[i for i in d['incidents'] if i['id'] == 2 and i.get('findings') and not i['findings_stale']]" ctl list --json
is "the list has it" "$(badblocks_of pmem0)" "$((at / 512)) 8"
repaired listed 2 "$at"
like "listed: the plan wants it written" "$(< /run/vm/plan-listed.txt)" "Write the bad page whole"
check "listed: not a byte beside the page differs" differs_only $MNT/listed /run/vm/orig/listed 4096 8191
check "listed: the copy is the same" cmp $MNT/listed $MNT/copy
is "listed: in the same block" "$(file_device_offset $MNT/listed 4096)" "$(file_device_offset $MNT/copy 4096)"
is "the list still has it" "$(badblocks_of pmem0)" "$((at / 512)) 8"
ctl list --lost > /run/vm/lost.txt
is "what is lost is on record" "$(grep -c 'zeros, lost since' /run/vm/lost.txt)" 3
stop_daemon
is "SIGTERM ends it" $? 0
check "unmount" umount $MNT
check "xfs_repair finds nothing wrong" xfs_repair -n /dev/pmem0
finish
