"""Pairs of definitions for the tests of comparing, and what is said of them in one line each."""

from __future__ import annotations

from typing import Any

from definition_support import definition

from opgen.apiextensions import decode
from opgen.apiextensions.compare import Reason, compare
from opgen.ir.definition import Definition


def decoded(raw: Any) -> Definition:
    """The definition of raw data."""
    found = decode(raw, strict=False)
    assert found.definition is not None, found.error
    return found.definition


def line(reason: Reason) -> str:
    """Severity, place, text and code."""
    place = " ".join(part for part in (reason.version, reason.path) if part)
    return f"{reason.severity} {place}: {reason.text} [{reason.code}]"


def lines(old: Any, new: Any, *, conventions: bool = False) -> list[str]:
    """What changed between two raw definitions."""
    return [line(reason) for reason in compare(decoded(old), decoded(new), conventions=conventions)]


def of_spec(schema: Any) -> dict[str, Any]:
    """A definition whose version v1 has this schema for `spec`."""
    return definition({"type": "object", "properties": {"spec": schema}})


def fields(**properties: Any) -> dict[str, Any]:
    """A definition whose spec has these properties."""
    return of_spec({"type": "object", "properties": properties})


def of_spec_lines(old: Any, new: Any) -> list[str]:
    """What changed between two schemas of `spec`."""
    return lines(of_spec(old), of_spec(new))


def of_field_lines(old: Any, new: Any) -> list[str]:
    """What changed between two schemas of `spec.a`, without version and path."""
    found = lines(fields(a=old), fields(a=new))
    return [text.replace("v1 spec.a: ", "", 1) for text in found]
