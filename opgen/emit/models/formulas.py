"""Reads what a schema says about which fields of an object are there, as formulas to be tried out.

A formula knows only the presence of fields and the text of some of them (a union's discriminator), never their
other values. It comes from the junctors of a schema, from its count of properties, or from a CEL rule; what says
anything else is no formula. `unions` asks formulas what they allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from opgen.ir.schema import Schema

Texts: TypeAlias = Mapping[str, str]
Allows: TypeAlias = Callable[[frozenset[str], Texts], bool]


@dataclass(frozen=True, slots=True)
class Formula:
    """`allows(present, texts)`: `present` names the fields that are there, `texts` holds those of `read`.

    `symmetric`: only how many of `tested` are there counts, not which ones.
    """

    tested: frozenset[str]
    read: frozenset[str]
    allows: Allows
    symmetric: bool = False


_SPEAKING = frozenset(("one_of", "any_of", "all_of", "not_", "max_properties", "x_validations"))


def formulas(schema: Schema) -> Iterator[Formula]:
    """All that an object's schema says of the presence of its fields, save `required`."""
    if _SPEAKING.isdisjoint(schema.given):
        return
    for branches, count in ((schema.one_of, _ONE), (schema.any_of, _ANY)):
        if branches:
            found = _joined(branches, count)
            if found is not None:
                yield found
    for branch in schema.all_of:
        found = _node(branch)
        if found is not None:
            yield found
    if schema.not_ is not None:
        found = _not(schema.not_)
        if found is not None:
            yield found
    if not (schema.additional_properties or schema.x_preserve_unknown_fields):
        yield from _counted(schema)
    if any("has(" in rule.rule for rule in schema.x_validations):
        # Only the few schemas with such a rule need the parser.
        from opgen.emit.models.presence import of_rule

        found_rules = (of_rule(rule.rule) for rule in schema.x_validations if "has(" in rule.rule)
        yield from (found for found in found_rules if found is not None)


_ONE: Callable[[int], bool] = (1).__eq__
_ANY: Callable[[int], bool] = (0).__lt__


def _joined(branches: tuple[Schema, ...], count: Callable[[int], bool]) -> Formula | None:
    """oneOf and anyOf: how many of the branches may hold."""
    parts = [_node(branch) for branch in branches]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return Formula(
        frozenset().union(*(part.tested for part in known)),
        frozenset().union(*(part.read for part in known)),
        lambda present, texts: count(sum(part.allows(present, texts) for part in known)),
        symmetric=all(len(part.tested) == 1 and part.symmetric for part in known)
        and len({name for part in known for name in part.tested}) == len(known),
    )


def _not(schema: Schema) -> Formula | None:
    found = _node(schema)
    if found is None:
        return None
    return replace(found, allows=lambda present, texts: not found.allows(present, texts))


def _node(schema: Schema) -> Formula | None:
    """A schema within a junctor; None if it says anything but presence and texts."""
    bare = schema.changed(
        type="",
        description="",
        required=(),
        properties={},
        one_of=(),
        any_of=(),
        all_of=(),
        not_=None,
    )
    texts = {name: _texts(below) for name, below in schema.properties.items()}
    if bare != Schema() or not all(texts.values()):
        return None
    parts = [_required(frozenset(schema.required))] if schema.required else []
    for name, values in texts.items():
        parts.append(_text(name, values))
    junctors = [
        *([_joined(schema.one_of, _ONE)] if schema.one_of else []),
        *([_joined(schema.any_of, _ANY)] if schema.any_of else []),
        *(_node(branch) for branch in schema.all_of),
        *([_not(schema.not_)] if schema.not_ is not None else []),
    ]
    for found in junctors:
        if found is None:
            return None
        parts.append(found)
    if len(parts) == 1:
        return parts[0]
    return Formula(
        frozenset().union(*(part.tested for part in parts)),
        frozenset().union(*(part.read for part in parts)),
        lambda present, texts: all(part.allows(present, texts) for part in parts),
    )


def _texts(schema: Schema) -> frozenset[str]:
    """The texts that a field may have, where the schema says just that."""
    values = [value.json for value in schema.enum]
    plain = schema.changed(type="", enum=(), description="") == Schema()
    texts = [value for value in values if isinstance(value, str)]
    return frozenset(texts) if plain and len(texts) == len(values) else frozenset()


def _required(names: frozenset[str]) -> Formula:
    return Formula(names, frozenset(), lambda present, texts: names <= present, symmetric=True)


def _text(name: str, values: frozenset[str]) -> Formula:
    """As in a schema's `properties`: a field that is absent has any text."""
    return Formula(frozenset(), frozenset({name}), lambda present, texts: texts.get(name) in {*values, None})


def _counted(schema: Schema) -> Iterator[Formula]:
    least, most = schema.min_properties or 0, schema.max_properties
    if most is not None:
        names = frozenset(schema.properties)
        yield Formula(
            names, frozenset(), lambda present, texts: least <= len(present & names) <= most, symmetric=True
        )
