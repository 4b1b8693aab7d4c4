"""From a request's body to an object of the kind that the path names, or the real server's refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from opgen.apiserver import protobuf
from opgen.apiserver.builtin import builtin_resources
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, header
from opgen.apiserver.status import StatusError, bad_request, unsupported_media_type

JSON = "application/json"
YAML = "application/yaml"
_MAX_BODY = 3 * 1024 * 1024
_NAMESPACE_DIFFERS = "the namespace of the provided object does not match the namespace sent on the request"
_YAML_TYPES = frozenset((YAML, "application/x-yaml", "text/yaml"))

_decode = msgspec.json.Decoder().decode


class ParseError(Exception):
    """The bytes are not JSON (or YAML); the message is close to Go's."""


def media_type(headers: Mapping[str, str]) -> str:
    """The Content-Type without parameters; JSON if there is none."""
    value = header(headers, "content-type")
    return value.partition(";")[0].strip().lower() or JSON


def parse_json(raw: bytes) -> Any:
    """JSON bytes as data. Raises ParseError."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ParseError(_go_syntax_error(raw, error)) from None


def _go_syntax_error(raw: bytes, error: Exception) -> str:
    text = raw.strip()
    if not text or "truncated" in str(error):
        return "unexpected end of JSON input"
    position = str(error).rpartition("byte ")[2].rstrip(")")
    at = int(position) if position.isdigit() else 0
    if "trailing" in str(error):
        at = min(at, len(raw) - 1)
        return f"invalid character {raw[at : at + 1].decode('latin-1')!r} after top-level value"
    character = raw[at : at + 1].decode("latin-1") or " "
    if text[:1] == b"{" and at <= raw.find(b"{") + 1:
        return f"invalid character {character!r} looking for beginning of object key string"
    return f"invalid character {character!r} looking for beginning of value"


def parse_yaml(raw: bytes) -> Any:
    """YAML (or JSON) bytes as data, read as JSON where it is. Raises ParseError."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    from opgen.apiserver.yaml import load

    return load(raw)


def _parse_protobuf(raw: bytes, kind: str) -> Any:
    try:
        return protobuf.read(raw)
    except protobuf.MalformedError as error:
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {error} ({raw[:64].hex()})"
        ) from None


def read_body(request: RequestLike, info: ResourceInfo, kind: str = "") -> JSONObject:
    """The body as an object. `kind` is what is expected where that isn't the resource's own."""
    raw = request.body or b""
    if len(raw) > _MAX_BODY:
        raise StatusError(
            413,
            "RequestEntityTooLarge",
            f"Request entity too large: limit is {_MAX_BODY}",
            {},
        )
    kind = kind or info.kind
    content_type = media_type(request.headers)
    try:
        if content_type == JSON:
            data = parse_json(raw)
        elif content_type in _YAML_TYPES:
            data = parse_yaml(raw)
        elif content_type == protobuf.MEDIA_TYPE and not info.custom:
            data = _parse_protobuf(raw, kind)
        else:
            raise unsupported_media_type(_accepted(info))
    except ParseError as error:
        if content_type != JSON:
            why = str(error).removeprefix("error converting YAML to JSON: ")
            text = f"the object provided is unrecognized (must be of type {kind}): {why} ({raw[:64].hex()})"
            raise bad_request(text) from None
        raise bad_request(_unreadable(info, kind, str(error), raw)) from None
    if data is None and not info.custom:
        return {}
    if info.custom and (data is None or (isinstance(data, dict) and not data.get("kind"))):
        shown = raw.decode("utf-8", "replace")
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): Object 'Kind' is missing in "
            f"'{shown}' ({_shown(raw)})"
        )
    if not isinstance(data, dict):
        raise bad_request(_not_an_object(info, kind, data, raw))
    return data


def _shown(raw: bytes) -> str:
    """A body as the real server quotes it: text if it looks like JSON, else hexadecimal."""
    return raw.decode("utf-8", "replace") if raw.lstrip()[:1] == b"{" else raw.hex()


def _accepted(info: ResourceInfo) -> tuple[str, ...]:
    if info.custom:
        return (JSON, YAML, "application/cbor")
    return (JSON, YAML, protobuf.MEDIA_TYPE)


def _unreadable(info: ResourceInfo, kind: str, why: str, raw: bytes) -> str:
    shown = _shown(raw) or "<empty>"
    return (
        f"the object provided is unrecognized (must be of type {kind}): "
        f"couldn't get version/kind; json parse error: {why} ({shown})"
    )


def _not_an_object(info: ResourceInfo, kind: str, data: Any, raw: bytes) -> str:
    names = {list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    why = (
        f"json: cannot unmarshal {names.get(type(data), 'null')} into Go value of type struct "
        '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
    )
    return (
        f"the object provided is unrecognized (must be of type {kind}): "
        f"couldn't get version/kind; json parse error: {why} ({raw[:64].hex()})"
    )


def check_kind(obj: JSONObject, info: ResourceInfo) -> JSONObject:
    """The object with its apiVersion and kind; 400 where it says another."""
    kind, version = obj.get("kind"), obj.get("apiVersion")
    if kind == info.kind and version == info.api_version:
        return obj
    if kind in (None, "") and version in (None, "") and not info.custom:
        return {**obj, "kind": info.kind, "apiVersion": info.api_version}
    if info.custom:
        if version != info.api_version:
            raise bad_request(
                f"the API version in the data ({version or ''}) does not match the expected API version "
                f"({info.api_version})"
            )
        return obj  # another kind is the validation's to refuse
    if kind in (None, ""):
        kind = info.kind
    if version in (None, ""):
        version = info.api_version
    if kind == info.kind and version == info.api_version:
        return {**obj, "kind": kind, "apiVersion": version}
    raise _builtin_kind_error(str(kind), str(version), info)


_INTERNAL_GROUPS = {"": "core", "rbac.authorization.k8s.io": "rbac"}


def _builtin_kind_error(kind: str, version: str, info: ResourceInfo) -> StatusError:
    _, _, name = version.rpartition("/")
    known = any((i.kind, i.api_version) == (kind, version) for i in builtin_resources())
    if known:
        own = _INTERNAL_GROUPS.get(info.group) or info.group.partition(".")[0]
        why = f"converting ({name}.{kind}) to ({own}.{info.kind}): unknown conversion"
    else:
        why = f'no kind "{kind}" is registered for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
    return bad_request(f'{kind} in version "{name}" cannot be handled as a {info.kind}: {why}')


def check_address(obj: JSONObject, namespace: str, name: str, *, namespaced: bool) -> JSONObject:
    """The object with its namespace, and its name compared with the path's; 400 where they differ."""
    metadata = obj.get("metadata")
    if metadata is None:
        metadata = {}
    if not isinstance(metadata, dict):
        return obj  # the decoder says what is wrong with it
    if name:
        own = metadata.get("name")
        if own and own != name:
            raise bad_request(f"the name of the object ({own}) does not match the name on the URL ({name})")
        if not own:
            raise bad_request(
                f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
            )
    own_namespace = metadata.get("namespace") or ""
    if namespaced:
        if own_namespace and own_namespace != namespace:
            raise bad_request(_NAMESPACE_DIFFERS)
        if own_namespace != namespace:
            metadata = {**metadata, "namespace": namespace}
    elif own_namespace:  # cleared, not refused
        metadata = {key: value for key, value in metadata.items() if key != "namespace"}
    return obj if metadata is obj.get("metadata") else {**obj, "metadata": metadata}
