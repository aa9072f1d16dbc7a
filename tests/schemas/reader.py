"""Whether fltrain refuses of model files what their schema refuses: each spot with one thing made wrong, under a checksum
that is right again."""
import os
import re
import sys

import mutants
import page
import schemas

ACCEPTED = {  # by the reader, and never written
    r"/figures/properties/\S+: (beyond (min|max)imum|null in place of number)": "figures change no score",
    r"/input/properties/positive_values: too few items": "no row is then positive",
    r"/map/properties/prior: beyond exclusiveMinimum": "0 is that of training",
    r"/refit_(number|category)/properties/silent: too (few|many) items": "none is as good as no list, and twice as once",
    r"/rule/properties/attained: null in place of number": "changes no label",
    r"/training/properties/(version|options|data_sha256): null in place of string": "changes no score",
    r"/training/properties/(data|rule)_sha256: against its pattern": "changes no score",
}


def load_library(library):
    """include/fltrain.py, with the library that was built."""
    os.environ["FLTRAIN_LIBRARY"] = library
    sys.path.insert(0, os.path.join(schemas.ROOT, "include"))
    import fltrain
    return fltrain


def why_accepted(fltrain, path):
    """None if the library refuses the file as a bad model."""
    try:
        fltrain.Detector.load(path)
    except fltrain.FltrainError as error:
        return None if error.status == 4 else f"status {error.status}: {error}"
    return "read"


def check(all_schemas, models, library):
    """(number of mutants, what is read though the schema refuses it)."""
    fltrain, seen, used, wrong, n = load_library(library), set(), set(), [], 0
    for path, sections in models.items():
        about, described, data = page.read_container(path)
        page.write_model("mutant", about, described, data, sections)
        if why_accepted(fltrain, "mutant") != "read":
            wrong.append(f"{path}: written anew it is not read")
        for place, what, mutant in mutants.with_one_wrong(all_schemas, "model.json", sections, seen):
            n += 1
            page.write_model("mutant", about, described, data, mutant)
            why = why_accepted(fltrain, "mutant")
            excuse = next((word for word in ACCEPTED if re.search(word + "$", f"{place}: {what}")), None)
            if why and excuse:
                used.add(excuse)
            elif why:
                wrong.append(f"{place}: {what}: {why}")
    return n, wrong + [f"excused for nothing: {word}" for word in ACCEPTED if word not in used]
