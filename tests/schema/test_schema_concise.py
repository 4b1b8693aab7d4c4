"""The concise language: what it says in a few words is what the definition says in many."""

from __future__ import annotations

from typing import Any

import pytest

from opgen import schema
from opgen.apiextensions import encode, review_definition, review_object
from opgen.schema import Found, Given

HEAD = "group: demo.example.com\nkind: Widget\nversions:\n- name: v1alpha1\n  spec:\n"


def load(text: str, **given: Any) -> Found:
    return schema.load_text(text, "widget.yaml", Given(**given))


def spec_of(fields: str) -> dict[str, Any]:
    found = load(HEAD + "".join(f"    {line}\n" for line in fields.strip("\n").split("\n")))
    assert found.diagnostics == ()
    raw: Any = encode(found.loaded[0].definition)
    result: dict[str, Any] = raw["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return result


def complaint(fields: str) -> tuple[int, str, str]:
    found = load(HEAD + "".join(f"    {line}\n" for line in fields.strip("\n").split("\n")))
    assert all(item.partial for item in found.loaded)
    first = found.diagnostics[0]
    return first.line, first.message, first.hint


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("string", {"type": "string"}),
        ("int32", {"type": "integer", "format": "int32"}),
        ("number", {"type": "number"}),
        ("boolean", {"type": "boolean"}),
        ("time", {"type": "string", "format": "date-time"}),
        ("duration", {"type": "string"}),
        ("any", {"x-kubernetes-preserve-unknown-fields": True}),
        ("list<string>", {"type": "array", "items": {"type": "string"}}),
        ("set<integer>", {"type": "array", "items": {"type": "integer"}, "x-kubernetes-list-type": "set"}),
        ("map<list<boolean>>",
         {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "boolean"}}}),
        ("int-or-string",
         {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}),
    ],
)  # fmt: skip
def test_type_expressions(expression: str, expected: dict[str, Any]) -> None:
    """Each expression stands for one schema."""
    assert spec_of(f"field: {expression}")["properties"]["field"] == expected


def test_the_exclamation_mark_requires() -> None:
    """`!` makes a field required, in an expression and in a mapping's type."""
    spec = spec_of(
        "a: string!\nb: {type: string!, maxLength: 3}\nc: {type: string, required: true}\nd: string"
    )
    assert spec["required"] == ["a", "b", "c"]


def test_constraints_keep_their_openapi_names() -> None:
    """A mapping's constraints are the schema's."""
    field = spec_of("size: {type: integer, minimum: 1, maximum: 9, default: 3, description: how many}")[
        "properties"
    ]["size"]
    assert field == {"type": "integer", "minimum": 1, "maximum": 9, "default": 3, "description": "how many"}


def test_fields_named_like_words_of_the_language() -> None:
    """A field may be called `type`, `default` or `fields`: fields stand under `fields` alone."""
    spec = spec_of("type: string\ndefault: integer\ninner: {fields: {fields: string, type: string}}")
    assert sorted(spec["properties"]) == ["default", "inner", "type"]
    assert sorted(spec["properties"]["inner"]["properties"]) == ["fields", "type"]


def test_map_keys_make_a_map_list() -> None:
    """`mapKeys` sets list type and keys."""
    ports = spec_of("ports: {items: {fields: {name: string!}}, mapKeys: [name]}")["properties"]["ports"]
    assert ports["x-kubernetes-list-type"] == "map"
    assert ports["x-kubernetes-list-map-keys"] == ["name"]


def test_conditions_are_keyed_by_type() -> None:
    """A list of meta/v1.Condition is a map list without being told."""
    conditions = spec_of("conditions: list<meta/v1.Condition>")["properties"]["conditions"]
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert conditions["items"]["required"] == ["lastTransitionTime", "message", "reason", "status", "type"]


def test_unions_become_rules() -> None:
    """exactlyOneOf and its kin are CEL over the object."""
    tls = spec_of("tls: {fields: {a: string, my-b: string}, exactlyOneOf: [a, my-b]}")["properties"]["tls"]
    (rule,) = tls["x-kubernetes-validations"]
    assert rule["rule"] == "[has(self.a), has(self.my__dash__b)].filter(set, set).size() == 1"


@pytest.mark.parametrize("line", ['a: {type: string, immutable: "yes"}', "a: {ref: 5}"])
def test_a_wrong_value_is_told_once(line: str) -> None:
    """Also where two parts of the reader look at it."""
    said = load(f"{HEAD}    {line}\n").diagnostics
    assert len(said) == len(set(said))


def test_immutable_fields_are_guarded_on_the_parent_too() -> None:
    """A transition rule does not run when an optional field goes: the parent refuses that."""
    spec = spec_of("name: {type: string, immutable: true}\nid: {type: string!, immutable: true}")
    assert spec["properties"]["name"]["x-kubernetes-validations"][0]["rule"] == "self == oldSelf"
    assert [rule["rule"] for rule in spec["x-kubernetes-validations"]] == [
        "!has(oldSelf.name) || has(self.name)"
    ]


def test_spec_is_required_and_status_is_a_subresource() -> None:
    """Whoever writes spec and status means what Kubernetes means by them."""
    found = load(HEAD + "    a: string\n  status: {phase: string}\n")
    version = found.loaded[0].definition.versions[0]
    assert version.status_subresource
    assert version.storage
    assert version.schema is not None
    assert version.schema.required == ("spec",)


@pytest.mark.parametrize(
    ("fields", "line", "message", "hint"),
    [
        ("a: strin", 6, "`strin` is not a type", "did you mean string?"),
        ("a: list<Condition>", 6, "`Condition` is not a type", "did you mean meta/v1.Condition?"),
        ("a: '[]string'", 6, "`[]string` is not a type", "write list<string>"),
        ("a: string?", 6, "`string?`: fields are optional unless marked with `!`",
         "for null write {type: ..., nullable: true}"),
        ("a: string\nb: {type: string, defualt: x}", 7, "unknown key `defualt` in a field", "did you mean `default`?"),
        ("a: {type: integer, minimum: '1'}", 6, 'minimum must be a number, not the text "1"', ""),
        ("a:", 6, "the field has no type", "string, integer, list<string>, or a mapping with `fields`"),
        ("a: [string]", 6, "a field is a type or a mapping, not a list",
         "write list<T> for lists, and put a default under `default:`"),
        ("a: core/v1.Nonsense", 6, "core/v1.Nonsense is not a built-in type",
         "core/v1.PodTemplateSpec, meta/v1.Condition, ..."),
        ("a:\n  openapi:\n    type: string\n    minLength: few", 9,
         "json: cannot unmarshal string into Go struct field JSONSchemaProps.minLength of type int64", ""),
        ("a: set<any>", 6, "set<T> takes scalars only", "use list<T> with mapKeys for objects"),
        ("a: {fields: {b: string}, exactlyOneOf: [b, c]}", 6, "exactlyOneOf names `c`, which is not a field here", ""),
    ],
)  # fmt: skip
def test_complaints_name_line_and_remedy(fields: str, line: int, message: str, hint: str) -> None:
    """What is wrong is said at its line."""
    assert complaint(fields) == (line, message, hint)


def test_all_problems_at_once() -> None:
    """One run finds every fault."""
    found = load(
        "kind: Widget\nscope: Global\nversions:\n- name: v1\n  spec: {a: strin, b: strin}\n- spec: {}\n"
    )
    assert [d.line for d in found.diagnostics] == [1, 5, 5, 6]


def test_the_only_silent_version_is_stored() -> None:
    """With one version silent about storage and none that claims it, the silent one is it."""
    text = (
        "group: g.io\nkind: A\nversions:\n- name: v1\n  storage: false\n  spec: {}\n- name: v2\n  spec: {}\n"
    )
    stored = load(text).loaded[0].definition.storage_version
    assert stored is not None
    assert stored.name == "v2"


def test_one_version_shorthand() -> None:
    """A file with one version may say it at the top."""
    found = load("group: g.io\nkind: A\nversion: v1\nspec: {a: string!}\n")
    assert found.diagnostics == ()
    assert [v.name for v in found.loaded[0].definition.versions] == ["v1"]


def test_unions_of_fields_that_cel_can_not_speak_of_are_junctors() -> None:
    text = """group: c.example.com
kind: W
version: v1
spec:
  a: {fields: {x: any, z: string}, exactlyOneOf: [x, z]}
  b: {fields: {"9a": string, "$ref": string, z: string}, atMostOneOf: ["9a", "$ref", z]}
  c: {fields: {x: list<map<any>>, z: string}, atLeastOneOf: [x, z]}
"""
    found = schema.load_text(text, "w.yaml")
    assert found.ok, found.diagnostics
    definition = found.loaded[0].definition
    assert review_definition(definition).allowed

    def taken(spec: dict[str, Any]) -> bool:
        head: dict[str, Any] = {"apiVersion": "c.example.com/v1", "kind": "W", "metadata": {"name": "a"}}
        return review_object(definition, {**head, "spec": spec}).allowed

    assert taken({"a": {"x": [1]}, "b": {}, "c": {"x": [], "z": "1"}})
    assert taken({"a": {"z": "1"}, "b": {"$ref": "1"}})
    refused: list[dict[str, Any]] = [
        {"a": {}},
        {"a": {"x": 1, "z": "1"}},
        {"b": {"9a": "1", "z": "1"}},
        {"b": {"9a": "1", "$ref": "1"}},
        {"c": {}},
    ]
    for spec in refused:
        assert not taken(spec)


def test_immutable_fields_that_cel_can_not_speak_of_are_refused() -> None:
    text = """group: c.example.com
kind: W
version: v1
spec:
  a: {type: any, immutable: true}
  $ref: {type: string, immutable: true}
  b: {items: any, immutable: true}
"""
    found = schema.load_text(text, "w.yaml")
    assert [(d.line, d.path) for d in found.diagnostics] == [
        (5, "$.spec.a.immutable"),
        (6, "$.spec.$ref.immutable"),
        (7, "$.spec.b.immutable"),
    ]
    assert all("CEL" in d.message and d.hint for d in found.diagnostics)
