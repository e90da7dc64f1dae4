#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes go one way: core < sys < store < the public library, the daemon, the command line; the
# last two know nothing of each other. Core includes no header of the kernel or of system calls either.
. "${srcdir:-.}/tests/arch.sh"

# layers ROOT
layers() {
	for file in $(sources "$1" lib daemon cli); do
		sed -n 's/^[ \t]*#[ \t]*include[ \t]*\(["<][^">]*\)[">].*/\1/p' "$1/$file" |
			sed "s|^|$file |"
	done >"$scratch/includes"
	sources "$1" lib daemon cli >"$scratch/files"
	awk '
	BEGIN {
		may["lib/core"] = "lib/core"
		may["lib/sys"] = "lib/core lib/sys"
		may["lib/store"] = "lib/core lib/sys lib/store"
		may["lib"] = "lib/core lib/sys lib/store lib"
		may["daemon"] = "lib/core lib/sys lib/store lib daemon"
		may["cli"] = "lib/core lib/sys lib/store lib cli"
		n = split("lib/core lib/sys lib/store lib", path, " ")
	}
	function dirname(file) {
		sub(/\/[^\/]*$/, "", file)
		return file
	}
	function normal(file) {
		while (sub(/[^\/.]+\/\.\.\//, "", file) || sub(/(^|\/)\.\//, "/", file))
			;
		sub(/^\//, "", file)
		return file
	}
	# where the compiler finds it: beside the file, then along -I
	function found(from, name,   i, file) {
		file = normal(dirname(from) "/" name)
		if (file in files)
			return file
		for (i = 1; i <= n; i++) {
			file = normal(path[i] "/" name)
			if (file in files)
				return file
		}
		return ""
	}
	FNR == NR {
		files[$1] = 1
		if (!(dirname($1) in may))
			print "VIOLATION: " $1 ": a directory without a place in the layers"
		next
	}
	{
		name = substr($2, 2)
		if ($2 ~ /^"/ && name == "config.h")
			next
		if ($2 ~ /^</) {
			if (dirname($1) == "lib/core" &&
			    name ~ /^(linux|asm|xfs)\/|^sys\/(ioctl|mman|mount|statfs|syscall|time|wait)\.h$|^(unistd|fcntl|dirent|poll|signal|syslog|time|pthread)\.h$/)
				print "VIOLATION: " $1 " includes <" name ">: core is pure"
			next
		}
		file = found($1, name)
		if (file == "")
			print "VIOLATION: " $1 " includes \"" name "\", which is none of our headers"
		else if (index(" " may[dirname($1)] " ", " " dirname(file) " ") == 0)
			print "VIOLATION: " $1 " includes " file
	}' "$scratch/files" "$scratch/includes"
}

real layers "$srcdir"
[ "$(wc -l <"$scratch/includes")" -gt 50 ] || {
	echo "only $(wc -l <"$scratch/includes") includes seen" >&2
	exit 1
}

# who | includes | the violation, nothing: harmless
while IFS='|' read -r file include expected; do
	unplant
	for name in lib/core/c.h lib/sys/s.h lib/store/t.h lib/pmemras.h daemon/d.h cli/l.h; do
		echo '#include <stdint.h>' | plant $name
	done
	printf '\t # include %s /* x */\n' "$include" | plant "$file"
	if [ -n "$expected" ]; then
		planted "$expected" layers "$scratch/plant"
	else
		harmless layers "$scratch/plant"
	fi
done <<'END'
lib/core/a.c|"c.h"|
lib/core/a.c|"config.h"|
lib/core/a.c|"s.h"|lib/core/a.c includes lib/sys/s.h
lib/core/a.h|"../store/t.h"|lib/core/a.h includes lib/store/t.h
lib/core/a.c|"pmemras.h"|lib/core/a.c includes lib/pmemras.h
lib/core/a.c|"../../daemon/d.h"|lib/core/a.c includes daemon/d.h
lib/core/a.c|"../.././cli/l.h"|lib/core/a.c includes cli/l.h
lib/core/a.c|<unistd.h>|includes <unistd.h>
lib/core/a.c|<linux/fsmap.h>|includes <linux/fsmap.h>
lib/core/a.c|<string.h>|
lib/sys/a.c|"c.h"|
lib/sys/a.c|<linux/fsmap.h>|
lib/sys/a.c|"store/t.h"|lib/sys/a.c includes lib/store/t.h
lib/store/a.c|"s.h"|
lib/store/a.c|"pmemras.h"|lib/store/a.c includes lib/pmemras.h
lib/pmemras.c|"t.h"|
lib/pmemras.c|"../cli/l.h"|lib/pmemras.c includes cli/l.h
daemon/a.c|"t.h"|
daemon/a.c|"../cli/l.h"|daemon/a.c includes cli/l.h
cli/a.c|"pmemras.h"|
cli/a.c|"../daemon/d.h"|cli/a.c includes daemon/d.h
cli/a.c|"d.h"|which is none of our headers
lib/util/a.c|<string.h>|without a place in the layers
END
