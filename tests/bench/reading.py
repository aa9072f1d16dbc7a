#!/usr/bin/python3
"""How fast CSV files of several shapes are read, beside the peers: tests/bench/reading.py BUILD [ROUNDS]

Six files are written into BUILD/bench, and each is read by `reading` (tests/bench/reading.c), Polars, DuckDB and pandas,
whichever are installed, on one thread and on two: once a round, one after the other, so that what else the machine does
falls on all alike. Medians are shown, and each peer's as a multiple of fltrain's. pandas has one thread.

fltrain reads without the checksum of the bytes here, as the peers do, and as `fltrain check` does. Behind them stand the
first file with its SHA-256, the same with one bad row in a hundred, read with --bad-rows skip, and one of the same size whose
numbers are subnormal, each beside the first file.

ROUNDS  [5]        NODE  with nodejs-polars or @duckdb/node-api, if it finds these by NODE_PATH [node]
"""
import os
import random
import statistics
import subprocess
import sys
import time

build, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
folder = os.path.join(build, "bench")
node = os.environ.get("NODE", "node")

WORDS = ("the of and to in is that for it was on are as with his they at be this from have or by one had not but what all "
         "were when we there can an your which their said if do will each about how up out them then she many some so").split()


def words(n):
    return " ".join(random.choices(WORDS, k=n))


def label():
    return int(random.random() < 0.03)


def write(name, header, n, row):
    path = os.path.join(folder, name + ".csv")
    if not os.path.exists(path):
        random.seed(name)
        with open(path + ".part", "w") as out:
            out.write(header + "\n")
            for i in range(n):
                out.write(row(i))
        os.rename(path + ".part", path)
    return path


def text_row(i):
    return (f'tx-{i:08d},{words(2)},{random.choice(WORDS)} {random.choice(WORDS)},{random.choice("abcdefgh")}-type,'
            f'{words(12)} {i},{random.choice(("open", "closed", "pending"))},{random.random() * 1000:.2f},{label()}\n')


def quoted_row(i):
    note = f'{words(4)}, he said ""{words(3)}""\n{words(5)}' if i % 2 else f"{words(6)}, {words(6)}"
    return f'"{i}","{words(2)}","{note}","{random.random() * 1000:.2f}","{label()}"\n'


def narrow_row(_):
    return f"{random.gauss(0, 1):.4f},{label()}\n"


def wide_row(_):
    return ",".join(f"{random.gauss(0, 10):.6g}" for _ in range(999)) + f",{label()}\n"


def stamp(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1706745600 + seconds))


def trip_row(_):
    start = random.randrange(86400 * 28)
    fare, tip = random.randrange(300, 6000) / 100, random.choice((0, random.randrange(1500) / 100))
    return (f"{random.randint(1, 2)},{stamp(start)},{stamp(start + random.randrange(3600))},{random.randint(1, 6)},"
            f'{random.random() * 20:.2f},{random.choice("NNNY")},{random.randrange(1, 265)},{random.randrange(1, 265)},'
            f"{fare},{tip},{fare + tip:.2f},{label()}\n")


def credit_card():
    path = os.path.join(folder, "creditcard.csv")
    if not os.path.exists(path):
        subprocess.run([os.path.join(folder, "big_table"), path], check=True)
    return path


def changed(name, path, change):
    """The file with each data row changed."""
    to = os.path.join(folder, name + ".csv")
    if not os.path.exists(to):
        with open(path) as file, open(to + ".part", "w") as out:
            out.write(next(file))
            for i, line in enumerate(file):
                out.write(change(i, line))
        os.rename(to + ".part", to)
    return to


def bad_row(i, line):
    return line.rsplit(",", 3)[0] + "\n" if i % 100 == 50 else line


def subnormal_row(_, line):
    """Every number between the first and the label has an exponent of about -310 in the place of its last digits."""
    first, *numbers, target = line.split(",")
    return ",".join([first] + [f"{float(x):.10e}"[:-4] + "e-310" for x in numbers] + [target])


SHAPES = (
    ("credit card: 31 columns", credit_card),
    ("text: 8 columns, of text 5", lambda: write("text", "id,name,city,kind,comment,status,amount,label", 200000, text_row)),
    ("quoted, doubled quotes, line ends", lambda: write("quoted", '"id","name","note","amount","label"', 300000, quoted_row)),
    ("narrow: 2 columns", lambda: write("narrow", "x,label", 5000000, narrow_row)),
    ("wide: 1,000 columns", lambda: write("wide", ",".join(f"v{i}" for i in range(999)) + ",label", 12000, wide_row)),
    ("trips: times, whole numbers, prices", lambda: write(
        "trips", "vendor,pickup,dropoff,passengers,distance,flag,from,to,fare,tip,total,label", 500000, trip_row)),
)

PANDAS = "import sys, time, pandas; start = time.perf_counter(); pandas.read_csv(sys.argv[1]); print(time.perf_counter() - start)"

PEERS = """
const [peer, path, threads] = process.argv.slice(1);
const packages = {polars: "nodejs-polars", duckdb: "@duckdb/node-api"};
async function read() {
    const library = require(packages[peer]);
    if (!path)
        return;
    const database = peer === "duckdb" && await (await library.DuckDBInstance.create(":memory:", {threads})).connect();
    const start = process.hrtime.bigint();
    if (database)
        await database.run(`create table t as select * from read_csv_auto('${path}')`);
    else
        library.readCSV(path);
    console.log(Number(process.hrtime.bigint() - start) / 1e9);
}
read();
"""


def command(reader, path, threads, options):
    if reader == "fltrain":
        return [os.path.join(folder, "reading"), str(threads), path] + options
    if reader == "pandas":
        return [sys.executable, "-c", PANDAS, path]
    return [node, "-e", PEERS, reader, path, str(threads)]


def seconds(reader, path, threads, options=()):
    environment = dict(os.environ, POLARS_MAX_THREADS=str(threads))
    out = subprocess.run(command(reader, path, threads, list(options)), env=environment, check=True, capture_output=True)
    return float(out.stdout)


def is_there(peer):
    arguments = [sys.executable, "-c", "import pandas"] if peer == "pandas" else [node, "-e", PEERS, peer]
    try:
        return subprocess.run(arguments, capture_output=True).returncode == 0
    except OSError:
        return False


def medians(runs):
    """Of each run (reader, path, threads, options), one after the other in each round."""
    samples = {run: [] for run in runs}
    for run in runs:
        seconds(*run)  # so that the file is in the cache of the system
        break
    for _ in range(rounds):
        for run in runs:
            samples[run].append(seconds(*run))
    return {run: statistics.median(values) for run, values in samples.items()}


def main():
    peers = [peer for peer in ("polars", "duckdb", "pandas") if is_there(peer)]
    print(f"Reading: seconds, medians of {rounds} rounds; a peer's also as a multiple of fltrain's on as many threads")
    print(f"{'':36} {'MB':>5} {'threads':>8} {'fltrain':>8}" + "".join(f" {peer:>16}" for peer in peers))
    paths = []
    for name, make in SHAPES:
        path = make()
        paths.append(path)
        runs = [(reader, path, n, ()) for n in (1, 2) for reader in ["fltrain"] + peers if n == 1 or reader != "pandas"]
        of = medians(runs)
        for n in (1, 2):
            own = of["fltrain", path, n, ()]
            cells = [of.get((peer, path, n, ())) for peer in peers]
            shown = "".join(" " * 17 if s is None else f" {s:8.3f} {s / own:5.2f} x" for s in cells)
            megabytes = f"{os.path.getsize(path) / 1e6:5.0f}"
            print(f"{name if n == 1 else '':36} {megabytes if n == 1 else '':>5} {n:8} {own:8.3f}{shown}".rstrip(), flush=True)
    clean = paths[0]
    edges = (("with SHA-256, as train needs it", clean, ("sha256",)),
             ("1 % bad rows, --bad-rows skip", changed("badrows", clean, bad_row), ("skip",)),
             ("subnormal numbers", changed("subnormal", clean, subnormal_row), ()))
    print(f"\nEdges: seconds, and as a multiple of the credit card file's")
    for n in (1, 2):
        runs = [("fltrain", clean, n, ())] + [("fltrain", path, n, options) for _, path, options in edges]
        of = medians(runs)
        for (name, path, options), run in zip(edges, runs[1:]):
            print(f"{name:36} {os.path.getsize(path) / 1e6:5.0f} {n:8} {of[run]:8.3f} {of[run] / of[runs[0]]:8.2f} x", flush=True)


main()
