"""What the values at a place probably are: a type of the concise language, and what is to be said about it.

Nothing here is stricter than the values: what they don't show is a remark for whoever edits the schema.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from opgen.apiextensions import validate
from opgen.coretypes import lookup
from opgen.ir.schema import CoreRef
from opgen.schema.concise.expressions import SIMPLE
from opgen.schema.example.core import core_type
from opgen.schema.example.shapes import Shape

_DURATION = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|µs|ms|s|m|h))+|0")
_BINARY = re.compile(r"[0-9]+(?:\.[0-9]+)?[KMGTPE]i")
_AMOUNT = re.compile(r".*(cpu|memory|storage|size|capacity|quota|limit|requests?|disk|bytes)", re.IGNORECASE)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EITHER = re.compile(r".*port|max(unavailable|surge)|minavailable", re.IGNORECASE)
_FREE_KEYS = re.compile(
    r".*(labels|annotations)|match(labels)?|(node)?selector|(string|binary)?data|param(eter)?s|headers|tags|args|config"
    r"|env|variables|properties|options|attributes|metadata_?",
    re.IGNORECASE,
)
_FIELD_NAME = re.compile(r"[a-z_$][A-Za-z0-9_$]*")
_KEYS = ("name", "id", "key", "type", "containerPort", "port")
_DEEP = 40


@dataclass(frozen=True, slots=True)
class Guess:
    """A type expression, or an object, list or map of what is below; `remark` is for the editing human."""

    type: str
    remark: str = ""
    nullable: bool = False
    fields: dict[str, Guess] = field(default_factory=dict)
    inner: Guess | None = None
    embedded: bool = False


def guess(name: str, shape: Shape, depth: int = 0) -> Guess:
    """What stands at a place, by its values and by the name of its field."""
    kinds = shape.kinds
    if not kinds:
        return Guess("any", "null in the example", nullable=True)
    if depth > _DEEP:
        return Guess("any", "nested too deep", nullable=shape.nullable)
    if kinds == {"object"}:
        return _object(name, shape, depth)
    if kinds == {"list"}:
        return _list(name, shape, depth)
    if kinds & {"object", "list"}:
        return Guess("any", f"{_words(kinds)} in the examples", nullable=shape.nullable)
    return _scalar(name, shape, kinds)


def _scalar(name: str, shape: Shape, kinds: frozenset[str]) -> Guess:
    kind, remark = "any", ""
    if kinds == {"boolean"}:
        kind = "boolean"
    elif kinds == {"integer"}:
        kind = "integer"
        remark = "int-or-string, if a name or a percentage may stand here" if _EITHER.fullmatch(name) else ""
    elif kinds <= {"integer", "number"}:
        kind = "number"
    elif kinds == {"string"}:
        kind, remark = _text(name, shape.texts)
    elif kinds == {"integer", "string"}:
        quantities = _AMOUNT.fullmatch(name) and all(_fits("quantity", value) for value in shape.values)
        kind = "quantity" if quantities else "int-or-string"
        remark = "" if quantities else "numbers and texts in the examples"
    else:
        remark = f"{_words(kinds)} in the examples"
    return Guess(kind, remark, nullable=shape.nullable)


def _text(name: str, texts: list[str]) -> tuple[str, str]:
    """The type of a text by what it looks like, never narrower than the API server judges the texts."""
    amount = bool(_AMOUNT.fullmatch(name))
    for kind, looks in (
        ("time", _TIME.fullmatch),
        ("date", _DAY.fullmatch),
        ("quantity", _BINARY.fullmatch),
        ("quantity", (lambda text: amount) if amount else (lambda text: None)),
        ("duration", _DURATION.fullmatch),
    ):
        if all(looks(text) for text in texts) and all(_fits(kind, text) for text in texts):
            return kind, ""
    different = sorted(set(texts))
    if len(texts) >= 3 * len(different) > 3 and all(
        re.fullmatch(r"[A-Z][A-Za-z]+", text) for text in different
    ):
        return "string", f"enum: [{', '.join(different)}], if these are all"
    return "string", ""


def _fits(kind: str, value: object) -> bool:
    return not validate(SIMPLE[kind], value) if isinstance(value, (str, int)) else False


def _object(name: str, shape: Shape, depth: int) -> Guess:
    if not shape.fields:
        return Guess("object", "empty in the example: name its fields", nullable=shape.nullable)
    ref = core_type(name, shape)
    if ref is not None:
        return Guess(str(ref), _size_remark(ref))
    if {"apiVersion", "kind", "metadata"} <= shape.fields.keys() and all(map(_is_resource, shape.objects)):
        return Guess("object", "a whole Kubernetes object", nullable=shape.nullable, embedded=True)
    if _is_map(name, shape):
        return Guess("map", nullable=shape.nullable, inner=guess("", shape.entries(), depth + 1))
    if "" in shape.fields:
        return Guess("object", "a field without a name can't be described", nullable=shape.nullable)
    return Guess("fields", nullable=shape.nullable, fields=guesses(shape, depth))


def guesses(shape: Shape, depth: int = 0) -> dict[str, Guess]:
    """What stands in the fields of objects, each with a remark on how many of several objects have it."""
    return {
        wire: _sometimes(shape, wire, guess(wire, below, depth + 1)) for wire, below in shape.fields.items()
    }


def _sometimes(shape: Shape, name: str, found: Guess) -> Guess:
    """With a remark where only some of several objects have the field."""
    total = len(shape.objects)
    count = sum(name in value for value in shape.objects)
    if total < 2:
        return found
    often = "always there: required?" if count == total else f"in {count} of {total}"
    return replace(found, remark="; ".join(part for part in (often, found.remark) if part))


def _is_resource(value: dict[str, object]) -> bool:
    metadata = value.get("metadata")
    return all(
        isinstance(value.get(key), str) and value[key] for key in ("apiVersion", "kind")
    ) and isinstance(metadata, dict)


def _is_map(name: str, shape: Shape) -> bool:
    """Whether the keys are data: by the field's name, or since they are no names of fields."""
    entries = shape.entries()
    if not entries.kinds or not (len(entries.kinds) == 1 or entries.kinds <= {"integer", "number"}):
        return False
    strange = sum(not _FIELD_NAME.fullmatch(key) for key in shape.fields)
    if strange * 2 > len(shape.fields):
        return True
    return bool(_FREE_KEYS.fullmatch(name)) and entries.kinds <= {"string"}


def _list(name: str, shape: Shape, depth: int) -> Guess:
    if shape.items is None:
        return Guess("list", "empty in the example", nullable=shape.nullable, inner=Guess("any"))
    ref = core_type(name, shape.items)
    if ref == CoreRef("meta/v1", "Condition"):
        if _told_apart("type", shape.lists):  # the language keys them so
            return Guess("list", nullable=shape.nullable, inner=Guess(str(ref)))
    elif ref is not None:
        return Guess("list", _key_remark(shape), shape.nullable, inner=Guess(str(ref)))
    inner = guess(name.removesuffix("s"), shape.items, depth + 1)
    return Guess("list", _key_remark(shape), shape.nullable, inner=inner)


def _key_remark(shape: Shape) -> str:
    """The field that tells the items of each list apart, where one does."""
    for key in _KEYS:
        if _told_apart(key, shape.lists):
            return f"mapKeys: [{key}], if {key} tells the items apart (it must be set then)"
    return ""


def _told_apart(key: str, lists: list[list[Any]]) -> bool:
    """Whether in each list every item has the field, with a text or number that no other has."""
    return all(
        all(isinstance(item, dict) and isinstance(item.get(key), (str, int)) for item in items)
        and len({item[key] for item in items}) == len(items)
        for items in lists
    )


def _size_remark(ref: CoreRef) -> str:
    schema = lookup(ref)
    nodes = 0
    todo = [schema] if schema is not None else []
    while todo:
        node = todo.pop()
        nodes += 1
        todo.extend(node.properties.values())
        todo.extend(part for part in (node.items,) if part is not None)
    return (
        "Kubernetes' own type; large: it adds much to the definition"
        if nodes > 300
        else "Kubernetes' own type"
    )


def _words(kinds: frozenset[str]) -> str:
    return " and ".join(sorted(kinds))
