# SPDX-License-Identifier: GPL-2.0-or-later
"""Sectors that say whose they are.

A test fills every 512-byte sector of its files with a stamp: the inode, the
offset in the file, and the serial number of the write. Read back from the raw
device, the stamps tell who owns each sector without any help from the
filesystem, let alone from GETFSMAP.
"""

import mmap
import os
import struct
import zlib

SECTOR = 512
_HEAD = struct.Struct("<8sQQQ")
_CRC = struct.Struct("<I")
_MAGIC = b"PMEMRAS\x01"
_CHUNK = 1 << 20
_SIZE = _HEAD.size + _CRC.size


def sector(ino, offset, serial):
	"""The 512 bytes that inode @ino holds at byte @offset since write number @serial."""
	head = _HEAD.pack(_MAGIC, ino, offset, serial)
	head += _CRC.pack(zlib.crc32(head))
	return (head * (SECTOR // _SIZE + 1))[:SECTOR]


def read(data):
	"""The stamp in a sector as (ino, offset, serial), None where it carries none.

	The head decides: the end of a file may cut its last stamp short.
	"""
	if data[:8] != _MAGIC:
		return None
	if zlib.crc32(data[:_HEAD.size]) != _CRC.unpack_from(data, _HEAD.size)[0]:
		return None
	return _HEAD.unpack_from(data)[1:]


def scan(device):
	"""All stamps on a raw device, past every cache: {sector number: (ino, offset, serial)}."""
	found = {}
	zeros = bytes(_CHUNK)
	buffer = mmap.mmap(-1, _CHUNK)
	fd = os.open(device, os.O_RDONLY | os.O_DIRECT)
	try:
		size = os.lseek(fd, 0, os.SEEK_END)
		position = 0
		while position < size:
			n = os.preadv(fd, [buffer], position)
			if n <= 0:
				raise OSError("short read at %d" % position)
			data = buffer[:n]
			if data != zeros[:n]:
				for i in range(0, n - SECTOR + 1, SECTOR):
					if data[i:i + 8] == _MAGIC:
						stamp = read(data[i:i + SECTOR])
						if stamp:
							found[(position + i) // SECTOR] = stamp
			position += n
	finally:
		os.close(fd)
	return found
