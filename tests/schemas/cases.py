"""Small tables and the commands whose JSON reports, and models, are held against the schemas: between them they write
every key, and each of the types that a key can have."""
import csv
import datetime
import math
import os
import random

UNPROFILED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "unprofiled.safetensors")


def a_row(draw, number):
    """The cells of a row and its class. Columns: what each kind of preparation has to do with."""
    when = datetime.datetime(2023, 1, 1) + datetime.timedelta(hours=7 * number, minutes=draw.randrange(400))
    amount = math.exp(draw.gauss(3, 1.2))
    city = int(60 * draw.random() ** 2)
    plan = draw.choice(["basic", "plus", "family"])
    heavy = 1000 * math.tan(3.1 * (draw.random() - 0.5))
    risk = -3.2 + 0.7 * math.log(amount) + 0.9 * (city % 7 == 3) + (plan == "plus") - (when.hour < 6)
    positive = draw.random() < 1 / (1 + math.exp(-risk + 1.2))
    row = {
        "order_id": f"A{number:05}",
        "amount": f"{amount:.2f}" if draw.random() > 0.05 else "NA",
        "ratio": f"{draw.random():.3f}",
        "price": f"{amount * 31:,.2f} EUR",  # in another dress than plain numbers
        "heavy": f"{heavy:.3f}",
        "weight_kg": f"{(70 + draw.gauss(0, 5)) * (1000 if number % 9 == 0 else 1):.1f}",  # some in grams
        "plan": plan if draw.random() > 0.04 else "",
        "city": f"city {city}",
        "when": when.strftime("%Y-%m-%d %H:%M"),
        "customer": f"c{number // 3}",
        "stands_for": str(draw.choice([0, 1, 1, 2, 3])),
        "fixed": "7",
        "empty": "",
    }
    return row, positive


def write_table(path, n_rows, seed, change=None, target="result", title="", delimiter=","):
    """A table of n_rows; change(row, number, draw) may alter cells, target None leaves out the class."""
    draw = random.Random(seed)
    with open(path, "w", newline="", encoding="utf-8") as out:
        out.write(title)
        writer = None
        for number in range(n_rows):
            row, positive = a_row(draw, number)
            if target:
                row[target] = "bad" if positive else draw.choice(["good", "good", "fair"])
            if change:
                change(row, number, draw)
            if writer is None:
                writer = csv.DictWriter(out, list(row), delimiter=delimiter)
                writer.writeheader()
            writer.writerow(row)


def as_rescaled(row, number, draw):
    row["ratio"] = f"{float(row['ratio']) * 100:.1f}"
    row["city"] = f"town {number % 40}"
    row["weight_kg"] = ""
    if row.get("result") == "fair" and number % 2:
        row["result"] = "awful"


def with_leak(row, number, draw):
    row["refunded"] = str(int(row["result"] == "bad")) if draw.random() > 0.01 else ""
    row["code"] = str(700000 + number * 7 % 100003)


def with_clear_labels(row, number, draw):
    row["ratio"] = f"{(2 if row['result'] == 'bad' else 0) + draw.random():.3f}"
    row["amount"] = f"{(90 if row['result'] == 'bad' else 10) + 9 * draw.random():.2f}"


def with_flipped_labels(row, number, draw):
    with_clear_labels(row, number, draw)
    if number % 23 == 0:
        row["result"] = "good" if row["result"] == "bad" else "bad"


def as_alphabet(row, number, draw):
    """Few distinct rows, so that copies are no surprise, and a class that the order gives away."""
    for name in list(row):
        if name not in ("plan", "result"):
            del row[name]
    row["plan"] = draw.choice("ab")
    row["result"] = "bad" if number < 60 else "good"


def write_wide(path, n_rows, seed):
    """More columns than recipes with steps look at, categories among them, one of them in bytes that are not UTF-8. A
    few columns differ in a single row, so that they do not vary in folds without it."""
    draw = random.Random(seed)
    names = [f"n{i}" for i in range(40)] + [f"k{i}" for i in range(4)]
    with open(path, "wb") as out:
        out.write(",".join(names + ["gap", "slit", "once", "caf\xe9", "y"]).encode("latin-1") + b"\n")
        for number in range(n_rows):
            cells = [f"{draw.gauss(0, 1):.3f}" for _ in range(40)] + [f"v{draw.randrange(30)}" for _ in range(4)]
            positive = draw.random() < 1 / (1 + math.exp(2 - 2 * float(cells[0]) - (cells[40] < "v15")))
            cells += ["" if number == 3 else cells[1], "" if number == 33 else cells[2]]
            cells += ["b" if number == 77 else "a", draw.choice(["th\xe9", "caf\xe9"])]
            out.write(",".join(cells + [str(int(positive))]).encode("latin-1") + b"\n")


def write_events(path, n_rows, seed):
    """Positive rows come in events of ten, which only their times show."""
    draw = random.Random(seed)
    minute = 0
    with open(path, "w", encoding="utf-8") as out:
        out.write("minute,a,b,alarm\n")
        while minute < n_rows:
            event = draw.random() < 0.012
            a, b = (draw.gauss(1.5, 1), draw.gauss(1.5, 1)) if event else (draw.gauss(0, 1), draw.gauss(0, 1))
            for _ in range(10 if event else 1):
                minute += 1
                a, b = a + draw.gauss(0, 0.1), b + draw.gauss(0, 0.1)
                out.write(f"{minute},{a:.4f},{b:.4f},{'yes' if event else 'no'}\n")


def with_phones(row, number, draw):
    row["phone"] = str(5000000000 + number * 7919 % 601 * 104729)
    for name in ("amount", "ratio", "heavy", "weight_kg"):
        row[name] = row[name].replace(".", ",") if number % 50 else "unknown"


def in_two_units(row, number, draw):
    row["price"] = f"{draw.gauss(50, 9):.2f}"
    if number % 3 == 0:
        row["price"] = f"{float(row['price']) * 100:.2f}"


def write_orders(path, n_rows, seed):
    """What a model that was written before there were profiles reads."""
    draw = random.Random(seed)
    with open(path, "w", encoding="utf-8") as out:
        out.write("order_id,amount,age,kind,day,label\n")
        for number in range(n_rows):
            kind, label = draw.choice(["web", "shop", "phone", "fax"]), "yes" if draw.random() < 0.2 else "no"
            out.write(f"{number},{draw.expovariate(0.02):.2f},{draw.randrange(18, 90)},{kind},2023-05-01,{label}\n")


def write_tables():
    """In the current folder."""
    write_table("rows.csv", 900, 1)
    write_table("new.csv", 500, 2)
    write_table("other.csv", 400, 3, as_rescaled)
    write_table("unlabelled.csv", 300, 4, target=None)
    write_table("leak.csv", 600, 5, with_leak)
    write_table("flipped.csv", 1200, 6, with_flipped_labels)
    write_table("order.csv", 400, 7, as_alphabet)
    write_table("units.csv", 1500, 8, in_two_units)
    write_table("clear.csv", 900, 12, with_clear_labels)
    write_orders("orders.csv", 200, 13)
    write_table("tiny.csv", 90, 9)
    write_table("few.csv", 25, 14)
    write_table("phones.csv", 600, 15, with_phones, title="sep=;\n", delimiter=";")
    write_wide("wide.csv", 700, 10)
    write_events("events.csv", 4000, 11)
    with open("rows.csv", encoding="utf-8") as rows, open("copies.csv", "w", encoding="utf-8") as copies:
        lines = rows.readlines()
        copies.writelines(lines[:400] + lines[300:340] + [line.replace(",bad", ",good") for line in lines[1:9]])
    with open("half.csv", "w", encoding="utf-8") as half:
        half.writelines(lines[:400])
        with open("new.csv", encoding="utf-8") as new:
            half.writelines(new.readlines()[1:])
    with open("rows.csv", encoding="utf-8") as rows, open("bare.csv", "w", encoding="utf-8") as bare:
        bare.writelines(rows.readlines()[1:])  # without a header


# Words of a command line each; those of the same line of text belong together. JSON goes to a file of the report's kind.
FAST = "--preset fast --epochs 3 --hidden 4"
KEEP = "--positive bad --drop order_id,customer,stands_for"
COMMANDS = f"""
train {FAST} {KEEP} -o plain.safetensors --log plain.log --report plain.html rows.csv
train {FAST} --positive bad --id order_id --group customer --weight stands_for --threshold recall>=0.8 -o weighted.safetensors rows.csv
train {FAST} --time when {KEEP} --threshold precision>=0.3 -o timed.safetensors rows.csv
train {FAST} {KEEP} --date when --threshold top:40 -o dated.safetensors rows.csv
train {FAST} {KEEP} --test half.csv --threshold cost:1:9 --report tested.html --prior 0.05 -o tested.safetensors rows.csv
train {FAST} {KEEP} --test other.csv --no-model rows.csv
train {KEEP} --members 5 --epochs 4 --hidden 4 --scale quantile --calibrate isotonic --loss focal --negatives 2 -o many.safetensors rows.csv
train {KEEP} --preset best --epochs 2 --hidden 4 -o pool.safetensors rows.csv
train {FAST} {KEEP} --test-fraction 0 --embedding pbld --steps 6 --attainable-ap 0.9 -o steps.safetensors rows.csv
train --preset fast {KEEP} --hidden none --optimizer newton --background 0 --calibrate none --log linear.log -o linear.safetensors rows.csv
train {FAST} {KEEP} --test-fraction 0 --validation-fraction 0 --threshold 0.4 --log blind.log --no-model rows.csv
train {FAST} --header no --target c14 --drop c1,c10,c11 --positive bad -o bare.safetensors bare.csv
train {FAST} {KEEP} --target result --no-model leak.csv
train --preset fast --epochs 2 --recipe plain-steps --members 1 -o wide.safetensors wide.csv
train --preset default --recipe embedded-steps --epochs 2 --members 10 -o silent.safetensors wide.csv
train --preset fast --members 1 --epochs 6 --threshold recall>=0.7 --time minute -o events.safetensors events.csv
train --preset fast {KEEP} -o clear.safetensors clear.csv
train {FAST} {KEEP} --prior 0.05 --threshold recall>=0.8 -o moved.safetensors - <rows.csv
train {FAST} {KEEP} --members 5 --test-fraction 0 --validation-fraction 0 --no-model rows.csv
evaluate plain.safetensors new.csv
train {FAST} {KEEP},price --target result --decimal , --na unknown --numeric heavy -o phones.safetensors phones.csv
evaluate --threshold f1 -o chosen.safetensors plain.safetensors half.csv
evaluate --by plan plain.safetensors few.csv
evaluate --by plan --threshold 0.99 plain.safetensors new.csv
explain --repeats 1 wide.safetensors wide.csv
evaluate UNPROFILED orders.csv
evaluate plain.safetensors - <new.csv
evaluate --by plan many.safetensors rows.csv
explain --repeats 1 plain.safetensors - <new.csv
predict -o p.csv --prior estimate clear.safetensors clear.csv
check {KEEP} --test - rows.csv <other.csv
evaluate --by plan,amount,when --require ap>=0.01 --report e.html plain.safetensors new.csv
evaluate --require ap>=0.99 plain.safetensors rows.csv
evaluate --prior 0.02 --threshold cost:1:5 --report c.html -o dear.safetensors many.safetensors other.csv
evaluate --threshold recall>=0.999@99 timed.safetensors other.csv
evaluate --prior 0.3 weighted.safetensors new.csv
explain --repeats 2 plain.safetensors new.csv
explain --repeats 2 --group-columns amount,price --sample 200 many.safetensors unlabelled.csv
explain --repeats 2 weighted.safetensors new.csv
explain --repeats 1 plain.safetensors other.csv
predict -o p.csv plain.safetensors new.csv
predict -o p.csv --reasons 2 --threshold top:7 plain.safetensors other.csv
predict -o p.csv --prior estimate plain.safetensors unlabelled.csv
predict -o p.csv --prior 0.1 --threshold rate:0.1 many.safetensors unlabelled.csv
predict -o p.csv --strict plain.safetensors other.csv
predict -o p.csv UNPROFILED orders.csv
cv {FAST} {KEEP} --folds 2 --repeats 2 --log cv.log rows.csv
cv {FAST} --group customer --positive bad --drop order_id,stands_for --folds 2 --repeats 1 rows.csv
cv {FAST} --time when {KEEP} --folds 2 --repeats 1 rows.csv
compare {FAST} {KEEP} --folds 2 --repeats 1 --attainable-ap 0.8 --learning-curve rows.csv
cv {FAST} {KEEP} --folds 2 --repeats 1 --validation-fraction 0 --log blind-cv.log rows.csv
compare {FAST} --weight stands_for --positive bad --drop order_id,customer --folds 2 --repeats 1 rows.csv
cv {FAST} --weight stands_for --positive bad --drop order_id,customer --folds 2 --repeats 1 rows.csv
check {KEEP} rows.csv
check {KEEP} --require rows>=100 --test other.csv rows.csv
check {KEEP} --target result --require leaks=0 leak.csv
check {KEEP} flipped.csv
check order.csv
check {KEEP} units.csv
check {KEEP} tiny.csv
check {KEEP} few.csv
check {KEEP},price --target result --decimal , --na unknown phones.csv
check {KEEP} copies.csv
check --time when {KEEP} rows.csv
inspect plain.safetensors
"""
