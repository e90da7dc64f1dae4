#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 memory=2G timeout=500 fast tree
#
# A memory failure that no badblocks list will ever show: the daemon hears it from
# the kernel's tracepoint, there is one incident that names all files on the block, and it
# is still there after the daemon was killed and after it was stopped. A
# failure heard three ways is one incident that lists all.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"

for i in 0 1 2 3; do
	xfs_io -f -c "pwrite -q -S $((0x50 + i)) 0 256k" $MNT/file$i
done
sync -f $MNT
cp --reflink=always $MNT/file0 $MNT/copy
xfs_io -f -c "reflink $MNT/file0 65536 131072 65536" $MNT/shifted > /dev/null
sync -f $MNT
instances=/sys/kernel/tracing/instances
before=$(ls $instances)

# sources_of FILE: of the incident shown in it
sources_of()
{
	json "$1" "sorted(s['source'] for s in d['sources'])"
}

paths_of()
{
	json "$1" "sorted((p['path'], f['file_offset']) for f in d['findings']['findings'] for p in f['paths'])"
}

# --- memory failure alone ------------------------------------------------------

check "the daemon starts" start_daemon
says_watched()
{
	ctl status > /run/vm/status.txt
	grep -qE '^pmem0 .* yes +yes ' /run/vm/status.txt
}
check "status says that both are watched" wait_for 20 says_watched
check "in a trace instance of its own" test "$(ls $instances)" != "$before"

at=$(file_device_offset $MNT/file0 69632)
phys=$(file_phys $MNT/file0 69632) || bail "cannot find the file's block"
injected=$(now_us)
check "memory failure without a machine check" hwpoison "$phys"
check "the incident is stored" until_json 20 /run/vm/list-1.json \
	"len(d['incidents']) == 1" ctl list --json
check "and looked at" until_json 20 /run/vm/show-1.json \
	"d['findings'] and not d['findings_stale']" ctl show 1 --json
is "no badblocks list shows it" "$(badblocks_of pmem0)" ""
is "it was heard from the kernel alone" "$(sources_of /run/vm/show-1.json)" "['memory-failure']"
is "its range is the page" "$(json /run/vm/show-1.json "d['lost']")" \
	"[{'offset': $at, 'length': 4096}]"
all="[('$MNT/copy', 69632), ('$MNT/file0', 69632), ('$MNT/shifted', 135168)]"
is "every owner is named, with the offset in each" "$(paths_of /run/vm/show-1.json)" "$all"
latency=$(json /run/vm/list-1.json "d['incidents'][0]['opened_usec'] - $injected")
note "from injection to the incident: $latency µs"
check "within 2 s" test "$latency" -le 2000000

# --- it is remembered ------------------------------------------------------------

stop_daemon KILL
check "the killed daemon's instance is still there" test "$(ls $instances)" != "$before"
check "memory failure while no daemon runs" hwpoison "$(file_phys $MNT/file1 8192)"
check "the daemon starts again" start_daemon
check "it finds what the instance caught meanwhile" until_json 20 /run/vm/list-2.json \
	"len(d['incidents']) == 2" ctl list --json
is "and has closed or doubled nothing" "$(json /run/vm/list-2.json \
	"sorted((i['id'], i['state']) for i in d['incidents'])")" "[(1, 'open'), (2, 'open')]"
stop_daemon
is "SIGTERM ends it" $? 0
is "and its instance is gone" "$(ls $instances)" "$before"
ctl show 1 --json > /run/vm/show-1-stopped.json
is "the incident is there without a daemon" "$(paths_of /run/vm/show-1-stopped.json)" "$all"

check "memory failure that nobody witnesses" hwpoison "$(file_phys $MNT/file2 8192)"
check "the daemon starts once more" start_daemon
says_poison()
{
	ctl status > /run/vm/status-2.txt
	grep -q '^4 KiB of poison' /run/vm/status-2.txt
}
# in its first pass, which may still be on
check "says what it did not see" wait_for 20 says_poison
ctl list --json > /run/vm/list-3.json
is "and makes up no incident" "$(json /run/vm/list-3.json "len(d['incidents'])")" 2

# --- heard three ways ----------------------------------------------------------------

check "machine check" machine_check "$(file_phys $MNT/file3 16384)"
check "is one incident more" until_json 20 /run/vm/list-4.json \
	"len(d['incidents']) == 3" ctl list --json
check "heard three ways" until_json 20 /run/vm/show-3.json \
	"sorted(s['source'] for s in d['sources']) == ['badblocks', 'mce', 'memory-failure'] and d['findings']" \
	ctl show 3 --json
is "with the file" "$(paths_of /run/vm/show-3.json)" "[('$MNT/file3', 16384)]"
sleep 2
ctl list --json > /run/vm/list-5.json
is "and stays one" "$(json /run/vm/list-5.json "len(d['incidents'])")" 3

stop_daemon
check "the mount is not pinned" umount $MNT
finish
