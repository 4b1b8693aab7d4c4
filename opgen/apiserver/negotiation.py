"""Which form of an answer the client wants: the object, a Table, or metadata alone; as JSON or as YAML."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from opgen.apiserver.message import Response, parse
from opgen.apiserver.status import StatusError

_JSON, _YAML = "application/json", "application/yaml"
_LIST = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
_STREAMS = ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"


@dataclass(frozen=True, slots=True)
class Form:
    """`kind` is "" for the object itself, else Table, PartialObjectMetadata or PartialObjectMetadataList."""

    kind: str = ""
    version: str = "v1"
    yaml: bool = False


PLAIN = Form()
_FAILURE = 400
_AS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


@dataclass(slots=True)
class _Clause:
    """One part of an Accept header. `quality` orders them."""

    type: str
    subtype: str
    parameters: dict[str, str]
    quality: float = 1.0

    def goes_before(self, other: _Clause) -> bool:
        return (
            self.quality > other.quality
            or (self.type != "*" and other.type == "*")
            or (self.subtype != "*" and other.subtype == "*")
        )

    def media_types(self) -> tuple[str, ...]:
        """Those that can be written and fit it, the first choice first."""
        if self.type not in ("application", "*") or (self.type == "*" and self.subtype != "*"):
            return ()
        if self.subtype == "*":
            return (_JSON, _YAML)
        return tuple(media for media in (_JSON, _YAML) if media == f"application/{self.subtype}")


def _clauses(accept: str) -> list[_Clause]:
    """The parts of an Accept header in the server's order: by quality, wildcards last."""
    found: list[_Clause] = []
    for part in accept.split(","):
        media, *raw = part.strip(" ").split(";")
        type_, _, subtype = media.partition("/")
        type_, subtype = type_.strip(" "), subtype.strip(" ")
        if not subtype and type_ == "*":
            subtype = "*"
        if not subtype or "/" in subtype:
            continue
        pairs = [piece.split("=") for piece in raw]
        parameters = {pair[0].strip(" "): pair[1].strip(" ") for pair in pairs if len(pair) == 2 and pair[1]}
        clause = _Clause(type_, subtype, parameters)
        if "q" in parameters:
            with suppress(ValueError):
                clause.quality = float(parameters.pop("q"))
        found.append(clause)
        place = len(found) - 1
        while place and found[place].goes_before(found[place - 1]):
            found[place], found[place - 1] = found[place - 1], found[place]
            place -= 1
    return found


def accepted(accept: str, *, custom: bool = False, streams: bool = False) -> Form:
    """The first form in an Accept header that this server can write; 406 for none.

    The words of the refusal depend on the kind being `custom`, and on whether the place also `streams` watches.
    """
    if not accept or accept in (_JSON, "*/*"):
        return PLAIN
    known = False
    for clause in _clauses(accept):
        media_types = clause.media_types()
        half = clause.subtype == "*" and clause.type != "*"
        if not media_types or (half and not custom):  # built-in kinds don't know application/*
            continue
        known = True
        form = _form(clause.parameters, media_types[0] == _YAML)
        if form is not None:
            return form
    if known or custom:
        text = f"only the following media types are accepted: {_LIST}"
        raise StatusError(406, "NotAcceptable", text)
    text = f"406: Not Acceptable\n\nAvailable representations: {_LIST}{_STREAMS if streams else ''}"
    raise StatusError(406, "NotAcceptable", text, {})


def _form(parameters: dict[str, str], yaml: bool) -> Form | None:
    """What a part of the header asks for; None where that can't be made."""
    if (
        parameters.get("stream", "watch") != "watch"
        or parameters.get("sv")
        or ("stream" in parameters and yaml)
    ):
        return None
    if not {"as", "g", "v"} & parameters.keys():
        return Form(yaml=yaml)
    kind, version = parameters.get("as", ""), parameters.get("v", "")
    ours = parameters.get("g") == "meta.k8s.io" and version in ("v1", "v1beta1")
    return Form(kind, version, yaml) if kind in _AS and ours else None


def check_stream(form: Form) -> None:
    """406 for a watch in YAML, which has no streams."""
    if form.yaml:
        text = f"only the following media types are accepted: {_STREAMS.removeprefix(', ')}"
        raise StatusError(406, "NotAcceptable", text)


def as_asked(response: Response, accept: str) -> Response:
    """The answer as YAML, where that is what the client asks for first.

    A failure is never converted, so what asks for a Table or metadata says nothing about its media type.
    """
    if "yaml" not in accept and "application/*" not in accept:
        return response
    if response.chunks is not None or response.header("content-type") != _JSON:
        return response
    failed = response.status >= _FAILURE
    for clause in _clauses(accept):
        media_types = clause.media_types()
        if not media_types or (failed and {"as", "g", "v"} & clause.parameters.keys()):
            continue
        if media_types[0] != _YAML:
            return response
        break
    else:
        return response
    from opgen.apiserver.yaml import dump

    headers = {**response.headers, "Content-Type": _YAML}
    return Response(response.status, headers, dump(parse(response.body)))
