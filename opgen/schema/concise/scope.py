"""What every part of the concise reader works with: one value of the file, its place, and the findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opgen.documents import Position
from opgen.documents.origins import Path, json_path
from opgen.errors import Diagnostic, closest, error


@dataclass(slots=True)
class Findings:
    """Collects the problems of one file."""

    file: str
    diagnostics: list[Diagnostic] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """A value of the file: `data` at `path`, whose lines `position` knows."""

    data: Any
    path: Path
    position: Position
    findings: Findings

    @property
    def line(self) -> int:
        return self.position.line

    def child(self, key: str | int) -> Scope:
        """The value below `key`, which must exist."""
        position = self.position.children.get(key, Position(self.line))
        return Scope(self.data[key], (*self.path, key), position, self.findings)

    def problem(self, message: str, hint: str = "") -> None:
        """Something is wrong with this value; said once, however many parts of the reader ask for it."""
        found = error(message, file=self.findings.file, line=self.line, path=json_path(self.path), hint=hint)
        if found not in self.findings.diagnostics:
            self.findings.diagnostics.append(found)

    def mapping(self, what: str) -> dict[str, Any] | None:
        """The value as a mapping, or None after a complaint."""
        if isinstance(self.data, dict):
            return self.data
        self.problem(f"{what} must be a mapping, not {describe(self.data)}")
        return None

    def known(self, allowed: Mapping[str, Any] | Iterable[str], what: str) -> None:
        """Complains about every key that is not allowed here."""
        names = list(allowed)
        for key in self.data:
            if key not in names:
                close = closest(key, names)
                self.child(key).problem(
                    f"unknown key `{key}` in {what}",
                    f"did you mean `{close}`?" if close else "one of " + ", ".join(names),
                )

    def typed(self, key: str, takes: type | tuple[type, ...], what: str) -> Any:
        """The value below `key` if it is of that type; None where it is absent or after a complaint."""
        if key not in self.data:
            return None
        value = self.data[key]
        wanted = takes if isinstance(takes, tuple) else (takes,)
        if (isinstance(value, bool) and bool not in wanted) or not isinstance(value, wanted):
            self.child(key).problem(
                f"{key} must be {what}, not {describe(value)}", _quote_hint(value, wanted)
            )
            return None
        return value

    def text(self, key: str) -> str:
        value = self.typed(key, str, "text")
        return value if isinstance(value, str) else ""

    def flag(self, key: str, default: bool = False) -> bool:
        value = self.typed(key, bool, "true or false")
        return value if isinstance(value, bool) else default

    def amount(self, key: str, default: bool) -> bool | int:
        """true, false, or a number of at least 0."""
        value = self.typed(key, (bool, int), "true, false or a number of characters")
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            self.child(key).problem(f"{key} must not be negative")
            return default
        return default if value is None else bool(value) if isinstance(value, bool) else int(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        if key not in self.data:
            return ()
        value = self.data[key]
        if isinstance(value, str):
            return (value,)
        scope = self.child(key)
        if not isinstance(value, list):
            scope.problem(f"{key} must be a list of texts, not {describe(value)}")
            return ()
        for index, item in enumerate(value):
            if not isinstance(item, str):
                scope.child(index).problem(
                    f"{key} must hold texts, not {describe(item)}", _quote_hint(item, (str,))
                )
        return tuple(item for item in value if isinstance(item, str))


def describe(value: Any) -> str:
    """A value as an error message names it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return f'the text "{value}"' if len(value) < 40 else "a text"
    return f"the number {value}"


def _quote_hint(value: Any, wanted: tuple[type, ...]) -> str:
    return "put it into quotes" if str in wanted and isinstance(value, (bool, int, float)) else ""
