"""Random values for a schema, and objects with a few random changes: what fits, what doesn't, and the edges between."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from opgen import coretypes
from opgen.apiextensions.decode import decode_schema
from opgen.ir.schema import Schema

WORDS = (
    "a",
    "x-1",
    "web",
    "app.example.com",
    "example.com/a",
    "A_b",
    "",
    "-",
    "a b",
    "é",
    "0",
    "true",
    "x" * 64,
)
WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [None],
    {"a": None},
    ["x"],
    {"x": "y"},
    2**40,
)
LABEL_KEYS = (
    "a",
    "app.kubernetes.io/name",
    "x" * 63,
    "x" * 64,
    "a/b/c",
    "-a",
    "a-",
    "A.b/c",
    "a/" + "x" * 63,
    "a/" + "x" * 64,
    "x" * 253 + "/a",
    "",
    "/a",
    "a/",
)
LABEL_VALUES: tuple[Any, ...] = ("", "b", "x" * 63, "x" * 64, "-", "a_b.c", "a b", "é", None, 1)
UNTOUCHED = frozenset(("apiVersion", "kind", "metadata", "status", "globalDefault"))


def schema_of(api: str, kind: str, definitions: dict[str, Any]) -> Schema:
    """The schema of a core kind, or of one of the definitions, by kind."""
    group, _, version = api.rpartition("/")
    if kind in definitions:
        found, _ = decode_schema(definitions[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    else:
        core = coretypes.kind(group, version, kind)
        found = coretypes.lookup(core.type) if core is not None else None
    assert found is not None, kind
    return found


def value(random: Random, schema: Schema, name: str, depth: int = 0) -> Any:
    """A value of that type; most are valid, some lie on the edge."""
    if schema.enum:
        return random.choice([held.json for held in schema.enum])
    if schema.ref is not None and schema.ref.name == "Quantity":
        return random.choice(("1", "100m", "1Gi", "0", 2, "1.5", "-1", "1x", ""))
    if schema.x_int_or_string:
        return random.choice((0, 1, 80, "25%", "http", "100%", -1, "x%", 99999))
    match schema.type:
        case "object":
            return _object(random, schema, depth)
        case "array":
            assert schema.items is not None
            count = random.choice((0, 1, 1, 1, 2))
            return [value(random, schema.items, name, depth + 1) for _ in range(count)]
        case "integer" | "number":
            return random.choice((0, 1, 1, 2, 3, 30, 80, 100, -1, 65536, 2**31 - 1))
        case "boolean":
            return random.random() < 0.5
        case _:
            return _string(random, schema, name)


def _string(random: Random, schema: Schema, name: str) -> str:
    if schema.format == "date-time" or name.endswith(("Time", "Timestamp")):
        return random.choice(("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", "2026-01-01", "", "now"))
    if schema.format == "byte":
        return random.choice(("", "MQ==", "MQ", "*"))
    if random.random() < 0.6:
        return random.choice(("a", "x-1", "web"))
    return random.choice(WORDS)


def _object(random: Random, schema: Schema, depth: int) -> Any:
    additional = schema.additional_properties
    if isinstance(additional, Schema):
        keys = random.sample(("a", "b", "x.y/z", "A_b", ""), random.randint(0, 2))
        return {key: value(random, additional, key, depth + 1) for key in keys}
    share = 0.4 if len(schema.properties) < 4 else 0.1
    chosen = {
        name: child
        for name, child in schema.properties.items()
        if (name in schema.required and random.random() < 0.95) or (depth < 4 and random.random() < share)
    }
    return {name: value(random, child, name, depth + 1) for name, child in chosen.items()}


def changed(random: Random, body: dict[str, Any], schema: Schema, changes: int) -> dict[str, Any]:
    """The object with that many random changes below its spec, or what it has in its place."""
    result: dict[str, Any] = copy.deepcopy(body)
    for _ in range(changes):
        _change(random, result, schema)
    return result


def _change(random: Random, body: dict[str, Any], schema: Schema) -> None:
    place: dict[str, Any] = body
    node, top = schema, True
    while True:
        names = [name for name in node.properties if not (top and name in UNTOUCHED)]
        top = False
        if not names:
            place[random.choice(("nope", "Spec"))] = 1
            return
        held = [name for name in names if isinstance(place.get(name), (dict, list)) and place[name]]
        name = random.choice(held if held and random.random() < 0.6 else names)
        child, inner = node.properties[name], place.get(name)
        if isinstance(inner, list) and inner and isinstance(inner[-1], dict) and child.items is not None:
            if random.random() < 0.75:
                place, node = random.choice([item for item in inner if isinstance(item, dict)]), child.items
                continue
        elif isinstance(inner, dict) and child.properties and random.random() < 0.85:
            place, node = inner, child
            continue
        _set(random, place, name, child)
        return


def _set(random: Random, place: dict[str, Any], name: str, schema: Schema) -> None:
    def valid() -> None:
        place[name] = value(random, schema, name)

    def wrong() -> None:
        place[name] = random.choice(WRONG)

    def unknown() -> None:
        place[random.choice(("nope", name.upper(), f"{name}s"))] = random.choice(WRONG)

    def removed() -> None:
        place.pop(name, None)

    def again() -> None:
        held = place.get(name)
        place[name] = [*held, *held] if isinstance(held, list) else value(random, schema, name)

    steps: dict[Callable[[], None], int] = {valid: 10, wrong: 2, unknown: 2, removed: 2, again: 1}
    random.choices(list(steps), list(steps.values()))[0]()


def metadata(random: Random, name: str, labels: dict[str, str]) -> dict[str, Any]:
    """A name with labels, and now and then what stands at the bounds of metadata."""
    result: dict[str, Any] = {"name": name, "labels": dict(labels)}

    def label() -> None:
        result["labels"][random.choice(LABEL_KEYS)] = random.choice(LABEL_VALUES)

    def annotation() -> None:
        result["annotations"] = {random.choice(LABEL_KEYS): random.choice(("", "b", "x" * 300, None, 1))}

    def finalizers() -> None:
        result["finalizers"] = random.choice(
            (["example.com/f"], ["a"], ["orphan"], [""], [], None, ["a b/c"])
        )

    def owners() -> None:
        changes: tuple[dict[str, Any], ...] = (
            {},
            {"controller": True},
            {"name": ""},
            {"uid": ""},
            {"kind": "", "x": 1},
        )
        whole = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u", **random.choice(changes)}
        result["ownerReferences"] = [whole] * random.choice((1, 1, 2))

    def names() -> None:
        result["name"] = random.choice(
            ("A", "a_b", "a.b", "-a", "a-", "x" * 63, "x" * 64, "x" * 253, "x" * 254, "a/b", "a%b", "..", "")
        )

    def generated() -> None:
        del result["name"]
        result["generateName"] = random.choice(("a-", "x" * 60, "x" * 300, "A", "a.", "-"))

    def server() -> None:
        field = random.choice(
            ("uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp")
        )
        result[field] = random.choice(("", "x", "1", 5, None, "2026-01-01T00:00:00Z"))

    def other() -> None:
        result[random.choice(("nope", "namespace", "selfLink", "managedFields"))] = random.choice(
            ("x", None, [], 1)
        )

    for step in (label, annotation, finalizers, owners, names, generated, server, other):
        if random.random() < 0.06 and "name" in result:
            step()
    return result
