"""Random structural schemas that are hard to find samples for, each with an object that satisfies it.

The object is made first; constraints and CEL rules are then written around it and kept where it passes, so a kind
without a sample is one that the search missed. Deterministic by seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from opgen.apiextensions import decode_schema, review_definition, review_object
from opgen.ir.definition import Definition, Names, Version

PATTERNS: list[tuple[str, str]] = [
    (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "web-1"),
    (r"^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", "v1.20.3-rc.1"),
    (r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@-]+$", "arn:aws:iam::123456789012:role/x"),
    (r"^[A-Z_][A-Z0-9_]*$", "MY_VAR"),
    (r"^([0-9]+)(ms|s|m|h)$", "15m"),
    (r"^(\d+|\d+%)$", "25%"),
    (r"^sha256:[a-f0-9]{64}$", "sha256:" + "ab" * 32),
    (r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", "YWJj"),
    (r"^\d{4}-\d{2}-\d{2}$", "2026-01-31"),
    (r"^(tcp|udp)://[^:/]+:\d{1,5}$", "tcp://host:80"),
    (r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "a@b.io"),
    (r"^#[0-9a-fA-F]{6}$", "#a0b1c2"),
    (r"^((\d+|\*)(/\d+)?\s){4}(\d+|\*)(/\d+)?$", "*/5 * * * *"),
    (r"^\+?[1-9]\d{6,14}$", "+4915112345"),
    (r"^/([^/\0]+(/)?)*$", "/a/b"),
    (r"^(ClusterIP|NodePort|LoadBalancer)$", "NodePort"),
    (r"^([a-z]+\.)+[a-z]{2,6}$", "a.example.com"),
    (r"^[^:]+:[^:]+$", "a:b"),
    (r"^([0-9]{1,3}\.){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$", "10.1.2.3/24"),
    (r"(?i)^(true|false)$", "True"),
    (r"^[[:alpha:]][[:alnum:]]{2,7}$", "abc123"),
    (r"^\w+=\w+(,\w+=\w+)*$", "a=b,c=d"),
    (r"^x{3,5}y?z+$", "xxxzz"),
    (r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", "A_b.c"),
    (r"^\p{Lu}\p{Ll}+$", "Abc"),
    (r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$", "00000000-0000-4000-8000-000000000001"),
    (r"^projects/[^/]+/locations/[^/]+/keyRings/[^/]+$", "projects/p/locations/eu/keyRings/k"),
    (r"^(\-)?([0-9]+\.)?[0-9]+e[+-]?[0-9]{1,2}$", "1.5e-3"),
    (r"^\s*$", ""),
    (r"^.{8,}$", "longenough"),
    (r"[a-z]$", "9z"),
]
FORMATS = {
    "byte": "YWJj",
    "date": "2026-03-04",
    "date-time": "2026-03-04T05:06:07Z",
    "email": "x@example.org",
    "hostname": "db.example.org",
    "ipv4": "192.168.3.4",
    "ipv6": "fe80::1",
    "cidr": "192.168.0.0/24",
    "mac": "01:23:45:67:89:ab",
    "uri": "https://x.example.org/p",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "duration": "90s",
    "hexcolor": "#abcdef",
    "password": "secret",
    "ssn": "191-60-2870",
    "isbn10": "0321751043",
    "rgbcolor": "rgb(1,2,3)",
    "creditcard": "4220855426222389",
    "bsonobjectid": "507f1f77bcf86cd799439011",
    "k8s-short-name": "abc",
    "k8s-long-name": "a.b-c",
}
NAMES = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "mode",
    "size",
    "host",
    "path",
    "level",
    "limit",
    "count",
    "target",
    "source",
    "weight",
    "window",
    "owner",
]


@dataclass(frozen=True, slots=True)
class Hard:
    """A kind, an object of it that is valid, and the rules that were written around the object."""

    definition: Definition
    witness: dict[str, Any]
    rules: tuple[str, ...]


class Maker:
    """Makes one schema and its object from a seed."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.rules: list[str] = []

    def make(self) -> Hard | None:
        spec, value = self.object(3, top=True)
        root: dict[str, Any] = {"type": "object", "properties": {"spec": spec}}
        if self.r.random() < 0.7:
            root["required"] = ["spec"]
        name = self.r.choice(["web-1", "a", "my-widget"])
        obj: dict[str, Any] = {
            "apiVersion": "hard.example.com/v1",
            "kind": "Hard",
            "metadata": {"name": name},
            "spec": value,
        }
        if self.r.random() < 0.2:
            rule = self.r.choice(
                [
                    "self.metadata.name.size() <= 9",
                    f"self.metadata.name.startsWith('{name[:2]}')",
                    f"self.metadata.name == '{name}'",
                    "self.metadata.name.matches('^[a-z].*[a-z0-9]$')",
                ]
            )
            root["x-kubernetes-validations"] = [{"rule": rule}]
            self.rules.append(rule)
        definition = defined(root)
        if definition is None or not review_definition(definition).allowed:
            return None
        return Hard(definition, obj, tuple(self.rules)) if review_object(definition, obj).allowed else None

    def any(self, depth: int) -> tuple[dict[str, Any], Any]:
        kinds = [
            "pattern",
            "format",
            "length",
            "enum",
            "integer",
            "integer",
            "number",
            "boolean",
            "int-or-string",
        ]
        if depth > 0:
            kinds += ["list", "set", "keyed", "map", "object", "object", "union", "open"]
        return getattr(self, "make_" + self.r.choice(kinds).replace("-", "_"))(depth)  # type: ignore[no-any-return]

    def make_pattern(self, _: int) -> tuple[dict[str, Any], Any]:
        pattern, value = self.r.choice(PATTERNS)
        schema: dict[str, Any] = {
            "type": "string",
            "pattern": pattern,
            "maxLength": max(len(value), 8) + self.r.randint(0, 60),
        }
        if self.r.random() < 0.3:
            schema["minLength"] = self.r.randint(0, len(value))
        return schema, value

    def make_format(self, _: int) -> tuple[dict[str, Any], Any]:
        name = self.r.choice(list(FORMATS))
        return {"type": "string", "format": name, "maxLength": 64}, FORMATS[name]

    def make_length(self, _: int) -> tuple[dict[str, Any], Any]:
        value = "".join(self.r.choice("abcxyz-19") for _ in range(self.r.randint(1, 30)))
        return {
            "type": "string",
            "minLength": max(0, len(value) - 2),
            "maxLength": len(value) + self.r.randint(0, 9),
        }, value

    def make_enum(self, _: int) -> tuple[dict[str, Any], Any]:
        values = self.r.sample(["A", "B", "fast", "slow", "x1", "", "On"], self.r.randint(1, 5))
        return {"type": "string", "enum": values}, self.r.choice(values)

    def make_integer(self, _: int) -> tuple[dict[str, Any], Any]:
        step = self.r.choice([1, 1, 1, 3, 7, 64])
        value = self.r.randint(-40, 400) * step
        schema: dict[str, Any] = {
            "type": "integer",
            "minimum": value - self.r.randint(0, 60),
            "maximum": value + self.r.randint(0, 60),
        }
        if step > 1:
            schema["multipleOf"] = step
        return schema, value

    def make_number(self, _: int) -> tuple[dict[str, Any], Any]:
        value = self.r.choice([0.25, 12.5, -3.75, 99.9])
        return {"type": "number", "minimum": value, "maximum": value + 0.2, "exclusiveMaximum": True}, value

    def make_boolean(self, _: int) -> tuple[dict[str, Any], Any]:
        return {"type": "boolean"}, self.r.random() < 0.5

    def make_int_or_string(self, _: int) -> tuple[dict[str, Any], Any]:
        schema: dict[str, Any] = {"x-kubernetes-int-or-string": True, "pattern": "^[0-9]{1,2}%$"}
        return schema, self.r.choice(["50%", 3])

    def make_list(self, depth: int) -> tuple[dict[str, Any], Any]:
        item, value = self.any(depth - 1)
        count = self.r.randint(0, 4)
        return {"type": "array", "items": item, "minItems": max(0, count - 1), "maxItems": count + 2}, [
            value
        ] * count

    def make_set(self, _: int) -> tuple[dict[str, Any], Any]:
        values = self.r.sample(["a", "ab", "abc", "x", "xy", "xyz"], self.r.randint(1, 4))
        item = {"type": "string", "maxLength": 5}
        schema = {
            "type": "array",
            "items": item,
            "x-kubernetes-list-type": "set",
            "minItems": len(values) - 1,
            "maxItems": 6,
        }
        return schema, values

    def make_keyed(self, depth: int) -> tuple[dict[str, Any], Any]:
        item, value = self.object(depth - 1)
        item["properties"]["name"] = {"type": "string", "maxLength": 9}
        item["required"] = sorted({*item.get("required", ()), "name"})
        values = [
            {**value, "name": name} for name in self.r.sample(["one", "two", "three"], self.r.randint(1, 3))
        ]
        keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}
        return {"type": "array", "items": item, **keys, "minItems": len(values), "maxItems": 5}, values

    def make_map(self, depth: int) -> tuple[dict[str, Any], Any]:
        item, value = self.any(depth - 1)
        count = self.r.randint(0, 3)
        schema = {
            "type": "object",
            "additionalProperties": item,
            "minProperties": count,
            "maxProperties": count + 1,
        }
        return schema, {f"key-{number}": value for number in range(count)}

    def make_object(self, depth: int) -> tuple[dict[str, Any], Any]:
        return self.object(depth - 1)

    def make_open(self, _: int) -> tuple[dict[str, Any], Any]:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}, {"any": [1]}

    def make_union(self, depth: int) -> tuple[dict[str, Any], Any]:
        schema, value = self.object(depth - 1, count=3)
        names = sorted(schema["properties"])
        schema.pop("required", None)
        one = self.r.choice(names)
        kind = self.r.choice(["oneOf", "anyOf", "not", "tag"])
        if kind == "not":
            schema["not"] = {"required": names[:2]}
            value.pop(names[0], None)
        elif kind == "tag":
            schema["properties"]["kind"] = {"type": "string", "enum": names}
            schema["oneOf"] = [
                {"properties": {"kind": {"enum": [name]}}, "required": ["kind", name]} for name in names
            ]
            value = {"kind": one, one: value.get(one, self.default(schema["properties"][one]))}
        else:
            schema[kind] = [{"required": [name]} for name in names]
            value = {one: value[one]} if one in value else value
        return schema, value

    def default(self, schema: dict[str, Any]) -> Any:
        return {"string": "", "integer": 0, "boolean": False}.get(schema.get("type", ""))

    def object(self, depth: int, *, top: bool = False, count: int = 0) -> tuple[dict[str, Any], Any]:
        names = self.r.sample(NAMES, count or self.r.randint(2, 6 if top else 4))
        properties: dict[str, Any] = {}
        value: dict[str, Any] = {}
        required = []
        for name in names:
            properties[name], made = self.any(depth if depth > 0 else 0)
            if self.r.random() < 0.75:
                value[name] = made
                if self.r.random() < 0.4:
                    required.append(name)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        self.constrain(schema, value)
        return schema, value

    def constrain(self, schema: dict[str, Any], value: dict[str, Any]) -> None:
        """Rules around the value: each is kept where the value passes and the definition is taken."""
        kept: list[dict[str, Any]] = []
        for _ in range(self.r.choice([0, 0, 1, 1, 2, 3])):
            rule = self.rule(schema["properties"], value)
            if rule is None:
                continue
            entry: dict[str, Any] = {"rule": rule}
            if self.r.random() < 0.2:
                entry["messageExpression"] = "'wrong: ' + string(1 + 1)"
            trial = {**schema, "x-kubernetes-validations": [*kept, entry]}
            definition = defined({"type": "object", "properties": {"spec": trial}})
            obj: dict[str, Any] = {
                "apiVersion": "hard.example.com/v1",
                "kind": "Hard",
                "metadata": {"name": "a"},
                "spec": value,
            }
            if (
                definition is not None
                and review_definition(definition).allowed
                and review_object(definition, obj).allowed
            ):
                kept.append(entry)
                self.rules.append(rule)
        if kept:
            schema["x-kubernetes-validations"] = kept

    def rule(self, properties: dict[str, Any], value: dict[str, Any]) -> str | None:
        found = [made for made in self.rules_of(properties, value) if made]
        return self.r.choice(found) if found else None

    def rules_of(self, properties: dict[str, Any], value: dict[str, Any]) -> list[str]:
        """Rules that speak of fields by what the value holds; each guarded where the field may be absent."""
        found: list[str] = []
        names = sorted(properties)
        for name in names:
            here, schema = value.get(name), properties[name]
            guard = f"!has(self.{name}) || " if self.r.random() < 0.5 else f"has(self.{name}) && "
            found += [guard + made for made in self.about(f"self.{name}", schema, here)]
            if isinstance(here, dict) and schema.get("properties"):
                for inner, below in schema["properties"].items():
                    if inner in here:
                        found += [
                            f"{guard}has(self.{name}.{inner}) && {made}"
                            for made in self.about(f"self.{name}.{inner}", below, here[inner])
                        ]
        for first, second in [self.r.sample(names, 2) for _ in range(4)] if len(names) > 1 else []:
            found += self.between(first, second, properties, value)
        if len(names) > 2:
            a, b, c = self.r.sample(names, 3)
            found.append(
                f"[has(self.{a}), has(self.{b}), has(self.{c})].filter(x, x).size() == "
                f"{sum(n in value for n in (a, b, c))}"
            )
            found.append(f"has(self.{a}) ? has(self.{b}) : !has(self.{c})")
        return found

    def between(self, a: str, b: str, properties: dict[str, Any], value: dict[str, Any]) -> list[str]:
        found = [
            f"has(self.{a}) != has(self.{b})",
            f"has(self.{a}) == has(self.{b})",
            f"!(has(self.{a}) && has(self.{b}))",
            f"!has(self.{a}) || has(self.{b})",
            f"has(self.{a}) || has(self.{b})",
        ]
        kinds = (properties[a].get("type"), properties[b].get("type"))
        if a in value and b in value:
            both = f"has(self.{a}) && has(self.{b}) && "
            either = f"!has(self.{a}) || !has(self.{b}) || "
            if kinds == ("integer", "integer"):
                total = value[a] + value[b]
                found += [
                    f"{either}self.{a} <= self.{b}",
                    f"{both}self.{a} + self.{b} == {total}",
                    f"{either}self.{a} > self.{b}",
                    f"{both}self.{a} * 2 >= self.{b}",
                    f"{either}self.{a} != self.{b}",
                ]
            elif kinds == ("string", "string"):
                found += [f"{either}self.{a} != self.{b}", f"{either}self.{a}.size() <= self.{b}.size()"]
            elif kinds == ("array", "integer"):
                found += [f"{either}size(self.{a}) <= self.{b}", f"{both}size(self.{a}) == self.{b}"]
            elif kinds == ("array", "array"):
                found += [
                    f"{either}size(self.{a}) <= size(self.{b})",
                    f"{both}size(self.{a}) == size(self.{b})",
                ]
            elif kinds[0] == "string" and kinds[1] == "integer":
                found.append(f"self.{a} == '{value[a]}' ? self.{b} == {value[b]} : true")
        if kinds[0] == "string" and a in value and "'" not in value[a] and "\\" not in value[a]:
            there = "has" if b in value else "!has"
            found += [
                f"has(self.{a}) && self.{a} == '{value[a]}' ? {there}(self.{b}) : true",
                f"(has(self.{a}) && self.{a} == '{value[a]}') == has(self.{b})",
            ]
        return found

    def about(self, path: str, schema: dict[str, Any], value: Any) -> list[str]:
        if isinstance(value, bool):
            return [path if value else f"!{path}"]
        if isinstance(value, str) and schema.get("type") == "string":
            return self.about_text(path, schema, value)
        if isinstance(value, int) and schema.get("type") == "integer":
            return [
                f"{path} >= {value}",
                f"{path} < {value + 1}",
                f"{path} % 5 == {value % 5}" if value >= 0 else "",
                f"{path} == {value}",
                f"{path} in [{value}, {value + 100}, {value - 77}]",
                f"{path} != {value + 1}",
            ]
        if isinstance(value, list):
            return self.about_list(path, schema, value)
        if isinstance(value, dict) and "additionalProperties" in schema:
            return [
                f"{path}.all(k, k.startsWith('key'))",
                f"{path}.all(k, k.matches('^[a-z]+-[0-9]$'))",
                f"'key-0' in {path}",
                f"size({path}) == {len(value)}",
                f"{path}.exists(k, k.endsWith('1'))",
            ]
        return []

    def about_text(self, path: str, schema: dict[str, Any], value: str) -> list[str]:
        if schema.get("format") in ("date", "date-time"):
            return [f"{path} > timestamp('2026-02-01T00:00:00Z')", f"{path}.getFullYear() == 2026"]
        if schema.get("format") == "duration":
            return [f"{path} > duration('60s')", f"{path} == duration('90s')"]
        if any(c in value for c in "'\\\n") or schema.get("format") == "byte":
            return []
        found = [
            f"{path}.startsWith('{value[:2]}')",
            f"{path}.endsWith('{value[-2:]}')",
            f"{path}.contains('{value[1:3]}')",
            f"{path} == '{value}'",
            f"{path}.size() == {len(value)}",
            f"size({path}) > {len(value) - 1}",
            f"{path} != 'example'",
            f"{path} in ['{value}', 'other']",
            f"{path}.lowerAscii() == {path}",
            f"{path}.matches('^[^%]*$')",
            f"{path}.split('-').size() == {len(value.split('-'))}",
            f"!{path}.contains('xample')",
            f"{path}.replace('a', '') != {path}",
        ]
        if value.startswith("http"):
            found += [
                f"isURL({path}) && url({path}).getScheme() == 'https'",
                f"url({path}).getHost() == 'x.example.org'",
            ]
        if schema.get("format") in ("ipv4", "ipv6"):
            found += [f"ip({path}).family() == {4 if '.' in value else 6}", f"!ip({path}).isLoopback()"]
        if schema.get("format") == "cidr":
            found += [f"cidr({path}).prefixLength() == 24", f"cidr({path}).containsIP('192.168.0.9')"]
        if value.isdigit():
            found.append(f"int({path}) >= {int(value)}")
        return found

    def about_list(self, path: str, schema: dict[str, Any], value: list[Any]) -> list[str]:
        found = [f"size({path}) == {len(value)}", f"{path}.size() >= {len(value)}"]
        item = schema.get("items", {})
        if value and item.get("type") == "string" and not any(c in str(v) for v in value for c in "'\\\n"):
            first = value[0]
            found += [
                f"{path}.all(x, x.startsWith('{first[:1]}'))",
                f"{path}.exists(x, x == '{first}')",
                f"'{first}' in {path}",
                f"{path}.exists_one(x, x.size() == {len(first)})",
                f"{path}[0] == '{first}'",
                f"{path}.all(x, x.size() > 0)",
                f"{path}.isSorted()",
                f"{path}.all(x, x in ['{first}', '{value[-1]}'])",
                f"{path}.all(x, {path}.exists_one(y, y == x))",
                f"!{path}.exists(x, x == 'example')",
            ]
        if value and item.get("type") == "integer":
            found += [
                f"{path}.sum() == {sum(value)}",
                f"{path}.all(x, x >= {min(value)})",
                f"{path}.max() == {max(value)}",
            ]
        if value and item.get("type") == "object":
            for name, below in item.get("properties", {}).items():
                if below.get("type") == "integer" and all(name in v for v in value):
                    found.append(
                        f"{path}.all(x, has(x.{name})) && "
                        f"{path}.map(x, x.{name}).sum() == {sum(v[name] for v in value)}"
                    )
                if (
                    below.get("type") == "string"
                    and all(name in v for v in value)
                    and "'" not in value[0][name]
                ):
                    found.append(f"{path}.exists(x, has(x.{name}) && x.{name} == '{value[0][name]}')")
                    found.append(f"{path}.exists_one(x, has(x.{name}) && x.{name} == '{value[0][name]}')")
                found.append(f"{path}.all(x, has(x.{name}))")
                found.append(f"{path}.filter(x, has(x.{name})).size() <= 1")
        return found


def defined(root: dict[str, Any]) -> Definition | None:
    """The kind whose objects have that schema; None where it can't be decoded."""
    schema, _ = decode_schema(root)
    if schema is None:
        return None
    version = Version(name="v1", served=True, storage=True, schema=schema)
    names = Names("hards", "hard", "Hard", "HardList")
    metadata: dict[str, Any] = {"name": "hards.hard.example.com"}
    return Definition(
        "hards.hard.example.com", "hard.example.com", names, "Namespaced", (version,), metadata=metadata
    )


def hard_schemas(count: int, seed: int) -> list[Hard]:
    """`count` kinds with at least one constraint each, from seeds `seed`, `seed + 1` and on."""
    found: list[Hard] = []
    while len(found) < count:
        made = Maker(seed).make()
        seed += 1
        if made is not None:
            found.append(made)
    return found
