# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian packages by name, unpacked and never installed.

Kernels for the guests come from suites that this machine need not run, so
each suite has an apt root of its own in the cache. Its source line is made from
the machine's own configuration (`apt-get indextargets`): the same mirror, the
same proxies and credentials, only another suite. Signatures are checked as
usual; only the age of the Release file is not, for a testing suite on a mirror
that stands still goes past its Valid-Until.
"""

import os
import pathlib
import re
import shutil
import subprocess

from . import Unavailable, host

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FORMAT = "$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(SIGNED_BY)"


def mirrors():
	"""{label: (repository address, signed-by)} of the Debian archives of this machine."""
	found = {}
	out = host.run(["apt-get", "indextargets", "--format", FORMAT, "Identifier: Packages"])
	for line in out.splitlines():
		origin, label, uri, signed = (line.split("|") + [""] * 4)[:4]
		if origin == "Debian" and label not in found:
			found[label] = (uri, signed)
	return found


class Root:
	"""An apt of its own for one suite, in CACHE/apt/SUITE."""

	def __init__(self, cache, suite):
		self.suite = suite
		self.dir = cache / "apt" / suite
		self.updated = False
		self.keyring = KEYRING
		self.lines = []

	def _prepare(self):
		have = mirrors()
		if "Debian" not in have:
			raise Unavailable("apt knows no Debian mirror (apt-get update first?)")
		for label, suite in (("Debian", self.suite),
				     ("Debian-Security", self.suite + "-security")):
			if label not in have:
				continue
			uri, signed = have[label]
			if os.path.exists(KEYRING):
				signed = KEYRING
			option = "[signed-by=%s] " % signed if signed else ""
			self.lines.append("deb %s%s %s main" % (option, uri, suite))
			self.keyring = signed
		for sub in ("etc/apt/preferences.d", "etc/apt/sources.list.d", "var/lib/dpkg",
			    "var/lib/apt/lists/partial", "var/cache/apt/archives/partial"):
			(self.dir / sub).mkdir(parents=True, exist_ok=True)
		(self.dir / "var/lib/dpkg/status").write_text("")
		(self.dir / "etc/apt/sources.list").write_text("\n".join(self.lines) + "\n")

	def _options(self):
		return ["-o", "Dir=%s" % self.dir,
			"-o", "Dir::State::status=%s/var/lib/dpkg/status" % self.dir,
			"-o", "Dir::Etc::netrc=/etc/apt/auth.conf",
			"-o", "Dir::Etc::netrcparts=/etc/apt/auth.conf.d",
			"-o", "Dir::Etc::trusted=/etc/apt/trusted.gpg",
			"-o", "Dir::Etc::trustedparts=/etc/apt/trusted.gpg.d",
			"-o", "Acquire::Check-Valid-Until=false",
			"-o", "Acquire::Languages=none",
			"-o", "Acquire::Retries=3",
			"-o", "Acquire::http::Timeout=60",
			"-o", "APT::Architecture=amd64",
			"-o", "APT::Sandbox::User=root"]

	def update(self):
		"""Fetch the suite's lists, once a run."""
		if self.updated:
			return
		self._prepare()
		host.say("reading the package lists of " + self.suite)
		out = host.run(["apt-get"] + self._options() + ["update", "-q"])
		if not re.search(r"^(Get|Hit):", out, re.M):
			raise Unavailable("the mirror has no suite " + self.suite)
		self.updated = True

	def newest(self, pattern):
		"""Name of the newest package whose whole name matches the expression."""
		self.update()
		names = host.run(["apt-cache"] + self._options() + ["pkgnames"]).split()
		fits = [n for n in names if re.fullmatch(pattern, n)]
		if not fits:
			raise Unavailable("%s has no package like %s" % (self.suite, pattern))
		number = lambda n: [int(d) for d in re.findall(r"\d+", n)]
		return max(fits, key=number)

	def depends(self, package):
		"""Names of the packages it depends on."""
		self.update()
		out = host.run(["apt-cache"] + self._options() + ["depends", "--important", package])
		return re.findall(r"^\s+Depends: (\S+)$", out, re.M)

	def unpack(self, packages, dest, members=None):
		"""Download packages and unpack them, or only some members, below dest."""
		self.update()
		dest = pathlib.Path(dest)
		debs = dest / ".debs"
		debs.mkdir(parents=True, exist_ok=True)
		host.say("fetching " + " ".join(packages))
		host.run(["apt-get"] + self._options() + ["download", "-q"] + list(packages), cwd=debs)
		for deb in sorted(debs.glob("*.deb")):
			if members is None:
				host.run(["dpkg-deb", "-x", deb, dest])
			else:
				_some_members(deb, dest, members)
		shutil.rmtree(debs)


def _some_members(deb, dest, members):
	with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
			      stdout=subprocess.PIPE) as deb_tar:
		done = subprocess.run(["tar", "-x", "-C", str(dest)] + list(members),
				      stdin=deb_tar.stdout, capture_output=True, text=True)
	if done.returncode:
		raise Unavailable("unpacking %s: %s" % (deb.name, done.stderr.strip()))
