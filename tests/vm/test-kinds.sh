#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 nvdimms=8 memory=3G timeout=900 tree
#
# A machine check on each kind of block, each on an NVDIMM of its own: which of
# them XFS survives (with a reverse map), that badblocks lists all of them, and
# that pmemras tells each kind right, once the filesystem has shut down from the map on
# its device: never that nothing was lost. The daemon runs beside it: each kind is
# an incident of its own, the daemon lives on, and keeps no filesystem from being unmounted.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

populate()
{
	local mnt=$1 i
	mkdir "$mnt/dir"
	(cd "$mnt/dir" && for i in {1..200}; do : > "a-file-with-rather-a-long-name-$i"; done)
	# every second block of 600: more extents than an inode holds
	for ((i = 0; i < 1200; i += 2)); do echo "pwrite -q $((i * 4))k 4k"; done |
		xfs_io -f "$mnt/frag" > /dev/null
	xfs_io -f -c "falloc 0 1m" "$mnt/unwritten"
	python3 -c 'import os, sys
with open(sys.argv[1], "w") as file:
	for i in range(4):
		os.setxattr(file.fileno(), "user.a%d" % i, b"0" * 1500)' "$mnt/attr"
	sync -f "$mnt"
	# what the log has only comes to its place
	xfs_io -x -c freeze "$mnt" && xfs_io -x -c thaw "$mnt"
}

attr_fork_offset()
{
	xfs_io -r -c 'bmap -avp' "$1" |
		awk '$1 == "0:" { sub(/\.\..*/, "", $3); print $3 * 512 }'
}

# byte_of KIND MOUNTPOINT: where the kind lies on the block device
byte_of()
{
	case $1 in
	free) owner_device_offset "$2" 'free space' ;;
	unwritten) file_device_offset "$2/unwritten" 0 ;;
	attr) attr_fork_offset "$2/attr" ;;
	bmbt) owner_device_offset "$2" 'extent map' ;;
	directory) file_device_offset "$2/dir" 0 ;;
	log) owner_device_offset "$2" 'journalling log' ;;
	inodes) owner_device_offset "$2" ']: +inodes' ;;
	agmeta) owner_device_offset "$2" 'per-AG metadata' ;;
	esac
}

# owner_of KIND: what pmemras must call it
owner_of()
{
	case $1 in
	unwritten) echo "file-data none" ;;
	free) echo "free none" ;;
	attr) echo "attributes metadata" ;;
	bmbt) echo "extent-map metadata" ;;
	directory) echo "directory metadata" ;;
	log) echo "log metadata" ;;
	inodes) echo "inodes metadata" ;;
	agmeta) echo "ag-btree metadata" ;;
	esac
}

# located FILE: owner and impact of every finding
located()
{
	json "$1" '" ".join(f["owner"] + " " + f["impact"] for f in d["findings"])'
}

# 6.1 keeps silent about free space at the end of a query, so also where a group of
# blocks ends; of the device's last block it never says that it is free.
free_at_the_ends()
{
	local size at want
	size=$(blockdev --getsize64 "/dev/$1")
	for at in $((size - 512)) $((size - 65536)) $((size / 4 / 4096 * 4096 - 512)); do
		want="free none"
		[ "$VM_GUEST:$at" != "6.1:$((size - 512))" ] || want="unknown unknown"
		pmemrasctl locate --json "/dev/$1" "$at+512" > "/run/vm/free-$at.json"
		is "free: byte $at is $want" "$(located "/run/vm/free-$at.json")" "$want"
	done
}

# on_record KIND DEVICE BYTE LOSES: the daemon's word on it. The incident is acknowledged at
# the end, so that the next one's exit code of status is its own.
on_record()
{
	local kind=$1 dev=$2 at=$3 loses=$4 id status
	local own="[i for i in d['incidents'] if i['device']['name'] == '$dev']"
	check "$kind: is an incident, looked at" until_json 30 "/run/vm/list-$kind.json" \
		"$own and all(i.get('findings') and not i['findings_stale'] for i in $own)" ctl list --json
	is "$kind: one, of its block" "$(json "/run/vm/list-$kind.json" \
		"[(i['state'], i['lost']) for i in $own]")" \
		"[('open', [{'offset': $at, 'length': 4096}])]"
	id=$(json "/run/vm/list-$kind.json" "${own}[0]['id']")
	ctl status > "/run/vm/status-$kind.txt"
	status=$?
	if [ "$loses" = nothing ]; then
		is "$kind: status exits 0" $status 0
	else
		check "$kind: status exits nonzero ($status)" test $status -ne 0
		check "$kind: show does not say that nothing is lost" eval \
			"ctl show $id > /run/vm/show-$kind.txt && ! grep -i 'nothing lost' /run/vm/show-$kind.txt"
	fi
	check "$kind: the daemon answers" daemon_runs
	check "$kind: acknowledged" ctl ack "$id"
}

use_pmemras
setup_state || bail "no state disk"
check "the daemon starts" start_daemon
n=0
for kind in free unwritten attr bmbt directory log inodes agmeta; do
	fate="shut down"
	case $kind in
	free | unwritten) fate=alive ;;
	# 6.1 gives up because a directory's mapping is not DAX. 7.2 takes the block for file
	# data, and lives until it must write the block and cannot.
	directory) [ "$VM_GUEST" = 6.1 ] || fate=alive ;;
	esac
	dev=pmem$n
	mnt=/mnt/$kind
	if ! setup_pmem $n || ! setup_xfs /dev/$dev $mnt || ! populate $mnt; then
		not_ok "$kind: set up"
		n=$((n + 1))
		continue
	fi
	at=$(byte_of $kind $mnt)
	xfs_io -r -c 'fsmap -v' $mnt > /run/vm/fsmap-$kind.txt
	if [ -z "$at" ]; then
		not_ok "$kind: find a block of it"
		n=$((n + 1))
		continue
	fi
	note "$kind: sector $((at / 512)) of $dev"
	pmemrasctl locate --json "/dev/$dev" $((at / 512))s+1s > /run/vm/before-$kind.json
	is "$kind: found for what it is" "$(located /run/vm/before-$kind.json)" "$(owner_of $kind)"
	[ $kind != free ] || free_at_the_ends $dev
	check "$kind: machine check" machine_check $(($(data_start $dev) + at))
	check "$kind: listed" wait_for 5 eval "badblocks_of $dev | grep -q '^$((at / 512)) 8$'"
	sleep 1
	is "$kind: XFS is $fate" "$(is_shut_down $mnt && echo 'shut down' || echo alive)" "$fate"
	pmemrasctl locate --json --badblocks "/dev/$dev" > /run/vm/after-$kind.json
	status=$?
	if [ "$fate" = alive ]; then
		is "$kind: still found" "$(located /run/vm/after-$kind.json)" "$(owner_of $kind)"
	else
		is "$kind: after the shutdown, the device tells" "$status $(located \
			/run/vm/after-$kind.json)" "1 $(owner_of $kind)"
		is "$kind: and that it may lag" "$(json /run/vm/after-$kind.json \
			'"shutdown" in [r["reason"] for r in d["reasons"]], d["complete"]')" "(True, False)"
	fi
	case $(owner_of $kind) in
	*" none") on_record $kind $dev "$at" nothing ;;
	*) on_record $kind $dev "$at" something ;;
	esac
	n=$((n + 1))
done
for kind in free unwritten attr bmbt directory log inodes agmeta; do
	is_mounted /mnt/$kind || continue
	check "$kind: can be unmounted" umount /mnt/$kind
done
check "the daemon answers still" daemon_runs
stop_daemon
is "SIGTERM ends it" $? 0
finish
