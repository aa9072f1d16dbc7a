#!/usr/bin/python3
"""Writes dates.csv: what pandas makes of dates in many shapes.
usage: gen_dates.py > dates.csv        (Debian's python3-pandas)

Lines: order,seconds,hour,weekday,month,text. Order is how day and month stand: 1 day first, 2 month first, 3 year first.
The text stands last, since it may hold commas. pandas reads years from 1678 to 2261; of other years only Python's
datetime knows the time."""
import datetime
import random

import pandas as pd

random.seed(12)
dates = [(1, f) for f in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %B %Y",
                          "%d%b%Y", "%d-%b-%y", "%b %d, %Y", "%B %d, %Y", "%a, %d %b %Y", "%d.%m.%y", "%Y-%m", "%m/%Y",
                          "%b %Y")]
dates += [(2, f) for f in ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")] + [(3, "%y-%m-%d")]
times = ["", "T%H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p", " %H:%M:%S.%f"]
zones = [("", 0), ("Z", 0), (" UTC", 0), ("+0530", 19800), ("-08:00", -28800), ("+02", 7200)]


def moment(short):
    if short:
        return datetime.datetime(1969, 1, 1) + datetime.timedelta(seconds=random.randrange(99 * 365 * 86400))
    if random.random() < 0.1:
        return datetime.datetime(random.choice([4, 1600, 2000, 2024, 9996]), 2, 29, 23, 59, 59)
    if random.random() < 0.2:
        return datetime.datetime(1, 1, 2) + datetime.timedelta(seconds=random.randrange(9990 * 365 * 86400))
    return datetime.datetime(1900, 1, 1) + datetime.timedelta(seconds=random.randrange(200 * 365 * 86400))


print("order,seconds,hour,weekday,month,text")
for i in range(600):
    order, form = random.choice(dates)
    if "%d" in form:
        form += random.choice(times)
    zone, offset = random.choice(zones) if "%M" in form else ("", 0)
    # strftime does not pad years below 1000
    when = moment("%y" in form)
    text = when.strftime(form.replace("%Y", f"{when.year:04d}"))
    parsed = datetime.datetime.strptime(text, form)
    if 1700 < parsed.year < 2250:
        known = pd.to_datetime(text, format=form).to_pydatetime()
        assert known == parsed, (text, form)
    parsed -= datetime.timedelta(seconds=offset)
    seconds = (parsed - datetime.datetime(1970, 1, 1)).total_seconds()
    print(f"{order},{seconds:.6f},{parsed.hour},{parsed.isoweekday()},{parsed.month},{text}{zone}")
