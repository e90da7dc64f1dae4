# SPDX-License-Identifier: GPL-2.0-or-later
"""What this machine has.

A missing program is not an error but a reason to skip, and the reason ends in
the command that would cure it: programs are named with their Debian packages.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
import sys

from . import Unavailable

# program -> Debian package
BASE = {
	"qemu-system-x86_64": "qemu-system-x86",
	"busybox": "busybox-static",
	"cpio": "cpio",
	"xz": "xz-utils",
	"modprobe": "kmod",
	"depmod": "kmod",
	"apt-get": "apt",
	"dpkg-deb": "dpkg",
	"ndctl": "ndctl",
	"mkfs.xfs": "xfsprogs",
	"xfs_io": "xfsprogs",
	"mkfs.ext4": "e2fsprogs",
}
BUILD = {"gcc": "gcc", "make": "make", "patch": "patch"}
IMAGE = {"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}

SBIN = ":/usr/local/sbin:/usr/sbin:/sbin"


def search_path():
	return os.environ.get("PATH", "/usr/bin:/bin") + SBIN


def missing(programs):
	"""Packages of those programs that are not installed."""
	path = search_path()
	return sorted({pkg for prog, pkg in programs.items()
		       if not shutil.which(prog, path=path)})


def require(programs, install=False):
	"""Raise Unavailable, with the remedy, unless all programs are here."""
	absent = missing(programs)
	if not absent:
		return
	line = ["apt-get", "install", "-y", "--no-install-recommends"] + absent
	if install and os.geteuid() == 0:
		say("running: " + " ".join(line))
		env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
		subprocess.run(line, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env)
		absent = missing(programs)
	if absent:
		raise Unavailable("needs %s (%s)" % (", ".join(absent), " ".join(line)))


def say(text):
	"""Progress, which is not TAP: standard error."""
	print("# vm: " + text, file=sys.stderr, flush=True)


def cache_dir(chosen=None):
	"""The cache, made if need be. It never lies in the source tree."""
	if chosen is None:
		base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
		chosen = os.path.join(base, "pmemras", "vm")
	path = pathlib.Path(chosen).resolve()
	path.mkdir(parents=True, exist_ok=True)
	return path


def require_space(path, mebibytes):
	free = shutil.disk_usage(path).free >> 20
	if free < mebibytes:
		raise Unavailable("needs %d MiB free in %s, which has %d" % (mebibytes, path, free))


@contextlib.contextmanager
def only_one(cache):
	"""One guest at a time on a machine, whoever started it."""
	with open(cache / "lock", "w") as lock:
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			say("another run of the guests is going on; waiting for it")
			fcntl.flock(lock, fcntl.LOCK_EX)
		yield


@contextlib.contextmanager
def fresh_dir(final):
	"""Fill a folder aside and rename it: a cached folder is always whole."""
	final = pathlib.Path(final)
	work = final.with_name(final.name + ".new")
	shutil.rmtree(work, ignore_errors=True)
	work.mkdir(parents=True)
	try:
		yield work
	except BaseException:
		shutil.rmtree(work, ignore_errors=True)
		raise
	if final.exists():
		shutil.rmtree(final)
	work.rename(final)


def run(args, log=None, **kwargs):
	"""Run a helper quietly; on failure raise Unavailable with its last words."""
	env = dict(kwargs.pop("env", os.environ))
	env["PATH"] = env.get("PATH", "/usr/bin:/bin") + SBIN
	env["LC_ALL"] = "C"
	done = subprocess.run([str(a) for a in args], stdin=subprocess.DEVNULL,
			      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
			      text=True, errors="replace", env=env, **kwargs)
	if log is not None:
		with open(log, "a") as out:
			out.write("$ %s\n%s" % (" ".join(map(str, args)), done.stdout))
	if done.returncode:
		last = (done.stdout.strip().splitlines() or ["no output"])[-1]
		raise Unavailable("%s failed (%d): %s" % (args[0], done.returncode, last))
	return done.stdout
