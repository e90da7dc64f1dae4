#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=nfit nvdimms=0 memory=4G timeout=600 fast tree
#
# From a scrub to an incident and back, on the simulator that can clear: errors
# are injected, the scrub finds them, the daemon stores them and says what ndctl
# says; whole pages are overwritten, part first, and what was bad shrinks while
# what was lost stays on record.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
dev=$(setup_nfit) || bail "no simulated namespace"
namespace=$(json /run/vm/namespace-nfit.json "d['dev']")
setup_xfs "/dev/$dev" || bail "no filesystem"
setup_state || bail "no state disk"
xfs_io -f -c "pwrite -q -S 0x5a 0 64k" -c fsync $MNT/file
at=$(file_device_offset $MNT/file 8192) || bail "cannot find the file's block"
sector=$((at / 512))
check "the daemon starts" start_daemon

# two sectors in one page, one in the page behind it: one incident
ndctl inject-error --block=$((sector + 2)) --count=2 "$namespace" > /run/vm/inject-1.json
ndctl inject-error --block=$((sector + 8)) --count=1 "$namespace" > /run/vm/inject-2.json
check "scrubbed, and stored" until_json 30 /run/vm/show-1.json \
	"d['bad_bytes'] == 1536 and d['findings'] and not d['findings_stale']" ctl show 1 --json
is "in the kernel's ranges" "$(json /run/vm/show-1.json "d['lost']")" \
	"[{'offset': $((at + 1024)), 'length': 1024}, {'offset': $((at + 4096)), 'length': 512}]"
is "the file's bytes" "$(json /run/vm/show-1.json \
	"[(f['paths'][0]['path'], f['file_offset'], f['length']) for f in d['findings']['findings']]")" \
	"[('$MNT/file', 9216, 1024), ('$MNT/file', 12288, 512)]"

# ndctl counts sectors of the namespace's data, as badblocks does.
ndctl list -M -n "$namespace" > /run/vm/ndctl.json
is "ndctl counts the same" "$(json /run/vm/ndctl.json "d[0]['badblock_count'] * 512")" 1536
is "in the same places" "$(json /run/vm/ndctl.json \
	"[{'offset': b['offset'] * 512, 'length': b['length'] * 512} for b in d[0]['badblocks']]")" \
	"$(json /run/vm/show-1.json "d['bad']")"

# --- one of two pages --------------------------------------------------------

check "overwrite the first page" xfs_io -c "pwrite -q -S 0x33 8192 4096" -c fsync $MNT/file
check "what is bad shrinks" until_json 20 /run/vm/show-2.json "d['bad_bytes'] == 512" ctl show 1 --json
is "the incident is open" "$(json /run/vm/show-2.json "d['state']")" open
is "what was lost is not forgotten" "$(json /run/vm/show-2.json "d['lost']")" \
	"$(json /run/vm/show-1.json "d['lost']")"
ctl status > /run/vm/status-open.txt
is "status says so" $? 1

# --- and the other -----------------------------------------------------------

check "overwrite the second page" xfs_io -c "pwrite -q -S 0x34 12288 4096" -c fsync $MNT/file
check "it is cleared" until_json 20 /run/vm/show-3.json "d['state'] == 'cleared'" ctl show 1 --json
is "nothing is bad" "$(json /run/vm/show-3.json "d['bad']")" "[]"
is "proved by reading" "$(json /run/vm/show-3.json "d['cleared_by'] in ('read', 'scrub')")" True
is "what was lost outlives it" "$(json /run/vm/show-3.json "d['lost']")" \
	"$(json /run/vm/show-1.json "d['lost']")"
is "the kernel's list is empty" "$(badblocks_of "$dev")" ""
ndctl list -M -n "$namespace" > /run/vm/ndctl.json
is "and ndctl's" "$(json /run/vm/ndctl.json "d[0].get('badblock_count', 0)")" 0

# --- bad again ---------------------------------------------------------------

ndctl inject-error --block=$((sector + 3)) --count=1 "$namespace" > /run/vm/inject-3.json
check "the same place bad again is heard" until_json 30 /run/vm/list.json \
	"[i for i in d['incidents'] if i['state'] == 'open' and i['bad_bytes'] == 512]" ctl list --json
note "incidents by then: $(json /run/vm/list.json "[(i['id'], i['state']) for i in d['incidents']]")"

check "unmount" umount $MNT
stop_daemon
is "SIGTERM ends the daemon" $? 0
finish
