#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=nfit nvdimms=0 memory=4G timeout=600 tree
#
# What nobody can read: an error in a devdax namespace is an incident on the character
# device, and says which DIMM it is on. Clearing it alone proves nothing, as there is nothing
# to read it with; the scrub that does not find it any more does.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
dev=$(setup_nfit) || bail "no simulated namespace"
note "namespace on $dev"
namespace=$(json /run/vm/namespace-nfit.json "d['dev']")
region=$(nfit_region)
modprobe device_dax
check "devdax namespace" ndctl create-namespace -m devdax -f -e "$namespace"
setup_state || bail "no state disk"
bus=$(readlink -f "/sys/bus/nd/devices/$region")
bus=${bus%/*}
bus=${bus##*/}
scrub=/sys/bus/nd/devices/$bus/nfit/scrub
note "$region on $bus, scrubs so far: $(cat "$scrub")"
check "the daemon starts" start_daemon

check "inject" ndctl inject-error --block=5000 --count=2 "$namespace"
check "the scrub finds it" until_json 30 /run/vm/list-1.json "len(d['incidents']) == 1" ctl list --json
note "scrubs by then: $(cat "$scrub")"
check "looked up" until_json 30 /run/vm/show-1.json "d['findings'] and not d['findings_stale']" \
	ctl show 1 --json
like "on the character device" "$(json /run/vm/show-1.json "d['device']['name']")" '^dax[0-9]+\.[0-9]+$'
is "in its bytes" "$(json /run/vm/show-1.json "d['lost'][0]['length']")" 1024
is "of the region" "$(json /run/vm/show-1.json "d['findings'].get('region')")" "$region"
like "on a DIMM" "$(json /run/vm/show-1.json "d['findings'].get('dimms')")" 'nmem'

check "it is cleared in the medium" ndctl clear-errors "$namespace"
check "the region's list is empty" wait_for 20 eval "! grep -q . /sys/bus/nd/devices/$region/badblocks"
check "the device is back" until_json 30 /run/vm/show-2.json "not d['unreachable']" ctl show 1 --json
sleep 3
ctl show 1 --json > /run/vm/show-2.json
is "that closes nothing" "$(json /run/vm/show-2.json "d['state']")" open
before=$(cat "$scrub")
ndctl start-scrub nfit_test.0 > /run/vm/scrub.json
check "a scrub" ndctl wait-scrub nfit_test.0
note "scrubs: $before, then $(cat "$scrub")"
check "closes it" until_json 30 /run/vm/show-3.json "d['state'] == 'cleared'" ctl show 1 --json
is "by what it proves" "$(json /run/vm/show-3.json "d['cleared_by']")" scrub
is "what was lost is on record" "$(json /run/vm/show-3.json "d['lost_bytes']")" 1024
like "and the journal says so" "$(cat /run/vm/daemon-*.log)" 'closed, '

check "bad again" ndctl inject-error --block=5000 --count=1 "$namespace"
check "is open again" until_json 30 /run/vm/show-4.json "d['state'] == 'open'" ctl show 1 --json

# --- the DIMM itself ---

nmem=$(json /run/vm/show-1.json "d['findings']['dimms'][0]")
note "its DIMMs: $(json /run/vm/show-1.json "d['findings']['dimms']")"
ctl status --json > /run/vm/status-0.json
like "its health is known" "$(json /run/vm/status-0.json \
	"[x['health'] for x in d['watch']['dimms'] if x['dev'] == '$nmem']")" "'(ok|non-critical)'"
check "a DIMM reports that it is dying" ndctl inject-smart --fatal "$nmem"
check "status knows" until_json 30 /run/vm/status-1.json \
	"[x for x in d['watch']['dimms'] if x['dev'] == '$nmem' and x['health'] == 'fatal']" ctl status --json
ctl status > /run/vm/status-1.txt
like "and says which" "$(cat /run/vm/status-1.txt)" "DIMM $nmem.*fatal"
like "as the journal does" "$(cat /run/vm/daemon-*.log)" "DIMM $nmem: health fatal"
stop_daemon
is "SIGTERM ends the daemon" $? 0
finish
