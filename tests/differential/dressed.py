"""Writes a table whose numbers are written in many ways, one to a column: dressed.py ROWS"""
import csv
import random
import sys

r = random.Random(5)
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["euros", "dollars", "francs", "weight", "share", "loss", "change", "balance", "quoted", "lost", "y"])


def german(x):
    return f"{x:,.2f}".translate(str.maketrans(",.", ".,"))


for i in range(int(sys.argv[1])):
    y = int(r.random() < 0.2)
    x, change = r.lognormvariate(6 + y, 1), r.gauss(y, 50)
    out.writerow(["NULL" if i % 11 == 3 else german(x) + " \u20ac",
                  ("-" if change < 0 else "") + f"${abs(change) * 100:,.2f}",
                  f"{x:,.1f}".replace(",", "\u2019"),
                  f"{r.gauss(70, 9):.0f}\u00a0kg", f"{r.random() * 100:.1f}%",
                  f"({-change:.1f})" if change < 0 else f"{change:.1f}",
                  f"{abs(change):.0f}{'-' if change < 0 else ''}", f"{change:.2f}".replace("-", "\u2212"),
                  f"'{x:.3f}'", "-999.0" if i % 13 == 5 else f"{r.gauss(0, 1):.1f}", y])
