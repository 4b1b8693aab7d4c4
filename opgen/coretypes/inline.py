"""Makes a structural schema of a built-in type: every reference inlined, valid within a CRD.

Forms that OpenAPI says less of than a CRD must are written down here, as controller-gen writes them: quantity,
int-or-string, times, raw extensions, and the markers of meta/v1 Condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from opgen.coretypes import data
from opgen.ir.schema import CoreRef, Schema, Value

_EITHER = (Schema(type="integer"), Schema(type="string"))
_QUANTITY = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_TIME = Schema(type="string", format="date-time")
_CONDITION = Schema(
    type="object",
    properties={
        "lastTransitionTime": _TIME,
        "message": Schema(type="string", max_length=32768),
        "observedGeneration": Schema(type="integer", format="int64", minimum=0),
        "reason": Schema(
            type="string",
            min_length=1,
            max_length=1024,
            pattern="^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        ),
        "status": Schema(type="string", enum=(Value("True"), Value("False"), Value("Unknown"))),
        "type": Schema(
            type="string",
            max_length=316,
            pattern=(
                r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
                r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
            ),
        ),
    },
    required=("lastTransitionTime", "message", "reason", "status", "type"),
)
_WRITTEN_DOWN: Mapping[str, Schema] = {
    "meta/v1.Condition": _CONDITION,
    "meta/v1.Duration": Schema(type="string"),
    "meta/v1.FieldsV1": Schema(type="object", x_preserve_unknown_fields=True),
    "meta/v1.IntOrString": Schema(x_int_or_string=True, any_of=_EITHER),
    "meta/v1.MicroTime": _TIME,
    "meta/v1.Quantity": Schema(x_int_or_string=True, any_of=_EITHER, pattern=_QUANTITY),
    "meta/v1.RawExtension": Schema(type="object", x_preserve_unknown_fields=True),
    "meta/v1.Time": _TIME,
    "apiextensions/v1.JSON": Schema(x_preserve_unknown_fields=True),
}


def parse(text: str) -> CoreRef:
    """`core/v1.PodSpec` as a reference."""
    api, _, name = text.partition(".")
    return CoreRef(api, name)


def raw(ref: CoreRef) -> Mapping[str, Any] | None:
    """The vendored form of a type, or None."""
    found: Mapping[str, Any] | None = data.load()["types"].get(ref.api, {}).get(ref.name)
    return found


def exists(ref: CoreRef) -> bool:
    return str(ref) in _WRITTEN_DOWN or raw(ref) is not None


@cache
def primitive(ref: CoreRef) -> Schema | None:
    """The schema of a type that is no object with properties; None for those, and for unknown ones."""
    if ref == CoreRef("meta/v1", "Condition"):
        return None
    written = _WRITTEN_DOWN.get(str(ref))
    if written is not None:
        return written
    found = raw(ref)
    if found is None or found.get("properties"):
        return None
    return Schema(type=found["type"]) if found.get("type") else Schema(x_preserve_unknown_fields=True)


@cache
def recursive(ref: CoreRef) -> bool:
    """Whether the type holds itself, at any depth."""
    seen: set[str] = set()
    todo = list(references(ref))
    while todo:
        current = todo.pop()
        if current == ref:
            return True
        if str(current) not in seen:
            seen.add(str(current))
            todo.extend(references(current))
    return False


@cache
def references(ref: CoreRef) -> tuple[CoreRef, ...]:
    """The types that a type names directly. The schema's own types of JSON Schema hide theirs."""
    if str(ref) in _WRITTEN_DOWN:
        return ()
    if ref.api == "apiextensions/v1" and ref.name.startswith("JSONSchemaPropsOr"):
        return (CoreRef(ref.api, "JSONSchemaProps"),)
    found: list[CoreRef] = []

    def walk(node: Mapping[str, Any]) -> None:
        if "ref" in node:
            found.append(parse(node["ref"]))
        for value in node.get("properties", {}).values():
            walk(value)
        for key in ("items", "additionalProperties"):
            if key in node:
                walk(node[key])

    walk(raw(ref) or {})
    return tuple(dict.fromkeys(found))


@cache
def inlined(ref: CoreRef, described: bool) -> Schema | None:
    """The whole structural schema; None for an unknown type and for one that holds itself."""
    if not exists(ref) or holds_recursion(ref):
        return None
    written = _WRITTEN_DOWN.get(str(ref))
    if written is not None:
        return replace(_described(written, ref) if described else written, ref=ref)

    def resolve(target: CoreRef) -> Schema:
        found = inlined(target, described)
        return found if found is not None else Schema(x_preserve_unknown_fields=True)

    texts: Mapping[str, str] = data.descriptions()[ref.api][ref.name] if described else {}
    return replace(converted(raw(ref) or {}, resolve, texts), ref=ref)


@cache
def holds_recursion(ref: CoreRef) -> bool:
    """Whether the type, or one below it, holds itself."""
    return recursive(ref) or any(holds_recursion(target) for target in references(ref))


def _described(schema: Schema, ref: CoreRef) -> Schema:
    texts: Mapping[str, str] = data.descriptions().get(ref.api, {}).get(ref.name, {})
    properties = {
        wire: value.changed(description=texts.get(wire, "")) for wire, value in schema.properties.items()
    }
    return schema.changed(description=texts.get("", ""), properties=properties)


def converted(
    node: Mapping[str, Any],
    resolve: Any,
    texts: Mapping[str, str],
    path: tuple[str, ...] = (),
) -> Schema:
    """One vendored node as a schema, each reference by `resolve`.

    Enums are left out, as controller-gen does: what the server accepts in a Pod grows from release to
    release, so a CRD or a model that froze today's values would refuse tomorrow's.
    """

    def below(key: str, step: str) -> Schema | None:
        if key not in node:
            return None
        return converted(node[key], resolve, texts, path=(*path, step))

    own = texts.get("/".join(path), "")
    default = Value(node["default"]) if "default" in node else None
    if "ref" in node:
        target: Schema = resolve(parse(node["ref"]))
        return replace(target, description=own or target.description, default=default)
    items = below("items", "[]")
    return Schema(
        type=node.get("type", ""),
        format=node.get("format", ""),
        description=own,
        default=default,
        properties={
            wire: converted(value, resolve, texts, path=(*path, wire))
            for wire, value in node.get("properties", {}).items()
        },
        required=tuple(sorted(node.get("required", ()))),
        items=items,
        additional_properties=below("additionalProperties", "{}"),
        x_map_type=node.get("map_type"),
        **_list_type(node, items),
    )


def _list_type(node: Mapping[str, Any], items: Schema | None) -> dict[str, Any]:
    """The list type; a CRD may have keys only that each item has, and no list type on a string of bytes."""
    found = node.get("list_type")
    if items is None or found is None:
        return {}
    if found != "map":
        return {"x_list_type": found}
    keys = tuple(node.get("list_map_keys", ()))
    present = {wire for wire, value in items.properties.items() if value.default is not None}
    if not present.union(items.required).issuperset(keys):
        return {"x_list_type": "atomic"}
    return {"x_list_type": "map", "x_list_map_keys": keys}
