# SPDX-License-Identifier: GPL-2.0-or-later
"""pmemras itself for the guests: this tree, without sanitizers, installed in a folder.

ASan would multiply the daemon's memory and the guests' time, and the memory is
one of the things that are measured. The build lies in the cache and is made from a
copy of the source: an out-of-tree build refuses a source that was configured in place.
"""

import hashlib
import os
import pathlib
import shutil

from . import Unavailable, host

NEEDED = {
	"gcc": "gcc", "make": "make", "autoreconf": "autoconf", "automake": "automake",
	"libtoolize": "libtool", "pkg-config": "pkg-config", "rsync": "rsync",
}
LEAVE_OUT = [".git", "/build*", "/autom4te.cache", "*.o", "*.lo", "*.la", ".libs", ".deps",
	     "/config.status", "/config.h", "/config.log", "/stamp-h1", "/Makefile", "/libtool",
	     "/pmemras-*", "__pycache__"]


def install(source, cache, jobs=2, clean_prefix="/usr"):
	"""Build and install; returns the folder that plays the root directory."""
	host.require(NEEDED)
	key = hashlib.sha256(str(source).encode()).hexdigest()[:12]
	base = cache / "build" / key
	copy, build, root = base / "source", base / "build", base / "root"
	log = base / "build.log"
	base.mkdir(parents=True, exist_ok=True)
	log.write_text("")
	host.say("building pmemras for the guests (%s)" % log)
	excludes = ["--exclude=" + pattern for pattern in LEAVE_OUT]
	host.run(["rsync", "-a", "--delete", "--filter=P /configure", "--filter=P Makefile.in",
		  "--filter=P /aclocal.m4", "--filter=P /build-aux", "--filter=P /config.h.in",
		  "--filter=P /m4/*"] + excludes + ["%s/" % source, "%s/" % copy], log=log)
	if not (copy / "configure").exists():
		host.run(["./autogen.sh"], cwd=copy, log=log)
	build.mkdir(exist_ok=True)
	if not (build / "Makefile").exists():
		host.run([copy / "configure", "--prefix=" + clean_prefix, "--sysconfdir=/etc",
			  "--localstatedir=/var", "-q"], cwd=build, log=log)
	host.run(["make", "-s", "-j%d" % jobs], cwd=build, log=log)
	shutil.rmtree(root, ignore_errors=True)
	host.run(["make", "-s", "install", "DESTDIR=%s" % root], cwd=build, log=log)
	if not list(root.glob("usr/*bin/pmemras*")):
		raise Unavailable("make install put no program in place (%s)" % log)
	return root
