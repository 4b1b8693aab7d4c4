"""Answers by name: a type's schema, its model, and what to say of a name that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from opgen.coretypes import data
from opgen.coretypes.inline import exists, holds_recursion, inlined, primitive, recursive
from opgen.errors import closest
from opgen.ir.schema import CoreRef, Schema

# Models that the runtime has by hand, since it works with them itself.
_IN_OBJECTS = frozenset({"Condition", "ManagedFieldsEntry", "ObjectMeta", "OwnerReference"})
# Names by which a type may be called besides its own.
_ALIASES = {
    CoreRef("core/v1", "Quantity"): CoreRef("meta/v1", "Quantity"),
    CoreRef("core/v1", "IntOrString"): CoreRef("meta/v1", "IntOrString"),
    CoreRef("resource/v1", "Quantity"): CoreRef("meta/v1", "Quantity"),
    CoreRef("runtime", "RawExtension"): CoreRef("meta/v1", "RawExtension"),
}
_EXTRA_NAMES = {"meta/v1": ("Duration",)}


def canonical(ref: CoreRef) -> CoreRef:
    """The reference as this package spells it: `v1` is core/v1, `rbac.authorization.k8s.io/v1` is rbac/v1."""
    group, _, version = ref.api.rpartition("/")
    short = (group or "core").split(".")[0]
    spelled = CoreRef(f"{short}/{version}", ref.name)
    return _ALIASES.get(spelled, spelled)


def lookup(ref: CoreRef, descriptions: bool = False) -> Schema | None:
    """The type's structural schema, everything inlined, fit for a CRD; None where `problem` says why not.

    Without `descriptions` it is a fraction of the size. `ref` is set on the node and on those below it.
    """
    return inlined(canonical(ref), descriptions)


def problem(ref: CoreRef) -> str:
    """Why `lookup` has no schema; "" where it has one."""
    spelled = canonical(ref)
    if not exists(spelled):
        known = names(spelled.api)
        if not known:
            return f"{ref.api} is not a built-in API; there are {', '.join(apis())}"
        close = closest(spelled.name, known)
        return f"{ref} is not a built-in type" + (f"; did you mean {spelled.api}.{close}?" if close else "")
    if holds_recursion(spelled):
        return f"{ref} holds itself, so it can't be inlined; use x-kubernetes-preserve-unknown-fields"
    return ""


def apis() -> tuple[str, ...]:
    """All APIs with types, sorted: `apps/v1`, `core/v1`, `meta/v1` and so on."""
    return tuple(sorted(data.load()["types"]))


def names(api: str) -> tuple[str, ...]:
    """The types of an API, sorted; empty for one that is unknown."""
    spelled = canonical(CoreRef(api, "")).api
    return tuple(sorted({*data.load()["types"].get(spelled, ()), *_EXTRA_NAMES.get(spelled, ())}))


def with_api(name: str) -> tuple[CoreRef, ...]:
    """The types of that bare name in all APIs: meta/v1 and core/v1 first, then the others in order."""
    ordered = sorted(apis(), key=lambda api: (api != "meta/v1", api != "core/v1", api))
    return tuple(CoreRef(api, name) for api in ordered if name in names(api))


@cache
def has_model(ref: CoreRef) -> bool:
    """Whether a built-in type has a class in opgen_runtime: objects with properties that don't hold themselves."""
    if ref.api == "meta/v1" and ref.name in _IN_OBJECTS:
        return True
    return exists(ref) and primitive(ref) is None and not recursive(ref)


class Models:
    """The built-in types that have a model; asking for one reads no more than its own definition needs."""

    def __contains__(self, ref: object) -> bool:
        return isinstance(ref, CoreRef) and has_model(ref)

    def __iter__(self) -> Iterator[CoreRef]:
        for api in apis():
            yield from (ref for name in names(api) if has_model(ref := CoreRef(api, name)))


MODELS = Models()


def model(ref: CoreRef) -> tuple[str, str]:
    """The module and the class of one of `MODELS`."""
    if ref.api == "meta/v1" and ref.name in _IN_OBJECTS:
        return "opgen_runtime.objects", ref.name
    return f"opgen_runtime.kinds.{module_name(ref.api)}", ref.name


def module_name(api: str) -> str:
    """The module of an API's models: apps/v1 -> apps_v1."""
    return api.replace("/", "_")
