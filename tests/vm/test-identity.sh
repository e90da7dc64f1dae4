#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1 memory=2G timeout=600 tree
#
# An incident stays the same one while what it is on moves: the filesystem is mounted
# elsewhere, where the daemon cannot see it, or not at all; the namespace is disabled and
# enabled. The daemon pins none of these, and after 30 rounds holds no more than before.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem || bail "no namespace"
setup_xfs || bail "no filesystem"
setup_state || bail "no state disk"
xfs_io -f -c "pwrite -q 0 1m" $MNT/file
sync -f $MNT
elsewhere=/mnt/elsewhere
mkdir -p $elsewhere

# names PATH: the incident's findings do, and the look is no older than the mount
names()
{
	until_json 30 /run/vm/show.json "not d['findings_stale'] and d['findings'] and \
[p['path'] for f in d['findings']['findings'] for p in f['paths']] == ['$1']" ctl show 1 --json
}

# one_incident STATE: all there is, with its id
one_incident()
{
	until_json 30 /run/vm/list.json "[(i['id'], i['state'], i['unreachable']) \
for i in d['incidents']] == [(1, 'open', $1)]" ctl list --json
}

check "the daemon starts" start_daemon
check "machine check" machine_check "$(file_phys $MNT/file 8192)"
check "is an incident" one_incident False
check "with the file" names $MNT/file

# --- mounted elsewhere -----------------------------------------------------------

check "unmounted beside the daemon" umount $MNT
check "the incident stays" one_incident False
check "mounted elsewhere" mount -o dax=always /dev/pmem0 $elsewhere
check "the path follows" names $elsewhere/file
check "the incident is the same" one_incident False
check "unmounted again" umount $elsewhere

# --- mounted in another mount namespace only ------------------------------------------

mkfifo /tmp/hold || bail "no pipe"
# shellcheck disable=SC2016 # the inner shell expands it
unshare --mount --propagation private sh -c '
	mount -o dax=always /dev/pmem0 "$0" && : > /run/vm/mounted && read -r _ < /tmp/hold
	umount "$0" && : > /run/vm/unmounted' $MNT 7>&- &
check "mounted in another mount namespace" wait_for 20 test -e /run/vm/mounted
sleep 3
check "the incident stays" one_incident False
ctl show 1 > /run/vm/show-hidden.txt
is "show answers" $? 0
pmemrasctl locate --badblocks /dev/pmem0 > /run/vm/locate-hidden.txt 2>&1
is "locate finds it there" $? 1
like "and says where" "$(tr -s ' \n' ' ' < /run/vm/locate-hidden.txt)" \
	"mounted only inside .*pid [0-9]*: there on $MNT"
check "the daemon lives" kill -0 "$DAEMON"
echo > /tmp/hold
check "nothing keeps it from being unmounted" wait_for 20 test -e /run/vm/unmounted
wait $!

# --- the namespace goes and comes ------------------------------------------------------

check "namespace disabled" ndctl disable-namespace namespace0.0
check "the incident cannot be reached" one_incident True
check "namespace enabled" ndctl enable-namespace namespace0.0
check "it can, and is the same" one_incident False
check "mounted" mount -o dax=always /dev/pmem0 $MNT
check "with the file" names $MNT/file
umount $MNT

# --- 30 rounds ------------------------------------------------------------------------------

descriptors()
{
	find "/proc/$DAEMON/fd" -mindepth 1 | wc -l
}

resident()
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$DAEMON/status"
}

# round: all of the above, each seen by the daemon
round()
{
	mount -o dax=always /dev/pmem0 $MNT && names $MNT/file && umount $MNT &&
		ndctl disable-namespace namespace0.0 > /dev/null && one_incident True &&
		ndctl enable-namespace namespace0.0 > /dev/null && one_incident False
}

rounds=0
for i in {1..33}; do
	round || break
	rounds=$i
	# the first ones fill caches
	[ "$i" -ne 3 ] || { fds=$(descriptors) rss=$(resident); }
done 2> /run/vm/rounds.txt
is "33 rounds" "$rounds" 33
sleep 2
note "descriptors: ${fds:-?} after 3 rounds, $(descriptors) after $rounds; RSS: ${rss:-?} KiB, $(resident) KiB"
check "no descriptor is left behind" test "$(descriptors)" -le "${fds:-0}"
check "nor memory" test "$(resident)" -le $((${rss:-0} + 512))
check "the incident is the same, and the only one" one_incident False
stop_daemon
is "SIGTERM ends it" $? 0
finish
