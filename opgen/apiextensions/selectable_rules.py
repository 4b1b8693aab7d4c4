"""selectableFields: each names a declared field of a plain type, outside of metadata; eight at most."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opgen.apiextensions.complaints import duplicate, invalid, required, too_many
from opgen.apiextensions.errors import FieldError
from opgen.ir.schema import Schema

MOST = 8
_TYPES = ("string", "boolean", "integer")
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|\\)*?(?<!\\)'|[.\[\]]|[^.\[\]']?[^.\[\]]*", re.DOTALL)


class _Wrong(Exception):
    """The path leads nowhere; the message is the server's."""


def selectable_errors(
    fields: Sequence[str], schema: Schema | None, path: str, *, unlimited: bool = False
) -> Iterator[FieldError]:
    """The errors of selectableFields at `path`; `unlimited` keeps what an old definition had too many of.

    Without a schema (it has errors of its own) only their form is looked at.
    """
    seen: set[str] = set()
    for index, json_path in enumerate(fields):
        where = f"{path}[{index}].jsonPath"
        if not json_path:
            yield required(where)
            continue
        try:
            place, root, found = _resolve(json_path, schema)
        except _Wrong as wrong:
            yield invalid(where, json_path, f"is an invalid path: {wrong}")
            continue
        except _Nowhere:
            continue
        if root == "metadata":
            yield invalid(where, json_path, "must not point to fields in metadata")
        if found.type not in _TYPES:
            detail = (
                "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                "formats are allowed."
            )
            yield invalid(where, json_path, detail)
        if place in seen:
            yield duplicate(where, json_path)
        seen.add(place)
    if len(seen) > MOST and not unlimited:
        yield too_many(path, len(seen), MOST)


class _Nowhere(Exception):
    """There is no schema to follow the path in."""


def _resolve(json_path: str, schema: Schema | None) -> tuple[str, str, Schema]:
    """The normal form of the path, its first name, and the schema that it leads to."""
    tokens = [token for token in _TOKEN.findall(json_path) if token]
    place = ""
    root = ""
    while tokens:
        token = tokens.pop(0)
        if token == "[":
            raise _Wrong("array notation is not allowed")
        if token != ".":
            raise _Wrong(f"expected [ or . but got: {token}")
        if not tokens:
            raise _Wrong("unexpected end of JSON path")
        if schema is None:
            raise _Nowhere
        name = tokens.pop(0)
        if schema.properties:
            if name not in schema.properties:
                raise _Wrong("does not refer to a valid field")
            schema = schema.properties[name]
            place = f"{place}.{name}" if place else name
        elif schema.additional_properties is not None:
            rest = schema.additional_properties
            schema = rest if isinstance(rest, Schema) else Schema()  # a bool leads on, to nothing declared
            place = f"{place}[{name}]"
        else:
            raise _Wrong("does not refer to a valid field")
        root = root or name
    if schema is None:
        raise _Nowhere
    return place, root, schema
