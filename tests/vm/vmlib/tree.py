# SPDX-License-Identifier: GPL-2.0-or-later
"""pmemras itself for the guests: this tree, without sanitizers, installed in a folder.

ASan would multiply the daemon's memory and the guests' time, and the memory is
one of the things that are measured. The build lies in the cache and is made from a
copy of the source: an out-of-tree build refuses a source that was configured in place.
"""

import fnmatch
import hashlib
import os
import shutil

from . import Broken, Unavailable, host

NEEDED = {
	"gcc": "gcc", "make": "make", "autoreconf": "autoconf", "automake": "automake",
	"libtoolize": "libtool", "pkg-config": "pkg-config",
}
# What a source folder may hold that is not source: what other builds left there.
LEAVE_OUT = ["./.git", "./build*", "./autom4te.cache", "./config.*", "./configure*", "./stamp-h1",
	     "./Makefile", "./Makefile.in", "./aclocal.m4", "./libtool", "./pmemras-*", "./m4",
	     "*.o", "*.lo", "*.la", ".libs", ".deps", "__pycache__"]
KEEP = ["./configure.ac"]


def _leave_out(directory, name):
	path = "./" + os.path.normpath(os.path.join(directory, name))
	fits = lambda patterns: any(fnmatch.fnmatch(path if p[0] == "." and "/" in p else name, p)
				    for p in patterns)
	return fits(LEAVE_OUT) and not fits(KEEP)


def _copy_source(source, copy):
	"""Bring the copy up to date; what did not change keeps its time, so make skips it."""
	for directory, folders, files in os.walk(source):
		inside = os.path.relpath(directory, source)
		folders[:] = [d for d in folders if not _leave_out(inside, d)]
		(copy / inside).mkdir(parents=True, exist_ok=True)
		for name in files:
			if _leave_out(inside, name):
				continue
			old, new = os.path.join(directory, name), copy / inside / name
			was = os.stat(old)
			if not new.exists() or new.stat().st_mtime_ns != was.st_mtime_ns or \
			   new.stat().st_size != was.st_size:
				shutil.copy2(old, new)


def install(source, cache, jobs=2):
	"""Build and install; returns the folder that plays the root directory.

	Unavailable where there is no compiler; Broken where the tree does not build.
	"""
	host.require(NEEDED)
	key = hashlib.sha256(str(source).encode()).hexdigest()[:12]
	base = cache / "build" / key
	base.mkdir(parents=True, exist_ok=True)
	log = base / "build.log"
	log.write_text("")
	host.say("building pmemras for the guests (%s)" % log)
	_copy_source(source, base / "source")
	try:
		return _make(base / "source", base / "build", base / "root", jobs, log)
	except Unavailable as reason:
		raise Broken("%s; see %s" % (reason, log)) from reason


def _rules(copy):
	"""What the build is made by: make itself does not see that a library has other parts now."""
	digest = hashlib.sha256()
	for path in sorted([*copy.rglob("*.am"), copy / "configure.ac"]):
		digest.update(path.read_bytes())
	return digest.hexdigest()


def _make(copy, build, root, jobs, log):
	if not (copy / "configure").exists():
		host.run(["./autogen.sh"], cwd=copy, log=log)
	rules, made_by = _rules(copy), build / "rules"
	if not made_by.exists() or made_by.read_text() != rules:
		shutil.rmtree(build, ignore_errors=True)
	build.mkdir(exist_ok=True)
	made_by.write_text(rules)
	if not (build / "Makefile").exists():
		host.run([copy / "configure", "--prefix=/usr", "--sysconfdir=/etc",
			  "--localstatedir=/var", "-q"], cwd=build, log=log)
	host.run(["make", "-s", "-j%d" % jobs], cwd=build, log=log)
	shutil.rmtree(root, ignore_errors=True)
	host.run(["make", "-s", "install", "DESTDIR=%s" % root], cwd=build, log=log)
	if not list(root.glob("usr/*bin/pmemras*")):
		raise Broken("make install put no program in place; see %s" % log)
	return root
