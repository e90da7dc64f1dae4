#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1 nvdimms=2 memory=2G timeout=600 tree
#
# Nobody to ask: metadata goes bad, and XFS shuts down; or it is not mounted when bytes go bad, with and
# without a reverse map. The incidents name the metadata, and files by all their names.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

populate()
{
	local mnt=$1 i
	mkdir -p "$mnt/dir/below"
	(cd "$mnt/dir" && for i in {1..300}; do : > "a-file-with-rather-a-long-name-$i"; done)
	xfs_io -f -c "pwrite -q 0 64k" "$mnt/dir/below/first"
	xfs_io -f -c "pwrite -q 0 64k" "$mnt/dir/below/second"
	ln "$mnt/dir/below/first" "$mnt/also-first"
	# every second block of 600: more extents than an inode holds
	for ((i = 0; i < 1200; i += 2)); do echo "pwrite -q $((i * 4))k 4k"; done |
		xfs_io -f "$mnt/frag" > /dev/null
	sync -f "$mnt"
	# what the log has only comes to its place
	xfs_io -x -c freeze "$mnt" && xfs_io -x -c thaw "$mnt"
}

# incident NAME DEVICE BYTE: the one that lost this byte, looked at; in /run/vm/NAME.json
incident()
{
	local own="[i for i in d['incidents'] if i['device']['name'] == '$2' and i['lost'][0]['offset'] == $3]"
	until_json 40 "/run/vm/list-$1.json" \
		"$own and all(i.get('findings') and not i['findings_stale'] for i in $own)" ctl list --json &&
		ctl show "$(json "/run/vm/list-$1.json" "${own}[0]['id']")" --json > "/run/vm/$1.json"
}

# findings NAME: owner, impact and names of each
findings()
{
	json "/run/vm/$1.json" '"; ".join(" ".join([f["owner"], f["impact"]] +
		sorted(p["path"] for p in f.get("paths", []))) for f in d["findings"]["findings"])'
}

reasons()
{
	json "/run/vm/$1.json" 'sorted(r["reason"] for r in d["findings"]["reasons"])'
}

use_pmemras
setup_state || bail "no state disk"
setup_pmem 0 || bail "no namespace"
setup_xfs /dev/pmem0 /mnt/mapped || bail "no filesystem"
populate /mnt/mapped
map=$(owner_device_offset /mnt/mapped 'extent map') || bail "no block of an extent map"
first=$(file_device_offset /mnt/mapped/dir/below/first 8192) || bail "no file"
second=$(file_device_offset /mnt/mapped/dir/below/second 16384) || bail "no file"
check "the daemon starts" start_daemon

# --- shut down -------------------------------------------------------------------

check "machine check on metadata" machine_check $(($(data_start pmem0) + map))
check "XFS shuts down" wait_for 20 is_shut_down /mnt/mapped
check "an incident" incident metadata pmem0 "$map"
is "names the metadata, and whose it is" "$(findings metadata)" \
	"extent-map metadata /mnt/mapped/frag"
check "machine check on a file of it" machine_check $(($(data_start pmem0) + first))
check "an incident" incident shut pmem0 "$first"
is "names the file by all its names" "$(findings shut)" \
	"file-data data /mnt/mapped/also-first /mnt/mapped/dir/below/first"
is "and says what may be missing" "$(reasons shut)" "['shutdown']"

# --- unmounted -------------------------------------------------------------------

check "it can be unmounted" umount /mnt/mapped
check "machine check on another file" machine_check $(($(data_start pmem0) + second))
check "an incident" incident unmounted pmem0 "$second"
is "names the file from the filesystem's root" "$(findings unmounted)" \
	"file-data data dir/below/second"
is "and says what may be missing" "$(reasons unmounted)" "['dirty-log', 'not-mounted']"
check "the first ones are known still" incident shut pmem0 "$first"
is "by the names they had" "$(findings shut)" \
	"file-data data /mnt/mapped/also-first /mnt/mapped/dir/below/first"
pmemrasctl locate --json --badblocks /dev/pmem0 > /run/vm/locate.json
is "so does locate" "$? $(json /run/vm/locate.json \
	'sorted((f["owner"], sorted(p["path"] for p in f.get("paths", []))) for f in d["findings"])')" \
	"1 [('extent-map', ['frag']), ('file-data', ['also-first', 'dir/below/first']), ('file-data', ['dir/below/second'])]"

# --- without a reverse map ----------------------------------------------------------

setup_pmem 1 || bail "no second namespace"
mkfs.xfs -q -f -m rmapbt=0,reflink=1 /dev/pmem1 && mkdir -p /mnt/plain && mount -o dax=always /dev/pmem1 /mnt/plain ||
	bail "no second filesystem"
populate /mnt/plain
first=$(file_device_offset /mnt/plain/dir/below/first 8192) || bail "no file"
dir=$(file_device_offset /mnt/plain/dir 0) || bail "no directory"
check "a clean unmount" umount /mnt/plain
check "machine check on a file" machine_check $(($(data_start pmem1) + first))
check "an incident" incident plain pmem1 "$first"
is "names the file by all its names" "$(findings plain)" "file-data data also-first dir/below/first"
is "completely, for one that is not mounted" "$(reasons plain)" "['not-mounted']"
check "machine check on the directory above" machine_check $(($(data_start pmem1) + dir))
check "an incident" incident directory pmem1 "$dir"
is "names the directory" "$(findings directory)" "directory metadata dir"
stop_daemon
is "SIGTERM ends it" $? 0
finish
