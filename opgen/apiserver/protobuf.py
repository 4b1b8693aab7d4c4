"""Reads objects in Kubernetes' protobuf form, as Go's typed clients send them, kubectl's `create` among them.

The field numbers are data (see data/NOTICE). Answers are always JSON, which those clients accept too.
"""

from __future__ import annotations

import base64
import gzip
import json
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SIGNED = frozenset(("int32", "int64"))
_SCALARS = frozenset(("string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float"))
_FLOATS = {"double": "<d", "float": "<f"}


class MalformedError(Exception):
    """The bytes are no object in this form."""


@cache
def _messages() -> dict[str, dict[str, list[str]]]:
    packed = (files("opgen.apiserver") / "data" / "protobuf.json.gz").read_bytes()
    found: dict[str, dict[str, list[str]]] = json.loads(gzip.decompress(packed))
    return found


@cache
def plain_scalars(kind: str) -> frozenset[str]:
    """The fields of a type (`core/v1.Container`) that are scalars and no pointers: their zero means unset."""
    fields = _messages().get(kind, {}).values()
    return frozenset(name for name, inner, form in fields if form == "one" and inner in _SCALARS)


def read(raw: bytes, message: str = "") -> dict[str, Any]:
    """The object of a request's body, with its apiVersion and kind. Raises MalformedError.

    `message` is the message to read it as, by default the kind's own.
    """
    if not raw.startswith(_MAGIC):
        raise MalformedError("it does not begin with k8s and a zero")
    try:
        envelope = dict(_fields(raw[len(_MAGIC) :]))
        kind = {number: _text(value) for number, value in _fields(_bytes(envelope.get(1, b"")))}
        version, name = kind.get(1, ""), kind.get(2, "")
        obj = _message(message or f"{_api(version)}.{name}", _bytes(envelope.get(2, b"")))
    except (IndexError, UnicodeDecodeError, struct.error, RecursionError, OverflowError) as error:
        raise MalformedError(str(error)) from None
    return {"apiVersion": version, "kind": name, **obj}


def _api(version: str) -> str:
    """v1 -> core/v1, rbac.authorization.k8s.io/v1 -> rbac/v1."""
    group, _, number = version.rpartition("/")
    return f"{(group or 'core').partition('.')[0]}/{number}"


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise MalformedError("a number where bytes belong")
    return value


def _text(value: int | bytes) -> str:
    return _bytes(value).decode()


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result & (2**64 - 1), at
        shift += 7
        if shift > 63:
            raise MalformedError("a number is too long")


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message by number, in order."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise MalformedError(f"wire type {wire}")
        if at + size > len(data):
            raise MalformedError("it ends too early")
        yield number, data[at : at + size]
        at += size


def _message(kind: str, data: bytes) -> dict[str, Any]:
    known = _messages().get(kind)
    if known is None:
        raise MalformedError(f"no message {kind} is known")
    result: dict[str, Any] = {}
    for number, raw in _fields(data):
        field = known.get(str(number))
        if field is None:
            continue
        name, inner, form = field
        if form == "map":
            key, value = _entry(inner, _bytes(raw))
            result.setdefault(name, {})[key] = value
            continue
        value = _value(inner, raw)
        if form == "many":
            result.setdefault(name, []).append(value)
        elif not name:
            result |= value
        elif value is not None and (form == "pointer" or isinstance(value, dict) or value):
            result[name] = value  # a zero that isn't behind a pointer means unset
    return result


def _entry(kind: str, data: bytes) -> tuple[str, Any]:
    fields = dict(_fields(data))
    return _text(fields.get(1, b"")), _value(kind, fields.get(2, 0 if kind in _SIGNED else b""))


def _value(kind: str, raw: int | bytes) -> Any:
    if isinstance(raw, int):
        if kind == "bool":
            return bool(raw)
        return raw - 2**64 if kind in _SIGNED and raw >= 2**63 else raw
    if kind in _FLOATS:
        return struct.unpack(_FLOATS[kind], raw)[0]
    match kind:
        case "string":
            return raw.decode()
        case "bytes":
            return base64.b64encode(raw).decode()
        case "meta/v1.Time" | "meta/v1.MicroTime":
            return _time(raw, micro=kind.endswith("MicroTime"))
        case "Quantity":
            return _text(dict(_fields(raw)).get(1, b""))
        case "IntOrString":
            return _int_or_string(raw)
        case "RawExtension" | "meta/v1.FieldsV1":
            return _json(_bytes(dict(_fields(raw)).get(1, b"")))
        case "meta/v1.Verbs" | "authentication/v1.ExtraValue" | "authorization/v1.ExtraValue":
            return [_text(item) for _, item in _fields(raw)]
        case _:
            return _message(kind, raw)


def _int_or_string(data: bytes) -> int | str:
    fields = dict(_fields(data))
    if fields.get(1):
        return _text(fields.get(3, b""))
    number = fields.get(2, 0)
    if not isinstance(number, int):
        raise MalformedError("bytes where a number belongs")
    return number - 2**64 if number >= 2**63 else number


def _time(data: bytes, *, micro: bool) -> str | None:
    fields = dict(_fields(data))
    seconds, nanos = fields.get(1), fields.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int):
        return None
    seconds = seconds - 2**64 if seconds >= 2**63 else seconds
    moment = _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError as error:
        raise MalformedError(str(error)) from None
