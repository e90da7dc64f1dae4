# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests share. Sourced by tests/vm/test-*.sh inside a guest; descriptor 7
# is the driver's control port, /run/vm the folder shared with the host. All
# offsets and lengths here are in bytes unless the name says otherwise.

set -u

vm_points=0
MNT=/mnt/pmem

# --- speaking TAP -----------------------------------------------------------

# tell TEXT: lines for the driver and for the log. Every line gets the prefix, so
# that no file name or kernel message can pass for a request to the driver.
tell()
{
	printf 'tap %s\n' "${*//$'\n'/$'\n'tap # }" >&7
	printf '%s\n' "$*"
}

ok()
{
	vm_points=$((vm_points + 1))
	tell "ok $vm_points - $*"
}

not_ok()
{
	vm_points=$((vm_points + 1))
	tell "not ok $vm_points - $*"
}

note()
{
	tell "# $*"
}

# skip DESCRIPTION REASON: one skipped point
skip()
{
	vm_points=$((vm_points + 1))
	tell "ok $vm_points - $1 # SKIP ${*:2}"
}

# check DESCRIPTION COMMAND...: a point that is the command's success
check()
{
	local what=$1
	shift
	if "$@"; then ok "$what"; else not_ok "$what"; fi
}

# is DESCRIPTION GOT WANTED
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		note "  got:    $2"
		note "  wanted: $3"
	fi
}

# like DESCRIPTION GOT REGEX
like()
{
	if [[ $2 =~ $3 ]]; then
		ok "$1"
	else
		not_ok "$1"
		note "  got:      ${2:0:300}"
		note "  no match: $3"
	fi
}

# bail REASON: what follows makes no sense any more
bail()
{
	not_ok "$*"
	finish
}

# finish: the evidence, the plan, the end
finish()
{
	collect_evidence
	tell "1..$vm_points"
	exit 0
}

# --- the driver -------------------------------------------------------------

# ask COMMAND...: one request; the driver's answer on standard output
ask()
{
	local answer
	echo "$*" >&7
	read -r -t 60 answer <&7 || answer="no answer"
	echo "$answer"
}

# machine_check PHYS [LSB]: an uncorrected memory error at a physical address
# (SRAO: action optional, as the patrol scrubber raises it). LSB is the lowest
# address bit that counts: 12, the default, is a page, 6 a cache line, for which
# badblocks lists one sector.
machine_check()
{
	local answer
	answer=$(ask monitor "$(printf 'mce -b 0 9 0xbd000000000000c0 0x5 0x%x 0x%x' \
		"$1" $((0x80 | ${2:-12})))")
	[ "$answer" = ok ] || { note "machine check at $1: $answer"; return 1; }
}

# hwpoison PHYS: memory_failure() without a machine check
hwpoison()
{
	modprobe hwpoison_inject && echo $(($1 >> 12)) > /sys/kernel/debug/hwpoison/corrupt-pfn
}

# reboot_to_next_phase: the test starts again, its points so far count. The NVDIMM's contents and the state disk survive, VM_PHASE grows
reboot_to_next_phase()
{
	collect_evidence
	sync
	dmesg > "/run/vm/dmesg-$VM_PHASE.txt"
	tell "1..$vm_points"
	[ -d /run/systemd/system ] && journalctl -b --no-pager > "/run/vm/journal-$VM_PHASE.txt"
	ask reboot
	echo b > /proc/sysrq-trigger
	sleep 60
}

# --- namespaces and filesystems ---------------------------------------------

# setup_pmem [N]: fsdax namespace on the N-th NVDIMM, default 0; /dev/pmemN appears
setup_pmem()
{
	local n=${1:-0}
	modprobe nfit && modprobe nd_pmem && modprobe dax_pmem && modprobe device_dax || return 1
	wait_for 20 test -e "/sys/bus/nd/devices/namespace$n.0" || return 1
	[ "$(cat "/sys/bus/nd/devices/namespace$n.0/holder_class" 2> /dev/null)" = pfn ] ||
		ndctl create-namespace -m fsdax -f -e "namespace$n.0" > "/run/vm/namespace$n.json" ||
		return 1
	wait_for 20 test -b "/dev/pmem$n"
}

# setup_nfit: the simulator, fresh, with an fsdax namespace of 502 MiB and nothing bad.
# Prints the name of its block device. A QEMU NVDIMM may sit beside it.
setup_nfit()
{
	modprobe -r nfit_test 2> /dev/null
	modprobe nfit_test && ndctl wait-scrub nfit_test.0 > /dev/null &&
		modprobe nd_pmem && modprobe dax_pmem || return 1
	ndctl disable-region -b nfit_test.0 all > /dev/null &&
		ndctl init-labels -b nfit_test.0 -f all > /dev/null &&
		ndctl enable-region -b nfit_test.0 all > /dev/null || return 1
	ndctl create-namespace -b nfit_test.0 -t pmem -m fsdax -r "$(nfit_region)" \
		> /run/vm/namespace-nfit.json || return 1
	awk -F'"' '$2 == "blockdev" { print $4 }' /run/vm/namespace-nfit.json
}

# nfit_region: name of the simulator's first region (region0 unless another NVDIMM is there)
nfit_region()
{
	ndctl list -b nfit_test.0 -R | awk -F'"' '$2 == "dev" { print $4 }' | sort -V | head -n 1
}

# setup_xfs [DEVICE [MOUNTPOINT]]: made with reverse map and reflink, mounted for DAX
setup_xfs()
{
	local dev=${1:-/dev/pmem0} mnt=${2:-$MNT}
	mkdir -p "$mnt" && modprobe xfs && mkfs.xfs -q -f -m rmapbt=1,reflink=1 "$dev" &&
		mount -o dax=always "$dev" "$mnt"
}

# data_start DEVICE: physical address of the device's first byte
data_start()
{
	local dev=${1#/dev/}
	echo $(($(cat "/sys/block/$dev/device/resource")))
}

# region_of DEVICE: the nd region below it
region_of()
{
	local path
	path=$(readlink -f "/sys/block/${1#/dev/}/device")
	while [[ ${path##*/} != region* && $path != / ]]; do path=${path%/*}; done
	echo "${path##*/}"
}

# region_start DEVICE: byte of the region at which the device's data begins
region_start()
{
	echo $(($(data_start "$1") - $(cat "/sys/bus/nd/devices/$(region_of "$1")/resource")))
}

# file_device_offset FILE OFFSET: byte of the block device that holds the file's byte
file_device_offset()
{
	sync -f "$1"
	xfs_io -r -c "bmap -vp" "$1" | awk -v want="$2" '
		$1 ~ /^[0-9]+:$/ {
			line = $0; gsub(/[][():]|\.\./, " ", line); split(line, f, " ")
			# extent, first and last file sector, first and last device sector
			if (f[4] != "hole" && f[2] * 512 <= want && want < (f[3] + 1) * 512) {
				print f[4] * 512 + want - f[2] * 512; found = 1; exit
			}
		}
		END { exit !found }'
}

# owner_device_offset MOUNTPOINT REGEX: first byte of the first reverse-map record whose
# owner matches, in the words of `xfs_io -c "fsmap -v"` ("free space", "inodes", …)
owner_device_offset()
{
	xfs_io -r -c 'fsmap -v' "$1" | awk -v want="$2" '
		$1 ~ /^[0-9]+:$/ && $0 ~ want {
			sub(/^[^[]*\[/, ""); print int($0) * 512; found = 1; exit
		}
		END { exit !found }'
}

# file_phys FILE OFFSET [DEVICE]
file_phys()
{
	local at
	at=$(file_device_offset "$1" "$2") || return 1
	echo $(($(data_start "${3:-/dev/pmem0}") + at))
}

# --- looking ----------------------------------------------------------------

# wait_for SECONDS COMMAND...: try until it succeeds
wait_for()
{
	local until=$(($(date +%s) + $1))
	shift
	until "$@" > /dev/null 2>&1; do
		[ "$(date +%s)" -lt $until ] || return 1
		sleep 0.1
	done
}

# now_us: this guest's clock, in microseconds
now_us()
{
	echo "${EPOCHREALTIME/[.,]/}"
}

# is_shut_down MOUNTPOINT: XFS gave up on the filesystem
is_shut_down()
{
	! stat -f "$1" > /dev/null 2>&1 || ! touch "$1/.vm-probe" 2> /dev/null
}

# is_mounted MOUNTPOINT: mountpoint(1) asks the filesystem, which may be shut down
is_mounted()
{
	grep -q " $1 " /proc/mounts
}

badblocks_of()
{
	cat "/sys/block/${1#/dev/}/badblocks"
}

region_badblocks_of()
{
	cat "/sys/bus/nd/devices/$(region_of "$1")/badblocks"
}

# --- pmemras ----------------------------------------------------------------

# use_pmemras: the programs of this tree come first
use_pmemras()
{
	if [ "$VM_INSTALL" != / ]; then
		PATH=$VM_INSTALL/usr/sbin:$VM_INSTALL/usr/bin:$PATH
		export LD_LIBRARY_PATH=$VM_INSTALL/usr/lib
	fi
	pmemrasctl version > /run/vm/pmemras-version.txt
}

# setup_state: a folder that outlives a reboot, for --state-dir (mode 0700)
setup_state()
{
	local disk
	disk=$(grep -ls '^state$' /sys/block/vd*/serial)
	disk=${disk#/sys/block/}
	disk=/dev/${disk%/serial}
	mkdir -p /mnt/state
	modprobe ext4
	blkid -t TYPE=ext4 "$disk" > /dev/null || mkfs.ext4 -q "$disk" || return 1
	mount "$disk" /mnt/state && install -d -m 0700 /mnt/state/pmemras
	STATE=/mnt/state/pmemras
}

# ctl WORD...: pmemrasctl on our state directory
ctl()
{
	pmemrasctl --state-dir "$STATE" "$@"
}

# start_daemon: in the background, its messages in daemon-PHASE.log; waits until it has taken stock
start_daemon()
{
	pmemrasd --foreground --state-dir "$STATE" >> "/run/vm/daemon-$VM_PHASE.log" 2>&1 7>&- &
	DAEMON=$!
	wait_for 20 daemon_runs
}

# (asked by status.json as well as by the process id, which may be anybody's by then)
daemon_runs()
{
	kill -0 "$DAEMON" && ctl status --json > /run/vm/status.json
	json /run/vm/status.json "d" | grep -q "'pid': $DAEMON\b"
}

# stop_daemon [SIGNAL]: and its exit status
stop_daemon()
{
	kill -s "${1:-TERM}" "$DAEMON"
	wait "$DAEMON" 2> /dev/null
}

# until_json SECONDS FILE EXPRESSION COMMAND...: the record that the command prints, kept in
# FILE, comes to fulfil the Python expression
until_json()
{
	local until=$(($(date +%s) + $1)) file=$2 expression=$3
	shift 3
	while :; do
		"$@" > "$file" 2> "$file.stderr"
		[ "$(json "$file" "bool($expression)" 2> /dev/null)" = True ] && return
		[ "$(date +%s)" -lt "$until" ] || return 1
		sleep 0.2
	done
}

# json FILE EXPRESSION: what a Python expression makes of the JSON document d
json()
{
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
print(eval(sys.argv[2]))' "$@"
}

# collect_evidence: the kernel's own words, beside ours
collect_evidence()
{
	local f name
	for f in /sys/block/*/badblocks /sys/bus/nd/devices/region*/badblocks; do
		[ -s "$f" ] || continue
		name=${f#/sys/}
		name=${name%/badblocks}
		cat "$f" > "/run/vm/badblocks-${VM_PHASE}-${name##*/}.txt" 2> /dev/null
	done
	grep . /sys/kernel/tracing/instances/vm/trace > "/run/vm/trace-$VM_PHASE.txt" 2> /dev/null
	ndctl list -BRNDM > "/run/vm/ndctl-list-$VM_PHASE.json" 2> /dev/null
	grep -E 'HardwareCorrupted' /proc/meminfo > "/run/vm/meminfo-$VM_PHASE.txt"
	cat /proc/mounts > "/run/vm/mounts-$VM_PHASE.txt"
}
