"""Schemas of configs/schemas: validating by them, and what of them a report reaches."""
import json
import os

import jsonschema

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "configs", "schemas")
BASE = "file:///schemas/"  # of references; all schemas are at hand, so nothing is opened there
NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def load(folder=FOLDER):
    """The schemas of a folder, by file name."""
    schemas = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            schemas[name] = json.load(file)
    return schemas


class Schemas:
    """All schemas. A place is a file and a pointer into it."""

    def __init__(self, schemas):
        self.files = schemas
        self.store = {BASE + name: schema for name, schema in schemas.items()}
        self.resolvers = {}
        for name, schema in schemas.items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.resolvers[name] = jsonschema.RefResolver(BASE + name, schema, store=self.store)

    def validator(self, file, schema=None):
        return jsonschema.Draft202012Validator(self.files[file] if schema is None else schema, resolver=self.resolvers[file])

    def is_valid(self, file, schema, value):
        return self.validator(file, schema).is_valid(value)

    def errors(self, file, value):
        """What is wrong with a value, in lines."""
        found = []
        for error in self.validator(file).iter_errors(value):
            place = ".".join(str(step) for step in error.absolute_path)
            found.append(f"{place}: {error.message[:200]}")
        return found

    def at(self, file, pointer):
        """The schema that a pointer such as /$defs/interval names."""
        schema = self.files[file]
        for step in pointer.split("/")[1:]:
            schema = schema[int(step)] if isinstance(schema, list) else schema[step]
        return schema

    def target(self, file, reference):
        """File and pointer that a $ref names."""
        other, pointer = reference.split("#")
        return other or file, pointer

    def branches(self, file, pointer, value):
        """The places that hold for a value: the schema, what it refers to, and its alternatives that the value is of."""
        schema = self.at(file, pointer)
        yield file, pointer
        if "$ref" in schema:
            yield from self.branches(*self.target(file, schema["$ref"]), value)
        for word in ("anyOf", "oneOf"):
            branches = enumerate(schema.get(word, []))
            might = [i for i, branch in branches if NAMES[type(value)] in (self.types(file, branch) or NAMES.values())]
            for i in might:  # a single one holds, since the value is valid
                if len(might) == 1 or self.is_valid(file, schema[word][i], value):
                    yield from self.branches(file, f"{pointer}/{word}/{i}", value)

    def walk(self, file, value):
        """Each spot of a valid value, from the top: (places, value), where places are those that hold for it."""
        return ((places, inner) for _, places, inner in self.walk_with_steps(file, value))

    def walk_with_steps(self, file, value, pointer="", steps=()):
        """The same with the keys and indices that lead there."""
        places = list(self.branches(file, pointer, value))
        yield steps, places, value
        for own, place in places:
            schema = self.at(own, place)
            if isinstance(value, dict):
                for key in value:
                    if says_what(schema.get("properties", {}).get(key)):
                        yield from self.walk_with_steps(own, value[key], f"{place}/properties/{key}", (*steps, key))
            if isinstance(value, list) and "items" in schema:
                for i, item in enumerate(value):
                    yield from self.walk_with_steps(own, item, f"{place}/items", (*steps, i))

    def types(self, file, schema):
        """The types that a schema lets a value have."""
        found = own_types(schema)
        if "$ref" in schema:
            other, pointer = self.target(file, schema["$ref"])
            found |= self.types(other, self.at(other, pointer))
        for word in ("anyOf", "oneOf"):
            for branch in schema.get(word, []):
                found |= self.types(file, branch)
        return found

    def places(self):
        """Each place that some report must reach, with the types of values there: keys, items, and alternatives."""
        for file, schema in self.files.items():
            for pointer, inner in places_of("", schema):
                yield file, pointer, own_types(inner)


def own_types(schema):
    types = schema.get("type", [])
    found = {"number" if word == "integer" else word for word in ([types] if isinstance(types, str) else types)}
    values = schema.get("enum", []) + ([schema["const"]] if "const" in schema else [])
    return found or {NAMES[type(value)] for value in values}


def says_what(schema):
    """Whether it describes a key: one that says false, or "not", only forbids."""
    return isinstance(schema, dict) and bool({"type", "$ref", "anyOf", "oneOf", "enum", "const"} & schema.keys())


def places_of(pointer, schema):
    inner = {f"/properties/{key}": value for key, value in schema.get("properties", {}).items()}
    inner.update({f"/$defs/{name}": value for name, value in schema.get("$defs", {}).items()})
    for word in ("anyOf", "oneOf"):
        alternatives = [branch for branch in schema.get(word, []) if "type" in branch or "$ref" in branch]
        inner.update({f"/{word}/{i}": branch for i, branch in enumerate(alternatives)})
    if "items" in schema:
        inner["/items"] = schema["items"]
    for step, value in inner.items():
        if says_what(value):
            yield pointer + step, value
            yield from places_of(pointer + step, value)
