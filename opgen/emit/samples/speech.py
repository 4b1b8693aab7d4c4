"""What the parts of rules speak of: constants, places in a value, patterns and lengths that they ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.apiextensions.cel.ast import Call, Comprehension, Expr, Ident, Literal, children
from opgen.apiextensions.cel.values import UInt
from opgen.emit.samples.plan import Path
from opgen.emit.samples.rules import place_of
from opgen.ir.schema import JSON

MOST_PLACES = 8


def at(value: JSON, path: Path) -> JSON:
    """The part of a value at a path; None where there is none."""
    for part in path:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def replaced(value: JSON, path: Path, new: JSON) -> JSON:
    """A copy with another part at a path, sharing what does not change."""
    if not path:
        return new
    step = path[0]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: replaced(value.get(step), path[1:], new)}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], replaced(value[step], path[1:], new), *value[step + 1 :]]
    return value


def distinct(options: list[JSON]) -> Iterator[JSON]:
    seen: set[tuple[type, str]] = set()
    for option in options:
        key = (type(option), repr(option))
        if key not in seen:
            seen.add(key)
            yield option


def nodes_of(node: Expr) -> Iterator[Expr]:
    yield node
    for part in children(node):
        yield from nodes_of(part)


def literals_of(node: Expr) -> list[JSON]:
    """The texts and numbers that a part says, `5u` as 5."""
    found: list[JSON] = []
    for part in nodes_of(node):
        if (
            isinstance(part, Literal)
            and isinstance(part.value, (str, int, float))
            and not isinstance(part.value, bool)
        ):
            found.append(int(part.value) if isinstance(part.value, UInt) else part.value)
    return found


def places_of(node: Expr) -> Iterator[Path]:
    """The places that a part names outside of loops, the longest."""
    path = place_of(node)
    if path is not None:
        yield path
    elif isinstance(node, Comprehension):
        yield from places_of(node.range)
    else:
        for part in children(node):
            yield from places_of(part)


def scalars_of(node: Expr, value: JSON, bound: dict[str, list[Path]]) -> list[Path]:
    """The scalars of a value that a part looks at; in loops, those of each item."""
    found: list[Path] = []
    paths = _bound_places(node, value, bound)
    if paths is not None:
        for path in paths:
            found += (spot for spot in _below(path, at(value, path)))
    elif isinstance(node, Comprehension):
        holders = _bound_places(node.range, value, bound)
        items: list[Path] = []
        for holder in holders or ():
            held = at(value, holder)
            if isinstance(held, list):
                items += [(*holder, index) for index in range(min(len(held), MOST_PLACES))]
        inner = {**bound, node.var: items, node.accumulator: []}
        for part in (node.step, node.init, node.result):
            found += scalars_of(part, value, inner)
        if holders is None:
            found += scalars_of(node.range, value, bound)
    else:
        for part in children(node):
            found += scalars_of(part, value, bound)
    return list(dict.fromkeys(found))[:MOST_PLACES]


def _bound_places(node: Expr, value: JSON, bound: dict[str, list[Path]]) -> list[Path] | None:
    if isinstance(node, Ident) and node.name in bound:
        return bound[node.name]
    path = place_of(node)
    if path is not None:
        return [path]
    operand = getattr(node, "operand", None)
    field = getattr(node, "field", None)
    if operand is not None and isinstance(field, str):
        above = _bound_places(operand, value, bound)
        return None if above is None else [(*one, field) for one in above if not getattr(node, "test", False)]
    return None


def _below(path: Path, value: JSON) -> Iterator[Path]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _below((*path, name), part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _below((*path, index), part)
    elif value is not None:
        yield path


def patterns_of(node: Expr) -> Iterator[tuple[str, Path]]:
    """Patterns that a part asks of a text outright."""
    for target, pattern in _asked(node):
        path = place_of(target)
        if path is not None:
            yield pattern, path


def language_of(node: Expr, variable: str) -> Iterator[str]:
    """Patterns that a part asks of a variable."""
    for target, pattern in _asked(node):
        if isinstance(target, Ident) and target.name == variable:
            yield pattern


def _asked(node: Expr) -> Iterator[tuple[Expr, str]]:
    match node:
        case Call(function="startsWith", target=target, args=[Literal(value=str() as text)]) if (
            target is not None
        ):
            yield target, f"^{re.escape(text)}"
        case Call(function="endsWith", target=target, args=[Literal(value=str() as text)]) if (
            target is not None
        ):
            yield target, f"{re.escape(text)}$"
        case Call(function="contains", target=target, args=[Literal(value=str() as text)]) if (
            target is not None
        ):
            yield target, re.escape(text)
        case Call(function="matches", target=target, args=[Literal(value=str() as text)]) if (
            target is not None
        ):
            yield target, text
        case Call(function="matches", target=None, args=[target, Literal(value=str() as text)]):
            yield target, text


def lengths_of(node: Expr) -> Iterator[tuple[Path, int, int | None]]:
    """Bounds on the length of a text that a part asks for outright."""
    match node:
        case Call(
            function=sign,
            args=[Call(function="size", target=target, args=args), Literal(value=int() as number)],
        ):
            inner = target if target is not None else args[0] if args else None
            path = place_of(inner) if inner is not None else None
            if path is not None:
                bounds = {"_==_": (number, number), "_>_": (number + 1, None), "_>=_": (number, None),
                          "_<_": (0, number - 1), "_<=_": (0, number)}  # fmt: skip
                if sign in bounds:
                    yield path, *bounds[sign]
