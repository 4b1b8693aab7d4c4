"""Which form of an answer the client wants: the object, a Table, or metadata alone."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiserver.status import StatusError

_JSON_TYPES = frozenset(("application/json", "*/*", "application/*", ""))


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is "" for the object itself, else Table, PartialObjectMetadata or PartialObjectMetadataList."""

    kind: str = ""
    version: str = "v1"


PLAIN = Form()
_AS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


def accepted(accept: str) -> Form:
    """The first form in an Accept header that this server can write; 406 for none."""
    if not accept or accept in ("application/json", "*/*"):
        return PLAIN
    for part in accept.split(","):
        media, *raw = (piece.strip() for piece in part.split(";"))
        parameters = dict(piece.split("=", 1) for piece in raw if "=" in piece)
        if media.lower() not in _JSON_TYPES:
            continue
        kind = parameters.get("as", "")
        if not kind:
            return PLAIN
        version = parameters.get("v")
        ours = parameters.get("g", "meta.k8s.io") == "meta.k8s.io" and version in ("v1", "v1beta1")
        if kind in _AS and ours:
            return Form(kind, parameters["v"])
    raise StatusError(
        406,
        "NotAcceptable",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, "
        "application/vnd.kubernetes.protobuf, application/json;stream=watch, "
        "application/vnd.kubernetes.protobuf;stream=watch",
        {},
    )
