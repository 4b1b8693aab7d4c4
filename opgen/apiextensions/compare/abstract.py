"""What an expression can evaluate to, without an object: the values that `outcomes` reckons with.

A truth is the set of what may come out: true, false, or an error. Numbers are ranges, lists know how long they can
be, fields know their old and new schema.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TypeAlias

from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema


class Outcome(enum.Enum):
    """One way in which a condition can end."""

    TRUE = enum.auto()
    FALSE = enum.auto()
    ERROR = enum.auto()


TRUE, FALSE, ERROR = frozenset((Outcome.TRUE,)), frozenset((Outcome.FALSE,)), frozenset((Outcome.ERROR,))
EITHER = TRUE | FALSE
UNKNOWN = EITHER | ERROR
Outcomes: TypeAlias = frozenset[Outcome]


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition."""

    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class Number:
    """A number between two others; `fails` says that an error may come out instead."""

    low: float
    high: float
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: JSON


@dataclass(frozen=True, slots=True)
class Items:
    """A list that the expression makes; `known` are its elements, None where just its size is known."""

    size: Number
    known: tuple[Abstract, ...] | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the object. `absent`: reading it is an error for certain; `fails`: it may be."""

    old: Schema | None
    new: Schema | None
    fails: bool = False
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Anything else."""

    fails: bool = True


Abstract: TypeAlias = Truth | Number | Constant | Items | Field | Other


def fails(value: Abstract) -> bool:
    """Whether an error may come out."""
    match value:
        case Truth(outcomes):
            return bool(outcomes & ERROR)
        case Constant():
            return False
        case Items(size):
            return size.fails
        case Field() as field:
            return field.fails or field.absent
        case Number() | Other():
            return value.fails


def as_number(value: Abstract) -> Number | None:
    """The range of a value that is a number, else None."""
    match value:
        case Number():
            return value
        case Constant(bool()):
            return None
        case Constant(int() | float() as number):
            return Number(number, number)
        case Field(old=Schema(type="integer" | "number") as old):
            low = -math.inf if old.minimum is None else old.minimum
            high = math.inf if old.maximum is None else old.maximum
            return Number(low, high, fails(value))
        case _:
            return None


def size(value: Abstract) -> Number:
    """What size() gives."""
    anything = Number(0, math.inf, True)
    match value:
        case Items(number):
            return number
        case Constant(str() as text):
            return Number(len(text), len(text))
        case Field(old=Schema() as old):
            bounds = {
                "string": (old.min_length, old.max_length),
                "array": (old.min_items, old.max_items),
                "object": (old.min_properties, old.max_properties),
            }.get(old.type)
            if bounds is None:
                return anything
            least, most = bounds
            return Number(max(least or 0, 0), math.inf if most is None else most, fails(value))
        case _:
            return anything


def as_truth(value: Abstract) -> Outcomes:
    """The outcomes of a value that is used as a condition."""
    match value:
        case Truth(outcomes):
            return outcomes
        case Constant(bool() as flag):
            return TRUE if flag else FALSE
        case Field(absent=True):
            return ERROR
        case Field(old=Schema(type="boolean") as old):
            allowed = [item.json for item in old.enum]
            known = (
                EITHER
                if not allowed
                else TRUE
                if allowed == [True]
                else FALSE
                if allowed == [False]
                else EITHER
            )
            return known | (ERROR if fails(value) else frozenset())
        case _:
            return UNKNOWN


def equals(left: Abstract, right: Abstract) -> Outcomes:
    """What == gives."""
    error: Outcomes = ERROR if fails(left) or fails(right) else frozenset()
    for value in (left, right):
        if isinstance(value, Field) and value.absent:
            return ERROR
    if isinstance(right, Field) and isinstance(left, Constant):
        left, right = right, left
    match left, right:
        case Constant(one), Constant(other):
            return TRUE if one == other and isinstance(one, bool) == isinstance(other, bool) else FALSE
        case Field() as known, Constant(wanted):
            return _field_equals(known, wanted) | error
        case Truth(one), Truth(other):
            return _same(one, other)
        case (Truth(), Constant(bool() as flag)) | (Constant(bool() as flag), Truth()):
            truth = as_truth(left if isinstance(left, Truth) else right)
            return truth if flag else negated(truth)
    one_number, other_number = as_number(left), as_number(right)
    if one_number is not None and other_number is not None:
        if one_number.high < other_number.low or other_number.high < one_number.low:
            return FALSE | error
        if one_number.low == one_number.high == other_number.low == other_number.high:
            return TRUE | error
    return EITHER | error


def _same(one: Outcomes, other: Outcomes) -> Outcomes:
    found: set[Outcome] = set()
    for left in one:
        for right in other:
            error = Outcome.ERROR in (left, right)
            found.add(Outcome.ERROR if error else Outcome.TRUE if left is right else Outcome.FALSE)
    return frozenset(found)


def _field_equals(field: Field, value: JSON) -> Outcomes:
    if field.old is None:
        return EITHER
    if field.new is not None and field.new.default is not None and field.new.default.json == value:
        return EITHER
    if value is None:
        return EITHER if field.old.nullable or not field.old.type else FALSE
    if field.old.enum and all(item.json == value for item in field.old.enum):
        return TRUE
    own = field.old.changed(x_validations=(), properties={}, required=(), items=None)
    return FALSE if validate(own, value) else EITHER


def negated(outcomes: Outcomes) -> Outcomes:
    """What ! gives."""
    swapped = {Outcome.TRUE: Outcome.FALSE, Outcome.FALSE: Outcome.TRUE, Outcome.ERROR: Outcome.ERROR}
    return frozenset(swapped[outcome] for outcome in outcomes)


def below(left: Abstract, right: Abstract, *, or_equal: bool) -> Outcomes:
    """What < or <= gives."""
    one, other = as_number(left), as_number(right)
    if one is None or other is None:
        return UNKNOWN
    error: Outcomes = ERROR if one.fails or other.fails else frozenset()
    if one.high < other.low or (or_equal and one.high == other.low):
        return TRUE | error
    if one.low > other.high or (not or_equal and one.low == other.high):
        return FALSE | error
    return EITHER | error


def joined(left: Abstract, right: Abstract) -> Abstract:
    """One or the other."""
    if left == right:
        return left
    match left, right:
        case Items(one), Items(other):
            return Items(Number(min(one.low, other.low), max(one.high, other.high), one.fails or other.fails))
    first, second = as_number(left), as_number(right)
    if first is not None and second is not None:
        return Number(min(first.low, second.low), max(first.high, second.high), first.fails or second.fails)
    if isinstance(left, Truth | Constant) and isinstance(right, Truth | Constant):
        return Truth(as_truth(left) | as_truth(right))
    return Other(fails(left) or fails(right))
