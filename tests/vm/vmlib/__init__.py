# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of tests/vm/run, the driver of the test machines.

host      what this machine has: programs, cache, one-guest-at-a-time lock
apt       Debian packages by name, from the machine's own mirror, unpacked only
kernel    a bootable kernel with its modules, from those packages
nfit      nfit_test and friends, built for the 6.1 kernel
initramfs the small root that brings the guest up to the host's files
tree      pmemras itself, built without sanitizers and installed in a folder
sysimage  the forky image with systemd as PID 1
guest     one QEMU: command line, channels, time limit, monitor requests
tap       what the guests say, as one TAP stream
"""


class Unavailable(Exception):
	"""Something a guest needs cannot be had here: skip, and say why."""


class Broken(Exception):
	"""Something of ours does not work: fail, and say what."""
