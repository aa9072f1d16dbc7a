#!/bin/bash
# Several processes that share the work: tests/run-mpi.sh PROGRAM [MPI=PROGRAM]...
#
# PROGRAM is built without MPI; MPI is openmpi or mpich, with the program that its compiler built. What ranks write, on
# any number of them and of threads, is compared byte for byte with what PROGRAM writes alone; ranks differ, fail, are
# killed at random moments and go on as other ranks. KILLS is how many times for each MPI, SEED names the moments. The MPIs
# are tried side by side.

plain=$(realpath "$1")
shift
given=() # MPI=PROGRAM, with its whole path
for each in "$@"; do given+=("${each%%=*}=$(realpath "${each#*=}")"); done
tests=$(realpath "$(dirname "$0")")
kills=${KILLS:-6}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

if [ ${#given[@]} -eq 0 ]; then
	echo "skipped mpi: neither mpicc.openmpi nor mpicc.mpich is installed (make deps-dev)"
	echo "mpi: 0 passed, 0 failed"
	exit 0
fi

# Settings under which ranks of this machine find each other, whoever runs them, and wherever; see src/ranks/README.md.
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_orte_abort_print_stack=0
if [ "$(id -u)" = 0 ]; then export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1; fi

good() { passed=$((passed + 1)); }
bad()
{
	failed=$((failed + 1))
	echo "FAILED  $mpi: $1"
	shift
	[ $# -eq 0 ] || grep -E '^fltrain|^/' "$@" | sed 's/^/    /'
}

# ranks N WORD...: becomes the program with these words as N ranks, in a subshell. What stands in `rank1` is added to the
# words of rank 1, or, behind a "=", replaces the last of them.
rank1=
ranks()
(
	n=$1 launcher=mpirun.openmpi
	shift
	[ "$mpi" = openmpi ] || launcher=mpiexec.mpich
	# shellcheck disable=SC2016
	exec timeout 60 "$launcher" -n "$n" bash -c 'rank=${OMPI_COMM_WORLD_RANK:-$PMI_RANK}; echo $$ >pid.$rank; own=$1; shift
		[ "$rank" = 1 ] || own=; [[ $own != =* ]] || { set -- "${@:1:$#-1}"; own=${own#=}; }; exec "$@" $own' bash "$rank1" "${program:-$plain}" "$@"
) <"${input:-/dev/null}"

# What each kind of work writes; the words of each.
kinds=(
	"train --epochs 6 --batch 64"
	"train --preset fast --epochs 60 --batch 4096"
	"train --members 5 --epochs 40 --batch 32 --validation-fraction 0.2"
	"cv --preset fast --epochs 30 --batch 32 --folds 3 --repeats 2"
	"compare --epochs 12 --batch 32 --folds 2 --repeats 1 --learning-curve"
	"train --epochs 2"
	"train --preset fast --epochs 2 --na wire,never --bad-rows skip"
)
files=(rows many rows rows rows many text)
compared=(model predictions log curves text json)

words_of()
{
	read -ra words <<<"${kinds[$1]}"
	words+=(-q --json json --log log)
	case ${kinds[$1]} in
	train*) words+=(-o model --predictions predictions) ;;
	cv*) words+=(--predictions predictions) ;;
	compare*) words+=(--curves curves) ;;
	esac
}

# In the current folder: what was written, without the seconds. A training names them in many places of its text.
results()
{
	local name
	for name in "${compared[@]}"; do
		[ -e "$name" ] || continue
		case $name in
		json) sed 's/"seconds":{[^}]*}//g; s/,"reproduce":.*//' json ;;
		text) sed -E 's/[0-9.]+ (us|ms|s)\>/N/g; s/took [0-9.]+ times/took N times/; s/[ ]+/ /g' text | grep -v 'N$' ;;
		*) cat "$name" ;;
		esac
	done
}

# Each MPI has a folder of its own to run in.
fresh() { rm -rf "${work:?}/$mpi" && mkdir "$work/$mpi" && cd "$work/$mpi" || exit 1; }

cd "$work" || exit 1
awk -v n=600 -f "$tests/cli/rows.awk" >rows.csv
awk -v n=601 -f "$tests/cli/rows.awk" >other.csv
awk -v n=15500 -f "$tests/cli/rows.awk" >many.csv # so many that a pool stops kinds early
awk -v n=70000 -f "$tests/cli/rows.awk" >long.csv # several batches of a scoring
awk -F, -v OFS=, 'NR > 3000 && NR % 3 == 0 { $4 = "post" } NR > 3000 { $2 *= 100 } { print }' many.csv >changed.csv
awk 'NR == 50000 { print "A50000,1,2" } { print }' long.csv >broken.csv
awk -F, -v OFS=, 'NR == 50000 { $3 = "old" } { print }' long.csv >bad.csv
gzip -k rows.csv
# Several blocks of a file with texts, quotes with line ends, and rows that lack a field; with another byte at its end; and
# with a quote that stays open.
awk 'BEGIN { srand(1); print "code,note,kind,amount,y"
	for (i = 0; i < 60000; i++) {
		note = i % 5 ? "\"a note, " i "\"" : "\"two\nlines of \"\"" i "\"\"\""
		code = i < 40000 ? i % 3000 : "B" i % 3000
		end = i % 9999 == 9998 ? "" : i % 8 == 0 ? ",yes" : ",no"
		print code "," note "," (i % 11 ? "card" : "wire") "," 100 * rand() + 30 * (i % 8 == 0) end
	} }' >text.csv
sed '$ s/no$/yes/' text.csv >changed-end.csv
(head -n 50000 text.csv && echo '7,"open,card,1,no' && tail -n 9000 text.csv) >torn.csv
mpi=none
for kind in "${!kinds[@]}"; do
	fresh
	words_of "$kind"
	"$plain" "${words[@]}" "../${files[kind]}.csv" >text || exit 1
	results >"$work/whole$kind"
	cp -r . "$work/files$kind"
done

# same KIND: whether the current folder holds what one process wrote; shows where it does not.
same() { diff -a <(results | fold -w 100) <(fold -w 100 "$work/whole$1") >differences || { head -n 6 differences && false; }; }

check_bytes()
{
	local kind n more
	for kind in "${!kinds[@]}"; do
		for n in 2 3 "2 --threads 2" "4 --threads 2" "3 -q --cache store" 8; do
			case $kind/$n in
			[1-6]/8 | [25]/2* | [02-5]/4* | [02-6]/3\ * | [16]/"2 "*) continue ;;
			5/*) [ "$mpi" = "${given[0]%%=*}" ] || continue ;; # nothing in it is a matter of the MPI
			esac
			fresh
			words_of "$kind"
			read -ra more <<<"$n"
			ranks "${more[0]}" "${words[@]}" "${more[@]:1}" "../${files[kind]}.csv" >text 2>errors
			if [ -s errors ] || ! same "$kind"; then bad "${kinds[kind]} as $n ranks" errors; else good; fi
		done
	done
}

# refused STATUS SENTENCE N WORD...: that it ends so, with one sentence (a pattern) of the program on stderr, and leaves no
# file.
refused()
{
	local status=$1 sentence=$2 got
	shift 2
	fresh
	ranks "$@" >text 2>errors
	got=$?
	sed -n 's/^fltrain: //p' errors >sentences
	rm -f pid.*
	sed -i "s/($(hostname))/(HOST)/" sentences
	# shellcheck disable=SC2053
	if [ $got != "$status" ] || [[ $(<sentences) != $sentence ]] || [ "$(ls)" != $'errors\nsentences\ntext' ]; then
		bad "expected exit code $status, got $got; expected: $sentence" errors
	else
		good
	fi
}

check_faults()
{
	local train=(train --epochs 2 -q -o model --json json)
	local far=(train -q --preset fast --batch 512 --optimizer sgd --lr 100 --weight-decay 1000 --schedule constant)
	local same="start all ranks with the same"
	rank1="--memory-limit 4M"
	refused 1 "rank 1 (HOST): training needs * MB of memory, more than the limit of 4.0 MB; *, or raise --memory-limit" \
		2 "${train[@]}" ../rows.csv
	rank1="--memory-limit 5M"
	refused 1 "rank 1 (HOST): training needs * MB of memory, more than the limit of 5.0 MB; *, or raise --memory-limit" \
		3 "${train[@]}" --preset fast --batch 4096 ../many.csv
	rank1="--seed 2"
	refused 2 "rank 1 has other options; $same ones, and the same config file" 3 "${train[@]}" ../rows.csv
	rank1="--target day"
	refused 2 "rank 1 has other options; $same ones, and the same config file" 2 "${train[@]}" ../rows.csv
	rank1="../other.csv"
	refused 2 "rank 1 is given more files, or fewer; $same words" 2 "${train[@]}" ../rows.csv
	rank1="=../other.csv"
	refused 3 "rank 1 has read other data; give all ranks the same files" 2 "${train[@]}" ../rows.csv
	rank1="=../changed-end.csv"
	refused 3 "rank 1 has read other data; give all ranks the same files" 3 "${train[@]}" --bad-rows skip ../text.csv
	rank1="=../nowhere.csv"
	refused 3 "rank 1 (HOST): ../nowhere.csv: No such file or directory" 2 "${train[@]}" ../rows.csv
	rank1=
	refused 3 "$(cd "$work/$mpi" && "$plain" train -q --bad-rows skip ../torn.csv 2>&1 | sed 's/^fltrain: //')" 3 "${train[@]}" --bad-rows skip ../torn.csv
	refused 6 "$(cd "$work" && "$plain" "${far[@]}" many.csv 2>&1 >/dev/null | sed 's/^fltrain: //')" 3 "${far[@]}" -o model ../many.csv
	refused 2 "-: only rank 0 of 2 could read stdin; give a file that all ranks can read, or start one process, without mpirun" \
		2 "${train[@]}" -
	refused 3 "../nowhere.csv: No such file or directory" 2 "${train[@]}" ../nowhere.csv
	refused 2 "$(cd "$work" && "$plain" train --epochs 0 rows.csv 2>&1 | sed 's/^fltrain: //')" 2 train --epochs 0 rows.csv
	program=
	refused 2 "was started as 3 processes by mpirun, but is built without MPI; build it with make MPI=1, or start it once, without mpirun" \
		3 "${train[@]}" ../rows.csv
}

# Kills rank 1 of what LAUNCHER has begun, which is made to stand still SECONDS after it began, so that it cannot end before:
# all end, and nothing is left of it but what was printed: expect_death LAUNCHER SECONDS
expect_death()
{
	until [ -s pid.1 ]; do sleep 0.01; done
	sleep "$2"
	kill -STOP "$(cat pid.1)"
	sleep 0.5
	kill -KILL "$(cat pid.1)"
	if wait "$1"; then bad "a rank was killed, and nobody noticed" errors; fi
	wait_for_ranks
	rm -f pid.*
	if [ "$(ls)" = $'errors\ntext' ]; then good; else bad "after a rank was killed: $(ls)" errors; fi
}

# A rank that is killed while the others wait for what it reads.
check_death()
{
	fresh
	ranks 3 train -q --bad-rows skip -o model ../text.csv >text 2>errors &
	expect_death $! 0
}

# Processes of one MPI that the launcher of the other starts do not know of each other.
check_strangers()
{
	local other
	for other in "${given[@]}"; do
		[ "${other%%=*}" != "$mpi" ] || continue
		program=${other#*=}
		refused 2 "was started as 2 processes by the mpirun of another MPI than it is built with, so that they do not know of each other; use the mpirun beside the mpicc that built it" \
			2 train --epochs 2 -q -o model ../rows.csv
	done
}

# alike N WORD...: that these words write the same bytes as N ranks as they do alone, to stdout, stderr and files, and end
# alike. Only seconds may differ, and what ranks say of themselves.
alike()
{
	local n=$1 name status
	shift
	fresh
	mkdir alone together
	(cd alone && "$plain" "$@" >text 2>errors)
	status=$?
	(cd together && ranks "$n" "$@" >text 2>errors)
	if [ $? -ne $status ]; then bad "$* as $n ranks: another exit code" together/errors && return; fi
	rm -f together/pid.*
	for name in alone/* together/*; do
		case $name in # launchers add lines of their own
		*/errors) sed -i -nE '/ left$/d; /^fltrain: [0-9]+ ranks scored/d; /^fltrain/s/ in [0-9.]+ s$//; /^fltrain/p' "$name" ;;
		*/json) sed -i 's/"seconds":{[^}]*}//g; s/,"reproduce":.*//' "$name" ;;
		esac
	done
	if diff -r alone together >differences; then good; else bad "$* as $n ranks" differences; fi
}

# Rows of files are dealt, and whatever is written is the same: by a pool and by one network, with warnings and reasons,
# in two passes, and where a row in the middle ends it.
check_scoring()
{
	local pool=../../files0/model one=../../model
	alike 3 predict --threads 2 -v $pool ../../many.csv
	alike 2 predict -v --json json -o rows $one ../../changed.csv
	alike 3 predict --reasons 2 $one ../../rows.csv
	alike 4 predict --keep-all --prior estimate --threshold rate:0.1 -o rows $one ../../long.csv
	alike 2 predict --bad-rows skip $one ../../broken.csv ../../rows.csv.gz ../../changed.csv
	alike 3 predict $one ../../broken.csv
	alike 2 predict $one ../../bad.csv
	alike 2 predict --strict -o rows $one ../../changed.csv
	alike 3 evaluate -v --by kind --json json $pool ../../many.csv
	alike 2 evaluate --require 'pr_auc>=1.0' $one ../../changed.csv
}

check_scoring_faults()
{
	local words=(predict -q -o predicted ../model ../long.csv)
	rank1="--memory-limit 2M"
	refused 1 "rank 1 (HOST): out of memory*" 3 "${words[@]}"
	rank1="--na x"
	refused 2 "rank 1 has other options; start all ranks with the same ones, and the same config file" 3 "${words[@]}"
	rank1="../changed.csv"
	refused 2 "rank 1 is given more files, or fewer; start all ranks with the same words" 2 "${words[@]}"
	rank1="=../changed.csv"
	refused 3 "rank 1 has read other data; give all ranks the same files" 2 "${words[@]}"
	rank1="=../nowhere.csv"
	refused 3 "rank 1 (HOST): ../nowhere.csv: No such file or directory" 2 "${words[@]}"
	rank1=
	refused 1 "/dev/full: cannot be written: *" 3 predict -q -o /dev/full ../model ../long.csv
	fresh
	ranks 3 predict -o predicted ../files0/model ../long.csv >text 2>errors &
	expect_death $! 0.2
}

# What cannot be dealt runs on rank 0, and one process started by no launcher is a plain one.
check_alone()
{
	local words cannot="rows that come through a pipe, or are followed, cannot be dealt over ranks; rank 0 does all of this, and"
	fresh
	"$plain" predict ../model ../rows.csv >alone || exit 1
	ranks 3 predict --follow ../model ../rows.csv 2>errors | sed 's/,$//' | diff -q - <(sed '1s/$/,error/' alone) >differences
	if [ "${PIPESTATUS[2]}" = 0 ] && [ "$(cat errors)" = "fltrain: warning: $cannot 2 more have nothing to do" ]; then good; else bad "predict --follow as 3 ranks" errors; fi
	input=../rows.csv ranks 2 predict ../model - 2>errors | cmp -s - alone
	if [ "${PIPESTATUS[1]}" = 0 ] && [ "$(cat errors)" = "fltrain: warning: $cannot 1 more has nothing to do" ]; then good; else bad "predict of stdin as 2 ranks" errors; fi
	ranks 2 inspect ../model 2>errors | cmp -s - <("$plain" inspect ../model)
	if [ "${PIPESTATUS[1]}" = 0 ] && [ "$(cat errors)" = "fltrain: warning: only train, compare, cv, predict and evaluate deal work over ranks; rank 0 does all of this, and 1 more has nothing to do" ]; then good; else bad "inspect as 2 ranks" errors; fi
	words_of 1
	"$program" "${words[@]}" "../${files[1]}.csv" >text 2>errors
	if [ -s errors ] || ! same 1; then bad "one process without a launcher" errors; else good; fi
}

# warned WARNING N WORD...: what a training as N ranks says of them.
warned()
{
	local warning=$1
	shift
	fresh
	ranks "$1" train --preset fast --epochs 2 --no-model "${@:2}" >text 2>errors
	if [ "$(grep -E '(step|ranks at most)' errors)" = "fltrain: warning: $warning" ]; then good; else bad "expected: $warning" errors; fi
}

# Where rows are dealt, it is said when they are too few in a step, and what trading took, of scores too.
check_told()
{
	warned "a step has 360 rows, too few for several ranks to be faster; start one process, without mpirun" 2 --batch 600 ../rows.csv
	warned "a step has 512 rows, too few for more ranks to help; --batch 4096 keeps more of them busy" 2 --batch 512 ../many.csv
	warned "the rows of a step are dealt over 3 ranks at most, and the other 1 have nothing to do; start 3" 4 --batch 2100 ../many.csv
	fresh
	ranks 2 train --preset fast --epochs 2 --no-model --batch 4096 -v ../many.csv >text 2>errors
	if ! grep -q warning errors && grep -qE '^fltrain: 2 ranks trained on 4096 rows a step: of the seconds of training [0-9]+ % went into trading sums, in each step [0-9.]+ messages and [0-9.e+]+ KB from this rank$' errors; then
		good
	else
		bad "what trading took" errors
	fi
	tells 2 predict
	tells 3 evaluate
}

# tells N COMMAND...: that a scoring as N ranks says once what trading took, and nothing of it without -v.
tells()
{
	local n=$1 told="fltrain: $1 ranks scored 600 rows in [0-9.]+ s: of these seconds [0-9]+ % went into trading scores, in each batch [0-9.]+ messages and [0-9.e+]+ KB from this rank, and [0-9]+ % into scoring, which is all that ranks divide(; more ranks will not help|; start one process, without mpirun)?"
	shift
	fresh
	ranks "$n" "$@" -v ../model ../rows.csv >text 2>errors
	if [ "$(grep -cE "^$told\$" errors)" = 1 ] && [ "$(grep -c 'ranks scored' text errors | xargs)" = 'text:0 errors:1' ]; then good; else bad "what trading took in $*" errors; fi
	ranks "$n" "$@" ../model ../rows.csv >text 2>errors
	if grep -q 'ranks scored' text errors; then bad "$* tells without -v" errors; else good; fi
}

# The ranks that are there now get a signal, or one of them, or their launcher.
kill_some()
{
	local launcher=$1 n=$2 pid
	pid=$(cat "pid.$((RANDOM % n))" 2>/dev/null)
	case $((RANDOM % 4)) in
	0) kill -TERM "$launcher" ;;
	1) kill -INT "$launcher" ;;
	2) [ -z "$pid" ] || kill -TERM "$pid" ;;
	*) [ -z "$pid" ] || kill -KILL "$pid" ;;
	esac 2>/dev/null
}

# Whether a checkpoint is there that goes on; a file that is none is a failure.
resumption()
{
	state=(--checkpoint state)
	if [ -s state ]; then state=(--resume state); fi
}

# Ranks may outlive a launcher that was killed, and even begin after it; all are in this folder.
wait_for_ranks()
{
	cd .. || exit 1
	while [ -n "$(find /proc/[0-9]*/cwd -lname "$work/$mpi" 2>/dev/null)" ]; do sleep 0.05; done
	cd "$mpi" || exit 1
}

# One training, killed again and again, each time taken up by another number of ranks, until it ends by itself.
n_kills=0 n_resumed=0
declare -A n_kills_of
kill_and_resume()
{
	local kind=$1 n launcher status
	fresh
	words_of "$kind"
	while :; do
		n=$((RANDOM % 3 + 1))
		resumption
		rm -f pid.*
		ranks $n "${words[@]}" "${state[@]}" "../${files[kind]}.csv" >text 2>errors &
		launcher=$!
		if [ $n_kills -lt "$aim" ]; then
			sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
			kill_some $launcher $n
		fi
		wait $launcher
		status=$?
		wait_for_ranks
		[ $status -ne 0 ] || break
		if grep -q '^fltrain:' errors && ! grep -qE '^fltrain: (terminated|interrupted)' errors; then
			bad "after a kill of ${kinds[kind]}" errors
			return
		fi
		if [ -e json ]; then break; fi # they were killed when all was done
		n_kills=$((n_kills + 1))
		n_kills_of[$kind]=$((n_kills_of[$kind] + 1))
		[ ! -s state ] || n_resumed=$((n_resumed + 1))
	done
	if [ $status -ne 0 ]; then # the end of what was printed may be lost, and files that were not yet in place
		rm text
		cp -n "../files$kind"/* .
	fi
	if same "$kind"; then good; else bad "${kinds[kind]}, killed and resumed" errors; fi
}

check_kills()
{
	local some=(0 1 2 3 4)
	aim=$((n_kills + kills))
	while [ $n_kills -lt $aim ]; do
		kill_and_resume "${some[RANDOM % 5]}"
	done
}

(cd "$work" && "$plain" -q --preset fast --epochs 3 -o model rows.csv >text) || exit 1
check_all()
{
	local kind
	mpi=${1%%=*} program=${1#*=}
	check_bytes
	check_faults
	check_death
	check_strangers
	program=${1#*=}
	check_alone
	check_scoring
	check_scoring_faults
	check_told
	check_kills
	echo "$mpi: killed $n_kills times; $n_resumed of these left a state to go on from"
	for kind in "${!n_kills_of[@]}"; do echo "$mpi: ${n_kills_of[$kind]} kills of ${kinds[$kind]}"; done
	echo $passed $failed >"$work/counts.$mpi"
}

for each in "${given[@]}"; do
	RANDOM=$((${SEED:-1} + ${#each}))
	check_all "$each" >"$work/said.${each%%=*}" 2>&1 &
done
wait
for each in "${given[@]}"; do
	cat "$work/said.${each%%=*}"
	read -r more_passed more_failed <"$work/counts.${each%%=*}" || more_failed=1
	passed=$((passed + more_passed)) failed=$((failed + more_failed))
done
echo "mpi: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
