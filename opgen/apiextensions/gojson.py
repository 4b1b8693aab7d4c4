"""Decides what the API server's JSON decoder would say of raw data: type errors, unknown fields, nulls.

The server decodes into Go structs, so its messages name Go types and the path of struct fields. Types are
data here (`String`, `Slice`, `Struct`, ...); `decode` and `schema_decoding` hold the tables and build the
frozen forms. The rules: the first type error is kept and the rest is still read; a type with a decoder of
its own (`Nested`) ends the reading at its first error; strict unknown fields are seen only outside such
types, where they vanish in silence.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from opgen.apiextensions.gotext import number_literal, plain, quote, sound

# The server stops at a nesting of 10,000; Python's stack does earlier. Real definitions stay below 90.
MAX_DEPTH = 160
LARGEST_REQUEST = 3 * 1024 * 1024
"""The server's bound for a request, in bytes; it also stops documents that aliases blow up."""
TOO_LARGE = f"Request entity too large: limit is {LARGEST_REQUEST}"
"""The server's words for what is beyond it."""
# The server's own bound for one answer.
MAX_STRICT = 100


class Abort(Exception):
    """Ends the decoding with this message, as an error that a type's own decoder returns."""


class GoType(Protocol):
    """A Go type: `name` as in messages, `decode` returns the value or None where it is absent or wrong."""

    @property
    def name(self) -> str: ...

    def decode(self, state: State, value: Any) -> Any: ...


class State:
    """One run of the decoder: where it stands and what it has found."""

    __slots__ = ("asked", "dropped", "error", "fields", "nested", "path", "struct", "unknown")

    def __init__(self) -> None:
        self.struct = ""
        self.asked = ""  # the struct that asked the outermost decoder of its own: Go names that one
        self.fields: list[str] = []
        self.path: list[str | int] = []  # names, and indexes of lists
        self.nested = 0
        self.error = ""
        self.unknown: list[str] = []
        self.dropped: list[str] = []

    def mismatch(self, value: Any, go_type: str, *, literal: bool = False) -> None:
        """Keeps the first type error; `literal` adds the number itself, as for one out of range."""
        if not self.error:
            self.error = self.mismatch_text(value, go_type, literal=literal)

    def mismatch_text(self, value: Any, go_type: str, *, literal: bool = False) -> str:
        what = kind_of(value)
        if literal:
            what = f"{what} {number_literal(value)}"
        struct = self.asked if self.nested else self.struct
        if not struct:
            return f"json: cannot unmarshal {what} into Go value of type {go_type}"
        where = f"{struct}.{'.'.join(self.fields)}"
        return f"json: cannot unmarshal {what} into Go struct field {where} of type {go_type}"

    def unknown_field(self, key: str) -> None:
        path = "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" if place else step
            for place, step in enumerate(self.path)
        )
        full = f"{path}.{key}" if path else key
        if self.nested:
            self.dropped.append(full)
        elif len(self.unknown) < MAX_STRICT:
            self.unknown.append(f"unknown field {quote(sound(full))}")


def kind_of(value: Any) -> str:
    """JSON's word for a value, as Go's messages have it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


class String:
    """A Go string or a named string type."""

    def __init__(self, name: str = "string") -> None:
        self.name = name

    def decode(self, state: State, value: Any) -> str | None:
        if type(value) is str:
            return sound(value)
        if value is not None:
            state.mismatch(value, self.name)
        return None


class Bool:
    name = "bool"

    def decode(self, state: State, value: Any) -> bool | None:
        if type(value) is bool:
            return value
        if value is not None:
            state.mismatch(value, self.name)
        return None


class Int:
    """A signed integer of `bits` bits: 5.0 is refused, as is what does not fit."""

    def __init__(self, bits: int) -> None:
        self.name = f"int{bits}"
        self._limit = 1 << (bits - 1)

    def decode(self, state: State, value: Any) -> int | None:
        if type(value) is int and -self._limit <= value < self._limit:
            return value
        if value is not None:
            state.mismatch(value, self.name, literal=type(value) in (int, float))
        return None


class Float:
    """A float64; integers are taken, and keep their form where it holds them."""

    name = "float64"

    def decode(self, state: State, value: Any) -> int | float | None:
        if type(value) is float or type(value) is int:
            if type(value) is int and abs(value) > _LARGEST_FLOAT:
                state.mismatch(value, self.name, literal=True)
                return None
            return value if type(value) is float or float(value) == value else int(plain(value))
        if value is not None:
            state.mismatch(value, self.name)
        return None


_LARGEST_FLOAT = int(1.7976931348623157e308)


class Bytes:
    """[]byte: base64 text, or a list of numbers; kept as the text that Go writes for it."""

    name = "[]uint8"

    def decode(self, state: State, value: Any) -> str | None:
        if type(value) is str:
            place = illegal_base64(value)
            if place is None:
                return base64.b64encode(base64.b64decode(value)).decode()
            if not state.error:
                state.error = f"illegal base64 data at input byte {place}"
        elif isinstance(value, list):
            return base64.b64encode(bytes(_byte(state, item) for item in value)).decode()
        elif value is not None:
            state.mismatch(value, self.name)
        return None


def _byte(state: State, value: Any) -> int:
    if type(value) is int and 0 <= value < 256:
        return value
    if value is not None:
        state.mismatch(value, "uint8", literal=type(value) in (int, float))
    return 0


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def illegal_base64(text: str) -> int | None:
    """Where strict standard base64 (newlines ignored) breaks, as a byte offset, or None."""
    digits = 0
    for at, char in enumerate(text):
        if char in "\r\n":
            continue
        if char in _BASE64:
            digits += 1
        elif char == "=" and digits % 4 in (2, 3):
            rest = "".join(text[at:].split())
            return None if rest == "=" * (4 - digits % 4) else at
        else:
            return at
    return None if digits % 4 == 0 else len(text) - len(text) % 4


class Raw:
    """Any JSON value, kept; `wrap` makes the value's frozen form, null included."""

    name = "interface {}"

    def __init__(self, wrap: Callable[[Any], Any]) -> None:
        self._wrap = wrap

    def decode(self, state: State, value: Any) -> Any:
        return self._wrap(value)


class Slice:
    """A Go slice, as a tuple. A null element is the element type's zero value."""

    def __init__(self, element: GoType, zero: Any, name: str = "") -> None:
        self.name = name or f"[]{element.name}"
        self._element = element
        self._zero = zero

    def decode(self, state: State, value: Any) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            if value is not None:
                state.mismatch(value, self.name)
            return None
        result = []
        path = state.path
        for index, item in enumerate(value):
            path.append(index)
            decoded = self._element.decode(state, item)
            path.pop()
            result.append(self._zero if decoded is None else decoded)
        return tuple(result)


class Map:
    """A Go map with string keys. A null value is the element type's zero value."""

    def __init__(self, element: GoType, zero: Any, name: str = "") -> None:
        self.name = name or f"map[string]{element.name}"
        self._element = element
        self._zero = zero

    def decode(self, state: State, value: Any) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            if value is not None:
                state.mismatch(value, self.name)
            return None
        result = {}
        path = state.path
        for name, item in value.items():
            key = sound(name)
            path.append(key)
            decoded = self._element.decode(state, item)
            path.pop()
            result[key] = self._zero if decoded is None else decoded
        return result


class Struct:
    """A Go struct: `fields` maps a wire name to the keyword argument of `build` and its type.

    `inline` names the embedded struct that a field belongs to, which Go's path shows.
    """

    def __init__(
        self,
        package: str,
        name: str,
        fields: Mapping[str, tuple[str, GoType]],
        build: Callable[..., Any],
        inline: Mapping[str, str] | None = None,
    ) -> None:
        self.name = f"{package}.{name}"
        self.short = name
        self.fields = fields
        self._build = build
        self._inline = inline or {}

    def decode(self, state: State, value: Any) -> Any:
        if not isinstance(value, dict):
            if value is not None:
                state.mismatch(value, self.name)
            return None
        arguments = {}
        outer, stack, path, fields = state.struct, state.fields, state.path, self.fields
        depth = len(stack)
        for key, item in value.items():
            known = fields.get(key)
            if known is None:
                state.unknown_field(key)
                continue
            name, go_type = known
            if item.__class__ is str and go_type.__class__ is String:  # fits, so nobody asks where it stands
                arguments[name] = item if item.isascii() else sound(item)
                continue
            state.struct = self.short
            if key in self._inline:
                stack.append(self._inline[key])
            stack.append(key)
            path.append(key)
            decoded = go_type.decode(state, item)
            path.pop()
            del stack[depth:]
            if decoded is not None:
                arguments[name] = decoded
        state.struct = outer
        return self._build(**arguments)


class Nested:
    """A type with a decoder of its own: decoded apart, leniently, and its first error ends all."""

    def __init__(self, name: str, read: Callable[[State, Any], Any]) -> None:
        self.name = name
        self._read = read

    def decode(self, state: State, value: Any) -> Any:
        outer, state.error = state.error, ""
        if not state.nested:
            state.asked = state.struct
        state.nested += 1
        result = self._read(state, value)
        state.nested -= 1
        if state.error:
            raise Abort(state.error)
        state.error = outer
        return result


def unfit(raw: Any) -> str:
    """Why `raw` can't be decoded at all (nesting, size, not JSON), or ""; walks without recursion.

    The size is the least that its JSON can have, so nothing is refused that a server would take.
    """
    size = 0
    level: list[Any] = [raw]
    depth = 0
    while level:
        if depth > MAX_DEPTH:
            return f"exceeded max depth: opgen reads {MAX_DEPTH} levels of nesting"
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                size += len(value)
            elif kind is dict:
                try:
                    size += len("".join(value)) + 3 * len(value)
                except TypeError:
                    return "json: object keys must be strings"
                below += value.values()
            elif kind is list:
                below += value
            elif kind is float:
                if not math.isfinite(value):
                    return f"json: unsupported value: {value}"
            elif value is not None and kind is not bool and kind is not int:
                return f"json: unsupported type: {kind.__name__}"
        size += 2 * len(level)
        if size > LARGEST_REQUEST:
            return TOO_LARGE
        level = below
        depth += 1
    return ""
