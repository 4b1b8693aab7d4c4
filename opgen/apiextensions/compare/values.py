"""What one value may be, before and after: types, null, enums, bounds, formats, patterns, defaults."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions.compare import regular
from opgen.apiextensions.compare.reasons import Reason
from opgen.apiextensions.compare.where import Where
from opgen.apiextensions.equality import equal
from opgen.apiextensions.formats import normalised, supported
from opgen.apiextensions.gotext import number, to_json
from opgen.apiextensions.validation import validate
from opgen.ir.schema import JSON, Schema

_ALL = frozenset(("array", "boolean", "integer", "number", "object", "string"))
_LIMITS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_SHOWN = 60


def shown(value: JSON) -> str:
    """A value in a text, cut where it is long."""
    text = to_json(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def types(schema: Schema) -> frozenset[str]:
    """The JSON types that a node takes."""
    if schema.x_int_or_string:
        return frozenset(("integer", "string"))
    if not schema.type:
        return _ALL
    return frozenset(("integer", "number")) if schema.type == "number" else frozenset((schema.type,))


def type_name(schema: Schema) -> str:
    """How a text calls what a node takes."""
    if schema.x_int_or_string:
        return "integer or string"
    return schema.type or "any type"


def same_type(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """Whether values of the old type are still taken."""
    before, after = types(old), types(new)
    if before <= after:
        if before < after:
            text = f"the type was {type_name(old)} and is {type_name(new)}"
            yield where.reason("type-widened", text, "type")
    else:
        text = f"the type was {type_name(old)} and is {type_name(new)}"
        yield where.reason("type-changed", text, "type")
    if new.nullable and not old.nullable:
        yield where.reason("nullable-added", "null is accepted now", "nullable")
    elif old.nullable and not new.nullable:
        yield where.reason("nullable-removed", "null is no longer accepted", "nullable")


def defaults(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """The default of a field that was there before; what a status begins with is the controller's affair."""
    if old.default is None and new.default is None:
        return
    if old.default is None:
        assert new.default is not None
        yield where.reason("default-added", f"the default {shown(new.default.json)} is new", "default")
    elif new.default is None:
        yield where.reason("default-removed", f"the default {shown(old.default.json)} is gone")
    elif not equal(old.default.json, new.default.json):
        status = where.path == "status" or where.path.startswith("status.")
        code = "status-default-changed" if status else "default-changed"
        yield where.reason(code, _changed(old.default.json, new.default.json), "default")


def _changed(old: JSON, new: JSON, inner: str = "") -> str:
    """What differs, and where inside: long defaults differ in one place mostly."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        different = [name for name in old if not equal(old[name], new[name])]
        if len(different) == 1:
            return _changed(old[different[0]], new[different[0]], f"{inner}.{different[0]}")
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        indices = [index for index in range(len(old)) if not equal(old[index], new[index])]
        if len(indices) == 1:
            return _changed(old[indices[0]], new[indices[0]], f"{inner}[{indices[0]}]")
    place = f" at {inner.removeprefix('.')}" if inner else ""
    return f"the default{place} was {shown(old)} and is {shown(new)}"


def scalars(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """Enums and everything that bounds a value. What an old enum allowed is tried rather than reasoned about."""
    yield from _enums(old, new, where)
    if old.enum:
        for value in old.enum:
            kept = not new.enum or any(equal(value.json, other.json) for other in new.enum)
            if not kept or value.json is None or validate(_alone(old), value.json):
                continue
            if problems := validate(_alone(new), value.json):
                text = f"the value {shown(value.json)} is refused: {problems[0].detail}"
                yield where.reason("enum-value-removed", text)
        return
    yield from _numbers(old, new, where)
    yield from _sizes(old, new, where)
    yield from _format(old, new, where)
    yield from _pattern(old, new, where)
    if new.unique_items and not old.unique_items:
        yield where.reason("unique-items-added", "items must differ now", "uniqueItems")


def _alone(schema: Schema) -> Schema:
    return schema.changed(default=None, x_validations=(), enum=(), nullable=True)


def _enums(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    if not old.enum and new.enum:
        listed = ", ".join(shown(value.json) for value in new.enum[:8])
        more = ", ..." if len(new.enum) > 8 else ""
        yield where.reason("enum-added", f"only {listed}{more} are accepted now", "enum")
    elif old.enum and not new.enum:
        yield where.reason("enum-removed", "any value is accepted, not only those of the enum")
    else:
        for value in old.enum:
            if not any(equal(value.json, other.json) for other in new.enum):
                text = f"the value {shown(value.json)} is no longer accepted"
                yield where.reason("enum-value-removed", text, "enum")
        for value in new.enum:
            if not any(equal(value.json, other.json) for other in old.enum):
                text = f"the value {shown(value.json)} is accepted now"
                yield where.reason("enum-value-added", text, "enum")


def _numbers(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    low_before, high_before = _limits(old)
    low_after, high_after = _limits(new, formats=False)
    yield from _least(low_before, low_after, where)
    yield from _most(high_before, high_after, where)
    step, was = new.multiple_of, old.multiple_of
    if step is not None and step != was and not (was and step and (was / step).is_integer()):
        if not (step == 1 and types(old) == {"integer"}):
            text = f"multipleOf {_number(step)} is new"
            if was is not None:
                text = f"multipleOf was {_number(was)} and is {_number(step)}"
            yield where.reason("bound-tightened", text, "multipleOf")
    elif was is not None and step != was:
        yield where.reason("bound-loosened", f"multipleOf {_number(was)} is gone, or divides what it was")


_Bound = tuple[int | float, bool]


def _limits(schema: Schema, *, formats: bool = True) -> tuple[_Bound | None, _Bound | None]:
    """The least and the most, each with whether it is excluded; what an integer's format implies counts."""
    low = None if schema.minimum is None else (schema.minimum, schema.exclusive_minimum)
    high = None if schema.maximum is None else (schema.maximum, schema.exclusive_maximum)
    implied = _LIMITS.get(schema.format) if formats and schema.type == "integer" else None
    if implied is not None:
        low = (implied[0], False) if low is None or low[0] < implied[0] else low
        high = (implied[1], False) if high is None or high[0] > implied[1] else high
    return low, high


def _least(old: _Bound | None, new: _Bound | None, where: Where) -> Iterator[Reason]:
    if new is None:
        if old is not None and old[0] not in (-(2**31), -(2**63)):
            yield where.reason("bound-loosened", f"minimum {_bound(old)} is gone")
    elif old is None or new > old:
        yield where.reason("bound-tightened", _moved("minimum", old, new), "minimum")
    elif new < old:
        yield where.reason("bound-loosened", _moved("minimum", old, new), "minimum")


def _most(old: _Bound | None, new: _Bound | None, where: Where) -> Iterator[Reason]:
    if new is None:
        if old is not None and old[0] not in (2**31 - 1, 2**63 - 1):
            yield where.reason("bound-loosened", f"maximum {_bound(old)} is gone")
    elif old is None or (-new[0], new[1]) > (-old[0], old[1]):
        yield where.reason("bound-tightened", _moved("maximum", old, new), "maximum")
    elif new != old:
        yield where.reason("bound-loosened", _moved("maximum", old, new), "maximum")


def _bound(bound: _Bound) -> str:
    value, excluded = bound
    return f"{_number(value)} (excluded)" if excluded else _number(value)


def _number(value: int | float) -> str:
    return str(value) if isinstance(value, int) else number(value)


def _moved(name: str, old: _Bound | None, new: _Bound) -> str:
    if old is None or any(old[0] in limits for limits in _LIMITS.values()):
        return f"{name} {_bound(new)} is new"
    return f"{name} was {_bound(old)} and is {_bound(new)}"


_SIZES = (
    ("minLength", "maxLength", "min_length", "max_length"),
    ("minItems", "maxItems", "min_items", "max_items"),
    ("minProperties", "maxProperties", "min_properties", "max_properties"),
)


def _sizes(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    for least, most, low, high in _SIZES:
        before, after = getattr(old, low) or 0, getattr(new, low) or 0
        if after > before and not _implied(old, new, low):
            text = f"{least} was {before} and is {after}" if before else f"{least} {after} is new"
            yield where.reason("bound-tightened", text, least)
        elif after < before:
            text = f"{least} was {before} and is {after}" if after else f"{least} {before} is gone"
            yield where.reason("bound-loosened", text)
        top, lid = getattr(old, high), getattr(new, high)
        if lid is not None and (top is None or lid < top):
            if not _implied(old, new, high):
                text = f"{most} {lid} is new" if top is None else f"{most} was {top} and is {lid}"
                yield where.reason("bound-tightened", text, most)
        elif top is not None and lid != top:
            text = f"{most} {top} is gone" if lid is None else f"{most} was {top} and is {lid}"
            yield where.reason("bound-loosened", text)


_LONGEST_IMPLIED = 300


def _implied(old: Schema, new: Schema, name: str) -> bool:
    """Whether the old pattern, or what is required, keeps to the new size already."""
    if name == "min_properties" and len(old.required) >= (new.min_properties or 0):
        return True
    if not name.endswith("_length") or not old.pattern:
        return False
    bound: int = getattr(new, name)
    if bound > _LONGEST_IMPLIED:
        return False
    size = f"{{{bound},}}" if name == "min_length" else f"{{0,{bound}}}"
    return regular.included(old.pattern, f"(?s)^.{size}$", *_lengths(old)) is None


def _lengths(schema: Schema) -> tuple[int, int | None]:
    return max(schema.min_length or 0, 0), schema.max_length


def _format(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    before, after = supported(old.format, (old.type,)), supported(new.format, (new.type,))
    if new.type in ("string", "") and not new.x_int_or_string:
        before, after = normalised(before), normalised(after)
    if before == after:
        return
    text = f"format was {old.format} and is {new.format}"
    if not before:
        text = f"format {new.format} is new"
    elif not after:
        text = f"format {old.format} is gone"
    if not after or (before, after) == ("int32", "int64") or after == "double" or _roomy(old, new):
        yield where.reason("format-loosened", text, "format" if after else "")
    else:
        yield where.reason("format-tightened", text, "format")


def _roomy(old: Schema, new: Schema) -> bool:
    """Whether an integer's bounds lie within what its new format takes; int64 takes all that the server holds."""
    limits = _LIMITS.get(new.format)
    if new.type == "number":
        return True  # float is checked as a number is
    if limits is None:
        return False
    if new.format == "int64":
        return True
    # The new bounds are told by themselves; a format around them adds nothing.
    for low, high in (_limits(old), _limits(new, formats=False)):
        if low is not None and high is not None and low[0] >= limits[0] and high[0] <= limits[1]:
            return True
    return False


def _pattern(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    if old.pattern == new.pattern:
        return
    if not new.pattern:
        yield where.reason("pattern-loosened", f"the pattern {old.pattern} is gone")
        return
    change = f"the pattern {new.pattern} is new"
    if old.pattern:
        change = f"the pattern was {old.pattern} and is {new.pattern}"
    counterexample = regular.included(old.pattern, new.pattern, *_lengths(old))
    if counterexample is None:
        yield where.reason("pattern-loosened", f"{change}: it takes all that was taken", "pattern")
    elif isinstance(counterexample, str):
        yield where.reason("pattern-tightened", f"{change}: {shown(counterexample)} is refused", "pattern")
    else:
        yield where.reason("pattern-changed" if old.pattern else "pattern-tightened", change, "pattern")
