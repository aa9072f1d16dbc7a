"""Whether the schemas refuse: each spot of valid reports, with one thing about it made wrong."""
import copy

from schemas import NAMES

SAMPLES = {"object": {"no such key": 1}, "array": [[]], "string": "no such word", "boolean": True, "number": -12345.5,
           "null": None}
KEYWORDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def other_types(schemas, places, value):
    allowed = schemas.types(places[0][0], schemas.at(*places[0]))
    for name, sample in SAMPLES.items():
        if name not in allowed:
            yield f"{name} in place of {NAMES[type(value)]}", sample


def out_of_range(schema, value):
    """Values just beyond what the schema of a number, a text or a list allows."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for word in KEYWORDS:
            if word in schema:
                step = 0 if word.startswith("exclusive") else 1
                yield f"beyond {word}", schema[word] - step if "inimum" in word else schema[word] + step
        if "integer" in schema.get("type", []):
            yield "no whole number", value + 0.5
    if isinstance(value, str) and "pattern" in schema:
        yield "against its pattern", value + "\u2026"
    if isinstance(value, str) and ("enum" in schema or "const" in schema):
        yield "another word", value + "?"
    if isinstance(value, str) and "maxLength" in schema:
        yield "too long", value + "?"
    if isinstance(value, list) and schema.get("minItems", 0) > 0:
        yield "too few items", value[: schema["minItems"] - 1]
    if isinstance(value, list) and "maxItems" in schema and value:
        yield "too many items", value + value[:1] * (schema["maxItems"] + 1 - len(value))


def other_keys(schemas, places, value):
    yield "a key too many", {**value, "no such key": 1}
    needed = {key for place in places for key in schemas.at(*place).get("required", [])}
    for place in places:
        for key, others in schemas.at(*place).get("dependentRequired", {}).items():
            needed |= set(others) if key in value else set()
    for key in sorted(needed & value.keys()):
        yield f"without {key}", {name: inner for name, inner in value.items() if name != key}


def mutants(schemas, places, value):
    """What is wrong, and the value that has it wrong."""
    yield from other_types(schemas, places, value)
    for place in places:
        yield from out_of_range(schemas.at(*place), value)
    if isinstance(value, dict):
        yield from other_keys(schemas, places, value)


def with_one_wrong(schemas, file, value, seen):
    """The whole value with one thing wrong, for each spot that was not seen before: (place, what, mutant)."""
    for steps, places, inner in schemas.walk_with_steps(file, value):
        if all((place, NAMES[type(inner)]) in seen for place in places):
            continue
        seen.update((place, NAMES[type(inner)]) for place in places)
        for what, mutant in mutants(schemas, places, inner) if steps else ():
            whole = copy.deepcopy(value)
            parent = whole
            for step in steps[:-1]:
                parent = parent[step]
            parent[steps[-1]] = mutant
            yield "".join(places[0]), what, whole


class Mutator:
    """Makes mutants by some schemas, and has them judged by these, or by others."""

    def __init__(self, schemas, judge=None):
        self.schemas, self.judge = schemas, judge or schemas
        self.seen = set()
        self.n = 0

    def accepted(self, file, report):
        """Mutants of the spots of a report that no report before had; those that the schemas do not refuse, in words."""
        for places, value in self.schemas.walk(file, report):
            if all((place, NAMES[type(value)]) in self.seen for place in places):
                continue
            self.seen.update((place, NAMES[type(value)]) for place in places)
            own, pointer = places[0]
            schema = self.judge.at(own, pointer)
            for what, mutant in mutants(self.schemas, places, value):
                self.n += 1
                if self.judge.is_valid(own, schema, mutant):
                    yield f"{own}{pointer}: {what}"

    def accepted_whole(self, file, report):
        """The same for a key of each object on the way to one of the deepest spots, in the whole report."""
        report = copy.deepcopy(report)
        value = report
        while isinstance(value, (dict, list)) and value:
            if isinstance(value, dict):
                value["no such key"] = 1
                self.n += 1
                if self.schemas.is_valid(file, self.schemas.files[file], report):
                    yield f"{file}: a key too many, in the whole report"
                del value["no such key"]
            inner = list(value.values()) if isinstance(value, dict) else value
            value = max(inner, key=depth)


def depth(value):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)
