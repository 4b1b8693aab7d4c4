"""Type inference: which types may stand for which, given what the type variables are bound to.

`Bindings` holds the substitutions found so far; the checker owns one for each expression.
"""

from __future__ import annotations

from collections.abc import Sequence

from opgen.apiextensions.cel.types import (
    DYN,
    Kind,
    Type,
    is_dyn,
    is_dyn_or_error,
    list_of,
    map_of,
)

_NULLABLE = {Kind.OPAQUE, Kind.STRUCT, Kind.ANY, Kind.DURATION, Kind.TIMESTAMP}
_STRUCTURED = {Kind.OPAQUE, Kind.LIST, Kind.MAP}


class Bindings:
    """What each type variable stands for, by its name."""

    __slots__ = ("_bound", "_undo")

    def __init__(self) -> None:
        self._bound: dict[str, Type] = {}
        self._undo: list[tuple[str, Type | None]] = []

    def assignable(self, given: Sequence[Type], wanted: Sequence[Type]) -> bool:
        """Whether all of `given` may stand for `wanted`; binds variables only if so."""
        self._undo.clear()
        if self._all(given, wanted):
            return True
        for name, before in reversed(self._undo):
            if before is None:
                del self._bound[name]
            else:
                self._bound[name] = before
        return False

    def bind(self, variable: Type, to: Type) -> None:
        """Let `variable` stand for `to` from now on."""
        self._undo.append((variable.name, self._bound.get(variable.name)))
        self._bound[variable.name] = to

    def substitute(self, t: Type, *, free_to_dyn: bool) -> Type:
        """`t` with its variables replaced; those still free become dyn if asked."""
        if t.closed:
            return t
        if t.kind is Kind.TYPE_PARAM:
            bound = self._bound.get(t.name)
            if bound is not None:
                return self.substitute(bound, free_to_dyn=free_to_dyn)
            return DYN if free_to_dyn else t
        params = tuple(self.substitute(p, free_to_dyn=free_to_dyn) for p in t.params)
        return t if params == t.params else Type(t.kind, t.name, params)

    def _all(self, given: Sequence[Type], wanted: Sequence[Type]) -> bool:
        return len(given) == len(wanted) and all(map(self._one, given, wanted))

    def _one(self, given: Type, wanted: Type) -> bool:
        if given is wanted and given.closed:
            return True
        if wanted.kind is Kind.TYPE_PARAM:
            valid, bound = self._stands_for(given, wanted)
            if valid or bound:
                return valid
        if given.kind is Kind.TYPE_PARAM:
            return self._stands_for(wanted, given)[0]
        if is_dyn_or_error(given) or is_dyn_or_error(wanted):
            return True
        if given.kind is Kind.NULL:
            return wanted.kind in _NULLABLE or wanted.kind is Kind.NULL
        if wanted.kind is Kind.NULL:
            return given.kind in _NULLABLE
        if given.kind is Kind.TYPE:
            return wanted.kind is Kind.TYPE
        if given.kind in _STRUCTURED:
            return (
                given.kind is wanted.kind
                and given.name == wanted.name
                and self._all(given.params, wanted.params)
            )
        return given == wanted

    def _stands_for(self, t: Type, variable: Type) -> tuple[bool, bool]:
        """Whether `variable` may be `t`, and whether it was bound before."""
        if t == variable:
            return True, True
        bound = self._bound.get(variable.name)
        if bound is None:
            if self._absent_from(variable, t):
                self.bind(variable, t)
                return True, False
            return False, False
        if t == bound:
            return True, True
        if not self._one(t, bound):
            return False, True
        wider = most_general(t, bound)
        if self._absent_from(variable, wider):
            self.bind(variable, wider)
        return True, True

    def _absent_from(self, variable: Type, within: Type) -> bool:
        if within.closed:
            return True
        if variable == within:
            return False
        if within.kind is Kind.TYPE_PARAM:
            bound = self._bound.get(within.name)
            return bound is None or self._absent_from(variable, bound)
        return all(self._absent_from(variable, p) for p in within.params)


def most_general(one: Type, other: Type) -> Type:
    """The wider of two types that may stand for one another."""
    return one if _at_most_as_specific(one, other) else other


def _at_most_as_specific(one: Type, other: Type) -> bool:
    if one is other or is_dyn(one) or one.kind is Kind.TYPE_PARAM:
        return True
    if is_dyn(other) or other.kind is Kind.TYPE_PARAM or one.kind is not other.kind:
        return False
    if one.kind is Kind.TYPE:
        return True
    if one.kind in _STRUCTURED:
        return (
            one.name == other.name
            and len(one.params) == len(other.params)
            and all(map(_at_most_as_specific, one.params, other.params))
        )
    return one == other


def instantiate(t: Type, fresh: dict[str, Type]) -> Type:
    """A declaration's type with fresh variables for its parameters."""
    if t.kind is Kind.TYPE_PARAM:
        return fresh.get(t.name, t)
    if t.closed:
        return t
    params = tuple(instantiate(p, fresh) for p in t.params)
    if t.kind is Kind.LIST:
        return list_of(params[0])
    if t.kind is Kind.MAP:
        return map_of(params[0], params[1])
    return Type(t.kind, t.name, params)
