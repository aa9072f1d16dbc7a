#!/usr/bin/env python3
"""Runs the commands that a page shows and compares what they print with what the page shows: tests/pages.py PAGE

A command is a line "$ ..." of a ``` block; the lines below it are what it prints on stdout, and none are nothing to
compare. "..." on a line of its own stands for any lines. Line breaks and spaces do not matter, since a page may be
narrower than a terminal, and neither do seconds. Without fused multiply-add, with which the pages were made, networks
train to other numbers, and numbers are not compared.

What trains longer than --preset fast is not run but for the page's first command; its options are checked with
--print-config. FULL=1 runs everything (minutes). Commands of Node are left to check-onnx.

Commands run in the current folder with sh; the caller provides the files that they name.
"""
import os
import re
import subprocess
import sys

LONG = re.compile(r"^fltrain (?!.*--(preset fast|print-config)|predict|evaluate|explain|inspect|export|report)")


def commands(page):
    """Pairs of a command and the text shown below it."""
    inside, found = False, []
    for line in page.splitlines():
        line = line.strip()
        if line.startswith("```"):
            inside = line != "```" or not inside
            current = None
        elif inside and line.startswith("$ "):
            current = [line[2:], []]
            found.append(current)
        elif inside and current:
            current[1].append(line)
    return [(command, "\n".join(shown).strip()) for command, shown in found]


def comparable(text):
    """One line, without what may differ."""
    text = re.sub(r"\b([0-9]+ (h|min) )*[0-9.]+ s\b", "N s", " ".join(text.split()))
    with open("/proc/cpuinfo") as cpu:
        return text if " fma " in cpu.read() else re.sub(r"[-+]?[0-9][0-9.,]*", "N", text)


def is_shown(shown, printed):
    shown = [re.escape(comparable(part)) for part in re.split(r"(?m)^\.\.\.$", shown)]
    return re.fullmatch(" ?.*".join(shown), comparable(printed)) is not None


def main(path):
    with open(path) as file:
        found = commands(file.read())
    n_run = n_compared = n_checked = n_failed = 0
    for i, (command, shown) in enumerate(found):
        is_long = i > 0 and LONG.match(command) and not os.environ.get("FULL")
        if command.startswith("node "):
            continue
        run = command + " --print-config" if is_long else command
        result = subprocess.run(["sh", "-c", run], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        n_checked += bool(is_long)
        n_run += not is_long
        if result.returncode != 0:
            print(f"{command}: exit {result.returncode}\n{result.stderr}")
            n_failed += 1
        elif shown and not is_long:
            n_compared += 1
            if not is_shown(shown, result.stdout):
                print(f"{command}: the page shows\n{shown}\nbut it printed\n{result.stdout}")
                n_failed += 1
    name = os.path.basename(path)
    print(f"{name}: {n_run} commands run, {n_compared} outputs compared, {n_checked} only checked, {n_failed} failed")
    return 1 if n_failed or not n_run else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
