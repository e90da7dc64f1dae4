#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: fuzz-all.sh SECONDS FUZZER...    (`make fuzz` calls it)
#
# Runs each libFuzzer program for SECONDS, beginning with its seed corpus. What
# it finds on the way stays in ./fuzz-NAME.corpus of the current directory, its
# words in ./fuzz-NAME.log, an input that
# fails in ./fuzz-NAME.failed-*: add that to tests/data/fuzz/NAME.
set -eu
seconds=$1
shift
failed=
for fuzzer; do
	name=$(basename "$fuzzer")
	seeds=${srcdir:-.}/tests/data/fuzz/${name#fuzz-}
	[ -n "$(ls "$seeds")" ] || { echo "$seeds: no seeds" >&2; exit 1; }
	mkdir -p "$name.corpus"
	if "$fuzzer" -max_total_time="$seconds" -max_len=8192 -timeout=20 -print_final_stats=1 \
		-artifact_prefix="$name.failed-" "$name.corpus" "$seeds" >"$name.log" 2>&1; then
		echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$name.log") runs," \
			"$(ls "$name.corpus" | wc -l) inputs kept"
	else
		failed="$failed $name"
		tail -n 40 "$name.log" >&2
	fi
done
[ -z "$failed" ] || { echo "FAILED:$failed" >&2; exit 1; }
