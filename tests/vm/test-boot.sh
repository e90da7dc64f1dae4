#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 timeout=300
#
# The guest is what we think it is: our kernel, an NVDIMM, XFS with DAX on it, and
# a driver that passes on machine checks and nothing else.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

like "kernel $(uname -r)" "$(uname -r)" "^${VM_GUEST/./\\.}"
check "fsdax namespace on the NVDIMM" setup_pmem
like "data area begins inside the region" "$(region_start /dev/pmem0)" '^[1-9][0-9]*$'
check "XFS with reverse map and reflink" setup_xfs
like "mounted for DAX" "$(grep " $MNT " /proc/mounts)" 'dax=always'
is "the driver refuses other monitor commands" "$(ask monitor info block)" refused
is "and what it does not know" "$(ask fetch me)" refused
is "no bad block yet" "$(badblocks_of pmem0)" ""
finish
