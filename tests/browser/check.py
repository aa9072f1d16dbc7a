#!/usr/bin/python3
"""Pages of reports in a real browser: tests/browser/check.py RENDER [--shots FOLDER] [NAME...]

RENDER makes a page of a report (tests/browser/render.c). Each report in tests/browser/reports is rendered as it is, with
hostile texts, and with nothing but its schema; all pages are looked at by headless Chromium and by tidy. NAME limits the
reports; --shots keeps pictures of each page at 390 and 1280 pixels, in light and dark, and in print.
"""
import argparse
import base64
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.keys import Keys

HERE = pathlib.Path(__file__).resolve().parent
SIZES = (390, 1280)
SCHEMES = ("light", "dark")
A4 = (595, 842)  # points
PRINTED = 695  # pixels between the margins of A4
HOSTILE = "\"'><script>window.hacked=1</script><img src=x onerror=window.hacked=1>&\u202e\u05d0\u05d1\u0627 \u0001\n" * 200

passed, failed = 0, []


def check(name, problems):
    """Problems: what is wrong, in words; nothing is right."""
    global passed
    problems = [problem for problem in problems if problem]
    if not problems:
        passed += 1
        return
    failed.append(name)
    print(f"FAILED  {name}")
    for problem in problems[:8]:
        print(f"    {problem}")


# ---- the browser ----


def start():
    options = Options()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def show(browser, page, width, scheme="light", media=""):
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
    )
    browser.get(page.as_uri())


def picture(browser, path, width):
    height = browser.execute_script("return document.documentElement.scrollHeight")
    shot = browser.execute_cdp_cmd(
        "Page.captureScreenshot",
        {"captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}},
    )
    path.write_bytes(base64.b64decode(shot["data"]))


# ---- what is looked at on each page ----

OVERFLOW = """
const wide = [], width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) wide.push('the page: ' + document.documentElement.scrollWidth);
for (const e of document.body.querySelectorAll('*')) {
  if (e.closest('.skip') || e.parentElement.closest('.scroll, svg')) continue;
  const box = e.getBoundingClientRect();
  if (box.width > 0 && (box.right > width + 1 || box.left < -1))
    wide.push(e.tagName + '.' + e.className + ' ' + Math.round(box.left) + '..' + Math.round(box.right));
}
return wide.slice(0, 5)
"""

CUT = """
return [...document.querySelectorAll('.scroll')].filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.getAttribute('aria-label') + ': ' + e.scrollWidth + ' in ' + e.clientWidth)
"""

# Text in a picture that its frame cuts.
CLIPPED = """
const cut = [];
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.getBoundingClientRect();
  for (const text of svg.querySelectorAll('text')) {
    const box = text.getBoundingClientRect();
    if (box.width && (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1 ||
        box.top < frame.top - 1)) cut.push(text.textContent);
  }
}
return cut.slice(0, 5)
"""


def look_at_layout(browser, name, page, is_hostile, shots):
    for scheme in SCHEMES:
        for width in SIZES:
            show(browser, page, width, scheme)
            check(f"{name}: no overflow at {width} px, {scheme}", browser.execute_script(OVERFLOW))
            if not is_hostile:
                check(f"{name}: no text cut in a picture at {width} px, {scheme}", browser.execute_script(CLIPPED))
            if shots:
                picture(browser, shots / f"{name}.{width}.{scheme}.png", width)
    messages = [entry["message"] for entry in browser.get_log("browser")]
    check(f"{name}: no console message", messages)


def look_at_print(browser, name, page, shots):
    show(browser, page, PRINTED, media="print")
    check(f"{name}: nothing is wider than the paper", browser.execute_script(OVERFLOW))
    check(f"{name}: no table is cut in print", browser.execute_script(CUT))
    show(browser, page, 1280)
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    path = page.with_suffix(".pdf")
    path.write_bytes(base64.b64decode(printed["data"]))
    about = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
    size = [float(n) for n in re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", about).groups()]
    check(f"{name}: prints on A4", [f"{size}"] if any(abs(a - b) > 1 for a, b in zip(size, A4)) else [])
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    check(f"{name}: prints to its end", [] if "Made by fltrain" in text else ["the last line is missing"])
    if shots:
        subprocess.run(["pdftoppm", "-r", "60", "-png", path, shots / f"{name}.print"], check=True)


def look_at_markup(name, page):
    tidy = subprocess.run(["tidy", "-q", "-e", page], capture_output=True, text=True)
    check(f"{name}: tidy is clean", tidy.stderr.splitlines() if tidy.returncode else [])


def look_at_names(browser, name, page):
    """What a screen reader is told."""
    show(browser, page, 1280)
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    problems, n_images = [], 0
    for node in nodes:
        role = node.get("role", {}).get("value")
        said = node.get("name", {}).get("value", "")
        n_images += role in ("image", "img")
        if role in ("image", "img", "slider", "table", "region", "navigation", "link", "LayoutTable") and not said.strip():
            problems.append(f"{role} without a name")
    n_drawn = browser.execute_script("return document.querySelectorAll('svg').length")
    if n_images < n_drawn:
        problems.append(f"{n_drawn} pictures, {n_images} of them images")
    check(f"{name}: images, tables, regions and controls have names", problems)
    levels = browser.execute_script("return [...document.querySelectorAll('h1,h2,h3')].map(h => Number(h.tagName[1]))")
    skips = [f"h{a} then h{b}" for a, b in zip(levels, levels[1:]) if b > a + 1]
    check(f"{name}: one h1, and no heading skips a level", skips + ([] if levels.count(1) == 1 else ["h1"]))
    heads = browser.execute_script(
        "return [...document.querySelectorAll('th')].filter(h => !h.scope).map(h => h.textContent)")
    bare = browser.execute_script(
        "return [...document.querySelectorAll('table')].filter(t => !t.caption || !t.caption.textContent).length")
    check(f"{name}: cells have heads, tables captions", heads + ([f"{bare} tables without a caption"] if bare else []))
    ids = browser.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    check(f"{name}: no id is twice", [i for i in set(ids) if ids.count(i) > 1])
    lost = browser.execute_script("""
      const lost = [];
      for (const e of document.querySelectorAll('[aria-labelledby], a[href^="#"], label[for]')) {
        const named = (e.getAttribute('aria-labelledby') || e.getAttribute('for') || e.getAttribute('href').slice(1));
        for (const id of named.split(' ')) if (!document.getElementById(id)) lost.push(id);
      }
      return lost""")
    check(f"{name}: what is referred to exists", lost)


def look_without_script(browser, name, page):
    """The same page with its script cut out: the same text, but for what the script shows."""
    whole = page.read_text()
    bare = page.with_suffix(".bare.html")
    bare.write_text(re.sub(r"<script>.*</script>", "", whole, flags=re.S))
    said = []
    for path in (page, bare):
        show(browser, path, 1280)
        said.append(browser.execute_script("""
          document.querySelectorAll('.scripted').forEach(e => e.remove());
          document.querySelectorAll('details').forEach(e => e.open = true);
          return document.body.innerText"""))
    browser.get_log("browser")
    check(f"{name}: whole without script", [] if said[0] == said[1] and len(said[0]) > 100 else ["texts differ"])


def look_at_policy(browser, name, page):
    """Markup that would get past the escaping does nothing."""
    injected = page.with_suffix(".injected.html")
    injected.write_text(page.read_text().replace(
        "<main", "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
        "<p style='position:fixed'>x</p><main"))
    show(browser, injected, 1280)
    ran = browser.execute_script("return window.hacked")
    styled = browser.execute_script("return getComputedStyle(document.querySelector('p[style]')).position")
    browser.get_log("browser")
    check(f"{name}: the policy stops foreign script and style",
          (["a foreign script ran"] if ran else []) + (["a foreign style holds"] if styled != "static" else []))


# ---- figures ----

NUMBER = re.compile(r"^[^\d+-]*([+-]?[\d,]*\.?\d+(?:e[+-]?\d+)?)( %)?")


def shown_as(text, value):
    """Whether a text begins with the value, rounded to the digits that it has."""
    match = NUMBER.match(text.strip())
    if not match:
        return False
    digits = match.group(1).replace(",", "")
    scale = 0.01 if match.group(2) else 1
    mantissa, _, exponent = digits.partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return abs(float(digits) * scale - value) <= 0.5000001 * 10.0 ** -decimals * scale + 1e-12 * abs(value)


def look_at_shown_numbers(browser, name, page):
    show(browser, page, 1280)
    cells = browser.execute_script("""
      return [...document.querySelectorAll('[data-value]')].map(e => [e.textContent, e.dataset.value,
        e.dataset.lo || '', e.dataset.hi || '', (e.closest('table') || e).id])""")
    problems = []
    for text, value, low, high, where in cells:
        if value and not shown_as(text, float(value)):
            problems.append(f"{where}: {text!r} is not {value}")
        bounds = re.search(r"\[(.*), (.*)\]", text)
        if low and high and bounds and not (shown_as(bounds.group(1), float(low)) and shown_as(bounds.group(2), float(high))):
            problems.append(f"{where}: {text!r} is not from {low} to {high}")
    check(f"{name}: {len(cells)} shown numbers are their values, rounded", problems)


def table(browser, selector):
    """Rows of a table: [(head, its value), (cell, its value, lo, hi), ...]."""
    return browser.execute_script("""
      const table = document.querySelector(arguments[0]);
      if (!table) return null;
      return [...table.tBodies[0].rows].map(r => [...r.cells].map(c =>
        [c.textContent, c.dataset.value, c.dataset.lo, c.dataset.hi].map((v, i) => i && v ? Number(v) : i && !v ? null : v)))
    """, selector)


def table_named(browser, caption):
    index = browser.execute_script("""
      const all = [...document.querySelectorAll('table')];
      return all.findIndex(t => t.caption.textContent.startsWith(arguments[0]))""", caption)
    if index < 0:
        return None
    browser.execute_script("document.querySelectorAll('table')[arguments[0]].setAttribute('data-looked-at', '')", index)
    rows = table(browser, "table[data-looked-at]")
    browser.execute_script("document.querySelector('table[data-looked-at]').removeAttribute('data-looked-at')")
    return rows


def triple(of):
    if not isinstance(of, dict):
        return [None, None, None]
    return [of.get("value", of.get("mean")), of.get("lo"), of.get("hi")]


def same(cell, wanted):
    return all(a is None and b is None or a is not None and b is not None and math.isclose(a, b, rel_tol=1e-12, abs_tol=0)
               for a, b in zip(cell[1:], wanted))


def compare(what, rows, wanted):
    """Each wanted row is a list of None (not compared), text, numbers, or triples, like the cells of the row."""
    if rows is None:
        return [f"{what}: no table"]
    problems = [] if len(rows) == len(wanted) else [f"{what}: {len(rows)} rows, not {len(wanted)}"]
    for row, cells in zip(rows, wanted):
        for cell, value in zip(row, cells):
            if value is None:
                continue
            if isinstance(value, str):
                right = cell[0] == value
            elif isinstance(value, list):
                right = same(cell, value) or (value[0] is None and cell[1] is None)
            else:
                right = cell[1] is not None and math.isclose(cell[1], value, rel_tol=1e-12)
            if not right:
                problems.append(f"{what}: {cell} is not {value}")
    return problems


def point_cells(point):
    c = point["confusion"]
    return [point["probability"], triple(point["alarms_per_10000"]), triple(point["recall"]), triple(point["precision"]),
            c["tp"], c["fp"], c["fn"]]


def figures_of(report):
    return next((report[key] for key in ("test", "validation", "left_out", "fit") if report.get(key)), None)


def compare_evaluation(browser, report):
    figures = figures_of(report)
    curves = figures["curves"]
    problems = compare("operating points", table(browser, "#points"), [point_cells(p) for p in figures["operating_points"]])
    stops = {(p["confusion"]["tp"], p["confusion"]["fp"]): p for p in curves["thresholds"]}
    for p in figures["operating_points"]:
        if p["chosen"]:
            stops[(p["confusion"]["tp"], p["confusion"]["fp"])] = p
    wanted = sorted(stops.values(), key=lambda p: -p["probability"])
    costs = curves["costs"] or {}
    cost = [[p.get("cost_per_10000", costs.get("chosen"))] if costs else [] for p in wanted]
    problems += compare("thresholds", table(browser, "#stops"), [point_cells(p) + c for p, c in zip(wanted, cost)])
    problems += compare("ranked rows", table_named(browser, "Rows by rank"),
                        [[None, r["rows"], r["said"], triple(r["were"])] for r in curves["ranked"]])
    problems += compare("histogram", table_named(browser, "Rows of each class"),
                        [[None, p, n] for p, n in zip(curves["scores"]["positive"], curves["scores"]["negative"])])
    tiles = browser.execute_script(
        "return [...document.querySelectorAll('.tiles strong')].map(e => ['', Number(e.dataset.value)])")
    wanted = [figures[key]["value"] for key in ("precision", "recall", "alarms_per_10000", "ap", "roc_auc")]
    problems += facts(browser, {"mean probability": figures["mean_probability"], "observed": figures["observed"]})
    problems += order_of(browser, ("verdict", "probabilities", "explanation", "training", "data"))
    return problems + compare("tiles", [tiles], [[value for value in wanted if value is not None]]) + drawn_curves(browser, figures)


def facts(browser, wanted):
    """Terms of the lists of facts, and their values."""
    said = dict(browser.execute_script("""
      return [...document.querySelectorAll('.facts li')].filter(e => e.querySelector('[data-value]')).map(e =>
        [e.querySelector('.term').textContent, Number(e.querySelector('[data-value]').dataset.value)])"""))
    return [f"{term}: {said.get(term)} is not {value}" for term, value in wanted.items() if said.get(term) != value]


def order_of(browser, sections):
    there = browser.execute_script("return [...document.querySelectorAll('section')].map(e => e.id)")
    return [] if [s for s in there if s in sections] == [s for s in sections if s in there] else [f"sections: {there}"]


def drawn_curves(browser, figures):
    """The corners of the drawn PR curve, taken back to recall and precision."""
    path = browser.execute_script("""
      const figure = [...document.querySelectorAll('figure')].find(f => f.querySelector('h3').textContent === 'Precision by recall');
      return [figure.querySelector('.line').getAttribute('d'), figure.querySelector('path.grid').getAttribute('d')]""")
    places = [tuple(map(float, p)) for p in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path[0])]
    corners = {(round((x - 46) / 344, 2), round((234 - y) / 208, 2)) for x, y in places}
    problems = []
    for point in figures["curves"]["thresholds"]:
        recall, precision = point["recall"]["value"], point["precision"]["value"]
        if not any(abs(recall - x) < 0.011 and abs(precision - y) < 0.011 for x, y in corners):
            problems.append(f"the PR curve has no corner at recall {recall}, precision {precision}")
    return problems


def look_at_drawn_rows(browser, name, page):
    """Dots of pictures with a row for each name: each lies where its shown value is, by the ticks of the axis."""
    show(browser, page, 1280)
    pictures = browser.execute_script("""
      return [...document.querySelectorAll('svg')].filter(s => s.querySelector('text.name') && s.querySelector('.dot')).map(s => ({
        name: s.closest('figure').querySelector('h3').textContent,
        ticks: [...s.querySelectorAll('text.tick[text-anchor=middle]')].map(t => [Number(t.getAttribute('x')), t.textContent]),
        said: [...s.querySelectorAll('text.tick:not([text-anchor])')].map(t => [Number(t.getAttribute('y')), t.textContent]),
        dots: [...s.querySelectorAll('.dot')].map(d => [Number(d.getAttribute('cx')), Number(d.getAttribute('cy'))])}))""")
    problems = []
    for drawn in pictures:
        (x0, low), (x1, high) = drawn["ticks"][0], drawn["ticks"][-1]
        scale = (float(high) - float(low)) / (x1 - x0)
        said = {y: text for y, text in drawn["said"]}
        for x, y in drawn["dots"]:
            value, text = float(low) + (x - x0) * scale, said.get(y + 4, "nothing")
            if abs(value - float(re.match(r"[^ ]+", text).group())) > abs(scale) + 0.0051:
                problems.append(f"{drawn['name']}: a dot at {value:.4f}, beside it {text}")
    check(f"{name}: dots of {len(pictures)} pictures are where their values are", problems)


def compare_training(browser, report):
    kinds = report["training"]["kinds"]
    return compare("kinds", table(browser, "#kinds"),
                   [[k["kind"], k["networks"], None, k["weight"], k["average_precision"], k["log_loss"]] for k in kinds])


def compare_columns(browser, report):
    uses = report["data"]["column_uses"]
    return compare("columns", table_named(browser, "Columns, and what became"),
                   [[c["name"], c["use"], c["missing"]] for c in uses[:200]])


def compare_explanation(browser, report):
    explanation = report.get("explanation")
    if not explanation:
        return []
    rows = [[" + ".join(i["columns"]), triple(i["ap"]), triple(i["log_loss"])] for i in explanation["importance"][:40]]
    problems = compare("importance", table(browser, "#importance"), rows)
    pairs = [[" + ".join(i["columns"]), triple(i)] for i in explanation["interactions"][:12]]
    if explanation.get("together"):
        points = [[p.get("at", None) if p.get("at") is not None else None, triple({"value": p["probability"], **p}), p["rows"]]
                  for part in explanation["together"]["slices"] for p in part["points"]]
        problems += compare("together", table_named(browser, "Mean probability of the pair"), [[None, *p] for p in points])
    return problems + (compare("interactions", table(browser, "#interactions"), pairs) if pairs else [])


def compare_study(browser, report):
    problems = []
    if report["schema"] == "fltrain.cv/1":
        figures = report["variants"][0]["figures"]
        rows = {row[0][0]: row[1] for row in table(browser, "#cv-figures")}
        for label, of in (("PR-AUC (average precision)", figures["ap"]), ("log-loss", figures["log_loss"]),
                          ("recall at precision 0.7", figures["recall_at_precision_0.7"]),
                          ("recall at precision 0.95", figures["recall_at_precision_0.95"]),
                          ("recall at the chosen threshold", figures["at_chosen"]["recall"])):
            if not same(rows[label], triple(of)):
                problems.append(f"{label}: {rows[label]}")
        apart = browser.execute_script("return [...document.querySelectorAll('.caption [data-value]')].map(e => e.dataset.value)")
        if [float(value) for value in apart] != [report["variants"][0]["ap_between_folds"]]:
            problems.append(f"between folds: {apart}")
        folds = report["variants"][0]["folds"]
        return problems + compare("folds", table_named(browser, "Folds one by one"),
                                  [[f["repeat"], f["fold"], f["ap"], f["threshold"]] for f in folds])
    rows = [[v["name"], triple(v["figures"]["ap"]), None, None, triple(v["figures"]["roc_auc"])]
            for v in report["variants"]]
    problems += compare("variants", table(browser, "#variants"), rows)
    claims = [[None, c["verdict"], triple(c.get("evidence"))] for c in report["claims"]]
    return problems + compare("claims", table(browser, "#claim-table"), claims)


def compare_check(browser, report):
    columns = [[c["name"], c["missing"], c["distinct"], None, triple((c["strength"] or {}).get("roc_auc"))]
               for c in report["columns"][:200]]
    problems = compare("columns of check", table(browser, "#columns"), columns)
    if report.get("drift"):
        drift = [[c["name"], triple(c["drift"]["strength"]["roc_auc"])] for c in report["columns"]
                 if c.get("drift") and c["drift"]["strength"]]
        problems += compare("drift", table(browser, "#drift-table"), drift)
    suspects = report["labels"].get("suspects")
    if suspects:
        problems += compare("suspects", table(browser, "#suspects"),
                            [[s["row"], s["target"], s["probability"], s["wrong"]] for s in suspects])
    return problems


def look_at_figures(browser, name, page, report):
    show(browser, page, 1280)
    problems = []
    if figures_of(report) and report["schema"] in ("fltrain.train/1", "fltrain.evaluate/1"):
        problems += compare_evaluation(browser, report)
    if report.get("training"):
        problems += compare_training(browser, report)
    if report.get("data", {}).get("column_uses") and report["schema"] != "fltrain.check/1":
        problems += compare_columns(browser, report)
    if report.get("variants"):
        problems += compare_study(browser, report)
    if report["schema"] == "fltrain.check/1":
        problems += compare_check(browser, report)
    problems += compare_explanation(browser, report)
    check(f"{name}: figures are those of the report", problems)


# ---- the slider ----


def look_at_slider(browser, name, page):
    show(browser, page, 1280)
    sliders = browser.find_elements("css selector", "#stop")
    if not sliders:
        return
    slider, problems, seen = sliders[0], [], set()
    rows = table(browser, "#stops")
    if not slider.is_displayed():
        problems.append("it is not shown")
    for keys in (Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.END, Keys.ARROW_LEFT, Keys.PAGE_DOWN):
        slider.send_keys(keys)
        at = int(slider.get_property("value"))
        row = rows[len(rows) - 1 - at]
        said = browser.execute_script(
            "return [...document.querySelectorAll('#stop-figures [data-column]')].map(e => e.textContent)")
        if said != [cell[0] for cell in row][:len(said)]:
            problems.append(f"at {at}: {said}")
        spoken = slider.get_attribute("aria-valuetext")
        if row[0][0] not in spoken or row[3][0] not in spoken:
            problems.append(f"at {at} it says {spoken!r}")
        ring = browser.execute_script("return document.querySelector('[data-follow=\"pr\"]').getAttribute('transform')")
        x, y = map(float, re.match(r"translate\((\S+) (\S+)\)", ring).groups())
        if row[3][1] is not None and (abs(x - 46 - 344 * row[2][1]) > 0.1 or abs(y - 234 + 208 * row[3][1]) > 0.1):
            problems.append(f"at {at} the ring is at {ring}")
        seen.add(at)
    if len(seen) < 4:
        problems.append(f"keys moved it to {sorted(seen)} only")
    check(f"{name}: the slider moves by keys and shows its threshold", problems)


# ---- colours ----

TEXTS = [(a, b) for a in ("ink", "muted", "pos") for b in ("card", "paper")]
TEXTS += [("good", "card"), ("bad", "card"), ("ink", "tint"), ("muted", "tint"), ("mark", "tint")]
SHAPES = [("pos", "card"), ("neg", "card"), ("second", "card"), ("third", "card"), ("mark", "card"), ("pos", "band"),
          ("second", "band2"), ("second", "band"), ("pos", "band2"), ("pos", "rest"), ("mark", "paper"), ("ink", "band"),
          ("mark", "band")]


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def look_at_colours(browser, page):
    for scheme, media in (("light", ""), ("dark", ""), ("dark", "print")):
        show(browser, page, 1280, scheme, media)
        colour = browser.execute_script("""
          const style = getComputedStyle(document.documentElement), found = {};
          for (const name of arguments[0]) found[name] = style.getPropertyValue('--' + name).trim();
          return found""", sorted({name for pair in TEXTS + SHAPES for name in pair}))
        problems = []
        for pairs, least in ((TEXTS, 4.5), (SHAPES, 3)):
            for front, back in pairs:
                ratio = contrast(colour[front], colour[back])
                if ratio < least:
                    problems.append(f"{front} on {back}: {ratio:.2f}, below {least}")
        check(f"colours, {scheme} {media}: contrast is AA", problems)


# ---- hostile reports ----


def hostile(value, depth=0):
    if isinstance(value, str):
        return HOSTILE[:10000]
    if isinstance(value, list):
        return [hostile(item) for item in value]
    if isinstance(value, dict):
        return {key: item if key in ("schema", "type", "verdict") and isinstance(item, str) else hostile(item)
                for key, item in value.items()}
    return value


def look_at_hostile(browser, name, page):
    problems = []
    for width in SIZES:
        show(browser, page, width)
        if browser.execute_script("return window.hacked"):
            problems.append("a script of the report ran")
        injected = browser.execute_script("return document.querySelectorAll('img,iframe,object,[onerror],[onclick]').length")
        if injected or browser.execute_script("return document.scripts.length") != 1:
            problems.append("elements of the report are in the page")
        turned = browser.execute_script("return /[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.innerText)")
        if turned:
            problems.append("characters that turn text are in the page")
    check(f"{name}: foreign texts are inert", problems)


# ---- all of it ----


def render(renderer, report, page):
    source = page.with_suffix(".json")
    source.write_text(json.dumps(report))
    with open(page, "wb") as out:
        subprocess.run([renderer, source], stdout=out, check=True)
    size = page.stat().st_size
    check(f"{page.stem}: below 300 kB", [f"{size} bytes"] if size > 300000 else [])


def look_at(browser, renderer, path, folder, shots):
    report, name = json.loads(path.read_text()), path.stem
    page = folder / f"{name}.html"
    render(renderer, report, page)
    look_at_markup(name, page)
    look_at_layout(browser, name, page, False, shots)
    look_at_names(browser, name, page)
    look_at_figures(browser, name, page, report)
    look_at_shown_numbers(browser, name, page)
    look_at_drawn_rows(browser, name, page)
    look_at_slider(browser, name, page)
    look_without_script(browser, name, page)
    look_at_policy(browser, name, page)
    look_at_print(browser, name, page, shots)
    if name == "train":
        look_at_colours(browser, page)
    for kind, other in (("hostile", hostile(report)), ("bare", {"schema": report["schema"]})):
        page = folder / f"{name}-{kind}.html"
        render(renderer, other, page)
        look_at_markup(page.stem, page)
        look_at_layout(browser, page.stem, page, True, shots if kind == "hostile" else None)
        look_at_names(browser, page.stem, page)
        look_at_hostile(browser, page.stem, page)
        look_at_print(browser, page.stem, page, None)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("renderer", type=pathlib.Path)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--shots", type=pathlib.Path)
    given = arguments.parse_args()
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    browser = start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for path in sorted((HERE / "reports").glob("*.json")):
                if not given.names or path.stem in given.names:
                    look_at(browser, given.renderer.resolve(), path, pathlib.Path(folder), given.shots)
    finally:
        browser.quit()
    print(f"browser: {passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
