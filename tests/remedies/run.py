#!/usr/bin/env python3
"""Takes the program at its word: tests/remedies/run.py PROGRAM [CASE...]

Each case of cases.py causes a message, applies each option that the message suggests to the input that caused it, and
demands another outcome: exit code 0, and every column that the message is not about understood as in the same table
without the flaw. The options in a message are those that the case tries, no others.

The sources are searched for texts that suggest an option. Each must be printed by some case, or stand in NOT_TRIED of
cases.py with the reason.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import cases

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LITERAL = r'"(?:[^"\\]|\\.)*"'
OPTION = re.compile(r"--[a-z][a-z-]*")
NOT_MESSAGES = ("cli/option_table.c", "cli/help.c", "cli/manual.c", "cli/commands.c",  # what --help prints
                "cli/study.c", "report/inspect.c")  # options in effect
SUBJECT = re.compile(r"^--[a-z-]+(?: %[a-z]+)?(?: and --[a-z-]+(?: %[a-z]+)?)?(?::| takes| leave)")  # what is wrong


def without_comments(text):
    return re.sub(rf"({LITERAL})|/\*.*?\*/|//[^\n]*", lambda match: match.group(1) or " ", text, flags=re.S)


def suggestions():
    """The texts in src/ that name an option in a sentence, as {format: file}."""
    found = {}
    for path in sorted(glob.glob(f"{ROOT}/src/*/*.[ch]")):
        if path.endswith(NOT_MESSAGES):
            continue
        with open(path) as file:
            text = without_comments(file.read())
        if "/page/" in path and "flt_fail(" not in text:  # what pages say
            continue
        for joined in re.findall(rf"(?:{LITERAL}(?:\s|\\\n)*)+", text):
            words = "".join(part[1:-1] for part in re.findall(LITERAL, joined))
            advice = SUBJECT.sub("", words)
            if OPTION.search(advice) and re.search(r"[a-z]{2,} ", OPTION.sub("", advice)):
                found[words] = os.path.relpath(path, ROOT)
    return found


def pattern(words):
    """A regular expression for what printf makes of a format."""
    words = words.replace('\\"', '"').replace("\\\\", "\\").removesuffix("\\n").replace("%%", "\0")
    parts = re.split(r"%[-0-9.*]*(?:ll|z|h)?[a-z]", words)
    return re.compile(".*".join(re.escape(part.replace("\0", "%")) for part in parts))


def run(command, folder, program):
    environment = dict(os.environ, FLTRAIN=program, ROOT=ROOT, LC_ALL="C", NO_COLOR="1")
    done = subprocess.run(["sh", "-c", f'fltrain() {{ "$FLTRAIN" "$@"; }}\n{command}'], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=120)
    return done.returncode, done.stderr


def understood(folder):
    """How each column was understood, and how many of its cells are missing; None without a report."""
    try:
        with open(f"{folder}/report.json") as file:
            data = json.load(file)["data"]
    except (OSError, KeyError, ValueError):
        return None
    return {use["name"]: use["use"] for use in data["column_uses"]}


def harm(case, folder, reference):
    """What a remedy did to columns that the message is not about; "" for nothing."""
    after = understood(folder)
    if reference is None or after is None:
        return ""
    spared = set(reference) & set(after) - set(case.about)
    changed = [f'"{name}" is {after[name]}, not {reference[name]}' for name in sorted(spared)
               if after[name] != reference[name]]
    return ", ".join(changed)


def fresh(case, program):
    folder = tempfile.mkdtemp(prefix="remedy-")
    for name, content in case.files.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
    if case.before:
        status, message = run(case.before, folder, program)
        if status != 0:
            raise RuntimeError(f"{case.name}: {case.before}: {message}")
    return folder


def remove(folder):
    subprocess.run(["rm", "-rf", folder])


def clean_reference(case, program):
    if not case.clean:
        return None
    folder = fresh(case, program)
    status, message = run(case.clean, folder, program)
    reference = understood(folder)
    remove(folder)
    if status != 0 or reference is None:
        raise RuntimeError(f"{case.name}: the table without the flaw: {message}")
    return reference


def try_case(case, program, printed):
    """Yields what is wrong; adds the case's message to printed."""
    folder = fresh(case, program)
    status, message = run(case.command, folder, program)
    remove(folder)
    printed.append(message)
    if not message or (status == 0) != case.is_warning:
        yield f"exit code {status}, and it printed: {message.strip()}"
        return
    tried = " ".join(case.remedies) + " " + " ".join(case.mentions)
    for option in OPTION.findall(message):
        if option not in OPTION.findall(tried):
            yield f"{option} is suggested and not tried: {message.strip()}"
    reference = clean_reference(case, program)
    for words, instead in case.remedies.items():
        if words not in message:
            yield f"{words!r} is not in: {message.strip()}"
            continue
        command = instead or f"{case.command} {words}"
        folder = fresh(case, program)
        status, after = run(command, folder, program)
        if status != 0 or (case.is_warning and message.strip() in after):
            yield f"as advised: {command}\n    exit code {status}: {after.strip()}"
        wrong = harm(case, folder, reference)
        if wrong:
            yield f"as advised: {command}\n    but {wrong}"
        remove(folder)


def main(program, wanted):
    program = os.path.abspath(program)
    printed, n_passed, n_failed = [], 0, 0
    for case in cases.CASES:
        if wanted and case.name not in wanted:
            continue
        started = time.monotonic()
        wrong = list(try_case(case, program, printed))
        if os.environ.get("VERBOSE"):
            print(f"{time.monotonic() - started:.1f} s  {case.name}")
        n_passed += not wrong
        n_failed += bool(wrong)
        for what in wrong:
            print(f"remedies: FAILED: {case.name}: {what}")
    if not wanted:
        found = suggestions()
        lines = [line for message in printed for line in message.splitlines()]
        for words, path in found.items():
            is_printed = any(map(pattern(words.strip()).search, lines))
            is_excused = any(known in words for known in cases.NOT_TRIED)
            n_passed += is_printed or is_excused
            if not is_printed and not is_excused:
                n_failed += 1
                print(f"remedies: FAILED: {path}: no case tries this: {words}")
        for known in cases.NOT_TRIED:
            if not any(known in words for words in found):
                n_failed += 1
                print(f"remedies: FAILED: cases.py: NOT_TRIED holds a text that no source has: {known}")
    print(f"remedies: {n_passed} passed, {n_failed} failed")
    return n_failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
