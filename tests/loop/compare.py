#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""usage: compare.py KERNEL OFFLINE MOUNTPOINT [EXTENTS]
          compare.py --extents MOUNTPOINT >EXTENTS
          compare.py --blocks OFFLINE DEVICE
          compare.py --damaged BEFORE AFTER BYTE KIND

Compares two records of `pmemrasctl locate --json DEVICE 0+SIZE` of the same filesystem: as the kernel
told it, and as it was read off the device. Where the kernel cannot tell owners (no reverse map),
EXTENTS has them: what each file's own map (XFS_IOC_GETBMAPX) says, taken while it was mounted.
With --blocks, the kind of owner of each block is what xfs_db makes of it, which reads everything. With --damaged, the block at BYTE was
damaged between two records: it is of KIND still, and of the others nothing has another owner
than before, if it has any, which most have.
"""

import base64
import fcntl
import json
import os
import stat
import struct
import subprocess
import sys

GETBMAPX = 0xc0205838
ATTR_FORK, PREALLOC = 1, 4  # bmv_iflags
MAX = 5000
INDEX = 1 << 35  # of a directory: behind its size, where its map is not told


def bmap(fd, flags):
	"""[(device byte, length, byte in the fork)]"""
	buf = bytearray(48 * (MAX + 1))
	at, found = 0, []
	while True:
		struct.pack_into("=qqqiiii", buf, 0, at, 0, -1 if not at else (1 << 54) - at, MAX + 1, 0, flags, 0)
		fcntl.ioctl(fd, GETBMAPX, buf, True)
		n, = struct.unpack_from("=i", buf, 28)
		for i in range(1, n + 1):
			offset, block, length, _, _, _, oflags = struct.unpack_from("=qqqiiii", buf, 48 * i)
			if block >= 0:
				found.append((block * 512, length * 512, offset * 512))
			at = offset + length
		if n < MAX or not n:
			return found


def extents(mountpoint):
	"""Of every file and directory; of links and devices nothing can be asked."""
	seen = set()
	for top, dirs, files in os.walk(os.fsencode(mountpoint)):
		for name in [b"."] + files:
			path = os.path.join(top, name)
			st = os.lstat(path)
			if st.st_ino in seen or not (stat.S_ISREG(st.st_mode) or stat.S_ISDIR(st.st_mode)):
				continue
			seen.add(st.st_ino)
			fd = os.open(path, os.O_RDONLY)
			for flags in (PREALLOC, ATTR_FORK):
				try:
					for start, length, offset in bmap(fd, flags):
						print(start, length, st.st_ino, offset, "attr" if flags == ATTR_FORK else "data")
				except OSError:
					pass  # no attribute fork
			os.close(fd)


def name_of(path):
	return base64.b64decode(path["path_base64"]) if "path_base64" in path else path["path"].encode()


def names(item, root):
	if "paths" not in item:
		return None
	found = []
	for path in item["paths"]:
		name = name_of(path)
		if root is not None:
			name = name[len(root):].lstrip(b"/") or b"."
		found.append(name)
	return tuple(sorted(found))


def shown(finding, root):
	"""All that is said of a finding but where the filesystem is mounted."""
	key = {k: v for k, v in finding.items() if k not in ("paths", "inodes", "holders")}
	key["names"] = names(finding, root)
	if "inodes" in finding:
		inodes = dict(finding["inodes"])
		key["in_use"] = sorted(
			# of the filesystem's own the kernel does not tell more
			(i["ino"],) if i.get("internal") else
			(i["ino"], i.get("gen"), i.get("type"), i.get("size"), i.get("links"), names(i, root))
			for i in inodes.pop("in_use"))
		key["inodes"] = inodes
	return repr(sorted((k, repr(v)) for k, v in key.items()))


def compare(kernel, offline, root):
	a = [shown(f, root) for f in kernel["findings"]]
	b = [shown(f, None) for f in offline["findings"]]
	for text in sorted(set(a) ^ set(b))[:6]:
		yield ("only the kernel: " if text in a else "only offline: ") + text[:600]
	if sorted(a) == sorted(b) and kernel["summary"] != offline["summary"]:
		yield "summary: %s, %s" % (kernel["summary"], offline["summary"])


def pieces(findings, owners):
	found = []
	for f in sorted((f for f in findings if f["owner"] in owners), key=lambda f: f["offset"]):
		if found and found[-1][1] == f["offset"]:
			found[-1][1] += f["length"]
		else:
			found.append([f["offset"], f["offset"] + f["length"]])
	return found


def compare_extents(kernel, offline, path):
	"""Free space as the kernel has it; owners as the files have them; nothing unknown."""
	ours, theirs = (pieces(r["findings"], {"free"}) for r in (offline, kernel))
	if ours != theirs:
		yield "free: kernel %s…, offline %s…" % (theirs[:5], ours[:5])
	unknown = pieces(offline["findings"], {"unknown"})
	if unknown:
		yield "unknown: %s" % unknown[:5]
	wanted, found, asked = set(), set(), set()
	block = offline["filesystem"]["block_size"]
	with open(path) as f:
		for line in f:
			start, length, ino, offset, fork = line.split()
			asked.add(int(ino))
			for at in range(0, int(length), block):
				wanted.add((int(start) + at, int(ino), int(offset) + at, fork))
	for f in offline["findings"]:
		fork = {"file-data": "data", "directory": "data", "attributes": "attr"}.get(f["owner"])
		if not fork or f["ino"] not in asked:
			continue
		rest = f["offset"] % block  # what the end of a file cuts in two
		for at in range(0, f["length"] + rest, block):
			if f["owner"] == "directory" and f["file_offset"] >= INDEX:
				continue
			found.add((f["offset"] - rest + at, f["ino"], f["file_offset"] - rest + at, fork))
	for what in sorted(wanted ^ found)[:5]:
		yield "%s: byte %d is of inode %d, %d in its %s fork" % (
			("only the file says" if what in wanted else "only offline"), *what)


KINDS = {
	"btbno": "ag-btree", "btcnt": "ag-btree", "btrmap": "ag-btree", "freelist": "ag-btree",
	"btino": "inode-btree", "btfino": "inode-btree", "btrefcnt": "refcount-btree", "inode": "inodes",
	"data": "file-data", "rldata": "file-data", "dir": "directory", "symlink": "symlink", "attr": "attributes",
	"log": "log",
	"free1": "free", "free2": "free", "rtbitmap": "internal-file", "rtsummary": "internal-file", "quota": "internal-file",
}
# xfs_db gives blocks of extent maps the kind of what they map
MAPS = {"file-data": "extent-map", "directory": "extent-map", "attributes": "attribute-map"}


def blocks(device):
	"""{device byte: kind of owner}, of all that are not headers of groups"""
	def ask(*commands):
		arguments = [a for c in commands for a in ("-c", c)]
		return subprocess.run(["xfs_db", "-r", *arguments, device], check=True, stdout=subprocess.PIPE,
							  stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
	words = (line.split(" = ") for line in ask("sb 0", "p blocksize agblocks agblklog agcount dblocks"))
	sb = {name: int(value) for name, value in words}
	commands = ["blockget -n"]
	for ag in range(sb["agcount"]):
		length = min(sb["agblocks"], sb["dblocks"] - ag * sb["agblocks"])
		commands += ["fsblock %d" % (ag << sb["agblklog"]), "blockuse -c %d" % length]
	found = {}
	for line in ask(*commands):
		words = line.split()
		if words[:1] != ["block"] or words[4] in ("sb", "agf", "agi", "agfl"):
			continue
		ag, block = words[2].strip("()").split("/")
		found[(int(ag) * sb["agblocks"] + int(block)) * sb["blocksize"]] = KINDS.get(words[4], words[4])
	return found, sb["blocksize"]


def compare_blocks(offline, device):
	wanted, block = blocks(device)
	found = {}
	for f in offline["findings"]:
		for at in range(f["offset"] - f["offset"] % block, f["offset"] + f["length"], block):
			if at in wanted:
				found.setdefault(at, set()).add(f["owner"])
	if len(wanted) < 1000:
		yield "xfs_db named %d blocks" % len(wanted)
	wrong = [at for at, kind in wanted.items() if found.get(at) not in ({kind}, {MAPS.get(kind)})]
	for at in wrong[:6]:
		yield "byte %d: xfs_db says %s, offline %s" % (at, wanted[at], found.get(at))


def owners(record):
	"""{device block: owners}, of as many bytes of it as each has"""
	found = {}
	block = record["filesystem"]["block_size"]
	for f in record["findings"]:
		for at in range(f["offset"] // block, (f["offset"] + f["length"] - 1) // block + 1):
			skipped = max(0, at * block - f["offset"])
			offset = f["file_offset"] + skipped if "file_offset" in f else None
			found.setdefault(at * block, set()).add((f["owner"], f.get("ino"), offset))
	return found


def compare_damaged(before, after, byte, kind):
	old, new = owners(before), owners(after)
	if {owner[0] for owner in new[byte]} != {kind}:
		yield "the damaged block is of %s" % new[byte]
	more = [at for at in new if {o for o in new[at] - old[at] if o[0] not in ("unknown", "file-data")}]
	for at in more[:5]:
		yield "byte %d: %s, now %s" % (at, old[at], new[at])
	used = [at for at in old if old[at] != {("free", None, None)}]
	lost = [at for at in used if old[at] - new[at]]
	if len(lost) > len(used) / 2:
		yield "%d of %d blocks in use lost an owner" % (len(lost), len(used))


def main(arguments):
	if arguments[0] == "--extents":
		return extents(arguments[1])
	if arguments[0] == "--damaged":
		before, after = (json.load(open(path)) for path in arguments[1:3])
		problems = list(compare_damaged(before, after, int(arguments[3]), arguments[4]))
		print("\n".join(problems))
		sys.exit(bool(problems))
	if arguments[0] == "--blocks":
		problems = list(compare_blocks(json.load(open(arguments[1])), arguments[2]))
		print("\n".join(problems))
		sys.exit(bool(problems))
	kernel, offline = (json.load(open(path)) for path in arguments[:2])
	if len(arguments) > 3:
		problems = compare_extents(kernel, offline, arguments[3])
	else:
		problems = compare(kernel, offline, os.fsencode(arguments[2]))
	problems = list(problems)
	print("\n".join(problems))
	sys.exit(bool(problems))


main(sys.argv[1:])
