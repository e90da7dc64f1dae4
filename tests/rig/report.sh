# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by ./check: runs steps one after the other, writes what they print into log files, and
# keeps the list of results.

passed=()
failed=()
skipped=()
allowed_skips=() # globs
strict_skips=0   # any skip but the allowed ones is a failure
child=

pass()
{
	passed+=("$1")
	printf 'PASS  %s\n' "$1"
}

fail() # NAME [LOG [LINES]]
{
	failed+=("$1")
	printf 'FAIL  %s\n' "$1"
	[ -z "${2-}" ] || [ ! -f "$2" ] || tail -n "${3:-40}" "$2" | sed 's/^/      | /'
}

skip() # NAME REASON
{
	local glob

	if [ "$strict_skips" -eq 1 ]; then
		for glob in "${allowed_skips[@]}"; do
			# shellcheck disable=SC2053
			[[ $1 == $glob ]] && break
			glob=
		done
		if [ -z "${glob-}" ]; then
			fail "$1 (skipped: $2)"
			return
		fi
	fi
	skipped+=("$1: $2")
	printf 'SKIP  %s: %s\n' "$1" "$2"
}

allow_skip() # NAME, or a file with one a line
{
	local line

	strict_skips=1
	if [ ! -f "$1" ]; then
		allowed_skips+=("$1")
		return
	fi
	while IFS= read -r line; do
		line=${line%%#*}
		line=${line%"${line##*[! ]}"}
		[ -z "$line" ] || allowed_skips+=("$line")
	done <"$1"
}

# In the background, so that a signal is not kept waiting; a process group of its own by timeout,
# which hands the signal on. Sets $status.
run_child() # LOG SECONDS COMMAND...
{
	local log=$1 seconds=$2

	shift 2
	timeout --kill-after=30 "$seconds" "$@" >"$log" 2>&1 </dev/null &
	child=$!
	wait "$child"
	status=$?
	child=
	[ "$status" -ne 124 ] || echo "timed out after $seconds s" >>"$log"
}

stop_child()
{
	[ -n "$child" ] || return 0
	kill -TERM "$child" 2>/dev/null
	wait "$child" 2>/dev/null
	child=
}

# A step that passes or fails as a whole.
step() # NAME LOG SECONDS COMMAND...
{
	local name=$1 log=$2 seconds=$3

	shift 3
	run_child "$log" "$seconds" "$@"
	if [ "$status" -eq 0 ]; then
		pass "$name"
	else
		fail "$name" "$log"
	fi
	return "$status"
}

# A step that speaks TAP: each of its lines is a result.
tap_step() # NAME LOG SECONDS COMMAND...
{
	local name=$1 log=$2 seconds=$3

	shift 3
	run_child "$log" "$seconds" "$@"
	tap_results "$name" "$log" "$status"
}

tap_results() # NAME LOG STATUS
{
	local name=$1 log=$2 line text results=0 bad=${#failed[@]} plan=

	while IFS= read -r line; do
		case $line in
		"1..0 # SKIP "* | "1..0 # skip "*)
			skip "$name" "${line#1..0 # ???? }"
			return
			;;
		"1.."*)
			plan=${line#1..}
			plan=${plan%% *}
			;;
		"ok "*" # SKIP "* | "ok "*" # skip "*)
			text=${line#ok * - }
			skip "$name: ${text%% # [Ss][Kk][Ii][Pp] *}" "${text##* # [Ss][Kk][Ii][Pp] }"
			results=$((results + 1))
			;;
		"ok "*)
			pass "$name: ${line#ok * - }"
			results=$((results + 1))
			;;
		"not ok "*)
			fail "$name: ${line#not ok * - }"
			results=$((results + 1))
			;;
		"#"*)
			[ "${#failed[@]}" -eq "$bad" ] || printf '      |%s\n' "${line#\#}"
			;;
		esac
	done <"$log"
	if [ "$plan" != "$results" ]; then
		fail "$name: ran to its end" "$log"
	elif [ "$3" -ne 0 ] && [ "${#failed[@]}" -eq "$bad" ]; then
		fail "$name: exit code $3" "$log"
	fi
}

# What automake's parallel harness left: one result in each .trs, cmocka's own skips in the logs.
automake_results() # PREFIX DIRECTORY
{
	local trs name log result line

	while IFS= read -r trs; do
		name=${trs#"$2"/}
		name=${name%.trs}
		log=${trs%.trs}.log
		while read -r line result; do
			result=${result%% *}
			case $result in
			PASS | XFAIL) pass "$1: $name" ;;
			SKIP) skip "$1: $name" "$(tail -n 1 "$log")" ;;
			*) fail "$1: $name" "$log" ;;
			esac
		done < <(grep '^:test-result:' "$trs")
		while read -r line; do
			skip "$1: $name: $line" "the test itself skips"
		done < <(sed -n 's/^\[  SKIPPED \] \([A-Za-z_0-9]*\)$/\1/p' "$log" | sort -u)
	done < <(find "$2" -name '*.trs' -not -path '*/pmemras-*/*' | sort)
}

# The end: what is not right once more, then the one line that counts.
summary()
{
	local line

	echo
	for line in "${failed[@]}"; do
		printf 'failed:  %s\n' "$line"
	done
	for line in "${skipped[@]}"; do
		printf 'skipped: %s\n' "$line"
	done
	printf '%d passed, %d failed, %d skipped\n' "${#passed[@]}" "${#failed[@]}" "${#skipped[@]}"
	[ "${#failed[@]}" -eq 0 ]
}
