"""Calls of functions and operators: arguments first, then the function, then its cost.

Errors pass through all but `&&`, `||` and `@not_strictly_false`. Where static types leave it open which overload
is meant, the arguments' types at run time decide (`_dispatch`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from opgen.apiextensions import patterns
from opgen.apiextensions.cel import lib_strings, types
from opgen.apiextensions.cel.ast import Call
from opgen.apiextensions.cel.attributes import Code, Constant, Frame, Planned, Run
from opgen.apiextensions.cel.declarations import Overload, functions
from opgen.apiextensions.cel.dynamic import FUNCTIONS
from opgen.apiextensions.cel.library import OVERLOADS, SINGLETONS
from opgen.apiextensions.cel.operations import NO_OVERLOAD, contains, equal, is_list, is_map
from opgen.apiextensions.cel.runtime_cost import FAILED, Meter, cost_of
from opgen.apiextensions.cel.types import Kind, Type
from opgen.apiextensions.cel.values import (
    CelError,
    CostExceeded,
    OptionalValue,
    TypeValue,
    UInt,
    Unsupported,
    Value,
    elements,
    map_key,
    type_name,
)

__all__ = [
    "PATTERNED",
    "SINGLETONS",
    "call",
    "compiled",
    "equal",
    "implementation",
    "logical",
    "membership",
    "optional_or",
    "with_known_pattern",
]
LIMIT = 1_000_000
PATTERNED = ("matches", "find", "findAll")


def compiled(pattern: str) -> patterns.Pattern:
    """A pattern that compiles; CelError with Go's text if it does not."""
    found = patterns.compile(pattern)
    if found is None:
        raise CelError(patterns.complaint(pattern))
    return found


def with_known_pattern(function: str) -> Callable[..., Value]:
    """The server's special case of a pattern that is written in the rule: errors name no function."""
    found = {"matches": lib_strings.matches, "find": lib_strings.find, "findAll": lib_strings.find_all}[
        function
    ]

    def run(text: Value, pattern: Value, *count: Value) -> Value:
        if type(text) is TypeValue:
            text = text.name
        if type(text) is not str or (count and type(count[0]) is not int):
            raise CelError(NO_OVERLOAD)
        return found(text, pattern, *count)

    return run


# which function


def implementation(node: Call, overload: str) -> Callable[..., Value]:
    """The function behind a call."""
    single = SINGLETONS.get(node.function)
    if single is not None:
        return single
    table = functions().get(node.function) or FUNCTIONS[node.function]
    if not overload:
        return _dispatch(node.function, table)
    found = OVERLOADS.get(overload)
    if found is None:
        raise Unsupported(f"the function {node.function} ({overload})")
    if node.function == "flatten":
        return found
    args = ([] if node.target is None else [node.target]) + node.args
    declared = next(entry for entry in table if entry.id == overload)
    if not any(_open(arg.type) for arg in args):
        if overload in _UNGUARDED:
            return _checked_text(found)
        return _without_null(node.function, declared, found)
    if overload in _UNGUARDED:
        return _checked_text(found)
    return _guarded(node.function, declared, found)


def _open(t: Type) -> bool:
    return types.is_dyn_or_error(t) or t.kind in (Kind.NULL, Kind.TYPE_PARAM)


def _without_null(function: str, declared: Overload, found: Callable[..., Value]) -> Callable[..., Value]:
    """The checker knows the types, but a nullable field may still hold null."""
    strict = [arg.kind not in (Kind.DYN, Kind.TYPE_PARAM) for arg in declared.args]
    if not any(strict):
        return found
    if any(arg.kind is Kind.LIST and arg.params[0].kind is not Kind.TYPE_PARAM for arg in declared.args):
        return _guarded(function, declared, found)
    if len(strict) == 1:

        def unary(value: Value) -> Value:
            if value is None:
                raise _no_overload(function, (value,))
            return found(value)

        return unary

    def run(*args: Value) -> Value:
        for value in args:
            if value is None and not _accepts(declared, args):
                raise _no_overload(function, args)
        return found(*args)

    return run


_UNGUARDED = ("contains_string", "ends_with_string", "starts_with_string")


def _checked_text(found: Callable[..., Value]) -> Callable[..., Value]:
    """These functions look at their arguments themselves, with an error of their own."""

    def run(text: Value, part: Value) -> Value:
        if type(text) is not str or type(part) is not str:
            raise CelError(NO_OVERLOAD)
        return found(text, part)

    return run


def _guarded(function: str, overload: Overload, found: Callable[..., Value]) -> Callable[..., Value]:
    def run(*args: Value) -> Value:
        if not _accepts(overload, args):
            raise _no_overload(function, args)
        return found(*args)

    return run


def _dispatch(function: str, table: Sequence[Overload]) -> Callable[..., Value]:
    def run(*args: Value) -> Value:
        for overload in table:
            found = OVERLOADS.get(overload.id)
            if found is not None and len(overload.args) == len(args) and _accepts(overload, args):
                return found(*args)
        raise _no_overload(function, args)

    return run


def _no_overload(function: str, args: Sequence[Value]) -> CelError:
    return CelError(f"{NO_OVERLOAD}: {function}({', '.join(map(type_name, args))})")


def _accepts(overload: Overload, args: Sequence[Value]) -> bool:
    return all(_fits(wanted, arg) for wanted, arg in zip(overload.args, args, strict=True))


def _fits(wanted: Type, arg: Value) -> bool:
    match wanted.kind:
        case Kind.DYN | Kind.TYPE_PARAM | Kind.ANY:
            return True
        case Kind.LIST:
            return is_list(arg) and (not len(arg) or _fits_first(wanted.params[0], arg))
        case Kind.MAP:
            return is_map(arg)
        case _:
            return type_name(arg) == wanted.name


def _fits_first(wanted: Type, items: Value) -> bool:
    """A list's overload is found by its first element; one that doesn't fit its schema is of no type."""
    try:
        first = items.at(0)
    except CelError:
        return wanted.kind in (Kind.DYN, Kind.TYPE_PARAM, Kind.ANY)
    return _fits(wanted, first)


# calling


def call(function: str, overload: str, found: Callable[..., Value], runs: list[Run], *, eager: bool) -> Run:
    """Evaluate a call. `eager`: all arguments are evaluated even if one fails, which shows in the cost."""
    cost = cost_of(function, overload)
    if function == "@not_strictly_false":
        return _not_strictly_false(runs[0])
    if len(runs) == 1:
        return _unary(found, runs[0], cost)
    if len(runs) == 2:
        return _binary(found, runs[0], runs[1], cost, eager=eager)
    return _variadic(found, runs, cost)


def _charge(frame: Frame, cost: int | Meter, args: Sequence[Any], result: Any) -> None:
    if isinstance(cost, int):
        frame[0] += cost
    else:
        frame[0] = (frame[0] + cost(args, result)) % 2**64  # the server counts in 64 bits
        if frame[0] > LIMIT:
            raise CostExceeded


def _unary(found: Callable[..., Value], arg: Run, cost: int | Meter) -> Run:
    def run(frame: Frame) -> Value:
        value: Any = FAILED
        try:
            value = arg(frame)
            result = found(value)
        except CelError:
            _charge(frame, cost, (value,), FAILED)
            raise
        _charge(frame, cost, (value,), result)
        return result

    return run


def _binary(found: Callable[..., Value], left: Run, right: Run, cost: int | Meter, *, eager: bool) -> Run:
    def failed(frame: Frame) -> None:
        if eager:
            other: Any = FAILED
            try:
                other = right(frame)
            except CelError:
                other = FAILED
            _charge(frame, cost, (FAILED, other), FAILED)

    def run(frame: Frame) -> Value:
        try:
            one = left(frame)
        except CelError:
            failed(frame)
            raise
        two: Any = FAILED
        try:
            two = right(frame)
            result = found(one, two)
        except CelError:
            _charge(frame, cost, (one, two), FAILED)
            raise
        if isinstance(cost, int):
            frame[0] += cost
        else:
            _charge(frame, cost, (one, two), result)
        return result

    return run


def _variadic(found: Callable[..., Value], runs: list[Run], cost: int | Meter) -> Run:
    def run(frame: Frame) -> Value:
        args: list[Any] = []
        for index, arg in enumerate(runs):
            try:
                args.append(arg(frame))
            except CelError:
                if index == len(runs) - 1:
                    _charge(frame, cost, [*args, FAILED], FAILED)
                raise
        try:
            result = found(*args)
        except CelError:
            _charge(frame, cost, args, FAILED)
            raise
        _charge(frame, cost, args, result)
        return result

    return run


def _not_strictly_false(arg: Run) -> Run:
    def run(frame: Frame) -> Value:
        try:
            value = arg(frame)
        except CelError:
            value = True
        frame[0] += 1
        return value if type(value) is bool else True

    return run


# operators with evaluation rules of their own


def logical(left: Run, right: Run, *, ends: bool) -> Run:
    """`&&` (ends at false) and `||` (ends at true); an error loses against the value that ends it."""

    def run(frame: Frame) -> Value:
        try:
            one = left(frame)
        except CelError as error:
            if _or_none(right, frame) is ends:
                return ends
            raise error
        if one is ends:
            return ends
        if one is not (not ends):
            if _or_none(right, frame) is ends:
                return ends
            raise CelError(NO_OVERLOAD)
        two = right(frame)
        if type(two) is bool:
            return two
        raise CelError(NO_OVERLOAD)

    return run


def _or_none(run: Run, frame: Frame) -> Value:
    try:
        return run(frame)
    except CelError:
        return None


def optional_or(left: Run, right: Run, *, whole: bool) -> Run:
    """`a.or(b)` (`whole`) and `a.orValue(b)`: the second is evaluated only if the first is empty."""

    def run(frame: Frame) -> Value:
        value = left(frame)
        if type(value) is not OptionalValue:
            return value
        if value.present:
            return value if whole else value.value
        return right(frame)

    return run


def membership(arg: Planned, container: Value) -> Planned | None:
    """`x in [constants]` as a lookup that costs nothing; None where the server does not make one."""
    if not is_list(container):
        return None
    items = elements(container)
    if not items:
        return Constant(False)
    if not all(type(item) in (bool, float, int, str, UInt) for item in items):
        return None
    texts = frozenset(item for item in items if type(item) is str)
    if len(texts) < len(items):
        run = arg.run()
        return Code(lambda frame: _is_primitive_in(run(frame), container))
    value_of = arg.run()

    def lookup(frame: Frame) -> Value:
        value = value_of(frame)
        if type(value) is bytes:
            map_key(value)
        return type(value) is str and value in texts

    return Code(lookup)


def _is_primitive_in(value: Value, container: Value) -> bool:
    if type(value) is bytes:
        map_key(value)
    return type(value) in (bool, float, int, str, UInt) and contains(value, container)
