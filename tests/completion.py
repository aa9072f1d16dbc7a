#!/usr/bin/env python3
"""Completion in real shells: types lines with tabs into bash, zsh and fish on terminals, and compares what is run.

tests/completion.py PROGRAM

A shell that is not installed is said and left out. In place of fltrain a script shows the arguments it is run with, and
hands on what completion asks.
"""

import concurrent.futures
import os
import pty
import select
import shutil
import signal
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPTS = os.path.join(ROOT, "configs", "completion")
PATIENCE = 60  # seconds

# What is typed, and what fltrain is then run with.
LINES = [
    ("pred\t", ["predict"]),
    ("train --gam\t2", ["train", "--gamma", "2"]),
    ("--loss fo\trows.csv", ["--loss", "focal", "rows.csv"]),
    ("--loss=fo\trows.csv", ["--loss=focal", "rows.csv"]),
    ("ro\t", ["rows.csv"]),
    ("rows.csv --drop mi\t", ["rows.csv", "--drop", "minutes"]),
    ("rows.csv --drop od\t", ["rows.csv", "--drop", "odd name"]),
    ("rows.csv --drop amount,mi\t", ["rows.csv", "--drop", "amount,minutes"]),
    ("rows.csv --target=am\t", ["rows.csv", "--target=amount"]),
    ("rows.csv --threshold rec\t0.9", ["rows.csv", "--threshold", "recall>=0.9"]),
    ("cv --json ro\t", ["cv", "--json", "rows.csv"]),
    ("help base\t", ["help", "base"]),
]

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f"source {SCRIPTS}/fltrain.bash"),
    "zsh": (["zsh", "-f", "-i"], f"fpath=({SCRIPTS} $fpath); autoload -Uz compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], f"source {SCRIPTS}/fltrain.fish"),
}


class Terminal:
    def __init__(self, command, folder):
        environment = {"HOME": folder, "TERM": "xterm", "PATH": folder + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8",
                       "PS1": "$ "}
        self.pid, self.master = pty.fork()  # the terminal controls the child, as fish wants it
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)

    def type(self, keys):
        os.write(self.master, keys.encode())

    def drain(self, seconds):
        """Reads until nothing came for that long, so that a shell never waits for us."""
        while select.select([self.master], [], [], seconds)[0]:
            os.read(self.master, 65536)

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)


def write_script(path, text):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)


def wait_for(path, terminal):
    end = time.time() + PATIENCE
    while time.time() < end:
        terminal.drain(0.05)
        if os.path.exists(path):
            with open(path) as file:
                words = file.read().split("\n")[:-1]
            os.remove(path)
            return words
    return None


def make_folder(folder, program):
    with open(os.path.join(folder, "rows.csv"), "w") as file:
        file.write("amount,odd name,minutes,y\n" + "1,2,3,0\n4,5,6,1\n" * 5)
    write_script(os.path.join(folder, "fltrain"), f"""#!/bin/sh
[ "$1" = --complete ] && exec '{program}' "$@"
printf '%s\\n' "$@" >'{folder}/words'
mv '{folder}/words' '{folder}/ran'
""")


def run_line(shell, typed, program):
    """A new shell and folder for each line, since what one line left behind must not help the next."""
    command, setup = SHELLS[shell]
    with tempfile.TemporaryDirectory() as folder:
        make_folder(folder, program)
        terminal = Terminal(command, folder)
        ran = os.path.join(folder, "ran")
        try:
            terminal.drain(1)
            terminal.type(f"{setup}; fltrain ready\r")
            if wait_for(ran, terminal) != ["ready"]:
                return "nothing: the shell did not start"
            terminal.drain(0.5)
            before, after = typed.split("\t")
            terminal.type("fltrain " + before + "\t")
            terminal.drain(2)
            terminal.type(after + "\r")
            return wait_for(ran, terminal)
        finally:
            terminal.close()


def main():
    program = os.path.realpath(sys.argv[1])
    passed = failed = 0
    shells = [shell for shell in SHELLS if shutil.which(shell)]
    for shell in SHELLS:
        if shell not in shells:
            print(f"skipped {shell}: it is not installed (make deps-dev)")
    # Most of the time nothing happens: it is waited for what shells print.
    with concurrent.futures.ProcessPoolExecutor(8) as pool:
        runs = [(shell, typed, expected, pool.submit(run_line, shell, typed, program))
                for shell in shells for typed, expected in LINES]
        for shell, typed, expected, run in runs:
            words = run.result()
            passed, failed = passed + (words == expected), failed + (words != expected)
            if words != expected:
                print(f"FAILED  {shell}: {typed!r} ran {words}, not {expected}")
    print(f"completion: {passed} passed, {failed} failed ({', '.join(shells)})")
    return failed > 0 or passed == 0


sys.exit(main())
