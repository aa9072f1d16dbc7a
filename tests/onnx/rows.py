"""Tables for the tests of exports: rows to train on, and odd ones to score."""

import csv
import datetime
import itertools
import math
import random

EPOCH = datetime.datetime(1970, 1, 1)

# Name, type, in the order of the table. Names that an ONNX graph uses itself are among them, and any text may be one.
COLUMNS = [
    ("amount", "number"),
    ("stamp", "number"),
    ("tiny", "number"),
    ("count", "number"),
    ("heavy", "number"),
    ("log_odds", "number"),
    ("seldom", "number"),  # missing in one row of training: a network that leaves it out learns nothing of that
    ("..größe €", "category"),
    ("pair", "category"),
    ("city", "category"),
    ("when", "date"),
    ("day", "date"),
]


def a_city(draw):
    return f"city {int(60 * draw.random() ** 2)}"


def a_row(draw):
    """The values of a row by column: numbers, texts, datetimes, None for missing; and its class."""
    when = datetime.datetime(2023, 1, 1) + datetime.timedelta(seconds=draw.randrange(400 * 86400))
    row = {
        "amount": round(math.exp(draw.gauss(3, 1.2)), 2),
        "stamp": 1700000000 + draw.randrange(10**7),
        "tiny": draw.random() * 1e-12,
        "count": int(draw.expovariate(2)),
        "heavy": round(1000 * math.tan(3.1 * (draw.random() - 0.5)), 3),
        "log_odds": float(draw.random() < 0.3),
        "seldom": draw.random(),
        "..größe €": draw.choice(["groß", "klein", "mittel, etwa", 'sehr "klein"', "œ"]),
        "pair": draw.choice("ab"),
        "city": a_city(draw),
        "when": when,
        "day": datetime.datetime(2023, 1, 1) + datetime.timedelta(days=draw.randrange(900)),
    }
    number = int(row["city"].split()[1])
    risk = -4 + 0.6 * math.log(row["amount"]) + 0.8 * (number % 7 == 3) + 0.7 * (when.hour < 6) + row["count"]
    risk += {"groß": 1, "klein": -1}.get(row["..größe €"], 0) + (row["pair"] == "b") * 0.5
    risk += (row["amount"] > 60) * 1.5
    for name in ("heavy", "log_odds", "..größe €", "city", "when"):
        if draw.random() < 0.06:
            row[name] = None
    return row, draw.random() < 1 / (1 + math.exp(-risk))


def odd_values(most):
    """What stands in cells of scored rows besides what training had."""
    numbers = [most, -most, 0.0, -0.0, most / 3, 1e-300, -1e-300, 5e-324, 1e-9, 0.5, 1.5, 60.0, 1699999999.5]
    dates = ["1970-01-01", "1969-12-31", "2000-02-29", "1900-02-28", "1900-03-01", "2399-12-31", "1583-01-01", "2024-02-29"]
    texts = ["unseen", "A", "grosse", "klein ", "x" * 300, "city 7 ", "city", "日本", "0"]
    return numbers, [datetime.datetime.fromisoformat(day) for day in dates], texts


def an_odd_row(draw, most):
    row, is_positive = a_row(draw)
    numbers, dates, texts = odd_values(most)
    for name, kind in COLUMNS:
        if draw.random() < 0.85:
            continue
        if draw.random() < 0.3:
            row[name] = None
        elif kind == "number":
            row[name] = draw.choice(numbers)
        elif kind == "date":
            row[name] = draw.choice(dates) + datetime.timedelta(seconds=draw.choice([0, 1, 86399]) * (name == "when"))
        else:
            row[name] = draw.choice(texts)
    return row, is_positive


def cell(name, value):
    if value is None:
        return ""
    if name == "when":
        return value.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    if name == "day":
        return value.strftime("%d.%m.%Y")
    return repr(value) if isinstance(value, float) else str(value)


def write_csv(path, rows, has_dates=True):
    with open(path, "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        names = [name for name, kind in COLUMNS if has_dates or kind != "date"]
        out.writerow(names + ["fraud"])
        for row, is_positive in rows:
            out.writerow([cell(name, row[name]) for name in names] + [int(is_positive)])


def write_feed(path, rows, columns):
    """The same for score.js: a line for each column (name, type), the values between tabs, "" for missing, and of
    categories a marker, too. A cell of a CSV file loses the blanks around it."""
    markers = itertools.cycle(["", "?", "NA", "N/A", "NaN", "nan", "null"])

    def as_fed(value, kind):
        if value is None:
            return next(markers) if kind == "category" else ""
        if isinstance(value, datetime.datetime):
            return repr((value - EPOCH).total_seconds())
        return repr(value) if isinstance(value, float) else str(value).strip()

    with open(path, "w", encoding="utf-8") as file:
        for name, kind in columns:
            file.write("\t".join([name, kind] + [as_fed(row[name], kind) for row, _ in rows]) + "\n")


def table(seed, n, most=None):
    draw = random.Random(seed)
    made = [a_row(draw) if most is None else an_odd_row(draw, most) for _ in range(n)]
    if most is None:
        made[17][0]["seldom"] = None
    return made
