#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=7.2 memory=2G timeout=600 tree
#
# What XFS itself reports: by fanotify while somebody else holds its health monitor, then
# by the monitor, whose word is one more source of the same incident. When metadata is lost
# the filesystem shuts itself down: announced, on record, and it can be unmounted.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"
for i in 0 1 2; do
	xfs_io -f -c "pwrite -q -S $((0x51 + i)) 0 256k" $MNT/file$i
done
cp --reflink=always $MNT/file2 $MNT/copy
sync -f $MNT
ag_size=$(xfs_info $MNT | awk -F '[=, ]+' '/agsize/ { for (i = 1; i < NF; i++)
	if ($i == "agsize") print $(i + 1) * 4096 }')

heard_by() # HOW [WORD-OF-A-NOTE]
{
	ctl status > /run/vm/status.txt
	grep -qE "^pmem0 .* $1" /run/vm/status.txt && grep -qF -e "${2-}" /run/vm/status.txt
}

sources_hold() # ID SOURCE...: and it was looked at
{
	local id=$1 list
	shift
	list=$(printf "'%s'," "$@")
	until_json 30 "/run/vm/show-$id.json" \
		"{$list} <= {s['source'] for s in d['sources']} and d['findings']" ctl show "$id" --json
}

# --- somebody else holds the monitor ------------------------------------------------

# XFS_IOC_HEALTH_MONITOR
python3 -c 'import fcntl, os, sys, time
mount = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(mount, 0x40205844, bytes(32))
os.close(mount)
print("held", flush=True)
time.sleep(600)' $MNT > /run/vm/holder.txt &
holder=$!
check "somebody else takes the health monitor" wait_for 20 grep -q held /run/vm/holder.txt
check "the daemon starts" start_daemon
check "it hears the filesystem by fanotify" wait_for 20 heard_by fanotify
check "and says why" wait_for 60 heard_by fanotify "is held by another process"
check "memory failure" hwpoison "$(file_phys $MNT/file0 69632)"
check "is an incident all the same" sources_hold 1 memory-failure
check "the journal has the filesystem's errors" wait_for 20 \
	grep -q "XFS on $MNT (pmem0) reports I/O errors" /run/vm/daemon-1.log

# --- the monitor --------------------------------------------------------------------

kill $holder
wait $holder 2> /dev/null
mkdir -p /run/vm/other
check "a mount changes something" mount -t tmpfs tmpfs /run/vm/other
check "now the monitor is ours" wait_for 60 heard_by health-monitor
check "machine check" machine_check "$(file_phys $MNT/file2 69632)"
check "is one incident, heard from the list, the kernel and the filesystem" \
	sources_hold 2 badblocks memory-failure xfs-health
is "with both files" "$(json /run/vm/show-2.json \
	"sorted(p['path'] for f in d['findings']['findings'] for p in f['paths'])")" \
	"['$MNT/copy', '$MNT/file2']"
is "of one page" "$(json /run/vm/show-2.json "sum(r['length'] for r in d['lost'])")" 4096
sleep 2
ctl list --json > /run/vm/list.json
is "and stays one" "$(json /run/vm/list.json "len(d['incidents'])")" 2
like "the journal names the inode" "$(< /run/vm/daemon-1.log)" \
	"XFS on $MNT .pmem0. reports lost ranges of files: inode [0-9]+, bytes 69632.4096"

# --- metadata -----------------------------------------------------------------------

# (the kernel answers that it could not recover from it)
hwpoison $(($(data_start /dev/pmem0) + ag_size))
note "memory failure in an AG header: exit status $?"
check "the shutdown is announced" wait_for 20 grep -q "HAS SHUT ITSELF DOWN" /run/vm/daemon-1.log
check "and the loss on record" sources_hold 3 memory-failure xfs-health
is "where it is" "$(json /run/vm/show-3.json "d['lost'][0]['offset']")" "$ag_size"
ctl status > /run/vm/status-down.txt
is "status exits nonzero" $? 1
check "the daemon answers still" daemon_runs
check "the mount is not pinned" umount $MNT
stop_daemon
is "SIGTERM ends it" $? 0
is "the shutdown was told once" "$(grep -c "HAS SHUT ITSELF DOWN" /run/vm/daemon-1.log)" 1
finish
