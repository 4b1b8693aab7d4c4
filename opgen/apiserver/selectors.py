"""Label and field selectors: parsed once for a request, then asked for each object.

Errors carry the real server's texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opgen.apiserver.metadata import label_value, qualified_name
from opgen.apiserver.status import bad_request

Labels = Mapping[str, str]

_TOKENS = re.compile(r"\s*(?:(!=|==|=|!|<|>|\(|\)|,)|([^\s!=<>(),]+))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term of a label selector: `operator` is one of in, notin, =, ==, !=, exists, !, gt, lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether the labels fulfil it."""
        value = labels.get(self.key)
        match self.operator:
            case "in" | "=" | "==":
                return value is not None and value in self.values
            case "notin" | "!=":
                return value is None or value not in self.values
            case "exists":
                return value is not None
            case "!":
                return value is None
            case _:
                return _compares(value, self.operator, self.values[0])


def _compares(value: str | None, operator: str, bound: str) -> bool:
    try:
        left, right = int(value or ""), int(bound)
    except ValueError:
        return False
    return left > right if operator == "gt" else left < right


_SYMBOLS = frozenset(("=", "==", "!=", "!", "<", ">", "(", ")", ","))


class _Parser:
    """A recursive descent over the tokens of a selector."""

    def __init__(self, text: str) -> None:
        self.tokens = [symbol or word for symbol, word in _TOKENS.findall(text)]
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def identifier(self) -> str:
        token = self.take()
        if not token or token in _SYMBOLS:
            raise bad_request(f"unable to parse requirement: found '{token}', expected: identifier")
        return token

    def requirement(self) -> Requirement:
        if self.peek() == "!":
            self.take()
            return Requirement(self.identifier(), "!")
        key = self.identifier()
        operator = self.peek()
        if operator in ("", ","):
            return Requirement(key, "exists")
        self.take()
        if operator in ("in", "notin"):
            return Requirement(key, operator, self.values())
        if operator in ("=", "==", "!="):
            value = "" if self.peek() in ("", ",") else self.identifier()
            return Requirement(key, operator, (value,))
        if operator in ("<", ">"):
            value = self.identifier()
            if not value.lstrip("+-").isdigit():
                raise bad_request(
                    f"unable to parse requirement: values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' "
                    "operators, the value must be an integer"
                )
            return Requirement(key, "gt" if operator == ">" else "lt", (value,))
        raise bad_request(
            f"unable to parse requirement: found '{operator}', expected: in, notin, =, ==, !=, gt, lt"
        )

    def values(self) -> tuple[str, ...]:
        token = self.take()
        if token != "(":
            raise bad_request(f"unable to parse requirement: found '{token}' expected: '('")
        values: list[str] = []
        while True:
            token = self.peek()
            if token in (",", ")"):
                values.append("")
            else:
                values.append(self.identifier())
            token = self.take()
            if token == ")":
                return tuple(sorted(set(values)))
            if token != ",":
                raise bad_request(f"unable to parse requirement: found '{token}', expected: ',' or ')'")

    def all(self) -> tuple[Requirement, ...]:
        found: list[Requirement] = []
        while self.peek():
            if self.peek() != "!" and self.peek() in _SYMBOLS:
                expected = "identifier after ','" if found else "!, identifier, or 'end of string'"
                raise bad_request(f"found '{self.peek()}', expected: {expected}")
            found.append(_checked(self.requirement()))
            if not self.peek():
                break
            token = self.take()
            if token != ",":
                raise bad_request(f"found '{token}', expected: ',' or 'end of string'")
            if not self.peek():
                raise bad_request("found '', expected: identifier after ','")
        return tuple(found)


def _checked(term: Requirement) -> Requirement:
    """Keys and values must be those of labels."""
    problems = [("<nil>", term.key, "; ".join(qualified_name(term.key)))]
    if term.operator not in ("gt", "lt"):
        problems += [
            (f"values[{index}][{term.key}]", value, "; ".join(label_value(value)))
            for index, value in enumerate(term.values)
        ]
    wrong = [f'{path}: Invalid value: "{value}": {why}' for path, value, why in problems if why]
    if wrong:
        shown = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
        raise bad_request(f"unable to parse requirement: {shown}")
    return term


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """A labelSelector parameter as its requirements; raises 400."""
    return _Parser(text).all() if text.strip() else ()


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector."""

    path: str
    value: str
    equal: bool


def parse_fields(text: str) -> tuple[FieldTerm, ...]:
    """A fieldSelector parameter as its terms; raises 400."""
    terms: list[FieldTerm] = []
    for part in _split(text):
        if not part:
            continue
        for symbol, equal in (("!=", False), ("==", True), ("=", True)):
            path, found, value = part.partition(symbol)
            if found and not path and not value:
                break
            if found:
                _check_value(value)
                terms.append(FieldTerm(path, re.sub(r"\\([\\,=])", r"\1", value), equal))
                break
        else:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
    return tuple(terms)


def _check_value(value: str) -> None:
    """Raise 400 for what a field's value may hold only behind a backslash."""
    unescaped = re.search(r"(?<!\\)(?:\\\\)*([=,])", value)
    if unescaped:
        raise bad_request(f"invalid field selector: unescaped character in value: {ord(unescaped[1])}")


def _split(text: str) -> list[str]:
    return re.split(r"(?<!\\),", text)


def read_path(obj: Any, path: str) -> str:
    """The value at a dotted path, as a field selector compares it; empty where absent."""
    for part in path.split("."):
        obj = obj.get(part) if isinstance(obj, dict) else None
    if obj is None:
        return ""
    if isinstance(obj, bool):
        return "true" if obj else "false"
    return str(obj)


Matcher = Callable[[dict[str, Any]], bool]


def matcher(
    labels: tuple[Requirement, ...],
    fields: tuple[FieldTerm, ...],
    read: Callable[[dict[str, Any], str], str] = read_path,
) -> Matcher | None:
    """One predicate for both selectors; None where everything matches."""
    if not labels and not fields:
        return None

    def matches(obj: dict[str, Any]) -> bool:
        found: Labels = obj["metadata"].get("labels") or {}
        return all(r.matches(found) for r in labels) and all(
            (read(obj, term.path) == term.value) is term.equal for term in fields
        )

    return matches


_EXPRESSIONS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def selects(selector: Mapping[str, Any] | None, labels: Labels) -> bool:
    """Whether a LabelSelector as objects write it (matchLabels, matchExpressions) fits; an empty one fits all."""
    if not selector:
        return True
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(
        Requirement(
            str(term.get("key")),
            _EXPRESSIONS.get(str(term.get("operator")), "in"),
            tuple(term.get("values") or ()),
        ).matches(labels)
        for term in selector.get("matchExpressions") or ()
    )
