# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the loop tests: real XFS on loop devices, and nothing left behind.
#
# A test makes everything below $scratch and through the functions here, which
# write down what has to be undone; the exit trap undoes it in reverse order,
# also after a failure or a signal. Only processes, mounts and loop devices
# that this shell made are touched.
#
# Output is TAP: ok/not ok/skip, then done_testing.
#
# From the caller's environment: PMEMRASCTL, PMEMRASD (programs under test),
# LOOP_TESTS (this directory).

set -u -o pipefail
: "${LOOP_TESTS:=$(dirname "${BASH_SOURCE[0]}")}"
: "${PMEMRASCTL:=pmemrasctl}" "${PMEMRASD:=pmemrasd}"

tap_count=0
tap_failed=0
undo=()
scratch=

# ---- undoing ----

undo_all()
{
	local i command

	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		command=${undo[i]}
		eval "$command" >/dev/null 2>&1
	done
	undo=()
}

# After what was written down, whatever a signal may have kept from being written down: by the
# scratch directory's name, which is this run's own.
cleanup()
{
	local name image target

	trap '' INT TERM HUP
	cd /
	undo_all
	[ -n "$scratch" ] || return 0
	while read -r target; do
		unmount "$target"
	done < <(findmnt --raw --noheadings --output TARGET | grep -F "$scratch/" | sort -r)
	while read -r name image; do
		case $image in "$scratch"/*) losetup -d "$name" ;; esac
	done < <(losetup --list --noheadings --output NAME,BACK-FILE 2>/dev/null)
	rm -rf --one-file-system "$scratch"
	scratch=
}

on_signal()
{
	cleanup
	trap - "$1" EXIT
	kill "-$1" $$
}

# Every quoted argument survives the way through eval.
on_exit()
{
	undo+=("$(printf '%q ' "$@")")
}

# By the mount table alone: a filesystem that was shut down answers nothing else, mountpoint(1) included.
is_mounted()
{
	awk -v target="$1" '$5 == target {found = 1} END {exit !found}' /proc/self/mountinfo
}

# A file busy for a moment longer than its writer is no reason to leave a mount behind.
unmount()
{
	local try

	for try in 1 2 3 4 5 6 7 8 9 10; do
		is_mounted "$1" || return 0
		umount "$1" 2>/dev/null && return 0
		sleep 0.3
	done
	umount -l "$1"
	return "$((try > 0))"
}

stop_process()
{
	local try

	kill "$1" 2>/dev/null || return 0
	for try in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$1" 2>/dev/null || break
		sleep "0.$try"
	done
	kill -KILL "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	return 0
}

# start COMMAND...: in the background, in a process group of its own; sets $started
start()
{
	set -m
	"$@" &
	started=$!
	set +m
	on_exit stop_group "$started"
}

stop_group()
{
	kill -- "-$1" 2>/dev/null || return 0
	stop_process "$1"
	kill -KILL -- "-$1" 2>/dev/null
	return 0
}

# loop_init [NAME]: the first call of every script
loop_init()
{
	trap cleanup EXIT
	trap 'on_signal INT' INT
	trap 'on_signal TERM' TERM
	trap 'on_signal HUP' HUP
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/${1:-pmemras-loop}.XXXXXX") || exit 1
	chmod 755 "$scratch"
}

# ---- TAP ----

ok()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $*"
}

not_ok()
{
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $*"
}

skip() # NAME REASON
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

diag_file()
{
	sed 's/^/# /' "$1" | tail -n "${2:-30}"
}

check_that() # NAME COMMAND...
{
	local name=$1

	shift
	if "$@"; then
		ok "$name"
	else
		not_ok "$name"
		diag "failed: $*"
	fi
}

done_testing()
{
	echo "1..$tap_count"
	exit "$((tap_failed > 0))"
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

need_root()
{
	[ "$(id -u)" -eq 0 ] || skip_all "needs root: loop devices and mounts"
	[ -c /dev/loop-control ] || skip_all "this machine has no loop devices"
}

# ---- devices and filesystems ----

loops_made=0
mounts_made=0

# new_loop SIZE SECTOR_SIZE [losetup options]: sets $loop and $backing, a file of zeros.
# shellcheck disable=SC2034
new_loop()
{
	local size=$1 sector=$2 image

	shift 2
	loops_made=$((loops_made + 1))
	image=$scratch/image$loops_made
	truncate -s "$size" "$image" || return 1
	loop=$(losetup --find --show --sector-size "$sector" "$@" "$image") || return 1
	on_exit losetup -d "$loop"
	backing=$image
}

# new_mount DEVICE [mount options]: sets $mnt
new_mount()
{
	local device=$1

	shift
	mounts_made=$((mounts_made + 1))
	mnt=$scratch/mnt$mounts_made
	mkdir "$mnt" && mount "$@" "$device" "$mnt" || return 1
	on_exit unmount "$mnt"
}

# mkfs.xfs with reverse map and reflink; further options may follow the device. Extra features
# that only some versions of mkfs.xfs know go through $MKFS_XFS (see newer-xfsprogs).
make_xfs()
{
	local device=$1

	shift
	"${MKFS_XFS:-mkfs.xfs}" -q -f -m rmapbt=1,reflink=1 "$@" "$device"
}

# ---- programs under test ----

# run COMMAND...: sets $status; $scratch/out, $scratch/err
run()
{
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
}

expect_status() # NAME WANTED
{
	if [ "$status" -eq "$2" ]; then
		ok "$1: exit code $2"
	else
		not_ok "$1: exit code $2"
		diag "got $status"
		diag_file "$scratch/out"
		diag_file "$scratch/err"
	fi
}

expect_text() # NAME REGEX: in what people see, whichever stream it went to
{
	if cat "$scratch/out" "$scratch/err" | tr '\n' ' ' | tr -s ' ' | grep -Eq -- "$2"; then
		ok "$1: says /$2/"
	else
		not_ok "$1: says /$2/"
		diag_file "$scratch/out"
		diag_file "$scratch/err"
	fi
}

# expect_schema NAME [FILE]: the records that were printed are as doc/record-schema.json says
expect_schema()
{
	if "$SCHEMA_CHECK" "$LOOP_TESTS/../../doc/record-schema.json" <"${2:-$scratch/out}" \
		>"$scratch/kinds" 2>"$scratch/schema-err" && [ -s "$scratch/kinds" ]; then
		ok "$1: as the schema says"
	else
		not_ok "$1: as the schema says"
		diag_file "$scratch/schema-err"
	fi
}

# expect_json NAME PYTHON-EXPRESSION: true of the record r that was printed, which is as the
# schema says where there is somebody to tell (SCHEMA_CHECK); reasons is its set of reason tokens.
expect_json()
{
	[ -z "${SCHEMA_CHECK-}" ] || expect_schema "$1"
	if python3 "$LOOP_TESTS/json-true" "$2" <"$scratch/out" 2>"$scratch/json-err"; then
		ok "$1: JSON has $2"
	else
		not_ok "$1: JSON has $2"
		diag_file "$scratch/json-err"
		diag_file "$scratch/out"
		diag_file "$scratch/err"
	fi
}
