# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the daemon's tests, on top of the loop tests' library: a pmemrasd with a service manager
# and a journal that are played by listen.py, and made-up machines for --root.
#
# The daemon runs in a mount namespace of its own, where /run is empty but for the played journal:
# the machine's journal hears nothing, and nothing is left in /run.

DAEMON_TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LOOP_TESTS=$DAEMON_TESTS/../loop
# shellcheck source=../loop/lib.sh
. "$LOOP_TESTS/lib.sh"

daemons_made=0

daemon_init()
{
	[ "$(id -u)" -eq 0 ] || skip_all "needs root: mount namespaces"
	unshare --mount true 2>/dev/null || skip_all "needs mount namespaces"
	loop_init
	state=$scratch/state
	notified=$scratch/notified
	journal=$scratch/journalled
	mkdir "$scratch/journal"
	: >"$notified"
	: >"$journal"
	start python3 "$DAEMON_TESTS/listen.py" notify "$scratch/notify" "$notified" $$
	start python3 "$DAEMON_TESTS/listen.py" journal "$scratch/journal/socket" "$journal" $$
	wait_for 10 test -S "$scratch/notify" -a -S "$scratch/journal/socket" ||
		skip_all "python3 cannot bind sockets"
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep 0.05
	done
}

# in_run COMMAND...: in a namespace whose /run has the played journal
in_run()
{
	# shellcheck disable=SC2016 # the inner shell expands them
	exec unshare --mount --propagation slave sh -c '
		mount -t tmpfs tmpfs /run &&
		mkdir -p /run/systemd/journal &&
		mount --bind "$0" /run/systemd/journal || exit 99
		exec "$@"' "$scratch/journal" "$@"
}

# start_daemon ARGUMENTS...: sets $daemon (its pid); messages in $scratch/daemon.N
start_daemon()
{
	daemons_made=$((daemons_made + 1))
	said=$scratch/daemon.$daemons_made
	NOTIFY_SOCKET=$scratch/notify start_in_run "$PMEMRASD" --state-dir "$state" \
		"$@" >"$said" 2>&1
	daemon=$started
}

start_in_run()
{
	start in_run "$@"
}

# notified EXPRESSION, journalled EXPRESSION: is it true of what was heard (entries.py)
notified()
{
	python3 "$DAEMON_TESTS/entries.py" "$notified" "$1"
}

journalled()
{
	python3 "$DAEMON_TESTS/entries.py" "$journal" "$1"
}

forget()
{
	: >"$notified"
	: >"$journal"
}

# wait_ready: the daemon has taken stock
wait_ready()
{
	wait_for "${1:-30}" notified 'any(e.get("READY") == "1" for e in entries)'
}

# end_daemon [SIGNAL]: sets $status
end_daemon()
{
	kill "-${1:-TERM}" "$daemon"
	wait "$daemon"
	status=$?
}

# ctl COMMAND ARGUMENTS...: pmemrasctl on the same store, in the daemon's namespace if there is one
ctl()
{
	"$PMEMRASCTL" "$@" --state-dir "$state"
}

# check_soon NAME SECONDS COMMAND...: becomes true
check_soon()
{
	local name=$1 seconds=$2

	shift 2
	if wait_for "$seconds" "$@"; then
		ok "$name"
	else
		not_ok "$name"
		diag "still failing after $seconds s: $*"
		"$@" 2>&1 | sed 's/^/# /'
		diag_file "$said"
	fi
}

# make_machine: a recorded machine with two pmem disks, one disk without a list, and a mount table;
# sets $machine
make_machine()
{
	machine=$scratch/machine
	mkdir -p "$machine/sys/block" "$machine/sys/class/block" "$machine/sys/bus/nd/devices/ndbus0" \
		"$machine/proc/self" "$machine/dev"
	add_disk pmem0 259:0 2097152
	add_disk pmem1 259:1 2097152
	add_disk sda 8:0 4194304
	: >"$machine/sys/block/pmem0/badblocks"
	: >"$machine/sys/block/pmem1/badblocks"
	echo >"$machine/sys/block/sda/badblocks"
	: >"$machine/proc/self/mountinfo"
}

add_disk() # NAME MAJOR:MINOR SECTORS
{
	mkdir -p "$machine/sys/block/$1/holders"
	echo "$2" >"$machine/sys/block/$1/dev"
	echo "$3" >"$machine/sys/block/$1/size"
	ln -sfn "../../block/$1" "$machine/sys/class/block/$1"
}

# set_badblocks DISK TEXT: as the kernel would show it, at once
set_badblocks()
{
	printf '%b' "$2" >"$scratch/list" && mv "$scratch/list" "$machine/sys/block/$1/badblocks"
}
