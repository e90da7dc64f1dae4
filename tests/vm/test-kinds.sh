#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 nvdimms=8 memory=3G timeout=600
#
# A machine check on each kind of block, each on an NVDIMM of its own: which of
# them XFS survives (with a reverse map), and that badblocks lists all of them.
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
	: > "$mnt/attr"
	for i in 1 2 3 4; do
		setfattr -n "user.a$i" -v "$(printf '%01500d' 0)" "$mnt/attr"
	done
	sync -f "$mnt"
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
	check "$kind: machine check" machine_check $(($(data_start $dev) + at))
	check "$kind: listed" wait_for 5 eval "badblocks_of $dev | grep -q '^$((at / 512)) 8$'"
	sleep 1
	is "$kind: XFS is $fate" "$(is_shut_down $mnt && echo 'shut down' || echo alive)" "$fate"
	n=$((n + 1))
done
for kind in free unwritten attr bmbt directory log inodes agmeta; do
	is_mounted /mnt/$kind || continue
	check "$kind: can be unmounted" umount /mnt/$kind
done
finish
