#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=systemd timeout=500
#
# The fourth guest is a whole system: systemd is PID 1, nothing of it failed, the
# NVDIMM was found by udev alone, and its disk and NVDIMM outlive a reboot. No
# pmemras here: this is the ground the other tests stand on.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

if [ "$VM_PHASE" = 1 ]; then
	is "systemd is PID 1" "$(cat /proc/1/comm)" systemd
	# These two give up where there is no DIMM with health and no memory controller.
	is "nothing failed" "$(systemctl --failed --plain --no-legend |
		grep -vE '^(ndctl-monitor|ras-mc-ctl)\.service ')" ""
	check "multi-user.target was reached" systemctl -q is-active multi-user.target
	check "udev loaded the NVDIMM's driver" wait_for 20 test -d /sys/bus/nd/devices/region0
	check "fsdax namespace" setup_pmem
	check "XFS" setup_xfs
	for p in xfs_healer:/usr/libexec/xfsprogs/xfs_healer rasdaemon:/usr/sbin/rasdaemon \
		 ndctl-monitor:/usr/lib/systemd/system/ndctl-monitor.service; do
		check "${p%%:*} is there to live beside" test -e "${p#*:}"
	done
	xfs_io -f -c "pwrite -q -S 0x5a 0 64k" -c fsync $MNT/file
	touch /var/lib/first-boot
	note "ready $(cut -d. -f1 /proc/uptime) s after the kernel started"
	reboot_to_next_phase
	bail "did not reboot"
fi
check "the disk outlives a reboot" test -e /var/lib/first-boot
check "the namespace too" wait_for 30 test -b /dev/pmem0
mkdir -p $MNT
check "and the filesystem" mount -o dax=always /dev/pmem0 $MNT
check "with its file" test -s $MNT/file
check "machine check" machine_check "$(file_phys $MNT/file 8192)"
check "is listed" wait_for 5 eval 'badblocks_of pmem0 | grep -q .'
finish
