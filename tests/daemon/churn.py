#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""churn.py run SEED STATE MACHINE STOP MODEL: declare and retract at random until the file STOP
exists, then write what must be declared to MODEL. Some of the commands are killed; those are given
again, as a person would.

churn.py judge STATE MODEL JOURNAL: is the store sound, and did it converge to exactly that?

Environment: PMEMRASCTL.
"""
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import time

DEVICES = ["pmem0", "pmem1"]
SECTORS = 256  # few, so that ranges overlap, touch and merge
NEW = "6f5934f39d6a4f8d9143a4d62d7daae2"
CLOSED = "99fdad40b5ce4d849292ec31b1876023"


def ctl(arguments, rng):
    """Until it answers; now and then it is killed halfway."""
    while True:
        process = subprocess.Popen(
            [os.environ["PMEMRASCTL"], *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if rng.random() < 0.15:
            time.sleep(rng.random() * 0.1)
            process.kill()
        errors = process.communicate()[1].decode(errors="replace")
        if process.returncode >= 0:
            return process.returncode, errors


def run(seed, state, machine, stop, model_path):
    rng = random.Random(int(seed))
    model = {device: set() for device in DEVICES}
    count = 0
    while not os.path.exists(stop):
        device = rng.choice(DEVICES)
        start = rng.randrange(SECTORS)
        length = rng.randrange(1, 1 + min(12, SECTORS - start))
        verb = "declare" if rng.random() < 0.55 else "retract"
        status, errors = ctl(
            ["--state-dir", state, "--root", machine, verb, device, f"{start}s+{length}s"], rng
        )
        if status not in (0, 1) and "nothing" not in errors.lower():
            print(f"{verb} {device} {start}+{length}: exit code {status}: {errors}")
            sys.exit(1)
        sectors = set(range(start, start + length))
        model[device] = model[device] | sectors if verb == "declare" else model[device] - sectors
        count += 1
    with open(model_path, "w", encoding="ascii") as out:
        json.dump({device: sorted(sectors) for device, sectors in model.items()}, out)
    print(f"{count} commands")


def sectors_of(text):
    """Sectors of a set as the store writes it: "START+LENGTH START+LENGTH", bytes."""
    found = set()
    for start, length in re.findall(r"(\d+)\+(\d+)", text):
        found |= set(range(int(start) // 512, (int(start) + int(length)) // 512))
    return found


def judge(state, model_path, journal):
    failures = []

    def check(name, fine, detail=""):
        if not fine:
            failures.append(f"{name}: {detail}")

    with open(model_path, encoding="ascii") as lines:
        model = {device: set(sectors) for device, sectors in json.load(lines).items()}
    db = sqlite3.connect(f"file:{state}/pmemras.db?mode=ro", uri=True)
    check("integrity", db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    check("references", not db.execute("PRAGMA foreign_key_check").fetchall())

    for device in DEVICES:
        rows = db.execute(
            "SELECT start, length FROM declared JOIN device ON device.id = declared.device"
            " WHERE device.name = ? ORDER BY start",
            (device,),
        ).fetchall()
        declared = set()
        for start, length in rows:
            sectors = set(range(start // 512, (start + length) // 512))
            check(f"{device} declared once", not declared & sectors, rows)
            declared |= sectors
        check(f"{device} declared", declared == model[device], declared ^ model[device])

        bad, lost = set(), set()
        for state_name, text, lost_text in db.execute(
            "SELECT state, sighting.bad, lost FROM incident JOIN sighting"
            " ON sighting.incident = incident.id JOIN device ON device.id = incident.device"
            " WHERE device.name = ? AND state != 'merged' AND source = 'declared'",
            (device,),
        ):
            here, was = sectors_of(text), sectors_of(lost_text)
            check(f"{device} state", (state_name == "open") == bool(here), (state_name, text))
            check(f"{device} bad is lost", here <= was, (text, lost_text))
            check(f"{device} bad once", not bad & here, text)
            bad |= here
            lost |= was
        check(f"{device} bad", bad == model[device], bad ^ model[device])
        check(f"{device} lost", model[device] <= lost)

    ids = {row[0] for row in db.execute("SELECT id FROM incident")}
    over = {row[0] for row in db.execute("SELECT id FROM incident WHERE state != 'open'")}
    unlocated = db.execute(
        "SELECT id FROM incident LEFT JOIN look ON look.incident = incident.id"
        " WHERE state = 'open' AND (look.lost IS NULL OR look.lost != incident.lost)"
    ).fetchall()
    check("every open incident was looked up", not unlocated, unlocated)

    told, closed = set(), set()
    with open(journal, encoding="ascii") as lines:
        for line in lines:
            fields = json.loads(line)["fields"]
            if "PMEMRAS_INCIDENT" in fields:
                number = int(fields["PMEMRAS_INCIDENT"][0])
                told |= {number} if fields["MESSAGE_ID"] == [NEW] else set()
                closed |= {number} if fields["MESSAGE_ID"] == [CLOSED] else set()
    check("every incident was told", told == ids, told ^ ids)
    check("every end was told", over <= closed, over - closed)
    for failure in failures:
        print(failure)
    print(f"{len(ids)} incidents, {len(ids - over)} open")
    return 1 if failures else 0


if sys.argv[1] == "run":
    run(*sys.argv[2:])
else:
    sys.exit(judge(*sys.argv[2:]))
