#!/usr/bin/env python3
"""How far the rows of one network divide over ranks: tests/bench/scale/scale.py openmpi|mpich FOLDER

Measures on this machine (trades between two ranks, strong and weak scaling, bytes and messages), fits a model (model.py)
and checks it in two ways: against ranks whose letters a layer before MPI (network.c) holds back, by the wall clock, and
against clocks that go on by the processor time of each rank and by what its letters would take, up to 16 ranks. Then it
plans 1 to 1,024 ranks. Exit code 1: what was measured lies beyond a bound of what the model says.

FOLDER holds fltrain built with that MPI, bench/big_table, bench/scale/trades and bench/scale/network.so: make bench-scale
builds them.
RUNS=3: of each measurement, of which the least counts, since others may use the processors.
"""
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from model import Model, Network, efficiency_of_pieces, fit_line, most_rows, shards_of, team_of, trades_of  # noqa: E402

RUNS = int(os.environ.get("RUNS", "3"))
CORES = len(os.sched_getaffinity(0))
ROWS, COLUMNS, FIT = 29114, 12, 20380  # the last of an epoch's steps has as many shards as the others, whatever the batch
BATCH, EPOCHS = 4096, 10
HIDDEN = 128
FIXED = ("--recipe plain --members 1 --embedding none --activation relu --dropout 0 --gamma 2 --optimizer adam --lr 1e-3 "
         "--weight-decay 0 --schedule constant --patience 0 --validation-fraction 0 --test-fraction 0.3 --threads 1 --seed 1 "
         f"--hidden {HIDDEN},{HIDDEN}").split()
LETTER = 65536  # bytes, about those of a step's letters
RANKS_TRIED, COUNTED = (1, 2, 4), (2, 3, 4, 8, 16)
FAST, ETHERNET = Network("fast cluster", 2, 12000), Network("Ethernet", 50, 1200)
SLOW = Network("slow", 1000, 100)
HELD_BATCH, HELD_BACK = 512, (Network("", 10000, 0), Network("", 20000, 0), Network("", 40000, 0), Network("", 0, 2.5))
RANKS = [2 ** i for i in range(11)]
# Measured over what the model says. Clocks: each step waits for the slowest rank, on processors that others use, too. Held
# back: a rank that waits looks every half a millisecond, and then waits for a processor.
BOUNDS = {"clocks": (0.9, 1.4), "held back": (0.9, 1.4), "more": (0.9, 1.1), "counts": (0.99999, 1.00001)}


class Machine:
    """Where ranks run."""
    def __init__(self, mpi, folder, work):
        self.launcher = "mpirun.openmpi" if mpi == "openmpi" else "mpiexec.mpich"
        self.reading = math.inf  # seconds, the least of the runs: read and prepare
        self.folder, self.work, self.table = os.path.abspath(folder), work, os.path.join(work, "table.csv")
        # Those of src/ranks/README.md.
        os.environ.update(OMPI_MCA_btl_vader_single_copy_mechanism="none", OMPI_MCA_rmaps_base_oversubscribe="1",
                          OMPI_MCA_hwloc_base_binding_policy="none")
        if os.getuid() == 0:
            os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        run([os.path.join(self.folder, "bench/big_table"), self.table, str(ROWS), str(COLUMNS)])

    def trades(self):
        """Triples of bytes, and microseconds: of the middle trade, and of one that nine tenths are faster than."""
        lines = run([self.launcher, "-n", "2", os.path.join(self.folder, "bench/scale/trades")]).splitlines()
        return [tuple(map(float, line.split())) for line in lines]

    def train(self, ranks, batch, epochs, clock="none", network=None):
        """One line of network.c for each rank that had rows, and the program's report."""
        out = os.path.join(self.work, "rank.")
        words = [] if ranks == 1 else [self.launcher, "-n", str(ranks)]
        words += ["env", "LD_PRELOAD=" + os.path.join(self.folder, "bench/scale/network.so"), "NETWORK_OUT=" + out,
                  "NETWORK_CLOCK=" + clock]
        if network:
            words += [f"NETWORK_LATENCY={network.latency}", f"NETWORK_BANDWIDTH={network.bandwidth}"]
        report = os.path.join(self.work, "report.json")
        run(words + [os.path.join(self.folder, "fltrain"), "train", "-q", *FIXED, "--batch", str(batch), "--epochs", str(epochs),
                     "--json", report, "--force", "--no-model", self.table])
        with open(report, encoding="utf-8") as file:
            about = json.load(file)
        assert about["split"]["fit"]["rows"] == FIT, about["split"]["fit"]["rows"]
        if ranks == 1:
            self.reading = min(self.reading, about["seconds"]["read"] + about["seconds"]["prepare"])
        lines = []
        for rank in range(team_of(batch, ranks)):
            with open(out + str(rank), encoding="utf-8") as file:
                lines.append(json.load(file))
        return lines, about


def run(words):
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"scale.py: {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def steps_of(batch, epochs):
    return math.ceil(FIT / batch) * epochs


def step_seconds(machine, batch, ranks):
    """Processor seconds of a step, of each rank, and wall seconds of it; for one run."""
    if ranks == 1:
        spent, wall = [], []
        for epochs in (EPOCHS, 3 * EPOCHS):
            lines, about = machine.train(1, batch, epochs)
            spent.append(lines[0]["cpu"])
            wall.append(about["seconds"]["train"])
        steps = steps_of(batch, 2 * EPOCHS)
        return [(spent[1] - spent[0]) / steps], (wall[1] - wall[0]) / steps, lines
    lines, _ = machine.train(ranks, batch, 2 * EPOCHS)
    # From the first trade to the last: a step less than there were.
    steps = steps_of(batch, 2 * EPOCHS) - 1
    return [line["computing"] / steps for line in lines], lines[0]["seconds"] / steps, lines


def clock_seconds(machine, ranks, network):
    """Of a step, by the clock that is ahead of the others."""
    lines, _ = machine.train(ranks, BATCH, EPOCHS, "cpu", network)
    return max(line["clock"] for line in lines) / (steps_of(BATCH, EPOCHS) - 1)


def marked(ranks):
    return f"{ranks}*" if ranks > CORES else f"{ranks} "


def measure_trades(machine):
    lines = [min(each, key=lambda line: line[1]) for each in zip(*(machine.trades() for _ in range(RUNS)))]
    small, large = lines[0], next(line for line in lines if line[0] == LETTER)
    print("Trades of two ranks on this machine, through its memory, in microseconds\n")
    print(f"{'bytes':>9} {'middle':>9} {'nine tenths':>12}")
    for n_bytes, middle, slow in lines:
        print(f"{n_bytes:9.0f} {middle:9.2f} {slow:12.2f}")
    return Network("this machine", small[1], large[0] / (large[1] - small[1]))


def measure_scaling(machine):
    """Points of rows and of processor seconds for a step; of bytes and of processor seconds for a message; and the steps by
    the clocks of the ranks, which are measured in turns with the others, since the processors are not as fast all the time."""
    kinds = {"strong": lambda ranks: BATCH, "strong, few": lambda ranks: BATCH // 4, "weak": lambda ranks: BATCH // 4 * ranks}
    runs = {(kind, ranks): [] for kind in kinds for ranks in RANKS_TRIED}
    clocks = {(network, ranks): math.inf for network in (FAST, ETHERNET, SLOW) for ranks in (2, 4, 8, 16)}
    for _ in range(RUNS):
        for kind, ranks in runs:
            runs[kind, ranks].append(step_seconds(machine, kinds[kind](ranks), ranks))
        for network, ranks in clocks:
            clocks[network, ranks] = min(clocks[network, ranks], clock_seconds(machine, ranks, network))
    points, messages, base = [], [], {}
    print(f"\nSteps of one network: milliseconds of a step. *: more ranks than the {CORES} cores, so that the wall clock does not "
          "tell how\nlong ranks with a core each take; speed-up and efficiency are those of the processor time, without trades\n")
    print(f"{'':12} {'ranks':>6} {'rows a step':>12} {'rows a rank':>12} {'processor':>10} {'of the most':>12} {'wall':>8} "
          f"{'speed-up':>9} {'efficiency':>11}")
    for (kind, ranks), each in runs.items():
        batch = kinds[kind](ranks)
        mean, most = min(statistics.mean(spent) for spent, _, _ in each), min(max(spent) for spent, _, _ in each)
        wall = min(wall for _, wall, _ in each)
        points.append((most_rows(batch, ranks), mean))
        if ranks > 1:
            lines = [line for _, _, lines in each for line in lines]
            messages.append((lines[0]["bytes"] / lines[0]["messages"], min(line["posting"] / line["messages"] for line in lines)))
        faster = base.setdefault(kind, mean) / mean * (ranks if kind == "weak" else 1)
        print(f"{kind:12} {marked(ranks):>6} {batch:12} {most_rows(batch, ranks):12} {1e3 * mean:10.3f} {1e3 * most:12.3f} "
              f"{1e3 * wall:8.3f} {faster:9.2f} {100 * faster / ranks:9.0f} %")
    return points, messages, clocks


class Checks:
    def __init__(self):
        self.n = 0
        self.beyond = []

    def ratio(self, kind, what, measured, said):
        low, high = BOUNDS[kind]
        self.n += 1
        ratio = measured / said
        if not low <= ratio <= high:
            self.beyond.append(f"{what}: {ratio:.3f} is not within {low} to {high}")
        return ratio


def check_counts(machine, n_params, checks):
    print(f"\nWhat rank 0 sends in a step of {BATCH} rows, {n_params} parameters: messages, kilobytes; beside it what the page of "
          "ranks says,\na tree that all climb together (log2 N sums sent, recursive doubling), and the fewest bytes there "
          "can be: 8 P (N - 1) / N\n")
    print(f"{'ranks':>6} {'counted':>16} {'said':>16} {'ratio':>7} {'tree':>16} {'fewest':>8}   differs from the tree")
    for ranks in COUNTED:
        lines, _ = machine.train(ranks, BATCH, 2)
        steps = steps_of(BATCH, 2)
        counted = lines[0]["messages"] / steps, lines[0]["bytes"] / steps
        _, messages, n_bytes = trades_of(BATCH, ranks, n_params)
        checks.ratio("counts", f"messages of {ranks} ranks", counted[0], messages)
        ratio = checks.ratio("counts", f"bytes of {ranks} ranks", counted[1], n_bytes)
        deep = math.ceil(math.log2(ranks))
        tree = deep, deep * 4 * n_params
        fewest = 8 * n_params * (ranks - 1) / ranks if ranks > 2 else 4 * n_params
        print(f"{ranks:6} {counted[0]:6.1f} {counted[1] / 1e3:9.1f} {messages:6} {n_bytes / 1e3:9.1f} {ratio:7.4f} "
              f"{tree[0]:6} {tree[1] / 1e3:9.1f} {fewest / 1e3:8.1f}   "
              f"{counted[0] / tree[0]:.1f} times the messages, {counted[1] / tree[1]:.2f} times the bytes")


def check_held_back(machine, model, checks):
    print(f"\nLetters held back by the wall clock, {HELD_BATCH} rows a step: milliseconds of a step, the least of the runs. Said: the "
          "step without\ndelay, the latency of each round, and the bytes. A rank that waits sleeps, and then waits for a processor: "
          "so the last\nratio is that of what each has more than the first\n")
    print(f"{'ranks':>6} {'latency us':>11} {'MB/s':>5} {'measured':>9} {'said':>9} {'ratio':>7} {'of more':>8}")
    epochs = 1
    for ranks in (2, 4):
        least = {network: math.inf for network in (Network("", 0, 0), *HELD_BACK)}
        for _ in range(RUNS):
            for network in least:
                lines, _ = machine.train(ranks, HELD_BATCH, epochs, "wall", network)
                least[network] = min(least[network], lines[0]["seconds"] / (steps_of(HELD_BATCH, epochs) - 1))
        rounds, _, n_bytes = trades_of(HELD_BATCH, ranks, model.n_params)
        undelayed = min(seconds for network, seconds in least.items() if network not in HELD_BACK)
        first = None
        for network in HELD_BACK:
            said = undelayed + 1e-6 * (rounds * network.latency + (n_bytes / network.bandwidth if network.bandwidth else 0))
            what = f"{ranks} ranks, held back {network.latency} us, {network.bandwidth} MB/s"
            more = "" if not first else f"{checks.ratio('more', what, least[network] - first[0], said - first[1]):8.3f}"
            first = first or (least[network], said)
            ratio = checks.ratio("held back", what, least[network], said)
            print(f"{marked(ranks):>6} {network.latency:11} {network.bandwidth or '-':>5} {1e3 * least[network]:9.2f} "
                  f"{1e3 * said:9.2f} {ratio:7.2f} {more:>8}".rstrip())


def check_clocks(clocks, model, checks):
    print("\nClocks of the ranks: milliseconds of a step as if each rank had a core, and such a network. The model was fitted to "
          "the processor\ntime of 1, 2 and 4 ranks without one\n")
    print(f"{'ranks':>6} {'rows':>6}   {'network':32} {'measured':>9} {'said':>9} {'ratio':>7}   of it trading, said")
    for (network, ranks), found in clocks.items():
        said = model.seconds(BATCH, ranks, network)
        ratio = checks.ratio("clocks", f"{ranks} ranks, {network}", found, said)
        print(f"{ranks:6} {BATCH:6}   {str(network):32} {1e3 * found:9.3f} {1e3 * said:9.3f} {ratio:7.2f}   "
              f"{100 * model.trading(BATCH, ranks, network) / said:5.0f} %")


def print_plan(model, networks, reading):
    for network in networks:
        print(f"\nPlanned: seconds an epoch, one thread a rank, {BATCH} rows a step ({shards_of(BATCH)} shards), {network}\n")
        print(f"{'ranks':>6} {'with rows':>10} {'10^6 rows':>10} {'10^7':>9} {'10^8':>9} {'10^9':>9} {'efficiency':>11}")
        for ranks in RANKS:
            step = model.seconds(BATCH, ranks, network)
            epochs = [math.ceil(10 ** power / BATCH) * step for power in (6, 7, 8, 9)]
            print(f"{ranks:6} {team_of(BATCH, ranks):10} {epochs[0]:10.3f} {epochs[1]:9.2f} {epochs[2]:9.1f} {epochs[3]:9.0f} "
                  f"{100 * model.efficiency(BATCH, ranks, network):9.1f} %")
    n_bytes = COLUMNS * 4
    print(f"\nBeyond {team_of(BATCH, 1024)} ranks rows do not divide: a step has at most as many shards. Networks and folds go on "
          f"dividing, see below.\nReading and preparing, which these seconds leave out, take one process "
          f"{1e6 * reading:.2f} us a row here,\nso {1e9 * reading:.0f} s for 10^9 rows. Ranks divide the parsing alone, and each holds "
          f"all rows: at {n_bytes} bytes of a prepared row {n_bytes} GB\nfor 10^9.")


def print_where_it_stops(model, networks):
    print("\nWhere it stops paying: the most ranks that are used to half and more; the ranks of the fastest step, and how many "
          "times as fast\nas one rank that is\n")
    print(f"{'rows a step':>11} {'shards':>7}   " + "".join(f"{network.name:>26}" for network in networks))
    for batch in (256, 512, 1024, 2048, 4096, 16384, 65536):
        cells = []
        for network in networks:
            half = max(n for n in range(1, 17) if team_of(batch, n) == n and model.efficiency(batch, n, network) >= 0.5)
            best = min(range(1, 17), key=lambda ranks: model.seconds(batch, ranks, network))
            times = model.seconds(batch, 1, network) / model.seconds(batch, best, network)
            cells.append(f"{half:8};{best:4},{times:6.1f} times")
        print(f"{batch:11} {shards_of(batch):7}   " + "".join(f"{cell:>26}" for cell in cells))


def print_pieces():
    print("\nNetworks and folds trade nothing: how well ranks are used by so many trainings of equal work, in percent (and how "
          "many times\nas fast)\n")
    kinds = (5, 30, 100, 1000)
    print(f"{'ranks':>6}" + "".join(f"{f'{n} trainings':>18}" for n in kinds))
    for ranks in RANKS:
        cells = [f"{100 * efficiency_of_pieces(n, ranks):.0f} ({ranks * efficiency_of_pieces(n, ranks):.0f})" for n in kinds]
        print(f"{ranks:6}" + "".join(f"{cell:>18}" for cell in cells))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("openmpi", "mpich"):
        sys.exit("usage: tests/bench/scale/scale.py openmpi|mpich FOLDER (make bench-scale builds it)")
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="fltrain-scale.") as work:
        machine = Machine(*sys.argv[1:], work)
        load = os.getloadavg()[0]
        n_params = machine.train(1, BATCH, 1)[1]["model"]["weights"]
        print(f"Ranks: {sys.argv[1]}, {CORES} cores, load {load:.0f} from others at the start; the least of {RUNS} runs; two hidden layers "
              f"of {HIDDEN},\n{n_params} parameters, {FIT} rows\n")
        own = measure_trades(machine)
        points, messages, clocks = measure_scaling(machine)
        byte, message = fit_line(messages)
        model = Model(*fit_line(points), message, byte, n_params)
        reading = machine.reading / ROWS
        print(f"\nModel: {1e6 * model.row:.3f} us of processor for a row ({6 * n_params / model.row / 1e9:.0f} Gflop/s), "
              f"{1e6 * model.step:.0f} us for a step beside its rows, {1e6 * message:.2f} us\nto send and receive a message and "
              f"{1e9 * byte:.2f} us for each kilobyte of it; {own}")
        check_counts(machine, n_params, checks)
        check_held_back(machine, model, checks)
        check_clocks(clocks, model, checks)
    networks = (own, FAST, ETHERNET)
    print_plan(model, networks, reading)
    print_where_it_stops(model, networks)
    print_pieces()
    print(f"\nscale: {checks.n - len(checks.beyond)} of {checks.n} figures within their bounds")
    for line in checks.beyond:
        print(f"  beyond: {line}")
    return 1 if checks.beyond else 0


if __name__ == "__main__":
    sys.exit(main())
