#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 nvdimms=2 memory=2G timeout=400 tree
#
# What no block device's list shows: a devdax namespace and one in sector mode have
# only their region's list. A machine check there is an incident all the same, on the
# character device with its offset, or on the namespace where no block can be named,
# and a list that was there before the daemon is read at its start.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
modprobe nfit && modprobe nd_pmem && modprobe nd_btt && modprobe dax_pmem && modprobe device_dax
check "NVDIMMs" wait_for 20 test -e /sys/bus/nd/devices/namespace1.0
check "devdax namespace" ndctl create-namespace -m devdax -f -e namespace0.0
check "sector-mode namespace" ndctl create-namespace -m sector -f -e namespace1.0
setup_state || bail "no state disk"
nd=/sys/bus/nd/devices
holder=$(cat $nd/namespace0.0/holder)
data=$(($(cat "$nd/$holder/resource")))
btt=$(($(cat $nd/namespace1.0/resource)))
note "dax0.0 is of $holder at $(printf '0x%x' $data), namespace1.0 at $(printf '0x%x' $btt)"

# incidents FILE: (device, lost, sources) of each, sorted
incidents()
{
	json "$1" "sorted((i['device']['name'], [(l['offset'], l['length']) for l in i['lost']], \
sorted(s['source'] for s in i['sources'])) for i in d['incidents'])"
}

check "machine check on device dax, before the daemon" machine_check $((data + 8192))
check "is on the region's list" wait_for 10 grep -q . $nd/region0/badblocks
check "the daemon starts" start_daemon
check "and finds it" until_json 20 /run/vm/list-1.json "len(d['incidents']) == 1" ctl list --json
is "on the character device" "$(incidents /run/vm/list-1.json)" \
	"[('dax0.0', [(8192, 4096)], ['badblocks'])]"
ctl show 1 > /run/vm/show-1.txt
is "which show tells" $? 0

check "machine check on device dax" machine_check $((data + 65536))
check "is heard three ways" until_json 20 /run/vm/list-2.json \
	"len(d['incidents']) == 2 and sum(len(i['sources']) for i in d['incidents']) == 4" ctl list --json
is "with its offset" "$(incidents /run/vm/list-2.json)" \
	"[('dax0.0', [(8192, 4096)], ['badblocks']), ('dax0.0', [(65536, 4096)], ['badblocks', 'mce', 'memory-failure'])]"

check "machine check in sector mode" machine_check $((btt + 1048576))
check "is an incident" until_json 20 /run/vm/list-3.json \
	"any(i['device']['name'] == 'namespace1.0' for i in d['incidents'])" ctl list --json
like "on the namespace, from its start" "$(incidents /run/vm/list-3.json)" \
	"'namespace1.0', \[\(1048576, 4096\)\]"

ctl status > /run/vm/status.txt
is "status says that what is lost is not known" $? 3
like "device dax is watched" "$(grep '^dax0.0' /run/vm/status.txt)" ' yes +yes'
check "the namespace can be disabled beside the daemon" ndctl disable-namespace namespace0.0
check "then its incidents cannot be reached" until_json 20 /run/vm/list-4.json \
	"sum(i['unreachable'] for i in d['incidents'] if i['device']['name'] == 'dax0.0') == 2" ctl list --json
check "enabled again" ndctl enable-namespace namespace0.0
check "they can" until_json 20 /run/vm/list-5.json \
	"not any(i['unreachable'] for i in d['incidents'])" ctl list --json
is "and none was added or closed" "$(json /run/vm/list-5.json \
	"sorted((i['id'], i['state']) for i in d['incidents'])")" \
	"[(1, 'open'), (2, 'open'), (3, 'open')]"
stop_daemon
is "SIGTERM ends it" $? 0
finish
