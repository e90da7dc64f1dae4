# SPDX-License-Identifier: GPL-2.0-or-later
"""What every byte of an XFS holds, known without pmemras.

For file data the authority is the stamps on the raw device and the fixture's
own books; for metadata and free space the dump of `xfs_io -c fsmap`. The
answer is a list of segments: (start, end, {descriptor}), device bytes. A
descriptor is a tuple that begins with the owner's token of pmemras' record
schema, with file offsets written relative to the device offset, so that it
stays the same along a segment:

	("file-data", ino, delta)       stored bytes of a file
	("unwritten", ino, delta)       preallocated, never written
	("past-eof", ino, delta)        allocated behind the end of the file
	("directory", ino, delta), ("symlink", ino, delta), ("attributes", ino, delta)
	("extent-map", ino), ("attribute-map", ino)
	("free",), ("inodes",), ("log",), …
"""

import os
import struct
import subprocess
import time

import stamps

# linux/fsmap.h and xfs_fs.h: owner codes as `fsmap -m` prints them
SPECIAL = {
	"special_0:1": "free",
	"special_0:2": "unknown",
	"special_88:1": "fixed-metadata",
	"special_88:2": "log",
	"special_88:3": "ag-btree",
	"special_88:4": "inode-btree",
	"special_88:5": "inodes",
	"special_88:6": "refcount-btree",
	"special_88:7": "cow-staging",
	"special_88:8": "defective",
}
HEADERS = ("superblock", "agf", "agi", "agfl")


class Geometry:
	"""Of the superblock (on-disk offsets: xfs_format.h, struct xfs_dsb)."""

	def __init__(self, device):
		with open(device, "rb") as f:
			sb = f.read(512)
		if sb[:4] != b"XFSB":
			raise ValueError("no XFS superblock")
		self.block_size, = struct.unpack_from(">I", sb, 4)
		self.data_blocks, = struct.unpack_from(">Q", sb, 8)
		self.ag_blocks, self.ag_count = struct.unpack_from(">II", sb, 84)
		self.sector_size, self.inode_size = struct.unpack_from(">HH", sb, 102)
		self.inopblog, self.agblklog = sb[123], sb[124]

	@property
	def ag_bytes(self):
		return self.ag_blocks * self.block_size

	@property
	def size(self):
		return self.data_blocks * self.block_size

	def inode_at(self, ino):
		"""Device byte of an inode."""
		ag = ino >> (self.agblklog + self.inopblog)
		block = (ino >> self.inopblog) & ((1 << self.agblklog) - 1)
		slot = ino & ((1 << self.inopblog) - 1)
		return ag * self.ag_bytes + block * self.block_size + slot * self.inode_size

	def ino_at(self, byte):
		"""Number of the inode whose slot holds a device byte."""
		ag, rest = divmod(byte, self.ag_bytes)
		block, rest = divmod(rest, self.block_size)
		return (((ag << self.agblklog) | block) << self.inopblog) | rest // self.inode_size


def fsmap(mountpoint):
	"""[(start, end, owner text, file offset or None)] in bytes."""
	text = subprocess.run(["xfs_io", "-r", "-c", "fsmap -m", mountpoint], check=True,
						  stdout=subprocess.PIPE).stdout.decode()
	records = []
	for line in text.splitlines()[1:]:
		_, _, _, start, end, owner, offset, _, _ = line.split(",")
		records.append((int(start) * 512, (int(end) + 1) * 512, owner,
						int(offset) * 512 if offset else None))
	return records


def segments(items):
	"""[(start, end, descriptor)] overlapping at will → disjoint, ordered, coalesced segments."""
	events = []
	for start, end, what in items:
		events.append((start, 1, what))
		events.append((end, 0, what))
	events.sort(key=lambda event: event[:2])
	found, active, position = [], {}, None
	for at, begins, what in events:
		if active and position < at:
			here = frozenset(active)
			if found and found[-1][1] == position and found[-1][2] == here:
				found[-1] = (found[-1][0], at, here)
			else:
				found.append((position, at, here))
		position = at
		active[what] = active.get(what, 0) + (1 if begins else -1)
		if not active[what]:
			del active[what]
	return found


def cut(segs, ranges):
	"""The parts of @segs inside @ranges; both ordered and disjoint."""
	found, i = [], 0
	for start, end in ranges:
		while i and segs[i - 1][1] > start:
			i -= 1
		while i < len(segs) and segs[i][1] <= start:
			i += 1
		j = i
		while j < len(segs) and segs[j][0] < end:
			found.append((max(start, segs[j][0]), min(end, segs[j][1]), segs[j][2]))
			j += 1
		i = j
	return found


class Truth:
	"""Everything, of a quiet filesystem."""

	def __init__(self, device, mountpoint, fixture):
		self.device, self.mountpoint, self.fixture = device, mountpoint, fixture
		self.geometry = Geometry(device)
		with open(device, "rb") as f:
			self.size = f.seek(0, os.SEEK_END)
		self.records = self._quiet_fsmap()
		self.on_disk = stamps.scan(device)
		self.owners = fixture.owners()
		self.problems = []
		items = list(self._stamped())
		for record in self.records:
			items.extend(self._unstamped(*record))
		if self.geometry.size < self.size:
			items.append((self.geometry.size, self.size, ("outside-filesystem",)))
		self.segments = segments(items)

	def _quiet_fsmap(self):
		"""XFS frees deleted files in the background: wait until nothing moves any more."""
		before = None
		for _ in range(50):
			self.fixture.sync()
			os.statvfs(self.mountpoint)
			now = fsmap(self.mountpoint)
			if now == before and not any(
					owner not in SPECIAL and int(owner.split("_")[1]) not in self.fixture.inodes
					for _, _, owner, _ in now):
				return now
			before = now
			time.sleep(0.2)
		return before

	# A stamp that the end of the file cuts off inside its head cannot be read back.
	def _readable(self, ino, offset):
		return offset + stamps._SIZE <= self.fixture.inodes[ino].size

	def _stamped(self):
		missing = {stamp: who for stamp, who in self.owners.items()
				   if any(self._readable(*owner) for owner in who)}
		for number, stamp in self.on_disk.items():
			missing.pop(stamp, None)
			for ino, offset in self.owners.get(stamp, ()):
				yield from self._up_to_end(number * 512, self.fixture.inodes[ino], offset)
		if missing:
			self.problems.append("%d stamps were written and are not on the device" % len(missing))

	def _up_to_end(self, at, inode, offset):
		"""A sector of stored data, cut where the file ends."""
		end = min(at + 512, at + inode.size - offset)
		yield at, end, ("file-data", inode.ino, offset - at)
		if end < at + 512:
			yield end, at + 512, ("past-eof", inode.ino, offset - at)

	def _unstamped(self, start, end, owner, offset):
		if owner in SPECIAL:
			yield from self._special(start, end, SPECIAL[owner])
			return
		_, ino, what = owner.split("_", 2)
		ino = int(ino)
		if what != "data":
			yield start, end, {
				"attr": lambda: ("attributes", ino, offset - start),
				"data_bmbt": lambda: ("extent-map", ino),
				"attr_bmbt": lambda: ("attribute-map", ino),
			}[what]()
			return
		inode = self.fixture.inodes.get(ino)
		if not inode:
			self.problems.append("fsmap names inode %d, the books do not" % ino)
		elif inode.kind != "file":
			yield start, end, (inode.kind, ino, offset - start)
		else:
			yield from self._file(start, end, inode, offset - start)

	def _special(self, start, end, token):
		if token != "fixed-metadata":
			yield start, end, (token,)
			return
		at = start
		while at < end:
			sector = at % self.geometry.ag_bytes // self.geometry.sector_size
			step = min(end, at - at % self.geometry.sector_size + self.geometry.sector_size)
			in_block = at % self.geometry.ag_bytes // self.geometry.block_size
			padding = in_block == (4 * self.geometry.sector_size - 1) // self.geometry.block_size
			yield at, step, (HEADERS[sector] if sector < 4 else
							 "ag-padding" if padding else token,)
			at = step

	# What of a file's blocks carries no living stamp: behind its end, never written, or a
	# stamp cut too short to be read.
	def _file(self, start, end, inode, delta):
		for at in range(start, end, 512):
			offset = at + delta
			if self.on_disk.get(at // 512) in self.owners:
				continue
			if offset >= inode.size:
				yield at, at + 512, ("past-eof", inode.ino, delta)
			elif offset in inode.sectors:
				yield from self._up_to_end(at, inode, offset)
			else:
				yield at, at + 512, ("unwritten", inode.ino, delta)

	# ---- questions ----

	def used(self):
		"""Segments that are neither free nor log."""
		return [s for s in self.segments if not s[2] & {("free",), ("log",)}]

	def where(self, ino, start, end):
		"""Device ranges that hold bytes [start, end) of a file, whole sectors, coalesced."""
		found = []
		for a, b, what in self.segments:
			for descriptor in what:
				if descriptor[0] not in ("file-data", "unwritten", "past-eof") or \
						descriptor[1] != ino:
					continue
				low = max(a, start // 512 * 512 - descriptor[2])
				high = min(b, (end + 511) // 512 * 512 - descriptor[2])
				if low < high:
					found.append((low, high, None))
		return [(a, b) for a, b, _ in segments(found)]
