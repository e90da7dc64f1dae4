# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by ./check and ./demo: which packages they need, how to get them, and how to become root.

# shellcheck disable=SC2034
packages_build=(autoconf automake gcc libc6-dev libtool make pkg-config xz-utils
	libblkid-dev libdevmapper-dev libeconf-dev libjson-c-dev libmount-dev libndctl-dev libsmartcols-dev
	libsqlite3-dev libssl-dev libsystemd-dev libtraceevent-dev libtracefs-dev libudev-dev uuid-dev xfslibs-dev)
packages_loop=(python3-minimal libpython3-stdlib util-linux mount xfsprogs)
packages_check=(binutils e2fsprogs fdisk git libcmocka-dev man-db procps shellcheck sqlite3 strace)
# Beyond 25 minutes: fuzzing and machines
packages_full=(clang llvm)

# The programs that stand for the packages where there is no dpkg.
tools_build=(autoreconf automake gcc libtoolize make pkg-config xz)
tools_loop=(python3 losetup mount xfs_io mkfs.xfs)
libraries_build=(blkid json-c libcrypto libeconf libsystemd libudev mount smartcols sqlite3)

PATH=$PATH:/usr/sbin:/sbin

# real_python: the interpreter itself first, where python3 is a version manager's script that
# takes ten times as long to start
real_python()
{
	local found

	found=$(python3 -c 'import os, sys; print(os.path.dirname(sys.executable))' 2>/dev/null) &&
		[ -x "$found/python3" ] && PATH=$found:$PATH
}

on_debian()
{
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null
}

# missing_packages PACKAGE...: prints those that are not installed
missing_packages()
{
	local package

	for package; do
		dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' ||
			echo "$package"
	done
}

# What is missing on a distribution that is not Debian's kin, in words.
missing_tools()
{
	local name

	for name in "${tools_build[@]}" "${tools_loop[@]}"; do
		command -v "$name" >/dev/null || echo "program $name"
	done
	if command -v pkg-config >/dev/null; then
		for name in "${libraries_build[@]}"; do
			pkg-config --exists "$name" || echo "library $name, with its headers"
		done
	fi
	[ -r /usr/include/xfs/xfs.h ] || echo "header xfs/xfs.h (xfsprogs' development files)"
}

# The way to root as the array as_root: empty where we are root, sudo where there is one. 1: none.
become_root()
{
	as_root=()
	[ "$(id -u)" -eq 0 ] && return 0
	if command -v sudo >/dev/null; then
		as_root=(sudo)
		[ -t 0 ] || as_root=(sudo -n)
		"${as_root[@]}" -v 2>/dev/null && return 0
	fi
	return 1
}

# install_packages LOG PACKAGE...: as root
install_packages()
{
	local log=$1

	shift
	{
		"${as_root[@]}" apt-get update &&
			"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y \
				--no-install-recommends "$@"
	} >>"$log" 2>&1 </dev/null
}

# Sources change during development: configure is made again only where it is older.
prepare_source() # TOP
{
	local file

	if [ -x "$1/configure" ] && [ -f "$1/Makefile.in" ]; then
		for file in "$1"/configure.ac "$1"/Makefile.am "$1"/*/Makemodule.am "$1"/*/*/Makemodule.am; do
			[ "$file" -nt "$1/configure" ] && break
			file=
		done
		[ -n "$file" ] || return 0
	fi
	"$1/autogen.sh"
}
