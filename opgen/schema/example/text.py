"""The concise document of guesses: YAML as a human would write it, with the remarks behind the fields."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from opgen.documents.scalars import resolve
from opgen.schema.example.shapes import shape_of
from opgen.schema.example.types import Guess, guess, guesses

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_PROTECTED = (".k8s.io", ".kubernetes.io")


def document(group: str, kind: str, versions: dict[str, list[dict[str, Any]]]) -> str:
    """One kind as a concise document; `versions` has the objects of each."""
    objects = [obj for found in versions.values() for obj in found]
    total = f"{len(objects)} examples" if len(objects) > 1 else "an example"
    metas = [obj.get("metadata") for obj in objects]
    namespaced = any(isinstance(meta, dict) and "namespace" in meta for meta in metas)
    lines = [
        f"# {kind}, from {total}: check the types, and say what must be there with `!` behind a type.",
        f"group: {_text(group)}",
        f"kind: {_text(kind)}",
        "scope: Namespaced" + ("" if namespaced else "  # or Cluster: no example has a namespace"),
    ]
    if group.endswith(_PROTECTED):
        lines.append("annotations: {api-approved.kubernetes.io: unapproved}  # asked for by the API server")
    lines.append("versions:")
    for number, (name, found) in enumerate(versions.items()):
        lines.extend(_version(name, found, storage=number == 0, several=len(versions) > 1))
    return "\n".join(lines) + "\n"


def _version(name: str, objects: list[dict[str, Any]], *, storage: bool, several: bool) -> Iterator[str]:
    yield f"- name: {_text(name)}"
    if several:
        yield f"  storage: {'true' if storage else 'false'}"
    parts = {key for obj in objects for key in obj} - {"apiVersion", "kind", "metadata"}
    if (
        parts <= {"spec", "status"}
        and all(
            isinstance(obj.get(part, {}), dict) and "" not in obj.get(part, {})
            for obj in objects
            for part in parts
        )
        and all("spec" in obj for obj in objects)
    ):
        for part in ("spec", "status"):
            if part in parts:
                yield from _part(part, objects)
        return
    yield "  # It has other parts than spec and status, which only the form of a definition can say."
    yield "  openapi:"
    whole = shape_of({key: obj[key] for key in obj if key in parts} for obj in objects)
    schema = {
        "type": "object",
        "properties": {part: _openapi(guess(part, below)) for part, below in sorted(whole.fields.items())},
    }
    yield from _block(schema, 4)


def _part(part: str, objects: list[dict[str, Any]]) -> Iterator[str]:
    shape = shape_of(obj[part] for obj in objects if part in obj)
    if not shape.fields:
        yield f"  {part}: {{}}"
        return
    yield f"  {part}:"
    for name, found in guesses(shape).items():
        yield from _field(name, found, 4)


def _field(name: str, found: Guess, indent: int) -> Iterator[str]:
    pad = " " * indent
    comment = f"  # {found.remark}" if found.remark else ""
    expression = _expression(found)
    if expression is not None:
        yield f"{pad}{_text(name)}: {expression}{comment}"
        return
    yield f"{pad}{_text(name)}:{comment}"
    yield from _mapping(found, indent + 2)


def _expression(found: Guess) -> str | None:
    """The guess on one line, or None for one that has fields below it."""
    if found.type == "fields":
        return None
    if found.embedded:
        return "{embeddedResource: true, preserveUnknownFields: true" + (
            ", nullable: true}" if found.nullable else "}"
        )
    if found.type == "object":
        return "{type: object, preserveUnknownFields: true" + (", nullable: true}" if found.nullable else "}")
    text = found.type
    if found.inner is not None:
        inner = _bare(found.inner)
        if inner is None:
            return None
        text = f"{found.type}<{inner}>"
    return f"{{type: {text}, nullable: true}}" if found.nullable else text


def _bare(found: Guess) -> str | None:
    """A type expression for what stands in another, or None where it needs a mapping."""
    if found.nullable or found.fields or found.embedded or found.type in ("object", "fields"):
        return None
    if found.inner is None:
        return found.type
    inner = _bare(found.inner)
    return None if inner is None else f"{found.type}<{inner}>"


def _mapping(found: Guess, indent: int) -> Iterator[str]:
    pad = " " * indent
    if found.nullable:
        yield f"{pad}nullable: true"
    if found.type == "fields":
        yield f"{pad}fields:"
        for name, below in found.fields.items():
            yield from _field(name, below, indent + 2)
        return
    assert found.inner is not None
    yield f"{pad}type: {found.type}"
    yield from _field("items" if found.type == "list" else "values", found.inner, indent)


def _openapi(found: Guess) -> dict[str, Any]:
    """The guess as a structural schema, by way of the language's own reader."""
    from opgen.apiextensions import encode_schema
    from opgen.coretypes import lookup
    from opgen.documents import Position
    from opgen.documents import load as load_documents
    from opgen.schema.concise.fields import read_field
    from opgen.schema.concise.scope import Findings, Scope

    text = "\n".join(_field("field", found, 0))
    data = load_documents(text).documents[0].data["field"]
    scope = Scope(data, (), Position(1), Findings(""))
    return encode_schema(read_field(scope, lambda ref, described: lookup(ref, described)).schema)


def _block(data: dict[str, Any], indent: int) -> Iterator[str]:
    """A mapping as lines; lists and scalars in flow style."""
    pad = " " * indent
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield f"{pad}{_text(key)}:"
            yield from _block(value, indent + 2)
        else:
            yield f"{pad}{_text(key)}: {json.dumps(value, ensure_ascii=True)}"


def _text(value: str) -> str:
    """A key or a text as YAML: plain where every reader takes it for a text."""
    if _PLAIN.fullmatch(value) and isinstance(resolve(value), str):
        return value
    return json.dumps(value, ensure_ascii=True)
