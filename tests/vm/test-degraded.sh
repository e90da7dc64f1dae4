#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1 memory=2G timeout=400 tree
#
# A machine that lets the daemon hear only part of what there is: no persistent memory, no
# tracefs, no kernel log, no rights. Each time it starts, hears what is left, and status says
# what is not watched and why: silence for want of ears must not look like good health.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_state || bail "no state disk"

# start_as COMMAND...: start_daemon, below a command that takes something away from it
start_as()
{
	"$@" pmemrasd --foreground --state-dir "$STATE" >> "/run/vm/daemon-$VM_PHASE.log" 2>&1 7>&- &
	DAEMON=$!
	wait_for 20 daemon_runs
}

# without_tracefs COMMAND...: where nothing is where it should be, and can be mounted there
without_tracefs()
{
	# shellcheck disable=SC2016 # the inner shell expands it
	exec unshare --mount --propagation private sh -c '
		{ umount -l /sys/kernel/tracing; umount -l /sys/kernel/debug; } &&
		mount -t tmpfs none /sys/kernel &&
		exec "$@"' sh "$@"
}

# watched EXPRESSION: true of w, what is watched, and p, what of it is pmem0
watched()
{
	ctl status > /run/vm/status.txt 2>&1
	ctl status --json > /run/vm/status.json
	[ "$(json /run/vm/status.json \
		"(lambda w, p: bool($1))(d['watch'], [x for x in d['watch']['devices'] if x['device'] == 'pmem0'])")" = True ]
}

# says DESCRIPTION REGEX: status does, in its text
says()
{
	like "$1" "$(tr -s ' \n' ' ' < /run/vm/status.txt)" "$2"
}

# --- no persistent memory ------------------------------------------------------

check "without persistent memory the daemon starts" start_daemon
check "and watches no device" watched "w['devices'] == [] and w['n_lists'] == 0"
says "status says so" "^NOTHING IS WATCHED.*No device here keeps a badblocks list"
setup_pmem || bail "no namespace"
check "it watches a namespace that appears" wait_for 20 watched "p and p[0]['badblocks'] == 'yes'"
check "and hears memory failures" watched "w['memory_failure'] == 'tracepoint'"
ndctl disable-namespace namespace0.0 > /dev/null || bail "cannot disable the namespace"
check "a namespace that was disabled is not watched" wait_for 20 watched \
	"not [x for x in p if x['badblocks'] == 'yes']"
ndctl enable-namespace namespace0.0 > /dev/null || bail "cannot enable the namespace"
check "and is again when it was enabled" wait_for 20 watched "p and p[0]['badblocks'] == 'yes'"
stop_daemon
is "SIGTERM ends it" $? 0

setup_xfs || bail "no filesystem"
xfs_io -f -c "pwrite -q 0 1m" $MNT/file
sync -f $MNT

# --- no tracefs: the kernel's log is what remains --------------------------------

check "without tracefs the daemon starts" start_as without_tracefs
check "and hears memory failures from the log" wait_for 20 watched \
	"w['memory_failure'] == 'kernel-log' and p[0]['memory_failure'] == 'yes'"
says "status says from where, and why" "from the kernel's log: [a-z]"
check "memory failure" hwpoison "$(file_phys $MNT/file 8192)"
check "it is heard" until_json 20 /run/vm/show-1.json \
	"'memory-failure' in [s['source'] for s in d['sources']] and d['findings']" ctl show 1 --json
stop_daemon
is "SIGTERM ends it" $? 0

# --- nor a log: badblocks lists remain -------------------------------------------

rm /dev/kmsg
check "without tracefs and log the daemon starts" start_as without_tracefs
check "and hears no memory failures" wait_for 20 watched \
	"w['memory_failure'] == 'no' and p[0]['memory_failure'] == 'no' and p[0]['badblocks'] == 'yes'"
says "status says so, and why" "Memory failures are not heard: .*, and there is no kernel log"
check "machine check" machine_check "$(file_phys $MNT/file 65536)"
check "the badblocks list tells" until_json 20 /run/vm/show-2.json \
	"'badblocks' in [s['source'] for s in d['sources']] and d['findings']" ctl show 2 --json
stop_daemon
is "SIGTERM ends it" $? 0
mknod -m 0600 /dev/kmsg c 1 11

# --- no rights ------------------------------------------------------------------------

# where nobody may read the programs too
if [ "$VM_INSTALL" != / ]; then
	cp -r "$VM_INSTALL" /tmp/pmemras && chmod -R a+rX /tmp/pmemras
	PATH=/tmp/pmemras/usr/sbin:/tmp/pmemras/usr/bin:$PATH
	export LD_LIBRARY_PATH=/tmp/pmemras/usr/lib
fi
STATE=/run/nobody
install -d -m 0700 -o nobody -g nogroup $STATE
nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=-all)
check "without rights the daemon starts" start_as "${nobody[@]}"
check "and watches the list, which everybody may read" wait_for 20 watched \
	"p and p[0]['badblocks'] in ('yes', 'unreadable')"
check "but hears no memory failures" watched "w['memory_failure'] == 'no'"
says "status says so, and why" "Memory failures are not heard: .*, nor may the kernel's log be read"
check "what is listed is an incident" until_json 20 /run/vm/list-3.json \
	"len(d['incidents']) == 1" ctl list --json
check "looked at" until_json 20 /run/vm/show-3.json "d['findings']" ctl show 1 --json
check "of which it cannot tell what was hit" json /run/vm/show-3.json \
	"d['findings']['reasons'] or 1 / 0"
ctl show 1 > /run/vm/show-3.txt
like "for want of rights" "$(cat /run/vm/show-3.txt)" "[Rr]oot|CAP_SYS_ADMIN|privilege|permi"
stop_daemon
is "SIGTERM ends it" $? 0

check "the mount is not pinned" umount $MNT
finish
