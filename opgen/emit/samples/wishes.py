"""What would make a rule true: alternatives, each a set of wishes about fields, sizes, keys and values.

`wishes` takes a rule apart: `&&`, `||`, `!`, `? :`, `has`, the quantifiers over lists and maps, sizes. What it can't
take apart is a wish that a part be true, which `fulfil` grants by trying values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import TypeAlias

from opgen.apiextensions.cel.ast import (
    Call,
    Comprehension,
    Expr,
    Ident,
    ListExpr,
    Literal,
    Select,
    conjuncts,
)
from opgen.emit.samples.plan import Path
from opgen.emit.samples.rules import place_of, substituted
from opgen.emit.samples.speech import nodes_of
from opgen.ir.schema import JSON, Schema

_ALTERNATIVES = 24
_ITEMS = 5
_MIRRORED = {"_<_": "_>_", "_<=_": "_>=_", "_>_": "_<_", "_>=_": "_<=_", "_==_": "_==_", "_!=_": "_!=_"}
_NEGATED = {"_<_": "_>=_", "_<=_": "_>_", "_>_": "_<=_", "_>=_": "_<_", "_==_": "_!=_", "_!=_": "_==_"}


@dataclass(frozen=True, slots=True)
class Has:
    """A field is there, or not."""

    path: Path
    there: bool


@dataclass(frozen=True, slots=True)
class Size:
    """A list or map has so many entries."""

    path: Path
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Key:
    """A map's keys, all of them or one, are such that a part says so; `variable` stands for the key in it."""

    path: Path
    part: Expr
    variable: str
    truth: bool
    every: bool


@dataclass(frozen=True, slots=True)
class Entries:
    """A part says so of each of a map's entries, whatever their keys are by then; `variable` stands for the key."""

    path: Path
    part: Expr
    variable: str
    truth: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """A part of the rule says so, whatever it looks at."""

    part: Expr
    truth: bool


Wish: TypeAlias = "Has | Size | Key | Entries | Truth"
Wishes: TypeAlias = "tuple[Wish, ...]"


def wishes(tree: Expr, truth: bool, value: JSON, schema: Schema) -> list[Wishes]:
    """Alternatives that make a rule `truth` of a value of `schema`, the plainest first; not all there are."""
    return list(islice(_Reader(value, schema).read(tree, truth), _ALTERNATIVES))


def below(schema: Schema, path: Path) -> Schema | None:
    """The schema of a place below another."""
    found: Schema | bool | None = schema
    for step in path:
        if not isinstance(found, Schema):
            return None
        if isinstance(step, int):
            found = found.items
        else:
            found = found.properties.get(step) or found.additional_properties
    return found if isinstance(found, Schema) else None


class _Reader:
    def __init__(self, value: JSON, schema: Schema) -> None:
        self._value = value
        self._schema = schema

    def read(self, node: Expr, truth: bool) -> Iterator[Wishes]:
        match node:
            case Literal(value=bool() as said):
                if said is truth:
                    yield ()
            case Call(function="!_", args=[inner]):
                yield from self.read(inner, not truth)
            case Call(function="_&&_" | "_||_", args=parts):
                yield from self._joined(parts, truth, every=(node.function == "_&&_") is truth)
            case Call(function="_?:_" | "_?_:_", args=[condition, one, other]):
                yield from self._all([(condition, True), (one, truth)])
                yield from self._all([(condition, False), (other, truth)])
            case Call(function="_==_" | "_!=_", args=[left, right]) if _is_truth(left) and _is_truth(right):
                same = (node.function == "_==_") is truth
                yield from self._all([(left, False), (right, not same)])
                yield from self._all([(left, True), (right, same)])
            case Select(test=True):
                path = place_of(Select(node.offset, node.operand, node.field))
                yield (Has(path, truth),) if path is not None else (Truth(node, truth),)
            case Comprehension():
                yield from self._loop(node, truth)
            case Call(function="@in", args=[Literal(value=str()) as literal, holder]) if self._is_map(holder):
                path = place_of(holder) or ()
                wish = Key(path, _is(literal), "key", truth, every=not truth)
                yield (wish,)
                if truth:
                    yield Size(path, 1, None), wish
            case Call(args=[_, _]) if node.function in _MIRRORED:
                yield from self._compared(node, truth)
            case _:
                yield (Truth(node, truth),)

    def _is_map(self, node: Expr) -> bool:
        path = place_of(node)
        held = None if path is None else self._below(path)
        return held is not None and held.additional_properties is not None

    def _below(self, path: Path) -> Schema | None:
        return below(self._schema, path)

    def _joined(self, parts: list[Expr], truth: bool, *, every: bool) -> Iterator[Wishes]:
        if every:
            yield from self._all([(part, truth) for part in parts])
            return
        for part in parts:
            yield from self.read(part, truth)

    def _all(self, parts: Iterable[tuple[Expr, bool]]) -> Iterator[Wishes]:
        """All parts at once: the alternatives of each, combined."""
        choices = [list(islice(self.read(part, truth), 8)) for part, truth in parts]
        for combined in islice(product(*choices), _ALTERNATIVES):
            yield tuple(dict.fromkeys(wish for found in combined for wish in found))

    def _compared(self, node: Call, truth: bool) -> Iterator[Wishes]:
        function = node.function if truth else _NEGATED[node.function]
        left, right = node.args
        if place_of(left) is not None and place_of(left) == place_of(right):
            if function in ("_==_", "_<=_", "_>=_"):
                yield ()
            return
        for one, other, sign in ((left, right, function), (right, left, _MIRRORED[function])):
            number = other.value if isinstance(other, Literal) and isinstance(other.value, int) else None
            flags = _counted(one)
            if flags is not None and number is not None:
                yield from self._so_many(flags, sign, number)
                return
            path = _sized(one)
            if path is None or not self._is_held(path):
                continue
            if number is not None:
                yield from ((Size(path, *bounds),) for bounds in _bounds(sign, number))
                return
            now = self._at(path)
            size = len(now) if isinstance(now, (list, dict)) else 0
            yield (Truth(node, truth),)
            for count in dict.fromkeys((size, 1, 2, 3, 0)):
                yield Size(path, count, count), Truth(node, truth)
            return
        yield (Truth(node, truth),)

    def _is_held(self, path: Path) -> bool:
        """Whether a place is a list or a map, not a text."""
        held = self._below(path)
        return held is not None and held.type in ("array", "object")

    def _so_many(self, flags: list[Expr], sign: str, number: int) -> Iterator[Wishes]:
        """So many of some conditions hold, as `[has(self.a), has(self.b)].filter(x, x).size() == 1` asks."""
        for least, most in _bounds(sign, number):
            for count in range(max(least, 0), len(flags) + 1 if most is None else min(most, len(flags)) + 1):
                for chosen in combinations(range(len(flags)), count):
                    yield from self._all((flag, place in chosen) for place, flag in enumerate(flags))

    def _loop(self, node: Comprehension, truth: bool) -> Iterator[Wishes]:
        kind, predicate = _quantifier(node)
        if predicate is not None and isinstance(node.range, ListExpr) and not node.var2:
            parts = [substituted(predicate, {node.var: element}) for element in node.range.elements]
            if kind == "one":
                yield from self._so_many(parts, "_==_" if truth else "_!=_", 1)
            else:
                yield from self._joined(parts, truth, every=(kind == "all") is truth)
            return
        path = place_of(node.range)
        now = None if path is None else self._at(path)
        if path is None or predicate is None or (node.var2 and self._is_map(node.range)):
            yield (Truth(node, truth),)
        elif self._is_map(node.range):
            yield from self._keys(kind, predicate, node.var, path, now, truth)
        else:
            held = self._below(path)
            least = held.min_items or 0 if held is not None else 0
            count = min(len(now) if isinstance(now, list) else least, _ITEMS)
            yield from self._items(node, kind, predicate, path, count, truth)

    def _items(
        self, node: Comprehension, kind: str, predicate: Expr, path: Path, count: int, truth: bool
    ) -> Iterator[Wishes]:
        def item(index: int) -> Expr:
            number = Literal(node.offset, index)
            place = Call(node.offset, "_[_]", None, [node.range, number])
            bound: dict[str, Expr] = {node.var: number, node.var2: place} if node.var2 else {node.var: place}
            return substituted(predicate, bound)

        if kind == "one" and truth:
            for chosen in range(max(count, 1)):
                size = () if chosen < count else (Size(path, 1, 1),)
                yield from self._with(size, [(item(n), n == chosen) for n in range(max(count, 1))])
            yield from self._with((Size(path, 1, 1),), [(item(0), True)])
        elif kind == "one":
            yield (Size(path, 0, 0),)
            yield from self._with((), [(item(n), False) for n in range(count)])
        elif (kind == "all") is truth:
            yield from self._with((), [(item(n), truth) for n in range(count)])
            yield (Size(path, 0, 0),)
            yield from self._with((Size(path, 1, 1),), [(item(0), truth)])
        else:
            for chosen in range(max(min(count, 3), 1)):
                yield from self._with((Size(path, chosen + 1, None),), [(item(chosen), truth)])

    def _keys(
        self, kind: str, predicate: Expr, variable: str, path: Path, now: JSON, truth: bool
    ) -> Iterator[Wishes]:
        every = (kind == "all") is truth
        parts = conjuncts(predicate) if every and truth else [predicate]
        about = [part for part in parts if every and _looks_up(part, path, variable)]
        if about:
            keys = [Key(path, part, variable, truth, every) for part in parts if part not in about]
            yield (*keys, *(Entries(path, part, variable, truth) for part in about))
            return
        wish = Key(path, predicate, variable, truth, every)
        if not every and not now:
            yield Size(path, 1, None), wish
            return
        yield (wish,)
        if every:
            yield (Size(path, 0, 0),)

    def _with(self, first: Wishes, parts: list[tuple[Expr, bool]]) -> Iterator[Wishes]:
        for found in self._all(parts):
            yield (*first, *found)

    def _at(self, path: Path) -> JSON:
        value = self._value
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def _is(literal: Literal) -> Expr:
    """`key == literal`."""
    return Call(literal.offset, "_==_", None, [Ident(literal.offset, "key"), literal])


def _is_truth(node: Expr) -> bool:
    """Whether an expression is built of has(), `&&` and the like, so that it is worth taking apart."""
    match node:
        case Literal(value=bool()) | Select(test=True):
            return True
        case Call(function="!_" | "_&&_" | "_||_"):
            return True
        case Call(function=function) if function in _MIRRORED:
            return True
        case Comprehension():
            return _quantifier(node)[1] is not None
    return False


def _quantifier(node: Comprehension) -> tuple[str, Expr | None]:
    """all, exists or one, and the predicate; no predicate for other loops."""
    match node.step:
        case Call(function="_&&_", args=[Ident(), predicate]) if isinstance(node.init, Literal):
            return "all", predicate
        case Call(function="_||_", args=[Ident(), predicate]) if isinstance(node.init, Literal):
            return "exists", predicate
        case Call(function="_?_:_", args=[predicate, Call(function="_+_", args=[_, Literal(value=1)]), _]):
            if isinstance(node.init, Literal) and node.init.value == 0:
                return "one", predicate
    return "", None


def _looks_up(node: Expr, path: Path, variable: str) -> bool:
    """Whether a part speaks of what stands under a map's key."""
    for part in nodes_of(node):
        match part:
            case Call(function="_[_]", args=[holder, Ident(name=name)]) if name == variable:
                if place_of(holder) == path:
                    return True
    return False


def _counted(node: Expr) -> list[Expr] | None:
    """The conditions whose number an expression is: `[a, b].filter(x, x).size()`."""
    match node:
        case Call(function="size", target=inner, args=args):
            inner = inner if inner is not None else args[0] if args else None
            match inner:
                case Comprehension(range=ListExpr(elements=elements), var=name, init=ListExpr()):
                    match inner.step:
                        case Call(function="_?_:_", args=[Ident(name=flag), _, _]) if flag == name:
                            return elements
    return None


def _sized(node: Expr) -> Path | None:
    """The place whose size an expression is."""
    match node:
        case Call(function="size", target=None, args=[inner]):
            return place_of(inner)
        case Call(function="size", target=target, args=[]) if target is not None:
            return place_of(target)
    return None


def _bounds(sign: str, number: int) -> Iterator[tuple[int, int | None]]:
    """Sizes for which `size SIGN number` holds."""
    match sign:
        case "_==_":
            yield max(number, 0), max(number, 0)
        case "_!=_":
            yield number + 1, None
            if number > 0:
                yield 0, number - 1
        case "_<_":
            yield 0, number - 1
        case "_<=_":
            yield 0, number
        case "_>_":
            yield number + 1, None
        case _:
            yield max(number, 0), None
