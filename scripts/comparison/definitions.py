"""Random definitions: several versions, rules, subresources, columns; mutations of them; repair of refused ones."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from comparison.cel_rules import Rules
from comparison.choices import Choices
from comparison.structural import Schemas
from comparison.texts import FORMATS, PATTERNS
from comparison.values import JUNK
from opgen.apiextensions.errors import FieldError

Raw = dict[str, Any]
GROUP = "fidelity.example.com"
_COMPARES_WHOLE = re.compile(r"(oldSelf|oldSelf\.value\(\)|\bself)\s*([!=]=|,|\])")
_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")
_KEYWORDS: dict[str, list[Any]] = {
    "type": ["object", "array", "string", "integer", "number", "boolean", "null", "", 5, ["string"]],
    "format": ["int32", "date", "x", ""],
    "nullable": [True, "x"],
    "default": [None, 1, "a", {}, [], {"z": 1}, [None]],
    "enum": [[], [1], ["a", None], ["a", "a"], "a", [[1]], [{"a": 1}]],
    "minimum": [5, 1.5, "1", -1e30],
    "maximum": [0, 1e30, None],
    "exclusiveMinimum": [True, 1],
    "multipleOf": [0, -1, 0.1, 2],
    "minLength": [-1, 3, 1.5],
    "maxLength": [0, 2**63 - 1, "5"],
    "pattern": ["^a", "(", "(?=a)", "a++", r"\Z", "[[:alpha:]]", r"\pL", "", r"\C", "(?<n>a)", "a{1001}", "[b-a]",
    r"\8",
    "(?P<n>a)(?P<n>b)", "x{2,1}", "(?i", "[[:x:]]", r"\p{Xx}", "a**", r"\x{110000}", "(?z)", "]", "{1}", "*", "\\"],
    "items": [{"type": "string"}, {}, [], [{"type": "string"}], True],
    "additionalItems": [{"type": "string"}, True],
    "minItems": [0, -1, 3],
    "maxItems": [0, 2, -1],
    "uniqueItems": [True, False],
    "properties": [{}, {"a": {}}, {"a": {"type": "string"}}, {"metadata": {"type": "object",
    "properties": {"labels": {}}}}],
    "additionalProperties": [True, False, {"type": "string"}, {}],
    "required": [["a"], ["zz"], [], ["a", "a"], "a"],
    "maxProperties": [0, 1],
    "allOf": [[{"required": ["a"]}], [{"type": "string"}], [{}], []],
    "anyOf": [
        [{"type": "integer"}, {"type": "string"}], [{"type": "string"}, {"type": "integer"}],
        [{"description": "x"}],
        [{"nullable": True}], [{"properties": {"zz": {"minLength": 1}}}],
        [{"properties": {"zz": {"type": "string"}}}],
    ],
    "oneOf": [[{"default": 1}], [{"x-kubernetes-preserve-unknown-fields": True}], [{"required": ["a"]}]],
    "not": [{"required": ["b"]}, {}, {"additionalProperties": {}}, {"items": {"minimum": 1}}],
    "x-kubernetes-preserve-unknown-fields": [True, False],
    "x-kubernetes-embedded-resource": [True, False],
    "x-kubernetes-int-or-string": [True, False],
    "x-kubernetes-list-type": ["set", "map", "atomic", "x", ""],
    "x-kubernetes-list-map-keys": [["a"], ["name"], ["zz"], [], ["a", "a"], ["name", "type"]],
    "x-kubernetes-map-type": ["atomic", "granular", "x"],
    "x-kubernetes-validations": [
        [{"rule": "true"}], [{"rule": ""}], [{"rule": "self.zz"}], [{"rule": "self == oldSelf"}], [{"rule": "1"}],
        [{"rule": "true", "message": "a\nb"}], [{"rule": "true\n&& true"}], [{"rule": "true", "message": "  "}],
        [{"rule": "true", "messageExpression": "1"}], [{"rule": "true", "messageExpression": "'x'",
        "message": "m"}],
        [{"rule": "true", "reason": "FieldValueRequired", "fieldPath": ".a"}], [{"rule": "true", "reason": "x"}],
        [{"rule": "true", "fieldPath": ".zz"}], [{"rule": "true", "fieldPath": "a"}], [{"rule": "true",
        "fieldPath": ".a[0]"}],
        [{"rule": "true", "optionalOldSelf": True}], [{"rule": "true", "message": "x" * 2049}],
        [{"rule": "oldSelf.hasValue()", "optionalOldSelf": True}], [{"rule": "self.all(x, x.all(y, y == y))"}],
    ],
    "$ref": ["#/x"], "id": ["x"], "$schema": ["x"], "definitions": [{"a": {}}], "dependencies": [{"a": ["b"]}],
    "patternProperties": [{"a": {}}], "const": [1], "readOnly": [True], "title": ["T"], "description": ["D", 1],
    "externalDocs": [{"url": "u"}], "example": [1],
}  # fmt: skip
_SPEC: list[tuple[tuple[Any, ...], list[Any]]] = [
    (("scope",), ["Cluster", "Namespaced", "x", ""]),
    (("group",), ["x", "a.k8s.io", "A.b", ""]),
    (("names", "kind"), ["lower", "a b", "", "KList"]),
    (("names", "plural"), ["X", "a.b", ""]),
    (("names", "singular"), ["x", "X", ""]),
    (("names", "listKind"), ["K", "x y"]),
    (("names", "shortNames"), [["a"], ["A"], ["a", "a"], [""]]),
    (("names", "categories"), [["all"], ["A"], []]),
    (("preserveUnknownFields",), [True, False]),
    (("conversion",), [
        {"strategy": "None"}, {"strategy": "x"}, {"strategy": "Webhook"}, {},
        {"strategy": "None", "webhook": {"conversionReviewVersions": ["v1"]}},
        {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://a/b"},
        "conversionReviewVersions": ["v1"]}},
        {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "http://a"},
        "conversionReviewVersions": ["v2"]}},
        {"strategy": "Webhook", "webhook": {
            "clientConfig": {"service": {"name": "n", "namespace": "d", "port": 0}}, "conversionReviewVersions": [],
        }},
    ]),
    (("versions", 0, "name"), ["V1", "v1", "", "1v", "foo-10"]),
    (("versions", 0, "served"), [False, None]),
    (("versions", 0, "storage"), [False, True]),
    (("versions", 0, "schema"), [None, {}, {"openAPIV3Schema": None}, {"openAPIV3Schema": {"type": "string"}}]),
    (("versions", 0, "deprecated"), [True]),
    (("versions", 0, "deprecationWarning"), ["x", "", "a\nb", "x" * 257]),
    (("versions", 0, "subresources"), [
        {}, {"status": {}}, {"scale": {}}, {"scale": {"specReplicasPath": ".spec.a",
        "statusReplicasPath": ".spec.b"}},
        {"scale": {"specReplicasPath": "spec.a", "statusReplicasPath": ".status.b",
        "labelSelectorPath": ".metadata.x"}},
        {"scale": {"specReplicasPath": ".spec.a[0]", "statusReplicasPath": ".status.b",
        "labelSelectorPath": ".spec.x"}},
    ]),
    (("versions", 0, "additionalPrinterColumns"), [
        [], [{"name": "a", "type": "string", "jsonPath": ".spec"}], [{"name": "", "type": "x", "jsonPath": "spec"}],
        [{"name": "a", "type": "date", "format": "x", "priority": -1, "jsonPath": ".a[?(@.b)]"}],
        [{"name": "a", "type": "integer", "jsonPath": "{.a}"}, {"name": "a", "type": "number",
        "jsonPath": ".a\\.b"}],
    ]),
    (("versions", 0, "selectableFields"), [
        [], [{"jsonPath": ".spec.a"}], [{"jsonPath": ".zz"}], [{"jsonPath": ".spec"}], [{"jsonPath": "spec.a"}],
        [{"jsonPath": ".metadata.name"}], [{"jsonPath": ".spec.a"}] * 2,
        [{"jsonPath": f".spec.f{n}"} for n in range(9)],
    ]),
]  # fmt: skip


class Definitions(Choices):
    """Makes definitions of kinds called after a number."""

    def __init__(self, rng: random.Random, *, rules: float = 0.45) -> None:
        super().__init__(rng)
        self.schemas = Schemas(rng)
        self._rules = rules

    def definition(self, number: int) -> Raw:
        """A definition that the server takes, most likely."""
        count = self.pick([1, 1, 1, 2, 2, 3])
        first = self.schemas.root()
        storage = self.rng.randrange(count)
        versions = []
        for index in range(count):
            schema = first if index == 0 or self.chance(0.4) else self._variant(first)
            if index and schema is first:
                schema = json.loads(json.dumps(first))
            versions.append(self._version(f"v{index + 1}", schema, storage=index == storage))
        spec: Raw = {
            "group": GROUP,
            "names": {"plural": f"k{number}s", "kind": f"K{number}"},
            "scope": "Cluster" if self.chance(0.08) else "Namespaced",
            "versions": versions,
        }
        if self.chance(0.1):
            spec["conversion"] = {"strategy": "None"}
        if self.chance(0.1):
            spec["names"] |= {
                "shortNames": [f"s{number}"],
                "categories": ["all"],
                "listKind": f"K{number}Items",
            }
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"k{number}s.{GROUP}"},
            "spec": spec,
        }

    def _variant(self, schema: Raw) -> Raw:
        """Another version's schema: some parts anew."""
        other: Raw = json.loads(json.dumps(schema))
        for name in self.sample(list(other["properties"]), 0, 2):
            if name not in ("apiVersion", "kind", "metadata"):
                other["properties"][name] = self.schemas.node(1)
        return other

    def _version(self, name: str, schema: Raw, *, storage: bool) -> Raw:
        if self.chance(self._rules):
            self.add_rules(schema, self.rng.randint(1, 4))
        version: Raw = {
            "name": name,
            "served": True,
            "storage": storage,
            "schema": {"openAPIV3Schema": schema},
        }
        subresources: Raw = {}
        if self.chance(0.5):
            subresources["status"] = {}
        if self.chance(0.15):
            subresources["scale"] = {
                "specReplicasPath": ".spec.replicas",
                "statusReplicasPath": ".status.replicas",
            }
            if self.chance(0.5):
                subresources["scale"]["labelSelectorPath"] = self.pick(
                    [".status.a", ".spec.selector", ".status.a.b"]
                )
            if self.chance(0.3):
                subresources["scale"]["specReplicasPath"] = self.pick(
                    [".spec.a", ".spec.a.b", ".spec.x-y", ".spec.name"]
                )
        if subresources:
            version["subresources"] = subresources
        if self.chance(0.15):
            version["additionalPrinterColumns"] = [self._column() for _ in range(self.pick([1, 1, 3]))]
        if self.chance(0.05):
            version |= {
                "deprecated": True,
                "deprecationWarning": self.pick(["use another", "x" * 256, 'a "b" ö']),
            }
            if self.chance(0.4):
                del version["deprecationWarning"]
        fields = list(_selectable(schema))
        if fields and self.chance(0.2):
            version["selectableFields"] = [{"jsonPath": path} for path in self.sample(fields, 1, 3)]
        return version

    def _column(self) -> Raw:
        """A printer column."""
        column: Raw = {
            "name": self.pick(["A", "Ä b", "Age", "x" * 70]),
            "type": self.pick(["string", "integer", "date", "number", "boolean"]),
            "jsonPath": self.pick(
                [
                    ".spec.a", ".metadata.creationTimestamp", ".status.conditions[?(@.type=='Ready')].status",
                    ".metadata.labels.a\\.b/c",
                    ".spec.a[0]", ".spec.a[*].b", ".spec['x-y']", "..a", ".spec.a[-1:]", ".a.*",
                ]
            ),
        }  # fmt: skip
        options: dict[str, list[Any]] = {
            "description": ["D", "", "Ä\n"], "priority": [0, 1, -1, 2**31 - 1],
            "format": ["int32", "int64", "float", "double", "byte", "date", "date-time", "password", ""],
        }  # fmt: skip
        return column | {key: self.pick(some) for key, some in options.items() if self.chance(0.3)}

    def add_rules(self, schema: Raw, count: int) -> None:
        """Rules at random nodes, the upper ones more often."""
        found = [(depth, node) for depth, node in nodes(schema) if depth <= 4]
        for _ in range(count):
            depth, node = min(self.rng.choices(found, k=2), key=lambda at: at[0])
            scope = node if depth else node | {"x-kubernetes-embedded-resource": True}
            maker = Rules(self.rng, scope)
            entry: Raw = {"rule": maker.expr("bool", self.pick([1, 2, 2, 3]))}
            if self.chance(0.2):
                entry["messageExpression"] = maker.expr("string", 2)
            elif self.chance(0.2):
                entry["message"] = self.pick(["no", "Ä {{ nope }}", " x "])
            if self.chance(0.2):
                entry["reason"] = self.pick(
                    ["FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate"]
                )
            names = [name for name in node.get("properties", {}) if name.isalpha() and name.isascii()]
            if names and self.chance(0.15):
                entry["fieldPath"] = f".{self.pick(names)}"
            if self.chance(0.2):
                entry["rule"] = entry["rule"].replace("self", "oldSelf", 1)
                if self.chance(0.3):
                    entry |= {
                        "rule": "!oldSelf.hasValue() || self == oldSelf.value()",
                        "optionalOldSelf": True,
                    }
            if depth == 0 and _COMPARES_WHOLE.search(entry["rule"]):
                continue  # what the server's field manager does to metadata would count
            node.setdefault("x-kubernetes-validations", []).append(entry)

    def mutated(self, raw: Raw) -> Raw:
        """A definition with one to three things changed at random places, most of them for the worse."""
        raw = json.loads(json.dumps(raw))
        for _ in range(self.pick([1, 1, 2, 3])):
            if self.chance(0.25):
                path, values = self.pick(_SPEC)
                _put(raw["spec"], path, self.pick(values))
                continue
            version = (
                self.pick(raw["spec"]["versions"]) if isinstance(raw["spec"].get("versions"), list) else {}
            )
            schema = (
                (version.get("schema") or {}).get("openAPIV3Schema") if isinstance(version, dict) else None
            )
            if not isinstance(schema, dict):
                continue
            node = self.pick([node for _, node in nodes(schema, junctors=True)])
            roll = self.rng.random()
            if roll < 0.25 and node:
                del node[self.pick(sorted(node))]
            elif roll < 0.32 and node:
                node[self.pick(sorted(node))] = self.pick(JUNK)
            else:
                keyword = self.pick(list(_KEYWORDS))
                node[keyword] = json.loads(json.dumps(self.pick(_KEYWORDS[keyword])))
        return raw

    def tightened(self, raw: Raw) -> Raw:
        """The definition with stricter schemas, as a next release might bring."""
        raw = json.loads(json.dumps(raw))
        for version in raw["spec"]["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            below = [node for depth, node in nodes(schema) if depth] or [{}]
            for _ in range(self.rng.randint(1, 5)):
                self._tighten(self.pick(below))
            if self.chance(0.4):
                self.add_rules(schema, 1)
        return raw

    def _tighten(self, node: Raw) -> None:
        if self.chance(0.2):
            self._reshape(node)
            return
        match node.get("type"):
            case "string":
                node |= self.pick([
                    {"maxLength": 2}, {"pattern": self.pick(list(PATTERNS))}, {"enum": ["a", "b"]},
                    {"minLength": 2},
                    {"format": "date"}, {"format": self.pick(list(FORMATS))}, {"maxLength": 0},
                    {"anyOf": [{"pattern": "^a"}, {"maxLength": 1}]}, {"not": {"enum": ["a"]}},
                ])  # fmt: skip
            case "integer" | "number":
                node |= self.pick([
                    {"maximum": 1}, {"minimum": 2}, {"enum": [1, 2]}, {"multipleOf": 2}, {"format": "int32"},
                    {"minimum": 0, "exclusiveMinimum": True}, {"oneOf": [{"minimum": 3}, {"maximum": 5}]},
                ])  # fmt: skip
            case "array":
                node |= self.pick([
                    {"maxItems": 1}, {"minItems": 2}, {"x-kubernetes-list-type": "atomic"}, {"maxItems": 0},
                    {"x-kubernetes-list-type": "set"}, {"not": {"minItems": 1}},
                ])  # fmt: skip
            case "object":
                names = list(node.get("properties", {}))
                if names and self.chance(0.6):
                    node["required"] = list(dict.fromkeys([*node.get("required", []), self.pick(names)]))
                elif names:
                    node.setdefault("not", {"required": [self.pick(names)]})
                else:
                    node |= self.pick([{"maxProperties": 1}, {"minProperties": 2}, {"maxProperties": 0}])
            case _:
                node["nullable"] = False

    def _reshape(self, node: Raw) -> None:
        """The node's shape changed, so that what is stored of it no longer fits or is no longer known."""
        match self.pick(["type", "drop", "default", "null", "open", "rule", "junctor"]):
            case "type":
                kept = {key: node[key] for key in ("nullable", "description") if key in node}
                node.clear()
                node |= kept | {"type": self.pick(["string", "integer", "boolean", "number"])}
            case "drop" if node.get("properties"):
                del node["properties"][self.pick(list(node["properties"]))]
            case "default" if "default" not in node:
                node["default"] = self.schemas.values.value(node, 0)
            case "null":
                node["nullable"] = not node.get("nullable", False)
            case "open":
                node.pop("x-kubernetes-preserve-unknown-fields", None)
            case "rule":
                node["x-kubernetes-validations"] = [
                    self.pick([
                        {"rule": "self == oldSelf"}, {"rule": "false"}, {"rule": "false", "message": "never"},
                        {"rule": "oldSelf.hasValue() && self == oldSelf.value()", "optionalOldSelf": True},
                        {"rule": "has(self.a)", "reason": "FieldValueRequired", "fieldPath": ".a"},
                    ])
                ]  # fmt: skip
            case _:
                node |= self.pick(
                    [{"not": {"required": ["a"]}}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}]
                )


def nodes(schema: Raw, depth: int = 0, *, junctors: bool = False) -> Iterator[tuple[int, Raw]]:
    """Each node of a schema with its depth."""
    yield depth, schema
    below = (
        list((schema.get("properties") or {}).values()) if isinstance(schema.get("properties"), dict) else []
    )
    below += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    if junctors:
        for key in ("allOf", "anyOf", "oneOf"):
            below += schema[key] if isinstance(schema.get(key), list) else []
        below += [schema["not"]] if "not" in schema else []
    for child in below:
        if isinstance(child, dict):
            yield from nodes(child, depth + 1, junctors=junctors)


def _selectable(schema: Raw, path: str = "", depth: int = 0) -> Iterator[str]:
    """Paths of fields that can be selected by, and of some that can't."""
    for name, below in schema.get("properties", {}).items():
        if not name.isalpha() or (depth == 0 and name in ("apiVersion", "kind", "metadata")):
            continue
        if below.get("type") in ("string", "integer", "boolean"):
            yield f"{path}.{name}"
        elif depth < 3:
            yield from _selectable(below, f"{path}.{name}", depth + 1)


def _put(target: Any, path: Sequence[Any], value: Any) -> None:
    for step in path[:-1]:
        try:
            target = target[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(target, dict):
        if value is None:
            target.pop(path[-1], None)
        else:
            target[path[-1]] = json.loads(json.dumps(value))


def repaired(raw: Raw, errors: Sequence[FieldError]) -> Raw:
    """The definition without what the errors point at."""
    raw = json.loads(json.dumps(raw))
    for error in errors:
        path = error.field
        schemas = [version["schema"]["openAPIV3Schema"] for version in raw["spec"]["versions"]]
        for schema in schemas:
            prefix, _, rest = path.partition("openAPIV3Schema")
            if rest or not prefix:
                _cut(schema, rest)
        if ".selectableFields" in path or ".subresources" in path or ".additionalPrinterColumns" in path:
            for version in raw["spec"]["versions"]:
                version.pop(
                    path.split(".versions", 1)[-1].split(".", 1)[-1].partition("[")[0].partition(".")[0], None
                )
    return raw


def _cut(schema: Raw, rest: str) -> None:
    """Delete the innermost thing that the path leads to."""
    holder: Any = schema
    cut: tuple[Any, Any] | None = None
    for name, index in _STEP.findall(rest):
        key: Any = name or index
        if isinstance(holder, list):
            key = int(key) if str(key).isdigit() else key
        try:
            below = holder[key]
        except (KeyError, IndexError, TypeError):
            break
        cut = holder, key
        holder = below
    if cut is not None:
        holder, key = cut
        if isinstance(holder, list) or key not in ("properties", "items", "additionalProperties"):
            del holder[key]
        else:
            holder[key] = {"type": "object"} if key != "properties" else {}
