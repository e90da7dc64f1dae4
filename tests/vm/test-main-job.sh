#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 memory=2G timeout=500 fast tree
#
# The main job on a real kernel: a machine check hits a block that two files
# share; the daemon hears it from the badblocks list, and there is one incident that
# names both files with their offsets, soon, also after the daemon was killed.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"

for i in 0 1 2 3 4 5; do
	xfs_io -f -c "pwrite -q -S $((0x50 + i)) 0 256k" $MNT/file$i
done
sync -f $MNT
mkdir $MNT/snap
cp --reflink=always $MNT/file0 $MNT/snap/file0
ln $MNT/file0 $MNT/link
# the second copy lies elsewhere in its file
xfs_io -f -c "reflink $MNT/file0 65536 131072 65536" $MNT/shifted > /dev/null
sync -f $MNT

ctl status > /run/vm/status-before.txt
is "status before: nothing lost" $? 0
check "the daemon starts" start_daemon

inject()
{
	local phys
	phys=$(file_phys "$1" "$2") || return 1
	injected=$(now_us)
	machine_check "$phys"
}

# --- one block, three files --------------------------------------------------

at=$(file_device_offset $MNT/file0 69632)
check "machine check at a shared block" inject $MNT/file0 69632
first=$injected
check "the incident is stored" until_json 20 /run/vm/list-1.json \
	"len(d['incidents']) == 1" ctl list --json
check "and looked at" until_json 20 /run/vm/show-1.json \
	"d['findings'] and not d['findings_stale']" ctl show 1 --json
is "it is open" "$(json /run/vm/show-1.json "d['state']")" open
is "its range is what the kernel lists" "$(json /run/vm/show-1.json "d['lost']")" \
	"[{'offset': $at, 'length': 4096}]"
is "heard from the badblocks list" \
	"$(json /run/vm/show-1.json "'badblocks' in [s['source'] for s in d['sources']]")" True
is "every name of every owner, with the offset in each" "$(json /run/vm/show-1.json \
	"sorted((p['path'], f['file_offset']) for f in d['findings']['findings'] for p in f['paths'])")" \
	"[('$MNT/file0', 69632), ('$MNT/link', 69632), ('$MNT/shifted', 135168), ('$MNT/snap/file0', 69632)]"
is "the reverse map was complete" "$(json /run/vm/show-1.json "d['findings']['complete']")" True
is "where it physically is" "$(json /run/vm/show-1.json \
	"(d['findings']['namespace'], d['findings']['region'], d['findings']['dimms'], d['findings']['physical_address'])")" \
	"('namespace0.0', 'region0', ['nmem0'], $(file_phys $MNT/file0 69632))"
ctl show 1 > /run/vm/show-1.txt
like "show names the DIMM" "$(< /run/vm/show-1.txt)" "namespace0.0, region0, DIMM nmem0"
like "show names the file" "$(< /run/vm/show-1.txt)" "$MNT/file0 +bytes 69632-73727"
like "and the copy" "$(< /run/vm/show-1.txt)" "$MNT/snap/file0"
ctl status > /run/vm/status-after.txt
is "status says that data is lost" $? 1
like "in words" "$(< /run/vm/status-after.txt)" "DATA LOST"
pmemrasctl locate --badblocks /dev/pmem0 --json > /run/vm/locate.json
is "locate by the device's own list agrees" \
	"$(json /run/vm/locate.json "sorted((f['ino'], f['file_offset']) for f in d['findings'])")" \
	"$(json /run/vm/show-1.json "sorted((f['ino'], f['file_offset']) for f in d['findings']['findings'])")"

# --- how long it takes -------------------------------------------------------

latency()
{
	json /run/vm/list.json "max(i['opened_usec'] for i in d['incidents']) - $1"
}

until_json 5 /run/vm/list.json "True" ctl list --json
latencies=("$(latency "$first")")
for i in 1 2 3 4 5; do
	inject $MNT/file$i 69632 || not_ok "machine check $i"
	until_json 20 /run/vm/list.json "len(d['incidents']) == $((i + 1))" ctl list --json ||
		not_ok "incident $((i + 1)) is stored"
	latencies+=("$(latency "$injected")")
done
printf '%s\n' "${latencies[@]}" | sort -n > /run/vm/latency-usec.txt
note "from injection to the incident, µs: $(tr '\n' ' ' < /run/vm/latency-usec.txt)"
check "all within 2 s" test "$(tail -n 1 /run/vm/latency-usec.txt)" -le 2000000

# --- restart -----------------------------------------------------------------

stop_daemon KILL
inject $MNT/file3 200704
check "the daemon starts again" start_daemon
check "and hears what happened in between" until_json 20 /run/vm/list.json \
	"len(d['incidents']) == 7" ctl list --json
is "nothing was doubled or closed" "$(json /run/vm/list.json \
	"[(i['id'], i['state']) for i in sorted(d['incidents'], key=lambda i: i['id'])]")" \
	"[(1, 'open'), (2, 'open'), (3, 'open'), (4, 'open'), (5, 'open'), (6, 'open'), (7, 'open')]"
check "the mount is not pinned" umount $MNT
stop_daemon
is "SIGTERM ends it" $? 0
finish
