"""Subresources that speak a kind of their own (Scale, Eviction, Binding, TokenRequest): read, and admitted as such."""

from __future__ import annotations

from opgen import coretypes
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Writer
from opgen.apiserver.context import Context
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.routing import Route
from opgen.apiserver.webhooks.matching import Write
from opgen.ir.schema import CoreRef, Schema

_TYPES = {
    "scale": CoreRef("autoscaling/v1", "Scale"),
    "eviction": CoreRef("policy/v1", "Eviction"),
    "binding": CoreRef("core/v1", "Binding"),
    "token": CoreRef("authentication/v1", "TokenRequest"),
}


class ShapeStrategy(CoreStrategy):
    """The kind that a subresource speaks."""

    def __init__(self, shape: ResourceInfo, ref: CoreRef) -> None:
        super().__init__(shape)
        self._ref = ref

    @property
    def schema(self) -> Schema | None:
        """The kind's vendored schema."""
        return coretypes.lookup(self._ref)


def shape_of(context: Context, found: Route) -> ResourceInfo:
    """The kind that the route's subresource speaks, as a resource of its own that nobody serves."""
    info = found.info
    key = (info.group, info.version, info.plural, found.sub)
    shape = context.shapes.get(key)
    if shape is None:
        speaks = info.subresource(found.sub)
        assert speaks is not None
        shape = context.shapes[key] = ResourceInfo(
            group=speaks.group,
            version=speaks.version or "v1",
            plural=f"{info.version}.{info.qualified}/{found.sub}",
            kind=speaks.kind,
            namespaced=info.namespaced,
        )
        context.set_strategy(shape, ShapeStrategy(shape, _TYPES[found.sub]))
    return shape


def read(context: Context, found: Route, sent: JSONObject, field_validation: str = "Ignore") -> JSONObject:
    """An object of the subresource's kind as its type reads it, at the path's address. Raises 400."""
    shape = shape_of(context, found)
    obj, warnings = context.strategy(shape).decode(sent, field_validation)
    context.call.warnings.extend(warnings)
    return {**obj, "kind": shape.kind, "apiVersion": shape.api_version}


def created(
    context: Context, found: Route, obj: JSONObject, manager: str, *, dry_run: bool = False
) -> JSONObject:
    """What is created there, noted as its manager's, as the mutating webhooks and policies leave it.

    Raises StatusError and Outside; the validating ones are asked by `check`.
    """
    shape = shape_of(context, found)
    writer = Writer(manager, shape.api_version, found.sub, context.timestamp())
    bare = {**obj, "metadata": {**(obj.get("metadata") or {})}}
    managers = managed.update(context.strategy(shape).node, None, bare, writer, {})
    if managers:
        bare["metadata"]["managedFields"] = managed.encode(managers)
    return changed(context, found, bare, None, dry_run=dry_run)


def changed(
    context: Context, found: Route, obj: JSONObject, old: JSONObject | None, *, dry_run: bool = False
) -> JSONObject:
    """The object as the mutating webhooks and policies leave it."""
    if not context.admission.concerns("mutating", context.call, found.info):
        return obj
    left = context.admission.mutate(context.call, _write(context, found, obj, old, dry_run))
    return obj if left is None else read(context, found, left)


def check(
    context: Context, found: Route, obj: JSONObject, old: JSONObject | None, *, dry_run: bool = False
) -> None:
    """Ask the validating webhooks and policies."""
    if context.admission.concerns("validating", context.call, found.info):
        context.admission.validate(context.call, _write(context, found, obj, old, dry_run))


def _write(context: Context, found: Route, obj: JSONObject, old: JSONObject | None, dry_run: bool) -> Write:
    operation = "CREATE" if old is None else "UPDATE"
    shape = shape_of(context, found)
    return Write(
        found.info, operation, found.namespace, found.name, found.sub, obj, old, dry_run, shape=shape
    )
