"""What the server would say of an object of a built-in kind, without a server: no storage, no requests.

The same decoding, defaults and checks as a write takes, by the same strategies. Custom resources and definitions
are `opgen.apiextensions`' (`review_object`, `review_definition`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from opgen import coretypes
from opgen.apiextensions.errors import FieldError
from opgen.apiserver import metadata as meta
from opgen.apiserver.builtin import builtin_resources
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import StatusError

_NOW = "2006-01-02T15:04:05Z"
"""The time of creation that checks see; it is in nothing that is returned."""


@dataclass(frozen=True, slots=True)
class Review:
    """What a write would be answered.

    `decode` is the message of an object that does not fit its type, `unknown` holds the paths of fields that the
    kind does not have, `stored` the object with its defaults, None where it was refused.
    """

    decode: str = ""
    unknown: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[str, ...] = ()
    stored: JSONObject | None = None


@cache
def builtin(group: str, version: str, kind: str) -> ResourceInfo | None:
    """The built-in resource of that kind, also one that is never stored (TokenReview); None if there is none."""
    for info in builtin_resources():
        if (info.group, info.version, info.kind) == (group, version, kind):
            return info
    core = coretypes.kind(group, version, kind)
    if core is None or "create" not in core.verbs:
        return None
    return ResourceInfo(group, version, core.plural, kind, core.namespaced, table=f"{group}/{core.plural}")


@cache
def _strategy(info: ResourceInfo) -> CoreStrategy:
    return CoreStrategy(info)


def review(info: ResourceInfo, obj: JSONObject, old: JSONObject | None = None) -> Review:
    """What the server would say of a create, or of an update of `old`. Nothing given is changed.

    All that is wrong is told at once, while a server that is asked with fieldValidation=Strict stops at unknown
    fields. An `old` that does not fit its type is a `decode` error too.
    """
    strategy = _strategy(info)
    metadata = obj.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        return Review(decode=_no_metadata(metadata))
    obj = {**obj, "metadata": _addressed(metadata or {}, info)}
    try:
        read, warnings = strategy.decode(obj, "Warn")
        before = None
        if old is not None:
            kept = _addressed(old.get("metadata") or {}, info)
            before = strategy.decode({**old, "metadata": kept}, "Ignore")[0]
    except StatusError as error:
        return Review(decode=error.message.partition("cannot be handled as a ")[2].partition(": ")[2])
    unknown = tuple(text.removeprefix('unknown field "').removesuffix('"') for text in warnings)
    if before is None:
        made = meta.for_create(read["metadata"], _NOW, strategy.has_generation)
        new = strategy.prepare_create({**read, "metadata": made})
    else:
        made = meta.for_update(read["metadata"], before["metadata"])
        new = strategy.prepare_update({**read, "metadata": made}, before, "")
    reviewed = strategy.review(new, before, "")
    stored = None if reviewed.errors else read
    return Review("", unknown, reviewed.errors, reviewed.warnings, stored)


def _addressed(metadata: JSONObject, info: ResourceInfo) -> JSONObject:
    """With the namespace that a client would send it to; none for what has none, as the server does.

    One that is no text (`namespace: no` is false) stays, for the decoder to refuse it.
    """
    if not isinstance(metadata.get("namespace"), str | None):
        return metadata
    if not info.namespaced:
        return {key: value for key, value in metadata.items() if key != "namespace"}
    return metadata if metadata.get("namespace") else {**metadata, "namespace": "default"}


def _no_metadata(value: object) -> str:
    shown = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
    return f"json: cannot unmarshal {shown} into Go struct field .metadata of type v1.ObjectMeta"
