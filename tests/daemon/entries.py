#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""entries.py FILE EXPRESSION: what listen.py wrote, asked about.

EXPRESSION is Python over: entries (all, oldest first), each with .t and .get(NAME) (first value or
None) and .all(NAME); and said(ID, **fields): those with that MESSAGE_ID name and field values.
Exit status 0 where it is true; otherwise it is printed with the entries.
"""
import json
import sys

IDS = {
    "new": "6f5934f39d6a4f8d9143a4d62d7daae2",
    "changed": "e3ea2a542b7c4067988e897331d553cd",
    "located": "28383342a3ce4cfba8c3fa899af62d27",
    "closed": "99fdad40b5ce4d849292ec31b1876023",
    "trouble": "0458b876bb6d48449809ec8610af0c66",
    "well": "cc4afca36df94aec8836db97b31143e7",
    "aside": "0b02416399ae41b8be6d768f686aab16",
    "unsaved": "726c05f2dc184d29961c0973d9fce5ff",
    "config": "64a0038089e24d2394ae425f99aee11c",
}


class Entry:
    def __init__(self, line):
        record = json.loads(line)
        self.t = record["t"]
        self.fields = record["fields"]

    def get(self, name):
        return self.fields.get(name, [None])[0]

    def all(self, name):
        return self.fields.get(name, [])


def main():
    path, expression = sys.argv[1:3]
    with open(path, encoding="ascii") as lines:
        entries = [Entry(line) for line in lines if line.endswith("\n")]

    def said(name, **fields):
        return [
            e
            for e in entries
            if e.get("MESSAGE_ID") == IDS[name]
            and all(value in e.all(key) for key, value in fields.items())
        ]

    if eval(f"({expression}\n)", {"entries": entries, "said": said}):
        return 0
    print("not true:", expression)
    for e in entries[-20:]:
        print(json.dumps(e.fields))
    return 1


sys.exit(main())
