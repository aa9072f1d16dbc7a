#!/bin/bash
# Kills trainings and studies at random moments and goes on with each: tests/kill.sh PROGRAM
#
# A training, cross-validation or comparison is started, killed by SIGHUP, SIGINT, SIGTERM or SIGKILL at a random moment, taken up, killed again, until one ends
# by itself. Then the model, the predictions, the log, the JSON (but for the seconds), and of studies the report and the
# curves, must be those of the one that nobody killed, byte for byte. On the way no file may be seen that is not whole: what --resume refuses fails, and
# so does a file under a temporary name after all but SIGKILL. KILLS is how many, SEED names their moments.

program=$(realpath "$1")
tests=$(realpath "$(dirname "$0")")
kills=${KILLS:-200}
RANDOM=${SEED:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
awk -v n=600 -f "$tests/cli/rows.awk" >rows.csv
awk -v n=15500 -f "$tests/cli/rows.awk" >many.csv # so many that a pool stops kinds early

# What each kind is told beside files and threads: a training of one network, with all that has a state, of several, and
# of pools; a cross-validation of single networks, of bags and of pools; a comparison.
kinds=(
	"train --preset fast --epochs 400 --batch 32 --patience 0 --dropout 0.1"
	"cv --preset fast --epochs 100 --batch 32 --patience 0 --ema 0.9 --folds 3 --repeats 2"
	"train --preset fast --epochs 1000 --batch 32 --patience 0 --ema 0.9 --embedding pbld --hidden 24"
	"train --preset fast --epochs 2000 --batch 64 --patience 500 --optimizer sgd --momentum 0.9 --lr 0.01 --clip 1"
	"compare --epochs 40 --batch 32 --folds 2 --repeats 1 --learning-curve --variant 'focal 1: --loss focal --gamma 1'"
	"train --members 3 --epochs 80 --batch 32"
	"train --members 4 --epochs 300 --recipe embedded --hidden 16,16"
	"cv --members 3 --epochs 40 --batch 32 --folds 3 --repeats 1"
	"train --epochs 20 --batch 32"
	"train --epochs 2"
	"cv --epochs 4 --folds 2 --repeats 1"
)
files=(rows rows rows rows rows rows rows rows rows many rows)

# run KIND OPTION...: in the current folder, by way of the command `killer` if there is one.
killer=()
run()
{
	local kind=$1 words outputs=(-q --json json --log log)
	shift
	case ${kinds[kind]} in
	train*) outputs+=(-o model --predictions predictions) ;;
	cv*) outputs+=(--predictions predictions) ;;
	compare*) outputs+=(--curves curves) ;;
	esac
	eval "words=(${kinds[kind]})"
	"${killer[@]}" "$program" "${words[@]}" "${outputs[@]}" "$@" "../${files[kind]}.csv" >text
}

# results FOLDER: what it left, without the seconds and the command. The report of a training names its seconds in many places.
results()
{
	local name
	sed 's/"seconds":{[^}]*}//g; s/,"reproduce":.*//' "$1/json"
	for name in model predictions log curves; do [ ! -e "$1/$name" ] || cat "$1/$name"; done
	[ -e "$1/model" ] || sed 's/took .* times as long/took N times as long/; s/ [0-9.]* [a-z]* *[0-9.]* us$/ N/' "$1/text"
}

milliseconds() { date +%s%3N; }

lasts=()
for kind in "${!kinds[@]}"; do
	mkdir "whole$kind" && cd "whole$kind" || exit 1
	began=$(milliseconds)
	run "$kind" --threads 1 || exit 1
	lasts[kind]=$(($(milliseconds) - began))
	cd ..
	results "whole$kind" >"whole$kind.all"
done

passed=0 failed=0 in_training=0 left=0
declare -A by_signal

# fail KIND WHAT: says it, and lets all kills of this training count as failed
fail()
{
	echo "FAILED  kind $1 (${kinds[$1]}): $2"
	sed 's/^/    /' errors
	is_good=
}

# kill_once KIND: one more run of the training in the current folder, killed after a random part of the whole's time.
# Sets is_ended.
kill_once()
{
	local kind=$1 signals=(HUP INT TERM KILL) how=--checkpoint before='' status delay signal names
	signal=${signals[RANDOM % 4]}
	delay=$((RANDOM * (lasts[kind] * 11 / 10) / 32768))
	[ -e state ] && how=--resume && before=$(cksum <state)
	killer=(timeout --foreground --preserve-status -s "$signal" "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))")
	run "$kind" --threads $((1 + RANDOM % 2)) "$how" state 2>errors
	status=$?
	killer=()
	case "$signal $status" in
	*" 0")
		is_ended=yes
		[ -e state ] && fail "$kind" "it ended, and its checkpoint is still there"
		return
		;;
	"HUP 129" | "INT 130" | "TERM 143" | "KILL 137") ;;
	*)
		fail "$kind" "SIG$signal after $delay ms: exit code $status"
		is_ended=yes
		return
		;;
	esac
	n_kills=$((n_kills + 1))
	by_signal[$signal]=$((${by_signal[$signal]} + 1))
	if [ -e state ] && [ "$before" != "$(cksum <state)" ] && grep -q -a '"\(training[0-9]*\.\)\?network[0-9]*\.params"' state; then
		in_training=$((in_training + 1))
	fi
	names=$(find . -name '.fltrain-*')
	if [ -n "$names" ] && [ "$signal" = KILL ]; then
		left=$((left + 1))
		find . -name '.fltrain-*' -delete
	elif [ -n "$names" ]; then
		fail "$kind" "SIG$signal after $delay ms left $names"
	fi
}

began=$(milliseconds)
for ((turn = 0; passed + failed < kills; turn++)); do
	kind=$((turn % ${#kinds[@]}))
	n_kills=0 is_ended='' is_good=yes
	rm -rf run && mkdir run && cd run || exit 1
	: >errors
	while [ -z "$is_ended" ] && [ $((passed + failed + n_kills)) -lt "$kills" ]; do
		kill_once "$kind"
	done
	if [ -z "$is_ended" ]; then
		how=--checkpoint
		[ -e state ] && how=--resume
		run "$kind" "$how" state 2>errors || fail "$kind" "the last run of it: exit code $?"
	fi
	cd ..
	if [ -n "$is_good" ] && ! results run | cmp -s - "whole$kind.all"; then
		cp run/errors errors
		fail "$kind" "after $n_kills kills it ended in something else than without"
	fi
	if [ -n "$is_good" ]; then passed=$((passed + n_kills)); else failed=$((failed + n_kills + (n_kills == 0))); fi
done
echo "$((turn)) trainings of ${lasts[*]} ms: ${by_signal[HUP]:-0} SIGHUP, ${by_signal[INT]:-0} SIGINT, ${by_signal[TERM]:-0} SIGTERM," \
	"${by_signal[KILL]:-0} SIGKILL; $in_training of $kills moved the state on;" \
	"$left temporary names after SIGKILL; $((($(milliseconds) - began) / 1000)) s"
echo "kills: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
