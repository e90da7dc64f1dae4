#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=systemd timeout=1200 tree
#
# pmemrasd as a service of a whole system, beside xfs_healer and rasdaemon:
# enabled at boot, announces in the journal, comes back after SIGKILL with what it
# knew, and at rest costs neither wake-ups nor memory.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

main_pid()
{
	systemctl show -P MainPID pmemrasd
}

# --- first boot: enable, and a filesystem that the next boot mounts ----------

if [ "$VM_PHASE" = 1 ]; then
	setup_pmem || bail "no namespace"
	setup_xfs || bail "no filesystem"
	xfs_io -f -c "pwrite -q -S 0x5a 0 64k" -c fsync $MNT/file
	cp --reflink=always $MNT/file $MNT/copy
	sync -f $MNT
	echo "UUID=$(blkid -s UUID -o value /dev/pmem0) $MNT xfs dax=always,nofail 0 0" >> /etc/fstab
	check "the unit is well-formed" systemd-analyze verify --man=no pmemrasd.service
	check "enable" systemctl enable pmemrasd.service
	reboot_to_next_phase
	bail "did not reboot"
fi

# --- second boot --------------------------------------------------------------

wait_for 300 is_mounted $MNT
check "mounted at boot" is_mounted $MNT
check "started at boot" wait_for 120 systemctl -q is-active pmemrasd
note "status text: $(systemctl show -P StatusText pmemrasd)"
check "rasdaemon runs beside it" wait_for 120 systemctl -q is-active rasdaemon
check "and xfs_healer" wait_for 120 systemctl -q is-active "xfs_healer@$(systemd-escape -p $MNT)"
STATE=/var/lib/pmemras

at=$(file_device_offset $MNT/file 8192)
check "machine check at a shared block" machine_check "$(file_phys $MNT/file 8192)"
check "is an incident with both files" until_json 60 /run/vm/show-1.json \
	"len(d['findings']['findings']) == 2 and not d['findings_stale']" ctl show 1 --json

journalctl -u pmemrasd -o json --no-pager | tee /run/vm/journal-pmemrasd.json |
	python3 -c 'import json, sys
json.dump([e for e in map(json.loads, sys.stdin) if "PMEMRAS_INCIDENT" in e], sys.stdout)' \
	> /run/vm/journal-incidents.json
is "the journal has it once, with its fields" "$(json /run/vm/journal-incidents.json \
	"[(e['PMEMRAS_INCIDENT'], e['PMEMRAS_DEVICE']) for e in d if e['MESSAGE_ID'] == '6f5934f39d6a4f8d9143a4d62d7daae2']")" \
	"[('1', 'pmem0')]"
like "and names the files" "$(json /run/vm/journal-incidents.json \
	"sorted(sum(([e['PMEMRAS_FILE']] if isinstance(e['PMEMRAS_FILE'], str) else e['PMEMRAS_FILE'] for e in d if 'PMEMRAS_FILE' in e), []))")" \
	"$MNT/copy.*$MNT/file"
journalctl -u pmemrasd -x --no-pager > /run/vm/journal-catalog.txt
journalctl --update-catalog
like "the catalog explains it" "$(journalctl -u pmemrasd -x --no-pager)" "pmemrasctl show 1"

# --- killed ------------------------------------------------------------------

first=$(main_pid)
kill -KILL "$first"
# shellcheck disable=SC2016
check "restarted after SIGKILL" wait_for 120 eval \
	'systemctl -q is-active pmemrasd && [ "$(main_pid)" != "$first" ]'
ctl list --json > /run/vm/list.json
is "knows what it knew" "$(json /run/vm/list.json "[(i['id'], i['state']) for i in d['incidents']]")" \
	"[(1, 'open')]"
is "says nothing twice" "$(journalctl -u pmemrasd -o json --no-pager | grep -c 6f5934f39d6a4f8d9143a4d62d7daae2)" 1

# --- at rest -----------------------------------------------------------------

# voluntary context switches of all its threads
wakeups()
{
	cat /proc/"$1"/task/*/status | awk '/^voluntary/ { n += $2 } END { print n }'
}

pid=$(main_pid)
watchdog_s=$(($(systemctl show -P WatchdogUSec pmemrasd | sed 's/min/*60/; s/s$//')))
seconds=60
[ "$VM_FULL" = 1 ] && seconds=600
sleep 10
before=$(wakeups "$pid")
sleep $seconds
after=$(wakeups "$pid")
# it pings twice in each interval
allowed=$((2 * seconds / watchdog_s + 2))
note "$((after - before)) wake-ups in $seconds s; the watchdog accounts for $((2 * seconds / watchdog_s))"
check "nothing wakes it but the watchdog" test $((after - before)) -le $allowed
rss=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status")
cp "/proc/$pid/status" /run/vm/proc-status.txt
cat "/proc/$pid/smaps_rollup" > /run/vm/smaps.txt
note "resident: $rss KiB"
check "under 15 MiB resident" test "$rss" -lt 15360

check "the mount is not pinned" umount $MNT
check "stops in order" systemctl stop pmemrasd
is "with success" "$(systemctl show -P Result pmemrasd)" success
finish
