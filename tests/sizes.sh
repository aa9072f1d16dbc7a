#!/bin/sh
# Data and networks of sizes at which programs break: each is to work within its memory, or to be refused in a sentence.
# Prints seconds, peak memory and exit code of each, and "sizes: N passed, M failed". Takes minutes and 1 GB in TMPDIR.
#
# usage: FLTRAIN=./fltrain BUILD=build tests/sizes.sh [CASE...]   (all cases without a name)

program=$(realpath "${FLTRAIN:-./fltrain}")
usage=$(realpath "${BUILD:-build}/bench/usage")
for tool in "$program" "$usage"; do
	[ -x "$tool" ] || { echo "$tool is no program: run make check-sizes" >&2; exit 1; }
done
chosen=" $* "
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-sizes.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
cd "$work" || exit 1
passed=0 failed=0

# expect NAME STATUS MEGABYTES PATTERN ARGUMENT...: runs the program; what it says (stderr, or stdout if it succeeds) has
# to match the pattern, and the peak of its memory has to stay below so many megabytes.
expect()
{
	name=$1 status=$2 most=$3 pattern=$4
	shift 4
	rm -f used
	"$usage" used timeout 300 "$program" "$@" >out 2>err </dev/null
	got=$?
	read -r seconds kilobytes <used
	megabytes=$((kilobytes / 1024))
	result=passed
	said=err
	[ "$status" -eq 0 ] && said=out
	[ "$got" -eq "$status" ] || result="FAILED: exit $got, expected $status: $(head -n 1 err)"
	[ "$megabytes" -lt "$most" ] || result="FAILED: $megabytes MB, expected less than $most"
	grep -Eq "$pattern" "$said" || result="FAILED: no \"$pattern\" in: $(head -n 3 $said)"
	[ "$status" -eq 0 ] || [ "$(wc -l <err)" -eq 1 ] || result="FAILED: more than one line on stderr"
	[ "$result" = passed ] && passed=$((passed + 1))
	[ "$result" = passed ] || failed=$((failed + 1))
	printf '%-46s %7.2f s %6d MB  exit %d  %s\n' "$name" "$seconds" "$megabytes" "$got" "$result"
}

# told PATTERN: whether stderr of the last run matches.
told()
{
	grep -Eq "$1" err && return
	failed=$((failed + 1))
	echo "FAILED: no \"$1\" in: $(head -n 3 err)"
}

# Whether the case is asked for.
wanted()
{
	[ "$chosen" = "  " ] || case $chosen in *" $1 "*) true ;; *) false ;; esac
}

if wanted rows; then
	awk 'BEGIN { srand(1); print "a,b,c,class"; for (i = 0; i < 10000000; i++) { a = rand(); b = rand()
		printf "%.5f,%.5f,%d,%d\n", a, b, 100 * rand(), (a + b > 1.95 && i % 2) } }' >rows.csv
	expect '10^7 rows: train' 0 1000 '10000000 rows' --preset fast --hidden 16 --epochs 1 -o rows.safetensors rows.csv
	expect '10^7 rows: predict' 0 150 '^row,probability' predict rows.safetensors rows.csv
	expect '10^7 rows in 200 MB' 1 300 'out of memory: this needs .* but the limit is 200.0 MB; raise --memory-limit' \
		--memory-limit 200M --no-model rows.csv
	expect '10^7 rows, 512-512 in a batch of 10^7, 2 GB' 1 1000 \
		'training needs .* more than the limit of 2.0 GB; .* for training networks of' \
		--preset fast --memory-limit 2G --hidden 512,512 --batch 10000000 --no-model rows.csv
	rm -f rows.csv
fi
if wanted columns; then
	awk 'BEGIN { srand(1); for (j = 0; j < 20000; j++) printf "c%d,", j; print "class"
		for (i = 0; i < 500; i++) { y = i % 10 == 0
			for (j = 0; j < 20000; j++) printf "%.3f,", rand() + (j < 5) * y
			print y } }' >columns.csv
	expect '20,000 columns: train' 0 500 '20000 numeric columns' --preset fast --epochs 2 -o columns.safetensors columns.csv
	expect '20,000 columns: train, --test' 0 800 '20000 numeric columns' --preset fast --epochs 2 --no-model \
		--test columns.csv columns.csv
	expect '20,000 columns: predict' 0 500 '^row,probability' predict columns.safetensors columns.csv
	expect '20,000 columns: evaluate' 0 500 'columns.csv: 500 rows' evaluate columns.safetensors columns.csv
	expect '20,000 columns in 240 MB' 1 300 'training needs .* more than the limit of 240.0 MB; .* or raise --memory-limit' \
		--preset fast --memory-limit 240M --no-model columns.csv
	rm -f columns.csv
fi
if wanted wide; then
	awk 'BEGIN { srand(1); for (j = 0; j < 1000000; j++) printf "c%d,", j; print "class"
		for (i = 0; i < 10; i++) { for (j = 0; j < 1000000; j++) printf "%d,", 1000 * rand(); print (i % 4 == 0) } }' >wide.csv
	cut -d , -f 1-2,1000001 wide.csv >few.csv
	expect '10^6 columns: check' 0 1750 '1000000 numeric columns' check wide.csv
	told '1000001 columns take about 1\.[56] GB of memory'
	expect '10^6 columns: in 1 GB' 1 1100 'out of memory: this needs .* but the limit is 1.0 GB' -q --memory-limit 1G wide.csv
	"$program" -q --preset fast --epochs 1 --test-fraction 0 --validation-fraction 0 -o few.safetensors few.csv >out 2>err
	expect '10^6 columns: predict' 0 210 '^row,probability' predict few.safetensors wide.csv
	rm -f wide.csv
fi
if wanted categories; then
	awk 'BEGIN { srand(1); print "category,x,class"; for (i = 0; i < 5100000; i++) { x = rand()
		printf "level%d,%.4f,%d\n", i % 1000000, x, (x > 0.99) } }' >categories.csv
	expect '10^6 categories in 5.1 x 10^6 rows: train' 0 1000 '1 categorical' --preset fast --hidden 16 --epochs 1 \
		-o categories.safetensors categories.csv
	expect '10^6 categories: predict' 0 150 '^row,probability' predict categories.safetensors categories.csv
	rm -f categories.csv
	awk 'BEGIN { print "x,class"; for (i = 0; i < 1000000; i++) printf "%d,k%d\n", i * 7919 % 1009, i }' >classes.csv
	expect '10^6 classes' 3 200 'has 1000000 classes, .* name the positive one with --positive' classes.csv
fi
if wanted field; then
	{ echo a,b,class; echo 1,x,0; printf '2,'; head -c 100000000 /dev/zero | tr '\0' x; echo ,1; } >field.csv
	expect 'a field of 100 MB' 3 200 'field.csv:3: a record of more than 16 MB' field.csv
fi
if wanted small; then
	awk 'BEGIN { srand(1); print "x,y,class"; for (i = 0; i < 1000; i++) { x = rand()
		printf "%.4f,%.4f,%d\n", x, rand(), (x + rand() > 1.7) } }' >small.csv
	head -n 51 small.csv >tiny.csv
	head -n 2 small.csv >row.csv
	cut -d , -f 3 small.csv >column.csv
	expect 'one row' 3 50 'has one class' row.csv
	expect 'one column' 3 50 'no column is left to learn from' column.csv
	expect '--hidden 100000: train' 0 1000 '2-100000-1' --preset fast --epochs 1 --hidden 100000 \
		-o hidden.safetensors small.csv
	expect '--hidden 100000: predict' 0 200 '^row,probability' predict hidden.safetensors small.csv
	expect '--hidden 100000,100000' 2 50 '10000500001 parameters, more than 2147483647' --hidden 100000,100000 small.csv
	expect '--hidden 40000,40000 in 4 GB' 1 50 'training needs .* more than the limit of 4.0 GB' \
		--memory-limit 4G --hidden 40000,40000 small.csv
	expect 'cv --hidden 4000,4000, 64 at once, in 4 GB' 1 100 'weights, 64 at once: give --threads' \
		cv --memory-limit 4G --threads 64 --folds 5 --repeats 20 --hidden 4000,4000 --members 1 small.csv
	expect '--folds 1000 of 50 rows' 3 50 '1000 folds need a row of class' cv --folds 1000 tiny.csv
	expect '--members 128 of 50 rows' 0 200 '128 networks' --members 128 --epochs 1 --no-model tiny.csv
	expect '--threshold top:1000000 of 1000 rows' 0 50 'ROC-AUC' --preset fast --threshold top:1000000 -o top.safetensors \
		small.csv
	expect 'predict --threshold top:1000000' 0 50 '^row,probability' predict --threshold top:1000000 top.safetensors small.csv
fi

echo "sizes: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
