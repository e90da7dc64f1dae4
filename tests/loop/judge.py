# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares a findings record (doc/record-schema.json) with the truth."""

import base64
import os

import truth

IMPACT = {"file-data": "data", "directory": "metadata", "symlink": "metadata",
		  "attributes": "metadata", "extent-map": "metadata", "attribute-map": "metadata",
		  "unwritten": "none", "past-eof": "none", "free": "none", "cow-staging": "none",
		  "unknown": "unknown", "outside-filesystem": "none", "defective": "none", "ag-padding": "none",
		  "internal-file": "metadata"}
WITH_OFFSET = {"file-data", "directory", "symlink", "attributes", "unwritten", "past-eof"}


def exact(item, key="path"):
	"""The bytes of a name in a record."""
	if key + "_base64" in item:
		return base64.b64decode(item[key + "_base64"])
	return item[key].encode()


def round_out(start, length):
	return start // 512 * 512, (start + length + 511) // 512 * 512


def coalesce(ranges):
	return [(a, b) for a, b, _ in truth.segments([(a, b, None) for a, b in ranges])]


class Judge:
	"""@holders: {ino: mapped}, the files that this process has open or mapped."""

	def __init__(self, known, holders):
		self.truth, self.fixture, self.holders = known, known.fixture, holders
		self.generations = {}

	def descriptor(self, finding):
		"""As in truth.py."""
		owner, ino = finding["owner"], finding.get("ino")
		if owner == "file-data" and finding["impact"] == "none":
			behind = ino in self.fixture.inodes and \
				finding["file_offset"] >= self.fixture.inodes[ino].size
			if finding.get("past_eof") or (finding.get("unwritten") and behind):
				owner = "past-eof"
			elif finding.get("unwritten"):
				owner = "unwritten"
		if owner in WITH_OFFSET:
			return owner, ino, finding["file_offset"] - finding["offset"]
		if owner in ("extent-map", "attribute-map"):
			return owner, ino
		return (owner,)

	def compare(self, record, ranges):
		"""Everything in which the record differs from the truth about @ranges [(start, end)]."""
		bad = list(self.truth.problems)
		ranges = coalesce(ranges)
		asked = [(a["offset"], a["offset"] + a["length"]) for a in record["asked"]]
		if asked != ranges:
			bad.append("asked %s, not %s" % (asked[:3], ranges[:3]))
		if not record["complete"] or record["reasons"]:
			bad.append("incomplete: %s" % record["reasons"])
		wanted = truth.cut(self.truth.segments, ranges)
		bad += self.differences(record, ranges)
		for finding in record["findings"]:
			bad += self._finding(finding)
		bad += self._shared(record["findings"], wanted)
		return bad

	def differences(self, record, ranges):
		"""In owners and offsets alone."""
		wanted = truth.cut(self.truth.segments, coalesce(ranges))
		found = truth.segments([(f["offset"], f["offset"] + f["length"], self.descriptor(f))
								for f in record["findings"]])
		both = [(a, b, ("wanted", what)) for a, b, what in wanted] + \
			[(a, b, ("found", what)) for a, b, what in found]
		for start, end, sides in truth.segments(both):
			sides = dict(sides)
			if sides.get("wanted") != sides.get("found"):
				yield "bytes %d-%d: want %s, found %s" % (
					start, end - 1, *(self._say(sides.get(s), start) for s in ("wanted", "found")))

	@staticmethod
	def _say(what, start):
		if what is None:
			return "nothing"
		return ", ".join(sorted("%s inode %d at %d" % (d[0], d[1], d[2] + start) if len(d) == 3
								else " ".join(map(str, d)) for d in what))

	def _finding(self, f):
		kind = self.descriptor(f)[0]
		what = "%s at %d" % (kind, f["offset"])
		if kind != "inodes":
			impact = IMPACT.get(kind, "metadata")
			if f["impact"] != impact:
				yield "%s: impact %s, not %s" % (what, f["impact"], impact)
		if kind == "inodes":
			yield from self._inodes(f, what)
		ino = f.get("ino")
		if ino is None:
			return
		inode = self.fixture.inodes[ino]
		if ino not in self.generations:
			self.generations[ino] = self.fixture.generation(ino)
		if self.generations[ino] not in (None, f["gen"]):
			yield "%s: generation %d, not %d" % (what, f["gen"], self.generations[ino])
		if "paths" in f:
			paths = [exact(p) for p in f["paths"]]
			if set(paths) != inode.paths or len(paths) != len(inode.paths):
				yield "%s: paths %s, not %s" % (what, sorted(paths)[:3], sorted(inode.paths)[:3])
		elif inode.paths:
			yield "%s: no paths" % what
		deleted = not inode.paths
		if bool(f.get("deleted")) != deleted:
			yield "%s: deleted is %s" % (what, f.get("deleted"))
		if ino in self.holders:
			mapped = [h.get("mapped") for h in f.get("holders", ()) if h["pid"] == os.getpid()]
			if mapped != [self.holders[ino]]:
				yield "%s: holders %s" % (what, f.get("holders"))

	def _inodes(self, f, what):
		geometry = self.truth.geometry
		start, end = f["offset"], f["offset"] + f["length"]
		first = geometry.ino_at(start)
		count = geometry.ino_at(end - 1) - first + 1
		if (f["inodes"]["first"], f["inodes"]["count"]) != (first, count):
			yield "%s: inodes %s, not %d+%d" % (what, f["inodes"], first, count)
		used = {ino for ino in self.fixture.inodes if first <= ino < first + count}
		# Some inodes are in use and have no name: realtime bitmap and summary.
		found = {i["ino"] for i in f["inodes"]["in_use"] if not i.get("internal")}
		if found != used:
			yield "%s: in use %s, not %s" % (what, sorted(found)[:9], sorted(used)[:9])
		for item in f["inodes"]["in_use"]:
			inode = self.fixture.inodes.get(item["ino"])
			if inode and {exact(p) for p in item.get("paths", ())} != inode.paths:
				yield "inode %d: paths %s, not %s" % (item["ino"], item.get("paths"),
													 sorted(inode.paths)[:3])
		impact = "metadata" if f["inodes"]["in_use"] else "none"
		if f["impact"] != impact:
			yield "%s: impact %s, not %s" % (what, f["impact"], impact)

	@staticmethod
	def _shared(findings, wanted):
		"""File data is marked as shared where the books know several owners of a part of it."""
		several = [(a, b) for a, b, what in wanted if len(what) > 1]
		at = 0
		for f in sorted(findings, key=lambda f: f["offset"]):
			start, end = f["offset"], f["offset"] + f["length"]
			while at < len(several) and several[at][1] <= start:
				at += 1
			shared = at < len(several) and several[at][0] < end
			if bool(f.get("shared")) != shared:
				yield "bytes %d-%d of inode %s: shared is %s" % (start, end - 1, f.get("ino"), not shared)
