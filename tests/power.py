#!/usr/bin/env python3
"""Cuts the power at every moment of trainings and predictions: tests/power.py PROGRAM RECORD

RECORD is tests/power/record.c, built to be preloaded. Each command runs once while its creates, writes, syncs, links,
renames and unlinks are recorded. Then, after each of these calls, what a disk may hold is put together, as in
Pillai et al., All file systems are not created equal (2014), and made as harsh as the manuals allow:

- Bytes written since the file's last sync are there or not, sector by sector (512 bytes) and in any order; where they
  are not, there are zeros or what the disk held before, or the file has not grown. A sync of a file without a name
  counts for nothing, since btrfs leaves it out.
- Entries of folders changed since the folder's last sync are there or not, each on its own, and whether or not the
  bytes of the file are: a rename is two entries, of which the new one is replaced at once.

Every state is judged: an output is the older one or the new one, byte for byte; a checkpoint is one of those that were
written, the last or the last but one; there is none only before the first, and when all outputs are new; nothing else
is there but files with the documented temporary name. States that differ in what they hold are then gone on from: the
same command, with --resume where there is a checkpoint, has to end in the same bytes.

Two more tests for each command show that the check can fail: with the syncs of files or those of folders left out of
the record, states have to be wrong. The first leave torn checkpoints, too: each has to be refused in one sentence, with
exit code 4.
"""

import hashlib
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile

SECTOR = 512
MOST_ENTRY_CHOICES = 64
MOST_TORN_RUNS = 12  # of each command
# Calls that change files, and that record.c knows nothing of. Nothing has to last of what others do: mkdtemp makes the
# folder in which an export is tried, mkdir those of the demo and of --cache, and (posix_)fallocate keeps room in a file
# without a name.
UNKNOWN = re.compile(r"openat|creat|writev|pwritev?|f?truncate|link|symlink(at)?|rename(at2?|2)|unlinkat|remove|mkdirat|"
                     r"mkstemps?|mkostemps|tmpfile|freopen|f?open64|fdatasync|sync|sendfile|"
                     r"copy_file_range")
TEMPORARY = re.compile(r"\.fltrain-[0-9a-f]{32}\.tmp")
QUICK = "-q --preset fast --hidden 16 --epochs 2 --threads 1"


class Case:
    """A command in a folder of its own; outputs and the checkpoint are paths in it. `before` says what was there."""

    def __init__(self, name, arguments, outputs, before=(), checkpoint=None, link=None):
        self.name, self.outputs, self.before, self.checkpoint, self.link = name, outputs, dict(before), checkpoint, link
        self.arguments = arguments.split()

    def going_on(self, has_state):
        """The arguments with which a user goes on."""
        words = [word for word in self.arguments if word not in ("--checkpoint", "--resume", self.checkpoint)]
        if not self.checkpoint:
            return words
        return words[:1] + ["--resume" if has_state else "--checkpoint", self.checkpoint] + words[1:]


CASES = [
    Case("train", f"train {QUICK} --batch 16 --checkpoint out/state -o out/model --json out/report in/rows.csv",
         ["out/model", "out/report"], {"out/model": "older"}, "out/state"),
    Case("train-first", f"train {QUICK} --batch 16 --checkpoint other/state -o out/model --log out/log in/rows.csv",
         ["out/model", "out/log"], {}, "other/state"),
    Case("train-bag", f"train {QUICK} --members 2 --checkpoint out/state -o out/model "
         "--predictions other/scored in/rows.csv",
         ["out/model", "other/scored"], {"out/model": "older", "other/scored": "rows.csv"}, "out/state"),
    Case("train-resume", f"train {QUICK} --batch 16 --resume out/state -o out/model in/rows.csv",
         ["out/model"], {"out/model": "older", "out/state": "state"}, "out/state"),
    Case("cv", f"cv {QUICK} --batch 64 --validation-fraction 0 --folds 2 --repeats 1 --checkpoint out/state --log out/log "
         "--predictions other/scored in/rows.csv",
         ["out/log", "other/scored"], {"other/scored": "rows.csv"}, "out/state"),
    Case("predict", "predict -q --json out/report -o out/scored in/model in/rows.csv",
         ["out/scored", "out/report"], {"out/scored": "rows.csv"}),
    Case("predict-first", "predict -q -o out/scored in/model in/rows.csv", ["out/scored"]),
    Case("evaluate", "evaluate -q --threshold recall>=0.5@50 -o out/link in/model in/rows.csv",
         ["third/model"], {"third/model": "older"}, link=("out/link", "../third/model")),
]
FOLDERS = ("in", "out", "other", "third")


# ---- files ----


def read(path):
    with open(path, "rb") as file:
        return file.read()


def without_command(content):
    """A report names the command, and one that goes on is another."""
    return content and re.sub(rb'"command":"[^"]*"', b"", content)


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)


def make_folders(folder, made, case):
    for name in FOLDERS:
        os.mkdir(f"{folder}/{name}")
    for name, content in made.items():
        write(f"{folder}/in/{name}", content)
    if case.link:
        os.symlink(case.link[1], f"{folder}/{case.link[0]}")


def read_state(folder):
    """What the folders hold, but for in/ and links."""
    paths = [f"{name}/{file}" for name in FOLDERS[1:] for file in os.listdir(f"{folder}/{name}")]
    return {path: read(f"{folder}/{path}") for path in paths if not os.path.islink(f"{folder}/{path}")}


def run(program, folder, arguments, record, preload, nameless=True):
    environment = {**os.environ, "RECORD": record, "LD_PRELOAD": preload}
    if not nameless:
        environment["NO_NAMELESS"] = "1"
    return subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=60)


# ---- the record ----


def parse(record):
    """The calls, each a list of words; that of a write ends in its bytes."""
    at = 0
    while at < len(record):
        end = record.index(b"\n", at)
        words = record[at:end].decode().split(" ")
        at = end + 1
        if words[0] == "write":
            n = int(words[3])
            words[3] = record[at:at + n]
            at += n
        yield words


class File:
    def __init__(self, content=b"", is_named=False):
        self.durable = self.content = content
        self.is_named = is_named

    def write(self, offset, content):
        self.content = self.content[:offset].ljust(offset, b"\0") + content + self.content[offset + len(content):]

    def choices(self, chance):
        """What the disk may hold of it, each under a name of its own."""
        durable, content = self.durable, self.content
        if durable == content:
            yield "whole", content
            return
        first, n = len(durable) // SECTOR, -(-len(content) // SECTOR)
        yield "nothing", durable
        yield "all", content
        for filler in b"\0", b"\xa5":
            blank = durable + filler * (len(content) - len(durable))
            yield f"length{filler}", blank
            for until in range(first + 1, n):
                yield f"cut at {until}{filler}", content[:until * SECTOR] + blank[until * SECTOR:]
            for _ in range(40):
                bits = chance.getrandbits(n) | 1 << n
                sectors = [(content if bits >> s & 1 else blank)[s * SECTOR:(s + 1) * SECTOR] for s in range(n)]
                yield f"sectors {bits}{filler}", b"".join(sectors)
        for until in range(first + 1, n):
            yield f"short {until}", content[:until * SECTOR]


class Disk:
    """Files and folders as the program sees them and as the disk may hold them, call after call. The syncs named in
    `left_out` have no effect."""

    def __init__(self, folders, state, left_out=()):
        self.folders, self.left_out = folders, left_out  # number of each folder: its name
        self.files = {path: File(content, True) for path, content in state.items()}
        self.durable = {path: path for path in state}  # path: key in files
        self.seen = dict(self.durable)
        self.pending = []  # (path, key or None), in order
        self.keys, self.n_files = {}, 0

    def path(self, folder, name):
        return f"{self.folders[folder]}/{name}" if folder in self.folders else None

    def set_entry(self, path, key):
        if path:
            self.pending.append((path, key))
            if key is None:
                self.seen.pop(path, None)
            else:
                self.seen[path] = key

    def begin_file(self, number, is_named):
        self.n_files += 1
        self.keys[number] = self.n_files
        self.files[self.n_files] = File(is_named=is_named)

    def sync(self, number):
        if number in self.folders:
            if "folders" in self.left_out:
                return
            prefix = self.folders[number] + "/"
            for path, key in self.pending:
                if path.startswith(prefix):
                    if key is None:
                        self.durable.pop(path, None)
                    else:
                        self.durable[path] = key
            self.pending = [entry for entry in self.pending if not entry[0].startswith(prefix)]
        elif number in self.keys:
            file = self.files[self.keys[number]]
            if file.is_named and "files" not in self.left_out:
                file.durable = file.content

    def apply(self, call):
        kind, words = call[0], call[1:]
        if kind == "create":
            self.begin_file(words[2], True)
            self.set_entry(self.path(*words[:2]), self.keys[words[2]])
        elif kind == "nameless":
            self.begin_file(words[0], False)
        elif kind == "write":
            if words[0] not in self.keys:
                raise SystemExit(f"power.py: writes into a file that it did not create: {call[:3]}")
            self.files[self.keys[words[0]]].write(int(words[1]), words[2])
        elif kind == "link":
            self.files[self.keys[words[2]]].is_named = True
            self.set_entry(self.path(*words[:2]), self.keys[words[2]])
        elif kind == "rename":
            self.set_entry(self.path(*words[2:]), self.seen.get(self.path(*words[:2])))
            self.set_entry(self.path(*words[:2]), None)
        elif kind == "unlink":
            self.set_entry(self.path(*words), None)
        elif kind == "sync":
            self.sync(words[0])

    def entry_choices(self, chance):
        n = len(self.pending)
        if 2 ** n <= MOST_ENTRY_CHOICES:
            yield from itertools.product((False, True), repeat=n)
            return
        some = {tuple(i < until for i in range(n)) for until in range(n + 1)}
        while len(some) < MOST_ENTRY_CHOICES:
            some.add(tuple(chance.random() < 0.5 for _ in range(n)))
        yield from sorted(some)

    def states(self, chance):
        """(choice, path: bytes), for each choice: the entries, then the bytes of files that have a name then. Where
        several of these are not whole, they take their choices in step."""
        for entries in self.entry_choices(chance):
            names = dict(self.durable)
            for taken, (path, key) in zip(entries, self.pending):
                if taken and key is None:
                    names.pop(path, None)
                elif taken:
                    names[path] = key
            whole = {path: self.files[key].content for path, key in names.items()
                     if self.files[key].content == self.files[key].durable}
            torn = sorted({key for path, key in names.items() if path not in whole}, key=str)
            options = [list(self.files[key].choices(chance)) for key in torn]
            for i in range(max((len(option) for option in options), default=1)):
                chosen = {key: option[i % len(option)] for key, option in zip(torn, options)}
                content = {path: whole[path] if path in whole else chosen[key][1] for path, key in names.items()}
                yield (entries, *(chosen[key][0] for key in torn)), content


# ---- the judgement ----


class Judge:
    """What was renamed is promised once the program does anything but sync."""

    def __init__(self, walk):
        self.walk, self.case = walk, walk.case
        self.promised = {walk.case.checkpoint: 0 if walk.case.checkpoint in walk.before else -1}
        self.renamed = {}

    def follow(self, call, disk):
        """Before the program makes this call; None: it has ended."""
        if call is None or call[0] != "sync":
            self.promised.update(self.renamed)
            self.renamed = {}
        if call and call[0] == "rename":
            path = disk.path(*call[3:])
            n = self.renamed.get(path, self.promised.get(path, 0))
            self.renamed[path] = n + 1

    def classify(self, state):
        """What it holds, in a few words for each file, or what is wrong with it."""
        found, n_new = [], 0
        for path in self.case.outputs:
            content = state.get(path)
            if content == self.walk.after[path]:
                found.append("new")
                n_new += 1
            elif content == self.walk.before.get(path) and not self.promised.get(path):
                found.append("older")
            elif content == self.walk.before.get(path):
                return None, f"{path} is still the older one"
            else:
                return None, f"{path} is neither the older nor the new one"
        checkpoint = self.case.checkpoint
        strays = set(state) - set(self.case.outputs) - {checkpoint} - set(self.walk.before)
        for path in strays:
            if not TEMPORARY.fullmatch(os.path.basename(path)):
                return None, f"{path} was left"
        if not checkpoint:
            return tuple(found), None
        least = self.promised[checkpoint]
        if checkpoint not in state:
            if least >= 0 and n_new < len(found):
                return None, "the checkpoint is gone, and not all outputs are there"
            return (*found, None), None
        at = [i for i, content in enumerate(self.walk.checkpoints) if content == state[checkpoint]]
        if not at:
            return None, "the checkpoint is not one that was written"
        if at[-1] < least:
            return None, "the checkpoint is older than the last but one"
        return (*found, at[-1]), None


def digest(state):
    all_bytes = hashlib.sha256()
    for path in sorted(state):
        all_bytes.update(f"{path} {len(state[path])} ".encode() + state[path])
    return all_bytes.digest()


class Walk:
    def __init__(self, case, before, after, calls, folders):
        self.case, self.before, self.after, self.calls, self.folders = case, before, after, calls, folders
        self.checkpoints = [before[case.checkpoint]] if case.checkpoint in before else []
        disk = Disk(folders, before)
        for call in calls:
            disk.apply(call)
            if call[0] == "rename" and disk.path(*call[3:]) == case.checkpoint:
                self.checkpoints.append(disk.files[disk.seen[case.checkpoint]].content)

    def states(self, left_out, seed):
        """(moment, state, class or None, what is wrong or None) of every state."""
        chance = random.Random(seed)
        disk, judge = Disk(self.folders, self.before, left_out), Judge(self)
        for moment in range(len(self.calls) + 1):
            if moment == len(self.calls):
                judge.follow(None, disk)
            seen = set()
            for choice, state in disk.states(chance):
                if choice not in seen:
                    seen.add(choice)
                    yield moment, state, *judge.classify(state)
            if moment < len(self.calls):
                judge.follow(self.calls[moment], disk)
                disk.apply(self.calls[moment])


class Runner:
    def __init__(self, program, preload, work, made):
        self.program, self.preload, self.work, self.made = program, preload, work, made
        self.n_runs = self.passed = self.failed = self.n_states = 0
        self.contents = set()

    def tell(self, is_good, name, text):
        self.passed += is_good
        self.failed += not is_good
        if not is_good and self.failed <= 20:
            print(f"FAILED  {name}: {text}")

    def record(self, case, nameless):
        folder = tempfile.mkdtemp(dir=self.work)
        make_folders(folder, self.made, case)
        for path, source in case.before.items():
            write(f"{folder}/{path}", self.made[source])
        before = read_state(folder)
        done = run(self.program, folder, case.arguments, f"{folder}/record", self.preload, nameless)
        if done.returncode != 0 or done.stderr:
            raise SystemExit(f"power.py: {case.name}: exit {done.returncode}: {done.stderr.decode()}")
        folders = {str(os.stat(f"{folder}/{name}").st_ino): name for name in FOLDERS[1:]}
        return Walk(case, before, read_state(folder), list(parse(read(f"{folder}/record"))), folders)

    def go_on(self, case, state):
        """Runs the command on a state: its exit code, what it says, and what there is then."""
        self.n_runs += 1
        folder = f"{self.work}/run{self.n_runs}"
        os.mkdir(folder)
        make_folders(folder, self.made, case)
        for path, content in state.items():
            write(f"{folder}/{path}", content)
        done = run(self.program, folder, case.going_on(case.checkpoint in state), "/dev/null", self.preload)
        return done.returncode, done.stderr.decode(errors="replace"), read_state(folder)

    def judge_end(self, walk, state):
        """What is wrong with the end of a run that goes on from a state, or None."""
        code, text, end = self.go_on(walk.case, state)
        if code != 0 or text:
            return f"exit {code}: {text}"
        wrong = [path for path in walk.case.outputs if without_command(end.get(path)) != without_command(walk.after[path])]
        if wrong:
            return f"{wrong[0]} is not that of a run that nothing cut"
        return "its checkpoint is still there" if walk.case.checkpoint in end else None

    def walk_honest(self, name, walk):
        classes = {}
        n_before = self.n_states
        for moment, state, kind, wrong in walk.states((), name):
            self.n_states += 1
            self.contents.add((walk.case.name, digest(state)))
            self.tell(wrong is None, name, f"after call {moment}: {wrong}")
            if wrong is None:
                classes.setdefault(kind, state)
        for kind, state in classes.items():
            wrong = self.judge_end(walk, state)
            self.tell(wrong is None, name, f"going on from {kind}: {wrong}")
        return self.n_states - n_before, len(classes)

    def walk_without(self, name, walk, left_out):
        """The check can fail: without these syncs, states are wrong."""
        is_wrong = any(wrong is not None for _, _, _, wrong in walk.states((left_out,), name))
        self.tell(is_wrong, name, f"no state is wrong without the syncs of {left_out}")

    def walk_torn(self, name, walk):
        """A disk that says it has synced files, and has not, leaves torn checkpoints."""
        torn = {}
        for _, state, _, _ in walk.states(("files",), name):
            content = state.get(walk.case.checkpoint)
            if content is not None and content not in walk.checkpoints:
                torn.setdefault(content, state)
        for state in random.Random(name).sample(list(torn.values()), min(MOST_TORN_RUNS, len(torn))):
            left = {**walk.before, walk.case.checkpoint: state[walk.case.checkpoint]}
            code, text, end = self.go_on(walk.case, left)
            is_refused = code == 4 and re.fullmatch(r"fltrain: .+\n", text) is not None
            self.tell(is_refused and end == left, name, f"a torn checkpoint: exit {code}: {text}")


def unknown_calls(program):
    listed = subprocess.run(["nm", "-D", "-u", program], capture_output=True, check=True, text=True).stdout
    return [name for name in re.findall(r" U ([a-z0-9_]+)", listed) if UNKNOWN.fullmatch(name)]


def make_inputs(program, preload, work):
    rows = subprocess.run(["awk", "-v", "n=60", "-f", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                                                   "cli/rows.awk")], capture_output=True, check=True).stdout
    folder = f"{work}/made"
    os.mkdir(folder)
    write(f"{folder}/rows.csv", rows)
    for arguments, made in (("-o model", "model"), ("--seed 2 -o older", "older")):
        subprocess.run([program, "train", *QUICK.split(), *arguments.split(), "rows.csv"], cwd=folder, check=True,
                       capture_output=True)
    # A training that cannot leave its report leaves its last checkpoint.
    run(program, folder, f"train {QUICK} --batch 16 --checkpoint state --no-model --json /dev/full rows.csv".split(),
        "/dev/null", preload)
    return {name: read(f"{folder}/{name}") for name in ("rows.csv", "model", "older", "state")}


def main():
    if len(sys.argv) < 3:
        raise SystemExit("usage: tests/power.py PROGRAM RECORD [CASE...]")
    program, preload = (os.path.abspath(path) for path in sys.argv[1:3])
    room = "/dev/shm" if not os.environ.get("TMPDIR") and os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="fltrain-power.", dir=room) as work:
        runner = Runner(program, preload, work, make_inputs(program, preload, work))
        unknown = unknown_calls(program)
        runner.tell(not unknown, "record.c", f"knows nothing of {', '.join(unknown)}")
        for case in CASES:
            if len(sys.argv) > 3 and case.name not in sys.argv[3:]:
                continue
            for nameless in True, False:
                name = case.name + ("" if nameless else ", named")
                walk = runner.record(case, nameless)
                n_states, n_runs = runner.walk_honest(name, walk)
                for left_out in "files", "folders":
                    runner.walk_without(name, walk, left_out)
                if case.checkpoint:
                    runner.walk_torn(name, walk)
                print(f"{name:22} {len(walk.calls):4} calls, {n_states:6} states, {n_runs:3} to go on from",
                      flush=True)
        print(f"{runner.n_states} states, {len(runner.contents)} different; {runner.n_runs} runs")
        print(f"power: {runner.passed} passed, {runner.failed} failed")
        raise SystemExit(1 if runner.failed or not runner.passed else 0)


if __name__ == "__main__":
    main()
