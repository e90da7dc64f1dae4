# SPDX-License-Identifier: GPL-2.0-or-later
"""The small root a guest starts from.

It holds a static busybox, guest/init, and only the modules it takes to reach
the real root (the host's files by 9p, or the image on a virtio disk). All other
modules are loaded later, with the real root's modprobe, from the kernel's folder.
"""

import lzma
import pathlib
import shutil
import subprocess

from . import Unavailable, host

MODULES = ["virtio_pci", "virtio_console", "virtio_blk", "9p", "9pnet_virtio", "overlay", "ext4"]


def _load_order(kernel, empty):
	"""Paths of the modules in the order insmod wants them.

	modprobe gets an empty configuration: Debian's ndctl ships an install
	hook for libnvdimm, behind which --show-depends sees nothing.
	"""
	order = []
	for name in MODULES:
		out = host.run(["modprobe", "-C", empty, "-d", kernel.dir, "-S", kernel.version,
				"--show-depends", name])
		for line in out.splitlines():
			verb, _, rest = line.partition(" ")
			path = pathlib.Path(rest.split()[0]) if rest else None
			if verb == "insmod" and path not in order:
				order.append(path)
	return order


def _copy_module(source, target_dir):
	name = source.name
	if name.endswith(".xz"):
		name = name[:-len(".xz")]
		(target_dir / name).write_bytes(lzma.open(source).read())
	else:
		shutil.copy(source, target_dir / name)
	return name


def build(kernel, init):
	"""Make KERNEL/initramfs.img afresh (half a second) and return its path."""
	image = kernel.dir / "initramfs.img"
	with host.fresh_dir(kernel.dir / "initramfs") as work:
		for sub in ("bin", "modules", "proc", "sys", "dev", "run", "root"):
			(work / sub).mkdir()
		empty = work / "run"
		shutil.copy(shutil.which("busybox", path=host.search_path()), work / "bin/busybox")
		names = [_copy_module(path, work / "modules") for path in _load_order(kernel, empty)]
		(work / "modules/order").write_text("\n".join(names) + "\n")
		shutil.copy(init, work / "init")
		(work / "init").chmod(0o755)
	return _pack(kernel.dir / "initramfs", image)


def _pack(tree, image):
	files = sorted(str(p.relative_to(tree)) for p in tree.rglob("*"))
	with open(image, "wb") as out:
		done = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=tree,
				      input="\n".join(files) + "\n", encoding="utf-8", stdout=out)
	shutil.rmtree(tree)
	if done.returncode:
		raise Unavailable("cpio could not pack the initramfs")
	return image
