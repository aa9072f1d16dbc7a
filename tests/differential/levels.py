"""Writes a table with categories of many levels, some of them rare and some missing: levels.py ROWS"""
import csv
import random
import sys

r = random.Random(6)
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["garage", "make", "km", "y"])
rate = [r.betavariate(1, 4) for _ in range(400)]
for i in range(int(sys.argv[1])):
    garage, make = min(int(r.expovariate(1 / 60)), 399), int(r.random() ** 2 * 25)
    out.writerow(["" if i % 17 == 4 else f"g{garage}\u00e9", f"m {make}", f"{r.gauss(50, 9):.1f}",
                  int(r.random() < (rate[garage] + rate[make]) / 2)])
