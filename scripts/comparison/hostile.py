"""Input that is made to hang, exhaust or crash whoever reads it, and valid input damaged at random."""

from __future__ import annotations

import json
import random
from typing import Any

import yaml

from comparison.choices import Choices
from comparison.definitions import Definitions, nodes
from comparison.values import Values
from opgen.apiextensions.gojson import TOO_LARGE, unfit

Raw = dict[str, Any]
_TOKENS = [
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b"\t", b"{", b"}", b"[", b"]", b": ",
    b"- ", b"&a ",
    b"*a", b"<<: *a", b"!!python/object:os.system ", b"!!binary |", b"!!set {", b"? ", b"---\n", b"...\n",
    b"%YAML 9.9\n",
    b"| \n", b">-\n", b"'", b'"', b"#", b"1e999", b"-0.0", b".nan", b".inf", b"0x1F", b"0o17", b"1_000", b"190:20:30",
    b"2001-01-01", b"~", b"null", b"=", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"NaN", b"Infinity", b"9" * 400,
    b"1" + b"0" * 5000, b"\\u0000", b"\\", b"@", b"`", b",", b"\n", b" " * 50,
]  # fmt: skip
_PATTERNS = [
    "(a+)+$", "((a{1,100}){1,100}){1,100}", "(x+x+)+y", "a{1000}", "(" * 500 + ")" * 500,
    "[" + "a-z" * 5000 + "]", "a|" * 20_000,
    "(?:" * 300 + "a" + ")*" * 300, "\\pL{1000}", "(a?){500}a{500}", ".*" * 2000, "\x00", "[\ud800]",
    "(?i)" * 1000, "\\Q" * 10,
    "^(" + "|".join(f"w{n}" for n in range(5000)) + ")$",
]  # fmt: skip


class Hostile(Choices):
    """Makes hostile definitions, objects, rules and texts."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.makers = Definitions(rng)

    def size(self) -> int:
        return self.pick([10, 100, 1000, 10_000])

    def rule(self) -> str:
        """A validation rule that costs its reader more than it looks."""
        size, few = self.size(), self.rng.randint(2, 60)
        return self.pick([
            "(" * size + "true" + ")" * size,
            "[" * size + "1" + "]" * size + " == []",
            "!" * size + "true",
            "-" * size + "1 == 1",
            "+".join(["1"] * size) + " == 1",
            " && ".join(["self.a == self.a"] * size),
            "true ? " * few + "true" + " : true" * few,
            "self" + ".a" * size + " == 1",
            "self.l" + "[0]" * size + " == 1",
            "self.l.all(x, " * few + "x == x" + ")" * few,
            "self.l.map(x, [x, x])" + ".map(x, [x, x])" * few + ".size() == 1",
            "[" + ",".join(["1"] * size) + "].size() == 1",
            "{" + ",".join(f"{n}: {n}" for n in range(min(size, 3000))) + "}.size() == 1",
            "optional.of(self.a)" + "".join(f".optMap(v{n}, v{n} + v{n})" for n in range(few)) + ".hasValue()",
            "self.s" + ".replace('', 'aa')" * few + " == ''",
            "self.s + self.s" + " + self.s" * size + " == ''",
            f"lists.range({10**self.rng.randint(1, 18)}).map(x, x).size() == 1",
            f"'%.{10**self.rng.randint(1, 9)}f'.format([1.0]) == ''",
            "'" + "%s" * size + "'.format([" + ",".join(["1"] * size) + "]) == ''",
            f"self.s.matches({json.dumps(self.pick(_PATTERNS))})",
            f"quantity('{'9' * size}').add(quantity('1e{size}')).sign() == 1",
            f"{'9' * size} == 1", f"1.{'0' * size}1 == 1.0", f"0x{'f' * size} == 1", f"'{'a' * size}' == ''",
            f"timestamp('{'9' * size}') == timestamp('x')", f"duration('{'1h' * size}') == duration('1s')",
            f"ip('{':' * size}').family() == 4", f"semver('{'9' * size}.0.0').major() == 1",
            f"url('http://{'a' * size}/').getHost() == ''", "\x00", "\ud800",
            '"""' + "\\u0000" * size, "self." + "é" * size,
            "b'" + "\\xff" * size + "' == b''", "self.l.sortBy(x, " * few + "1" + ")" * few + " == []",
            "`" * size, "//" * size,
            "self.all(k, self.all(j, self.all(i, self.all(h, k == j && i == h))))",
            f"self.s.split('').map(x, self.s.split('').map(y, x + y)).size() == {size}",
        ])  # fmt: skip

    def schema(self) -> Any:
        """A schema that is deep, wide or absurd."""
        size = self.size()
        leaf: Any = {"type": "string", "pattern": self.pick(_PATTERNS)}
        match self.pick(
            [
                "deep",
                "wide",
                "junctors",
                "enum",
                "rule",
                "rule",
                "rule",
                "numbers",
                "default",
                "text",
                "pattern",
            ]
        ):
            case "deep":
                return self.deep(size)
            case "wide":
                return {"type": "object", "properties": {f"f{n}": {"type": "string"} for n in range(size)}}
            case "junctors":
                for _ in range(self.rng.randint(1, 14)):
                    leaf = {self.pick(["anyOf", "oneOf", "allOf"]): [leaf, leaf]}
                return {"type": "object", "properties": {"a": {"type": "string"} | leaf}}
            case "enum":
                return {"type": "string", "enum": [f"v{n}" for n in range(size)]}
            case "rule":
                fields: Raw = {
                    "a": {"type": "integer"},
                    "s": {"type": "string"},
                    "l": {"type": "array", "items": {"type": "string"}},
                }
                rules = [{"rule": self.rule()} for _ in range(self.pick([1, 1, 3, 30]))]
                if self.chance(0.2):
                    rules[0]["messageExpression"] = self.rule()
                return {"type": "object", "properties": fields, "x-kubernetes-validations": rules}
            case "numbers":
                keyword = self.pick(
                    ["minimum", "maximum", "multipleOf", "maxLength", "minItems", "maxProperties"]
                )
                value = self.pick([10**400, -(10**400), 1e308, 5e-324, 2**63, -1, 0, 10**5000])
                return {"type": self.pick(["integer", "number", "string", "array", "object"]), keyword: value}
            case "default":
                return {"x-kubernetes-preserve-unknown-fields": True, "default": self.deep_value(size)}
            case "text":
                text = self.pick(
                    ["x" * 1_500_000, "\x00" * size, "\ud800" * size, "é" * 300_000, "\n" * size]
                )
                return {"type": "string", self.pick(["description", "title", "format", "pattern"]): text}
        return leaf

    def deep(self, levels: int) -> Any:
        schema: Any = {"type": "string"}
        keyword = self.pick(["items", "properties", "additionalProperties", "not", "allOf", "anyOf"])
        for _ in range(levels):
            match keyword:
                case "items":
                    schema = {"type": "array", "items": schema}
                case "properties":
                    schema = {"type": "object", "properties": {"a": schema}}
                case "additionalProperties":
                    schema = {"type": "object", "additionalProperties": schema}
                case "not":
                    schema = {"not": schema}
                case _:
                    schema = {keyword: [schema]}
        return schema

    def deep_value(self, levels: int) -> Any:
        value: Any = 1
        for _ in range(levels):
            value = [value] if self.chance(0.5) else {"a": value}
        return value

    def definition(self) -> Raw:
        """A definition with one or more hostile parts."""
        raw = self.makers.definition(0)
        schemas = [version["schema"]["openAPIV3Schema"] for version in raw["spec"]["versions"]]
        sound = [node for schema in schemas for depth, node in nodes(schema) if depth <= 3]
        for _ in range(self.pick([1, 1, 2])):
            if self.chance(0.7):
                self.pick(schemas).setdefault("properties", {})["h"] = self.schema()
            else:
                node = self.pick(sound)
                node.clear()
                hostile = self.schema()
                node.update(hostile if isinstance(hostile, dict) else {})
        if self.chance(0.05):
            raw["metadata"]["annotations"] = {"a" * self.size(): "x" * 300_000}
        if self.chance(0.05):
            raw["spec"]["versions"] = raw["spec"]["versions"] * min(self.size(), 300)
        return raw

    def obj(self, raw: Raw) -> Any:
        """An object of the kind, with something hostile in it."""
        schema = raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        try:
            fields = Values(self.rng).resource(schema, 0.1)
        except (TypeError, KeyError, ValueError, IndexError, AttributeError, RecursionError, OverflowError):
            fields = {}
        head = {
            "apiVersion": f"{raw['spec']['group']}/v1",
            "kind": raw["spec"]["names"]["kind"],
            "metadata": {"name": "o"},
        }
        size = self.size()
        fields[self.pick(["h", "spec", "status", "a"])] = self.pick([
            self.deep_value(size), "x" * 1_000_000, [1] * 100_000, ["a", "b"] * 50_000,
            {f"k{n}": n for n in range(20_000)},
            [{"name": f"n{n}"} for n in range(20_000)], 10**400, 1e308, "\x00", "\ud800", {"\ud800": 1}, "a" * 30 + "!",
            {"l": ["a"] * 2000, "s": "a" * 5000, "a": 1}, {"l": [str(n) for n in range(1000)],
            "s": "x" * 100_000, "a": 2**62},
            list(range(1_000_000)) if self.chance(0.1) else [], float("nan"), float("inf"), -0.0, {"": {"": {"": ""}}},
        ])  # fmt: skip
        if self.chance(0.1):
            head["metadata"] = {
                "name": "o",
                "labels": {f"l{n}": "v" for n in range(size)},
                "finalizers": ["a/b"] * size,
            }
        return head | fields

    def text(self) -> bytes:
        """A file: a bomb, or a definition and an object, damaged."""
        match self.pick(
            [
                "aliases",
                "deep",
                "documents",
                "keys",
                "merge",
                "damaged",
                "damaged",
                "damaged",
                "damaged",
                "damaged",
            ]
        ):
            case "aliases":
                lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
                lines += [
                    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]"
                    for n in range(1, self.rng.randint(3, 30))
                ]
                return "\n".join(lines).encode()
            case "deep":
                opened, closed = self.pick(
                    [("[", "]"), ('{"a":', "}"), ("- ", ""), ("? ", ""), ("!!seq [", "]")]
                )
                return (opened * self.size() + "1" + closed * self.size()).encode()
            case "documents":
                return b"---\na: 1\n" * self.size()
            case "keys":
                return "\n".join(f"k{n % 500}: {n}" for n in range(self.size())).encode()
            case "merge":
                return b"a: &a {b: &b {c: *a}}\nd: {<<: [*a, *b, *a]}\n" + b"e: {<<: *a}\n" * self.size()
        raw = self.definition() if self.chance(0.3) else self.makers.definition(0)
        documents = [raw, self.obj(raw)] if self.chance(0.5) else [raw]
        if any(unfit(document) == TOO_LARGE for document in documents):
            documents = [self.makers.definition(0)]  # as text it would be far beyond what any entry reads
        try:
            if self.chance(0.5):
                text = "\n---\n".join(json.dumps(document) for document in documents).encode()
            else:
                text = yaml.dump_all(documents, Dumper=yaml.CSafeDumper, allow_unicode=True).encode(
                    errors="surrogatepass"
                )
        except (RecursionError, ValueError, yaml.YAMLError):
            text = json.dumps(self.makers.definition(0)).encode()
        return self.damaged(text)

    def damaged(self, text: bytes) -> bytes:
        """The text with a few bytes changed, taken out, doubled or put in."""
        for _ in range(self.pick([0, 1, 1, 2, 5])):
            at = self.rng.randrange(len(text) + 1)
            match self.pick(["token", "token", "cut", "double", "flip"]):
                case "token":
                    text = text[:at] + self.pick(_TOKENS) + text[at:]
                case "cut":
                    text = text[:at] + text[at + self.rng.randint(1, 40) :]
                case "double":
                    text = text[:at] + text[at : at + 200] + text[at:]
                case _:
                    text = text[:at] + bytes([self.rng.randrange(256)]) + text[at + 1 :]
        return text
