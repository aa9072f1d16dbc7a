#!/usr/bin/env python3
"""How much the unit tests see: breaks one place of a module at a time and looks whether its tests notice.

    tests/mutants.py [--seed N] [--mutants N] [--workers N] [--list-survivors FILE] MODULE...
    tests/mutants.py --survivors-from FILE      the survivors of an earlier run again, when the tests are better
    tests/mutants.py --only FILE:LINE           every mutant of one line
    tests/mutants.py --self-test                whether this tool tells killed from survived

A module is a folder of src/; TESTS names its test programs. A mutant is the module with one small fault in it, made
on tokens (see OPERATORS). It is killed if one of the test programs fails, crashes or takes far too long, and survives
if all pass. A mutant that does not compile is replaced by the next one, and so is one whose object code is that of
the original, byte for byte: no test can tell these two apart. The same seed on the same sources gives the same mutants.

Left out, because a test is not meant to notice:
  - preprocessor lines, strings, and declarations that set nothing;
  - what stands in assert(...), in flt_fail(...), whose arguments are only printed, in sizeof(...) and in __attribute__;
  - the sizes of arrays in declarations, and constants of headers outside functions, which tests are compiled with;
  - the lanes of __builtin_shufflevector, of which the sums read only some in the end;
  - swaps with a sizeof: a number of items times a size is the same the other way round.
A call of flt_free may be dropped: flt_alloc_live() shows a test what is not freed.

Ends with 0 if each module reaches NEEDED, and every mutant of --survivors-from or --only is killed; else with 1. Ends
with 2 if the tests fail without a mutant. Everything is built in a folder of its own under TMPDIR, and
the tests write into one under /tmp; both are removed.
"""
import argparse
import concurrent.futures
import datetime
import math
import os
import queue
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

# The test programs of each module, without test_.
TESTS = {
    "base": "alloc arena atomic_file digest error machine number pool probability random text text_lists",
    "container": "safetensors",
    "csv": "batches block_records field messy_files reader source",
    "table": "dictionary id_like partial_tables table weight",
    "split": "split",
    "prep": "cells prep refit scale spread",
    "eval": "calibrate compare decision evaluate gate metrics",
    "audit": "strength leaks",
    "nn": "gradient kernels loss mlp optimizer train trainer weighted_training",
    "detector": "detector detector_file stream",
    "protocol": "checkpoint evaluation members memory protocol recipe study study_checkpoint weighted_fit work",
    "report": "report",
    "cli": "cli_options",  # most of cli is tested by tests/run-cli.sh alone: its share says little
}

NEEDED = 0.9  # the share of mutants that the tests of a module must kill

# Optimised a little, without debug information, which would tell lines apart that compile to the same. A pointer of
# another kind is an error: swapped arguments then compile only where they are of one kind. Variables that a mutant
# leaves unset hold the same bytes in every run.
CFLAGS = ["-O1"] + ["-Werror=" + warning for warning in (
    "incompatible-pointer-types", "discarded-qualifiers", "int-conversion", "implicit-function-declaration",
    "return-type")]
CFLAGS_IF_TAKEN = ["-ftrivial-auto-var-init=pattern"]

# A test program may take this many times what it takes without a mutant, and as many seconds more.
CPU_TIMES, CPU_MORE = 3, 2
WALL_TIMES, WALL_MORE = 6, 20
MEMORY_KB = 8 << 20
FILE_BLOCKS = 1 << 20  # of 512 bytes

# -------------------------------------------------------------------------------------------------- tokens

TOKEN = re.compile(r"""
    (?P<space>\s+|\\\n) | (?P<comment>//[^\n]*|/\*.*?\*/) | (?P<string>(?:u8|[LuU])?"(?:\\.|[^"\\])*")
    | (?P<char>[LuU]?'(?:\\.|[^'\\])+') | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*) | (?P<name>[A-Za-z_]\w*)
    | (?P<op>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|&&|\|\||[-+*/%&|^<>=!]=|.)""", re.S | re.X)
DIRECTIVE = re.compile(r"[ \t]*#(?:[^\n]*\\\n)*[^\n]*")

OPENING = {"(": ")", "[": "]", "{": "}"}
TYPE_WORDS = set("struct union enum const volatile static extern register unsigned signed void char short int long "
                 "float double bool _Bool _Alignas _Thread_local inline typedef FILE".split())
KEYWORDS = TYPE_WORDS | set("if else for while do switch case default return break continue goto sizeof".split())


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)


def tokenize(text):
    """Tokens without space, comments and preprocessor lines."""
    tokens, at = [], 0
    while at < len(text):
        if at == 0 or text[at - 1] == "\n":
            directive = DIRECTIVE.match(text, at)
            if directive:
                at = directive.end()
                continue
        match = TOKEN.match(text, at)
        if match.lastgroup not in ("space", "comment"):
            tokens.append(Token(match.lastgroup, match.group(), at))
        at = match.end()
    return tokens


def partners(tokens):
    """For each bracket the index of the one that opens or closes it."""
    pair, open_at = {}, []
    for i, token in enumerate(tokens):
        if token.kind != "op":
            continue
        if token.text in OPENING:
            open_at.append(i)
        elif token.text in OPENING.values() and open_at and OPENING[tokens[open_at[-1]].text] == token.text:
            pair[i] = open_at.pop()
            pair[pair[i]] = i
    return pair


# -------------------------------------------------------------------------------------------------- mutants

# What each kind of mutant does to a token; the kinds that need more than one token are made in Source.
OPERATORS = {
    "relational": {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
                   "==": ["!="], "!=": ["=="]},
    "arithmetic": {"+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"]},
    "bitwise": {"&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"]},
    "logical": {"&&": ["||"], "||": ["&&"]},
    "assignment": {"+=": ["-="], "-=": ["+="], "*=": ["/="], "/=": ["*="], "|=": ["&="], "&=": ["|="],
                   "<<=": [">>="], ">>=": ["<<="]},
    "step": {"++": ["--"], "--": ["++"]},
    "choice": {"?": ["&& 0 ?", "|| 1 ?"]},
}
# sign, not: an unary operator goes. constant: a number or character becomes another one. boolean: true, false.
# extreme: min and max, floor and ceil. negate: the condition of if, while, for. drop: a statement goes.
# swap: two arguments of a call that stand side by side.
LEFT_OUT = ("assert", "static_assert", "_Static_assert", "flt_fail", "sizeof", "__attribute__",
            "__builtin_shufflevector")
NAMES = {"true": "false", "false": "true", "floor": "ceil", "ceil": "floor", "floorf": "ceilf", "ceilf": "floorf"}
EXTREME = {"min": "max", "max": "min", "MIN": "MAX", "MAX": "MIN"}


def other_numbers(text):
    match = re.fullmatch(r"(0[xX][0-9a-fA-F]+|\d+)([uUlL]*)", text)
    if match:
        octal = re.fullmatch(r"0\d+", match.group(1))
        value = int(match.group(1), 8 if octal else 0)
        return [str(n) + match.group(2) for n in ([1] if value == 0 else [value - 1, value + 1])]
    match = re.fullmatch(r"(.*?)([fFlL]?)", text)
    try:
        value = float.fromhex(match.group(1)) if "x" in text.lower() else float(match.group(1))
    except ValueError:
        return []
    return [repr(f) + match.group(2) for f in ([1.0] if value == 0 else [value * 1.5, value * 0.5])]


class Mutant:
    """One fault: edits (start, end, new text) of a file. Old and new are the lines that differ, as one line each."""

    def __init__(self, source, function, operator, edits):
        self.file, self.function, self.operator, self.edits = source.file, function, operator, sorted(edits)
        text, first, last = source.text, self.edits[0][0], self.edits[-1][1]
        self.line = text.count("\n", 0, first) + 1
        self.last_line = text.count("\n", 0, last) + 1
        begin = text.rfind("\n", 0, first) + 1
        end = text.find("\n", last)
        end = len(text) if end < 0 else end
        self.old = " ".join(text[begin:end].split())
        self.new = " ".join(self.apply(text)[begin:end - len(text) or None].split())

    def apply(self, text):
        for start, end, new in reversed(self.edits):
            # assert notes its line number: lines below stay where they are
            missing = text.count("\n", start, end) - new.count("\n")
            text = text[:start] + new + "\n" * missing + text[end:]
        return text

    def identity(self):
        return self.file, self.function, self.operator, self.old, self.new

    def title(self):
        return f"{self.file}:{self.line}: in {self.function}: {self.operator}"


class Source:
    """The mutants of a file: sites is a list of lists, the alternatives of each place."""

    def __init__(self, root, file):
        self.file = file
        self.text = (root / file).read_text()
        self.tokens = tokenize(self.text)
        self.pair = partners(self.tokens)
        self.sites = []
        self.left_out = self.find_left_out()
        self.walk_file()

    def word(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def span(self, first, last):
        return self.text[self.tokens[first].start:self.tokens[last].end]

    def find_left_out(self):
        left_out = set()
        for i, token in enumerate(self.tokens):
            if token.text in LEFT_OUT and self.word(i + 1) == "(" and i + 1 in self.pair:
                left_out.update(range(i + 1, self.pair[i + 1] + 1))
        return left_out

    def walk_file(self):
        """Functions, and in .c files the constants outside them."""
        i, name, private = 0, "", self.file.endswith(".c")
        while i < len(self.tokens):
            word = self.word(i)
            if word == "{" and self.word(i - 1) == ")":
                self.walk_body(i, name)
                i = self.pair.get(i, len(self.tokens))
            elif word == "(" and self.tokens[i - 1].kind == "name" and self.word(i - 1) != "__attribute__":
                name = self.word(i - 1)
                i = self.pair.get(i, i)
            elif private and word == "{" and "enum" in (self.word(i - 1), self.word(i - 2)):
                self.expressions(i, self.pair[i], "enum")
                i = self.pair[i]
            elif private and word == "=":
                end = self.statement_end(i)
                self.expressions(i, end, "constant")
                i = end
            elif word in OPENING:
                i = self.pair.get(i, i)
            i += 1

    def statement_end(self, i):
        """The ; that ends what begins at i."""
        while i < len(self.tokens) and self.word(i) != ";":
            if self.word(i) in OPENING:
                i = self.pair[i]
            elif self.word(i) == "}":
                return i - 1
            i += 1
        return min(i, len(self.tokens) - 1)

    def walk_body(self, start, function):
        i, end = start + 1, self.pair[start]
        while i < end:
            word = self.word(i)
            if word in ("if", "while", "switch", "for"):
                close = self.pair[i + 1]
                self.header(word, i + 1, close, function)
                i = close + 1
            elif word in ("case", "default"):
                while self.word(i) != ":":
                    i += 1
                i += 1
            elif word in ("{", "}", ";", "else", "do") or self.tokens[i].kind == "name" and self.word(i + 1) == ":":
                i += 1 if self.word(i + 1) != ":" else 2
            else:
                last = self.statement_end(i)
                self.statement(i, last, function)
                i = last + 1

    def header(self, word, start, close, function):
        first, last = start + 1, close - 1
        if word == "for":
            first = self.statement_end(start + 1) + 1
            last = self.statement_end(first) - 1
        if word != "switch" and first <= last and first not in self.left_out:
            begin, end = self.tokens[first].start, self.tokens[last].end
            self.add(function, "negate", [[(begin, begin, "!("), (end, end, ")")]])
        self.expressions(start, close, function)

    def is_declaration(self, i):
        words = [self.word(i), self.word(i + 1), self.word(i + 2)]
        names = [self.tokens[k].kind == "name" for k in (i, i + 1, i + 2)]
        if words[0] in TYPE_WORDS or words[0].endswith("_t"):
            return True
        return names[0] and words[0] not in KEYWORDS and (names[1] or words[1] == "*" and names[2])

    def statement(self, first, last, function):
        if self.is_declaration(first):
            self.sizes_of_arrays(first, last)
        elif self.word(first) in ("return", "break", "continue", "goto") or self.does_something(first, last):
            if first not in self.left_out and not self.word(first).endswith("assert") and self.word(last) == ";":
                self.add(function, "drop", [[(self.tokens[first].start, self.tokens[last].end, ";")]])
        self.expressions(first, last, function)

    def does_something(self, first, last):
        if self.span(first, min(first + 2, last)) == "(void)":
            return False
        return any(token.text in ("(", "++", "--") or re.fullmatch(r"(<<|>>|[-+*/%&|^])?=", token.text)
                   for token in self.tokens[first:last])

    def sizes_of_arrays(self, first, last):
        i, declarator = first, True
        while i < last:
            word = self.word(i)
            if word == "[" and declarator:
                self.left_out.update(range(i, self.pair[i]))
            if word in OPENING:
                i = self.pair[i]
            elif word == "=":
                declarator = False
            elif word == ",":
                declarator = True
            i += 1

    def add(self, function, operator, alternatives):
        mutants = [Mutant(self, function, operator, edits) for edits in alternatives]
        if mutants:
            self.sites.append(mutants)

    def expressions(self, first, last, function):
        for i in range(first, last + 1):
            if i not in self.left_out:
                token = self.tokens[i]
                operator, words = self.others(i)
                self.add(function, operator, [[(token.start, token.end, word)] for word in words])
                self.add(function, "swap", [[edit] for edit in self.swaps(i)])

    def others(self, i):
        """The kind of mutant of one token, and what may stand in its place."""
        token, before = self.tokens[i], self.tokens[i - 1]
        word = token.text
        if token.kind == "number":
            return "constant", other_numbers(word)
        if token.kind == "char":
            return "constant", ["'#'" if word != "'#'" else "'.'"]
        if token.kind == "name":
            if word in ("true", "false") or word in NAMES and self.word(i + 1) == "(":
                return "boolean" if word in ("true", "false") else "extreme", [NAMES[word]]
            part = re.search(r"(?:(?<=^f)|(?<=^)|(?<=_))(min|max|MIN|MAX)(?=f?$|_)", word)
            if part and self.word(i + 1) == "(":
                return "extreme", [word[:part.start()] + EXTREME[part.group()] + word[part.end():]]
            return "", []
        if token.kind != "op":
            return "", []
        if word in "+-*&" and not self.ends_operand(i - 1):
            return "sign", [" "] if word == "-" else []
        if word in "!~":
            return "not" if word == "!" else "bitwise", [" "]
        if word == "*" and (before.text in TYPE_WORDS or before.text.endswith("_t") or
                            self.word(i - 2) in ("struct", "union", "enum")):
            return "", []
        for operator, table in OPERATORS.items():
            if word in table:
                return operator, table[word]
        return "", []

    def ends_operand(self, i):
        """Whether a + - * & after this token has a left operand."""
        token = self.tokens[i]
        if token.text == ")":
            inside = [t.text for t in self.tokens[self.pair.get(i, i) + 1:i]]
            is_cast = inside and (inside[0] in TYPE_WORDS or inside[0].endswith("_t")) and \
                self.word(self.pair[i] - 1) != "sizeof"
            return not is_cast
        return token.text == "]" or token.kind in ("number", "char", "string") or \
            token.kind == "name" and token.text not in KEYWORDS

    def swaps(self, i):
        """Edits that swap neighbours among the arguments of the call at i."""
        if self.tokens[i].kind != "name" or self.word(i) in KEYWORDS or self.word(i + 1) != "(" or \
                self.word(i) in LEFT_OUT:
            return
        close, start, arguments, k = self.pair[i + 1], i + 2, [], i + 2
        while k <= close:
            if self.word(k) in OPENING:
                k = self.pair[k]
            elif self.word(k) == "," or k == close:
                arguments.append((start, k - 1))
                start = k + 1
            k += 1
        for (a, b), (c, d) in zip(arguments, arguments[1:]):
            left, right = self.span(a, b), self.span(c, d)
            if left != right and "(" not in left + right and "sizeof" not in left + right:
                between = self.text[self.tokens[b].end:self.tokens[c].start]
                yield self.tokens[a].start, self.tokens[d].end, right + between + left


def mutants_of(root, files):
    """The alternatives of each site of the files."""
    return [site for file in files for site in Source(root, file).sites]


def files_of(root, module):
    files = sorted(str(path.relative_to(root)) for path in (root / "src" / module).glob("*.[ch]"))
    if not files:
        sys.exit(f"mutants: there is no src/{module}")
    return files


def in_order(sites, seed):
    """All mutants in the order of a seed: each site once before any comes again."""
    chance = random.Random(seed)
    sites = [chance.sample(site, len(site)) for site in sites]
    chance.shuffle(sites)
    mutants, seen = [], set()
    for turn in range(max(map(len, sites), default=0)):
        for site in sites:
            if turn < len(site) and (site[turn].file, tuple(site[turn].edits)) not in seen:
                seen.add((site[turn].file, tuple(site[turn].edits)))
                mutants.append(site[turn])
    return mutants


# -------------------------------------------------------------------------------------------------- programs

class Processes:
    """Runs programs, each in a session of its own, of which nothing is left when it ends."""

    def __init__(self):
        self.lock, self.running, self.stopped = threading.Lock(), set(), False

    def run(self, argv, cwd, env, seconds):
        """The exit status, or None when the time was up."""
        with self.lock:
            if self.stopped:
                raise KeyboardInterrupt
            process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, start_new_session=True)
            self.running.add(process.pid)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self.kill_session(process.pid)
            process.wait()
            with self.lock:
                self.running.discard(process.pid)

    @staticmethod
    def kill_session(session):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    stat = Path("/proc", entry, "stat").read_text()
                    if int(stat.rpartition(")")[2].split()[3]) == session:
                        os.kill(int(entry), signal.SIGKILL)
                except (OSError, IndexError):
                    pass

    def stop(self):
        with self.lock:
            self.stopped = True
            for session in self.running:
                self.kill_session(session)


PROCESSES = Processes()


class Program:
    """A test program: how it is linked, and what it takes without a mutant."""

    def __init__(self, name, link):
        self.name, self.link = name, link
        self.objects, self.fork, self.cpu, self.wall = set(), "no", 0.0, 0.0


class Workshop:
    """A copy of the tree, built; each worker has its own."""

    def __init__(self, folder):
        self.folder = folder

    def environment(self, **more):
        return {**os.environ, "TMPDIR": str(self.folder / "tmp"), "CK_DEFAULT_TIMEOUT": "60", **more}

    def compiled(self, command, output, extra=()):
        """Whether a compile or link command of make worked, with another output."""
        argv = list(command)
        argv[argv.index("-o") + 1] = output
        return PROCESSES.run(argv + list(extra), self.folder, self.environment(), 300) == 0

    def linked(self, program, objects):
        argv = list(program.link)
        at = argv.index("TEST")
        argv[at:at + 1] = [f"build/tests/{program.name}.o", *objects]
        return self.compiled(argv, f"build/tests/{program.name}")

    def run(self, program, limited=True):
        limits = f"ulimit -c 0; ulimit -v {MEMORY_KB}; ulimit -f {FILE_BLOCKS}; "
        wall = None
        if limited:
            limits += f"ulimit -S -t {math.ceil(CPU_TIMES * program.cpu) + CPU_MORE}; "
            wall = WALL_TIMES * program.wall + WALL_MORE
        return PROCESSES.run(["/bin/sh", "-c", limits + 'exec "$0"', f"build/tests/{program.name}"], self.folder,
                             self.environment(CK_FORK=program.fork), wall)


class Bench:
    """The workshops, and what make does to compile each object and to link each test program."""

    def __init__(self, root, folder, scratch, modules, workers):
        first = Workshop(folder / "0")
        first.folder.mkdir()
        for name in ("Makefile", "include", "src", "tests"):
            if (root / name).is_dir():
                shutil.copytree(root / name, first.folder / name)
            elif (root / name).exists():
                shutil.copy(root / name, first.folder / name)
        (first.folder / "tmp").mkdir()
        (first.folder / "build/tests").mkdir(parents=True)
        self.move_scratch(first.folder / "tests/unit", scratch)
        self.names = sorted({"test_" + test for module in modules for test in TESTS[module].split()})
        for name in self.names:
            if not (root / f"tests/unit/{name}.c").exists():
                sys.exit(f"mutants: there is no tests/unit/{name}.c; see TESTS in {sys.argv[0]}")
        self.make(first)
        self.read_depends(first)
        self.workshops = queue.Queue()
        self.workshops.put(first)
        for n in range(1, workers):
            shutil.copytree(first.folder, folder / str(n))
            self.workshops.put(Workshop(folder / str(n)))

    @staticmethod
    def move_scratch(folder, scratch):
        """Lets the tests make their files in a folder that is removed: one that crashes leaves its own behind."""
        for path in folder.glob("*.[ch]"):
            text = path.read_text()
            if '"/tmp/' in text:
                path.write_text(text.replace('"/tmp/', f'"{scratch}/'))

    def make(self, shop):
        """Builds the library and what every test program is linked with; learns from make's commands the rest."""
        env = {name: value for name, value in shop.environment().items() if not name.startswith(("MAKE", "MFLAGS"))}
        cc = os.environ.get("CC", "gcc")
        flags = CFLAGS + [flag for flag in CFLAGS_IF_TAKEN if PROCESSES.run(
            [cc, flag, "-x", "c", "-fsyntax-only", "/dev/null"], shop.folder, env, 60) == 0]
        make = ["make", "BUILD=build", "CFLAGS=" + " ".join(flags)]
        targets = ["build/libfltrain.a", f"build/tests/{self.names[0]}"]
        if any("test_" + test in self.names for test in TESTS.get("cli", "").split()):
            targets.append("build/libcli.a")
        built = subprocess.run([*make, "-j", str(os.cpu_count() or 1), *targets], cwd=shop.folder, env=env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if built.returncode != 0:
            print(built.stderr, file=sys.stderr)
            sys.exit("mutants: the library does not build")
        lines = subprocess.run([*make, "-nB", "build/libfltrain.a", *("build/tests/" + name for name in self.names)],
                               cwd=shop.folder, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
        self.compile_of, self.programs = {}, {}
        for line in lines.replace("\\\n", " ").split("\n"):
            argv = [word for word in shlex.split(line) if word not in ("-MMD", "-MP")] if " -o " in line else []
            if "-c" in argv:
                self.compile_of[argv[argv.index("-o") + 1]] = argv
            elif argv:
                self.add_program(shop, argv)

    def add_program(self, shop, argv):
        name = os.path.basename(argv[argv.index("-o") + 1])
        source = f"tests/unit/{name}.c"
        link = ["TEST" if word == source else word for word in argv]
        program = self.programs[name] = Program(name, link)
        flags = [word for word in argv if not word.endswith((".a", ".o")) and not word.startswith(("-l", "-L", "-Wl,"))]
        if not shop.compiled(flags + ["-c"], f"build/tests/{name}.o"):
            sys.exit(f"mutants: {source} does not compile")
        linking = [f"build/tests/{name}.o" if word == "TEST" else word for word in link]
        traced = subprocess.run([*linking, "-Wl,-t", "-Wl,-t"], cwd=shop.folder, stdout=subprocess.PIPE, text=True,
                                check=True).stdout
        program.objects = set(re.findall(r"lib(?:fltrain|cli)\.a\)?\(?([^/()\s]+\.o)", traced))
        if not program.objects:
            sys.exit(f"mutants: the linker does not say which objects {name} is made of")

    def read_depends(self, shop):
        """The objects that a file of src/ goes into."""
        self.objects_of = {}
        for target in self.compile_of:
            depends = (shop.folder / target).with_suffix(".d").read_text().replace("\\\n", " ")
            for file in depends.split("\n")[0].partition(":")[2].split():
                self.objects_of.setdefault(file, []).append(target)

    def measure(self):
        """What each test program takes; tries it without a process for each test first, which is faster."""
        shop = self.workshops.get()
        for program in self.programs.values():
            for program.fork in ("no", "yes"):
                before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
                status = shop.run(program, limited=False)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                program.wall = time.monotonic() - start
                program.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                if status == 0:
                    break
            else:
                print(f"mutants: {program.name} fails without a mutant", file=sys.stderr)
                sys.exit(2)
        self.workshops.put(shop)

    def programs_of(self, module):
        return sorted((self.programs["test_" + test] for test in TESTS[module].split()), key=lambda p: p.wall)

    def try_mutant(self, mutant, programs):
        """How it went: "no object" and "same object" do not count, "survived", or what killed it."""
        shop = self.workshops.get()
        path = shop.folder / mutant.file
        text = path.read_text()
        try:
            path.write_text(mutant.apply(text))
            return self.outcome(shop, self.objects_of.get(mutant.file, []), programs)
        finally:
            path.write_text(text)
            self.workshops.put(shop)

    def outcome(self, shop, targets, programs):
        changed = []
        for n, target in enumerate(targets):
            output = f"build/mutant{n}.o"
            if not shop.compiled(self.compile_of[target], output):
                return "no object"
            if (shop.folder / output).read_bytes() != (shop.folder / target).read_bytes():
                changed.append((output, os.path.basename(target)))
        if not changed:
            return "same object"
        for program in programs:
            objects = [output for output, name in changed if name in program.objects]
            if not objects:
                continue
            if not shop.linked(program, objects):
                return "no object"
            status = shop.run(program)
            if status != 0:
                return f"killed by {program.name} ({self.manner(status)})"
        return "survived"

    @staticmethod
    def manner(status):
        if status is None or status in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
            return "time"
        return f"signal {-status}" if status < 0 else f"exit {status}"


# -------------------------------------------------------------------------------------------------- a run

class Result:
    def __init__(self, module, wanted):
        self.module, self.wanted = module, wanted
        self.counted, self.killed, self.uncompiled, self.same = 0, 0, 0, 0
        self.survivors = []

    def share(self):
        return self.killed / self.counted if self.counted else 0.0

    def add(self, mutant, outcome):
        if outcome == "no object":
            self.uncompiled += 1
            return
        if outcome == "same object":
            self.same += 1
            return
        self.counted += 1
        if outcome == "survived":
            self.survivors.append(mutant)
        else:
            self.killed += 1
        print(f"{self.module} {self.counted}/{self.wanted} {mutant.title()}: {mutant.old}  ->  {mutant.new}: {outcome}",
              flush=True)


def run_module(bench, module, mutants, wanted, workers):
    """Tries mutants in their order until as many as wanted count."""
    result, programs = Result(module, min(wanted, len(mutants))), bench.programs_of(module)
    mutants, waiting = iter(mutants), {}
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                # never more than may still count: which mutants are tried does not depend on which ends first
                while len(waiting) < workers and result.counted + len(waiting) < wanted:
                    mutant = next(mutants, None)
                    if mutant is None:
                        break
                    waiting[pool.submit(bench.try_mutant, mutant, programs)] = mutant
                if not waiting:
                    break
                for done in concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED).done:
                    result.add(waiting.pop(done), done.result())
        except BaseException:
            PROCESSES.stop()
            raise
    result.survivors.sort(key=lambda mutant: (mutant.file, mutant.edits))
    return result


def survivors_text(results, note):
    lines = []
    for result in results:
        lines.append(f"# {result.module}: {len(result.survivors)} of {result.counted} survived, {note}")
        for mutant in result.survivors:
            lines += [mutant.title(), "-" + mutant.old, "+" + mutant.new]
    return "\n".join(lines) + "\n"


def read_survivors(root, path):
    """The mutants that a list of survivors names, by module; a line number only decides among equals."""
    wanted, sites_of, lines = {}, {}, Path(path).read_text().split("\n")
    for at, line in enumerate(lines):
        match = re.fullmatch(r"(src/([^/]+)/\S+?):(\d+): in (.*): (\w+)", line)
        if not match:
            continue
        file, module, number, function, operator = match.groups()
        if file not in sites_of:
            sites_of[file] = mutants_of(root, [file]) if (root / file).exists() else []
        key = file, function, operator, lines[at + 1][1:], lines[at + 2][1:]
        found = [mutant for site in sites_of[file] for mutant in site if mutant.identity() == key]
        if found:
            wanted.setdefault(module, []).append(min(found, key=lambda mutant: abs(mutant.line - int(number))))
        else:
            print(f"gone: {line}")
    return wanted


def choose(root, options):
    """Mutants by module, in the order in which they are tried."""
    if options.survivors_from:
        return read_survivors(root, options.survivors_from)
    if options.only:
        file, _, line = options.only.rpartition(":")
        return {file.split("/")[1]: [mutant for site in mutants_of(root, [file]) for mutant in site
                                     if mutant.line <= int(line) <= mutant.last_line]}
    return {module: in_order(mutants_of(root, files_of(root, module)), f"{options.seed} {module}")
            for module in options.modules}


def run(root, options):
    """Prints all that is found; returns the results."""
    chosen = choose(root, options)
    some = options.survivors_from or options.only
    if not chosen:
        print("mutants: none to try")
        return []
    for module in chosen:
        if module not in TESTS:
            sys.exit(f"mutants: {module} has no tests; see TESTS in {sys.argv[0]}")
    known = {"test_" + test for tests in TESTS.values() for test in tests.split()}
    for path in sorted((root / "tests/unit").glob("test_*.c")):
        if path.stem not in known:
            print(f"mutants: no module has {path.stem}; see TESTS in {sys.argv[0]}", file=sys.stderr)
    note = f"seed {options.seed}, {datetime.date.today()}"
    results = []
    with tempfile.TemporaryDirectory(prefix="fltrain-mutants-") as folder, \
            tempfile.TemporaryDirectory(prefix="flt-", dir="/tmp") as scratch:  # short: tests keep it in small arrays
        try:
            bench = Bench(root, Path(folder), scratch, list(chosen), options.workers)
            bench.measure()
            for module, mutants in chosen.items():
                wanted = len(mutants) if some else options.mutants
                results.append(run_module(bench, module, mutants, wanted, options.workers))
        finally:
            PROCESSES.stop()
    text = survivors_text(results, note)
    print("\n" + text)
    for result in results:
        print(f"{result.module}: {result.counted} mutants, {result.killed} killed, {len(result.survivors)} survived: "
              f"{100 * result.share():.1f} % ({note}; {result.same} more had the original's object code, "
              f"{result.uncompiled} did not compile)")
    if options.list_survivors:
        Path(options.list_survivors).write_text(text)
    return results


# -------------------------------------------------------------------------------------------------- self-test

SELF_MAKEFILE = """\
build/src/toy/toy.o: src/toy/toy.c
\tmkdir -p build/src/toy
\tgcc -std=c11 -Isrc $(CFLAGS) -MMD -MP -c -o build/src/toy/toy.o src/toy/toy.c
build/libfltrain.a: build/src/toy/toy.o
\tar rcs build/libfltrain.a build/src/toy/toy.o
build/tests/test_toy: tests/unit/test_toy.c build/libfltrain.a
\tgcc -std=c11 -Isrc $(CFLAGS) -MMD -MP -o build/tests/test_toy tests/unit/test_toy.c build/libfltrain.a
"""
SELF_MODULE = """\
#include "toy/toy.h"
#include <assert.h>
/* The tests see the sum and the first item, not the order of a tie. */
int flt_sum(const int *x, int n)
{
\tassert(n < 1000);
\tint sum = 0;
\tfor (int i = 0; i < n; i++)
\t\tsum += x[i];
\treturn sum;
}

int flt_best(const int *x, int n)
{
\tint best = 0;
\tfor (int i = 1; i < n; i++) {
\t\tif (x[i] > x[best])
\t\t\tbest = i;
\t}
\treturn best;
}

int flt_unseen(int a, int b)
{
\treturn a * 3 + b;
}

unsigned flt_same(unsigned a)
{
\tunsigned lost = a + 1;
\tlost = 7;
\treturn lost;
}

int flt_waits(volatile int n)
{
\twhile (n < 0)
\t\t;
\treturn n;
}

long flt_between(const int *from, const int *to)
{
\treturn to - from;
}
"""
SELF_HEADER = """\
int flt_sum(const int *x, int n);
int flt_best(const int *x, int n);
int flt_unseen(int a, int b);
unsigned flt_same(unsigned a);
int flt_waits(volatile int n);
long flt_between(const int *from, const int *to);
"""
SELF_TEST = """\
#include "toy/toy.h"
int main(void)
{
\tconst int x[] = {3, 9, 4};
\treturn !(flt_sum(x, 3) == 16 && flt_best(x, 3) == 1 && flt_unseen(0, 0) == 0 && flt_same(5) == 7 &&
\t         flt_waits(1) == 1);
}
"""
# Function, operator, a piece of the mutant's new line, and how it must go.
SELF_EXPECTED = [
    ("flt_sum", "assignment", "sum -= x[i];", "killed by test_toy (exit 1)"),
    ("flt_sum", "drop", ";", "killed by test_toy (exit 1)"),
    ("flt_sum", "constant", "int sum = 1;", "killed by test_toy (exit 1)"),
    ("flt_best", "negate", "if (!(x[i] > x[best]))", "killed by test_toy (exit 1)"),
    ("flt_best", "constant", "int best = 1;", "survived"),
    ("flt_best", "relational", "x[i] >= x[best]", "survived"),
    ("flt_unseen", "arithmetic", "a / 3 + b", "survived"),
    ("flt_unseen", "constant", "a * 4 + b", "survived"),
    ("flt_same", "arithmetic", "a - 1", "same object"),
    ("flt_same", "constant", "lost = 8", "killed by test_toy (exit 1)"),
    ("flt_between", "arithmetic", "to + from", "no object"),
    ("flt_waits", "negate", "while (!(n < 0))", "killed by test_toy (time)"),
]
SELF_TOKENS = [
    # text of a body, and what its mutants make of it
    ('f("a < b", -x);', {";", 'f("a < b",  x);', 'f(-x, "a < b");'}),
    ("/* a < b */ char t[4 + 1];", set()),
    ("double y = (double)-x * 2.0;", {"double y = (double) x * 2.0;", "double y = (double)-x / 2.0;",
                                      "double y = (double)-x * 3.0;", "double y = (double)-x * 1.0;"}),
    ("struct a *b = &c[0];", {"struct a *b = &c[1];"}),
    ("if (!a) return flt_fail(e, 1 + 2, \"x\");", {"if (!(!a)) return flt_fail(e, 1 + 2, \"x\");",
                                                 "if ( a) return flt_fail(e, 1 + 2, \"x\");", "if (!a) ;"}),
    ("assert(a < b);", set()),
    ("x = a ? fmin(b, c) : 1;", {";", "x = a && 0 ? fmin(b, c) : 1;", "x = a || 1 ? fmin(b, c) : 1;",
                                 "x = a ? fmax(b, c) : 1;", "x = a ? fmin(c, b) : 1;", "x = a ? fmin(b, c) : 0;",
                                 "x = a ? fmin(b, c) : 2;"}),
]


def self_test_tokens(folder):
    wrong = []
    path = folder / "body.c"
    for body, expected in SELF_TOKENS:
        path.write_text("void f(void)\n{\n" + body + "\n}\n")
        source = Source(folder, "body.c")
        made = {mutant.apply(source.text).split("\n")[2] for site in source.sites for mutant in site}
        if made != expected:
            wrong.append(f"{body}: made {sorted(made)}")
    return wrong


def self_test():
    """Says what is wrong, and returns whether nothing is."""
    global CPU_MORE
    CPU_MORE = 0
    TESTS.clear()
    TESTS["toy"] = "toy"
    with tempfile.TemporaryDirectory(prefix="fltrain-mutants-") as name:
        folder = Path(name)
        wrong = self_test_tokens(folder)
        for path, text in (("Makefile", SELF_MAKEFILE), ("src/toy/toy.c", SELF_MODULE), ("src/toy/toy.h", SELF_HEADER),
                           ("tests/unit/test_toy.c", SELF_TEST)):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        sites = mutants_of(folder, files_of(folder, "toy"))
        first, again, other = (in_order(sites, seed) for seed in ("1", "1", "2"))
        if first != again or first == other or set(first) != set(other):
            wrong.append("a seed does not give its own order")
        bench_folder = folder / "bench"
        bench_folder.mkdir()
        bench = Bench(folder, bench_folder, bench_folder, ["toy"], 1)
        bench.measure()
        for function, operator, piece, expected in SELF_EXPECTED:
            found = [mutant for mutant in first if (mutant.function, mutant.operator) == (function, operator)
                     and piece in mutant.new]
            outcome = bench.try_mutant(found[0], bench.programs_of("toy")) if found else "no such mutant"
            if not outcome.startswith(expected):
                wrong.append(f"{function}: {operator} {piece}: {outcome}, not {expected}")
        wrong += self_test_identity(folder, first)
    for line in wrong:
        print(line)
    n_all = len(SELF_TOKENS) + len(SELF_EXPECTED) + 2
    print(f"mutants: {n_all - len(wrong)} passed, {len(wrong)} failed")
    return not wrong


def self_test_identity(folder, mutants):
    """A list of survivors finds its mutants again after lines were added above them."""
    result = Result("toy", 2)
    result.survivors = [mutant for mutant in mutants if mutant.function == "flt_unseen"]
    (folder / "list").write_text(survivors_text([result], "seed 1"))
    path = folder / "src/toy/toy.c"
    path.write_text(path.read_text().replace("int flt_unseen", "/* A comment. */\n\nint flt_unseen"))
    found = read_survivors(folder, folder / "list").get("toy", [])
    if not found or [m.identity() for m in found] != [m.identity() for m in result.survivors] or \
            found[0].line != result.survivors[0].line + 2:
        return ["a list of survivors does not find its mutants again"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("modules", metavar="MODULE", nargs="*", help="a folder of src/: " + " ".join(TESTS))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--mutants", type=int, default=200, help="how many of each module (200)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--list-survivors", metavar="FILE", help="write the survivors there as well")
    parser.add_argument("--survivors-from", metavar="FILE", help="run the mutants of such a list")
    parser.add_argument("--only", metavar="FILE:LINE", help="run every mutant of a line")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.self_test:
        sys.exit(0 if self_test() else 1)
    if not options.modules and not options.survivors_from and not options.only:
        parser.error("which module?")
    root = Path(__file__).resolve().parent.parent
    results = run(root, options)
    needed = 1.0 if options.survivors_from or options.only else NEEDED
    sys.exit(0 if all(result.share() >= needed for result in results) else 1)


if __name__ == "__main__":
    main()
