"""Reads `tests/rules/<kind>.yaml`: objects, and what the API server has to say of them.

    apiVersion: cache.example.com/v1
    kind: Memcached
    cases:
    - name: the size has a limit
      file: ../../config/samples/cache_v1_memcached.yaml
      patch: {spec: {size: 11}}
      refused:
      - {field: spec.size, message: less than or equal to 10}

docs/rules.md is the reference. `rules_check` asks the server, `rules_items` makes a pytest item of each case.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opgen import documents
from opgen.documents import Origins
from opgen.errors import Diagnostic, InputError, error, has_errors

JSON = dict[str, Any]

_TOP = ("apiVersion", "kind", "cases")
_SOURCE = ("object", "file", "patch")
_CASE = (*_SOURCE, "name", "old", "accepted", "refused", "stored", "subresource", "fieldValidation")
_REASON = ("field", "message")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an object is refused: the field as the server names it, and part of its message; "" says nothing of it."""

    field: str = ""
    message: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.field, self.message) if part)


@dataclass(frozen=True, slots=True)
class Case:
    """One question to the server: a create of `object`, or its update where `old` is there.

    `refused` is None for an object that has to be accepted; an empty one asks for no reason. `stored` is part of
    what the server has to store.
    """

    name: str
    api_version: str
    kind: str
    object: JSON
    place: str
    old: JSON | None = None
    refused: tuple[Reason, ...] | None = None
    stored: JSON | None = None
    subresource: str = ""
    field_validation: str = "Strict"


@dataclass(slots=True)
class _Reader:
    path: Path
    file: str
    origins: Origins
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def say(self, message: str, at: tuple[str | int, ...], hint: str = "") -> None:
        self.diagnostics.append(error(message, file=self.file, line=self.origins.line(at), hint=hint))

    def known(self, data: Any, keys: tuple[str, ...], at: tuple[str | int, ...]) -> bool:
        if not isinstance(data, dict):
            self.say("is not a mapping", at, f"keys are {', '.join(keys)}")
            return False
        for key in data:
            if key not in keys:
                self.say(f"{key} is not known here", (*at, key), f"keys are {', '.join(keys)}")
        return True

    def text(self, data: JSON, key: str, at: tuple[str | int, ...], default: str = "") -> str:
        value = data.get(key, default)
        if isinstance(value, str):
            return value
        self.say(f"{key} is not text", (*at, key))
        return default


def read_rules(path: Path, file: str = "") -> tuple[Case, ...]:
    """The cases of a file, whose name is `file` in messages. Raises InputError with all that is wrong."""
    name = file or str(path)
    loaded = documents.load(path.read_bytes(), name)
    if has_errors(loaded.diagnostics):
        raise InputError(loaded.diagnostics)
    if len(loaded.documents) != 1:
        hint = "one document with apiVersion, kind and cases"
        raise InputError([error(f"holds {len(loaded.documents)} documents", file=name, hint=hint)])
    document = loaded.documents[0]
    reader = _Reader(path, name, document.origins)
    cases = tuple(_cases(reader, document.data))
    if reader.diagnostics:
        raise InputError(reader.diagnostics)
    return cases


def _cases(reader: _Reader, data: Any) -> Iterator[Case]:
    if not reader.known(data, _TOP, ()):
        return
    for key in ("apiVersion", "kind"):
        if not reader.text(data, key, ()):
            reader.say(f"{key} is missing", ())
    listed = data.get("cases")
    if not isinstance(listed, list):
        reader.say("cases is not a list", ("cases",))
        return
    names: set[str] = set()
    for index, raw in enumerate(listed):
        at = ("cases", index)
        if reader.known(raw, _CASE, at):
            found = _case(reader, raw, at, data)
            if found.name in names:
                reader.say(f"there is a case {found.name!r} above", (*at, "name"))
            names.add(found.name)
            yield found


def _case(reader: _Reader, raw: JSON, at: tuple[str | int, ...], top: JSON) -> Case:
    name = reader.text(raw, "name", at) or f"case {at[-1]}"
    obj = _source(reader, raw, at, None)
    old: JSON | None = None
    if "old" in raw and reader.known(raw["old"], _SOURCE, (*at, "old")):
        old = _source(reader, raw["old"], (*at, "old"), raw)
    validation = reader.text(raw, "fieldValidation", at, "Strict")
    if validation not in ("Strict", "Warn", "Ignore"):
        reader.say("fieldValidation is Strict, Warn or Ignore", (*at, "fieldValidation"))
    subresource = reader.text(raw, "subresource", at)
    if subresource not in ("", "status"):
        reader.say("subresource is status, or left out", (*at, "subresource"))
    stored = raw.get("stored")
    if stored is not None and not isinstance(stored, dict):
        reader.say("stored is not a mapping", (*at, "stored"))
    refused = _refused(reader, raw, at)
    if refused is not None and stored is not None:
        reader.say("nothing is stored of an object that is refused", (*at, "stored"))
    return Case(
        name=name,
        api_version=str(top.get("apiVersion")),
        kind=str(top.get("kind")),
        object=obj,
        place=f"{reader.file}:{reader.origins.line(at)}",
        old=old,
        refused=refused,
        stored=stored if isinstance(stored, dict) else None,
        subresource=subresource,
        field_validation=validation,
    )


def _source(reader: _Reader, raw: JSON, at: tuple[str | int, ...], other: JSON | None) -> JSON:
    """The object that `object`, or `file`, and `patch` make; an old one without either starts from its case's."""
    base: Any = {}
    if "object" in raw and "file" in raw:
        reader.say("object and file exclude one another", (*at, "file"))
    if "object" in raw:
        base = raw["object"]
    elif "file" in raw:
        base = _file(reader, raw["file"], at)
    elif other is not None and ("object" in other or "file" in other):
        base = other["object"] if "object" in other else _file(reader, other["file"], at)
    elif other is None or "patch" not in raw:
        reader.say("an object is needed: object, or file", at)
    if not isinstance(base, dict):
        reader.say("object is not a mapping", (*at, "object"))
        return {}
    patch = raw.get("patch", {})
    if not isinstance(patch, dict):
        reader.say("patch is not a mapping", (*at, "patch"))
        return base
    merged: JSON = _merged(base, patch)
    return merged


def _file(reader: _Reader, name: Any, at: tuple[str | int, ...]) -> JSON:
    path = reader.path.parent / str(name)
    loaded = documents.read(path)
    if len(loaded.documents) == 1 and isinstance(loaded.documents[0].data, dict):
        return deepcopy(loaded.documents[0].data)
    why = loaded.diagnostics[0].message if loaded.diagnostics else "holds other than one object"
    reader.say(f"{name}: {why}", (*at, "file"), "the path is relative to this file")
    return {}


def _merged(base: Any, patch: Any) -> Any:
    """A JSON merge patch: null takes a field away."""
    if not isinstance(patch, dict):
        return deepcopy(patch)
    result = dict(base) if isinstance(base, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result


def _refused(reader: _Reader, raw: JSON, at: tuple[str | int, ...]) -> tuple[Reason, ...] | None:
    accepted, refused = raw.get("accepted"), raw.get("refused")
    if accepted not in (None, True, False):
        reader.say("accepted is true or false", (*at, "accepted"))
    if accepted is True and refused not in (None, False):
        reader.say("accepted and refused exclude one another", (*at, "refused"))
    if refused in (None, False):
        return () if accepted is False else None
    if refused is True:
        return ()
    listed = refused if isinstance(refused, list) else [refused]
    return tuple(_reason(reader, item, (*at, "refused", index)) for index, item in enumerate(listed))


def _reason(reader: _Reader, raw: Any, at: tuple[str | int, ...]) -> Reason:
    if isinstance(raw, str):
        return Reason(message=raw)
    if not reader.known(raw, _REASON, at):
        return Reason()
    return Reason(reader.text(raw, "field", at), reader.text(raw, "message", at))
