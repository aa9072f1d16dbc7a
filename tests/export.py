#!/usr/bin/env python3
"""Exports models as C and compares them with the program: tests/export.py PROGRAM [--rows N] [--jobs N] [KIND ...]

Tables are drawn whose columns hold every type that there is, under names and with levels that a careless writer of code
would let through: keywords, quotes, ends of comments, trigraphs, formats, bytes that are no ASCII. Models of every kind
of member, scale, activation, map and rule are trained on them. For each:

- the C file compiles without a warning under gcc and clang, with -std=c99 -pedantic -Wall -Wextra -Wconversion, and its
  header as C++;
- its identifiers, read back as its documentation says, are the names of the columns;
- export --verify agrees on rows with missing, unseen, odd and extreme values;
- and without --verify: a driver of this script scores the same rows, as Python's csv module reads them, and gives the
  probabilities and labels that predict prints: log-odds within 1e-6, labels the same but within that of the threshold;
- texts that are no value are refused where predict refuses them, with the same column.

Other machines, the sanitizers and smaller exports get the first 5,000 of the rows. That the comparison can fail is shown, too: a weight of one file is changed, and a level of another.
"""

import argparse
import concurrent.futures
import csv
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

STRICT = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
TOLERANCE = 1e-6
CPP_COMPILERS = ("g++", "clang++")

# Other machines, if Debian's cross compilers and qemu-user are there (make deps-dev): 32 bits, and the other order of bytes.
CROSS = (("arm-linux-gnueabihf-gcc", "qemu-arm"), ("s390x-linux-gnu-gcc", "qemu-s390x"))
N_SHORT = 5000  # rows where each costs a hundred times as much
WATCHED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]

HOSTILE = ['*/ int x = 1; /*', 'say "hi"', "back\\slash", "what??/", "50 % %s %n", "Zürich", "été", "日本", "a'b", "\u202eabc",
           "line\nbreak", "x" * 5000, "tab\there", "#define A", "$(rm -rf /)", "`id`"]
CITIES = ["city %d" % i for i in range(60)] + HOSTILE


# The columns of kinds that have one type only: nothing of another is to be in their files, unused.
ONLY = {"only-numbers": ["amount", "zeros", "gaps"], "only-categories": ["Stadt é", "flag", "channel"],
        "only-dates": ["when", "day"]}


class Table:
    """A table that is drawn; `german` has decimal commas, dressed numbers and days first."""

    def __init__(self, name, german):
        self.name, self.german = name, german
        self.columns = ["amount", "1st price", "int", "share of_x41_", "zeros", "gaps", "Stadt é", "flag", "channel", "when",
                        "day", "code", "*/ evil \"; /*"]
        self.kept = ONLY.get(name, self.columns)

    def number(self, x, digits=2):
        text = "%.*f" % (digits, x)
        return text.replace(".", ",") if self.german else text

    def price(self, x):
        text = "{:,.2f}".format(abs(x))
        if self.german:
            text = text.translate(str.maketrans(",.", ".,")) + " €"
            return text if x >= 0 else "-" + text
        return "$" + text if x >= 0 else "($" + text + ")"

    def row(self, draw, risk, oddly):
        """The cells of a row. oddly: with unseen, missing and extreme values."""
        when = draw.randrange(1262304000, 1735689600)
        days = when // 86400
        y, m, d = civil(days)
        city = draw.choices(CITIES, weights=[1 / (1 + i % 40) for i in range(len(CITIES))])[0]
        cells = [
            self.number(math.exp(draw.gauss(3 + risk, 1.5)), 4),
            self.price(draw.gauss(50 + 40 * risk, 900)),
            str(draw.randrange(0, 12)),
            self.number(draw.random() * 100, 1) + (" %" if self.german else "%"),
            self.number(0 if draw.random() < .8 else draw.expovariate(.1) * (1 + risk)),
            "" if draw.random() < .2 + .1 * risk else self.number(draw.gauss(risk, 1), 3),
            city if draw.random() > .3 * risk else "city 7",
            draw.choice(["yes", "no"]) if draw.random() > .02 else "",
            draw.choice(["web", "shop", "phone", "NA", "mail"]),
            "%02d.%02d.%04d %02d:%02d" % (d, m, y, when // 3600 % 24, when // 60 % 60) if self.german else
            "%04d-%02d-%02dT%02d:%02d:%02dZ" % (y, m, d, when // 3600 % 24, when // 60 % 60, when % 60),
            "%d %s %d" % (d, "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()[m - 1], y),
            str(draw.choice([-999, 1, 2, 3, 5, 8, 13, 21, 34])),
            str(draw.gauss(risk, 1)).replace(".", "," if self.german else "."),
        ]
        if oddly:
            for i, cell in enumerate(cells):
                if draw.random() < .06:
                    cells[i] = draw.choice(["", "?", "NA", "  ", "null"])
                elif draw.random() < .06:
                    cells[i] = self.odd(draw, i)
        return cells

    def odd(self, draw, i):
        mark = "," if self.german else "."
        numbers = ["0", "-0", "1e300", "-1e300", "1e-300", "4.9e-324", "  7 ", "+3", "123456789012345678901234567890",
                   "0.1234567890123456789012345678901234567890", "None", "#N/A", "-", "1e-400", ".5", "5.", "9007199254740993",
                   "1.7976931348623157e308", "2.2250738585072011e-308", "\u2014"]
        numbers = [n.replace(".", mark) for n in numbers]
        if i in (0, 2, 4, 5, 12):
            return draw.choice(numbers)
        if i == 1:
            return draw.choice(["1.234,50 €", "-3 €", "12.345.678,9 €", "0,5€", " 7 € "] if self.german else
                               ["$1,234.50", "$-3", "-$3", "($12,345,678.9)", "$.5", " $7 ", "$12,34,567.00", "$1e3"])
        if i == 3:
            return draw.choice(["7%", "7 %", "-1%", "100%"])
        if i in (6, 7, 8):
            return draw.choice(["never seen", "YES", "web ", "%s", "\\", "a" * 300, "\u00e9", "nan"] + HOSTILE)
        if i == 9:
            return draw.choice(["29.02.2024", "1.1.1900 00:00", "31.12.9999 23:59"] if self.german else
                               ["2024-02-29", "1900-01-01 00:00:00Z", "9999-12-31T23:59:60Z", "2024-01-31 11:59 PM UTC",
                                "2024-06-01T12:00:00.25+02:00"])
        if i == 10:
            return draw.choice(["29 February 2024", "1 Sept 1999", "01-Mar-0004", "31Dec2030"])
        return draw.choice(["-999", "-999.0".replace(".", mark), "55", "-999.5".replace(".", mark), "1e6"])

    def write(self, path, n, seed, oddly):
        draw = random.Random(seed)
        with open(path, "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, delimiter=";" if self.german else ",", quoting=csv.QUOTE_ALL)
            out.writerow(self.kept + ["fraud"])
            for i in range(n):
                positive = draw.random() < .12
                label = "yes" if positive else "no"
                cells = dict(zip(self.columns, self.row(draw, 1 if positive else 0, oddly and i > 3)))
                out.writerow([cells[name] for name in self.kept] + [label])

    def options(self):
        chosen = ["--na", "-999,unknown", "--positive", "yes"] + (["--decimal", ","] if self.german else [])
        if "when" in self.kept:
            chosen += ["--date", "when,day"]
        if "int" in self.kept:
            chosen += ["--categorical", "code" if self.german else "int"]
        return chosen


def civil(days):
    """Year, month and day of days since 1970-01-01."""
    days += 719468
    era = days // 146097
    doe = days - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    m = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (m <= 2), m, doy - (153 * mp + 2) // 5 + 1


SMALL = ["--preset", "fast", "--epochs", "3"]
ONE = SMALL + ["--members", "1"]
# name: (german, options of train)
KINDS = {
    "default": (False, []),
    "pool": (False, ["--preset", "fast", "--members", "8", "--epochs", "2"]),
    "robust-tanh": (True, ONE + ["--scale", "robust", "--activation", "tanh", "--hidden", "16,8", "--calibrate", "platt"]),
    "quantile-embedded": (False, ONE + ["--scale", "quantile", "--embedding", "pbld", "--activation", "mish", "--hidden", "24",
                                        "--calibrate", "isotonic", "--threshold", "recall>=0.8@50"]),
    "focal-bag": (True, SMALL + ["--members", "3", "--recipe", "plain", "--hidden", "24", "--loss", "focal", "--gamma", "2", "--alpha", "0.7"]),
    "linear": (False, ONE + ["--hidden", "none", "--scale", "standard"]),
    "none-relu": (True, ONE + ["--scale", "none", "--activation", "relu", "--hidden", "8"]),
    "none-selu-steps": (False, ONE + ["--scale", "none", "--activation", "selu", "--hidden", "8", "--steps", "40"]),
    "silu": (False, ONE + ["--activation", "silu", "--hidden", "32,16,8", "--calibrate", "none"]),
    "front-scale": (True, ONE + ["--front-scale", "yes", "--embedding", "pbld", "--activation", "silu", "--hidden", "16"]),
    "front-scale-alone": (False, ONE + ["--front-scale", "yes", "--activation", "relu", "--hidden", "16"]),
    "steps-linear": (True, ONE + ["--steps", "30", "--hidden", "none"]),
    "focal-one": (False, ONE + ["--loss", "focal", "--gamma", "3", "--calibrate", "map", "--threshold", "f1"]),
    "balanced": (True, ONE + ["--pos-weight", "balanced", "--calibrate", "isotonic", "--threshold", "top:20"]),
    "prior": (False, SMALL + ["--members", "4", "--prior", "0.01", "--threshold", "precision>=0.3@50"]),
    "isotonic-bag": (True, SMALL + ["--members", "4", "--calibrate", "isotonic", "--threshold", "cost:1:20"]),
    "quantile-bag": (False, SMALL + ["--members", "4", "--scale", "quantile", "--threshold", "0.2"]),
    "robust-embedded": (True, ONE + ["--scale", "robust", "--embedding", "pbld", "--activation", "tanh", "--hidden", "8,8",
                                     "--threshold", "rate:0.05"]),
    "only-numbers": (False, ONE + ["--hidden", "16"]),
    "only-categories": (False, ONE + ["--hidden", "16"]),
    "only-dates": (False, ONE + ["--hidden", "16"]),
    "pool-default": (False, ["--members", "24", "--epochs", "2", "--calibrate", "platt"]),
}
# What check-export tries.
THIN = ["default", *ONLY, "quantile-embedded", "robust-tanh", "focal-bag", "linear"]

# Texts that may be no value of their column: predict says whether they are.
DOUBTFUL = ["12abc", "1e999", "-inf", "infinity", "--5", "$", "$5", "5 $", "1,2,3", "1.2.3", "1,234", "1.234", "1 234", "0x10",
            "(5)", "5-", "1e", "1e+", "e5", ".", ",", "+", "five", "12:30", "2024-13-01", "2024-02-30", "32.01.2024", "1/2/2024",
            "2024-01-31T24:00Z", "31 Foo 2024", "Jan 5, 2024", "20240131", "5 €", "5€", "5 %", "5 percent", "'5'", "\u22125", "١٢",
            "$1,23", "$12,345,67", "1.234.567,89 €", "12,34,567", "7 days", "nan", "NaN", "missing", "N.A."]

DRIVER = r"""
#include <stdio.h>
#include <string.h>
#include "m.h"
static char line[1 << 20];
int main(void)
{
	static const char *cells[m_N];
	static struct m_row row;
	size_t column = 0, used = 0;
	int c;
	while ((c = getchar()) != EOF) {
		if (used == 0 || line[used - 1] == '\0')
			cells[column] = line + used;
		line[used++] = (char)c;
		if (c != 0 || ++column < m_N)
			continue;
		column = used = 0;
		c = m_row_from_cells(&row, cells);
		if (c)
			printf("refused %d\n", c);
		else
			printf("%.17g %.17g %d\n", m_log_odds(&row), m_score(&row), m_is_positive(&row));
	}
	return 0;
}
"""


# The reader of numbers in the file beside strtod, on texts that are made to be hard to round.
NUMBERS = r"""
#include <stdio.h>
#include <stdlib.h>
#include "m.c"
static unsigned long long state = 88172645463325252ull;
static unsigned draw(unsigned n)
{
	state ^= state << 13; state ^= state >> 7; state ^= state << 17;
	return (unsigned)((state >> 33) % n);
}
int main(int argc, char **argv)
{
	static char text[2000];
	long i, n = atol(argv[argc - 1]), wrong = 0;
	for (i = 0; i < n; i++) {
		double own = 0, right;
		size_t length = 0, k, digits = draw(8) == 0 ? draw(900) + 1 : draw(25) + 1, mark = draw(30);
		int kind;
		if (draw(3) == 0) { /* half way between two doubles, or a digit beside it */
			union { unsigned long long bits; double x; } u;
			u.bits = (unsigned long long)draw(0x7fe) << 52 | (unsigned long long)draw(1u << 26) << 26 | draw(1u << 26);
			length = (size_t)snprintf(text, sizeof text, "%.*e", (int)draw(3) ? 17 : 780, u.x + (draw(2) ? 0 : u.x * 1e-16));
		} else {
			for (k = 0; k < digits; k++) {
				if (k == mark)
					text[length++] = '.';
				text[length++] = (char)('0' + (draw(4) ? draw(10) : 9 * draw(2)));
			}
			if (draw(2))
				length += (size_t)sprintf(text + length, "e%d", (int)draw(700) - 350);
		}
		text[length] = 0;
		right = strtod(text, NULL);
		kind = parse_number(text, length, '.', &own);
		if (right > DBL_MAX ? kind != OUT_OF_RANGE : kind != NUMBER || memcmp(&own, &right, sizeof own) != 0) {
			if (!wrong++)
				printf("%s is %a, not %a (%d)\n", text, right, own, kind);
		}
	}
	printf("%ld of %ld wrong\n", wrong, n);
	return wrong != 0;
}
"""


def run(*argv, data=None, fail=True, env=None):
    done = subprocess.run(argv, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    if fail and done.returncode != 0:
        sys.exit("%s\nended with %d: %s" % (" ".join(argv), done.returncode, done.stderr.decode(errors="replace")[:2000]))
    return done


def has_fma():
    """Whether the processor has what an export asks for if the compiler says that it is there."""
    with open("/proc/cpuinfo", encoding="utf-8") as about:
        return " fma " in about.read()


def unescape(identifier):
    name = re.sub(rb"_x([0-9a-f]{2})_", lambda m: bytes([int(m[1], 16)]), identifier.encode())
    return (b"" if name == b"\0" else name).decode("utf-8", errors="surrogateescape")


def literals(text, name):
    """The strings of an array in the C file."""
    body = re.search(r"\b%s\[\d+\] = \{(.*?)\n\};" % name, text, re.S)[1]
    out = []
    for literal in re.findall(r'"((?:[^"\\]|\\.)*)"', body):
        raw = re.sub(rb"\\(\d{3})", lambda m: bytes([int(m[1], 8)]), literal.encode())
        out.append(raw.decode("utf-8", errors="surrogateescape"))
    return out


def logit(p):
    return math.log(p) - math.log1p(-p) if 0 < p < 1 else math.copysign(math.inf, p - .5)


class Model:
    def __init__(self, program, kind, folder, n_rows):
        self.program, self.kind, self.folder = program, kind, folder
        german, options = KINDS[kind]
        self.table = Table(kind, german)
        self.train, self.test, self.short = (os.path.join(folder, name) for name in ("train.csv", "test.csv", "short.csv"))
        self.model = os.path.join(folder, kind + ".safetensors")
        self.c = os.path.join(folder, "m.c")
        self.table.write(self.train, 1500, 1, False)
        self.table.write(self.test, n_rows, 2, True)
        self.table.write(self.short, min(n_rows, N_SHORT), 2, True)
        run(program, "-q", "--threads", "2", *self.table.options(), *options, "-o", self.model, self.train)
        self.says = run(program, "export", "-q", "--verify", self.test, "-o", self.c, self.model).stdout.decode()
        with open(self.c, encoding="utf-8") as file:
            self.text = file.read()
        self.names = literals(self.text, "m_names")

    def compile(self):
        """Under the compilers that are there without a warning, the header as C++; the program of this script is made."""
        folder = self.folder
        with open(os.path.join(folder, "driver.c"), "w", encoding="utf-8") as file:
            file.write("enum { m_N = %d };\n" % len(self.names) + DRIVER)
        for compiler in filter(shutil.which, ("gcc", "clang")):
            run(compiler, *STRICT, "-O1", "-c", self.c, "-o", os.path.join(folder, "m.o"))
        for compiler in filter(shutil.which, CPP_COMPILERS):
            run(compiler, "-std=c++11", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-fsyntax-only", os.path.join(folder, "m.h"))
        self.link("gcc")

    def link(self, *compiler):
        run(*compiler, "-std=c99", "-O2", "-o", os.path.join(self.folder, "driver"), os.path.join(self.folder, "driver.c"), self.c,
            "-lm")

    def score(self, rows, *before):
        """What the C file says of rows, each a dict."""
        data = b"".join(row[name].encode("utf-8", errors="surrogateescape") + b"\0" for row in rows for name in self.names)
        return run(*before, os.path.join(self.folder, "driver"), data=data).stdout.decode().split("\n")[:-1]

    def check_names(self):
        members = literals(self.text, "m_members")
        if [unescape(m) for m in members] != self.names or len(set(members)) != len(members):
            sys.exit("%s: identifiers %s do not give back the names %s" % (self.kind, members, self.names))

    def rows(self, path):
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, delimiter=";" if self.table.german else ","))

    def differences(self, path, said):
        """The largest difference of the log-odds from what predict prints of a file, and the labels that differ."""
        out = run(self.program, "predict", "-q", self.model, path).stdout.decode().split("\n")[1:-1]
        threshold = logit(float(re.search(r"threshold = (\S+);", self.text) and
                                float.fromhex(re.search(r"m_threshold = (\S+);", self.text)[1])))
        if len(out) != len(said):
            sys.exit("%s: %d rows are scored, not %d" % (self.kind, len(said), len(out)))
        largest, n_labels = 0, 0
        for expected, own in zip(out, said):
            probability, label = float(expected.split(",")[1]), expected.split(",")[2]
            if own.startswith("refused"):
                sys.exit("%s: the C file refuses a row that predict takes: %s" % (self.kind, own))
            log_odds, p, positive = own.split(" ")
            log_odds, p = float(log_odds), float(p)
            if abs(p - probability) > TOLERANCE * max(probability * (1 - probability), 1e-13) + 1e-15:
                largest = max(largest, abs(log_odds - logit(probability)))
            if (label == "yes") != (positive == "1") and not abs(log_odds - threshold) <= TOLERANCE:
                n_labels += 1
        return largest, n_labels

    def check_rows(self):
        largest, n_labels = self.differences(self.test, self.score(self.rows(self.test)))
        if largest > TOLERANCE or n_labels:
            sys.exit("%s: log-odds differ by %g, %d labels differ" % (self.kind, largest, n_labels))

    def check_elsewhere(self):
        """The same rows on other machines, and under the sanitizers; what was tried."""
        rows, tried = self.rows(self.short), []
        native = self.score(rows)
        self.link("gcc", *WATCHED)
        if self.score(rows) != native:
            sys.exit("%s: other scores under the sanitizers" % self.kind)
        if has_fma():
            self.link("gcc", "-mfma")
            tried.append("FMA %.1g" % self.largest("FMA", native, self.score(rows)))
        for compiler, machine in CROSS:
            if not (shutil.which(compiler) and shutil.which(machine)):
                continue
            run(compiler, *STRICT, "-O1", "-c", self.c, "-o", os.path.join(self.folder, "m.o"))
            self.link(compiler, "-static")
            tried.append("%s %.1g" % (machine, self.largest(machine, native, self.score(rows, machine))))
        self.link("gcc")
        return tried

    def largest(self, machine, native, scores):
        """The largest difference of the log-odds between machines."""
        largest = 0
        for one, other in zip(native, scores):
            a, b = one.split(" "), other.split(" ")
            apart = 0 if float(a[0]) == float(b[0]) else abs(float(a[0]) - float(b[0]))
            if not apart <= TOLERANCE or a[2] != b[2]:
                sys.exit("%s: %s: %s, here %s" % (self.kind, machine, other, one))
            largest = max(largest, apart)
        return largest

    def check_doubtful(self, thin):
        """Each doubtful text in each column: refused by both, or scored alike."""
        base = self.rows(self.short)[0]
        rows = [dict(base, **{name: text}) for name in self.names for text in (DOUBTFUL[::3] if thin else DOUBTFUL)]
        for row, own in zip(rows, self.score(rows)):
            path = os.path.join(self.folder, "one.csv")
            with open(path, "w", newline="", encoding="utf-8") as file:
                out = csv.writer(file, delimiter=";" if self.table.german else ",", quoting=csv.QUOTE_ALL)
                out.writerows([list(row), list(row.values())])
            done = run(self.program, "predict", "-q", self.model, path, fail=False)
            if done.returncode == 0:
                p = float(done.stdout.decode().split("\n")[1].split(",")[1])
                same = not own.startswith("refused") and abs(float(own.split()[1]) - p) <= TOLERANCE
            else:
                column = re.search(r'column "(.*?)": "', done.stderr.decode())
                same = own.startswith("refused") and column and \
                    self.names[int(own.split()[1]) - 1] == column[1].replace("\\\"", '"')
            if not same:
                odd = {n: t for n, t in row.items() if t != base[n]}
                sys.exit("%s: %s: predict says %s, the C file %s" % (self.kind, odd, (done.stdout + done.stderr).decode(), own))

    def check_smaller(self):
        """In eight bits, and with half of the members: what is written compiles and agrees, and its cost is told."""
        folder = os.path.join(self.folder, "smaller")
        os.makedirs(folder, exist_ok=True)
        size = int(re.search(r"(\d+) bytes of constants", self.says)[1])
        says = ""
        for options in ["--precision", "int8"], ["--max-size", str(size * 2 // 3)], ["--precision", "int8", "--max-size",
                                                                                    str(size // 3)]:
            path = os.path.join(folder, "m.c")
            done = run(self.program, "export", "-q", *options, "--verify", self.short, "-o", path, self.model, fail=False)
            if done.returncode == 2 and b"--max-size: the network that weighs most" in done.stderr and "--max-size" in options:
                continue
            if done.returncode or b"cost: PR-AUC" not in done.stdout:
                sys.exit("%s: %s: %s" % (self.kind, options, (done.stdout + done.stderr).decode()))
            smaller = int(re.search(rb"(\d+) bytes of constants", done.stdout)[1])
            if smaller > (int(options[-1]) if options[-1] != "int8" else size):
                sys.exit("%s: %s: %d bytes" % (self.kind, options, smaller))
            for compiler in filter(shutil.which, ("gcc", "clang")):
                run(compiler, *STRICT, "-O1", "-c", path, "-o", path + ".o")
            says += "; " + re.search(rb"difference of the log-odds (\S+)", done.stdout)[1].decode()
        return says

    def check_numbers(self, n):
        path = os.path.join(self.folder, "numbers.c")
        with open(path, "w", encoding="utf-8") as file:
            file.write(NUMBERS)
        run("gcc", "-std=c99", "-O2", "-w", "-o", path[:-2], path, "-lm")
        done = run(path[:-2], str(n), fail=False)
        if done.returncode:
            sys.exit("%s: numbers: %s" % (self.kind, done.stdout.decode()))

    def check_that_it_can_fail(self):
        """A changed weight and a changed level must be noticed."""
        rows = self.rows(self.short)
        for pattern, change in ((r"(static const float bias_\d+_\d+\[1\] = \{\n\t)", r"\g<1>0x1p-9f+"),
                                (r'"city 7"', '"city 7_"')):
            text, n = re.subn(pattern, change, self.text, count=1)
            if n == 0:
                continue
            with open(self.c, "w", encoding="utf-8") as file:
                file.write(text)
            self.link("gcc")
            largest, n_labels = self.differences(self.short, self.score(rows))
            if largest <= TOLERANCE and not n_labels:
                sys.exit("%s: %s was changed, and nothing noticed it" % (self.kind, pattern))
        with open(self.c, "w", encoding="utf-8") as file:
            file.write(self.text)
        self.link("gcc")


def check(kind, options, program, folder):
    """What was found of one kind of model; the first thing that is wrong ends it."""
    model = Model(program, kind, folder, options.rows)
    model.compile()
    model.check_names()
    model.check_rows()
    if options.all or kind == "robust-tanh":
        model.check_doubtful(not options.all)
    if kind in ("linear", "steps-linear"):
        model.check_numbers(2000000 if options.all else 50000)
    elsewhere = model.check_elsewhere() if options.all or kind == "quantile-embedded" else []
    if options.all or kind in ("quantile-embedded", "linear"):
        model.check_that_it_can_fail()
    if options.all or kind == "focal-bag":
        model.says += model.check_smaller()
    found = " ".join(model.says.strip().split("\n")[1:]).replace(folder + "/", "")
    return "; ".join([found, *elsewhere])


def try_kind(kind, options):
    with tempfile.TemporaryDirectory() as folder:
        try:
            print("ok      %-18s %s" % (kind, check(kind, options, os.path.abspath(options.program), folder)), flush=True)
        except (SystemExit, subprocess.CalledProcessError) as wrong:
            print("FAILED  %-18s %s" % (kind, wrong), flush=True)
            return False
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--all", action="store_true", help="all kinds, and all doubtful texts")
    parser.add_argument("--jobs", type=int, default=1, help="kinds at a time")
    parser.add_argument("kinds", nargs="*")
    options = parser.parse_intermixed_args()
    kinds = options.kinds or (list(KINDS) if options.all else THIN)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        failed = sum(not passed for passed in pool.map(lambda kind: try_kind(kind, options), kinds))
    if not any(map(shutil.which, CPP_COMPILERS)):
        print("skipped the headers as C++: no g++ or clang++ (make deps-dev)")
    print("export: %d passed, %d failed" % (len(kinds) - failed, failed))
    sys.exit(failed > 0)


main()
