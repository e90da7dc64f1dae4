# SPDX-License-Identifier: GPL-2.0-or-later
"""The forky image with systemd as PID 1.

The other guests borrow the host's files; this one has its own, because what it
is about is how pmemras lives in a whole system: units enabled at boot, the
journal, and the neighbours that look at the same events. The image is made once
and copied for every run. pmemras is not in it: the initramfs unpacks what `make
install DESTDIR=` gave over the fresh copy, and the kernel's modules come by 9p.
"""

import os
import shutil
import subprocess

from . import Unavailable, apt, host

# Raise this when the recipe below changes, so that cached images are made again.
REVISION = "1"
SIZE_MIB = 2048
PACKAGES = [
	# the system
	"systemd", "systemd-sysv", "udev", "dbus", "kmod", "mount", "util-linux", "procps",
	"iproute2", "gawk",
	# what tests use, and the neighbours
	"xfsprogs", "ndctl", "daxctl", "rasdaemon", "lvm2", "dmsetup", "e2fsprogs", "strace",
	# what pmemras is linked with (the same sonames in Debian 12 and forky)
	"libjson-c5", "libsqlite3-0", "libsmartcols1", "libeconf0", "libmount1", "libblkid1",
	"libudev1", "libsystemd0", "libndctl6", "libdaxctl1", "libcxl1", "libdevmapper1.02.1",
	"libtracefs1", "libtraceevent1", "sqlite3",
]
LEAVE_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*"]


def _bootstrap(cache, tree, log):
	root = apt.Root(cache, "forky")
	root.update()
	host.say("making the forky image (one to three minutes)")
	line = ["mmdebstrap", "--mode=root", "--variant=minbase", "--architectures=amd64",
		"--include=" + ",".join(PACKAGES),
		"--aptopt=Acquire::Check-Valid-Until \"false\"",
		"--aptopt=APT::Install-Recommends \"false\""]
	line += ["--dpkgopt=path-exclude=" + pattern for pattern in LEAVE_OUT]
	line += ["forky", tree] + [entry for entry in root.lines if " forky " in entry]
	env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
	host.run(line, log=log, env=env)


def _settle(tree):
	"""A quiet system: no password for root, no journal on disk, no set-up questions."""
	(tree / "etc/hostname").write_text("vm-guest\n")
	(tree / "etc/fstab").write_text("/dev/vda / ext4 defaults 0 0\n")
	(tree / "etc/machine-id").write_text("")
	for mask in ("systemd-firstboot.service", "apt-daily.timer", "apt-daily-upgrade.timer",
		     "dpkg-db-backup.timer", "fstrim.timer", "e2scrub_all.timer",
		     "e2scrub_reap.service", "systemd-networkd-wait-online.service"):
		link = tree / "etc/systemd/system" / mask
		link.unlink(missing_ok=True)
		link.symlink_to("/dev/null")
	shutil.rmtree(tree / "var/cache/apt/archives", ignore_errors=True)
	for lists in (tree / "var/lib/apt/lists").glob("*_*"):
		lists.unlink()


def _pack(tree, image, log):
	with open(image, "wb") as out:
		out.truncate(SIZE_MIB << 20)
	host.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "vmroot", "-O", "^has_journal",
		  "-d", tree, image], log=log)


def build(cache, refresh=False, install=False):
	"""Path of the image, made if need be. Needs root: its files belong to many users."""
	final = cache / "images" / "systemd"
	image = final / "root.ext4"
	try:
		if not refresh and (final / "revision").read_text().strip() == REVISION:
			return image
	except OSError:
		pass
	host.require({"mmdebstrap": "mmdebstrap", "mke2fs": "e2fsprogs"}, install)
	if os.geteuid() != 0:
		raise Unavailable("making the forky image needs root")
	host.require_space(cache, 3000)
	with host.fresh_dir(final) as work:
		log = final.parent / "build.log"
		tree = work / "tree"
		_bootstrap(cache, tree, log)
		_settle(tree)
		_pack(tree, work / "root.ext4", log)
		shutil.rmtree(tree)
		(work / "revision").write_text(REVISION + "\n")
	return image


def copy(image, target):
	"""A copy to be written to, as sparse as the original."""
	subprocess.run(["cp", "--sparse=always", "--reflink=auto", str(image), str(target)], check=True)


def hand_over(tests, env, out):
	"""Lay into the shared folder what the guest cannot read from the host by itself."""
	shutil.copytree(tests / "guest/units", out / "units")
	(out / "tests").mkdir()
	for script in list(tests.glob("*.sh")) + [tests / "guest/test-runner"]:
		shutil.copy(script, out / "tests" / script.name)
	env["VM_TESTS"] = "/run/vm/tests"
	if env["VM_INSTALL"]:
		host.run(["tar", "-C", env["VM_INSTALL"], "--owner=0", "--group=0",
			  "--exclude=*.la", "-cf", out / "install.tar", "."])
		env["VM_INSTALL"] = "/"
