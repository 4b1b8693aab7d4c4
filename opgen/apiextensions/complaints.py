"""Field errors as the server makes them: one function a kind, in its words where the kind brings its own."""

from __future__ import annotations

from collections.abc import Iterable

from opgen.apiextensions.errors import ErrorType, FieldError, InternalStruct, Omitted
from opgen.apiextensions.gotext import bad_value, quote
from opgen.ir.schema import JSON


def required(field: str, detail: str = "") -> FieldError:
    """Something that must be there is not."""
    return FieldError(field, ErrorType.REQUIRED, detail, "")


def invalid(field: str, value: JSON, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError(field, ErrorType.INVALID, detail, value)


def forbidden(field: str, detail: str) -> FieldError:
    """The field may not be used here."""
    return FieldError(field, ErrorType.FORBIDDEN, detail, "")


def duplicate(field: str, value: JSON) -> FieldError:
    """The value must be unique and is not."""
    return FieldError(field, ErrorType.DUPLICATE, "", value)


def not_supported(field: str, value: JSON, supported: Iterable[str]) -> FieldError:
    """The value is none of those that are known."""
    return FieldError(
        field, ErrorType.NOT_SUPPORTED, f"supported values: {', '.join(map(quote, supported))}", value
    )


def too_many(field: str, count: int, most: int) -> FieldError:
    """More entries than allowed."""
    detail = (
        f"must have at most {most} {'item' if most == 1 else 'items'}" if most >= 0 else "has too many items"
    )
    return FieldError(field, ErrorType.TOO_MANY, detail, count)


def immutable(field: str, value: JSON, old: JSON) -> tuple[FieldError, ...]:
    """The error of a field that may never change, if it did."""
    return () if value == old else (invalid(field, value, "field is immutable"),)


_NAMES = {
    ErrorType.NOT_FOUND: "Not found",
    ErrorType.REQUIRED: "Required value",
    ErrorType.DUPLICATE: "Duplicate value",
    ErrorType.INVALID: "Invalid value",
    ErrorType.TYPE_INVALID: "Invalid value",
    ErrorType.NOT_SUPPORTED: "Unsupported value",
    ErrorType.FORBIDDEN: "Forbidden",
    ErrorType.TOO_LONG: "Too long",
    ErrorType.TOO_MANY: "Too many",
    ErrorType.INTERNAL: "Internal error",
}
_WITHOUT_VALUE = (ErrorType.REQUIRED, ErrorType.FORBIDDEN, ErrorType.TOO_LONG, ErrorType.INTERNAL)


def text(error: FieldError) -> str:
    """The error as one line: `spec.group: Invalid value: "x": should be a domain with at least one dot`.

    Without the server's own structs, which nobody could read: whole schemas and versions.
    """
    line = f"{error.field}: {_NAMES[error.type]}"
    if not (error.type in _WITHOUT_VALUE or isinstance(error.value, Omitted) or _is_struct(error.value)):
        line = f"{line}: {bad_value(error.value)}"
    return f"{line}: {error.detail}" if error.detail else line


def _is_struct(value: JSON) -> bool:
    return isinstance(value, InternalStruct) or (isinstance(value, list) and any(map(_is_struct, value)))


def aggregate(errors: Iterable[FieldError]) -> str:
    """Several errors as one text, each once: `[a, b]`."""
    lines = list(dict.fromkeys(map(text, errors)))
    return lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
