#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""listen.py notify|journal SOCKET OUTPUT [OWNER]

Plays the service manager (sd_notify(3)) or the journal (its native protocol,
systemd's JOURNAL_NATIVE_PROTOCOL document): binds a datagram socket and appends one JSON object per
datagram to OUTPUT: {"t": monotonic seconds, "fields": {NAME: [value, ...]}}. Bytes that are not
UTF-8 come out as surrogates (\\udcXX). Ends with the process OWNER, if given.
"""
import array
import json
import os
import select
import socket
import struct
import sys
import time


def parse_notify(data):
    fields = {}
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        name, _, value = line.partition("=")
        if name:
            fields.setdefault(name, []).append(value)
    return fields


def parse_journal(data):
    fields = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        line = data[at:end]
        at = end + 1
        if b"=" in line:
            name, _, value = line.partition(b"=")
        elif line:
            name = line
            (size,) = struct.unpack_from("<Q", data, at)
            value = data[at + 8 : at + 8 + size]
            at += 8 + size + 1
        else:
            continue
        fields.setdefault(name.decode(), []).append(value.decode("utf-8", "surrogateescape"))
    return fields


def receive(sock):
    """One datagram; a big entry comes as the descriptor of a memfd."""
    room = socket.CMSG_SPACE(4)
    data, ancillary, _, _ = sock.recvmsg(1 << 20, room)
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds = array.array("i")
            fds.frombytes(payload[:4])
            with os.fdopen(fds[0], "rb") as big:
                big.seek(0)
                data = big.read()
    return data


def main():
    kind, path, output = sys.argv[1:4]
    owner = int(sys.argv[4]) if len(sys.argv) > 4 else None
    parse = {"notify": parse_notify, "journal": parse_journal}[kind]
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    with open(output, "a", encoding="ascii", buffering=1) as out:
        while owner is None or os.path.exists(f"/proc/{owner}"):
            if not select.select([sock], [], [], 1)[0]:
                continue
            fields = parse(receive(sock))
            out.write(json.dumps({"t": time.monotonic(), "fields": fields}) + "\n")


main()
