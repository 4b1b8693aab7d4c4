"""What a new definition would do to objects of the old one: refuse them, drop fields, fill in other values.

An object is tried twice: as if it were created anew, and as an update that changes nothing, which ratcheting spares.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opgen.apiextensions.compare.reasons import CODES, Reason
from opgen.apiextensions.errors import Verdict
from opgen.apiextensions.gotext import to_json
from opgen.apiextensions.objects import review_object
from opgen.apiextensions.reading import read_object
from opgen.ir.definition import Definition
from opgen.ir.schema import JSON

_SHOWN = 5


def fits_definition(definition: Definition, obj: JSON) -> bool:
    """Whether it is an object of the kind, in whatever version."""
    if not isinstance(obj, dict) or obj.get("kind") != definition.names.kind:
        return False
    api_version = obj.get("apiVersion")
    return isinstance(api_version, str) and api_version.rpartition("/")[0] == definition.group


def compare_object(old: Definition, new: Definition, obj: dict[str, JSON]) -> tuple[Reason, ...]:
    """What becomes of one object. Its version counts, or the storage version where that is gone."""
    return tuple(_reasons(old, new, obj))


def _reasons(old: Definition, new: Definition, obj: dict[str, JSON]) -> Iterator[Reason]:
    version = str(obj.get("apiVersion", "")).rpartition("/")[2]
    name = _name(obj)
    kind = new.names.kind
    after = new.version(version)
    if after is None or not after.served:
        text = f"{name}: {kind} has no version {version} any more"
        yield Reason("object-refused", text, version, kind=kind, hint=CODES["version-removed"].hint)
        return
    before = review_object(old, obj, field_validation="Ignore")
    if not before.allowed:
        text = f"{name}: was refused already: {_first(before)}"
        yield Reason("object-broken-before", text, version, kind=kind)
        return
    stored = before.stored if before.stored is not None else obj
    written = _as_written(stored)
    # What was stored need not be what may be written: rules that look at oldSelf, 1.0 that is read back as 1.
    again = review_object(old, stored, field_validation="Ignore")
    unchanged = review_object(old, written, old=written, field_validation="Ignore")
    for verdict, what in ((again, "was refused already"), (unchanged, "every update was refused already")):
        if not verdict.allowed:
            yield Reason("object-broken-before", f"{name}: {what}: {_first(verdict)}", version, kind=kind)
            return
    created = review_object(new, stored, field_validation="Ignore")
    updated = review_object(new, written, old=written, field_validation="Ignore")
    if not updated.allowed:
        text = f"{name}: every update is refused: {_first(updated)}"
        yield Reason("object-stuck", text, version, _path(updated), kind=kind)
    elif not created.allowed:
        hint = "the object itself stays valid until that field changes: unchanged parts are not judged again"
        text = f"{name}: refused anew: {_first(created)}"
        yield Reason("object-refused", text, version, _path(created), kind=kind, hint=hint)
    yield from _changes(old, new, stored, name, version)


def _as_written(stored: dict[str, JSON]) -> dict[str, JSON]:
    """The object as a client that read it would write it back."""
    metadata = stored.get("metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    return {**stored, "metadata": {"resourceVersion": "1", **kept}}


def _changes(
    old: Definition, new: Definition, stored: dict[str, JSON], name: str, version: str
) -> Iterator[Reason]:
    was, now = read_object(old, stored), read_object(new, stored)
    kind = new.names.kind
    lost = [path for path in now.unknown if path not in was.unknown]
    if lost:
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        text = f"{name}: loses {', '.join(lost[:_SHOWN])}{more}"
        yield Reason("object-pruned", text, version, lost[0], kind=kind, hint=CODES["object-pruned"].hint)
    changed = [(path, value) for path, value in _differences(was.obj, now.obj, "") if path not in lost]
    if changed:
        shown = ", ".join(f"{path} = {value}" for path, value in changed[:_SHOWN])
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        yield Reason(
            "object-defaulted", f"{name}: is read with {shown}{more}", version, changed[0][0], kind=kind
        )


def _differences(was: Any, now: Any, path: str) -> Iterator[tuple[str, str]]:
    """What the new reading has that the old had not, or has otherwise."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key, value in now.items():
            inner = f"{path}.{key}" if path else key
            if key not in was:
                yield inner, _cut(value)
            else:
                yield from _differences(was[key], value, inner)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _differences(one, other, f"{path}[{index}]")
    elif was != now:
        yield path, _cut(now)


def _cut(value: JSON) -> str:
    text = to_json(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _name(obj: dict[str, JSON]) -> str:
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict):
        return "(unnamed)"
    parts = (metadata.get("namespace"), metadata.get("name") or metadata.get("generateName"))
    return "/".join(str(part) for part in parts if part) or "(unnamed)"


def _first(verdict: Verdict) -> str:
    if verdict.decode:
        return verdict.decode
    more = f" (and {len(verdict.errors) - 1} more)" if len(verdict.errors) > 1 else ""
    error = verdict.errors[0]
    return f"{error.field}: {error.detail or error.type}{more}"


def _path(verdict: Verdict) -> str:
    return verdict.errors[0].field if verdict.errors else ""
