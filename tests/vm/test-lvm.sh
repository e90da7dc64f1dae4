#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 nvdimms=2 memory=2G timeout=500 tree
#
# XFS on device-mapper over two NVDIMMs, linear and striped: the kernel tells the
# filesystem nothing of lost memory, whichever kernel it is. The daemon hears it all the
# same, stores it on the right one of the two, and names the file through the mapping.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem 0 && setup_pmem 1 || bail "no namespaces"
setup_state || bail "no state disk"
modprobe dm_mod
first=$(($(blockdev --getsize64 /dev/pmem0) / 1048576 * 1048576))
beyond=$((first / 2 / 1048576 * 2048)) # sectors: the stripes begin where nothing is bad yet
mkdir -p $MNT

# mapping TABLE: sets dm, makes XFS on it
mapping()
{
	check "$layout: a mapping over both" dmsetup create vm --noudevsync --noudevrules --table "$1"
	dm=/dev/$(basename "$(readlink -f "/sys/dev/block/$(dmsetup info -c --noheadings \
		-o major,minor --separator : vm)")")
	note "the mapping is $dm"
	check "$layout: XFS on it, for DAX" setup_xfs "$dm"
	is "$layout: without a list of its own" "$(ls "/sys/block/${dm#/dev/}/badblocks" 2> /dev/null)" ""
}

# below BYTE of the mapping: sets dev and byte, by arithmetic of our own
below()
{
	local chunk=$((64 * 1024)) number
	if [ $layout = linear ]; then
		dev=pmem0 byte=$1
		[ "$byte" -lt "$first" ] || { dev=pmem1; byte=$((byte - first)); }
	else
		number=$(($1 / chunk))
		dev=pmem$((number % 2))
		byte=$((beyond * 512 + number / 2 * chunk + $1 % chunk))
	fi
}

check "the daemon starts" start_daemon
ctl status > /run/vm/status-0.txt
is "status with nothing on record exits 0" $? 0

id=0
for layout in linear striped; do
	if [ $layout = linear ]; then
		mapping "0 $((first / 512)) linear /dev/pmem0 0
$((first / 512)) $((first / 512)) linear /dev/pmem1 0"
	else
		mapping "0 $((2 * (first / 512 - beyond))) striped 2 128 /dev/pmem0 $beyond /dev/pmem1 $beyond"
	fi
	# Directories spread over the allocation groups, so over the NVDIMMs.
	# Of a file two places, a stripe apart.
	declare -A file=() at=() in_file=()
	for i in {0..15}; do
		offset=$((8192 + i % 2 * 65536))
		[ $((i % 2)) = 1 ] || mkdir $MNT/d$i
		name=$MNT/d$((i / 2 * 2))/file
		[ $((i % 2)) = 1 ] || xfs_io -f -c "pwrite -q -S $((0x50 + i)) 0 256k" -c fsync "$name"
		byte=$(file_device_offset "$name" $offset) || continue
		below "$byte"
		[ -z "${file[$dev]-}" ] || continue
		file[$dev]=$name
		at[$dev]=$byte
		in_file[$dev]=$offset
		# what was written above is what lies below
		is "$layout: $dev has the file's bytes" \
			"$(dd if=/dev/$dev iflag=skip_bytes,direct bs=4096 count=1 skip="$byte" status=none | md5sum)" \
			"$(dd if="$name" bs=4096 skip=$((offset / 4096)) count=1 status=none | md5sum)"
	done
	[ ${#file[@]} = 2 ] || bail "no file on each NVDIMM"
	for dev in pmem0 pmem1; do
		id=$((id + 1))
		note "${file[$dev]} is on $dev at ${at[$dev]}"
		check "$layout: $dev: machine check" machine_check $(($(data_start /dev/$dev) + at[$dev]))
		check "$layout: $dev: is an incident, heard and looked at" until_json 20 /run/vm/show-$id.json \
			"{'badblocks', 'memory-failure'} <= {s['source'] for s in d['sources']} and d['findings'] and not d['findings_stale']" \
			ctl show $id --json
		is "$layout: $dev: on it, with its range" \
			"$(json /run/vm/show-$id.json "d['device']['name'], d['lost']")" \
			"('$dev', [{'offset': ${at[$dev]}, 'length': 4096}])"
		is "$layout: $dev: with the file and where in it" "$(json /run/vm/show-$id.json \
			"[(p['path'], f['file_offset'], f['offset']) for f in d['findings']['findings'] for p in f['paths']]")" \
			"[('${file[$dev]}', ${in_file[$dev]}, ${at[$dev]})]"
		is "$layout: $dev: through the mapping, nothing left open" "$(json /run/vm/show-$id.json \
			"d['findings']['through']['devices'], d['findings']['complete']")" \
			"('${dm#/dev/} (vm)', True)"
		ctl show $id > /run/vm/show-$id.txt
		is "$layout: $dev: show exits 0" $? 0
		like "$layout: $dev: show names the layer" "$(< /run/vm/show-$id.txt)" "through ${dm#/dev/} .vm."
		pmemrasctl locate --json --badblocks /dev/$dev > /run/vm/locate-$dev.json
		is "$layout: $dev: locate exits 1" $? 1
	done
	check "$layout: the filesystem was told nothing" eval '! is_shut_down $MNT'
	ctl status > /run/vm/status-$layout.txt
	is "$layout: status exits 1" $? 1
	like "$layout: status says of each NVDIMM that its filesystem is not listened to, and why" \
		"$(< /run/vm/status-$layout.txt)" "pmem0 .* no \([0-9]+\).*pmem1 .* no \([0-9]+\).*${dm#/dev/}"
	check "$layout: the mount is not pinned" umount $MNT
	check "$layout: nor the mapping" dmsetup remove --noudevsync --noudevrules vm
done
check "the kernel's log has no word of XFS" eval '! dmesg | grep -i "XFS.*\(shut\|metadata I/O\|corruption\)"'
ctl list --json > /run/vm/list.json
is "four incidents" "$(json /run/vm/list.json "sorted(i['device']['name'] for i in d['incidents'])")" \
	"['pmem0', 'pmem0', 'pmem1', 'pmem1']"
stop_daemon
is "SIGTERM ends it" $? 0
ctl status > /run/vm/status-stopped.txt
is "without a daemon, status exits 1 too" $? 1
finish
