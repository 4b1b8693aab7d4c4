"""Random values for a schema: fitting, nearly fitting, and not at all."""

from __future__ import annotations

import math
from typing import Any

from comparison.choices import Choices
from comparison.odd_metadata import EMBEDDED_META, META, ODD_EMBEDDED_META, ODD_META, PLAIN_META
from comparison.texts import FORMATS, ODD_CHARACTERS, PATTERNS, STRINGS

Raw = dict[str, Any]
INTEGERS = [
    0,
    1,
    2,
    3,
    4,
    5,
    10,
    100,
    -1,
    2**31 - 1,
    2**31,
    -(2**40),
    2**53 + 1,
    2**63 - 1,
    -(2**63),
    7,
    12,
    1000,
    -3,
    65,
]
NUMBERS: list[Any] = [
    0,
    1,
    2,
    0.5,
    1.5,
    2.5,
    0.1,
    3,
    -2.25,
    1e10,
    1e30,
    5e-324,
    1.7e308,
    3.0,
    100.0,
    1e21,
    1e-7,
    -0.0,
    0.3,
    0.30000000000000004,
    1.1,
    99.99,
    123456.789,
    1e6,
    999999.5,
    -1e-5,
    1.0000000001,
    2**53 + 2.0,
    9.3e18,
    -3.0,
]
ODD_NUMBERS: list[Any] = [
    5.0, 2.0, 1e18, -0.0, 2**63, -(2**63) - 1, 2**64, 10**30, -(10**30), 1e308, 5e-324, 2.0000000001, 1.9999999999,
    1.000000001, 0.9999999999, 2**53 + 2.0, 9.223372036854775e18, 9.223372036854776e18, -9.223372036854776e18,
    2147483648.0,
    1.5, -1.0,
]  # fmt: skip
"""Numbers at the edges of what Go holds as an integer or takes for one."""
JUNK: list[Any] = [
    None, True, False, 0, 1, 5, -1, 1.5, 5.0, 1e30, 4294967296, 2**63, "", "a", "ab", "5%", "2024-01-01", "1h",
    "ééé", {}, [], {"a": 1}, {"a": None}, {"z": {"y": [1]}}, [1, "a"], [None], [[]], {"": 1},
]  # fmt: skip
ODD_KEYS = [
    "", "a", "b", "z", "A", "kind", "metadata", "x-y", "1abc", "a.b", "a[0]", "a\"b", "a/b", "ä", "\ud800", " ",
    "\n", "spec",
    "__proto__", "f:a", "*", "{a}", "x" * 200, "status", "K", "\u212a",
]  # fmt: skip


class Values(Choices):
    """Makes values of raw schemas."""

    def value(self, schema: Raw, wild: float, depth: int = 0) -> Any:
        """A value that fits but for a share `wild` of its parts."""
        if self.chance(wild):
            return self.junk(depth)
        if schema.get("nullable") and self.chance(0.12):
            return None
        if schema.get("enum") and self.chance(0.93):
            return self.pick(schema["enum"])
        if schema.get("x-kubernetes-embedded-resource"):
            return self._resource(schema, wild, depth)
        match schema.get("type"):
            case "object":
                return self._object(schema, wild, depth)
            case "array":
                return self._array(schema, wild, depth)
            case "integer" | "number" as kind:
                return self._number(schema, kind)
            case "boolean":
                return self.chance(0.5)
            case "string":
                return self._string(schema)
        if schema.get("x-kubernetes-int-or-string"):
            return self.pick([0, 1, 2, 5, 10, "a", "5%", "7", "50%"])
        return self.junk(depth)

    def junk(self, depth: int) -> Any:
        """A value of any kind."""
        if depth > 3 or self.chance(0.75):
            return self.pick(JUNK)
        if self.chance(0.5):
            names = self.sample(["a", "b", "z", "kind", "metadata", "apiVersion"], 0, 3)
            return {name: self.junk(depth + 1) for name in names}
        return [self.junk(depth + 1) for _ in range(self.rng.randint(0, 3))]

    def _number(self, schema: Raw, kind: str) -> Any:
        known = INTEGERS if kind == "integer" else [*INTEGERS[:8], *NUMBERS]
        if self.chance(0.08):
            return self.pick([*known, *ODD_NUMBERS])
        fitting = [value for value in known if _in_bounds(schema, value)]
        if not fitting and "minimum" in schema:
            fitting = [math.ceil(schema["minimum"]) + 1]
        return self.pick(fitting or known)

    def _string(self, schema: Raw) -> str:
        wild = self.chance(0.08)
        if schema.get("format") in FORMATS:
            good, bad = FORMATS[schema["format"]]
            text = self.pick(bad or good if wild else good)
            return self.altered(text) if self.chance(0.06) else text
        if schema.get("pattern") in PATTERNS and not wild:
            return self.pick(PATTERNS[schema["pattern"]])
        least, most = schema.get("minLength", 0), schema.get("maxLength", 500)
        fitting = [text for text in STRINGS if least <= len(text) <= most]
        text = self.pick(STRINGS if wild or not fitting else fitting)
        return self.altered(text) if self.chance(0.02) else text

    def altered(self, text: str) -> str:
        """The text with a character or two put in, taken out, replaced or doubled."""
        for _ in range(self.pick([1, 1, 2])):
            place = self.rng.randrange(len(text) + 1)
            added = self.pick(
                ["", self.pick(ODD_CHARACTERS), self.pick(ODD_CHARACTERS), text[place : place + 1] * 2]
            )
            text = text[:place] + added + text[place + self.pick([0, 1]) :]
        return text

    def _array(self, schema: Raw, wild: float, depth: int) -> list[Any]:
        most = min(schema.get("maxItems", 4), 4) + (1 if self.chance(0.03) else 0)
        least = min(schema.get("minItems", 0), most) if self.chance(0.95) else 0
        count = self.rng.randint(least, most) if depth < 12 else 0
        made = [self.value(schema["items"], wild, depth + 1) for _ in range(count)]
        if schema.get("x-kubernetes-list-type") in ("set", "map") and self.chance(0.85):
            made = self._distinct(schema, made)
        if made and self.chance(0.02):
            made.append(self.pick(made))
        return made

    def _distinct(self, schema: Raw, made: list[Any]) -> list[Any]:
        keys = schema.get("x-kubernetes-list-map-keys")
        found: dict[str, Any] = {}
        for item in made:
            key = [item.get(k) for k in keys] if keys and isinstance(item, dict) else item
            found.setdefault(repr(key), item)
        return list(found.values())

    def _object(self, schema: Raw, wild: float, depth: int) -> Raw:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        made = {
            name: self.value(below, wild, depth + 1)
            for name, below in properties.items()
            if self.chance(0.97 if name in required else 0.7)
        }
        rest = schema.get("additionalProperties")
        if rest is not None:
            most = min(schema.get("maxProperties", 3), 3) + (1 if self.chance(0.05) else 0)
            most = most if depth < 8 else min(most, 1)
            for name in self.sample(["k", "l", "m.n", "o p", "", *self.sample(ODD_KEYS, 0, 1)], 0, most):
                made[name] = (
                    self.value(rest, wild, depth + 1) if isinstance(rest, dict) else self.junk(depth + 1)
                )
        if self.chance(wild):
            made[self.pick(ODD_KEYS)] = self.junk(depth + 1)
        return made

    def _resource(self, schema: Raw, wild: float, depth: int) -> Raw:
        made: Raw = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
        if self.chance(wild * 3):
            made["apiVersion"] = self.pick(
                ["a/b", "a/b/c", "", "A/v1", 5, None, "/v1", "v1/", "/", "ä", [], "a/b c"]
            )
        if self.chance(wild * 3):
            made["kind"] = self.pick(
                ["k.x", "", "a b", 5, None, "pod", "1a", "A" * 64, "a-", "Ä", {}, "List"]
            )
        if self.chance(0.3):
            made["metadata"] = dict(
                self.sample(ODD_EMBEDDED_META if self.chance(0.3) else EMBEDDED_META, 0, 2)
            )
        if self.chance(wild * 2):
            del made[self.pick(["kind", "apiVersion", "metadata"])]
        for name, below in schema.get("properties", {}).items():
            if name not in made and self.chance(0.7):
                made[name] = self.value(below, wild, depth + 1)
        if schema.get("x-kubernetes-preserve-unknown-fields") and self.chance(0.3):
            made["spec"] = self.junk(depth + 1)
        return made

    def resource(self, schema: Raw, wild: float) -> Raw:
        """The fields of a whole object beside apiVersion, kind and metadata."""
        made = self._object(schema, wild, 0)
        for name in ("apiVersion", "kind", "metadata"):
            made.pop(name, None)
        return made

    def metadata(self, wild: float) -> Raw:
        """Metadata without the name."""
        if self.chance(0.7):
            return {}
        pool = META if self.chance(wild * 5) else PLAIN_META
        pool = ODD_META if self.chance(wild * 2 + 0.05) else pool
        return dict(self.sample(pool, 1, 2))

    def changed(self, value: Any, schema: Raw, wild: float, depth: int = 0) -> Any:
        """The value with one part of it made anew, dropped, null, added or moved."""
        rest = schema.get("additionalProperties")
        if isinstance(value, dict) and value and self.chance(0.85):
            name = self.pick(sorted(value))
            roll = self.rng.random()
            if roll < 0.1:
                return {key: item for key, item in value.items() if key != name}
            if roll < 0.16:
                return {**value, name: None}
            if roll < 0.2:
                return {**value, self.pick(["a", "b", "z", "k"]): self.junk(depth)}
            below = schema.get("properties", {}).get(name) or (rest if isinstance(rest, dict) else {})
            return {**value, name: self.changed(value[name], below, wild, depth + 1)}
        if isinstance(value, list) and value and self.chance(0.85):
            made = [*value]
            place = self.rng.randrange(len(value))
            roll = self.rng.random()
            if roll < 0.15:
                del made[place]
            elif roll < 0.25:
                made.insert(self.rng.randrange(len(made) + 1), made[place])
            elif roll < 0.4:
                self.rng.shuffle(made)
            else:
                made[place] = self.changed(made[place], schema.get("items", {}), wild, depth + 1)
            return made
        return self.value(schema, wild, depth) if schema else self.junk(depth)


def _in_bounds(schema: Raw, value: Any) -> bool:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if value < least or value > most:
        return False
    if (schema.get("exclusiveMinimum") and value == least) or (
        schema.get("exclusiveMaximum") and value == most
    ):
        return False
    step = schema.get("multipleOf")
    if step and (value / step) % 1:
        return False
    return not (schema.get("format") == "int32" and not -(2**31) <= value < 2**31)
