"""Which form of an answer the client wants: the object, a Table, or metadata alone; as JSON or as YAML."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiserver.message import Response, parse
from opgen.apiserver.status import StatusError

_TYPES = {"application/json": False, "*/*": False, "": False, "application/yaml": True}
"""Media types that can be written, and whether that is YAML."""
_LIST = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_STREAMS = ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is "" for the object itself, else Table, PartialObjectMetadata or PartialObjectMetadataList."""

    kind: str = ""
    version: str = "v1"
    yaml: bool = False


PLAIN = Form()
_AS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


def accepted(accept: str, *, custom: bool = False, streams: bool = False) -> Form:
    """The first form in an Accept header that this server can write; 406 for none.

    The words of the refusal depend on the kind being `custom`, and on whether the place also `streams` watches.
    """
    if not accept or accept in ("application/json", "*/*"):
        return PLAIN
    known = False
    for part in accept.split(","):
        media, *raw = (piece.strip() for piece in part.split(";"))
        parameters = dict(piece.split("=", 1) for piece in raw if "=" in piece)
        yaml = _TYPES.get(media.lower())
        if yaml is None:
            continue
        known = True
        kind = parameters.get("as", "")
        if not kind:
            return Form(yaml=yaml)
        version = parameters.get("v")
        ours = parameters.get("g", "meta.k8s.io") == "meta.k8s.io" and version in ("v1", "v1beta1")
        if kind in _AS and ours:
            return Form(kind, parameters["v"], yaml)
    if known or custom:
        text = f"only the following media types are accepted: {_LIST}"
        raise StatusError(406, "NotAcceptable", text)
    text = f"406: Not Acceptable\n\nAvailable representations: {_LIST}{_STREAMS if streams else ''}"
    raise StatusError(406, "NotAcceptable", text, {})


def as_asked(response: Response, accept: str) -> Response:
    """The answer as YAML, where that is what the client asks for first."""
    first = accept.partition(",")[0].partition(";")[0].strip().lower()
    if not _TYPES.get(first) or response.chunks is not None:
        return response
    if response.header("content-type") != "application/json":
        return response
    from opgen.apiserver.yaml import dump

    headers = {**response.headers, "Content-Type": "application/yaml"}
    return Response(response.status, headers, dump(parse(response.body)))
