#!/bin/bash
# Runs every command under limits that the system sets: tests/run-limits.sh PROGRAM PROCESSORS REFUSE
#
# Address space (ulimit -v) from less than the loader needs to more than enough; stacks (ulimit -s) of less than is needed,
# and just that; few processes (ulimit -u), where threads are asked for; and on a machine that seems to have 64 processors,
# which PROCESSORS (tests/limits/processors.c, built to be preloaded) says. Within 20 seconds a command succeeds or ends
# with exit code 1 and one sentence of its own. Below what the loader needs, its own words will do. With the most memory or
# stack all succeed, and so they do with --threads 1 where the system has no more processes.
#
# Then single allocations of the whole process are refused, libraries included (REFUSE, built from tests/limits/refuse.c),
# the k-th or all from there on, with ever larger steps of k. The same endings are right.
if [ $# -ne 3 ]; then
	echo "usage: tests/run-limits.sh PROGRAM PROCESSORS REFUSE" >&2
	exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-limits.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/fltrain" # where another user can run it
processors=$(realpath "$2") refuse=$(realpath "$3")
chmod 755 "$work"
export processors refuse
cd "$work" || exit 1
mkdir results refused
awk -v n=60 -f "$root/tests/cli/rows.awk" >rows.csv
awk -v n=400 -f "$root/tests/cli/rows.awk" >more.csv
quick='-q --preset fast --hidden 4 --epochs 1'
# So many weights that OpenBLAS multiplies, if it knows this processor (LARGE in src/nn/kernels_*.c).
wide=800,800
if grep -q avx512vl /proc/cpuinfo; then wide=2050,2050; fi
# shellcheck disable=SC2086
./fltrain $quick -o model.safetensors --json report.json rows.csv >log 2>&1 || { cat log && exit 1; }

commands=(
	"--version"
	"$quick --no-model rows.csv"
	"$quick --no-model --members 3 more.csv"
	"check -q --test rows.csv more.csv"
	"compare $quick --folds 2 --repeats 1 more.csv"
	"cv $quick --folds 2 --repeats 1 more.csv"
	"predict -q model.safetensors more.csv"
	"evaluate -q model.safetensors more.csv"
	"explain -q --repeats 1 --sample 100 model.safetensors more.csv"
	"inspect model.safetensors"
	"report -o - report.json"
)
wide_command="-q --preset fast --hidden $wide --epochs 1 --no-model rows.csv"

# The same limit for prlimit, which needs no memory once it has set it; a shell may need some, and fail by itself.
option_of()
{
	case "$1 $2" in
	'-u '*) echo "--nproc=$2" ;;
	'-s '*) echo "--stack=$(($2 * 1024))" ;;
	*unlimited) echo --as=unlimited ;;
	*) echo "--as=$(($2 * 1024))" ;;
	esac
}

# run_one NUMBER LIMIT MOST PROCESSORS ARGUMENT...: one run under `ulimit LIMIT MOST`, and what was wrong with it. A user
# of its own has no processes but this one, and root no limit of them.
run_one()
{
	local number=$1 limit=$2 most=$3 count=$4 as_user=() status wrong='' preload=()
	shift 4
	if [ "$limit" = -u ] && [ "$(id -u)" = 0 ]; then
		as_user=(setpriv --reuid $((50000 + number)) --regid 50000 --clear-groups)
	fi
	if [ "$count" -gt 0 ]; then preload=(env LD_PRELOAD="$processors" PROCESSORS="$count"); fi
	timeout -s KILL 20 "${as_user[@]}" prlimit "$(option_of "$limit" "$most")" \
		"${preload[@]}" ./fltrain "$@" >"results/$number.out" 2>"results/$number.err"
	status=$?
	case $status in
	0) grep -q '^fltrain: ' "results/$number.err" && wrong='it succeeded with an error' ;;
	1) [ "$(grep -c '^fltrain: ' "results/$number.err") $(wc -l <"results/$number.err")" = '1 1' ] || wrong='its message' ;;
	127) [ "$limit" = -v ] && [ "$most" -lt 16000 ] && grep -q 'shared librar' "results/$number.err" || wrong='exit 127' ;;
	137) wrong='it did not end' ;;
	*) wrong="exit $status" ;;
	esac
	if [ $status -ne 0 ] && { [[ "$limit $most" = @(-v unlimited|-s 128) ]] || [[ " $* " = *' --threads 1 '* ]]; }; then wrong="exit $status"; fi
	if [ -n "$wrong" ]; then
		echo "FAILED  ulimit $limit $most, $count processors: fltrain $*: $wrong"
		head -c 300 "results/$number.err"
	fi >"results/$number"
}

# refuse_each NUMBER MODE ARGUMENT...: runs with the k-th allocation refused, MODE also all behind it, until there is no
# k-th; then what was wrong, and the number of runs.
refuse_each()
{
	local number=$1 mode=$2 k status text wrong n=0
	shift 2
	for ((k = 1;; k += k < 20 ? 1 : 1 + k / 6)); do
		text=$(timeout -s KILL 20 env LD_PRELOAD="$refuse" REFUSED="$k" REFUSE_MODE="$mode" ./fltrain "$@" 2>&1 >/dev/null 9>"mark$number")
		status=$? wrong=
		[ -s "mark$number" ] || break
		case "$status $text" in
		'0 ') ;;
		'1 fltrain: '*) [ "$(wc -l <<<"$text")" = 1 ] || wrong='its message' ;;
		*) wrong="exit $status" ;;
		esac
		n=$((n + 1))
		if [ -n "$wrong" ]; then echo "FAILED  allocation $k refused, $mode: fltrain $*: $wrong: $text"; fi
	done >"refused/$number"
	[ $n -gt 0 ] && echo "$n" >"refused/$number.n"
}
export -f option_of run_one refuse_each

number=0
run() { number=$((number + 1)) && echo "$number $*"; }
{
	for most in 4000 9000 12000 14000 16000 18000 21000 25000 30000 50000 90000 130000 180000 260000 unlimited; do
		for command in "${commands[@]}"; do run -v "$most" 0 "$command"; done
	done
	for most in 20000 40000 80000 150000 220000 350000 500000 unlimited; do run -v "$most" 0 "$wide_command"; done
	for most in 20000 200000 1000000 4000000 unlimited; do
		for command in "${commands[1]}" "${commands[6]}" "$wide_command"; do run -v "$most" 64 "$command"; done
	done
	for most in 48 64 127 128; do
		for command in "${commands[@]}" "$wide_command"; do run -s "$most" 0 "$command --threads 4"; done
	done
	for most in 1 2 3; do
		for command in "${commands[@]:1:7}" "$wide_command"; do
			run -u "$most" 0 "$command --threads 4"
			run -u "$most" 0 "$command --threads 1"
		done
		run -u "$most" 0 --version
	done
} >runs
xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run_one {}' <runs
for command in "${commands[@]:1}"; do
	for mode in one all; do run "$mode" "$command"; done
done >refusals
xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'refuse_each {}' <refusals
cat results/*[0-9] refused/*[0-9]
lost=$(($(wc -l <runs) + $(wc -l <refusals) - $(find results -name '*[0-9]' | wc -l) - $(find refused -name '*.n' | wc -l)))
failed=$(($(cat results/*[0-9] refused/*[0-9] | grep -c '^FAILED') + lost))
total=$(($(wc -l <runs) + $(cat refused/*.n | awk '{ n += $1 } END { print n }')))
echo "limits: $((total - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
