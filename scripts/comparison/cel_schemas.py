"""Random schemas to write rules over, and objects that mostly fit them.

Plainer than `structural`'s, so that most of the paths in a rule hold something.
"""

from __future__ import annotations

import json
from typing import Any

from comparison.choices import Choices

Raw = dict[str, Any]
STRINGS = [
    "", "a", "abc", "hello", "Ä ö", "😀b", "10.0.0.1", "1Gi", "1.2.3", "2024-01-01", "x-y", "https://example.com/a?b=c",
    "aXbXc", "true", "42", "1.5", "a/b", "::1", "10.0.0.0/8", "UPPER lower", "a\nb", "%d", "e\u0301", "\u0000",
    "ǅ ß İ ſ",
    "\u212a", '"\\', "\u200b", "\u2028", "x" * 70, "-5", "0x10", " a ", "\ufffd", "\U0010ffff",
    "https://[::1]:8080/ä?a=b&a=c#f",
    "1.0.0-rc.1+b", "1e3", "5m", "P1D", "FALSE", "٣",
]  # fmt: skip
INTS = [0, 1, 2, 3, -1, 7, 100, 2**31, -(2**40), 2**53, 2**62, -(2**63), -7, 10]
DOUBLES = [
    0.5,
    1.5,
    -2.25,
    1e10,
    3.0,
    1e300,
    -1e300,
    1e-300,
    5e-324,
    0.1,
    1e21,
    123456.789,
    2.0**63,
    -0.5,
    1e6,
    99.995,
]
FORMATTED = {
    "duration": ["1s", "1h30m", "-5m", "0s", "nope", "3 days", "1.5h", "2562047h47m16.854775807s", "1us",
    "2 weeks", "+1s"],
    "date-time": [
        "2024-02-29T12:34:56.789Z", "1970-01-01T00:00:00Z", "2020-06-01T00:00:00+02:00", "nope", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z", "2024-03-31T02:30:00+01:00", "2024-01-01t00:00:00z", "0000-12-31T23:00:00Z",
        "1969-12-31T23:59:59.5Z",
    ],
    "date": ["2024-02-29", "1999-12-31", "nope", "0001-01-01", "9999-12-31", "0000-02-29"],
    "byte": ["aGVsbG8=", "", "*", "YQ==", "/+8=", "_-8="],
    "uuid": ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "x"],
    "ipv4": ["1.2.3.4"], "ipv6": ["::1"], "cidr": ["10.0.0.0/8"], "uri": ["/a"], "email": ["a@b"], "hostname": ["a.b"],
    "password": ["x"], "datetime": ["2024-02-29T12:34:56Z"], "mac": ["01:23:45:67:89:ab"], "magic": ["x", ""],
    "k8s-short-name": ["a"], "k8s-long-name": ["a.b"],
}  # fmt: skip
NAMES = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "x-y",
    "namespace",
    "spec",
    "a.b",
    "in",
    "a__b",
    "ä",
    "if",
    "size",
]


class CelSchemas(Choices):
    """Makes schemas and values."""

    def schema(self, depth: int) -> Raw:
        pick = self.rng.random()
        if depth > 0 and pick < 0.2:
            return self.maybe_null(self.object_schema(depth))
        if depth > 0 and pick < 0.38:
            return self.maybe_null(self.list_schema(depth))
        if depth > 0 and pick < 0.48:
            found: Raw = {"type": "object", "additionalProperties": self.schema(depth - 1)}
            return self.maybe_null(found | self.bound("maxProperties"))
        if depth > 0 and pick < 0.49:
            return {"type": "object", "x-kubernetes-preserve-unknown-fields": True} | self.bound(
                "maxProperties"
            )
        kind = self.pick(
            ["string", "string", "integer", "integer", "number", "boolean", "ios", "format", "any"]
        )
        if kind == "any":
            return {"x-kubernetes-preserve-unknown-fields": True}
        if kind == "ios":
            return {"x-kubernetes-int-or-string": True} | self.bound("maxLength")
        if kind == "format":
            name = self.pick(
                ["duration", "date-time", "date", "byte"] if self.chance(0.6) else list(FORMATTED)
            )
            return self.maybe_null({"type": "string", "format": name} | self.bound("maxLength"))
        found = {"type": kind}
        if kind == "string":
            found |= self.bound("maxLength")
            if self.chance(0.1):
                found["enum"] = ["a", "abc", "hello"]
        if self.chance(0.1):
            found["nullable"] = True
        if self.chance(0.1):
            found["default"] = self.value(found)
        return found

    def maybe_null(self, schema: Raw) -> Raw:
        return schema | {"nullable": True} if self.chance(0.08) else schema

    def bound(self, name: str) -> Raw:
        return (
            {name: self.pick([0, 1, 3, 10, 200, 5000, 100_000, 10**9, 2**63 - 1])} if self.chance(0.5) else {}
        )

    def object_schema(self, depth: int) -> Raw:
        names = self.sample(NAMES[:10] if self.chance(0.8) else NAMES, 1, 6)
        found: Raw = {"type": "object", "properties": {name: self.schema(depth - 1) for name in names}}
        if self.chance(0.3):
            found["required"] = [names[0]]
        if self.chance(0.1):
            found["x-kubernetes-embedded-resource"] = True
        if self.chance(0.07):
            found["x-kubernetes-preserve-unknown-fields"] = True
        if self.chance(0.07):
            found["x-kubernetes-map-type"] = self.pick(["atomic", "granular"])
        return found

    def list_schema(self, depth: int) -> Raw:
        found: Raw = {"type": "array", "items": self.schema(depth - 1)} | self.bound("maxItems")
        items = found["items"]
        if items.get("type") in ("string", "integer") and "format" not in items and self.chance(0.3):
            items.pop("nullable", None)
            items.pop("default", None)
            found["x-kubernetes-list-type"] = "set"
        elif items.get("type") == "object" and items.get("properties") and self.chance(0.5):
            items.pop("nullable", None)
            key = next(iter(items["properties"]))
            items["properties"][key] = {"type": "string"}
            items["required"] = [key]
            found |= {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key]}
        elif self.chance(0.1):
            found["x-kubernetes-list-type"] = "atomic"
        return found

    def value(self, schema: Raw) -> Any:
        if schema.get("nullable") and self.chance(0.2):
            return None
        if schema.get("x-kubernetes-int-or-string"):
            return self.pick([*INTS[:6], *STRINGS])
        if "type" not in schema:
            return self.pick([*INTS[:3], *STRINGS[:3], True, 1.5, [1, "a"], {"k": 1}, {"k": [{"l": "m"}]}])
        match schema["type"]:
            case "object" if "additionalProperties" in schema:
                # One key at most: Go walks maps in no order.
                return {"k": self.value(schema["additionalProperties"])} if self.chance(0.8) else {}
            case "object":
                return self._object(schema)
            case "array":
                return self._items(schema)
            case "string":
                if "format" in schema:
                    return self.pick(FORMATTED[schema["format"]])
                return self.pick(schema.get("enum", STRINGS))
            case "integer":
                return self.pick(INTS)
            case "number":
                return self.pick([*DOUBLES, 1, 2])
            case _:
                return self.chance(0.5)

    def _object(self, schema: Raw) -> Raw:
        required = schema.get("required", [])
        found = {
            name: self.value(below)
            for name, below in schema.get("properties", {}).items()
            if name in required or self.chance(0.85)
        }
        if schema.get("x-kubernetes-embedded-resource"):
            found |= {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.pick(STRINGS)}}
        return found

    def _items(self, schema: Raw) -> list[Any]:
        found = [self.value(schema["items"]) for _ in range(self.pick([0, 1, 2, 3]))]
        if schema.get("x-kubernetes-list-type") == "set":
            return list({json.dumps(item): item for item in found}.values())
        if schema.get("x-kubernetes-list-type") == "map":
            key = schema["x-kubernetes-list-map-keys"][0]
            return [{**item, key: f"k{index}"} for index, item in enumerate(found)]
        return found
