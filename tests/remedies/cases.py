"""Inputs that cause a message with a suggestion, and the suggestions. See run.py."""
import datetime
import random
from dataclasses import dataclass, field


@dataclass
class Case:
    name: str
    command: str  # a shell command that fails with the message, or with is_warning succeeds and warns
    remedies: dict  # each as it stands in the message: the whole command that follows it, None: command + the words
    files: dict = field(default_factory=dict)
    before: str = ""  # a command that makes what command needs
    clean: str = ""  # a command on the table without the flaw that writes report.json
    about: tuple = ()  # the columns that the message is about
    mentions: tuple = ()  # options that the message names without suggesting them
    is_warning: bool = False


def rows(n=400, seed=1, positives=0.15):
    """Dictionaries of a small simulated table."""
    r = random.Random(seed)
    table = []
    for i in range(n):
        fraud = int(r.random() < positives)
        table.append({"amount": f"{r.lognormvariate(4 + 1.5 * fraud, 0.8):.2f}", "age": str(int(r.gauss(45, 12))),
                      "temp": f"{r.gauss(20 - 2 * fraud, 5):.1f}", "kind": r.choice(["web", "shop", "phone"]),
                      "fraud": str(fraud)})
    return table


def csv(table, change=None, delimiter=",", header=True):
    """The text of a CSV file; change(i, row) may alter a copy of row i."""
    lines = [delimiter.join(table[0])] if header else []
    for i, row in enumerate(table):
        row = dict(row)
        if change:
            change(i, row)
        lines.append(delimiter.join(row.values()))
    return "\n".join(lines) + "\n"


def put(column, text, every=100, at=50):
    """Every so many rows, another text in a column."""
    def change(i, row):
        if i % every == at:
            row[column] = text
    return change


SOLVE = "fltrain --preset fast --no-model --json report.json d.csv"
TRAIN = "fltrain --preset fast --epochs 3 --no-model --json report.json d.csv"
SMALL = "fltrain --preset fast --epochs 1 --hidden 8 --batch 4096 --threads 1 --no-model --json report.json d.csv"
CLEAN = TRAIN.replace("d.csv", "clean.csv")
WILD = "fltrain -q --preset fast --identical together --members 1 --epochs 4 --hidden 64,64,64,64 --optimizer adam --lr 10 --no-model"
MEASURED = "fltrain compare -q --epochs 1 --hidden 2 --threads 2 d.csv"
PAGED = "fltrain -q --no-model --preset fast --epochs 1 --hidden 2 --threads 1 --test many.csv --json report.json --report page.html d.csv"
LOGGED = "fltrain cv -q --preset fast --members 1 --patience 400 --hidden 2 --threads 1 d.csv"
FAR = "amount,age,label\n50,40,no\n1e300,-1e300,yes\n"
MODEL = "fltrain --preset fast --epochs 3 -q -o m.safetensors clean.csv >report"
REPORT = "fltrain report r.json"
REPORTED = "fltrain --preset fast --epochs 3 -q --no-model --json good.json clean.csv >report"
A_FILE = {"give a file that --json wrote": "fltrain report good.json"}
A_REPORT = {"give a report that --json wrote": "fltrain report good.json"}
HEADLESS = "sed 1d clean.csv >c.csv && fltrain --preset fast --epochs 3 -q -o m.safetensors c.csv >report"
PLAIN = csv(rows())
LARGE = PLAIN + PLAIN.split("\n", 1)[1] * 1000
FLAWLESS = {"clean.csv": PLAIN}
WITH_NEWS = {"clean.csv": PLAIN, "news.csv": csv(rows(seed=2))}


def table(change=None, **how):
    return {"clean.csv": PLAIN, "d.csv": csv(rows(), change, **how)}


TIMED = [{"day": str(i), **row} for i, row in enumerate(rows())]
FEW = [dict(row, fraud=str(int(i in (7, 90, 170)))) for i, row in enumerate(rows())]
RARE_IN_TIME = [{"day": str(i), **row, "fraud": str(int(i % 40 == 7))} for i, row in enumerate(rows())]
CV = "fltrain cv --preset fast --epochs 2 --repeats 1 d.csv"
COMPARE = "fltrain compare --preset fast --epochs 1 --hidden 2 --repeats 1"
SITES = [dict(site=chr(97 + i % 20), **row) for i, row in enumerate(rows())]
UNEQUAL = [dict(site="aaaaabbbcc"[i % 10], **row) for i, row in enumerate(rows(positives=0.3))]
TWO = [dict(row, fraud=str(int(i in (7, 90)))) for i, row in enumerate(rows())]


# The target is not the last column, and called like none
LAST = [{name: row[name] for name in ("amount", "age", "temp", "fraud", "kind")} for row in rows()]


def halve(i, row):
    row["kind"] = "web" if row["kind"] == "web" else "shop"


def last_positive(i, row):
    row["fraud"] = str(int(i < 60))


LONG = "fltrain --preset fast --epochs 100000 --patience 100000 --members 1 --no-model d.csv"


def stopped(command):
    """Starts a training that keeps its state in c, and ends it once the state is on disk."""
    return (f"{command.replace('fltrain', chr(34) + '$FLTRAIN' + chr(34), 1)} --checkpoint c >log 2>&1 & "
            "until [ -s c ]; do sleep 0.05; done; kill $!; wait $!; cat log; [ -s c ]")


STOPPED = stopped(LONG)
LONG_CV = "fltrain cv --preset fast --epochs 100000 --patience 100000 --folds 2 --repeats 1 d.csv"
STOPPED_CV = stopped(LONG_CV)
CV_GOES_ON = LONG_CV.replace("fltrain", 'timeout 1 "$FLTRAIN"', 1) + " --resume c; test $? -eq 124"
STOPPED_WITH_TEST = stopped(f"{LONG} --test t.csv")
GOES_ON = LONG.replace("fltrain", 'timeout 1 "$FLTRAIN"', 1) + " --resume c; test $? -eq 124"

COMMAND_LINE = [
    Case("unknown option", f"{TRAIN} --gama 1", files=table(), remedies={"--gamma": f"{TRAIN} --gamma 1"},
         mentions=("--gama", "--help")),
    Case("too many files", "fltrain inspect a b", remedies={"fltrain inspect --help": "fltrain inspect --help"}),
    Case("the output is no model", "fltrain --preset fast --epochs 2 -o clean.csv d.csv", files=table(),
         remedies={"name another file with -o": "fltrain --preset fast --epochs 2 -o other.safetensors d.csv"}),
    Case("the default output is no model", "fltrain --preset fast --epochs 2 d.csv", files=table(),
         before="echo notes >d.safetensors",
         remedies={"name another file with -o": "fltrain --preset fast --epochs 2 -o other.safetensors d.csv",
                   "--no-model": "fltrain --preset fast --epochs 2 --no-model d.csv"}),
    Case("a model to write, no threshold to move", "fltrain evaluate -o n.safetensors m.safetensors clean.csv", before=MODEL,
         files=FLAWLESS, remedies={"add --threshold": "fltrain evaluate --threshold f1 -o n.safetensors m.safetensors clean.csv",
                                   "--prior": "fltrain evaluate --prior 0.05 -o n.safetensors m.safetensors clean.csv",
                                   "leave out -o": "fltrain evaluate m.safetensors clean.csv"}),
    Case("a promise that is replaced", "fltrain predict --threshold 0.3 m.safetensors clean.csv >scored.csv", is_warning=True,
         before="fltrain --preset fast --epochs 3 -q --threshold 'recall>=0.5' -o m.safetensors clean.csv >report",
         files=FLAWLESS,
         remedies={"leave --threshold out": "fltrain predict m.safetensors clean.csv >scored.csv"}),
    Case("a threshold that needs labels", "fltrain predict --threshold 'recall>=0.9' m.safetensors clean.csv", before=MODEL,
         files=WITH_NEWS,
         remedies={"`fltrain evaluate --threshold 'recall>=0.9' -o NEW MODEL DATA.csv`":
                   "fltrain evaluate --threshold 'recall>=0.9' -o new.safetensors m.safetensors news.csv"}),
    Case("a promise of rows that were learnt from", "fltrain evaluate --threshold 'recall>=0.8' m.safetensors clean.csv",
         before=MODEL, files=WITH_NEWS,
         remedies={"give rows that it has not seen": "fltrain evaluate --threshold 'recall>=0.8' m.safetensors news.csv",
                   "'recall>=0.8@50'": "fltrain evaluate --threshold 'recall>=0.8@50' m.safetensors clean.csv"},
         mentions=("--threshold",)),
    Case("gamma with bce", f"{TRAIN} --loss bce --gamma 2", files=table(),
         remedies={"leave one of them out": TRAIN, "--loss focal": f"{TRAIN} --loss focal --gamma 2"},
         mentions=("--loss", "--gamma")),
    Case("a high gamma", f"{TRAIN} --gamma 7", files=table(), is_warning=True,
         remedies={"0.5 to 3 is usual": f"{TRAIN} --gamma 3"}, mentions=("--gamma",)),
    Case("imbalance corrected twice", f"{TRAIN} --alpha 0.75 --pos-weight 5", files=table(),
         remedies={"leave one of them out": f"{TRAIN} --alpha 0.75", "--force": None}, mentions=("--alpha", "--pos-weight")),
    Case("time and group", f"{TRAIN} --time day --group kind", files={"d.csv": csv(TIMED)},
         remedies={"leave one out": f"{TRAIN} --time day", "--drop": f"{TRAIN} --time day --drop kind"},
         mentions=("--time", "--group")),
    Case("momentum of adamw", f"{TRAIN} --momentum 0.9", files=table(), remedies={"--optimizer sgd": None},
         mentions=("--momentum",)),
    Case("nesterov of adamw", f"{TRAIN} --nesterov", files=table(),
         remedies={"--optimizer sgd": f"{TRAIN} --nesterov --momentum 0.9 --optimizer sgd"}, mentions=("--nesterov",)),
    Case("newton for a network", f"{SOLVE} --optimizer newton", files=table(), remedies={"--hidden none": None},
         mentions=("--optimizer",)),
    Case("a linear recipe with hidden layers", f"{SOLVE} --recipe linear --hidden 8", files=table(),
         remedies={"leave one of them out": f"{SOLVE} --recipe linear"}, mentions=("--recipe", "--hidden")),
    Case("newton with a learning rate", f"{SOLVE} --hidden none --optimizer newton --lr 0.1", files=table(),
         remedies={"leave one of them out": f"{SOLVE} --hidden none --optimizer newton"},
         mentions=("--optimizer", "--lr")),
    Case("nesterov without momentum", f"{TRAIN} --optimizer sgd --nesterov", files=table(),
         remedies={"--momentum 0.9": None}, mentions=("--nesterov",)),
    Case("a variant without options", "fltrain compare --variant x d.csv", files=table(),
         remedies={"'focal 1: --gamma 1'": "fltrain compare --preset fast --epochs 2 --folds 2 --repeats 1 "
                                           "--variant 'focal 1: --gamma 1' d.csv"}, mentions=("--variant",)),
    Case("a report of no bytes", REPORT, before=f"{REPORTED} && : >r.json", files=FLAWLESS, remedies=A_REPORT),
    Case("a report with a NUL byte", REPORT, before=f"{REPORTED} && printf '{{}}\\0' >r.json", files=FLAWLESS, remedies=A_REPORT),
    Case("a log in place of a report", REPORT, before=f"{REPORTED} --log r.json", files=FLAWLESS, remedies=A_REPORT,
         mentions=("--log",)),
    Case("a table in place of a report", "fltrain report clean.csv", before=REPORTED, files=FLAWLESS, remedies=A_FILE),
    Case("JSON that is no report", REPORT, before=f"{REPORTED} && echo '{{}}' >r.json", files=FLAWLESS, remedies=A_FILE),
    Case("JSON that nests too deep", REPORT, before=f"{REPORTED} && yes '[' | head -n 99 >r.json", files=FLAWLESS, remedies=A_FILE),
    Case("a report that is too large", REPORT, before=f"{REPORTED} && truncate -s 70000000 r.json", files=FLAWLESS,
         remedies=A_REPORT),
    Case("a model in place of a report", "fltrain report m.safetensors", before=MODEL, files=FLAWLESS,
         remedies={"fltrain evaluate --report FILE MODEL DATA.csv": "fltrain evaluate --report p.html m.safetensors clean.csv"}),
    Case("the page would replace another file", "fltrain report good.json", before=f"{REPORTED} && echo mine >good.html",
         files=FLAWLESS, remedies={"name another file with -o": "fltrain report -o other.html good.json"}),
    Case("a group of one column", "fltrain explain --group-columns age m.safetensors clean.csv", before=MODEL, files=FLAWLESS,
         remedies={"name another": "fltrain explain --group-columns age,kind m.safetensors clean.csv"},
         mentions=("--group-columns",)),
    Case("a column in two groups", "fltrain explain --group-columns age,kind --group-columns amount,age m.safetensors clean.csv",
         before=MODEL, files=FLAWLESS,
         remedies={"name it once": "fltrain explain --group-columns age,kind m.safetensors clean.csv"},
         mentions=("--group-columns",)),
    Case("a group with a misspelt column", "fltrain explain --group-columns age,knd m.safetensors clean.csv", before=MODEL,
         files=FLAWLESS, remedies={'"kind"': "fltrain explain --group-columns age,kind m.safetensors clean.csv"},
         mentions=("--group-columns",)),
    Case("no rows to explain on", "fltrain explain m.safetensors none.csv", before=f"{MODEL} && head -n 1 clean.csv >none.csv",
         files=FLAWLESS, remedies={"choose another file": "fltrain explain m.safetensors clean.csv"}),
    Case("one thread too many is no error", "fltrain --threads 0 d.csv", files=table(),
         remedies={}, mentions=("--threads",)),
]

WEIGHED = [{"weight": str(1 + i % 3), "zeros": "0", **row} for i, row in enumerate(rows())]

EVALUATE = "fltrain evaluate m.safetensors d.csv"
WEIGHED_MODEL = MODEL.replace("-q", "-q --weight weight")

WEIGHTS = [
    Case("a feature called weight", f"{TRAIN} --drop age", files={"d.csv": csv(WEIGHED)}, is_warning=True,
         remedies={'--weight "weight"': None, "--drop age,weight": f"{TRAIN} --drop age,weight", "--numeric weight": None},
         about=("weight",)),
    Case("all weights are 0", f"{TRAIN} --weight zeros", files={"d.csv": csv(WEIGHED)},
         remedies={"name another with --weight": f"{TRAIN} --weight weight"}),
    Case("a weight that is none", f"{TRAIN} --weight weight", files={"d.csv": csv(WEIGHED, put("weight", "-1"))},
         remedies={"correct it": f"sed -i s/^-1,/1,/ d.csv; {TRAIN} --weight weight",
                   "0 leaves the row out": f"sed -i s/^-1,/0,/ d.csv; {TRAIN} --weight weight"}),
    Case("a weight that is missing", f"{TRAIN} --weight weight", files={"d.csv": csv(WEIGHED, put("weight", ""))},
         remedies={"fill it in": f"sed -i s/^,/1,/ d.csv; {TRAIN} --weight weight",
                   "0 leaves the row out": f"sed -i s/^,/0,/ d.csv; {TRAIN} --weight weight"}),
    Case("weights with decimal commas", f"{TRAIN} --weight weight",
         files={"d.csv": csv([dict(row, amount=row["amount"].replace(".", ","), temp=row["temp"].replace(".", ","),
                                   weight=f"{1 + i % 3},5") for i, row in enumerate(WEIGHED)], delimiter=";")},
         remedies={"--decimal ,": f"{TRAIN} --weight weight --decimal ,"}),
    Case("weights with an ambiguous mark", f"{TRAIN} --weight weight",
         files={"d.csv": csv([dict(row, weight=["1.234", "2.500", "123"][i % 3]) for i, row in enumerate(WEIGHED)])},
         remedies={"write them as 1.2340": f"sed -i s/^1.234,/1.2340,/ d.csv; {TRAIN} --weight weight",
                   "or as 1234": f"sed -i 's/^1.234,/1234,/; s/^2.500,/2500,/' d.csv; {TRAIN} --weight weight"}),
    Case("weights in two forms", f"{TRAIN} --weight weight",
         files={"d.csv": csv([dict(row, weight=["1.5", "2", '"3,5"'][min(2, i % 100)]) for i, row in enumerate(WEIGHED)])},
         remedies={"write all in one form": f"""sed -i 's/^"3,5"/3.5/' d.csv; {TRAIN} --weight weight"""}),
    Case("a weight beyond the range", f"{TRAIN} --weight weight",
         files={"d.csv": csv([dict(row, weight='"1.000.000.000.000.000,5"' if i == 7 else '"1,5"') for i, row in enumerate(WEIGHED)])},
         remedies={"correct it": f"""sed -i 's/^"1.000.*000,5"/"2,5"/' d.csv; {TRAIN} --weight weight""",
                   "0 leaves the row out": f"""sed -i 's/^"1.000.*000,5"/0/' d.csv; {TRAIN} --weight weight"""}),
    Case("a row of nearly all weight", f"{TRAIN} --weight weight", is_warning=True,
         files={"d.csv": csv(WEIGHED, put("weight", "1e6", every=400))},
         remedies={"correct its weight": f"sed -i s/^1e6,/1,/ d.csv; {TRAIN} --weight weight",
                   "leave the row out with a weight of 0": f"sed -i s/^1e6,/0,/ d.csv; {TRAIN} --weight weight"}),
    Case("a row of nearly all weight to evaluate on", EVALUATE, is_warning=True, before=WEIGHED_MODEL,
         files={"clean.csv": csv(WEIGHED), "d.csv": csv(WEIGHED, put("weight", "1e6", every=400))},
         remedies={"correct its weight": f"sed -i s/^1e6,/1,/ d.csv; {EVALUATE}",
                   "leave the row out with a weight of 0": f"sed -i s/^1e6,/0,/ d.csv; {EVALUATE}"}),
    Case("no weights to evaluate with", EVALUATE, is_warning=True, before=WEIGHED_MODEL,
         files={"clean.csv": csv(WEIGHED), "d.csv": PLAIN},
         remedies={"as with --weight none": EVALUATE.replace("evaluate", "evaluate --weight none")}),
]

SLICED = [{**row, "shop": f"shop {i % 60}", "street": f"street {i % 40}"} for i, row in enumerate(rows())]

SLICES = [
    Case("a column of too many slices", f"{EVALUATE} --by shop", files={"clean.csv": PLAIN, "d.csv": csv(SLICED)}, before=MODEL,
         remedies={"name a column with fewer": f"{EVALUATE} --by street",
                   "give values that belong together one name in the file": f"sed -i 's/shop [2-5][0-9]*/other/' d.csv; {EVALUATE} --by shop"},
         mentions=("--by",)),
    Case("too many slices after another column", f"{EVALUATE} --by street,shop", files={"clean.csv": PLAIN, "d.csv": csv(SLICED)},
         before=MODEL, remedies={"name a column with fewer": f"{EVALUATE} --by street,kind"}, mentions=("--by",)),
    Case("columns of too many slices", f"{EVALUATE} --by street,kind,amount,age,temp", before=MODEL,
         files={"clean.csv": PLAIN, "d.csv": csv(SLICED)},
         remedies={"name fewer columns": f"{EVALUATE} --by street,kind"}, mentions=("--by",)),
]

TRAINING = [
    Case("isotonic on few rows", f"{TRAIN} --calibrate isotonic", files=table(), is_warning=True,
         remedies={"--calibrate platt": f"{TRAIN} --calibrate platt"}, mentions=("--calibrate",)),
    Case("calibration without validation rows", f"{TRAIN} --members 1 --validation-fraction 0 --calibrate platt",
         files=table(),
         remedies={"--validation-fraction": f"{TRAIN} --members 1 --validation-fraction 0.2 --calibrate platt",
                   "--calibrate map": f"{TRAIN} --members 1 --validation-fraction 0 --calibrate map"}),
    Case("divergence", f"{TRAIN} --optimizer sgd --lr 100 --momentum 0.99 --scale none", files=table(),
         remedies={"a smaller --lr": f"{TRAIN} --optimizer sgd --lr 0.0001 --scale standard"},
         mentions=("--clip",)),
    Case("a network that is too large", f"{TRAIN} --hidden 1000000,1000000", files=table(),
         remedies={"smaller --hidden": f"{TRAIN} --hidden 16"}),
    Case("memory for the table", f"{TRAIN} --memory-limit 1M", files={"d.csv": csv(rows(20000))}, remedies={"--memory-limit": f"{TRAIN} --memory-limit 1G"},
         mentions=("--threads", "--hidden", "--batch", "--drop", "--cache")),
    Case("memory for a large table", f"{SMALL} --memory-limit 15M", files={"d.csv": LARGE},
         remedies={"--cache": f"{SMALL} --cache store --memory-limit 15M"}, mentions=("--memory-limit",)),
    Case("memory for the network", f"{TRAIN} --members 1 --hidden 2000,2000 --memory-limit 40M", files=table(),
         remedies={"choose smaller --hidden layers": f"{TRAIN} --members 1 --hidden 16 --memory-limit 40M",
                   "raise --memory-limit": f"{TRAIN} --members 1 --hidden 2000,2000 --memory-limit 2G"},
         mentions=("--batch", "--threads")),
    Case("memory for what compare measures", f"{MEASURED} --folds 5 --repeats 2 --memory-limit 5M", files={"d.csv": csv(rows(600))},
         remedies={"use fewer --repeats": f"{MEASURED} --folds 5 --repeats 1 --memory-limit 5M",
                   "raise --memory-limit": f"{MEASURED} --folds 5 --repeats 2 --memory-limit 1G"}),
    Case("memory for what trainings leave", f"{LOGGED} --folds 20 --epochs 400 --memory-limit 5M", files={"d.csv": csv(rows(600))},
         remedies={"use fewer --repeats": f"{LOGGED} --folds 20 --epochs 400 --repeats 1 --memory-limit 5M",
                   "--folds": f"{LOGGED} --folds 5 --epochs 400 --memory-limit 5M",
                   "--epochs": f"{LOGGED} --folds 20 --epochs 100 --memory-limit 5M",
                   "raise --memory-limit": f"{LOGGED} --folds 20 --epochs 400 --memory-limit 1G"}),
    Case("memory for a page", f"{PAGED} --memory-limit 6M", files={"d.csv": csv(rows(400)), "many.csv": csv(rows(60000, seed=2))},
         remedies={"raise --memory-limit": f"{PAGED} --memory-limit 1G"}, mentions=("--cache",)),
    Case("prepared rows of another split", f"{SMALL} --seed 2 --cache store", files=table(), before=f"{SMALL} --cache store",
         remedies={"remove it": f"rm store/rows.safetensors && {SMALL} --seed 2 --cache store",
                   "name another folder with --cache": f"{SMALL} --seed 2 --cache other"},
         mentions=("--seed", "--test-fraction")),
    Case("rows prepared in another way", f"{SMALL} --scale robust --cache store", files=table(), before=f"{SMALL} --cache store",
         remedies={"remove it": f"rm store/rows.safetensors && {SMALL} --scale robust --cache store",
                   "name another folder with --cache": f"{SMALL} --scale robust --cache other"},
         mentions=("--scale", "--drop")),
    Case("prepared rows that were damaged", f"{SMALL} --cache store", files=table(),
         before=f"{SMALL} --cache store && printf X | dd of=store/rows.safetensors bs=1 seek=2000 conv=notrunc",
         remedies={"remove it": f"rm store/rows.safetensors && {SMALL} --cache store",
                   "name another folder with --cache": f"{SMALL} --cache other"}),
    Case("a cache that is no folder", f"{SMALL} --cache d.csv", files=table(),
         remedies={"name another folder with --cache": f"{SMALL} --cache other"}),
    Case("a file that --no-clobber keeps", "fltrain predict --no-clobber -o out.csv m.safetensors clean.csv", files=FLAWLESS,
         before=f"{MODEL} && touch out.csv",
         remedies={"name another file": "fltrain predict --no-clobber -o other.csv m.safetensors clean.csv"},
         mentions=("--no-clobber",)),
    Case("memory for rows and threads", f"{TRAIN} --members 4 --threads 2 --hidden 500,500 --memory-limit 16M", files=table(),
         remedies={"--threads 1": f"{TRAIN} --members 4 --threads 1 --hidden 500,500 --memory-limit 16M"},
         mentions=("--memory-limit", "--hidden", "--batch")),
    Case("another checkpoint", f"{TRAIN} --checkpoint c --epochs 4", files=table(),
         before=STOPPED,
         remedies={"--resume c": GOES_ON, "remove the file": f"rm c && {TRAIN} --checkpoint c --epochs 4"},
         mentions=("--checkpoint",)),
    Case("a checkpoint of other options", f"{LONG} --lr 0.01 --resume c", files=table(), before=STOPPED,
         remedies={"use the same options": GOES_ON,
                   "start over with --checkpoint": f"{TRAIN} --checkpoint new"}, mentions=("--lr", "--resume")),
    Case("a checkpoint of another command", f"{COMPARE} --resume c d.csv", files=table(), before=STOPPED_CV,
         remedies={"continue it with fltrain cv": CV_GOES_ON,
                   "start over with --checkpoint": f"{COMPARE} --checkpoint new d.csv"}, mentions=("--resume",)),
    Case("a checkpoint of cv for train", f"{LONG} --resume c", files=table(), before=STOPPED_CV,
         remedies={"continue it with fltrain cv": CV_GOES_ON,
                   "start over with --checkpoint": f"{TRAIN} --checkpoint new"}, mentions=("--resume",)),
    Case("a checkpoint of other data", f"{LONG} --resume c", files=table(), before=f"{STOPPED}; cp clean.csv d.csv; echo >>d.csv",
         remedies={"start over with --checkpoint": f"{TRAIN} --checkpoint new"}, mentions=("--resume",)),
    Case("a checkpoint without a test file", f"{LONG} --test clean.csv --resume c", files=table(), before=STOPPED,
         remedies={"start over with --checkpoint": f"{TRAIN} --checkpoint new"}, mentions=("--resume", "--test")),
    Case("a checkpoint with another test file", f"{LONG} --test t.csv --resume c", files=table(),
         before=f"cp clean.csv t.csv; {STOPPED_WITH_TEST}; head -n 300 clean.csv >t.csv",
         remedies={"start over with --checkpoint": f"{TRAIN} --checkpoint new"}, mentions=("--resume", "--test")),
    Case("a checkpoint that is none", f"{TRAIN} --checkpoint clean.csv", files=table(),
         remedies={"choose another file": f"{TRAIN} --checkpoint new"}, mentions=("--checkpoint",)),
]

SPLIT = [
    Case("rows without a time", f"{TRAIN} --time day", files={"d.csv": csv(TIMED, put("day", ""))},
         remedies={"--missing-time drop": None}),
    Case("one time for all", f"{TRAIN} --time day", files={"d.csv": csv(TIMED, put("day", "5", every=1, at=0))},
         remedies={"omit --time": TRAIN}),
    Case("no positives among the latest", f"{TRAIN} --time day", files={"d.csv": csv(TIMED, last_positive)},
         remedies={"omit --time": TRAIN}, mentions=("--target", "--test-fraction", "--validation-fraction")),
    Case("two positives", f"{TRAIN} --members 1", files={"d.csv": csv(TWO)},
         remedies={"--test-fraction 0": None}, mentions=("--target",)),
    Case("a positive too few for all parts", f"{TRAIN} --members 1",
         files={"d.csv": csv([dict(row, fraud=str(int(i == 7))) for i, row in enumerate(rows())])},
         remedies={"--test-fraction 0 --validation-fraction 0": None}, mentions=("--target",)),
    Case("groups of one class each", f"{TRAIN} --members 1 --group site",
         files={"d.csv": csv([dict(row, site="ab"[int(row["fraud"])]) for row in rows()]), "more.csv": csv(SITES)},
         remedies={"add rows of that class in other groups": f"{TRAIN} --members 1 --group site".replace("d.csv", "more.csv")}),
    Case("groups too large", f"{TRAIN} --members 1 --group site",
         files={"d.csv": csv([dict(site="abcd"[i % 4], **row) for i, row in enumerate(rows())])},
         remedies={"--test-fraction 0.25 --validation-fraction 0.25": None}),
    Case("groups too few to validate", f"{TRAIN} --members 1 --group site", files={"d.csv": csv(UNEQUAL)},
         remedies={"--test-fraction 0.3 --validation-fraction 0": None}),
    Case("groups that share identical rows", f"{TRAIN} --members 1 --group site",
         files={"d.csv": csv([dict(site="abcd"[i % 4], **(row if i % 40 > 7 else rows()[i // 40])) for i, row in enumerate(rows())])},
         remedies={"--identical apart --test-fraction 0.25 --validation-fraction 0.25": None}),
    Case("groups too few for the folds", CV.replace("d.csv", "--group site d.csv"), files={"d.csv": csv(UNEQUAL)},
         remedies={"--folds 2 --validation-fraction 0": None}),
    Case("groups too few to compare", f"{COMPARE} --group site d.csv", files={"d.csv": csv(UNEQUAL)},
         remedies={"--folds 2 --validation-fraction 0": None}),
    Case("a group of most rows", CV.replace("d.csv", "--group site d.csv"),
         files={"d.csv": csv([dict(site="ab"[i % 10 == 0], **row) for i, row in enumerate(rows())]), "more.csv": csv(SITES)},
         remedies={"add rows of that class in other groups": CV.replace("d.csv", "--group site more.csv")}),
    Case("identical rows in too few groups for the folds", CV.replace("d.csv", "--identical together d.csv"),
         files={"d.csv": csv([dict(row, amount="5", temp="1", age=str(30 + int(row["fraud"])), kind="a") for row in rows()])},
         remedies={"--identical apart": CV.replace("d.csv", "--identical apart d.csv")}),
    Case("too many blocks of time", CV.replace("d.csv", "--time day --folds 30 d.csv"), files={"d.csv": csv(RARE_IN_TIME)},
         remedies={"--folds 7": CV.replace("d.csv", "--time day --folds 7 d.csv")}),
    Case("blocks of time without positives", CV.replace("d.csv", "--time day d.csv"), files={"d.csv": csv(TIMED, last_positive)},
         remedies={"leave --time out": CV, "--drop": CV.replace("d.csv", "--drop day d.csv")},
         mentions=("--time",)),
    Case("identical rows in too few groups", f"{TRAIN} --members 1 --identical together",
         files={"d.csv": csv([dict(row, amount="5", temp="1", age=str(30 + int(row["fraud"])), kind="a") for row in rows()])},
         remedies={"--identical apart": f"{TRAIN} --members 1 --identical apart"}),
    Case("too many folds", "fltrain cv --preset fast --epochs 2 --repeats 1 --folds 60 d.csv",
         files={"d.csv": csv(rows(300, 2, 0.05))},
         remedies={"--folds 16": "fltrain cv --preset fast --epochs 2 --repeats 1 --folds 16 d.csv"},
         mentions=("--target",)),
    Case("too many folds for few rows", CV, files={"d.csv": csv(FEW)}, remedies={"--folds 3 --validation-fraction 0": None},
         mentions=("--target",)),
    Case("folds of a class of one row", CV, files={"d.csv": csv([dict(row, fraud=str(int(i == 7))) for i, row in enumerate(rows())])},
         before='sed "40s/.$/1/; 80s/.$/1/; 120s/.$/1/; 160s/.$/1/; 200s/.$/1/; 240s/.$/1/" d.csv >more.csv',
         remedies={"add rows of that class": CV.replace("d.csv", "more.csv")}, mentions=("--target",)),
    Case("folds without validation rows", "fltrain cv --preset fast --members 1 --epochs 2 --repeats 1 --folds 2 d.csv",
         files={"d.csv": csv(TWO)},
         remedies={"--validation-fraction 0": None}, mentions=("--target",)),
    Case("a test file of one class", "fltrain --preset fast --epochs 2 --no-model --test t.csv clean.csv",
         files={"clean.csv": PLAIN, "t.csv": csv(rows(), put("fraud", "0", every=1, at=0))},
         remedies={"leave out --test": "fltrain --preset fast --epochs 2 --no-model clean.csv"}),
]

SCORING = [
    Case("a row beyond the range of the network", f"{WILD} --scale none --test far.csv d.csv", files={"far.csv": FAR},
         before='awk -f "$ROOT/tests/cli/rows.awk" | cut -d , -f 2,3,6 >d.csv',
         remedies={"--scale robust": f"{WILD} --scale robust --test far.csv d.csv"}),
    Case("an id that is not there", "fltrain predict --id nr m.safetensors clean.csv", before=MODEL, files=FLAWLESS,
         remedies={}, mentions=("--id",)),
    Case("text where the model needs a number", "fltrain predict m.safetensors d.csv", before=MODEL,
         files=table(put("amount", "lost")), remedies={"--na": "fltrain predict --na lost m.safetensors d.csv"}),
    Case("decimal commas where the model needs points", "fltrain predict m.safetensors d.csv", before=MODEL,
         files={"clean.csv": PLAIN,
                "d.csv": csv([dict(row, amount=row["amount"].replace(".", ","), temp=row["temp"].replace(".", ","))
                              for row in rows()], delimiter=";")}, remedies={"--decimal ,": None}),
    Case("a dressed number where the model needs a plain one", "fltrain predict m.safetensors d.csv", before=MODEL,
         files=table(put("amount", "$5")), remedies={"--na": "fltrain predict --na '$5' m.safetensors d.csv"}),
    Case("evaluate: no value in the target", "fltrain evaluate m.safetensors d.csv", before=MODEL,
         files=table(put("fraud", "")), remedies={"--missing-target drop": None}),
    Case("evaluate: a marker in the target", "fltrain evaluate m.safetensors d.csv", before=MODEL,
         files=table(put("fraud", "NA")), remedies={"--missing-target drop": None}),
    Case("a file without a header", "fltrain predict m.safetensors d.csv", before=MODEL,
         files={"clean.csv": PLAIN, "d.csv": "".join(PLAIN.splitlines(True)[1:])},
         remedies={"add a line with the names": "(head -n 1 clean.csv; cat d.csv) | fltrain predict m.safetensors -"},
         mentions=("--header",)),
    Case("a header that a model without one does not know", "fltrain predict m.safetensors d.csv", before=HEADLESS,
         files=table(), remedies={"--skip-lines 1 --header no": None}),
    Case("a line that is given as the header, and is none", "fltrain predict --header yes m.safetensors d.csv", before=HEADLESS,
         files=table(header=False), remedies={"--header no": "fltrain predict --header no m.safetensors d.csv"}),
    Case("a column that changed, with --strict", "fltrain predict --strict m.safetensors d.csv", before=MODEL,
         files=table(lambda i, row: row.update(amount="")),
         remedies={"correct the file": "fltrain predict --strict m.safetensors clean.csv",
                   "leave out --strict": "fltrain predict m.safetensors d.csv"}, mentions=("--strict",)),
    Case("a further file with another column, with --keep-all", "fltrain predict --keep-all m.safetensors clean.csv d.csv",
         before=MODEL, files={"clean.csv": PLAIN, "d.csv": csv([{**row, "extra": "1"} for row in rows()])},
         remedies={"remove it": "cut -d, -f1-5 d.csv | fltrain predict --keep-all m.safetensors clean.csv -",
                   "leave out --keep-all": "fltrain predict m.safetensors clean.csv d.csv"}, mentions=("--keep-all",)),
    Case("a further file that lacks a column, with --keep-all", "fltrain predict --keep-all m.safetensors d.csv clean.csv",
         before=MODEL, files={"clean.csv": PLAIN, "d.csv": csv([{**row, "extra": "1"} for row in rows()])},
         remedies={"add it": "sed 's/$/,1/; 1s/,1$/,extra/' clean.csv | fltrain predict --keep-all m.safetensors d.csv -",
                   "leave out --keep-all": "fltrain predict m.safetensors d.csv clean.csv"}, mentions=("--keep-all",)),
    Case("several files to follow", "fltrain predict --follow m.safetensors clean.csv d.csv", before=MODEL,
         files={"clean.csv": PLAIN, "d.csv": PLAIN},
         remedies={"give one of the 2 files": "fltrain predict --follow m.safetensors d.csv",
                   "fltrain predict --follow MODEL": "cat clean.csv d.csv | fltrain predict --follow m.safetensors"},
         mentions=("--follow",)),
    Case("a prior to be estimated from rows without end", "fltrain predict --follow --prior estimate m.safetensors d.csv",
         before=MODEL, files=table(),
         remedies={"give --prior the share as a number": "fltrain predict --follow --prior 0.1 m.safetensors d.csv",
                   "leave out --follow": "fltrain predict --prior estimate m.safetensors d.csv"},
         mentions=("--prior", "--follow")),
    Case("the best of rows without end", "fltrain predict --follow --threshold top:5 m.safetensors d.csv",
         before=MODEL, files=table(),
         remedies={"give --threshold a probability": "fltrain predict --follow --threshold 0.5 m.safetensors d.csv",
                   "leave out --follow": "fltrain predict --threshold top:5 m.safetensors d.csv"},
         mentions=("--threshold", "--follow")),
    Case("rows without end in a file", "fltrain predict --follow -o scored.csv m.safetensors d.csv", before=MODEL,
         files=table(),
         remedies={"write > scored.csv": "fltrain predict --follow m.safetensors d.csv > scored.csv",
                   "leave out --follow": "fltrain predict -o scored.csv m.safetensors d.csv"}, mentions=("--follow",)),
    Case("an older model, with --strict", "fltrain predict --strict old.safetensors rows.csv",
         before='awk -f "$ROOT/tests/cli/rows.awk" >rows.csv && cp "$ROOT/tests/data/unprofiled.safetensors" old.safetensors',
         remedies={"train again": "fltrain --preset fast --epochs 3 -q -o new.safetensors rows.csv >report && "
                                  "fltrain predict --strict new.safetensors rows.csv",
                   "leave out --strict": "fltrain predict old.safetensors rows.csv"}, mentions=("--strict",)),
    Case("reasons of an older model", "fltrain predict --reasons 2 old.safetensors rows.csv",
         before='awk -f "$ROOT/tests/cli/rows.awk" >rows.csv && cp "$ROOT/tests/data/unprofiled.safetensors" old.safetensors',
         remedies={"train again with --background 32": "fltrain --preset fast --epochs 3 -q --background 32 -o new.safetensors rows.csv >report && "
                                                       "fltrain predict --reasons 2 new.safetensors rows.csv",
                   "leave out --reasons": "fltrain predict old.safetensors rows.csv"}, mentions=("--reasons",)),
    Case("an older model, with a prior", "fltrain predict --prior 0.02 old.safetensors rows.csv >scored.csv", is_warning=True,
         before='awk -f "$ROOT/tests/cli/rows.awk" >rows.csv && cp "$ROOT/tests/data/unprofiled.safetensors" old.safetensors',
         remedies={"train again": "fltrain --preset fast --epochs 3 -q -o new.safetensors rows.csv >report && "
                                  "fltrain predict --prior 0.02 new.safetensors rows.csv >scored.csv",
                   "give --threshold f1": "fltrain predict --prior 0.02 --threshold f1 old.safetensors rows.csv >scored.csv"}),
    Case("a prior to be estimated by an older model", "fltrain predict --prior estimate old.safetensors rows.csv >scored.csv",
         before='awk -v n=2000 -f "$ROOT/tests/cli/rows.awk" >rows.csv && cp "$ROOT/tests/data/unprofiled.safetensors" '
                'old.safetensors', is_warning=True,
         remedies={"train again with rows held out": "fltrain --preset fast --epochs 3 -q -o new.safetensors rows.csv >report && "
                                                     "fltrain predict --prior estimate new.safetensors rows.csv >scored.csv"}),
    Case("a prior for evaluate to estimate", "fltrain evaluate --prior estimate m.safetensors clean.csv", before=MODEL,
         files=FLAWLESS, remedies={"the share as a number": "fltrain evaluate --prior 0.05 m.safetensors clean.csv",
                                   "leave it out": "fltrain evaluate m.safetensors clean.csv"}, mentions=("--prior",)),
]

TABLE = [
    Case("a slip in a column of numbers", TRAIN, clean=CLEAN, about=("temp",), files=table(put("temp", "broken")),
         remedies={"--numeric temp": None, "--na broken": None, "--categorical temp": None}),
    Case("a slip with a comma and a quote", TRAIN, clean=CLEAN, about=("temp",),
         files=table(put("temp", '"it\'s ""off"", see log"')),
         remedies={"--numeric temp": None, """--na '"it'\\''s ""off"", see log"'""": None, "--categorical temp": None}),
    Case("a limit among numbers", TRAIN, clean=CLEAN, about=("amount",), files=table(put("amount", "<5", every=3, at=1)),
         remedies={"--numeric amount": None, "--na '<5'": None, "--categorical amount": None}),
    Case("numbers with an apostrophe before them", TRAIN, clean=CLEAN, about=("amount",),
         files=table(lambda i, row: row.update(amount="'" + row["amount"])),
         remedies={"--categorical amount": None}),
    Case("many odd texts", TRAIN, clean=CLEAN, about=("temp",),
         files=table(lambda i, row: row.update(temp=f"about {i % 7}") if i % 5 == 2 else None),
         remedies={"--numeric temp": None, "--categorical temp": None}),
    Case("a column with a name to be quoted", TRAIN, clean=CLEAN, about=("temp, $C",),
         files={name: csv([{'"temp, $C"': row["temp"], **row} for row in rows()], change) for name, change in
                {"clean.csv": None, "d.csv": put('"temp, $C"', "broken")}.items()},
         remedies={"""--numeric '"temp, $C"'""": None, "--na broken": None, """--categorical '"temp, $C"'""": None}),
    Case("a line of delimiters", TRAIN, files={"d.csv": PLAIN + ",,,,\n", "clean.csv": PLAIN}, clean=CLEAN,
         remedies={"--missing-target drop": None}),
    Case("two lines of names", TRAIN, files={"d.csv": "data,,more,,\n" + PLAIN}, remedies={"--skip-lines 1": None}),
    Case("an unusual delimiter", TRAIN, files={"d.csv": csv(rows(), delimiter="~")},
         mentions=("--target",), remedies={"--delimiter": TRAIN + " --delimiter '~'"}),
    Case("two units", TRAIN, clean=CLEAN, about=("temp",),
         files=table(lambda i, row: row.update(temp=row["temp"] + (" F" if i % 9 == 4 else " \u00b0C"))),
         remedies={"--numeric temp": None, "--categorical temp": None}),
    Case("a bare number among percents", TRAIN, clean=CLEAN, about=("temp",),
         files=table(lambda i, row: row.update(temp="7" if i % 50 == 4 else row["temp"] + "%")),
         remedies={"--numeric temp": None, "--categorical temp": None}),
    Case("a point that may stand between thousands", TRAIN, clean=CLEAN, about=("amount",),
         files={"clean.csv": csv(rows(), delimiter=";"),
                "d.csv": csv(rows(), lambda i, row: row.update(amount=f"{i * 7 + 900:,}".replace(",", ".")), delimiter=";")},
         remedies={"--numeric amount": None, "--decimal ,": None}),
    Case("a point between thousands in a file with commas", TRAIN, clean=CLEAN, about=("amount",),
         files=table(lambda i, row: row.update(amount=f"{i * 7 + 900:,}".replace(",", "."))),
         remedies={"--numeric amount": None}),
    Case("a comma for decimals or thousands", TRAIN, clean=CLEAN, about=("amount",),
         files={"clean.csv": csv(rows(), delimiter=";"),
                "d.csv": csv(rows(), lambda i, row: row.update(amount=f"{i * 7 + 900:,}"), delimiter=";")},
         remedies={"--numeric amount": None, "--decimal ,": None}),
    Case("a marker that no cell is", f"{TRAIN} --na unknwon", files=table(put("kind", "unknown")), is_warning=True,
         remedies={}, mentions=("--na",)),
    Case("--numeric of a column of text", f"{TRAIN} --numeric kind", files=table(), is_warning=True, remedies={},
         mentions=("--numeric",)),
    Case("out of range", TRAIN, clean=CLEAN, about=("temp",), files=table(put("temp", "1e999")),
         remedies={"--na 1e999": None}),
    Case("decimal comma", TRAIN, clean="fltrain --preset fast --epochs 3 --no-model --json report.json clean.csv",
         about=("amount",),
         files={"clean.csv": PLAIN,
                "d.csv": csv([dict(row, amount=row["amount"].replace(".", ","), temp=row["temp"].replace(".", ","))
                              for row in rows()], delimiter=";")},
         remedies={"--decimal ,": None}, mentions=("--categorical",)),
    Case("no value in the target", TRAIN, clean=CLEAN, files=table(put("fraud", "")),
         remedies={"--missing-target drop": None}, mentions=("--target",)),
    Case("no value in what is not the target", TRAIN, files={"d.csv": csv(LAST, put("kind", ""))},
         remedies={"--target (did you mean \"fraud\"?)": f"{TRAIN} --target fraud",
                   "--missing-target drop": f"{TRAIN} --missing-target drop --positive web"}),
    Case("a missing marker that is a class", f"{TRAIN} --target kind", files={"d.csv": csv(LAST, put("kind", "NA", every=3, at=1))},
         remedies={'--positive "NA"': None, "--missing-target drop": f"{TRAIN} --target kind --missing-target drop --positive web"}),
    Case("a missing marker that is one of two classes", f"{TRAIN} --target kind",
         files={"d.csv": csv([dict(row, kind="EU" if row["kind"] == "web" else "NA") for row in LAST])},
         remedies={'--positive "NA"': None}),
    Case("no class of that name", f"{TRAIN} --positive 2", clean=CLEAN, files=table(),
         remedies={"--positive": f"{TRAIN} --positive 1"}),
    Case("three classes", TRAIN, clean=CLEAN, files=table(put("fraud", "2", every=7, at=3)),
         remedies={"--positive": f"{TRAIN} --positive 1"}, mentions=("--target",)),
    Case("the last column is not the target", TRAIN, files={"d.csv": csv(LAST)},
         remedies={"--target (did you mean \"fraud\"?)": f"{TRAIN} --target fraud", "--positive": f"{TRAIN} --positive web"}),
    Case("the last column has one class", TRAIN, files={"d.csv": csv(LAST, put("kind", "web", every=1, at=0))},
         remedies={"--target (did you mean \"fraud\"?)": f"{TRAIN} --target fraud"}),
    Case("the target is dropped", f"{TRAIN} --drop fraud", files={"d.csv": csv(rows(), halve)},
         remedies={"--target": f"{TRAIN} --drop fraud --target kind"}, mentions=("--drop",)),
    Case("nothing but an id and a group", "fltrain --id a --group b --no-model d.csv", files={"d.csv": "a,b\n1,2\n3,4\n"},
         remedies={}, mentions=("--target",)),
    Case("one column is left for target and feature", f"{TRAIN} --drop amount,age,temp,kind", files=table(),
         remedies={"leave out fewer columns": TRAIN}, mentions=("--target",)),
    Case("a class in two cases", f"{TRAIN} --target kind --positive web", files=table(put("kind", "Web", every=5, at=2)),
         remedies={"--positive 'web,Web'": f"{TRAIN} --target kind --positive 'web,Web'"}),
    Case("a header that was not found", TRAIN, files={"d.csv": "a,b,y\n" + "".join(
             f"{'abcdefgh'[i * 7 % 8]},{'abcdefgh'[i * 5 % 23 % 8]},{'pq'[i % 9 == 0]}\n" for i in range(400))},
         remedies={"--header yes": f"{TRAIN} --header yes --positive q", "--header no": f"{TRAIN} --header no --positive q"}),
    Case("two classes of one size", TRAIN, files={"d.csv": csv([dict(row, fraud=str(i % 2)) for i, row in enumerate(rows())])},
         remedies={"--positive": f"{TRAIN} --positive 1"}, mentions=("--target",)),
    Case("two types for one column", f"{TRAIN} --numeric age --categorical age", files=table(),
         remedies={"it can be one thing only": f"{TRAIN} --numeric age"}, mentions=("--numeric", "--categorical")),
    Case("an empty target", f"{TRAIN} --target note --missing-target drop",
         files={"d.csv": csv([{"note": "", **row} for row in rows()])}, remedies={"--target": f"{TRAIN} --target fraud"}),
    Case("--positive takes all", f"{TRAIN} --positive 0,1", files=table(),
         remedies={}, mentions=("--positive",)),
    Case("a header and no rows", "fltrain --no-model d.csv", files={"d.csv": "a,b,c\n"}, remedies={},
         mentions=("--header",)),
]



def dated(form):
    """The table with a column of dates, one a day from 2023-01-01."""
    first = datetime.date(2023, 1, 1)
    return [{"when": (first + datetime.timedelta(days=i)).strftime(form), **row} for i, row in enumerate(rows())]


DATES = {"clean.csv": csv(dated("%Y-%m-%d"))}
BY_WHEN = f"{TRAIN} --time when"
OF_WHEN = f"{TRAIN} --date when"
DATE_MODEL = "fltrain --preset fast --epochs 3 -q --date when -o m.safetensors clean.csv >report"


def few_days(i, row):
    """No day above 12."""
    day, month, year = row["when"].split("/")
    row["when"] = f"{int(day) % 12 + 1}/{month}/{year}"


def odd_dates(text, every=100):
    return {**DATES, "d.csv": csv(dated("%Y-%m-%d"), put("when", text, every))}


TIME = [
    Case("odd texts among times", BY_WHEN, files=odd_dates("soon"),
         remedies={"--na soon": f"{BY_WHEN} --na soon --missing-time drop"}, mentions=("--missing-time",)),
    Case("a mark among dates", BY_WHEN, files=odd_dates("9999-12-31"),
         remedies={"--na 9999-12-31": f"{BY_WHEN} --na 9999-12-31 --missing-time drop"}, mentions=("--missing-time",)),
    Case("no times at all", f"{BY_WHEN} --missing-time drop", files={"d.csv": csv(dated("%Y-%m-%d"), put("when", "", 1, 0))},
         remedies={"another with --time": f"{TRAIN} --time age"}),
    Case("times of day", BY_WHEN, files={"d.csv": csv(dated("%Y-%m-%d"), lambda i, row: row.update(when=f"{i % 24}:00"))},
         remedies={"--time a column of dates": f"{TRAIN} --time age"}),
    Case("months and years as numbers", BY_WHEN, files={"d.csv": csv(dated("%m.%Y"))},
         remedies={"--numeric when": None}),
    Case("hours as numbers", BY_WHEN,
         files={"d.csv": csv(dated("%Y-%m-%d"), lambda i, row: row.update(when=str(i % 24 * 100)))},
         remedies={"--numeric when": None, "with the date with --time": f"{TRAIN} --time age"}),
    Case("ambiguous dates", BY_WHEN, files={"d.csv": csv(dated("%d/%m/%Y"), few_days)},
         remedies={"--date-order dmy": None, "--date-order mdy": f"{BY_WHEN} --date-order dmy"}),
    Case("the wrong order of dates", f"{BY_WHEN} --date-order mdy", files={"d.csv": csv(dated("%d/%m/%Y"))},
         remedies={"leave that option out": BY_WHEN}, mentions=("--date-order",)),
    Case("an odd text among dates", OF_WHEN, files=odd_dates("soon"), clean=f"{CLEAN} --date when",
         remedies={"--na soon": f"{OF_WHEN} --na soon"}),
    Case("odd texts in a column of dates", TRAIN, files=odd_dates("soon"), clean=CLEAN,
         remedies={"--na soon": None, "--drop when": None, "--categorical when": None}, about=("when",)),
    Case("numbers that are no dates", f"{TRAIN} --date age", files=table(),
         remedies={"leave the column out of --date": TRAIN}),
    Case("no dates to use", f"{TRAIN} --date kind", files=table(), remedies={"name with --date": TRAIN}),
    Case("dates and categories", f"{OF_WHEN} --categorical when", files={"d.csv": DATES["clean.csv"]},
         remedies={"it can be one thing only": OF_WHEN}, mentions=("--date", "--categorical")),
    Case("a part with the name of a column", OF_WHEN,
         files={"d.csv": DATES["clean.csv"].replace("temp", "when (days)", 1)},
         remedies={"rename that one": f"sed -i '1s/when (days)/temp/' d.csv && {OF_WHEN}"}, mentions=("--date",)),
    Case("a test file with other dates", f"{OF_WHEN} --test clean.csv",
         files={"clean.csv": csv(dated("%Y-%m-%d"), put("when", "soon")), "d.csv": DATES["clean.csv"]},
         remedies={"--na soon": f"{OF_WHEN} --test clean.csv --na soon"}),
    Case("no date to predict by", "fltrain predict m.safetensors d.csv", files=odd_dates("soon"), before=DATE_MODEL,
         remedies={"use --na": "fltrain predict --na soon m.safetensors d.csv"}),
]


def said(command, words):
    """A command that writes the lines with these words in the report of another to standard error."""
    return f"{command} | grep -e '{words}' >&2"


def unsaid(command, words):
    """A command that fails unless another succeeds, and its report is without these words."""
    return f"{command} >report && ! grep -e '{words}' report >&2"


def spoilt(at, line):
    """The table with another text as a line."""
    lines = PLAIN.splitlines()
    lines[at - 1] = line
    return "\n".join(lines) + "\n"


TITLES = {"clean.csv": PLAIN, "d.csv": f"Orders of\n2024, as sent\n{PLAIN}"}
SEMICOLONS = {"clean.csv": csv(rows(), delimiter=";"),
              "d.csv": csv(rows(), delimiter=";").replace("amount", "amount, EUR", 1)}
SKIPPING = TRAIN.replace("d.csv", "--bad-rows skip d.csv")
NUMBERS_ABOVE = "7,3,y\n" + "".join(f"{i * 7 % 10},{i * i % 9},{'valid' if i % 7 else 'wrong'}\n" for i in range(300))

# Columns whose names are made like their values
CODES = [{**{f"code{k}": "AB"[i // k % 2] + str(i * k % 7) for k in range(1, 8)}, **row} for i, row in enumerate(rows())]

LAYOUT = [
    Case("more lines skipped than there are", f"{TRAIN} --skip-lines 999", files=table(),
         remedies={"skip fewer": f"{TRAIN} --skip-lines 0"}, mentions=("--skip-lines",)),
    Case("a field too many", TRAIN, clean=CLEAN,
         files={"clean.csv": PLAIN, "d.csv": spoilt(200, "20.5,40,20,web, late,0")},
         remedies={"put the field with commas inside in quotes": f"sed -i 's/web, late/\"&\"/' d.csv && {TRAIN}",
                   "--bad-rows skip": None}),
    Case("a field too few", TRAIN, clean=CLEAN, files={"clean.csv": PLAIN, "d.csv": spoilt(200, "20.5,40")},
         remedies={"complete the line": f"sed -i 's/^20.5,40$/&,20,web,0/' d.csv && {TRAIN}", "--bad-rows skip": None}),
    Case("a line too few skipped", f"{TRAIN} --skip-lines 1", clean=CLEAN, files=TITLES,
         remedies={"--skip-lines 2": None}, mentions=("--delimiter",)),
    Case("a line too few skipped, with bad rows", f"{SKIPPING} --skip-lines 1", clean=CLEAN, files=TITLES,
         remedies={"--skip-lines 2": None}, mentions=("--delimiter",)),
    Case("another delimiter", f"{TRAIN} --delimiter ,", clean=CLEAN, about=("amount",), files=SEMICOLONS,
         remedies={"--delimiter": f"{TRAIN} --delimiter ';'"}, mentions=("--skip-lines",)),
    Case("another delimiter, with bad rows", f"{SKIPPING} --delimiter ,", clean=CLEAN, about=("amount",),
         files=SEMICOLONS, remedies={"--delimiter": f"{SKIPPING} --delimiter ';'"}, mentions=("--skip-lines",)),
    Case("a header that may be none", said(TRAIN, "is taken for"), files={"d.csv": NUMBERS_ABOVE}, is_warning=True,
         remedies={"--header no": unsaid(f"{TRAIN} --header no --positive wrong", "is taken for")}),
    Case("a column with a code far from its values", said(TRAIN, "of its scale"), is_warning=True,
         files={"d.csv": csv(rows(), lambda i, row: row.update(temp="-9999") if i % 5 < 2 else None)},
         remedies={"--scale quantile": unsaid(f"{TRAIN} --scale quantile", "of its scale")}),
    Case("a header that looks like data", TRAIN, clean=f"{CLEAN} --header yes",
         files={"clean.csv": csv(CODES), "d.csv": csv(CODES)}, remedies={"--header yes": None},
         mentions=("--numeric", "--na", "--categorical")),
    Case("a number out of range to predict by", "fltrain predict m.safetensors d.csv", before=MODEL,
         files=table(put("temp", "1e999")),
         remedies={"correct it": "sed -i s/1e999/19.9/ d.csv && fltrain predict m.safetensors d.csv",
                   "use --na": "fltrain predict --na 1e999 m.safetensors d.csv"}),
]


def without(column, text=PLAIN):
    """A CSV text without one of its columns."""
    lines = [line.split(",") for line in text.splitlines()]
    at = lines[0].index(column)
    return "".join(",".join(line[:at] + line[at + 1:]) + "\n" for line in lines)


FILES = [
    Case("a column that the second file has not", f"{TRAIN} b.csv --drop temp", clean=CLEAN,
         about=("age", "temp"), files={"clean.csv": PLAIN, "d.csv": PLAIN, "b.csv": without("age")},
         remedies={"--drop temp,age": None, "add it": f"cp d.csv b.csv && echo >>b.csv && {TRAIN} b.csv --drop temp"}),
    Case("such a column with a name to be quoted", f"{TRAIN} b.csv",
         files={"d.csv": PLAIN.replace("age", '"$HOME, age"', 1), "b.csv": without("age")},
         remedies={"""--drop '"$HOME, age"'""": None}),
    Case("a second file without the target", f"{TRAIN} b.csv", clean=CLEAN,
         files={"clean.csv": PLAIN, "d.csv": PLAIN, "b.csv": PLAIN.replace("fraud", "label", 1)},
         remedies={"add it": f"sed -i 1s/label/fraud/ b.csv && {TRAIN} b.csv"}),
    Case("a column that the first file has not", f"{TRAIN} b.csv", clean=CLEAN,
         files={"clean.csv": PLAIN, "d.csv": without("age"), "b.csv": PLAIN}, about=("age",),
         remedies={"remove it": f"cut -d , -f 1,3- b.csv >c.csv && {TRAIN} c.csv",
                   "give b.csv first and leave it out with --drop age":
                   f"{TRAIN.replace('d.csv', 'b.csv')} d.csv --drop age"}),
]


def on_wednesdays(i, row):
    row["fraud"] = str(int(i % 7 == 3))


def codes(n):
    """The table with n columns that give the class away."""
    names = ("paid", "closed", "refund", "lawyer", "letter", "court", "verdict")[:n]
    return csv([{**{name: "no yes".split()[int(row["fraud"])] for name in names}, **row} for row in rows()])


QUICK = "fltrain --hidden none --members 1 --epochs 1 --no-model"
CHECK = "fltrain check d.csv"
MISLABELLED = """awk -F , -v OFS=, 'NR > 1 && NR % 20 == 3 { $NF = $NF == "yes" ? "no" : "yes" } NR < 6002' \
"$ROOT/data/screening.csv" >d.csv"""
WIDE = """awk 'BEGIN { for (i = 0; i < 5000; i++) printf "x%d,", i; print "y"
for (k = 0; k < 400; k++) { for (i = 0; i < 5000; i++) printf "%d,", rand() * 10; print k % 8 == 0 } }' >d.csv"""

LEAKS = [
    Case("a column that gives the class away", QUICK + " d.csv", files={"d.csv": codes(1)}, is_warning=True,
         remedies={"--drop paid": None}),
    Case("more such columns than are named", QUICK + " d.csv", files={"d.csv": codes(7)}, is_warning=True,
         remedies={"--json lists them": f"{QUICK} -q --json r.json d.csv && "
                                          "grep -q '\"leaks\":.*\"column\":\"verdict\"' r.json"},
         mentions=("--drop",)),
    Case("a part of a date that gives the class away", f"{QUICK} --date when d.csv", is_warning=True,
         files={"d.csv": csv(dated("%Y-%m-%d"), on_wednesdays)},
         remedies={'name "when" no more in --date': f"{QUICK} d.csv"}),
    Case("an id among the features", QUICK + " d.csv", is_warning=True,
         files={"d.csv": csv([{"customer": str(40000 + 4321 * i % 10007), **row} for i, row in enumerate(rows(1500))])},
         remedies={"--drop customer": None}),
    Case("check: a column that gives the class away", said(CHECK, "known before"), is_warning=True,
         files={"d.csv": codes(1)}, remedies={"--drop": unsaid(f"{CHECK} --drop paid", "known before")}),
    Case("check: more suspicious labels than are named", said(CHECK, "lists all"), is_warning=True, before=MISLABELLED,
         remedies={"--suspects FILE": f"{CHECK} --suspects s.csv >report && test $(wc -l <s.csv) -gt 20"}),
    Case("check: a table too wide for a quick look", said(CHECK, "quick look"), is_warning=True, before=WIDE,
         remedies={"see --drop": unsaid(f"{CHECK} --drop $(seq -s , -f x%.0f 0 4899)", "quick look")}),
    Case("check: drift of one file", f"{CHECK} --require drift=0",
         files={"d.csv": PLAIN, "t.csv": csv(rows(400, 2)), "timed.csv": csv(TIMED)},
         remedies={"give --test FILE": f"{CHECK} --require 'drift<=9' --test t.csv",
                   "--time COL": "fltrain check --require 'drift<=9' --time day timed.csv"}, mentions=("--require",)),
    Case("check: rows shared with no file", f"{CHECK} --require shared=0",
         files={"d.csv": PLAIN, "t.csv": csv(rows(400, 2))},
         remedies={"give --test FILE": f"{CHECK} --require shared=0 --test t.csv"},
         mentions=("--require",)),
]

EXPORT = "fltrain export m.safetensors"
PROOF = "fltrain export --verify clean.csv m.safetensors"
ONNX = "fltrain export --to onnx m.safetensors"
LATIN = "LC_ALL=C sed 'CHANGE' clean.csv >latin.csv && fltrain --preset fast --epochs 3 -q -o m.safetensors latin.csv >report"
IN_UTF_8 = "iconv -f latin1 -t utf8 latin.csv >clean.csv && " + MODEL + " --force"
EXPORTS = [
    Case("an export over a file of one's own", EXPORT, before=f"{MODEL} && echo mine >m.c", files=FLAWLESS,
         remedies={"name another file with -o": "fltrain export -o other.c m.safetensors"}),
    Case("a header that would take the place of the code", "fltrain export -o m.h m.safetensors", before=MODEL, files=FLAWLESS,
         remedies={"let it end in .c": "fltrain export -o m.c m.safetensors"}),
    Case("how a file is read, and none is", "fltrain export --delimiter , m.safetensors", before=MODEL, files=FLAWLESS,
         remedies={"--verify FILE; name one": "fltrain export --delimiter , --verify clean.csv m.safetensors",
                   "leave out --delimiter": EXPORT}),
    Case("no network fits", "fltrain export --max-size 1300 m.safetensors", files=FLAWLESS,
         before=MODEL.replace("--epochs 3", "--epochs 3 --hidden 16"),
         remedies={"try --precision int8": "fltrain export --max-size 1300 --precision int8 m.safetensors",
                   "allow more": "fltrain export --max-size 4K m.safetensors"}, mentions=("--max-size",)),
    Case("not even in eight bits", "fltrain export --max-size 100 --precision int8 m.safetensors", before=MODEL, files=FLAWLESS,
         remedies={"allow more": "fltrain export --max-size 64K --precision int8 m.safetensors"}, mentions=("--max-size",)),
    Case("what eight bits cost is not known", "fltrain export --precision int8 m.safetensors >&2", before=MODEL, files=FLAWLESS,
         is_warning=True,
         remedies={"--verify FILE": "fltrain export --precision int8 --verify clean.csv m.safetensors >&2"}),
    Case("eight bits in ONNX", "fltrain export --to onnx --precision int8 m.safetensors", before=MODEL, files=FLAWLESS,
         remedies={"leave it out": "fltrain export --to onnx m.safetensors"}, mentions=("--precision", "--to")),
    Case("a category that ONNX cannot hold", ONNX, before=LATIN.replace("CHANGE", "s/web/w\\xe9b/"), files=FLAWLESS,
         remedies={"train on a file in UTF-8": f"{IN_UTF_8} && {ONNX}", "use --to c": "fltrain export --to c m.safetensors"}),
    Case("a name that ONNX cannot hold", ONNX, before=LATIN.replace("CHANGE", "1s/age/\\xe2ge/"), files=FLAWLESS,
         remedies={"rename it and train again": f"{IN_UTF_8} && {ONNX}", "use --to c": "fltrain export --to c m.safetensors"}),
    Case("no compiler", f"CC=none; export CC; {PROOF}", before=MODEL, files=FLAWLESS,
         remedies={"name another in the environment variable CC": f"CC=cc; export CC; {PROOF}",
                   "leave out --verify": f"CC=none; export CC; {EXPORT}"}, mentions=("--verify",)),
    Case("a compiler that fails", f"CC=false; export CC; {PROOF}", before=MODEL, files=FLAWLESS,
         remedies={"name another in the environment variable CC": f"CC=cc; export CC; {PROOF}",
                   "leave out --verify": f"CC=false; export CC; {EXPORT}"}, mentions=("--verify",)),
]

CASES = TIME + COMMAND_LINE + WEIGHTS + SLICES + LAYOUT + FILES + LEAKS + TRAINING + SPLIT + SCORING + TABLE + EXPORTS

# Texts in the sources that name an option and that no case can print, with the reason.
NOT_TRIED = {
    "too few for more ranks to help; --batch": "make check-mpi starts ranks with that batch",
    "has read other rows in the file of --test": "make check-mpi gives two ranks other files",
    "the system refused to start the thread that saves": "no test can make the system refuse one",
    "has appeared meanwhile, and --no-clobber keeps it": "the remedy is that of a file that was there before",
    "are for tables in which %s of the rows are": "a word in the model card, not an error",
    "How it does on parts of the rows": "a word in the model card, not an error",
    "of the rows that it was fitted on, readable": "a word in the model card, not an error",
    "the system refused to start thread": "no test can make the system refuse one",
    "leave columns out with --drop or use fewer rows": "no small table outweighs its own reading",
    "keep them in a file with --cache, use fewer rows": "no small table outweighs its own reading",
    "cannot keep %s more of the data there": "test_file_memory.c has a disk without room; the remedy is that of a folder that is none",
    "in --order blocks many of them come at once": "tests/cli/order-blocks tries both remedies on a table of several windows",
    "the path is too long; name another folder with --cache": "the remedy is that of a folder that is none",
    "a group's factor of": "factors are fixed by the recipe",
    "--nesterov needs --optimizer sgd and a --momentum above 0": "the command line refuses it first",
    "--folds %zu is out of range": "the command line refuses it first",
    "nothing was written; with --checkpoint FILE": "checkpoints are tried; the message itself comes on a signal",
    "; training state saved in": "the command with --resume is tried, the message itself comes on a signal",
    "not tested, add --learning-curve": "a verdict of compare, not an error",
    "; --sample all takes all": "a word in the report of explain, not an error",
    "explaining this model on these rows takes about": "no small table takes minutes",
    "(--json has them all)": "a word in the report of explain, not an error",
    "dates; see --date and --time": "a word in the report, not an error",
    "predict --reasons counts what each column adds": "the meaning of a word in help, not an error",
    "%s may tell time: --time %s tests on the latest rows": "a word in the report, not an error",
    "%s may tell time: --time tests on the latest rows": "a word in the report, not an error",
    "may be the target, too: --target": "a remark in the report, not an error",
    "(a guess: the last column; --target names": "a word in the report, not an error",
    "libreoffice --headless": "the options are another program's, which tests do without",
    "figures are weighted to a prevalence of": "a word in the report, not an error",
    "probabilities are for a prevalence of": "a word in the report, not an error",
    "more columns, listed by --json": "a word in the report, not an error",
}
