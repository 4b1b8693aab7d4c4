"""Macros: calls that are rewritten into comprehensions while parsing (`all`, `map`, `has`, `optMap`, ...)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from opgen.apiextensions.cel.ast import (
    ACCUMULATOR,
    Bad,
    Call,
    Comprehension,
    Expr,
    Ident,
    ListExpr,
    Literal,
    MapExpr,
    Select,
    copy,
)
from opgen.apiextensions.cel.source import Source

_OLD_ACCUMULATOR = "__result__"
_MAP_INSERT = "cel.@mapInsert"
_SORT_INPUT = "@__sortBy_input__"


class _Misuse(Exception):
    """A macro's arguments are wrong; `at` is the argument to point at."""

    def __init__(self, at: Expr, message: str) -> None:
        super().__init__(message)
        self.at = at


_Expander: TypeAlias = Callable[[int, Expr, list[Expr]], Expr]


def expand(source: Source, offset: int, function: str, target: Expr | None, args: list[Expr]) -> Expr | None:
    """The expansion of a call at `offset`, or None if no macro has this name and number of arguments."""
    if target is None:
        if function != "has" or len(args) != 1:
            return None
        return _has(source, offset, args[0])
    expander = _EXPANDERS.get((function, len(args)))
    if expander is None:
        return None
    try:
        return expander(offset, target, args)
    except _Misuse as misuse:
        source.report(misuse.at.offset, str(misuse))
        return Bad(offset)


def _has(source: Source, offset: int, arg: Expr) -> Expr:
    if isinstance(arg, Select) and not arg.test:
        return Select(offset, arg.operand, arg.field, test=True)
    source.report(arg.offset, "invalid argument to has() macro")
    return Bad(offset)


def _name(arg: Expr, complaint: str) -> str:
    if not isinstance(arg, Ident):
        raise _Misuse(arg, complaint)
    return arg.name


def _variable(arg: Expr, complaint: str) -> str:
    name = _name(arg, complaint)
    if name in (ACCUMULATOR, _OLD_ACCUMULATOR):
        raise _Misuse(arg, "iteration variable overwrites accumulator variable")
    return name


def _variables(first: Expr, second: Expr) -> tuple[str, str]:
    one = _name(first, "argument must be a simple name")
    two = _name(second, "argument must be a simple name")
    if one == two:
        raise _Misuse(second, f"duplicate variable name: {one}")
    return (
        _variable(first, "argument must be a simple name"),
        _variable(second, "argument must be a simple name"),
    )


class _Fold:
    """Builds the parts of a comprehension; every made node stands where the macro was called."""

    def __init__(self, offset: int, target: Expr, variables: tuple[str, str]) -> None:
        self._offset = offset
        self._target = target
        self._variables = variables

    @property
    def so_far(self) -> Ident:
        return Ident(self._offset, ACCUMULATOR)

    def call(self, function: str, *args: Expr) -> Call:
        return Call(self._offset, function, None, list(args))

    def fold(self, init: Expr, condition: Expr, step: Expr, result: Expr) -> Comprehension:
        return Comprehension(
            self._offset, self._target, self._variables[0], ACCUMULATOR, init, condition, step, result,
            self._variables[1],
        )  # fmt: skip

    def literal(self, value: bool | int) -> Literal:
        return Literal(self._offset, value)

    def all(self, predicate: Expr) -> Expr:
        condition = self.call("@not_strictly_false", self.so_far)
        return self.fold(
            self.literal(True), condition, self.call("_&&_", self.so_far, predicate), self.so_far
        )

    def exists(self, predicate: Expr) -> Expr:
        condition = self.call("@not_strictly_false", self.call("!_", self.so_far))
        return self.fold(
            self.literal(False), condition, self.call("_||_", self.so_far, predicate), self.so_far
        )

    def exists_one(self, predicate: Expr) -> Expr:
        more = self.call("_+_", self.so_far, self.literal(1))
        step = self.call("_?_:_", predicate, more, self.so_far)
        return self.fold(
            self.literal(0), self.literal(True), step, self.call("_==_", self.so_far, self.literal(1))
        )

    def collect(self, element: Expr, predicate: Expr | None) -> Expr:
        step = self.call("_+_", self.so_far, ListExpr(self._offset, [element]))
        return self.gather(ListExpr(self._offset, []), step, predicate)

    def gather(self, init: Expr, step: Expr, predicate: Expr | None) -> Expr:
        if predicate is not None:
            step = self.call("_?_:_", predicate, step, self.so_far)
        return self.fold(init, self.literal(True), step, self.so_far)


def _quantifier(method: Callable[[_Fold, Expr], Expr]) -> _Expander:
    def expander(offset: int, target: Expr, args: list[Expr]) -> Expr:
        if len(args) == 3:
            variables = _variables(args[0], args[1])
        else:
            variables = (_variable(args[0], "argument must be a simple name"), "")
        return method(_Fold(offset, target, variables), args[-1])

    return expander


def _map(offset: int, target: Expr, args: list[Expr]) -> Expr:
    variable = _variable(args[0], "argument is not an identifier")
    predicate = args[1] if len(args) == 3 else None
    return _Fold(offset, target, (variable, "")).collect(args[-1], predicate)


def _filter(offset: int, target: Expr, args: list[Expr]) -> Expr:
    variable = _variable(args[0], "argument is not an identifier")
    return _Fold(offset, target, (variable, "")).collect(args[0], args[1])


def _transform_list(offset: int, target: Expr, args: list[Expr]) -> Expr:
    fold = _Fold(offset, target, _variables(args[0], args[1]))
    return fold.collect(args[-1], args[2] if len(args) == 4 else None)


def _transform_map(offset: int, target: Expr, args: list[Expr]) -> Expr:
    variables = _variables(args[0], args[1])
    fold = _Fold(offset, target, variables)
    step = fold.call(_MAP_INSERT, fold.so_far, Ident(offset, variables[0]), args[-1])
    return fold.gather(MapExpr(offset, []), step, args[2] if len(args) == 4 else None)


def _transform_map_entry(offset: int, target: Expr, args: list[Expr]) -> Expr:
    fold = _Fold(offset, target, _variables(args[0], args[1]))
    step = fold.call(_MAP_INSERT, fold.so_far, args[-1])
    return fold.gather(MapExpr(offset, []), step, args[2] if len(args) == 4 else None)


def _bind(offset: int, name: str, value: Expr, body: Expr) -> Comprehension:
    """`value` under a name within `body`: a fold over nothing."""
    return Comprehension(
        offset, ListExpr(offset, []), "#unused", name, value, Literal(offset, False),
        Ident(offset, name), body,
    )  # fmt: skip


def _opt_map(offset: int, target: Expr, args: list[Expr]) -> Expr:
    return _opt(offset, target, args, "optMap", wrap=True)


def _opt_flat_map(offset: int, target: Expr, args: list[Expr]) -> Expr:
    return _opt(offset, target, args, "optFlatMap", wrap=False)


def _opt(offset: int, target: Expr, args: list[Expr], macro: str, *, wrap: bool) -> Expr:
    name = _name(args[0], f"{macro}() variable name must be a simple identifier")
    body: Expr = _bind(offset, name, Call(offset, "value", copy(target), []), args[1])
    if wrap:
        body = Call(offset, "optional.of", None, [body])
    present = Call(offset, "hasValue", target, [])
    return Call(offset, "_?_:_", None, [present, body, Call(offset, "optional.none", None, [])])


def _sort_by(offset: int, target: Expr, args: list[Expr]) -> Expr:
    if not isinstance(target, ListExpr | Select | Ident | Comprehension | Call):
        raise _Misuse(
            target,
            "sortBy can only be applied to a list, identifier, comprehension, call or select expression",
        )
    keys = _map(offset, Ident(offset, _SORT_INPUT), args)
    ordered = Call(offset, "@sortByAssociatedKeys", Ident(offset, _SORT_INPUT), [keys])
    return _bind(offset, _SORT_INPUT, target, ordered)


_ALL, _EXISTS, _EXISTS_ONE = (_quantifier(m) for m in (_Fold.all, _Fold.exists, _Fold.exists_one))
_EXPANDERS: dict[tuple[str, int], _Expander] = {
    ("all", 2): _ALL,
    ("all", 3): _ALL,
    ("exists", 2): _EXISTS,
    ("exists", 3): _EXISTS,
    ("exists_one", 2): _EXISTS_ONE,
    ("exists_one", 3): _EXISTS_ONE,
    ("existsOne", 3): _EXISTS_ONE,
    ("map", 2): _map,
    ("map", 3): _map,
    ("filter", 2): _filter,
    ("optMap", 2): _opt_map,
    ("optFlatMap", 2): _opt_flat_map,
    ("transformList", 3): _transform_list,
    ("transformList", 4): _transform_list,
    ("transformMap", 3): _transform_map,
    ("transformMap", 4): _transform_map,
    ("transformMapEntry", 3): _transform_map_entry,
    ("transformMapEntry", 4): _transform_map_entry,
    ("sortBy", 2): _sort_by,
}
