#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=nfit nvdimms=0 memory=4G timeout=600 tree
#
# Real poison below a DAX XFS, on the simulator that can clear: what is left of the files is copied out, then they are
# repaired. Not a byte beside the lost ones may differ, both lists must be empty, and the incidents
# repaired. What the kernel does is noted (doc/repair-traps.md).
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
dev=$(setup_nfit) || bail "no simulated namespace"
namespace=$(json /run/vm/namespace-nfit.json "d['dev']")
setup_xfs "/dev/$dev" || bail "no filesystem"
setup_state || bail "no state disk"
mkdir -p /run/vm/orig /run/vm/rescue
note "kernel $(uname -r)"

for f in sole shared tail; do
	head -c "$([ $f = tail ] && echo 5000 || echo 65536)" /dev/urandom > $MNT/$f
	cp $MNT/$f /run/vm/orig/$f
done
cp --reflink=always $MNT/shared $MNT/copy
cp /run/vm/orig/shared /run/vm/orig/copy
sync -f $MNT
check "the daemon starts" start_daemon

# inject FILE OFFSET [SECTORS]: errors there; sets $at, the device's byte
inject()
{
	at=$(file_device_offset "$MNT/$1" "$2") || bail "cannot find the file's block"
	ndctl inject-error --block=$((at / 512)) --count="${3:-1}" "$namespace" > "/run/vm/inject-$1.json"
	check "$1: scrubbed, and stored" until_json 30 /run/vm/list.json \
		"[i for i in d['incidents'] if i['state'] == 'open' and i['bad_bytes'] == ${3:-1} * 512 and i['lost'][0]['offset'] == $at]" \
		ctl list --json
	id=$(json /run/vm/list.json "[i['id'] for i in d['incidents'] if i['lost'][0]['offset'] == $at][0]")
}

differs_only() # FILE ORIGINAL FIRST LAST: counted from 0
{
	[ "$(stat -c %s "$1")" = "$(stat -c %s "$2")" ] || return 1
	cmp -l "$1" "$2" | awk -v first="$3" -v last="$4" \
		'$1 - 1 < first || $1 - 1 > last { bad = 1 } END { exit bad }'
}

repair_one() # FILE FIRST LAST CHOICE...: lost are bytes FIRST to LAST; sector by sector
{
	local file=$1 first=$2 last=$3 end page
	shift 3
	inject "$file" "$first" $(((last - first + 512) / 512))
	page=$((at / 4096 * 4096))
	end=$((last < $(stat -c %s /run/vm/orig/"$file") ? last : $(stat -c %s /run/vm/orig/"$file") - 1))
	note "$file: good sector of the bad page through the file: $(dd if=$MNT/"$file" of=/dev/null \
		iflag=direct bs=512 skip=$((first / 4096 * 8 + 7)) count=1 2>&1 | tail -1)"
	ctl repair "$id" --salvage /run/vm/rescue --json > "/run/vm/salvage-$file.json" 2> "/run/vm/salvage-$file.err"
	is "$file: salvaged" $? 0
	is "$file: nothing else was lost" "$(json "/run/vm/salvage-$file.json" \
		"[f['unexpected_bytes'] for f in d['files']].count(0) == len(d['files'])")" True
	is "$file: these were" "$(json "/run/vm/salvage-$file.json" "d['files'][0]['lost_in_file']")" \
		"[{'offset': $first, 'length': $((end - first + 1))}]"
	check "$file: not a byte beside them differs in the copy" \
		differs_only "/run/vm/rescue/$file" "/run/vm/orig/$file" "$first" "$end"

	ctl repair "$id" --dry-run "$@" > "/run/vm/plan-$file.txt"
	sed 's/^/# /' "/run/vm/plan-$file.txt"
	ctl repair "$id" "$@" --yes --json > "/run/vm/repair-$file.json" 2> "/run/vm/repair-$file.err"
	is "$file: repaired" $? 0
	is "$file: the incident is" "$(json "/run/vm/repair-$file.json" "d['incident_state']")" repaired
	is "$file: cleared, not kept" "$(json "/run/vm/repair-$file.json" "[d['state'], d['pages'], d['quarantined']]")" \
		"['done', $(((last / 4096) - (first / 4096) + 1)), 0]"
	[ -s "/run/vm/repair-$file.err" ] && sed 's/^/# /' "/run/vm/repair-$file.err"
	xfs_io -r -c "fsmap -d $((page / 512)) $((page / 512 + 7))" $MNT > "/run/vm/fsmap-$file.txt"
	note "$file: owners of the page afterwards: $(tr '\n' ' ' < "/run/vm/fsmap-$file.txt")"
	is "$file: the device's list is empty" "$(badblocks_of "$dev")" ""
	is "$file: and the region's" "$(region_badblocks_of "$dev")" ""
	check "$file: the page can be read" dd if="/dev/$dev" of=/dev/null iflag=direct bs=4096 \
		skip=$((page / 4096)) count=1 status=none
}

repair_one sole 9216 9727 --zero
check "sole: not a byte beside the lost ones differs" differs_only $MNT/sole /run/vm/orig/sole 9216 9727
repair_one shared 8192 9215 --zero
check "shared: not a byte beside the lost ones differs" differs_only $MNT/shared /run/vm/orig/shared 8192 9215
check "shared: the copy is the same" cmp $MNT/shared $MNT/copy
is "shared: in the same block" "$(file_device_offset $MNT/shared 8192)" "$(file_device_offset $MNT/copy 8192)"
repair_one tail 4608 5119 --restore-from /run/vm/orig/tail
check "tail: restored" cmp $MNT/tail /run/vm/orig/tail
ctl list --all --json > /run/vm/list-end.json
is "the incidents are repaired" "$(json /run/vm/list-end.json "{i['state'] for i in d['incidents']}")" "{'repaired'}"
is "what was lost is on record" "$(json /run/vm/list-end.json "sum(i['lost_bytes'] for i in d['incidents'])")" 2048
check "no quarantine is left" test ! -e $MNT/.pmemras-quarantine
stop_daemon
check "unmount" umount $MNT
check "xfs_repair finds nothing wrong" xfs_repair -n "/dev/$dev"
finish
