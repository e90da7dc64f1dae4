#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# lib/core is pure: its objects need nothing but memory, strings, numbers and json-c, and have no
# writable global. Whatever is not on the list below is refused, so that a
# system call, a clock, the environment or a log message cannot slip in.
. "${srcdir:-.}/tests/arch.sh"

allowed='
malloc calloc realloc reallocarray free
memchr memcmp memcpy memmem memmove memrchr memset mempcpy
stpcpy strchr strchrnul strcmp strcpy strcspn strdup strlen strncmp strndup strnlen strpbrk strrchr
strspn strstr
asprintf snprintf sprintf sscanf vasprintf vsnprintf
strtol strtoll strtoul strtoull strtoimax strtoumax __ctype_b_loc __ctype_tolower_loc
__errno_location
qsort qsort_r bsearch
'
# json-c, except what opens files or changes the library for everybody
json='^json_'
json_refused='^json_(object_(from_file|from_fd|to_file|to_fd)|global_set|c_set_|util_get_last_err)'

# What compilers (libgcc: arithmetic, __popcountdi2; what the processor can, __cpu_model) and sanitizers add
# by themselves
compiler='^(\*?\.L|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__tls_get_addr|__unnamed_[0-9]+$|__asan_|___asan_|__ubsan_|__sanitizer_|__sancov_|__odr_asan|__start___sanc|__stop___sanc|__gcov_|llvm_gcda|__llvm_|__[a-z]+[sdt]i[2-4]$|__cpu_model$)'

# core_pure OBJECT-OR-ARCHIVE...
core_pure() {
	$NM -A -f sysv "$@" >"$scratch/nm.out"
	awk -F '|' -v allowed="$allowed" -v json="$json" -v json_refused="$json_refused" \
		-v compiler="$compiler" '
	BEGIN {
		n = split(allowed, words, /[ \n]+/)
		for (i = 1; i <= n; i++)
			ok[words[i]] = 1
	}
	NF >= 7 {
		name = $1
		sub(/[ \t]+$/, "", name)
		object = name
		sub(/:[^:]*$/, "", object)
		sub(/^.*[\/:]/, "", object)
		sub(/^.*:/, "", name)
		class = $3
		section = $7
		gsub(/[ \t]/, "", class)
		gsub(/[ \t]/, "", section)
		sub(/@.*/, "", name)
		if (class ~ /^[Uwv]$/) {
			needs[name] = needs[name] " " object
		} else {
			defined[name] = 1
			# .data.rel.ro: constant tables of pointers, read-only once relocated
			if (class ~ /^[bBdDgGsScC]$/ && section !~ /^\.(data\.rel\.ro|rodata)/ &&
			    name !~ compiler)
				print "VIOLATION: " object ": writable global " name " (" section ")"
		}
		seen++
	}
	END {
		if (!seen)
			print "VIOLATION: no symbols in what was built"
		for (name in needs) {
			# _FORTIFY_SOURCE: __memcpy_chk; newer headers: __isoc23_strtoull
			plain = name
			if (plain ~ /^__.*_chk$/)
				plain = substr(plain, 3, length(plain) - 6)
			sub(/^__isoc(99|23)_/, "", plain)
			if (name in defined || name in ok || plain in ok || name ~ compiler)
				continue
			if (name ~ json && name !~ json_refused)
				continue
			n = split(needs[name], objects, / /)
			for (i = 2; i <= n; i++)
				print "VIOLATION: " objects[i] ": undefined " name
		}
	}' "$scratch/nm.out"
}

# core_whole ROOT ARCHIVE: an object for each .c, or the archive tells nothing about it
core_whole() {
	$NM -A "$2" | sed 's/^[^:]*[:[]\([^]:]*\.l*o\).*/\1/' | sort -u >"$scratch/members"
	for source in $(sources "$1" lib/core); do
		case $source in
		*.c)
			name=$(basename "$source" .c)
			grep -q "^\(.*-\)\{0,1\}$name\.o$" "$scratch/members" ||
				violation "$source is not built"
			;;
		esac
	done
}

object() {
	$CC $ARCH_CPPFLAGS $ARCH_CFLAGS -w -fPIC -c -o "$scratch/plant/$1.o" "$scratch/plant/$1.c"
}

archive=.libs/libpmemras-core.a
real core_pure "$archive"
real core_whole "$srcdir" "$archive"

# name | the violation that must be seen, nothing: harmless | code
unplant
while IFS='|' read -r name expected code; do
	printf '%s\n' "$code" | plant "$name.c"
	object "$name"
	if [ -n "$expected" ]; then
		planted "$expected" core_pure "$scratch/plant/$name.o"
	else
		harmless core_pure "$scratch/plant/$name.o"
	fi
done <<'END'
clock|clock.o: undefined time$|long time(long *); long f(void) { return time(0); }
environment|undefined getenv|char *getenv(const char *); char *f(void) { return getenv("A"); }
file|undefined open|int open(const char *, int, ...); int f(void) { return open("a", 0); }
log|undefined puts|int puts(const char *); int f(void) { return puts("a"); }
stream|undefined stderr|extern void *stderr; void *f(void) { return stderr; }
jsonfile|undefined json_object_from_file|void *json_object_from_file(char *); void *f(void) { return json_object_from_file("a"); }
zeroed|writable global hits|int hits; int f(void) { return hits++; }
set|writable global hits|int hits = 5; int f(void) { return hits++; }
hidden|writable global .*hits|int f(void) { static int hits; return hits++; }
thread|writable global hits|_Thread_local int hits; int f(void) { return hits++; }
pointer|writable global word|const char *word = "a"; const char *f(void) { return word; }
constant||static const char *const words[] = {"a", "b"}; const char *f(int i) { return words[i]; }
useful||void *json_object_new_object(void); void *malloc(unsigned long); void *f(void) { return malloc(9) ? json_object_new_object() : 0; }
END

mkdir -p "$scratch/plant/lib/core"
cp "$srcdir/lib/core/range.c" "$scratch/plant/lib/core/forgotten.c"
planted 'lib/core/forgotten.c is not built' core_whole "$scratch/plant" "$archive"
