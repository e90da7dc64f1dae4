#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""
usage: repair-kill.py DEVICE MOUNTPOINT STATE-DIR KILLER KILLS SEED

Random repairs, each killed with SIGKILL at a random call into the kernel (KILLER: killer.c), once or several times over,
some with the filesystem shut down at once as if the power had gone. Then repair is run again, and: only
the lost bytes differ, and are zeros; sizes are the same; who shared shares; nobody but a sealed quarantine file has
the bad page; nothing is left over; the store is sound and has each lost range once. TAP on standard output.
"""

import fcntl
import json
import os
import random
import sqlite3
import struct
import subprocess
import sys
import time

DEVICE, MNT, STATE, KILLER, KILLS, SEED = sys.argv[1:5] + [int(a) for a in sys.argv[5:7]]
CTL = os.environ["PMEMRASCTL"]
QUARANTINE = os.path.join(MNT, ".pmemras-quarantine")
PAGE, SECTOR = 4096, 512
FICLONE, FIEMAP, FSGETXATTR, IMMUTABLE = 0x40049409, 0xC020660B, 0x801C581F, 0x8
dice = random.Random(SEED)
tests = failed = 0


def test(good, name):
    global tests, failed
    tests += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {tests} - {name}", flush=True)
    return good


def ctl(*words, **environment):
    env = dict(os.environ, **environment)
    return subprocess.run([CTL, "--state-dir", STATE, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=env, check=False)


def physical(path, offset):
    with open(path, "rb") as f:
        answer = fcntl.ioctl(f, FIEMAP, struct.pack("QQIIII", offset, PAGE, 1, 0, 1, 0) + bytes(56))
    if struct.unpack_from("I", answer, 20)[0] == 0:
        return None
    logical, where = struct.unpack_from("QQ", answer, 32)
    return where + offset - logical


def is_sealed(path):
    fd = os.open(path, os.O_RDONLY)
    try:
        return bool(struct.unpack_from("I", fcntl.ioctl(fd, FSGETXATTR, bytes(28)))[0] & IMMUTABLE)
    finally:
        os.close(fd)


def owners_of(page):
    out = subprocess.run(["xfs_io", "-r", "-c", f"fsmap -n 64 -d {page // 512} {page // 512 + 7}", MNT],
                         capture_output=True, text=True, check=True).stdout
    return [line for line in out.splitlines() if "inode" in line]


class Case:
    """Some files that share all they have, and what of them is lost."""

    def __init__(self, number):
        size = dice.choice([PAGE * 8, PAGE * 8, PAGE + 904, 904, PAGE * 3 + 2048])
        self.data = dice.randbytes(size)
        self.paths = [os.path.join(MNT, f"{number}.{i}") for i in range(dice.choice([1, 1, 2, 3, 6]))]
        with open(self.paths[0], "w+b") as first:
            first.write(self.data)
            first.flush()
            os.fsync(first.fileno())
            for path in self.paths[1:]:
                with open(path, "wb") as copy:
                    fcntl.ioctl(copy, FICLONE, first.fileno())
        os.sync()
        pages = (size + PAGE - 1) // PAGE
        self.lost = []  # (offset, length) in the files
        for page in dice.sample(range(pages), min(pages, dice.choice([1, 1, 1, 2]))):
            sectors = (min(size - page * PAGE, PAGE) + SECTOR - 1) // SECTOR
            first = dice.randrange(sectors)
            self.lost.append((page * PAGE + first * SECTOR, dice.randint(1, sectors - first) * SECTOR))
        self.pages = {at // PAGE * PAGE: physical(self.paths[0], at // PAGE * PAGE) for at, _ in self.lost}

    def declare(self):
        ranges = [f"{self.pages[at // PAGE * PAGE] + at % PAGE}+{n}" for at, n in self.lost]
        said = ctl("declare", "--json", DEVICE, *ranges)
        self.ids = sorted({i["id"] for i in json.loads(said.stdout)["incidents"]})

    def wanted(self):
        data = bytearray(self.data)
        for at, n in self.lost:
            end = min(at + n, len(data))
            data[at:end] = bytes(end - at)
        return bytes(data)

    def wrong(self):
        """What is not as it must be; None where nothing is."""
        wanted = self.wanted()
        for path in self.paths:
            fd = os.open(path, os.O_RDONLY)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            data = os.read(fd, len(wanted) + 1)
            os.close(fd)
            if data != wanted:
                different = [i for i in range(min(len(data), len(wanted))) if data[i] != wanted[i]]
                return f"{path}: {len(data)} bytes, {len(different)} differ, from {different[:1]}"
        for offset, page in self.pages.items():
            places = {physical(path, offset) for path in self.paths}
            if len(places) != 1 or page in places:
                return f"byte {offset} is at {places}, the bad page is {page}"
            held = os.path.join(QUARANTINE, f"{page}.bad")
            if not os.path.exists(held) or not is_sealed(held) or physical(held, 0) != page:
                return f"{held} does not hold the page"
            if len(owners_of(page)) != 1:
                return f"somebody else has {page}: {owners_of(page)}"
        left = [name for name in os.listdir(QUARANTINE) if not name.endswith(".bad")]
        return f"left over: {left}" if left else self.wrong_record()

    def wrong_record(self):
        wanted = sorted((p, at, min(at + n, len(self.data)) - at) for at, n in self.lost for p in self.paths)
        db = sqlite3.connect(f"file:{STATE}/pmemras.db?mode=ro", uri=True)
        names = ",".join("?" * len(self.paths))
        rows = db.execute(f"SELECT path, start, length FROM loss WHERE path IN ({names})", self.paths).fetchall()
        unfinished = db.execute("SELECT count(*) FROM repair WHERE state NOT IN ('done', 'given-up')").fetchone()[0]
        db.close()
        if unfinished:
            return f"{unfinished} repairs are unfinished"
        return None if sorted(rows) == wanted else f"on record: {sorted(rows)}, not {wanted}"


def repair(case, **environment):
    return [ctl("repair", str(i), "--zero", "--yes", "--json", **environment) for i in case.ids]


def killer(**environment):
    return dict(LD_PRELOAD=KILLER, ASAN_OPTIONS="detect_leaks=0:verify_asan_link_order=0", **environment)


def count_calls(case):
    """How many calls a whole repair makes that it can be killed at."""
    name = os.path.join(STATE, "..", "count")
    repair(case, **killer(KILLER_COUNT=name))
    with open(name, encoding="ascii") as f:
        return int(f.read())


def kill(case, calls):
    """True where it was killed before it was done, and where that was to be."""
    at = dice.randint(1, calls)
    after = dice.choice([{}, {"KILLER_AFTER": "1"}])
    done = repair(case, **killer(KILLER_AT=str(at), **after))
    return any(r.returncode == -9 for r in done), f"{at}{'+' if after else ''}"


def remount():
    subprocess.run(["umount", MNT], check=True)
    clean = subprocess.run(["xfs_repair", "-n", DEVICE], capture_output=True, check=False).returncode == 0
    subprocess.run(["mount", "-t", "xfs", DEVICE, MNT], check=True)
    return clean


def power_loss():
    subprocess.run(["xfs_io", "-x", "-c", "shutdown", MNT], capture_output=True, check=True)
    subprocess.run(["umount", MNT], check=True)
    subprocess.run(["mount", "-t", "xfs", DEVICE, MNT], check=True)  # replays the log


def one(number, calls):
    case = Case(number)
    case.declare()
    where = []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        killed, at = kill(case, calls)
        if killed:
            where.append(at)
            if dice.random() < 0.25:
                power_loss()
                where.append("power loss")
    wrong, said = "?", []
    for _ in range(2):
        said = repair(case)
        if all(r.returncode == 0 for r in said):
            break
    wrong = case.wrong()
    good = wrong is None and all(r.returncode == 0 for r in said)
    if not test(good, f"{number}: {len(case.paths)} files, {case.lost} lost, killed at {where or 'no time'}"):
        print(f"# {wrong}")
        for r in said:
            print(f"# exit {r.returncode}: {r.stdout.strip()} {r.stderr.strip()}")
    return sum(at != "power loss" for at in where)


def main():
    case = Case("count")
    case.declare()
    calls = count_calls(case)
    test(case.wrong() is None, f"not killed: {calls} calls to be killed at")
    print(f"# seed {SEED} {case.wrong() or ''}")
    kills, number, began = 0, 0, time.monotonic()
    while kills < KILLS and number < KILLS * 4 and failed < 5:
        kills += one(number, calls)
        number += 1
        if number % 10 == 0:
            test(remount(), "xfs_repair finds nothing wrong")
    test(remount(), "xfs_repair finds nothing wrong")
    test(kills >= KILLS or failed, f"killed {kills} times in {number} repairs")
    print(f"# {time.monotonic() - began:.0f} s")
    print(f"1..{tests}")
    return failed > 0


sys.exit(main())
