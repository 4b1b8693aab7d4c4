"""From a request's body to an object of the kind that the path names, or the real server's refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from opgen.apiextensions.gojson import LARGEST_REQUEST, TOO_LARGE
from opgen.apiserver import protobuf
from opgen.apiserver.builtin import builtin_resources
from opgen.apiserver.doubles import Doubles, everywhere
from opgen.apiserver.doubles import find as find_doubles
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, RequestLike, header
from opgen.apiserver.status import StatusError, bad_request, unsupported_media_type
from opgen.ir.schema import Schema

JSON = "application/json"
YAML = "application/yaml"
_QUOTED = 30
"""How many bytes of a body a refusal shows."""
_NAMESPACE_DIFFERS = "the namespace of the provided object does not match the namespace sent on the request"
_YAML_TYPES = frozenset((YAML, "application/x-yaml", "text/yaml"))

MAX_DEPTH = 400
"""Nested deeper than any object; what works on a body may go down into it by recursion."""

_decode_any = msgspec.json.Decoder().decode


class ParseError(Exception):
    """The bytes are not JSON (or YAML); the message is close to Go's."""


def _decode(raw: bytes) -> Any:
    """What msgspec reads. Raises its errors, RecursionError, and ParseError for what is nested too deep."""
    data = _decode_any(raw)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        check_depth(data)
    return data


def check_depth(data: Any) -> None:
    """Raises ParseError for data that is nested too deep."""
    level: list[Any] = [data] if isinstance(data, (dict, list)) else []
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise ParseError("exceeded max depth")


def media_type(headers: Mapping[str, str]) -> str:
    """The Content-Type without parameters; JSON if there is none."""
    value = header(headers, "content-type")
    return value.partition(";")[0].strip().lower() or JSON


def parse_json(raw: bytes) -> Any:
    """JSON bytes as data. Raises ParseError."""
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _parse_as_go(raw)


def _parse_as_go(raw: bytes) -> Any:
    """What msgspec refuses but Go reads (lone surrogates, numbers beyond a float), else Go's complaint."""
    try:
        text = raw.decode("utf-8", "replace")
        data = json.loads(text, parse_constant=_no_constant)
        check_depth(data)
        return _without_surrogates(data)
    except json.JSONDecodeError as error:
        raise ParseError(_go_syntax_error(text, error)) from None
    except _Constant as error:
        at = text.find(str(error))
        raise ParseError(f"invalid character {_quoted(text[at])} looking for beginning of value") from None
    except RecursionError:
        raise ParseError("exceeded max depth") from None


class _Constant(Exception):
    """NaN or Infinity, which JSON doesn't have."""


def _no_constant(name: str) -> Any:
    raise _Constant(name)


def _without_surrogates(data: Any) -> Any:
    if isinstance(data, str):
        return _SURROGATE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_without_surrogates(item) for item in data]
    if isinstance(data, dict):
        return {_without_surrogates(key): _without_surrogates(value) for key, value in data.items()}
    return data


_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTEXTS = {
    "Extra data": "after top-level value",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Illegal trailing comma before end of object": "looking for beginning of object key string",
    "Illegal trailing comma before end of array": "looking for beginning of value",
    "Expecting value": "looking for beginning of value",
    "Expecting ':' delimiter": "after object key",
    "Invalid control character at": "in string literal",
    "Invalid \\escape": "in string escape code",
    "Invalid \\uXXXX escape": "in \\u hexadecimal character escape",
}


def _go_syntax_error(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if error.msg.startswith("Illegal trailing comma"):  # Python 3.13 points at the comma
        at = len(text) - len(text[at + 1 :].lstrip())
    if error.msg.startswith("Unterminated string") or at >= len(text.rstrip()):
        return "unexpected end of JSON input"
    if error.msg == "Expecting ',' delimiter":
        context = "after array element" if _in_array(text[:at]) else "after object key:value pair"
    else:
        context = _CONTEXTS.get(error.msg, "looking for beginning of value")
    return f"invalid character {_quoted(text[at])} {context}"


def _in_array(text: str) -> bool:
    """Whether the innermost bracket that is open at the end is an array's."""
    open_brackets: list[str] = []
    for found in _STRUCTURE.finditer(text):
        match found[0]:
            case "{" | "[" as bracket:
                open_brackets.append(bracket)
            case "}" | "]":
                open_brackets.pop()
    return bool(open_brackets) and open_brackets[-1] == "["


_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


def _quoted(character: str) -> str:
    if character == "'":
        return "'\\''"
    if character == '"':
        return "'\"'"
    return "'" + character.encode("unicode_escape").decode() + "'"


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


def bounded(request: RequestLike) -> None:
    """Refuses a body beyond the real server's bound. Raises StatusError 413."""
    if len(request.body or b"") > LARGEST_REQUEST:
        raise StatusError(413, "RequestEntityTooLarge", TOO_LARGE, {})


def read_body(request: RequestLike, info: ResourceInfo, kind: str = "") -> JSONObject:
    """The body as an object. `kind` is what is expected where that isn't the resource's own."""
    raw = request.body or b""
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
            text = f"the object provided is unrecognized (must be of type {kind}): {why} ({_shown(raw)})"
            raise bad_request(text) from None
        raise bad_request(_unreadable(info, kind, str(error), raw)) from None
    if data is None and not info.custom:
        return {}
    untyped = data is None or (isinstance(data, dict) and not data.get("kind"))
    if info.custom and untyped and kind == info.kind:
        shown = raw.decode("utf-8", "replace")
        raise bad_request(
            f"the object provided is unrecognized (must be of type {kind}): Object 'Kind' is missing in "
            f"'{shown}' ({_shown(raw)})"
        )
    if not isinstance(data, dict):
        raise bad_request(_not_an_object(info, kind, data, raw))
    for name, value in data.items():
        if name in ("apiVersion", "kind") and value is not None and not isinstance(value, str):
            why = f"json: cannot unmarshal {json_type(value)} into Go struct field .{name} of type string"
            raise bad_request(_unreadable(info, kind, why, raw))
    return data


def doubles(
    request: RequestLike, data: Any, schema: Schema | None = None, seen: Callable[[str], bool] = everywhere
) -> Doubles | None:
    """What the body has twice, where it does; `data` is what was read of it, `schema` a built-in kind's."""
    raw = request.body or b""
    content_type = media_type(request.headers)
    if content_type == JSON:
        return find_doubles(raw, data, schema, seen)
    if content_type not in _YAML_TYPES:
        return None
    return yaml_doubles(raw, data)


def yaml_doubles(raw: bytes, data: Any) -> Doubles | None:
    """The same of a body that may be YAML, and was read as `data`."""
    from opgen.apiserver.yaml import doubled

    lines = doubled(raw) if raw.lstrip()[:1] != b"{" or find_doubles(raw, data) is not None else []
    return Doubles(data, lines=lines) if lines else None


def _shown(raw: bytes) -> str:
    """The beginning of a body as the real server quotes it: text if it looks like JSON, else hexadecimal."""
    more = " ..." if len(raw) > _QUOTED else ""
    begins = raw[:_QUOTED]
    return (begins.decode("utf-8", "replace") if raw[:1] == b"{" else begins.hex()) + more


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
    return (
        f"the object provided is unrecognized (must be of type {kind}): "
        f"couldn't get version/kind; json parse error: {not_an_object(data)} ({raw[:64].hex()})"
    )


_TYPES = {list: "array", str: "string", bool: "bool", int: "number", float: "number", dict: "object"}


def json_type(data: Any) -> str:
    """What Go calls a JSON value's type."""
    return _TYPES.get(type(data), "null")


def not_an_object(data: Any) -> str:
    """Go's words for a document that isn't an object."""
    return (
        f"json: cannot unmarshal {json_type(data)} into Go value of type struct "
        '{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
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
    if metadata.get("namespace") is not None and not isinstance(metadata["namespace"], str):
        return obj
    if namespaced:
        if own_namespace and own_namespace != namespace:
            raise bad_request(_NAMESPACE_DIFFERS)
        if own_namespace != namespace:
            metadata = {**metadata, "namespace": namespace}
    elif own_namespace:  # cleared, not refused
        metadata = {key: value for key, value in metadata.items() if key != "namespace"}
    return obj if metadata is obj.get("metadata") else {**obj, "metadata": metadata}
