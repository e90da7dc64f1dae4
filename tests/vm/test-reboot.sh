#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 memory=2G timeout=500 tree
#
# The machine goes down without a word. What the kernel kept of a memory failure is gone
# then: no badblocks list ever had it. The incident has outlived it: open still, with the
# same number, on the same namespace, and it names the file again once that is mounted.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

# known FILE: id, state, range and namespace (what else it is known by grows)
known()
{
	json "$1" "d['id'], d['state'], d['lost'], d['device']['nd_uuid']"
}

paths_of()
{
	json "$1" "sorted((p['path'], f['file_offset']) for f in d['findings']['findings'] for p in f['paths'])"
}

use_pmemras
setup_pmem || bail "no namespace"
setup_state || bail "no state disk"

if [ "$VM_PHASE" = 1 ]; then
	setup_xfs || bail "no filesystem"
	xfs_io -f -c "pwrite -q -S 0x5a 0 256k" -c fsync $MNT/file
	cp --reflink=always $MNT/file $MNT/copy
	sync -f $MNT
	check "the daemon starts" start_daemon
	check "memory failure" hwpoison "$(file_phys $MNT/file 69632)"
	check "is an incident with its files" until_json 20 "$STATE/../show.json" \
		"len(d['findings']['findings']) == 2 and not d['findings_stale']" ctl show 1 --json
	is "no badblocks list shows it" "$(badblocks_of pmem0)$(region_badblocks_of pmem0)" ""
	reboot_to_next_phase
	bail "did not reboot"
fi

before=$STATE/../show.json
note "before: $(known "$before")"
is "the lists are empty after the reboot" "$(badblocks_of pmem0)$(region_badblocks_of pmem0)" ""
is "there is no poison to be seen" "$(awk '/^HardwareCorrupted/ { print $2 }' /proc/meminfo)" 0
ctl show 1 --json > /run/vm/show-alone.json
is "the incident is there before any daemon" "$(known /run/vm/show-alone.json)" "$(known "$before")"
ctl status > /run/vm/status-alone.txt
is "status exits 1 without a daemon" $? 1

check "the daemon starts" start_daemon
sleep 2
ctl show 1 --json > /run/vm/show-unmounted.json
is "and has closed nothing" "$(known /run/vm/show-unmounted.json)" "$(known "$before")"
is "it can be reached" "$(json /run/vm/show-unmounted.json "d['unreachable']")" False
is "the files are remembered while nothing is mounted" "$(paths_of /run/vm/show-unmounted.json)" \
	"$(paths_of "$before")"
ctl status > /run/vm/status-unmounted.txt
is "status exits 1" $? 1

# elsewhere, so that a path can only come from a new look
mkdir -p /mnt/again
check "mounted again" mount -o dax=always /dev/pmem0 /mnt/again
check "the files are found where they are now" until_json 30 /run/vm/show-mounted.json \
	"[p['path'] for f in d['findings']['findings'] for p in f['paths'] if p['path'].startswith('/mnt/again/')] and not d['findings_stale']" \
	ctl show 1 --json
is "all of them" "$(paths_of /run/vm/show-mounted.json)" \
	"[('/mnt/again/copy', 69632), ('/mnt/again/file', 69632)]"
is "it is the same incident" "$(known /run/vm/show-mounted.json)" "$(known "$before")"
# (whether the kernel calls it a success depends on who holds the page)
hwpoison "$(file_phys /mnt/again/file 131072)"
note "a new failure: exit status $?"
check "is the second incident" until_json 20 /run/vm/list.json \
	"[(i['id'], i['state']) for i in sorted(d['incidents'], key=lambda i: i['id'])] == [(1, 'open'), (2, 'open')]" \
	ctl list --json
check "the mount is not pinned" umount /mnt/again
stop_daemon
is "SIGTERM ends it" $? 0
finish
