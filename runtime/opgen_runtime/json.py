"""The one place that reads and writes JSON.

msgspec does the work; who calls gets bytes, plain data and `DecodeError`, never msgspec's own exceptions.
Documents nested beyond what the C stack allows are refused like any other broken input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from opgen_runtime.errors import DecodeError

T = TypeVar("T")

_DECODER = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()
_SORTED = msgspec.json.Encoder(order="deterministic")


def loads(raw: bytes | str) -> Any:
    """Plain data from JSON. Raises DecodeError on malformed or too deeply nested input."""
    return decode_with(_DECODER.decode, raw)


def dumps(value: Any) -> bytes:
    """Compact JSON of plain data or msgspec structs; keys in the order given."""
    return encode_with(_ENCODER.encode, value)


def dumps_sorted(value: Any) -> bytes:
    """Compact JSON with sorted keys: equal data give equal bytes, so that they can be hashed."""
    return encode_with(_SORTED.encode, value)


def copied(value: Any, convert: Callable[[Any], Any]) -> Any:
    """Plain data with all containers anew; `convert` makes plain data of anything that is not."""
    return msgspec.to_builtins(value, enc_hook=convert)


def decoder(shape: type[T]) -> Callable[[bytes | str], T]:
    """A fast function that decodes JSON into `shape` (any type that msgspec knows)."""
    decode = msgspec.json.Decoder(shape).decode

    def decode_shape(raw: bytes | str) -> T:
        return decode_with(decode, raw)

    return decode_shape


def decode_with(decode: Callable[[bytes | str], T], raw: bytes | str) -> T:
    """Calls a msgspec decoder and turns its complaints into DecodeError."""
    try:
        return decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise DecodeError(f"not the expected JSON: {err}", _as_bytes(raw)) from err
    except RecursionError as err:
        raise DecodeError("JSON is nested too deeply", _as_bytes(raw)) from err


def encode_with(encode: Callable[[Any], bytes], value: Any) -> bytes:
    """Calls a msgspec encoder; a value that JSON cannot hold is a TypeError that names its type."""
    try:
        return encode(value)
    except RecursionError as err:
        raise ValueError("data are nested too deeply for JSON, or contain themselves") from err


def _as_bytes(raw: bytes | str) -> bytes:
    return raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
