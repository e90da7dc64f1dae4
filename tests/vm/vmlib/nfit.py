# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's own NVDIMM simulator, nfit_test, for the 6.1 guest.

QEMU's NVDIMM has no address range scrub and cannot clear errors; nfit_test has
both, and error injection and DIMM health. Debian ships its source (in linux-source)
but not the modules. They replace the stock ones of the same name, so the guest
gets a kernel folder of its own: hard links to the 6.1 guest's with those swapped.

A few edits are needed to have XFS with DAX on it; each says why, and fails
loudly when the source no longer looks as expected.
"""

import os
import re
import shutil
import subprocess

from . import Unavailable, apt, host, kernel

NEEDED = {"gcc-12": "gcc-12", "make": "make", "xz": "xz-utils"}
SOURCES = ["drivers/nvdimm", "drivers/dax", "drivers/acpi", "drivers/cxl", "tools/testing/nvdimm"]
STOCK = ["libnvdimm", "nfit", "nd_pmem", "nd_btt", "nd_e820", "dax_pmem", "device_dax"]
# Raise this when an edit below changes, so that cached builds are made again.
REVISION = "1"

NVDIMM = "tools/testing/nvdimm/"
EDITS = [
	# The headers' tree has no drivers: look for their private headers in the source.
	(NVDIMM + "Kbuild", r"\$\(srctree\)/drivers/", r"@SOURCE@/drivers/"),
	(NVDIMM + "test/Kbuild", r"\$\(srctree\)/drivers/", r"@SOURCE@/drivers/"),
	# mkfs.xfs wants at least 300 MB.
	(NVDIMM + "test/nfit.c", r"(\bSPA[01]_SIZE = )DIMM_SIZE(\*2)?,", r"\1SZ_512M,"),
	# Without these flags DAX takes the page for ordinary memory, and mmap hits a BUG.
	(NVDIMM + "pmem-dax.c", r"page_to_pfn_t\(page\)",
	 r"pfn_to_pfn_t(page_to_pfn(page) | PFN_DEV | PFN_MAP)"),
	# The real driver lets a recovery write pass; otherwise no DAX write ever clears.
	(NVDIMM + "pmem-dax.c", r"if \(unlikely\(is_bad_pmem\(",
	 r"if (mode != DAX_RECOVERY_WRITE && unlikely(is_bad_pmem("),
]


def _edit(source):
	for name, pattern, replacement in EDITS:
		path = source / name
		replacement = replacement.replace("@SOURCE@", str(source).replace("\\", r"\\"))
		text, count = re.subn(pattern, replacement, path.read_text())
		if not count:
			raise Unavailable("the kernel's %s is not as nfit.py knows it" % name)
		path.write_text(text)


def _unpack_source(archive, dest):
	host.say("unpacking nfit_test's source")
	with subprocess.Popen(["xz", "-dc", "-T1", str(archive)], stdout=subprocess.PIPE) as plain:
		top = archive.name[:-len(".tar.xz")]
		done = subprocess.run(["tar", "-x", "-C", str(dest), "--strip-components=1"] +
				      ["%s/%s" % (top, s) for s in SOURCES],
				      stdin=plain.stdout, capture_output=True, text=True)
	if done.returncode:
		raise Unavailable("unpacking %s: %s" % (archive.name, done.stderr.strip()))


def _relocate(tree, headers):
	"""The headers' package names its own files by absolute path: point it here."""
	makefile = headers / "Makefile"
	makefile.write_text(makefile.read_text().replace(" /usr/src/", " %s/usr/src/" % tree))


def _compile(cache, work, stock):
	tree, source = work / "unpacked", work / "source"
	source.mkdir()
	flavour = stock.version
	common = flavour.replace("-amd64", "-common")
	root = apt.Root(cache, "bookworm")
	root.unpack(["linux-headers-" + flavour, "linux-headers-" + common, "linux-kbuild-6.1",
		     "linux-source-6.1"], tree)
	_unpack_source(tree / "usr/src/linux-source-6.1.tar.xz", source)
	_edit(source)
	headers = tree / "usr/src" / ("linux-headers-" + flavour)
	_relocate(tree, headers)
	host.say("compiling nfit_test (about half a minute)")
	host.run(["make", "-j2", "-C", headers, "M=%s" % (source / "tools/testing/nvdimm"), "modules"],
		 log=work / "build.log")
	return sorted((source / "tools/testing/nvdimm").rglob("*.ko"))


def _swap(stock, built, work):
	"""The stock modules, hard-linked, with the built ones in the place of theirs."""
	target = work / "lib/modules" / stock.version
	shutil.copytree(stock.modules, target, copy_function=os.link, symlinks=True)
	for old in target.rglob("*.ko"):
		if old.stem.replace("-", "_") in STOCK:
			old.unlink()
	(target / "updates").mkdir()
	for module in built:
		shutil.copy(module, target / "updates" / module.name)
	for index in target.glob("modules.*"):
		# depmod writes in place: never through a link into the stock folder
		if index.is_file():
			copy = index.read_bytes()
			index.unlink()
			index.write_bytes(copy)
	os.link(stock.image, work / "vmlinuz")
	(work / "version").write_text(stock.version + "\n")
	(work / "package").write_text(stock.package_version + "\n")
	(work / "revision").write_text(REVISION + "\n")
	host.run(["depmod", "-b", work, stock.version])


def _is_current(final, stock):
	try:
		return (final / "revision").read_text().strip() == REVISION and \
			kernel.Kernel(final).package_version == stock.package_version
	except OSError:
		return False


def build(cache, stock, install=False):
	"""The nfit_test kernel folder that belongs to a stock 6.1 kernel."""
	final = cache / "kernels" / "nfit"
	if _is_current(final, stock):
		return kernel.Kernel(final)
	host.require(NEEDED, install)
	host.require_space(cache, 3000)
	with host.fresh_dir(final) as work:
		built = _compile(cache, work, stock)
		if not any(m.name == "nfit_test.ko" for m in built):
			raise Unavailable("the build made no nfit_test.ko (%s/build.log)" % work)
		_swap(stock, built, work)
		shutil.rmtree(work / "unpacked")
		shutil.rmtree(work / "source")
	return kernel.Kernel(final)
