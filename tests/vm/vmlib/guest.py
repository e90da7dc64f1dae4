# SPDX-License-Identifier: GPL-2.0-or-later
"""One guest: QEMU's command line, the control channel and the time limit.

A guest has three ways out: the serial console (a file), a 9p folder shared with
the host, and a virtio serial port on which it speaks lines:

  tap TEXT       a line of TAP                                     no answer
  monitor CMD    run CMD on QEMU's monitor                         ok | refused | failed TEXT
  reboot         start me again, one phase on, memory kept         ok
  done STATUS    the test has ended                                ok

Of the monitor only machine checks and NMIs are to be had: a guest must not be
able to reach the host by it. A guest that says nothing more is ended when its
time is up, by its process id.
"""

import ctypes
import json
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from . import host, sysimage

MONITOR_ALLOWED = re.compile(r"mce( -b)?( (0x[0-9a-fA-F]{1,16}|\d{1,20})){6}|nmi")
CPU = "max,vendor=GenuineIntel,family=6,model=85,stepping=7"
# 1024 MiB of memory and 2 MiB of labels: otherwise the kernel calls it misaligned.
NVDIMM_MIB = 1026
# Attempts at a boot that ends before the test has said anything.
BOOTS = 3


def _die_with_parent():
	"""In the child: be killed when the driver dies, however it dies."""
	ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _qemu_path(path):
	return str(path).replace(",", ",,")


class Monitor:
	"""QEMU's machine protocol, as far as it takes to pass on one command."""

	def __init__(self, path):
		self.sock = socket.socket(socket.AF_UNIX)
		self.sock.settimeout(30)
		self.sock.connect(path)
		self.file = self.sock.makefile("rw")
		self.file.readline()
		self._ask({"execute": "qmp_capabilities"})

	def _ask(self, request):
		self.file.write(json.dumps(request) + "\n")
		self.file.flush()
		while True:
			line = self.file.readline()
			if not line:
				raise OSError("the monitor hung up")
			answer = json.loads(line)
			if "return" in answer or "error" in answer:
				return answer

	def command(self, text):
		"""Run one line; returns what QEMU had to say, empty when content."""
		answer = self._ask({"execute": "human-monitor-command",
				    "arguments": {"command-line": text}})
		if "error" in answer:
			return answer["error"].get("desc", "error")
		return answer["return"].strip()


class Guest:
	"""What a boot needs; run() boots as often as the test asks for."""

	def __init__(self, name, kernel, initramfs, out, env):
		self.name = name
		self.kernel = kernel
		self.initramfs = initramfs
		self.out = pathlib.Path(out)
		self.env = env
		self.nvdimms = 1
		self.memory = "2G"
		self.cpus = 2
		self.timeout = 300
		self.disk = None
		self.append = ""
		self.phase = 1
		self.spoke = False

	def run(self, on_tap):
		"""Run the test to its end.

		Returns (status, reason): the test's own exit status, or None and why
		there is none. on_tap(line) is called for each TAP line as it comes.
		"""
		deadline = time.monotonic() + self.timeout
		scratch = tempfile.mkdtemp(prefix="pmemras-vm-")
		try:
			self._make_memory(scratch)
			boots = 1
			while True:
				self.spoke = False
				status, reason, again = self._boot(scratch, deadline, on_tap)
				if again:
					self.phase += 1
				elif self.spoke or boots >= BOOTS or time.monotonic() >= deadline:
					return status, reason
				else:
					# Software emulation now and then trips over the kernel
					# patching its own code; no test has run by then.
					boots += 1
					host.say("%s did not come up, once more: %s" % (self.name, reason))
		finally:
			shutil.rmtree(scratch, ignore_errors=True)

	def _make_memory(self, scratch):
		for i in range(self.nvdimms):
			with open("%s/nvdimm%d" % (scratch, i), "wb") as f:
				f.truncate(NVDIMM_MIB << 20)
		if self.disk:
			sysimage.copy(self.disk, scratch + "/root")
		with open(scratch + "/state", "wb") as f:
			f.truncate(512 << 20)

	def _command(self, scratch):
		root = "disk" if self.disk else "host"
		append = ("console=ttyS0 panic=-1 mitigations=off random.trust_cpu=on "
			  "pmemras.root=%s %s" % (root, self.append))
		cmd = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
		       "-M", "pc,nvdimm=on", "-accel", "tcg,thread=multi", "-smp", str(self.cpus),
		       "-cpu", CPU, "-m", "%s,slots=%d,maxmem=64G" % (self.memory, max(4, self.nvdimms)),
		       "-no-reboot", "-kernel", str(self.kernel.image),
		       "-initrd", str(self.initramfs), "-append", append,
		       "-chardev", "file,id=console,append=on,path=" + _qemu_path(self.out / "console.log"),
		       "-serial", "chardev:console",
		       "-qmp", "unix:%s/monitor,server=on,wait=off" % scratch,
		       "-device", "virtio-serial-pci",
		       "-chardev", "socket,id=control,path=%s/control,server=on,wait=off" % scratch,
		       "-device", "virtserialport,chardev=control,name=pmemras.control",
		       "-virtfs", "local,path=%s,mount_tag=vmshare,security_model=none"
		       % _qemu_path(self.out)]
		if not self.disk:
			cmd += ["-virtfs", "local,path=/,mount_tag=hostroot,security_model=none,"
				"readonly=on,multidevs=remap"]
		else:
			cmd += ["-drive", "if=none,id=root,format=raw,cache=unsafe,file=%s/root" % scratch,
				"-device", "virtio-blk-pci,drive=root,serial=root",
				"-virtfs", "local,path=%s,mount_tag=kmodules,security_model=none,"
				"readonly=on" % _qemu_path(self.kernel.modules)]
		cmd += ["-drive", "if=none,id=state,format=raw,cache=unsafe,file=%s/state" % scratch,
			"-device", "virtio-blk-pci,drive=state,serial=state"]
		for i in range(self.nvdimms):
			cmd += ["-object", "memory-backend-file,id=m%d,share=on,size=%dM,"
				"mem-path=%s/nvdimm%d" % (i, NVDIMM_MIB, scratch, i),
				"-device", "nvdimm,id=nv%d,memdev=m%d,label-size=2M" % (i, i)]
		return cmd

	def _boot(self, scratch, deadline, on_tap):
		env = dict(self.env, VM_PHASE=str(self.phase))
		(self.out / "env").write_text("".join("%s=%s\n" % (k, shlex.quote(str(v)))
						      for k, v in env.items()))
		for stale in ("monitor", "control"):
			pathlib.Path(scratch, stale).unlink(missing_ok=True)
		with open(self.out / "qemu.log", "a") as log:
			log.write(shlex.join(self._command(scratch)) + "\n")
			log.flush()
			qemu = subprocess.Popen(self._command(scratch), stdin=subprocess.DEVNULL,
						stdout=log, stderr=log, preexec_fn=_die_with_parent,
						env=dict(os.environ, PATH=host.search_path()))
		try:
			return Conversation(self, qemu, scratch, deadline, on_tap).hold()
		finally:
			if qemu.poll() is None:
				qemu.kill()
			qemu.wait()


class Conversation:
	"""The control channel of one boot."""

	def __init__(self, guest, qemu, scratch, deadline, on_tap):
		self.guest = guest
		self.qemu = qemu
		self.scratch = scratch
		self.deadline = deadline
		self.on_tap = on_tap
		self.status = None
		self.again = False

	def hold(self):
		control = self._connect("/control")
		monitor = self._monitor()
		if control is None or monitor is None:
			return None, "QEMU did not start: " + self._last_of("qemu.log"), False
		with control:
			pending = b""
			while True:
				left = self.deadline - time.monotonic()
				if left <= 0:
					return None, "time is up (%d s)" % self.guest.timeout, False
				if not select.select([control], [], [], min(left, 1.0))[0]:
					if self.qemu.poll() is not None:
						break
					continue
				data = control.recv(65536)
				if not data:
					break
				*lines, pending = (pending + data).split(b"\n")
				for line in lines:
					self._line(line.decode("utf-8", "replace"), control, monitor)
		self._wait_for_exit()
		if self.again:
			return None, "", True
		if self.status is None:
			return None, "the guest stopped before the test's end: " + \
				self._last_of("console.log"), False
		return self.status, "", False

	def _line(self, line, control, monitor):
		self.guest.spoke = True
		word, _, rest = line.partition(" ")
		if word == "tap":
			self.on_tap(rest)
			return
		if word == "monitor":
			answer = self._pass_on(rest, monitor)
		elif word == "reboot":
			self.again, answer = True, "ok"
		elif word == "done" and rest.isdigit():
			self.status, answer = int(rest), "ok"
		else:
			answer = "refused"
		with open(self.guest.out / "requests.log", "a") as log:
			log.write("%.3f phase %d: %s -> %s\n"
				  % (time.time(), self.guest.phase, line, answer))
		control.sendall(answer.encode() + b"\n")

	def _pass_on(self, command, monitor):
		if not MONITOR_ALLOWED.fullmatch(command):
			return "refused"
		said = monitor.command(command)
		return "failed " + said.replace("\n", " ") if said else "ok"

	def _connect(self, name):
		while time.monotonic() < self.deadline and self.qemu.poll() is None:
			sock = socket.socket(socket.AF_UNIX)
			try:
				sock.connect(self.scratch + name)
				return sock
			except OSError:
				sock.close()
				time.sleep(0.1)
		return None

	def _monitor(self):
		try:
			return Monitor(self.scratch + "/monitor")
		except OSError:
			return None

	def _wait_for_exit(self):
		"""The test is over: a guest gets a little time to power off."""
		try:
			self.qemu.wait(max(1.0, min(60.0, self.deadline - time.monotonic())))
		except subprocess.TimeoutExpired:
			pass

	def _last_of(self, name):
		"""A log's last line, or the line in which the kernel says why it stopped."""
		try:
			lines = (self.guest.out / name).read_text(errors="replace").strip().splitlines()
		except OSError:
			lines = []
		panics = [line for line in lines if "Kernel panic" in line or "pmemras-vm: init:" in line]
		return (panics or lines or ["it said nothing"])[-1].strip()
