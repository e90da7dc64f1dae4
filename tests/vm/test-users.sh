#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# vm: guests=6.1,7.2 nvdimms=2 memory=2G timeout=400 tree
#
# Who is hit by a memory failure, and when: what pmemras says of early kill beforehand is what the kernel
# then does. And who has a device-dax mapped, by whatever node.
# shellcheck disable=SC2119,SC2317
. "${0%/*}/guest-lib.sh"

use_pmemras
setup_pmem 0 || bail "no namespace"
check "XFS on it, for DAX" setup_xfs
xfs_io -f -c "pwrite -q 0 64k" -c fsync $MNT/db
byte=$(file_device_offset $MNT/db 8192)

# user NAME POLICY NODE LENGTH: maps LENGTH bytes of NODE, shared; PR_MCE_KILL 0 late, 1 early, 2 as the machine has it
cat > /run/vm/user.py <<'END'
import ctypes, mmap, os, sys, time
name, policy, node, length = sys.argv[1:5]
fd = os.open(node, os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
at = libc.mmap(None, int(length), mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED, fd, 0)
if at == ctypes.c_void_p(-1).value:
    sys.exit("mmap: " + os.strerror(ctypes.get_errno()))
os.close(fd)
if libc.prctl(33, 1, int(policy), 0, 0):
    sys.exit("prctl")
for page in range(0, int(length), 4096):
    ctypes.string_at(at + page, 1)
open("/run/vm/ready-" + name, "w").close()
time.sleep(600)
END
declare -A pids=()
user()
{
	python3 /run/vm/user.py "$@" 2> "/run/vm/user-$1.txt" &
	pids[$1]=$!
	check "$1 is there" wait_for 30 test -e "/run/vm/ready-$1"
}
user early 1 $MNT/db 65536
user late 0 $MNT/db 65536
user default 2 $MNT/db 65536

# said FILE: of each of them, in order, what it says of early kill
said()
{
	json "$1" "[[h['early_kill'] for h in d['findings'][0]['holders'] if h['pid'] == p] for p in (${pids[early]}, ${pids[late]}, ${pids[default]})]"
}
pmemrasctl locate --json /dev/pmem0 "$byte+4K" > /run/vm/before.json
is "early kill, by default late" "$(said /run/vm/before.json)" "[[True], [False], [False]]"
sysctl -qw vm.memory_failure_early_kill=1
pmemrasctl locate --json /dev/pmem0 "$byte+4K" > /run/vm/sysctl.json
is "early kill, by default early" "$(said /run/vm/sysctl.json)" "[[True], [False], [True]]"
sysctl -qw vm.memory_failure_early_kill=0
pmemrasctl locate /dev/pmem0 "$byte+4K" > /run/vm/before.txt
like "in words" "$(tr -s ' \n' ' ' < /run/vm/before.txt)" "pid ${pids[early]}, user root[^:]*: has lost bytes mapped, shared, *read-write; early *kill"
like "and what that means" "$(< /run/vm/before.txt)" "Early kill: of a memory failure below a mapping the kernel"

check "a memory failure" hwpoison $(($(data_start /dev/pmem0) + byte))
wait_for 10 eval '! kill -0 ${pids[early]} 2> /dev/null'
wait "${pids[early]}"
is "the early one got SIGBUS" $? $((128 + 7))
check "the late one lives" kill -0 "${pids[late]}"
check "and the one that set nothing" kill -0 "${pids[default]}"
pmemrasctl locate --json /dev/pmem0 "$byte+4K" > /run/vm/after.json
is "those that are left" "$(json /run/vm/after.json "sorted(h['pid'] for h in d['findings'][0]['holders']) == sorted([${pids[late]}, ${pids[default]}])")" True
kill "${pids[late]}" "${pids[default]}"

# ---- device-dax ----

check "a device-dax" eval 'ndctl create-namespace -m devdax -f -e namespace1.0 > /run/vm/devdax.json'
check "shows its device" wait_for 20 test -c /dev/dax1.0
mknod /tmp/node c "$(stat -c 0x%t /dev/dax1.0)" "$(stat -c 0x%T /dev/dax1.0)"
user devdax 1 /dev/dax1.0 2097152
user node 0 /tmp/node 2097152
pmemrasctl locate --json dax1.0 4096+4K > /run/vm/dax.json
is "locate cannot tell what is there" $? 3
is "but who has it mapped" "$(json /run/vm/dax.json "sorted((h['pid'], h['mapped'], h['maps'][0]['length'], h['early_kill']) for h in d['holders']) == sorted([(${pids[devdax]}, True, 2097152, True), (${pids[node]}, True, 2097152, False)])")" True
is "and what it is" "$(json /run/vm/dax.json "d['detail']")" "device-dax: a program's own"
pmemrasctl locate --json dax1.0 4M+4K > /run/vm/dax-other.json
is "and who has other parts" "$(json /run/vm/dax-other.json "[(h['mapped'], 'maps' in h) for h in d['holders']]")" "[(True, False), (True, False)]"
kill "${pids[devdax]}" "${pids[node]}"
finish
