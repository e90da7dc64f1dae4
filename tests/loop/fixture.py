# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree of stamped files of every shape, and a model of what each holds.

The model is kept by the operations themselves (a write puts stamps into it, a
clone copies them, a punch takes them out), never by asking the filesystem
where anything lies.
"""

import ctypes
import fcntl
import os
import random
import struct

import stamps

FICLONERANGE = 0x4020940D  # linux/fs.h
FALLOC_FL_KEEP_SIZE = 1  # linux/falloc.h
FALLOC_FL_PUNCH_HOLE = 2
FS_IOC_FSGETXATTR = 0x801C581F  # linux/fs.h, struct fsxattr
FS_IOC_FSSETXATTR = 0x401C5820
FS_XFLAG_COWEXTSIZE = 0x00010000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


def fallocate(fd, mode, offset, length):
	if _libc.fallocate(fd, mode, offset, length):
		number = ctypes.get_errno()
		raise OSError(number, os.strerror(number))


class Inode:
	"""What is known of one inode."""

	def __init__(self, ino, kind):
		self.ino = ino
		self.kind = kind  # "file", "directory", "symlink", "other"
		self.paths = set()  # bytes
		self.size = 0
		self.sectors = {}  # offset in the file -> stamp


class Fixture:
	"""Operations below @top that keep the model."""

	def __init__(self, top, block_size, seed):
		self.top = os.fsencode(top)
		self.block_size = block_size
		self.random = random.Random(seed)
		self.inodes = {}
		self.held = []  # descriptors kept open
		self.serial = 0
		self._note(self.top, "directory")

	# ---- names ----

	def path(self, name):
		if isinstance(name, str):
			name = os.fsencode(name)
		return os.path.join(self.top, name)

	def _note(self, path, kind):
		ino = os.lstat(path).st_ino
		inode = self.inodes.setdefault(ino, Inode(ino, kind))
		inode.paths.add(path)
		return inode

	def _forget_path(self, path):
		inode = self.inodes[os.lstat(path).st_ino]
		inode.paths.discard(path)
		return inode

	def inode(self, name):
		return self.inodes[os.lstat(self.path(name)).st_ino]

	def mkdir(self, name):
		"""And the directories above it that are not there yet."""
		path = self.path(name)
		if not os.path.isdir(os.path.dirname(path)):
			self.mkdir(os.path.dirname(path))
		os.mkdir(path)
		return self._note(path, "directory")

	def link(self, name, other):
		os.link(self.path(name), self.path(other))
		self._note(self.path(other), "file")

	def symlink(self, target, name):
		os.symlink(target, self.path(name))
		return self._note(self.path(name), "symlink")

	def mkfifo(self, name):
		os.mkfifo(self.path(name))
		return self._note(self.path(name), "other")

	def unlink(self, name):
		inode = self._forget_path(self.path(name))
		os.unlink(self.path(name))
		if not inode.paths:
			del self.inodes[inode.ino]

	def unlink_held(self, name):
		"""The last name goes, an open descriptor keeps the file."""
		inode = self._forget_path(self.path(name))
		self.held.append(os.open(self.path(name), os.O_RDONLY))
		os.unlink(self.path(name))
		return inode

	# ---- contents ----

	def _open(self, name):
		fd = os.open(self.path(name), os.O_RDWR | os.O_CREAT, 0o644)
		return fd, self._note(self.path(name), "file")

	def fill(self, name, offset=0, length=0):
		"""Stamps [offset, offset + length); offset is a multiple of 512."""
		self.serial += 1
		fd, inode = self._open(name)
		try:
			data = bytearray()
			for at in range(offset, offset + length, stamps.SECTOR):
				data += stamps.sector(inode.ino, at, self.serial)
				inode.sectors[at] = (inode.ino, at, self.serial)
			view = memoryview(data)[:length]
			at = offset
			while view:
				n = os.pwrite(fd, view, at)
				view = view[n:]
				at += n
		finally:
			os.close(fd)
		inode.size = max(inode.size, offset + length)
		return inode

	def clone(self, source, source_offset, length, target, target_offset):
		"""Shares blocks; offsets and length are whole blocks, or length 0: to the end."""
		src, from_inode = self._open(source)
		dst, to_inode = self._open(target)
		try:
			fcntl.ioctl(dst, FICLONERANGE,
						struct.pack("=qQQQ", src, source_offset, length, target_offset))
		finally:
			os.close(src)
			os.close(dst)
		if not length:
			length = from_inode.size - source_offset
		copied = {at: stamp for at, stamp in from_inode.sectors.items()
				  if source_offset <= at < source_offset + length}
		self._drop(to_inode, target_offset, length)
		for at, stamp in copied.items():
			to_inode.sectors[at - source_offset + target_offset] = stamp
		to_inode.size = max(to_inode.size, target_offset + length)
		return to_inode

	def _drop(self, inode, offset, length):
		for at in [at for at in inode.sectors if offset <= at < offset + length]:
			del inode.sectors[at]

	def preallocate(self, name, offset, length, keep_size=False):
		fd, inode = self._open(name)
		try:
			fallocate(fd, FALLOC_FL_KEEP_SIZE if keep_size else 0, offset, length)
		finally:
			os.close(fd)
		if not keep_size:
			inode.size = max(inode.size, offset + length)
		return inode

	def punch(self, name, offset, length):
		fd, inode = self._open(name)
		try:
			fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length)
		finally:
			os.close(fd)
		self._drop(inode, offset, length)

	def truncate(self, name, size):
		os.truncate(self.path(name), size)
		inode = self.inode(name)
		self._drop(inode, size, 1 << 62)
		inode.size = size

	def cow_hint(self, name, size):
		fd, _ = self._open(name)
		try:
			attributes = bytearray(28)
			fcntl.ioctl(fd, FS_IOC_FSGETXATTR, attributes)
			flags = struct.unpack_from("=I", attributes)[0] | FS_XFLAG_COWEXTSIZE
			struct.pack_into("=I", attributes, 0, flags)
			struct.pack_into("=I", attributes, 16, size)
			fcntl.ioctl(fd, FS_IOC_FSSETXATTR, bytes(attributes))
		finally:
			os.close(fd)

	def xattr(self, name, key, value):
		os.setxattr(self.path(name), key, value)

	def sync(self):
		fd = os.open(self.top, os.O_RDONLY | os.O_DIRECTORY)
		try:
			_libc.syncfs(fd)
		finally:
			os.close(fd)

	def close(self):
		for fd in self.held:
			os.close(fd)
		self.held = []

	# ---- what it adds up to ----

	def owners(self):
		"""{stamp: {(ino, offset)}}: who holds each stamp."""
		found = {}
		for inode in self.inodes.values():
			for at, stamp in inode.sectors.items():
				found.setdefault(stamp, set()).add((inode.ino, at))
		return found

	def generation(self, ino):
		"""Of an inode that has a path, as the filesystem tells it (FS_IOC_GETVERSION); None else."""
		paths = self.inodes[ino].paths
		if not paths or self.inodes[ino].kind not in ("file", "directory"):
			return None
		fd = os.open(next(iter(paths)), os.O_RDONLY)
		try:
			answer = fcntl.ioctl(fd, 0x80087601, bytes(8))
			return struct.unpack_from("=I", answer)[0]
		finally:
			os.close(fd)


ODD_NAMES = (
	b"new\nline", b"tab\tand\\backslash", b"\x1b[31mred\x1b[0m", b"bad utf-8 \xff\xfe\x80",
	"right to left \u202e txt".encode(), "caf\u00e9 \U0001f4a5".encode(), b" leading and trailing ",
	b"cut off \xe2\x82", b"-rf", b"'quotes\" and $(things)", b"c1 \xc2\x9b31m", b"a" * 255,
)


def build(fixture, scale=1):
	"""Every shape a file can have. @scale: how much of each."""
	f, rng, block = fixture, fixture.random, fixture.block_size

	# What is to be freed again comes first, so that what is stale lies among what is live.
	f.mkdir("gone")
	for i in range(20 * scale):
		f.fill("gone/%d" % i, 0, rng.randrange(1, 120000))

	f.mkdir("plain/deep/deeper")
	for i in range(30 * scale):
		f.fill("plain/%d" % i, 0, rng.choice((1, 511, 512, 513, block, 5 * block + 1,
											   rng.randrange(1, 600000))))
	f.fill("plain/deep/deeper/file", 0, 7 * block)
	f.fill("plain/empty", 0, 0)

	f.mkdir("shared")
	size = 256 * block
	f.fill("shared/whole", 0, size + 700)
	f.clone("shared/whole", 0, 0, "shared/whole-copy", 0)
	f.fill("shared/part", 0, size)
	for i in range(12 * scale):
		blocks = rng.randrange(1, 40)
		f.clone("shared/whole", rng.randrange(0, 256 - blocks) * block, blocks * block,
				"shared/part", rng.randrange(0, 300) * block)
	f.fill("shared/twice", 0, 8 * block)
	f.clone("shared/twice", 2 * block, 3 * block, "shared/twice", 16 * block)
	f.fill("shared/popular", 0, 4 * block)
	# More owners of one block than fit into one answer of the kernel.
	for i in range(600 * scale):
		f.clone("shared/popular", (rng.randrange(0, 4) if i % 9 == 0 else 2) * block, block,
				"shared/fan%d" % i, rng.randrange(0, 9) * block)
	f.sync()
	for i in range(10 * scale):  # copied away: the old block stays with the others
		f.fill("shared/whole", rng.randrange(0, 256) * block, block)
	f.fill("shared/popular", block, block)

	f.mkdir("linked")
	f.fill("linked/one", 0, 20 * block)
	f.link("linked/one", "linked/two")
	f.link("linked/one", "plain/deep/three")
	for i in range(40):
		f.link("linked/one", "linked/more%d" % i)

	f.mkdir("sparse")
	for i in range(60):
		f.fill("sparse/far", rng.randrange(0, 1 << 38) // block * block, block)
	f.fill("sparse/punched", 0, 64 * block)
	for i in range(0, 64, 3):
		f.punch("sparse/punched", i * block, block)
	f.fill("sparse/cut", 0, 90 * block)
	f.sync()
	f.truncate("sparse/cut", 31 * block)

	# A map of extents too large for the inode: every other block, in an order that nothing merges.
	f.mkdir("fragmented")
	order = list(range(0, 2400 * scale, 2))
	rng.shuffle(order)
	for i, at in enumerate(order):
		f.fill("fragmented/file", at * block, block)
		if i % 40 == 0:
			f.sync()

	f.mkdir("unwritten")
	f.preallocate("unwritten/all", 0, 100 * block)
	f.preallocate("unwritten/some", 0, 200 * block)
	for i in (0, 17, 50, 51, 199):
		f.fill("unwritten/some", i * block, block)
	f.fill("unwritten/tail", 0, 3 * block + 100)
	f.preallocate("unwritten/tail", 4 * block, 64 * block, keep_size=True)

	f.mkdir("attributes")
	f.fill("attributes/inline", 0, block)
	f.xattr("attributes/inline", "user.small", b"x" * 20)
	f.fill("attributes/many", 0, block)
	for i in range(200):
		f.xattr("attributes/many", "user.number%d" % i, os.urandom(8) * rng.randrange(1, 25))
	f.fill("attributes/long", 0, block)
	f.xattr("attributes/long", "user.long", os.urandom(60000))
	for name in ("attributes/torn-a", "attributes/torn-b"):
		f.fill(name, 0, block)
	for i in range(60):  # in turns: the attribute fork itself falls into many extents
		for name in ("attributes/torn-a", "attributes/torn-b"):
			f.xattr(name, "user.turn%d" % i, os.urandom(3000))
	f.mkdir("attributes/directory")
	f.xattr("attributes/directory", "user.long", os.urandom(9000))

	f.mkdir("many")
	for i in range(1500 * scale):
		f.fill("many/%s-%d" % ("n" * rng.randrange(20, 90), i), 0, 512 if i % 7 == 0 else 0)

	f.mkdir("links")
	f.symlink("short", "links/inline")
	f.symlink("/".join("d" * 50 for _ in range(19)), "links/remote")
	f.symlink("/".join("e" * 100 for _ in range(10)), "links/remote-too")
	f.mkfifo("links/fifo")

	f.mkdir("odd")
	for i, name in enumerate(ODD_NAMES):
		f.fill(b"odd/" + name, 0, (i + 1) * block)
	f.mkdir(b"odd/dir \xff\n\x07")
	f.fill(b"odd/dir \xff\n\x07/inside", 0, 2 * block)

	f.fill("plain/deleted", 0, 33 * block)
	f.sync()
	f.unlink_held("plain/deleted")

	# The hint makes copy-on-write reserve more than it needs: staging blocks stay for minutes.
	f.fill("shared/staged", 0, 256 * block)
	f.sync()
	f.clone("shared/staged", 0, 0, "shared/staged-copy", 0)
	f.cow_hint("shared/staged", 128 * block)
	f.sync()
	f.fill("shared/staged", 40 * block, block)
	f.fill("shared/staged", 200 * block, 3 * block)

	for i in range(20 * scale):
		f.unlink("gone/%d" % i)
	f.fill("plain/grown", 0, 50 * block)
	f.sync()
	f.fill("plain/grown", 20 * block, 5 * block)
	f.sync()
