# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests say, as one TAP stream on standard output.

Points are renumbered and named GUEST/TEST: DESCRIPTION. A guest's own plan is
held against the points it gave; the stream's plan comes last.
"""

import re

POINT = re.compile(r"(not )?ok\b *(\d+)?(?: -)? *(.*)")
PLAN = re.compile(r"1\.\.(\d+)")


class Stream:
	"""All points of a run, counted."""

	def __init__(self, out):
		self.out = out
		self.count = 0
		self.failed = 0
		self.skipped = 0
		self._print("TAP version 13")

	def _print(self, text):
		print(text, file=self.out, flush=True)

	def point(self, good, text):
		"""One test point; "# SKIP" or "# TODO" in the text mean what they do in TAP."""
		self.count += 1
		if re.search(r"# SKIP\b", text):
			self.skipped += 1
		elif not good and not re.search(r"# TODO\b", text):
			self.failed += 1
		self._print("%sok %d - %s" % ("" if good else "not ", self.count, text))

	def note(self, text):
		"""A diagnostic line, which is no point."""
		self._print("# " + text)

	def skip(self, name, reason):
		self.point(True, "%s # SKIP %s" % (name, reason))

	def finish(self):
		"""Print the plan; 0, 1 (a point failed) or 77 (all were skipped)."""
		self._print("1..%d" % self.count)
		if self.failed:
			return 1
		return 77 if self.count and self.skipped == self.count else 0


class Section:
	"""One test in one guest."""

	def __init__(self, stream, name, log):
		self.stream = stream
		self.name = name
		self.log = log
		self.points = 0
		self.planned = None

	def line(self, text):
		"""One line from the guest."""
		with open(self.log, "a") as log:
			log.write(text + "\n")
		point = POINT.fullmatch(text)
		plan = PLAN.fullmatch(text)
		if point:
			self.points += 1
			self.stream.point(not point[1], "%s: %s" % (self.name, point[3]))
		elif plan:
			# a test that reboots plans each of its phases
			self.planned = (self.planned or 0) + int(plan[1])
		elif text.strip():
			self.stream.note("%s: %s" % (self.name, text.lstrip("# ")))

	def end(self, status, reason):
		"""The guest is gone: say what a silent or dead one owes us."""
		if status is None:
			self.stream.point(False, "%s: %s" % (self.name, reason))
		elif status != 0:
			self.stream.point(False, "%s: test exited with %d" % (self.name, status))
		elif self.planned is None:
			self.stream.point(False, "%s: test ended without a plan" % self.name)
		elif self.planned != self.points:
			self.stream.point(False, "%s: %d points of %d planned"
					  % (self.name, self.points, self.planned))
