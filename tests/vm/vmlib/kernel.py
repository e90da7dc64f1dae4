# SPDX-License-Identifier: GPL-2.0-or-later
"""A bootable kernel and its modules, from Debian packages.

A kernel lies in CACHE/kernels/NAME: `vmlinuz`, `version`, and `lib/modules/VERSION`
with what depmod makes. Debian 12 puts the image in /boot and the modules in /lib;
forky splits them over three packages and puts all of it in /usr/lib/modules.
"""

import pathlib
import shutil

from . import apt, host


class Kernel:
	"""dir, version, modules: where a kernel is and what it is called."""

	def __init__(self, directory):
		self.dir = pathlib.Path(directory)

	@property
	def version(self):
		return (self.dir / "version").read_text().strip()

	@property
	def package_version(self):
		return (self.dir / "package").read_text().strip()

	@property
	def image(self):
		return self.dir / "vmlinuz"

	@property
	def modules(self):
		return self.dir / "lib" / "modules" / self.version


def _settle(work, tree):
	"""Turn unpacked packages into the layout above."""
	image = sorted(list(tree.glob("boot/vmlinuz-*")) +
		       list(tree.glob("usr/lib/modules/*/vmlinuz")))[0]
	modules = [p for where in ("lib/modules", "usr/lib/modules")
		   for p in tree.glob(where + "/*") if (p / "kernel").is_dir()][0]
	version = modules.name
	target = work / "lib" / "modules" / version
	target.parent.mkdir(parents=True)
	shutil.copy(image, work / "vmlinuz")
	shutil.move(str(modules), str(target))
	for extra in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
		for found in tree.glob("usr/lib/modules/%s/%s" % (version, extra)):
			shutil.move(str(found), str(target / extra))
	(work / "version").write_text(version + "\n")
	host.run(["depmod", "-b", work, version])


def _fetch(cache, name, root, packages):
	final = cache / "kernels" / name
	with host.fresh_dir(final) as work:
		tree = work / "unpacked"
		root.unpack(packages, tree)
		_settle(work, tree)
		(work / "package").write_text(" ".join(packages) + "\n")
		shutil.rmtree(tree)
	return Kernel(final)


def debian_12(cache, refresh=False):
	"""The newest 6.1 kernel of Debian 12."""
	final = cache / "kernels" / "6.1"
	if final.exists() and not refresh:
		return Kernel(final)
	host.require_space(cache, 1500)
	root = apt.Root(cache, "bookworm")
	return _fetch(cache, "6.1", root, [root.newest(r"linux-image-6\.1\.0-\d+-amd64")])


def forky(cache, refresh=False):
	"""The kernel that forky installs by default (7.2 when this was written)."""
	final = cache / "kernels" / "7.2"
	if final.exists() and not refresh:
		return Kernel(final)
	host.require_space(cache, 1500)
	root = apt.Root(cache, "forky")
	image = [d for d in root.depends("linux-image-amd64") if d.startswith("linux-image-")][0]
	release = image[len("linux-image-"):]
	return _fetch(cache, "7.2", root, ["linux-%s-%s" % (part, release)
					   for part in ("binary", "modules", "base")])
