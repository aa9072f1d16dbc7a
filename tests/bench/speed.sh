#!/bin/sh
# How fast and how lean, beside bare matrix products and the peers that are installed: tests/bench/speed.sh [FILE]
#
# FILE is a CSV with 30 numeric columns whose last column is a label of 0 and 1; without one, a file of the size and
# shape of the public credit card set is written into the build folder. Everything is measured once a round and the
# rounds repeat, so that what else the machine does falls on all alike; medians are shown, and ratios of medians.
#
# Two things are tried out once, before the rounds. OpenBLAS does not know every processor and may fall back to a core
# that is several times too slow, which would make a poor yardstick: bare products are measured with the fastest of its
# cores that this processor can run, and what it takes by itself is shown beside it. LIBXSMM and oneDNN make the same
# products where make found them, and bare GEMM is the fastest of the three, for each shape anew. And each peer that can
# use threads is run with one and with all; the rounds use what was faster.
#
# FLTRAIN  the program [./fltrain]           BUILD   where the helpers stand [build]: make bench builds both
# RUNS     rounds [5]                        EPOCHS  of the whole job, and of the peers [20]
# PYTHON   with pandas, scikit-learn, PyTorch, XGBoost, Polars or DuckDB, whichever it has [/usr/bin/python3]
# NODE     with nodejs-polars or @duckdb/node-api, if it finds these by NODE_PATH and PYTHON has none [node]

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${FLTRAIN:-$root/fltrain}
tools=${BUILD:-$root/build}/bench
runs=${RUNS:-5} epochs=${EPOCHS:-20}
python=${PYTHON:-/usr/bin/python3} node=${NODE:-node}
file=$1
unset OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS OMP_NUM_THREADS # the trials set them

for tool in "$program" "$tools/usage" "$tools/bare_gemm" "$tools/score" "$tools/big_table"; do
	if [ ! -x "$tool" ]; then
		echo "$tool is missing; make bench builds it" >&2
		exit 2
	fi
done
work=$(mktemp -d "${TMPDIR:-/tmp}/fltrain-speed.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -z "$file" ]; then
	file=$tools/creditcard.csv
	if [ ! -f "$file" ]; then
		"$tools/big_table" "$work/table.csv" && mv "$work/table.csv" "$file" || exit 1
	fi
fi
[ -r "$file" ] || { echo "$file: cannot be read" >&2; exit 2; }
: >"$work/samples"

# ---- measuring: each sample is a line "KEY VALUE" ----

sample() { echo "$1 $2" >>"$work/samples"; }

# seconds_of KEY FILE.json: of read, prepare, train, evaluate, total.
seconds_of()
{
	awk -v key="\"$1\":" '{
		at = match($0, /"seconds":{"read"[^}]*}/)
		part = substr($0, at, RLENGTH)
		sub(".*" key, "", part)
		sub(/[,}].*/, "", part)
		print part
	}' "$2"
}

fail() { echo "failed: $*" >&2; exit 1; }

# A network of fixed shape and nothing that others would not do too.
fixed='--recipe plain --members 1 --embedding none --activation relu --dropout 0 --gamma 2 --optimizer adam --lr 1e-3'
fixed="$fixed --weight-decay 0 --schedule constant --patience 0 --validation-fraction 0"

# An epoch in the program: epoch KEY THREADS HIDDEN BATCH EPOCHS TEST-FRACTION
epoch()
{
	# shellcheck disable=SC2086
	"$program" train -q --no-model --json "$work/run.json" $fixed --threads "$2" --hidden "$3" --batch "$4" \
		--epochs "$5" --test-fraction "$6" "$file" >"$work/out" || fail "training for $1"
	sample "$1" "$(seconds_of train "$work/run.json" | awk -v n="$5" '{ printf "%.6f", $1 / n }')"
	fit_rows=$(sed 's/.*"fit":{"rows":\([0-9]*\).*/\1/' "$work/run.json")
}

# Bare products by each library that is there, on one thread.
engines=gemm
for engine in xsmm dnnl; do [ ! -x "$tools/bare_$engine" ] || engines="$engines $engine"; done

library() { case $1 in gemm) echo OpenBLAS ;; xsmm) echo LIBXSMM ;; dnnl) echo oneDNN ;; esac; }

# bare KEY BATCH WIDTH...
bare()
{
	key=$1
	shift
	for engine in $engines; do
		result=$(OMP_NUM_THREADS=1 with_core "$core" "$tools/bare_$engine" "$fit_rows" "$@") || fail "bare_$engine"
		sample "$key.$engine" "${result% *}"
		echo "${result#* }" >"$work/name.$engine"
	done
}

# The least median of a shape's libraries, which then is the shape's own: choose_bare KEY
choose_bare()
{
	best=$(for engine in $engines; do echo "$(median "$1.$engine") $engine"; done | sort -g | sed -n '1s/.* //p')
	awk -v from="$1.$best" -v to="$1" '$1 == from { print to, $2 }' "$work/samples" >"$work/chosen"
	cat "$work/chosen" >>"$work/samples"
}

show_bare()
{
	for engine in $engines; do
		show "bare products: $(library "$engine") $(cat "$work/name.$engine")" "$1.$engine" 1000 ms "$1" "bare GEMM"
	done
}

# ---- the yardstick: which core of OpenBLAS ----

# with_core CORE COMMAND...: an empty CORE leaves the choice to OpenBLAS.
with_core()
{
	wanted=$1
	shift
	env ${wanted:+OPENBLAS_CORETYPE="$wanted"} "$@"
}

has_flags()
{
	for flag; do
		case " $processor_flags " in *" $flag "*) ;; *) return 1 ;; esac
	done
}

# The names of the cores that this processor can run, beside OpenBLAS's own choice.
cores()
{
	processor_flags=$(sed -n 's/^flags[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
	has_flags avx && echo Sandybridge
	has_flags avx2 fma && echo Haswell Zen
	has_flags avx512f avx512vl avx512dq avx512bw avx512cd && echo SkylakeX
	has_flags avx512f avx512vl avx512dq avx512bw avx512cd avx512_bf16 && echo Cooperlake
}

# Sets default_core, what OpenBLAS takes, and core, the fastest (empty where that is the same).
choose_core()
{
	core='' least=''
	for candidate in '' $(cores); do
		result=$(with_core "$candidate" "$tools/bare_gemm" 100000 256 30 64 32 1) || continue
		[ -n "$candidate" ] || default_core=${result#* }
		if [ -z "$least" ] || awk -v a="${result% *}" -v b="$least" 'BEGIN { exit !(a < 0.97 * b) }'; then
			core=$candidate core_name=${result#* } least=${result% *}
		fi
	done
}

# Wall-clock seconds and peak memory of a command: whole KEY COMMAND...
whole()
{
	key=$1
	shift
	rm -f "$work/usage"
	"$tools/usage" "$work/usage" "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; fail "$key"; }
	read -r seconds kilobytes <"$work/usage"
	sample "$key" "$seconds"
	sample "$key.memory" "$(awk -v kb="$kilobytes" 'BEGIN { printf "%.1f", kb / 1024 }')"
}

cat >"$work/peers.py" <<'END'
"""peers.py has MODULE | peers.py PEER|job FILE EPOCHS BATCH THREADS: prints "key value" lines, seconds."""
import sys, time, importlib.util, warnings
if sys.argv[1] == "has":
    sys.exit(importlib.util.find_spec(sys.argv[2]) is None)
warnings.simplefilter("ignore")
peer, path, epochs, batch = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def timed(key, f):
    start = time.perf_counter()
    result = f()
    print(key, time.perf_counter() - start)
    return result

if peer == "polars":
    import polars
    timed("read.polars", lambda: polars.read_csv(path))
    sys.exit()
if peer == "duckdb":
    import duckdb
    timed("read.duckdb", lambda: duckdb.sql(f"create table t as select * from read_csv_auto('{path}')"))
    sys.exit()
import numpy as np, pandas as pd
d = timed("read.pandas", lambda: pd.read_csv(path))
if peer == "pandas":
    sys.exit()
from sklearn.metrics import average_precision_score
if peer == "job":
    # What says as much as the default preset: XGBoost's defaults, stopped early in each of 5 folds, whose left-out rows
    # give the threshold; then a model of all fit rows, and rows that no model has seen.
    import xgboost
    from sklearn.model_selection import StratifiedKFold, train_test_split
    X, y = pd.get_dummies(d.iloc[:, :-1]).to_numpy(np.float32), d.iloc[:, -1].to_numpy()
    X, unseen, y, truth = train_test_split(X, y, test_size=.2, stratify=y, random_state=0)
    common = dict(tree_method="hist", n_jobs=int(sys.argv[5]))
    left_out, n_trees = np.zeros(len(y)), []
    for a, b in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        m = xgboost.XGBClassifier(n_estimators=1000, eval_metric="aucpr", early_stopping_rounds=10, **common)
        m.fit(X[a], y[a], eval_set=[(X[b], y[b])], verbose=False)
        left_out[b] = m.predict_proba(X[b])[:, 1]
        n_trees.append(m.best_iteration + 1)
    m = xgboost.XGBClassifier(n_estimators=round(np.mean(n_trees)), **common).fit(X, y)
    average_precision_score(y, left_out), average_precision_score(truth, m.predict_proba(unseen)[:, 1])
    sys.exit()
y, X = d.iloc[:, -1].to_numpy(), d.iloc[:, :-1].to_numpy(np.float32)
order = np.random.default_rng(0).permutation(len(y))
fit, test = order[:int(.7 * len(y))], order[int(.7 * len(y)):]
if peer == "xgboost":
    import xgboost
    m = xgboost.XGBClassifier(n_estimators=100, tree_method="hist", n_jobs=int(sys.argv[5]))
    timed("train.xgboost", lambda: m.fit(X[fit], y[fit]))
    score = m.predict_proba(X[test])[:, 1]
else:
    X = (X - X[fit].mean(0)) / X[fit].std(0)
if peer == "sklearn":
    from sklearn.neural_network import MLPClassifier
    m = MLPClassifier((64, 32), batch_size=batch, max_iter=epochs, tol=0, n_iter_no_change=10**6, random_state=0)
    timed("train.sklearn", lambda: m.fit(X[fit], y[fit]))
    score = m.predict_proba(X[test])[:, 1]
if peer == "torch":
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits as bce
    torch.set_num_threads(int(sys.argv[5]))
    net = torch.nn.Sequential(torch.nn.Linear(X.shape[1], 64), torch.nn.ReLU(), torch.nn.Linear(64, 32),
                              torch.nn.ReLU(), torch.nn.Linear(32, 1))
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    Xf, yf = torch.from_numpy(X[fit]), torch.from_numpy(y[fit].astype(np.float32))
    def train():
        for _ in range(epochs):
            for rows in torch.randperm(len(yf)).split(batch):
                z, t = net(Xf[rows]).squeeze(1), yf[rows]
                p = torch.sigmoid(z)
                loss = ((1 - (p * t + (1 - p) * (1 - t))) ** 2 * bce(z, t, reduction="none")).mean()
                opt.zero_grad(set_to_none=True)
                loss.backward()
                opt.step()
    timed("train.torch", train)
    with torch.no_grad():
        score = net(torch.from_numpy(X[test])).squeeze(1).numpy()
average_precision_score(y[test], score)
END

cat >"$work/peers.js" <<'END'
// peers.js has PEER | peers.js PEER FILE: as peers.py, for the readers.
const packages = {polars: "nodejs-polars", duckdb: "@duckdb/node-api"};
const [what, argument] = process.argv.slice(2);
async function read(peer, path) {
    const library = require(packages[peer]);
    const database = peer === "duckdb" ? await (await library.DuckDBInstance.create()).connect() : null;
    const start = process.hrtime.bigint();
    if (database)
        await database.run(`create table t as select * from read_csv_auto('${path}')`);
    else
        library.readCSV(path);
    console.log(`read.${peer}`, Number(process.hrtime.bigint() - start) / 1e9);
}
if (what === "has")
    require(packages[argument]); // its binary may be missing
else
    read(what, argument);
END

# What there is of python, and of node.
peers=
if [ -x "$python" ]; then
	for peer in pandas polars duckdb sklearn torch xgboost; do
		case $peer in sklearn | torch | xgboost) needs="pandas sklearn $peer" ;; *) needs=$peer ;; esac
		for module in $needs; do "$python" "$work/peers.py" has "$module" 2>/dev/null || continue 2; done
		peers="$peers $peer"
	done
fi
node_peers=
for peer in polars duckdb; do
	case " $peers " in *" $peer "*) continue ;; esac
	"$node" "$work/peers.js" has $peer 2>/dev/null || continue
	peers="$peers $peer" node_peers="$node_peers $peer"
done

# A peer's whole run, with the fastest core too: time_peer KEY PEER THREADS EPOCHS
time_peer()
{
	case " $node_peers " in *" $2 "*) whole "$1" "$node" "$work/peers.js" "$2" "$file" && return ;; esac
	whole "$1" env OPENBLAS_NUM_THREADS="$3" OMP_NUM_THREADS="$3" ${core:+OPENBLAS_CORETYPE="$core"} \
		"$python" "$work/peers.py" "$2" "$file" "$4" 256 "$3"
}

threads_of() { cat "$work/threads.$1"; }

# Keeps the number of threads with which a peer's whole run is faster, tried on a fifth of the epochs.
choose_threads()
{
	for peer in $peers; do
		: >"$work/trials"
		for n in 1 "$(nproc)"; do
			[ "$n" = 1 ] || case $peer in sklearn | torch | xgboost) ;; *) continue ;; esac
			time_peer "trial.$peer.$n" "$peer" "$n" $(((epochs + 4) / 5))
			echo "$seconds $n" >>"$work/trials"
		done
		sort -g "$work/trials" | sed -n '1s/.* //p' >"$work/threads.$peer"
	done
}

run_peer()
{
	time_peer "whole.$1" "$1" "$(threads_of "$1")" "$epochs"
	awk -v epochs="$epochs" '{
		print
		if ($1 == "train.sklearn" || $1 == "train.torch") {
			sub(/train/, "epoch", $1)
			print $1, $2 / epochs
		}
	}' "$work/out" >>"$work/samples"
}

n_scored=500000
measure_round()
{
	for threads in 1 2; do
		epoch "small.$threads" "$threads" 64,32 256 5 0.3
		sample "read.$threads" "$(seconds_of read "$work/run.json")"
		sample "prepare.$threads" "$(seconds_of prepare "$work/run.json")"
	done
	bare small.bare 256 30 64 32 1
	[ -z "$core" ] || sample small.default "$("$tools/bare_gemm" "$fit_rows" 256 30 64 32 1 | cut -d ' ' -f 1)"
	for threads in 1 2; do epoch "batch64.$threads" "$threads" 64,32 64 3 0.3; done
	bare batch64.bare 64 30 64 32 1
	# A tenth of the rows is enough for a wide one.
	for threads in 1 2; do epoch "wide.$threads" "$threads" 512,512,512 1024 2 0.9; done
	bare wide.bare 1024 30 512 512 512 1
	for threads in 1 2; do sample "score.$threads" "$("$tools/score" $threads $n_scored)"; done
	# shellcheck disable=SC2086
	whole whole.fltrain "$program" train -q -o "$work/model.safetensors" $fixed --hidden 64,32 --batch 256 \
		--epochs "$epochs" --test-fraction 0.3 "$file"
	whole predict "$program" predict -q -o "$work/scored.csv" "$work/model.safetensors" "$file"
	for peer in $peers; do run_peer "$peer"; done
	measure_commands "$root/data/fraud.csv"
}

# The default model on so many rows that start-up does not count: the file four times.
measure_pool()
{
	[ -f "$work/many.csv" ] || awk 'FNR > 1 || NR == 1' "$1" "$1" "$1" "$1" >"$work/many.csv"
	pool_rows=$(awk 'END { print NR - 1 }' "$work/many.csv")
	pool_bytes=$(wc -c <"$work/many.csv")
	pool_weights=$("$program" inspect "$model" | sed -n 's/.*[ ,]\([0-9]*\) weights$/\1/p')
	for threads in 1 2; do
		whole "pool.$threads" "$program" predict -q --threads $threads -o "$work/scored.csv" "$model" "$work/many.csv"
	done
}

# What people wait for, on a small table.
measure_commands()
{
	model=$work/job.safetensors
	whole job.default "$program" train -q -o "$model" --json "$work/job.json" --loss focal --gamma 2 "$1"
	whole job.fast "$program" train -q --no-model --preset fast --loss focal --gamma 2 "$1"
	whole job.cv "$program" cv -q --preset fast "$1"
	whole job.compare "$program" compare -q --preset fast "$1"
	whole job.check "$program" check -q "$1"
	whole job.explain "$program" explain -q "$model" "$1"
	whole job.evaluate "$program" evaluate -q "$model" "$1"
	whole job.predict "$program" predict -q -o "$work/scored.csv" "$model" "$1"
	measure_pool "$1"
	head -n 2001 "$1" >"$work/some.csv"
	whole job.reasons "$program" predict -q --reasons 3 -o "$work/scored.csv" "$model" "$work/some.csv"
	whole job.start "$program" --version
	whole job.page "$program" report -q -o "$work/page.html" "$work/job.json"
	case " $peers " in *" xgboost "*) whole job.xgboost "$python" "$work/peers.py" job "$1" 0 0 "$(threads_of xgboost)" ;; esac
}

# ---- showing ----

median()
{
	awk -v key="$1" '$1 == key { print $2 }' "$work/samples" | sort -g |
		awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# A line: show LABEL KEY [FACTOR UNIT [BASE-KEY BASE]]. A FACTOR below 0 asks for -FACTOR / value: a rate.
show()
{
	awk -v key="$2" '$1 == key { print $2 }' "$work/samples" | sort -g |
		awk -v label="$1" -v m="$(median "$2")" -v factor="${3:-1}" -v unit="${4:-s}" -v base="${5:+$(median "$5")}" \
			-v name="$6" '
		function scaled(v) { return factor < 0 ? -factor / v : v * factor }
		function short(v) { return sprintf(v < 1000 ? "%.3g" : "%.0f", v) }
		{ v[NR] = $1 }
		END {
			if (!NR)
				exit
			a = scaled(v[1]); b = scaled(v[NR])
			if (a > b) { t = a; a = b; b = t }
			range = "[" short(a) ", " short(b) "]"
			printf "  %-36s %8s %-8s %-16s", label, short(scaled(m)), unit, range
			if (base + 0 > 0)
				printf " %6.2f x %s", m / base, name
			print ""
		}' | sed 's/ *$//'
}

# "1 thread" or "N threads", as chosen for a peer.
n_threads() { if [ "$1" = 1 ]; then echo "1 thread"; else echo "$1 threads"; fi; }
threads_text() { [ ! -f "$work/threads.$1" ] || n_threads "$(cat "$work/threads.$1")"; }

ratio() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", b ? a / b : 0 }'; }

processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
rows=$(awk 'END { print NR - 1 }' "$file")
bytes=$(wc -c <"$file")
load_before=$(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null)
choose_core
choose_threads
round=0
while [ $round -lt "$runs" ]; do
	round=$((round + 1))
	measure_round
done
for shape in small batch64 wide; do choose_bare $shape.bare; done
# The rows that were trained on, at batch 256; the wide net's are a tenth.
fit_rows=$(awk -v n="$rows" 'BEGIN { printf "%d", n * 0.7 }')

echo "date      $(date -u +%Y-%m-%d)"
echo "machine   ${processor:-$(uname -m)}, $(nproc) cores; load before and after: $load_before; $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null)"
"$program" --version | sed '1s/^/program   /; 2,$s/^/          /'
echo "yardstick bare GEMM: the fastest library at each shape, on 1 thread"
echo "          OpenBLAS by $core_name, its fastest core here${core:+; by itself it takes $default_core, as other programs do}"
echo "file      $(basename "$file"): $rows rows, $(awk -v b="$bytes" 'BEGIN { printf "%.1f", b / 1e6 }') MB"
[ -z "$peers" ] || echo "peers     with that core too, each on 1 or $(nproc) threads, whichever made its whole run shorter"
echo "measured  medians of $runs alternated rounds, in brackets the least and the most; x: the ratio of medians"
echo "$load_before" | awk '$1 > 0.5 { print "          THE MACHINE WAS BUSY: take seconds and ratios as rough, those of 2 threads above all" }'
echo
echo "Reading"
for threads in 1 2; do
	show "fltrain: read, $(n_threads $threads)" read.$threads
	show "fltrain: split and prepare, $(n_threads $threads)" prepare.$threads
done
for reader in pandas polars duckdb; do show "$reader: read" read.$reader 1 s read.2 "fltrain, 2 threads"; done
echo "An epoch of 30-64-32-1, batch 256, $fit_rows rows"
show_bare small.bare
show "OpenBLAS by itself: $default_core" small.default 1000 ms small.bare "bare GEMM"
show "fltrain, 1 thread" small.1 1000 ms small.bare "bare GEMM"
show "fltrain, 2 threads" small.2 1000 ms small.bare "bare GEMM"
show "scikit-learn (BCE), $(threads_text sklearn)" epoch.sklearn 1000 ms small.1 "fltrain, 1 thread"
show "PyTorch, $(threads_text torch)" epoch.torch 1000 ms small.1 "fltrain, 1 thread"
echo "The same at batch 64"
show_bare batch64.bare
show "fltrain, 1 thread" batch64.1 1000 ms batch64.bare "bare GEMM"
show "fltrain, 2 threads" batch64.2 1000 ms batch64.bare "bare GEMM"
echo "An epoch of 30-512-512-512-1, batch 1024, a tenth of the rows"
show_bare wide.bare
show "fltrain, 1 thread" wide.1 1000 ms wide.bare "bare GEMM"
show "fltrain, 2 threads" wide.2 1000 ms wide.bare "bare GEMM"
echo "  two threads are $(ratio wide.1 wide.2) times as fast as one"
echo "Scoring, 30-64-32-1"
show "in memory, 1 thread" score.1 -0.5 "M rows/s"
show "in memory, 2 threads" score.2 -0.5 "M rows/s"
show "predict, CSV to CSV" predict "$(awk -v n="$rows" 'BEGIN { print -n / 1e6 }')" "M rows/s"
show "predict, CSV to CSV" predict "$(awk -v b="$bytes" 'BEGIN { print -b / 1e6 }')" "MB/s"
show "predict, peak memory" predict.memory 1 MB
echo "Scoring, the default model of data/fraud.csv: $pool_weights weights, CSV to CSV"
for threads in 1 2; do
	show "predict, $(n_threads $threads)" pool.$threads "$(awk -v n="$pool_rows" 'BEGIN { print -n / 1e3 }')" "k rows/s"
	show "predict, $(n_threads $threads)" pool.$threads "$(awk -v b="$pool_bytes" 'BEGIN { print -b / 1e6 }')" "MB/s"
	show "its products alone, $(n_threads $threads)" pool.$threads \
		"$(awk -v n="$pool_rows" -v w="$pool_weights" 'BEGIN { print -2 * n * w / 1e9 }')" "Gflop/s"
done
echo "The whole job with start-up: read, $epochs epochs of 30-64-32-1 at batch 256, report"
show "fltrain" whole.fltrain
show "scikit-learn, $(threads_text sklearn)" whole.sklearn 1 s whole.fltrain "fltrain"
show "PyTorch, $(threads_text torch)" whole.torch 1 s whole.fltrain "fltrain"
show "XGBoost, 100 trees, $(threads_text xgboost)" whole.xgboost 1 s whole.fltrain "fltrain"
show "XGBoost, 100 trees: training alone" train.xgboost 1 s
prepared=$(awk -v n="$rows" 'BEGIN { printf "%.1f", n * 30 * 4 / 1048576 }')
echo "Peak memory of that job (all rows as float32: $prepared MB)"
show "fltrain" whole.fltrain.memory 1 MB
show "scikit-learn" whole.sklearn.memory 1 MB whole.fltrain.memory "fltrain"
show "PyTorch" whole.torch.memory 1 MB whole.fltrain.memory "fltrain"
show "XGBoost" whole.xgboost.memory 1 MB whole.fltrain.memory "fltrain"
echo "Each command, on data/fraud.csv: 30,000 rows of 12 columns"
show "--loss focal --gamma 2" job.default
show "XGBoost, stopped early in 5 folds" job.xgboost 1 s job.default "fltrain"
show "fltrain with --preset fast" job.fast
show "cv --preset fast" job.cv
show "compare --preset fast" job.compare
show "check" job.check
show "explain, that model" job.explain
show "evaluate, that model" job.evaluate
show "predict, that model" job.predict
show "predict --reasons 3, 2,000 rows" job.reasons
show "report: a page of that training" job.page
show "--version: start-up" job.start 1000 ms
absent=
for peer in pandas polars duckdb sklearn torch xgboost; do
	case " $peers " in *" $peer "*) ;; *) absent="$absent $peer" ;; esac
done
[ -z "$absent" ] || echo "Not found, and left out:$absent"
