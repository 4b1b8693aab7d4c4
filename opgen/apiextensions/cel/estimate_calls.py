"""What the call of a single function may cost: Kubernetes' own table, then CEL's for its standard functions.

None means that the tree decides (`estimate`), which for most functions is one unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import Expr, Literal
from opgen.apiextensions.cel.ranges import (
    MOST,
    NEW_LIST,
    NEW_STRUCT,
    ONE,
    REGEX_FACTOR,
    STRING_FACTOR,
    UNKNOWN,
    Range,
    fixed,
)
from opgen.apiextensions.cel.types import Kind, Type

LONGEST_FORMAT_REGEX = 128
_LONGEST_FORMAT = 64
Bounds: TypeAlias = Callable[[tuple[str, ...]], Range | None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cost of a call and, for text and collections, the size of what it returns."""

    cost: Range
    size: Range | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A call's target or argument: its node, type, size if known and path into the schema."""

    node: Expr
    type: Type
    size: Range | None
    path: tuple[str, ...]

    @property
    def size_or_unknown(self) -> Range:
        """The size, anything if unknown."""
        return UNKNOWN if self.size is None else self.size


_Args: TypeAlias = Sequence[Operand]
_UNIT = frozenset(
    {
        "serviceAccount", "path", "group", "resource", "subresource", "namespace", "name", "allowed", "reason",
        "error", "errored", "masked", "prefixLength", "family", "isUnspecified", "isLoopback",
        "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast", "format.named", "sign", "asInteger",
        "isInteger", "asApproximateFloat", "isGreaterThan", "isLessThan", "compareTo", "add", "sub", "major",
        "minor", "patch", "getScheme", "getHostname", "getHost", "getPort", "getEscapedPath", "getQuery",
    }
)  # fmt: skip
_OVER_LISTS = frozenset(["isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"])
_PARSERS = frozenset(["cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"])
_COMPARED_AS_TEXT = frozenset(
    f"{relation}_{kind}"
    for relation in ("less", "greater", "less_equals", "greater_equals")
    for kind in ("string", "bytes")
) | {"equals", "not_equals"}
_UNIT_EQUALITY = {types.QUANTITY, types.SEMVER, types.IP, types.CIDR, *types.AUTHORIZATION}


def call_estimate(
    function: str, overload: str, target: Operand | None, args: _Args, bounds: Bounds
) -> Estimate | None:
    """The estimate for one overload, arguments' own costs aside."""
    return (
        _extension(overload, target, args)
        or _kubernetes(function, overload, target, args, bounds)
        or _standard(overload, target, args)
    )


# the list and set extensions


def _extension(overload: str, target: Operand | None, args: _Args) -> Estimate | None:
    match overload:
        case "list_sets_contains_list" | "list_sets_intersects_list":
            return _sets(args, 1)
        case "list_sets_equivalent_list":
            return _sets(args, 2)
        case "lists_range":
            return _new_list(1, fixed(_as_integer(args[0], MOST)))
    if target is None:
        return None
    size = target.size_or_unknown
    match overload:
        case "list_slice":
            return _new_list(1, fixed(_as_integer(args[1], size.high) - _as_integer(args[0], 0)))
        case "list_reverse":
            return _new_list(1, size)
        case "list_flatten":
            return _new_list(1, size)
        case "list_flatten_int":
            return _new_list(float(_as_integer(args[0], MOST)), size)
        case "list_distinct":
            return _new_list(2, size * size)
    if overload.endswith("_sort"):
        return _sorting(size, overload)
    if overload.endswith("_sortByAssociatedKeys"):
        return _sorting(args[0].size_or_unknown, overload)
    return None


def _sets(args: _Args, factor: float) -> Estimate:
    return Estimate((args[0].size_or_unknown * args[1].size_or_unknown).times(factor) + ONE)


def _sorting(size: Range, overload: str) -> Estimate:
    texts = overload.startswith(("list_string_", "list_bytes_"))
    return _new_list(2 + STRING_FACTOR if texts else 2.0, size * size)


def _new_list(factor: float, size: Range) -> Estimate:
    return Estimate(size.times(factor) + ONE + fixed(NEW_LIST), size)


def _as_integer(arg: Operand, otherwise: int) -> int:
    value = arg.node.value if isinstance(arg.node, Literal) else None
    return max(value, 0) if type(value) is int else otherwise


# Kubernetes


def _kubernetes(
    function: str, overload: str, target: Operand | None, args: _Args, bounds: Bounds
) -> Estimate | None:
    if function in _UNIT:
        return Estimate(ONE)
    if function in _OVER_LISTS:
        return None if target is None else Estimate(_traversal(target, bounds))
    if function in _PARSERS and args:
        return Estimate(args[0].size_or_unknown.times(STRING_FACTOR))
    match function:
        case "check":
            return Estimate(fixed(350_000))
        case "fieldSelector" | "labelSelector":
            return _selector(args[0].size_or_unknown) if len(args) == 1 else None
        case "url" | "jsonpatch.escapeKey":
            return _copying(args[0].size_or_unknown) if len(args) == 1 else None
        case "lowerAscii" | "upperAscii" | "substring" | "trim":
            return None if target is None else _copying(target.size_or_unknown)
        case "ip":
            if overload == "cidr_ip":
                return Estimate(ONE)
            return Estimate(args[0].size_or_unknown.times(STRING_FACTOR)) if args else None
        case "ip.isCanonical":
            return Estimate(args[0].size_or_unknown.times(2 * STRING_FACTOR)) if args else None
        case "containsIP" | "containsCIDR":
            return _containment(function, overload, args) if args else None
        case "validate":
            if not args:
                return None
            text = args[0].size_or_unknown.times(STRING_FACTOR)
            return Estimate(text.times(LONGEST_FORMAT_REGEX * REGEX_FACTOR))
        case "_==_":
            return _equality(args)
    return None if target is None else _on_text(function, target, args, bounds)


def _copying(size: Range) -> Estimate:
    return Estimate(size.times(STRING_FACTOR), size)


def _selector(length: Range) -> Estimate:
    requirements = length.times(0.5).times(float(NEW_LIST + NEW_STRUCT))
    return Estimate(fixed(NEW_LIST) + length.times(STRING_FACTOR) + requirements)


def _element(of: Operand, bounds: Bounds) -> tuple[Type, Range] | None:
    """Type and size of a list's (or map's, optional's) first type parameter."""
    if not of.type.params:
        return None
    size = bounds((*of.path, "@items")) if of.path else None
    return of.type.params[0], UNKNOWN if size is None else size


def _traversal(target: Operand, bounds: Bounds) -> Range:
    element = _element(target, bounds)
    if element is None:
        return target.size_or_unknown.times(STRING_FACTOR)
    kind, size = element
    cost = ONE
    if kind.kind in (Kind.STRING, Kind.BYTES):
        cost += size.times(STRING_FACTOR)
    return target.size_or_unknown * cost


def _on_text(function: str, target: Operand, args: _Args, bounds: Bounds) -> Estimate | None:
    size = target.size_or_unknown
    match function:
        case "replace" if len(args) >= 2:
            cost = size.times(2 * STRING_FACTOR)
            return Estimate(cost, _replaced(size, args[0].size_or_unknown, args[1].size_or_unknown))
        case "split":
            most = size.high
            limit = args[1].node.value if len(args) > 1 and isinstance(args[1].node, Literal) else None
            if type(limit) is int:
                most = limit & MOST
            return Estimate(size.times(2 * STRING_FACTOR), Range(0, most))
        case "join":
            return _join(target, args, bounds)
        case "find" | "findAll" if args:
            text = (size + ONE).times(STRING_FACTOR)
            pattern = args[0].size_or_unknown.times(REGEX_FACTOR)
            return Estimate(text * pattern, Range(0, size.high))
    return None


def _replaced(size: Range, old: Range, new: Range) -> Range:
    """The size of a text in which as much or as little as possible was replaced."""
    kept_high = size.high
    if old.low == 0:
        times_high = min(size.high + 1, MOST)
    elif new.high <= old.low:
        times_high = 0
    else:
        times_high = min(math.ceil(float(size.high) / float(old.low)), MOST)
        kept_high = 0
    kept_low = 0
    if old.high == 0:
        times_low, kept_low = min(size.low + 1, MOST), size.low
    elif old.high <= new.low:
        times_low = 0
        kept_low = size.low
    else:
        times_low = min(math.ceil(float(size.low) / float(old.high)), MOST)
    return Range(times_low, times_high) * new + Range(kept_low, kept_high)


def _join(target: Operand, args: _Args, bounds: Bounds) -> Estimate:
    count = target.size_or_unknown
    element = _element(target, bounds)
    size = Range(0, 0) if element is None else count * element[1]
    if args:
        size += args[0].size_or_unknown * Range(max(count.low - 1, 0), max(count.high - 1, 0))
    return Estimate(size.times(STRING_FACTOR), size)


def _containment(function: str, overload: str, args: _Args) -> Estimate:
    address = Range(4, 16)
    cost = (address + address).times(STRING_FACTOR)
    if function == "containsCIDR":
        cost += address.times(STRING_FACTOR) + ONE
    if overload in ("cidr_contains_ip_string", "cidr_contains_cidr_string"):
        cost += args[0].size_or_unknown.times(STRING_FACTOR)
    return Estimate(cost)


def _equality(args: _Args) -> Estimate | None:
    if len(args) != 2 or args[0].type.name != args[1].type.name:
        return None
    compared = args[0].type
    if compared in _UNIT_EQUALITY:
        return Estimate(ONE)
    if compared == types.FORMAT:
        return Estimate(Range(1, _LONGEST_FORMAT).times(STRING_FACTOR))
    if compared == types.URL:
        size = ONE if args[1].size is None else args[1].size
        return Estimate(Range(1, size.high).times(STRING_FACTOR))
    return None


# the standard functions


def _standard(overload: str, target: Operand | None, args: _Args) -> Estimate | None:
    if overload in _COMPARED_AS_TEXT:
        most = min(args[0].size_or_unknown.high, args[1].size_or_unknown.high)
        return Estimate(Range(1 if most > 0 else 0, most).times(STRING_FACTOR))
    match overload:
        case "string_format" if target is not None:
            return Estimate(target.size_or_unknown.times(STRING_FACTOR))
        case "string_to_bytes":
            size = args[0].size_or_unknown
            return Estimate(size.times(STRING_FACTOR), Range(size.low, size.high * 4 & MOST))
        case "bytes_to_string":
            size = args[0].size_or_unknown
            return Estimate(size.times(STRING_FACTOR), Range(size.low // 4, size.high))
        case "strings_quote":
            size = args[0].size_or_unknown
            return Estimate(size.times(STRING_FACTOR), Range(size.low + 2 & MOST, size.high * 2 + 2 & MOST))
        case "starts_with_string" | "ends_with_string":
            return Estimate(args[0].size_or_unknown.times(STRING_FACTOR))
        case "in_list":
            return Estimate(args[1].size_or_unknown.times(1))
        case "matches_string" if target is not None:
            text = (target.size_or_unknown + ONE).times(STRING_FACTOR)
            return Estimate(text * args[0].size_or_unknown.times(REGEX_FACTOR))
        case "contains_string" if target is not None:
            text = target.size_or_unknown.times(STRING_FACTOR)
            return Estimate(text * args[0].size_or_unknown.times(STRING_FACTOR))
    return None
