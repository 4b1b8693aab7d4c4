"""Random structural schemas with every keyword that a definition may hold.

Most of what is made is accepted by the server; what is not is a question about definitions.
"""

from __future__ import annotations

import random
from typing import Any

from comparison.choices import Choices
from comparison.texts import FORMATS, PATTERNS
from comparison.values import Values

Raw = dict[str, Any]
FIELDS = [
    "a", "b", "c", "d", "e", "name", "type", "spec", "replicas", "items", "kind", "metadata", "x-y", "namespace",
    "1abc", "a.b", "ä", "__proto__", "default", "properties", "if", "in", "A", "self", "_x", "$ref", "",
]  # fmt: skip
COMMON = FIELDS[:9]
_INTEGER_FORMATS = ["int32", "int64", "int32", "uint8", "magic"]
_NUMBER_FORMATS = ["float", "double", "int64", "magic"]


class Schemas(Choices):
    """Makes schemas; `rules` and `defaults` say whether they may have any."""

    def __init__(self, rng: random.Random, *, depth: int = 4) -> None:
        super().__init__(rng)
        self.values = Values(rng)
        self.deepest = depth

    def root(self) -> Raw:
        """The schema of a whole resource."""
        schema: Raw = {"type": "object", "properties": {}}
        for name in ("spec", *(["status"] if self.chance(0.5) else []), *self.sample(COMMON[:5], 0, 2)):
            schema["properties"][name] = self.node(1 if name in ("spec", "status") else 2)
        if self.chance(0.3):
            schema["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}}
            schema["properties"]["metadata"] = {"type": "object"}
        if self.chance(0.08):
            constraint: Raw = {"type": "string", "maxLength": 20} | (
                {"pattern": self.pick(list(PATTERNS))} if self.chance(0.5) else {}
            )
            schema["properties"]["metadata"] = {"type": "object", "properties": {"name": constraint}}
        if self.chance(0.2):
            schema["required"] = self.sample(list(schema["properties"]), 1, 2)
        if self.chance(0.1):
            schema["description"] = "A resource."
        if self.chance(0.08):
            schema["x-kubernetes-preserve-unknown-fields"] = True
        return schema

    def node(self, depth: int) -> Raw:
        """Any schema below the root."""
        kinds = ["integer", "number", "string", "string", "boolean", "int-or-string"]
        if depth < self.deepest:
            kinds += ["object"] * 5 + ["array"] * 4 + ["map"] * 2 + ["any", "embedded", "integer"]
        if depth <= 1:
            kinds = ["object"] * 6 + ["map", "array", "any", "string"]
        kind = self.pick(kinds)
        schema = self._shape(kind, depth)
        if self.chance(0.14):
            schema["nullable"] = True
        self._decorate(schema)
        self._junctors(schema, depth)
        if self.chance(0.16) and kind != "embedded":
            schema["default"] = self.values.value(schema, 0.02)
        return schema

    def _decorate(self, schema: Raw) -> None:
        if self.chance(0.04):
            schema["description"] = self.pick(["Text.", "Ä text\nin lines.", ""])
        if self.chance(0.01):
            schema["title"] = "T"
        if self.chance(0.01):
            schema["example"] = {"a": 1}
        if self.chance(0.01):
            schema["externalDocs"] = {"url": "https://example.com", "description": "d"}

    def _shape(self, kind: str, depth: int) -> Raw:
        match kind:
            case "object":
                return self._object(depth)
            case "map":
                rest = self.node(depth + 1) if self.chance(0.85) else True
                return self._sized({"type": "object", "additionalProperties": rest}, "Properties", 0.4)
            case "array":
                return self._array(depth)
            case "int-or-string":
                return self._int_or_string()
            case "any":
                schema: Raw = {"x-kubernetes-preserve-unknown-fields": True}
                return schema | (self._object(depth) if self.chance(0.5) else {})
            case "embedded":
                schema = {"type": "object", "x-kubernetes-embedded-resource": True}
                if self.chance(0.5):
                    schema["x-kubernetes-preserve-unknown-fields"] = True
                    if self.chance(0.5):
                        return schema
                schema["properties"] = {name: self.node(depth + 1) for name in self.sample(COMMON[:5], 1, 2)}
                if self.chance(0.3):
                    schema["properties"]["metadata"] = (
                        self._embedded_metadata() if self.chance(0.4) else {"type": "object"}
                    )
                return schema
            case _:
                return self._scalar(kind)

    def _embedded_metadata(self) -> Raw:
        """Metadata of an embedded resource, which may ask for more than that of an object."""
        texts: Raw = {"type": "object", "additionalProperties": {"type": "string", "maxLength": 5}}
        properties: Raw = {"name": {"type": "string", "pattern": "^a"}, "labels": texts, "annotations": texts}
        properties["finalizers"] = {
            "type": "array",
            "items": {"type": "string"},
            "x-kubernetes-list-type": "set",
        }
        properties["generation"] = {"type": "integer", "minimum": 1}
        names = self.sample(list(properties), 1, 3)
        schema: Raw = {"type": "object", "properties": {name: properties[name] for name in names}}
        if self.chance(0.3):
            schema["required"] = names[:1]
        if self.chance(0.4):
            defaults: Raw = {
                "name": "ab",
                "labels": {"a": "b"},
                "annotations": {"a": ""},
                "finalizers": ["a.b/c"],
            }
            schema["properties"][names[0]]["default"] = defaults.get(names[0], 3)
        if self.chance(0.2):
            schema["default"] = {"name": "abc", "labels": self.pick([{"a": "b"}, {}, {"a b": "c"}])}
        return schema

    def _object(self, depth: int) -> Raw:
        names = self.sample(COMMON if self.chance(0.75) else FIELDS, 0, 5)
        schema: Raw = {"type": "object", "properties": {name: self.node(depth + 1) for name in names}}
        if self.chance(0.35):
            schema["required"] = self.sample(names if names and self.chance(0.9) else FIELDS, 1, 2)
        if self.chance(0.12):
            schema["x-kubernetes-map-type"] = self.pick(["atomic", "granular"])
        if self.chance(0.06):
            schema["x-kubernetes-preserve-unknown-fields"] = True
        return self._sized(schema, "Properties", 0.08)

    def _sized(self, schema: Raw, what: str, share: float) -> Raw:
        if self.chance(share):
            schema["max" + what] = self.pick([1, 2, 3, 5, 20])
        if self.chance(share / 3):
            schema["min" + what] = self.pick([0, 1, 2])
        return schema

    def _array(self, depth: int) -> Raw:
        roll = self.rng.random()
        if roll < 0.2:
            return self._sized(self._set(depth), "Items", 0.5)
        if roll < 0.5:
            return self._sized(self._map_list(depth), "Items", 0.5)
        schema: Raw = {"type": "array", "items": self.node(depth + 1)}
        if self.chance(0.2):
            schema["x-kubernetes-list-type"] = "atomic"
        return self._sized(schema, "Items", 0.5)

    def _set(self, depth: int) -> Raw:
        items = self._scalar(self.pick(["string", "integer", "number", "boolean"]))
        if self.chance(0.15):
            items = {**self._object(self.deepest), "x-kubernetes-map-type": "atomic"}
        elif self.chance(0.1):
            items = self._int_or_string()
        elif self.chance(0.08):
            items = {"type": "array", "items": self._scalar("integer")}
        elif self.chance(0.05):
            items = {"x-kubernetes-preserve-unknown-fields": True}
        return {"type": "array", "items": items, "x-kubernetes-list-type": "set"}

    def _map_list(self, depth: int) -> Raw:
        items = self._object(depth + 1)
        keys = self.sample(["name", "type", "a"], 1, 2)
        for key in keys:
            items["properties"][key] = self._scalar(self.pick(["string", "string", "integer", "boolean"]))
            if self.chance(0.25):
                items["properties"][key]["default"] = self.values.value(items["properties"][key], 0)
            else:
                items["required"] = [*items.get("required", []), key]
        items.pop("x-kubernetes-preserve-unknown-fields", None)
        if "required" in items:
            items["required"] = list(dict.fromkeys(items["required"]))
        return {
            "type": "array",
            "items": items,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": keys,
        }

    def _int_or_string(self) -> Raw:
        schema: Raw = {"x-kubernetes-int-or-string": True}
        if self.chance(0.4):
            schema["anyOf"] = [{"type": "integer"}, {"type": "string"}]
        elif self.chance(0.1):
            schema["allOf"] = [{"anyOf": [{"type": "integer"}, {"type": "string"}]}, {"minimum": 1}]
        options: dict[str, list[Any]] = {
            "pattern": ["^[0-9]+%?$", "^a"],
            "maximum": [5, 100],
            "minimum": [0, 1],
            "maxLength": [3, 10],
            "enum": [[1, "a", "5%"]],
            "format": ["int32", "date", "magic"],
        }
        return schema | self._some(options, 0.12)

    def _some(self, options: dict[str, list[Any]], share: float) -> Raw:
        return {key: self.pick(some) for key, some in options.items() if self.chance(share)}

    def _scalar(self, kind: str) -> Raw:
        schema: Raw = {"type": kind}
        if kind in ("integer", "number"):
            options: dict[str, list[Any]] = {
                "minimum": [0, 1, -1, -(2**31), 0.5, 2, -(2**63), -1e30, 1e-7],
                "maximum": [5, 10, 100, 2**31 - 1, 2.5, 1e10, 2**53 + 1, 1e19, -0.0],
                "multipleOf": [1, 2, 0.5, 3, 0.1, 0.01, 1e-9, 0.3, 1e10, 2**40],
                "exclusiveMaximum": [True, False],
                "exclusiveMinimum": [True, False],
                "format": _INTEGER_FORMATS if kind == "integer" else _NUMBER_FORMATS,
            }
            enums: list[list[Any]] = [[1, 2], [0, 5, 100], [3]] + (
                [[1.5, 3], [0.1], [-0.0, 1e21], [1e6, 1e-7]] if kind == "number" else [[2**53 + 1], [65, 97]]
            )
        elif kind == "string":
            options = {
                "minLength": [0, 1, 3, 4],
                "maxLength": [0, 1, 2, 5, 63, 300],
                "pattern": list(PATTERNS),
                "format": list(FORMATS),
            }
            enums = [["a", "b"], ["abc", ""], ["A", "Ä ö"], ["\u0000", "\\", "<&>"], ["1", "true", "null"]]
        else:
            options, enums = {}, [[True], [True, False]]
        schema |= self._some(options, 0.14)
        if self.chance(0.1):
            schema["enum"] = self.pick(enums)
        return schema

    def _junctors(self, schema: Raw, depth: int) -> None:
        if "anyOf" in schema or "allOf" in schema or not self.chance(0.22):
            return
        key = self.pick(["oneOf", "anyOf", "allOf", "not"])
        if key == "not":
            schema["not"] = self._branch(schema, depth)
            return
        schema[key] = [self._branch(schema, depth) for _ in range(self.rng.randint(1, 3))]

    def _branch(self, schema: Raw, depth: int) -> Raw:
        """A schema inside a junctor: names only what its parent declares, mostly."""
        names = list(schema.get("properties", {})) or COMMON[:3]
        branch: Raw = {}
        for _ in range(self.rng.randint(1, 2)):
            match self.pick(
                ["required", "required", "properties", "not", "bounds", "enum", "items", "format", "sub"]
            ):
                case "required":
                    branch["required"] = self.sample(names, 1, 2)
                case "properties" if depth < 4:
                    name = self.pick(names)
                    below = schema.get("properties", {}).get(name, {})
                    branch["properties"] = {name: self._branch(below, depth + 1)}
                case "items" if depth < 4 and "items" in schema:
                    branch["items"] = self._branch(schema["items"], depth + 1)
                case "not" if depth < 4:
                    branch["not"] = self._branch(schema, depth + 2)
                case "sub" if depth < 3:
                    branch[self.pick(["anyOf", "oneOf", "allOf"])] = [self._branch(schema, depth + 2)]
                case "enum":
                    branch["enum"] = [self.values.value(schema, 0.1)]
                case "format":
                    branch["format"] = self.pick(["ipv4", "date", "int32", "duration", "magic"])
                case _:
                    options: dict[str, list[Any]] = {
                        "minimum": [1, 3], "maximum": [2, 10], "minLength": [2], "maxLength": [3],
                        "maxItems": [1], "minProperties": [1], "multipleOf": [2], "pattern": ["^a"],
                    }  # fmt: skip
                    branch |= self._some(options, 0.3)
        return branch
