"""The policies that are stored, with the bindings that put them to use, compiled once and kept until one changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.types import Type
from opgen.apiserver.message import JSONObject
from opgen.apiserver.policies.environment import Fields, Sees, composed
from opgen.apiserver.policies.expressions import Expression, compiled
from opgen.apiserver.storage import Change, Item, Store

GROUP = "admissionregistration.k8s.io"
VALIDATING, MUTATING = "validating", "mutating"
RESULTS = {
    "ApplyConfiguration": types.struct("Object"),
    "JSONPatch": types.list_of(types.struct("JSONPatch")),
}
"""What the expression of each type of patch must come to."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What puts a policy to use."""

    name: str
    spec: JSONObject


@dataclass(frozen=True)
class Policy:
    """A policy that at least one binding names."""

    name: str
    spec: JSONObject
    bindings: tuple[Binding, ...] = field(default=(), compare=False)

    @property
    def ignores_failures(self) -> bool:
        return self.spec.get("failurePolicy") == "Ignore"

    @property
    def takes_params(self) -> bool:
        return bool(self.spec.get("paramKind"))

    @cached_property
    def variables(self) -> dict[str, Expression]:
        """What is composed, by name; each sees those before it."""
        return compose(self.spec)

    def _compiled(
        self, text: str, *wanted: Type, authorizer: bool = True, patches: bool = False
    ) -> Expression:
        sees = Sees(self.takes_params, authorizer, patches, fields_of(self.variables))
        return compiled(text, sees, *wanted)

    @cached_property
    def validations(self) -> tuple[Expression, ...]:
        return tuple(self._compiled(entry["expression"], types.BOOL) for entry in self._list("validations"))

    @cached_property
    def messages(self) -> tuple[Expression | None, ...]:
        """The expressions of the validations' messages; None where a validation has none."""
        texts = [entry.get("messageExpression") for entry in self._list("validations")]
        return tuple(self._compiled(text, types.STRING, authorizer=False) if text else None for text in texts)

    @cached_property
    def annotations(self) -> tuple[Expression, ...]:
        entries = self._list("auditAnnotations")
        return tuple(self._compiled(entry["valueExpression"], types.STRING, types.NULL) for entry in entries)

    @cached_property
    def mutations(self) -> tuple[tuple[str, Expression], ...]:
        """The type of each patch, and its expression."""
        found: list[tuple[str, Expression]] = []
        for entry in self._list("mutations"):
            kind = entry["patchType"]
            patch: JSONObject = entry.get("jsonPatch" if kind == "JSONPatch" else "applyConfiguration") or {}
            found.append((kind, self._compiled(patch.get("expression") or "", RESULTS[kind], patches=True)))
        return tuple(found)

    def _list(self, name: str) -> list[JSONObject]:
        found: list[JSONObject] = self.spec.get(name) or []
        return found


def compose(spec: JSONObject) -> dict[str, Expression]:
    """The variables of a policy, compiled in their order."""
    made: dict[str, Expression] = {}
    for entry in spec.get("variables") or ():
        sees = Sees(bool(spec.get("paramKind")), variables=fields_of(made))
        made[entry.get("name") or ""] = compiled(entry.get("expression") or "", sees)
    return made


def fields_of(variables: dict[str, Expression]) -> Fields:
    """Names and types of variables, as other expressions see them."""
    return tuple((name, composed(found.type)) for name, found in variables.items())


class Stored:
    """The policies and bindings of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, tuple[Policy, ...]] = {}
        for kind in (VALIDATING, MUTATING):
            store.subscribe(f"{GROUP}/{kind}admissionpolicies", self._changed)
            store.subscribe(f"{GROUP}/{kind}admissionpolicybindings", self._changed)

    def _changed(self, change: Change) -> None:
        self._kept.clear()

    def bound(self, kind: str) -> tuple[Policy, ...]:
        """The policies of a kind that are bound, in the order of their names; so are their bindings."""
        found = self._kept.get(kind)
        if found is None:
            found = self._kept[kind] = tuple(self._bound(kind))
        return found

    def _bound(self, kind: str) -> Iterator[Policy]:
        bindings: dict[str, list[Binding]] = {}
        for item in self._store.items(f"{GROUP}/{kind}admissionpolicybindings"):
            spec = _spec(item)
            bindings.setdefault(spec.get("policyName") or "", []).append(Binding(item.name, spec))
        if not bindings:
            return
        for item in self._store.items(f"{GROUP}/{kind}admissionpolicies"):
            if item.name in bindings:
                yield Policy(item.name, _spec(item), tuple(bindings[item.name]))


def _spec(item: Item) -> JSONObject:
    found: JSONObject = item.obj.get("spec") or {}
    return found
