"""Random validation rules over random schemas, typed for the most part, some of them broken on purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

from comparison.cel_schemas import CelSchemas
from comparison.cel_templates import HINTS, SIMPLE, literal, templates
from comparison.choices import Choices

Raw = dict[str, Any]
_ESCAPES = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_RESERVED = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
]
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


class Rules(Choices):
    """Makes expressions of a wanted type over the fields of a schema, which is `self`."""

    def __init__(self, rng: random.Random, schema: Raw) -> None:
        super().__init__(rng)
        self.scope: list[tuple[str, str, Raw]] = []
        self.collect("self", schema, 4)
        self.names = 0

    def collect(self, path: str, schema: Raw, depth: int) -> None:
        """Take `path` and what lies below it into the scope."""
        self.scope.append((path, kind_of(schema), schema))
        if depth == 0:
            return
        if schema.get("x-kubernetes-embedded-resource"):
            for name in ("kind", "apiVersion", "metadata.name", "metadata.generateName"):
                self.scope.append((f"{path}.{name}", "string", {"type": "string"}))
        for name, child in schema.get("properties", {}).items():
            escaped = identifier(name)
            if escaped:
                self.collect(f"{path}.{escaped}", child, depth - 1)
        if schema.get("type") == "array" and self.chance(0.4):
            self.collect(f"{path}[{self.pick([0, 0, 1])}]", schema["items"], depth - 1)
        if isinstance(schema.get("additionalProperties"), dict) and self.chance(0.6):
            self.collect(self.pick([f"{path}['k']", f"{path}.k"]), schema["additionalProperties"], depth - 1)

    def rule(self) -> str:
        """An expression of type bool, or what is left of one."""
        text = self.expr("bool", self.pick([2, 3, 3, 4]))
        return self.broken(text) if self.chance(0.05) else text

    def broken(self, text: str) -> str:
        """The text with some characters too many or too few."""
        at = self.rng.randrange(len(text) + 1)
        if self.chance(0.5) and text:
            return text[:at] + text[at + self.rng.randint(1, 3) :]
        added = self.pick(
            ["$", ")", "(", " . ", " && ", "]", ",", "'", " in ", "?", "1", "`", "//", '"""', "\\", "u", "é"]
        )
        return text[:at] + added + text[at:]

    def expr(self, kind: str, depth: int) -> str:
        """An expression that mostly has this type."""
        if self.chance(0.012):
            kind = self.pick(SIMPLE)
        known = [path for path, found, _ in self.scope if found == kind]
        pick = self.rng.random()
        if known and (pick < 0.4 or depth <= 0):
            return self.pick(known)
        if depth <= 0:
            return literal(kind, self.rng)
        if pick < 0.43:
            branches = f"{self.expr(kind, depth - 1)} : {self.expr(kind, depth - 1)}"
            return f"({self.expr('bool', depth - 1)} ? {branches})"
        if pick < 0.45:
            return f"dyn({self.expr(kind, depth - 1)})"
        if pick < 0.48 and kind != "bool":
            return f"optional.of({self.expr(kind, depth - 1)}).orValue({self.expr(kind, depth - 1)})"
        if pick < 0.52 and known:
            return f"{self.optional(self.pick(known))}.orValue({self.expr(kind, depth - 1)})"
        makers = templates().get(kind.partition("(")[0])
        if not makers or self.chance(0.04):
            return literal(kind, self.rng)
        return self.fill(self.pick(makers), kind, depth)

    def optional(self, path: str) -> str:
        """A path as an optional."""
        head, dot, last = path.rpartition(".")
        if dot and last.isidentifier():
            return f"{head}.?{last}"
        return f"{path[:-1].replace('[', '[?')}]" if path.endswith("]") else f"optional.of({path})"

    def fill(self, template: str, kind: str, depth: int) -> str:
        """The template with its holes filled."""
        head, _, rest = kind.partition("(")
        inner = rest[:-1]
        text = template
        if head == "map":
            text = text.replace("<V>", f"<{inner.split(', ', 1)[1]}>").replace(
                "(V)", f"({inner.split(', ', 1)[1]})"
            )
            text = text.replace("<in V>", f"<in {inner.split(', ', 1)[1]}>").replace(
                ", V)", f", {inner.split(', ', 1)[1]})"
            )
        if "<each" in text:
            return self.loop(text, inner, depth)
        text = self.holes(text, inner).replace("<self>", f"<{kind}>")
        return re.sub(r"<([^<>]+)>", lambda found: self.hole(found[1], depth), text)

    def holes(self, text: str, inner: str) -> str:
        """`T` and `?` in holes replaced by types."""
        text = text.replace("<T>", f"<{inner}>").replace("(T)", f"({inner})").replace(", T)", f", {inner})")
        if "<?>" in text or "(?)" in text or ", ?)" in text:
            other = self.pick(SIMPLE)
            text = (
                text.replace("<?>", f"<{other}>").replace("(?)", f"({other})").replace(", ?)", f", {other})")
            )
        return text

    def hole(self, what: str, depth: int) -> str:
        """What stands in one hole."""
        if what.startswith("hint "):
            if self.chance(0.35):
                return self.expr("string", depth - 1)
            return repr(self.pick(HINTS[what[5:]]))
        if what == "few":
            return self.pick(["0", "3", "7", "-1"])
        if what in ("path", "optional path"):
            paths = [path for path, _, _ in self.scope if "." in path] or ["self.a"]
            path = self.pick(paths)
            return self.optional(path) if what != "path" else path
        return self.expr(what, depth - 1)

    def loop(self, template: str, inner: str, depth: int) -> str:
        """A macro over a list or map of the scope, or over one made for it."""
        kinds = [entry for entry in self.scope if entry[1].startswith(("list(", "map("))]
        path, found, schema = self.pick(kinds) if kinds else ("[1, 2, 3]", "list(int)", {})
        if "<each T>" in template:
            found, schema = f"list({inner})", {}
            path = self.expr(found, depth - 1)
        elif self.chance(0.2):
            found, schema = (
                self.pick(["list(string)", "list(int)", "map(string, int)", "map(int, string)"]),
                {},
            )
            path = self.expr(found, depth - 1)
        is_list = found.startswith("list(")
        element = found[5:-1] if is_list else found[4:-1].split(", ")[0]
        self.names += 1
        name, second = f"v{self.names}", f"w{self.names}"
        text = re.sub(r"<each[^>]*>", lambda _: path, template).replace("<v>", name).replace("<w>", second)
        before = len(self.scope)
        below = schema.get("items", schema.get("additionalProperties"))
        if "<w>" in template:
            self.scope.append((name, "int" if is_list else element, {}))
            name = second
            element = element if is_list else found[:-1].split(", ", 1)[1]
        if isinstance(below, dict) and ("<w>" in template or is_list):
            self.collect(name, below, 3)
        else:
            self.scope.append((name, element, {}))
        text = self.holes(text, inner).replace("<in T>", f"<in {inner}>")
        text = re.sub(r"<in ([^<>]+)>", lambda part: self.expr(part[1], depth - 2), text)
        text = re.sub(r"<([^<>]+)>", lambda part: self.hole(part[1], depth), text)
        del self.scope[before:]
        return text

    def validation(self) -> Raw:
        """One entry of x-kubernetes-validations."""
        entry: Raw = {"rule": self.rule()}
        if self.chance(0.2):
            entry["messageExpression"] = self.expr("string", 2)
        if self.chance(0.1):
            entry["rule"] = entry["rule"].replace("self", "oldSelf", 1)
        elif self.chance(0.05):
            entry |= {"rule": entry["rule"].replace("self.", "oldSelf.?", 1), "optionalOldSelf": True}
        return entry


def identifier(name: str) -> str:
    """A property's name in CEL, "" where it has none."""
    if name in _RESERVED:
        return f"__{name}__"
    for text, escape in _ESCAPES.items():
        name = name.replace(text, escape) if text != "__" else name.replace("__", escape)
    return name if _NAME.match(name) else ""


def kind_of(schema: Raw) -> str:
    """A schema's type as the generator names types; objects get a name of their own that nothing makes."""
    if schema.get("x-kubernetes-int-or-string") or "type" not in schema:
        return "dyn"
    rest = schema.get("additionalProperties")
    match schema["type"]:
        case "array":
            return f"list({kind_of(schema['items'])})"
        case "object" if rest is not None:
            return f"map(string, {kind_of(rest) if isinstance(rest, dict) else 'dyn'})"
        case "object":
            return "object"
        case "string":
            formats = {"date": "timestamp", "date-time": "timestamp", "duration": "duration", "byte": "bytes"}
            return formats.get(schema.get("format", ""), "string")
        case kind:
            return {"integer": "int", "number": "double", "boolean": "bool"}[kind]


def cases(seed: int, rules: int) -> Iterator[Raw]:
    """Questions to the oracle: schemas with five rules each, an object, sometimes an old one."""
    for index in range(rules // 5):
        rng = random.Random(f"{seed}-{index}")
        schemas = CelSchemas(rng)
        schema = schemas.object_schema(3)
        place = rng.choice(["", "spec", "spec", "spec", "fields", "items", "values", "keyed"])
        if not place:
            schema["x-kubernetes-embedded-resource"] = True
        maker = Rules(rng, schema)
        schema["x-kubernetes-validations"] = [maker.validation() for _ in range(5)]
        case = {"schema": placed(schema, place), "self": around(schemas.value(schema), place)}
        if rng.random() < 0.3:
            case["oldSelf"] = around(schemas.value(schema), place)
        yield case


def placed(schema: Raw, place: str) -> Raw:
    """A resource's schema with `schema` somewhere in it."""
    if not place:
        return {name: value for name, value in schema.items() if name != "x-kubernetes-embedded-resource"}
    keyed = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "x": schema}}
    below = {
        "spec": schema,
        "fields": {"type": "object", "properties": {"a": schema}},
        "items": {"type": "array", "maxItems": 5, "items": schema},
        "values": {"type": "object", "maxProperties": 5, "additionalProperties": schema},
        "keyed": {
            "type": "array", "maxItems": 3, "items": keyed,
            "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["id"],
        },
    }  # fmt: skip
    return {"type": "object", "properties": {"spec": below[place]}}


def around(value: Any, place: str) -> Any:
    """An object with `value` where `placed` has its schema."""
    if not place:
        return value
    below = {"spec": value, "fields": {"a": value}, "items": [value], "values": {"x": value}}
    return {"spec": below.get(place, [{"id": "1", "x": value}])}
