"""What the schema validator finds, before it becomes the server's field errors.

`message` is the validator's own text: the server drops an issue whose text it has already, even where the
field error that it becomes shows another text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from opgen.apiextensions.complaints import too_many
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.gotext import quote, to_json

REQUIRED = "required"
ENUM = "enum"
TOO_LONG = "too long"
TOO_MANY = "too many"
TYPE = "type"
INVALID = "invalid"
PATHLESS = "pathless"


class Issue(NamedTuple):
    """One finding: `kind` says which field error it becomes, `path` is as the validator names it."""

    kind: str
    path: str
    message: str
    value: Any = None
    extra: Any = None


Issues: TypeAlias = list[Issue]


def field_errors(issues: Iterable[Issue], field_path: str) -> tuple[FieldError, ...]:
    """The server's field errors of a validation's issues, each text once. `field_path` is "" at the root."""
    seen: set[str] = set()
    errors = []
    for issue in issues:
        if issue.message not in seen:
            seen.add(issue.message)
            errors.append(_field_error(issue, field_path))
    return tuple(errors)


def _field_error(issue: Issue, field_path: str) -> FieldError:
    name = issue.path.removeprefix(".")
    if issue.kind == PATHLESS or not name:
        field = field_path or "<nil>"
    else:
        field = f"{field_path}.{name}" if field_path else name
    match issue.kind:
        case "required":
            return FieldError(field, ErrorType.REQUIRED, "", "")
        case "enum":
            allowed = (v.json if isinstance(v.json, str) else to_json(v.json) for v in issue.extra)
            detail = f"supported values: {', '.join(map(quote, allowed))}"
            return FieldError(field, ErrorType.NOT_SUPPORTED, detail, issue.value)
        case "too long":
            return too_long(field, issue.extra)
        case "too many":
            return too_many(field, issue.value, issue.extra)
        case "type":
            return FieldError(field, ErrorType.TYPE_INVALID, issue.message, issue.value)
        case "pathless":
            return FieldError(field, ErrorType.INVALID, issue.message, "")
        case _:
            return FieldError(field, ErrorType.INVALID, issue.message, issue.value)


def too_long(field: str, limit: int) -> FieldError:
    """A text above `limit`; the server does not repeat it, and says bytes where it counted characters."""
    detail = (
        f"may not be more than {limit} {'byte' if limit == 1 else 'bytes'}"
        if limit >= 0
        else "value is too long"
    )
    return FieldError(field, ErrorType.TOO_LONG, detail, "<value omitted>")
