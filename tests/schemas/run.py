#!/usr/bin/python3
"""Holds reports and model files against the schemas of configs/schemas: tests/schemas/run.py PROGRAM LIBRARY [FOLDER]

- Each report that the commands of cases.py write is valid, and so is each model file, read without fltrain.
- Each key of the schemas, each alternative and each type that a value may have, is in one of these, but for UNREACHED.
- Each report in FOLDER is valid: those that cases of tests/cli left there (run-cli.sh), but for what they altered.
- Whatever is made wrong about a report is refused (mutants.py); schemas that are made lax refuse less.
- What the schema of models refuses, the shared library LIBRARY refuses, too (reader.py).
- Lists of words in the schemas are those of the sources.
- The manual pages name the keys of the schemas and the tensors of the model files (page.py).
"""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import cases
import mutants
import page
import reader
import schemas

UNREACHED = {
    "model.json/$defs/numeric_column/properties/passed_over": "only refits pass columns over; files may say it of all",
    "model.json/$defs/categorical_column/properties/passed_over": "likewise",
    "model.json/$defs/rule/properties/floor/properties/alarms: null": "written by programs that set another prior",
    "model.json/$defs/rule/properties/floor/properties/bare_threshold: null": "likewise",
    "model.json/$defs/rule/properties/floor/properties/bare_alarms: null": "likewise",
    "train.json/properties/training/properties/networks/items/properties/kind: null": "of kinds that all diverged",
}
CRAFTED = {"report-errors", "memory-limit"}  # cases that write reports of their own
passed, failed = 0, 0


def check(name, problems):
    """Counts a check, and shows the first of its problems."""
    global passed, failed
    if not problems:
        passed += 1
        return
    failed += 1
    print(f"FAILED {name}")
    for problem in problems[:12]:
        print(f"    {problem}")


def run(program, line, report):
    """Runs a command of cases.py, which writes this report; <FILE: through a pipe. Returns what went wrong."""
    command, *words = line.replace("UNPROFILED", cases.UNPROFILED).split()
    piped = [word[1:] for word in words if word.startswith("<")]
    words = [word for word in words if not word.startswith("<")]
    text = ""
    for path in piped:
        with open(path, encoding="utf-8") as file:
            text += file.read()
    made = subprocess.run([program, command, "-q", "--json", report, *words], input=text, capture_output=True, text=True)
    return [made.stderr] if made.returncode not in (0, 5) and "--strict" not in words else []


def make_reports(program):
    """(name, schema file, value) of all reports and model files."""
    cases.write_tables()
    for i, line in enumerate(line for line in cases.COMMANDS.split("\n") if line):
        check(line, run(program, line, f"{i}.json"))
    for model in sorted(glob.glob("*.safetensors")) + [cases.UNPROFILED]:
        run(program, f"inspect {model}", os.path.basename(model) + ".json")
        yield model, "model.json", page.read_model(model)
    for log in sorted(glob.glob("*.log")):
        with open(log, encoding="utf-8") as lines:
            yield from ((log, "epoch.json", json.loads(line)) for line in lines)
    for report in sorted(glob.glob("*.json")):
        yield from read_report(report)


def read_report(path):
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    yield path, re.match(r"fltrain\.([a-z]+)/1$", report["schema"]).group(1) + ".json", report


def check_left(all_schemas, folder):
    """Reports of command line cases. Some take times out, or join files: these are no JSON any more."""
    n, n_altered = 0, 0
    for path in glob.glob(os.path.join(folder, "*", "*")):
        if os.path.basename(os.path.dirname(path)) in CRAFTED:
            continue
        try:
            (_, file, report), = read_report(path)
        except json.JSONDecodeError:
            n_altered += 1
            continue
        n += 1
        check(f"{os.path.relpath(path, folder)} is valid by {file}", all_schemas.errors(file, report))
    print(f"{n} reports of command line cases, {n_altered} that these altered" if n else
          f"no reports of command line cases in {folder}: make check-cli leaves them there")


def check_words(files):
    """An enum says in $comment which lists of words of the sources it holds, and which of these words it leaves out."""
    lists = {}
    for path in glob.glob(os.path.join(schemas.ROOT, "src", "*", "words.c")):
        with open(path, encoding="utf-8") as file:
            for name, words in re.findall(r"FLT_WORDS\((\w+), \w+,(.*?)\);", file.read(), re.S):
                lists[name] = re.findall(r'"([^"]*)"', words)
    for file, schema in files.items():
        for pointer, inner in schemas.places_of("", schema):
            if "$comment" not in inner:
                continue
            names, _, but = inner["$comment"].partition(" but ")
            expected = {word for name in names.split() for word in lists.get(name, ["?"])} - set(but.split())
            found = set(inner["enum"]) - {None}
            check(f"words of {file}{pointer}", [f"{names}: {sorted(expected ^ found)}"] if expected != found else [])


def check_reached(all_schemas, reached):
    missing = []
    for file, pointer, types in all_schemas.places():
        found = reached.get((file, pointer), set())
        missing += [file + pointer] if not found else [f"{file}{pointer}: {name}" for name in sorted(types - found)]
    check("every key, alternative and type of the schemas is in some report", sorted(set(missing) - set(UNREACHED)))
    check("what is excused is in no report", sorted(set(UNREACHED) - set(missing)))


def check_lax(all_schemas, file, report):
    """A schema without a list of keys, or open to others, lets mutants pass: so the mutants can."""
    for word in ("required", "additionalProperties"):
        lax = copy.deepcopy(all_schemas.files)
        del lax["parts.json"]["$defs"]["figures"][word]
        found = list(mutants.Mutator(all_schemas, schemas.Schemas(lax)).accepted(file, report))
        check(f"a schema without {word} is noticed", [] if found else ["no mutant passed"])


def main(program, library, left):
    files = schemas.load()
    all_schemas = schemas.Schemas(files)
    mutator, reached, models = mutants.Mutator(all_schemas), {}, {}
    reports = list(make_reports(program))
    for name, file, value in reports:
        errors = all_schemas.errors(file, value)
        check(f"{name} is valid by {file}", errors)
        for places, found in all_schemas.walk(file, value):
            for place in places:
                reached.setdefault(place, set()).add(schemas.NAMES[type(found)])
        if not errors:
            check(f"mutants of {name} are refused", list(mutator.accepted(file, value)))
        models.update({name: value} if file == "model.json" else {})
    last = {file: value for _, file, value in reports}
    for file, value in last.items():
        check(f"mutants of a whole report are refused by {file}", list(mutator.accepted_whole(file, value)))
    check_lax(all_schemas, "evaluate.json", last["evaluate.json"])
    check_reached(all_schemas, reached)
    check_words(files)
    n_read, accepted = reader.check(all_schemas, models, library)
    check("what the schema of models refuses is refused by the library", accepted)
    if left:
        check_left(all_schemas, left)
    for name, problems in page.check(all_schemas, models):
        check(name, problems)
    print(f"{len(reports)} reports and models, {mutator.n} mutants, and {n_read} of models for the library")
    print(f"schemas: {passed} passed, {failed} failed")
    return failed == 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    PROGRAM, LIBRARY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    LEFT = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(prefix="fltrain-schemas.") as folder:
        os.chdir(folder)
        fine = main(PROGRAM, LIBRARY, LEFT)
        os.chdir("/")
    sys.exit(0 if fine else 1)
