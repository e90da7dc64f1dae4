#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 timeout=300 fast
#
# What the kernel itself says about one machine check and one plain memory
# failure on file data, without pmemras: the ground the other tests stand on.
# A machine check reaches both badblocks lists and the tracepoint, a memory
# failure without one only the tracepoint and the kernel's log.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"

# The event moved between event systems: take the one that is there.
trace_memory_failure()
{
	local t=/sys/kernel/tracing/instances/vm e
	mkdir -p "$t"
	for e in memory_failure ras; do
		[ -d "$t/events/$e/memory_failure_event" ] || continue
		cp "$t/events/$e/memory_failure_event/format" /run/vm/memory_failure_event.format
		echo 1 > "$t/events/mce/mce_record/enable" 2> /dev/null
		echo 1 > "$t/events/$e/memory_failure_event/enable"
		note "tracepoint $e:memory_failure_event"
		return
	done
	return 1
}

traced()
{
	grep -E "memory_failure_event: pfn $(printf '0x%x' $(($1 >> 12)))\b" \
		/sys/kernel/tracing/instances/vm/trace
}

logged()
{
	dmesg | grep -qiE "memory failure: $(printf '0x%x' $(($1 >> 12)))\b"
}

xfs_io -f -c "pwrite -q -S 0x5a 0 64k" -c fsync $MNT/file
xfs_io -f -c "pwrite -q -S 0xa5 0 64k" -c fsync $MNT/other
cp --reflink=always $MNT/file $MNT/copy
check "memory_failure tracepoint" trace_memory_failure

at=$(file_device_offset $MNT/file 8192) || bail "cannot find the file's block"
phys=$(file_phys $MNT/file 8192)
note "file byte 8192 is pmem0 byte $at, physical $(printf '0x%x' "$phys")"
want=$((at / 512))
check "machine check at file data" machine_check "$phys"
check "pmem0 lists the sector within 5 s" \
	wait_for 5 eval "badblocks_of pmem0 | grep -q '^$want '"
in_region=$(((at + $(region_start /dev/pmem0)) / 512))
like "the region lists it, counted from its own start" \
	"$(region_badblocks_of /dev/pmem0)" "^$in_region "
check "tracepoint names the page" wait_for 5 traced "$phys"
check "kernel log names the page" wait_for 5 logged "$phys"
check "reading it fails" test "$(xfs_io -r -c 'pread -q 8192 512' $MNT/file 2>&1 | grep -c 'Input/output')" = 1
check "its neighbour page can be read" xfs_io -r -c "pread -q 12288 4096" $MNT/file

phys=$(file_phys $MNT/file 36864) || bail "cannot find the file's block"
check "machine check for a cache line" machine_check $((phys + 2048 + 64)) 6
want=$(($(file_device_offset $MNT/file 36864) / 512 + 4))
check "lists one sector" wait_for 5 eval "badblocks_of pmem0 | grep -q '^$want 1$'"

before=$(badblocks_of pmem0)
phys=$(file_phys $MNT/other 4096)
check "memory failure without a machine check" hwpoison "$phys"
check "tracepoint names that page too" wait_for 5 traced "$phys"
sleep 1
is "no badblocks list shows it" "$(badblocks_of pmem0)" "$before"
check "XFS is alive" touch $MNT/alive
check "and can be unmounted" umount $MNT
finish
