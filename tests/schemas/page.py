#!/usr/bin/python3
"""The keys of the schemas in the manual pages: tests/schemas/page.py --write

Each page of configs/manual has a region that is made from descriptions in configs/schemas, between two comments. Write
makes it anew; check says where a page differs from the schemas, or from what model files hold.
"""
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import textwrap

sys.dont_write_bytecode = True

import schemas

FOLDER = os.path.join(schemas.ROOT, "configs", "manual")
BEGIN, END = '.\\" From the schemas, by make manual-keys:\n', '.\\" End of the schemas.\n'
WIDTH = 78  # of lines in the source of a page
KINDS = ("train", "evaluate", "explain", "predict", "compare", "cv", "check", "inspect")
PAGES = {"fltrain-model.5": ["model.json"], "fltrain-report.5": [f"{kind}.json" for kind in KINDS] + ["epoch.json", "parts.json"]}


def read_container(path):
    """The metadata, tensors and data of a file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        return header.pop("__metadata__"), header, file.read()


def sections(about):
    return {name: text for name, text in about.items() if name not in ("format", "format_version", "sha256")}


def read_model(path):
    """The sections of a model file."""
    return {name: json.loads(text) for name, text in sections(read_container(path)[0]).items()}


def tensors(path):
    """Names of the tensors of a model file, with N for each number."""
    return {re.sub(r"\d+", "N", name) for name in read_container(path)[1]}


def checksum(about, described, data):
    """As fltrain-model(5) says."""
    digest = hashlib.sha256()
    for text in sections(about).values():
        digest.update(text.encode() + b"\0")
    for name in sorted(described, key=str.encode):
        tensor = described[name]
        numbers = [{"F32": 11, "F64": 12}[tensor["dtype"]], len(tensor["shape"]), *tensor["shape"]]
        digest.update(name.encode() + b"\0" + struct.pack(f"<{len(numbers)}Q", *numbers))
        digest.update(data[slice(*tensor["data_offsets"])])
    return digest.hexdigest()


def write_model(path, about, described, data, changed):
    """A model file with these sections, and the checksum that belongs to them."""
    about = {**about, **{name: json.dumps(section) for name, section in changed.items()}}
    about["sha256"] = checksum(about, described, data)
    header = json.dumps({"__metadata__": about, **described}).encode()
    header += b" " * (-len(header) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + data)


# ---- what a schema says, in words ----


def range_of(schema):
    """Such as " from 0 to 1" or ", above 0"."""
    parts = [f"{word} {schema[key]:g}" for key, word in (("minimum", "from"), ("exclusiveMinimum", "above"),
                                                         ("maximum", "to"), ("exclusiveMaximum", "below")) if key in schema]
    if not parts:
        return ""
    if "minimum" in schema and "maximum" in schema:
        return " " + " ".join(parts)
    return ", " + " and ".join(part.replace("to", "at most").replace("from", "at least") for part in parts)


def length_of(schema):
    low, high = schema.get("minItems", 0), schema.get("maxItems")
    if low == high:
        return f" of {low}"
    if high is not None:
        return f" of {low} to {high}" if low else f" of up to {high}"
    return f" of at least {low}" if low else ""


def phrase(schema):
    """The type of a value in words."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1].replace("_", " ")
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return "one of " * (len(schema["enum"]) > 2) + ", ".join(map(json.dumps, schema["enum"][:-1])) + \
            " or " + json.dumps(schema["enum"][-1])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(phrase(branch) for branch in schema[word])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    counts = schema.get("minimum") == 0 and "maximum" not in schema
    said = {"integer": "count" if counts else f"whole number{range_of(schema)}", "number": f"number{range_of(schema)}", "boolean": "true or false",
            "string": "64 hexadecimal digits" if "64" in schema.get("pattern", "") else "text", "object": "object",
            "null": "null"}
    if "array" in types:
        said["array"] = f"list{length_of(schema)}: {phrase(schema['items'])}"
    return " or ".join(said[name] for name in types)


def inline(schema):
    """The objects whose keys follow those of the schema in the same list, each with what stands behind the key."""
    if "properties" in schema and "additionalProperties" in schema:
        yield "", schema
    for word in ("anyOf", "oneOf"):
        for branch in schema.get(word, []):
            yield from inline(branch)
    if "items" in schema:
        for step, inner in inline(schema["items"]):
            yield "[]" + step, inner


def keys(schema, path=""):
    """Each key of an object: (path, type in words, description, whether it may be absent)."""
    for key, inner in schema["properties"].items():
        if not schemas.says_what(inner):
            continue
        yield path + key, phrase(inner), inner.get("description", ""), key not in schema["required"]
        for step, nested in inline(inner):
            yield from keys(nested, f"{path}{key}{step}.")


# ---- mdoc ----


def text(line):
    """A line of text, which mdoc must not take for its own."""
    line = line.replace("\\", "\\e")
    return "\\&" + line if line[:1] in (".", "'") else line


def meaning(said, description, optional):
    absent = optional and "absent" not in description and "only" not in description
    whole = f"({said}) {description}" + ("; may be absent" if absent else "")
    return [text(line) for line in textwrap.wrap(whole, WIDTH, break_on_hyphens=False)]


def listed(schema):
    """The list of an object's keys; neighbours that are alike share an entry."""
    lines, rows, i = [".Bl -tag -width Ds -compact"], list(keys(schema)), 0
    while i < len(rows):
        j = i + 1
        while j < len(rows) and rows[j][1:] == rows[i][1:] and rows[i][2]:
            j += 1
        names = [text(row[0]) for row in rows[i:j]]
        lines += [f".It Va {' , '.join(names)}"] + meaning(*rows[i][1:])
        i = j
    return lines + [".El"]


def section(title, schema):
    lines = [f".Ss {title}"]
    if schema.get("description"):
        for sentence in re.split(r"(?<=\.) ", schema["description"]):
            lines += [text(line) for line in textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)]
    for i, (_, inner) in enumerate(inline(schema)):
        lines += ["or"] if i else []
        lines += listed(inner)
    return lines


def region(files, names):
    lines = []
    for name in names:
        schema = files[name]
        if name != "model.json" and list(inline(schema)):
            lines += section(schema["title"], schema)
        for part, inner in schema.get("$defs", {}).items():
            lines += section(part.replace("_", " "), inner)
    return "".join(line + "\n" for line in lines)


def with_region(page, files, names):
    head, rest = page.split(BEGIN)
    return head + BEGIN + region(files, names) + END + rest.split(END)[1]


def read_page(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


# ---- what is checked ----


def is_changed(path):
    about, described, data = read_container(path)
    return checksum(about, described, data) != about["sha256"]


def example(page):
    """The program that the page of model files shows, and what it printed."""
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page, re.S | re.M)
    program = next(block for block in blocks if "import json" in block)
    return program.replace("\\e", "\\").replace("\\&", "")


def try_example(page, model, sections):
    """The program of the page reads any model file; here one that a command wrote."""
    program = example(page).replace("fraud.safetensors", os.path.abspath(model))
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if made.returncode != 0:
        return [made.stderr]
    threshold = str(sections["rule"]["threshold"])
    return [] if threshold in made.stdout and "net0.layer0.weight" in made.stdout else [made.stdout]


def unexplained(page):
    """Words of reports that fltrain help explains, and the page does not name."""
    with open(os.path.join(schemas.ROOT, "src", "cli", "help_topic.c"), encoding="utf-8") as file:
        listed_there = re.search(r"WORDS_OF_REPORTS\[\] = \{(.*?)\n\};", file.read(), re.S).group(1)
    said = page.split(BEGIN)[0].lower()
    words = re.findall(r'\{"([a-z0-9-]+)",', listed_there)
    return [word for word in words if word not in said] or ([] if len(words) > 20 else ["too few words"])


def try_command(report):
    """The command that fltrain-report(5) shows, on a report of train and on one that is none."""
    command = [sys.executable, "-W", "ignore", "-m", "jsonschema", "--base-uri", f"file://{schemas.FOLDER}/", "-i"]
    made = [subprocess.run([*command, path, os.path.join(schemas.FOLDER, "train.json")], capture_output=True, text=True)
            for path in (report, os.path.join(schemas.FOLDER, "train.json"))]
    problems = [made[0].stderr] if made[0].returncode != 0 or made[0].stdout else []
    return problems + (["a file that is no report is valid"] if made[1].returncode == 0 else [])


def check(all_schemas, models):
    """(check, problems): the regions, the tensors, and programs that the pages show. models: sections by path."""
    for name, files in PAGES.items():
        page = read_page(name)
        same = page == with_region(page, all_schemas.files, files)
        yield f"{name} has the keys of the schemas", [] if same else ["make manual-keys writes them"]
        for word in re.findall(r"[a-z]+\.json", page):
            yield f"{name} names {word}", [] if word in all_schemas.files or word == "report.json" else ["no such schema"]
    yield "words of reports are in fltrain-report.5", unexplained(read_page("fltrain-report.5"))
    page = read_page("fltrain-model.5")
    named = set(re.findall(r"^\.It Li (\S+)", page[page.index(".Sh TENSORS") : page.index(".Sh SECTIONS")], re.M))
    held = set().union(*(tensors(path) for path in models))
    yield "tensors of models are in the page", sorted(held - named)
    yield "tensors of the page are in some model", sorted(named - held)
    model = next(path for path in models if os.path.basename(path) == "plain.safetensors")
    yield "checksums of models", [path for path in models if is_changed(path)]
    yield "the program of fltrain-model(5)", try_example(page, model, models[model])
    yield "the command of fltrain-report(5)", try_command("0.json")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for NAME, FILES in PAGES.items():
        PAGE = with_region(read_page(NAME), schemas.load(), FILES)
        with open(os.path.join(FOLDER, NAME), "w", encoding="utf-8") as OUT:
            OUT.write(PAGE)
