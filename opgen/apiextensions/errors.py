"""Errors as the API server words them (apimachinery `field.Error`) and the verdicts that carry them."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from opgen.ir.schema import JSON


class ErrorType(enum.StrEnum):
    """apimachinery's field.ErrorType values, under the names of its `causes[].reason`."""

    NOT_FOUND = "FieldValueNotFound"
    REQUIRED = "FieldValueRequired"
    DUPLICATE = "FieldValueDuplicate"
    INVALID = "FieldValueInvalid"
    NOT_SUPPORTED = "FieldValueNotSupported"
    FORBIDDEN = "FieldValueForbidden"
    TOO_LONG = "FieldValueTooLong"
    TOO_MANY = "FieldValueTooMany"
    INTERNAL = "InternalError"
    TYPE_INVALID = "FieldValueTypeInvalid"


class Omitted(enum.Enum):
    """Stands for a value that the server leaves out of its message."""

    VALUE = "omitted"


OMITTED = Omitted.VALUE


class GoText(str):
    """A text behind a pointer or of a type with a name of its own: messages show it as JSON."""

    __slots__ = ()


class GoStruct(dict[str, JSON]):
    """A value that is a Go struct: messages show its fields in this order, those of a map sorted."""


class InternalStruct(GoStruct):
    """A value of the server's internal types, every field of it, which only the server itself shows."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error of the server. `detail` is the server's text without the leading `field: Type: value:`."""

    field: str
    type: ErrorType
    detail: str
    value: JSON | Omitted = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the API server would say.

    `decode` is the decoder's message where the input does not fit the type at all; `errors` the validation's;
    `warnings` what the server sends as warning headers (and, for definitions, nothing else: lints are apart);
    `unchecked` names rules that could not be run here, which a caller must report; `stored` is what
    etcd would hold, None where refused.
    """

    allowed: bool
    errors: tuple[FieldError, ...] = ()
    decode: str = ""
    warnings: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    stored: dict[str, JSON] | None = None
