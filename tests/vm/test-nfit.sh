#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=nfit nvdimms=0 memory=4G timeout=400
#
# The simulator does what a real NVDIMM with firmware does: errors are injected,
# a scrub finds them and both lists show them, and writing the whole page clears
# them from both. No pmemras here: this is the ground the other tests stand on.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

dev=$(setup_nfit) || bail "no simulated namespace"
note "namespace on $dev"
namespace=$(awk -F'"' '$2 == "dev" { print $4; exit }' /run/vm/namespace-nfit.json)
check "XFS on the simulator" setup_xfs "/dev/$dev"
xfs_io -f -c "pwrite -q -S 0x5a 0 64k" -c fsync $MNT/file

at=$(file_device_offset $MNT/file 8192) || bail "cannot find the file's block"
sector=$((at / 512))
check "inject two sectors" ndctl inject-error --block=$((sector + 3)) --count=2 "$namespace"
check "the scrub finds them" wait_for 20 eval "badblocks_of $dev | grep -q '^$((sector + 3)) 2$'"
in_region=$(((at + $(region_start "$dev")) / 512 + 3))
like "the region lists them" "$(region_badblocks_of "$dev")" "^$in_region 2"
check "reading fails" test "$(xfs_io -r -c 'pread -q 8192 4096' $MNT/file 2>&1 | grep -c 'Input/output')" = 1
check "writing the whole page" xfs_io -c "pwrite -q -S 0x33 8192 4096" -c fsync $MNT/file
is "clears the block device's list" "$(badblocks_of "$dev")" ""
is "and the region's" "$(region_badblocks_of "$dev")" ""
check "and it can be read" xfs_io -r -c "pread -q 8192 4096" $MNT/file
check "unmount" umount $MNT
finish
