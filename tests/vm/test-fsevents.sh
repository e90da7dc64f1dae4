#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=7.2 memory=2G timeout=500 tree
#
# What XFS itself reports: by fanotify at first, by its health monitor when nobody else
# wanted it, and what the monitor tells is one more source of the same incident. A
# filesystem that shuts itself down is announced, and can be unmounted.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"
xfs_io -f -c "pwrite -q -S 0x51 0 256k" $MNT/file
cp --reflink=always $MNT/file $MNT/copy
sync -f $MNT

heard_by()
{
	ctl status > /run/vm/status.txt
	grep -qE "^pmem0 .* $1" /run/vm/status.txt
}

check "the daemon starts" start_daemon
check "fanotify comes first" wait_for 20 heard_by fanotify
check "then the health monitor" wait_for 60 heard_by health-monitor
check "memory failure" hwpoison "$(file_phys $MNT/file 69632)"
check "is one incident, the filesystem's word among its sources" until_json 30 /run/vm/show-1.json \
	"{'xfs-health', 'memory-failure'} <= {s['source'] for s in d['sources']} and d['findings']" \
	ctl show 1 --json
is "with both files" "$(json /run/vm/show-1.json \
	"sorted(p['path'] for f in d['findings']['findings'] for p in f['paths'])")" \
	"['$MNT/copy', '$MNT/file']"
is "of one page" "$(json /run/vm/show-1.json "sum(r['length'] for r in d['lost'])")" 4096
sleep 2
ctl list --json > /run/vm/list.json
is "and stays one" "$(json /run/vm/list.json "len(d['incidents'])")" 1

xfs_io -x -c shutdown $MNT
check "a shutdown is announced" wait_for 20 grep -rqs "HAS SHUT ITSELF DOWN" /run/vm
check "the mount is not pinned" umount $MNT
stop_daemon
is "SIGTERM ends it" $? 0
finish
