#!/bin/bash
# What the program computes against what others compute: tests/run-differential.sh FLTRAIN NUMBER [N [all]]
#
# N random texts (1e6) through the number parser and strtod (NUMBER is tests/differential/number.c); then small models
# of every kind, whose predictions must be those of tests/differential/score.py, which knows only the description of the
# model file, and so must what moved the log-odds of rows (tests/differential/reasons.py). Each kind is trained on the first
# rows of one shipped data set, or with `all` on all rows of each; some on tables made for them: one whose numbers are
# written in many ways, and one of categories with many levels. Last, explanations of models, against brute force by
# `predict` (tests/differential/explain.py).

fltrain=$1 number=$2 n_texts=${3:-1e6} extent=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

count()
{
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

number_is_strtods()
{
	"$number" "$n_texts" >"$scratch/log"
	local status=$?
	grep -v '^differential:' "$scratch/log"
	return $status
}

# scores_agree SET ROWS OPTIONS...: a model of data/SET.csv trained with the options.
scores_agree()
{
	local set=$1 rows=$2 model=$scratch/model data=$scratch/data.csv
	shift 2
	printf '%-10s %-58s ' "$set" "$*"
	if [ "$set" = dressed ] || [ "$set" = levels ]; then python3 "tests/differential/$set.py" "$rows"; elif [ "$rows" = all ]; then cat "data/$set.csv"; else head -n "$((rows + 1))" "data/$set.csv"; fi >"$data"
	"$fltrain" train -q --preset fast --epochs 3 --hidden 12,6 "$@" -o "$model" --force "$data" >/dev/null &&
		"$fltrain" predict -q "$model" "$data" >"$scratch/predictions.csv" &&
		python3 tests/differential/score.py "$model" "$data" "$scratch/predictions.csv"
}

# reasons_agree SET ROWS OPTIONS...: what predict --reasons says of some rows, by tests/differential/reasons.py.
reasons_agree()
{
	local set=$1 rows=$2 model=$scratch/model data=$scratch/data.csv
	shift 2
	printf '%-10s %-58s ' "$set" "--reasons: $*"
	if [ "$set" = levels ]; then python3 tests/differential/levels.py "$rows"; else head -n "$((rows + 1))" "data/$set.csv"; fi >"$data"
	"$fltrain" train -q --preset fast --epochs 3 --hidden 12,6 "$@" -o "$model" --force "$data" >/dev/null &&
		"$fltrain" predict -q --reasons 100 "$model" "$data" >"$scratch/predictions.csv" &&
		PYTHONDONTWRITEBYTECODE=1 "$numeric_python" tests/differential/reasons.py "$model" "$data" "$scratch/predictions.csv"
}

# explanations_agree SET ROWS TARGET POSITIVE OPTIONS...: an explanation of a model of data/SET.csv on its own rows.
explanations_agree()
{
	local model=$scratch/model data=$scratch/data.csv set=$1 rows=$2 target=$3 positive=$4
	shift 4
	printf '%-10s %-58s ' "$set" "explain: $*"
	head -n "$((rows + 1))" "data/$set.csv" >"$data"
	"$fltrain" train -q --preset fast --hidden 12,6 "$@" -o "$model" --force "$data" >/dev/null &&
		python3 tests/differential/explain.py "$fltrain" "$model" "$data" "$target" "$positive"
}

kinds=(
	'--scale standard' '--scale robust' '--scale quantile' '--scale none'
	'--activation relu' '--activation selu' '--activation silu' '--activation mish' '--activation tanh'
	'--calibrate auto' '--calibrate map --gamma 2 --alpha 0.75' '--calibrate platt --gamma 1'
	'--calibrate isotonic --pos-weight 20' '--calibrate none --threshold cost:1:20'
	'--hidden none' '--hidden 5 --embedding pbld --activation silu' '--members 3 --gamma 0.5'
	'--preset default --members 4' '--preset default'
)
sets=(fraud defects screening churn)

count number_is_strtods
for i in "${!kinds[@]}"; do
	# shellcheck disable=SC2086
	if [ "$extent" = all ]; then
		for set in "${sets[@]}"; do
			count scores_agree "$set" all ${kinds[i]}
		done
	else
		count scores_agree "${sets[i % 4]}" 8000 ${kinds[i]}
	fi
done
count scores_agree dressed 600 --na -999
count scores_agree levels 3000 --scale quantile
count scores_agree levels 3000 --preset default --members 7
numeric_python=python3
python3 -c 'import numpy' 2>/dev/null || numeric_python=/usr/bin/python3
count reasons_agree fraud 3000 --hidden none
count reasons_agree defects 3000 --activation tanh --calibrate isotonic
count reasons_agree churn 3000 --embedding pbld --activation mish --gamma 2 --prior 0.3
count reasons_agree levels 2000 --preset default --members 5
count explanations_agree screening 2000 disease yes --epochs 20
count explanations_agree churn 2000 churned yes --epochs 10 --calibrate platt --members 2
echo "differential: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
