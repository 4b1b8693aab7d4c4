"""The general course of a write: create, update and every kind of patch end in `create` or `update` here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.settling import owners_once
from opgen.apiserver import metadata as meta
from opgen.apiserver.access import escalation
from opgen.apiserver.access.authorizer import GROUP
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Managers
from opgen.apiserver.context import Context
from opgen.apiserver.conversion import remember, served, to_storage
from opgen.apiserver.doubles import Doubles
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.routing import Route
from opgen.apiserver.status import (
    StatusError,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    internal_error,
    invalid,
    modified,
    not_found,
)
from opgen.apiserver.storage import Item, key_of
from opgen.apiserver.tracking import is_same, managers_before, track
from opgen.apiserver.webhooks.convert import webhook_of
from opgen.apiserver.webhooks.matching import Write


@dataclass(frozen=True, slots=True)
class Options:
    """The parameters of a write. `manager` is the field manager; `doubles` what the body has twice."""

    manager: str = "unknown"
    dry_run: bool = False
    field_validation: str = "Warn"
    force: bool = False
    doubles: Doubles | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The object after a write, and whether it is new."""

    item: Item
    created: bool = False


def require_namespace(context: Context, namespace: str, info: ResourceInfo, name: str) -> None:
    """404 for a namespace that isn't there, 403 for one that is going."""
    held = context.store.get("/namespaces", "", namespace)
    if held is None:
        raise not_found("", "namespaces", namespace)
    if held.obj["metadata"].get("deletionTimestamp"):
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        raise forbidden(
            info.group,
            info.plural,
            name,
            why,
            [
                {
                    "reason": "NamespaceTerminating",
                    "message": f"namespace {namespace} is being terminated",
                    "field": "metadata.namespace",
                }
            ],
        )


def get_item(context: Context, route: Route) -> Item:
    """The stored object that a path names; 404 without it."""
    item = context.store.get(route.info.table, route.namespace, route.name)
    if item is None:
        raise not_found(route.info.group, route.info.plural, route.name)
    return item


def check_escalation(context: Context, info: ResourceInfo, obj: JSONObject, old: JSONObject | None) -> None:
    """403 for a role or binding that gives more than the request's sender has."""
    call = context.call
    if info.group == GROUP and call.asked is not None:
        escalation.check(context.authorizer, call.user, call.asked, info, obj, old)


def create(
    context: Context, route: Route, obj: JSONObject, options: Options, managers: Managers | None = None
) -> Written:
    """Store a new object. `managers` come from an apply; otherwise the writer owns what it wrote."""
    info, strategy = route.info, context.strategy(route.info)
    obj = _decoded(context, info, obj, options)
    versioned = False
    if managers is None:
        obj = {**obj, "metadata": meta.wiped(obj["metadata"])}
        entries = obj["metadata"].get("managedFields")
        managers = track(context, info, None, _unmanaged(obj), options.manager, "", _provided(entries))
        version = obj["metadata"].get("resourceVersion") or ""
        if route.verb == "update" and version and not version.isdigit():
            raise _no_version(version)
        versioned = version.isdigit() and version.strip("0") != ""
    obj = _mutated(context, route, obj, None, managers, options)
    metadata = meta.for_create(obj["metadata"], context.timestamp(), strategy.has_generation)
    for name in ("uid", "name"):  # the same each time that the request begins anew
        if metadata.get(name):
            metadata[name] = context.call.once(name, partial(str, metadata[name]))
    metadata.pop("managedFields", None)
    obj = strategy.prepare_create({**obj, "metadata": metadata})
    name = metadata.get("name") or ""
    if info.namespaced:
        require_namespace(context, route.namespace, info, name)
    check_escalation(context, info, obj, None)
    reviewed = strategy.review(obj, None, "")
    obj = reviewed.obj
    _check(info, obj, reviewed.errors)
    if route.verb in ("patch", "update") and context.call.asked is not None:  # what creates in the end
        context.authorizer.require(context.call.user, context.call.asked.under("create"))
    _set_managers(obj, managers)
    _validated(context, route, obj, None, options)
    if versioned:
        raise StatusError(500, "", "resourceVersion should not be set on objects to be created")
    held = context.store.get(info.table, route.namespace, name)
    if held is not None:
        going = bool(held.obj["metadata"].get("deletionTimestamp"))
        raise already_exists(info.group, info.plural, name, going=going)
    item = _put(context, route, obj, options)
    context.call.warnings.extend(reviewed.warnings)
    return Written(item, True)


def _decoded(context: Context, info: ResourceInfo, obj: JSONObject, options: Options) -> JSONObject:
    """The object as its kind reads it; what that says of unknown fields is told even where the write fails."""
    return deduplicated(context, read_strictly(context, info, obj, options), patched=False)


def read_strictly(context: Context, info: ResourceInfo, obj: JSONObject, options: Options) -> JSONObject:
    """The object as its kind reads it; unknown fields and doubles are refused, warned of, or taken. Raises 400."""
    doubles, validation = options.doubles, options.field_validation
    if doubles is None or validation == "Ignore":
        read, warnings = context.strategy(info).decode(obj, validation)
    else:
        read, warnings = context.strategy(info).decode(obj, "Warn")
        if validation == "Strict":
            what = f'{info.kind} in version "{info.version}" cannot be handled as a {info.kind}'
            raise bad_request(f"{what}: strict decoding error: {doubles.errors(warnings)}")
        warnings = doubles.warnings(warnings)
    context.call.warnings.extend(warnings)
    return read


def deduplicated(context: Context, obj: JSONObject, *, patched: bool) -> JSONObject:
    """The object with each owner once; a warning tells of those that stood there again."""
    when = " after mutating admission happens" if patched else ""
    kept, warning = owners_once(obj["metadata"].get("ownerReferences") or (), when=when)
    if not warning:
        return obj
    context.call.warnings.append(warning)
    return {**obj, "metadata": {**obj["metadata"], "ownerReferences": kept}}


def _write(
    context: Context, route: Route, obj: JSONObject, old: JSONObject | None, options: Options
) -> Write:
    name = route.name or obj["metadata"].get("name") or ""
    namespace = name if route.info.table == "/namespaces" else route.namespace
    operation = "CREATE" if old is None else "UPDATE"
    return Write(route.info, operation, namespace, name, route.sub, obj, old, options.dry_run)


def _mutated(
    context: Context,
    route: Route,
    obj: JSONObject,
    old: JSONObject | None,
    managers: Managers,
    options: Options,
) -> JSONObject:
    """The object as the mutating webhooks leave it, with the defaults that it then gets."""
    if not context.admission.concerns("mutating", context.call, route.info):
        return obj
    shown = {**obj, "metadata": {**obj["metadata"]}}
    _set_managers(shown, managers)
    changed = context.admission.mutate(context.call, _write(context, route, shown, old, options))
    if changed is None:
        return obj
    try:
        return context.strategy(route.info).decode(changed, "Ignore")[0]
    except StatusError as error:
        raise internal_error(error.message.partition(": ")[2]) from None


def _validated(
    context: Context, route: Route, obj: JSONObject, old: JSONObject | None, options: Options
) -> None:
    """Ask the validating webhooks."""
    if context.admission.concerns("validating", context.call, route.info):
        context.admission.validate(context.call, _write(context, route, obj, old, options))


def admitted(
    context: Context, route: Route, obj: JSONObject, old: JSONObject | None, options: Options
) -> JSONObject:
    """What isn't stored like other objects, as mutating admission leaves it and validating admission lets it pass."""
    obj = _mutated(context, route, obj, old, {}, options)
    _validated(context, route, obj, old, options)
    return obj


def _unmanaged(obj: JSONObject) -> JSONObject:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "managedFields"}
    return {**obj, "metadata": metadata}


def _provided(entries: Any) -> Managers | None:
    return managed.decode(entries) if entries else None


def _set_managers(obj: JSONObject, managers: Managers) -> None:
    """Write managedFields into an object whose metadata is private to this write."""
    if managers:
        obj["metadata"]["managedFields"] = managed.encode(managers)
    else:
        obj["metadata"].pop("managedFields", None)


def _check(info: ResourceInfo, obj: JSONObject, errors: Sequence[FieldError]) -> None:
    if errors:
        kind = str(obj.get("kind") or "") if info.custom else info.kind
        group = "" if info.table == "/events" else info.group
        raise invalid(group, kind, obj["metadata"].get("name") or "", errors)


def _put(context: Context, route: Route, obj: JSONObject, options: Options) -> Item:
    stored, back = to_storage(obj, route.info)
    if options.dry_run:
        return Item(stored if back is None else obj, context.store.revision, route.namespace)
    item = context.store.update(route.info.table, route.namespace, stored)
    if back is not None:
        remember(item, back, route.info)
    return item


def update(
    context: Context,
    route: Route,
    new: JSONObject,
    options: Options,
    *,
    managers: Managers | None = None,
    decoded: bool = False,
    through: str | None = None,
    check: Callable[[JSONObject, JSONObject], None] | None = None,
) -> Written:
    """Replace a stored object.

    `managers` come from an apply, which has merged already. `decoded` says that a patch has decoded the object.
    `through` is the subresource that owns what changes, where that isn't the route's.
    `check` is validating admission for such a subresource, asked about the object found good and the old one.
    """
    info, strategy = route.info, context.strategy(route.info)
    new = deduplicated(context, new, patched=True) if decoded else _decoded(context, info, new, options)
    held = get_item(context, route)
    old = served(held, info) if info.custom else held.obj
    _check_address(info, new, old, patched=decoded)
    if managers is None:
        before = managers_before(held, new["metadata"].get("managedFields"), route.sub)
        managers = {}
        owner = route.sub if through is None else through
        if before is not None:
            managers = track(context, info, _unmanaged(old), _unmanaged(new), options.manager, owner, before)
    admitted = through is None and check is None
    if admitted:
        new = _mutated(context, route, new, old, managers, options)
    metadata = meta.for_update(new["metadata"], old["metadata"])
    metadata.pop("managedFields", None)
    new = strategy.prepare_update({**new, "metadata": metadata}, old, route.sub)
    metadata = {k: v for k, v in new["metadata"].items() if k != "managedFields"}
    new = {**new, "metadata": metadata}
    if strategy.has_generation and route.sub != "status" and strategy.spec_changed(new, old):
        metadata["generation"] = old["metadata"].get("generation", 0) + 1
    check_escalation(context, info, new, old)
    reviewed = strategy.review(new, old, route.sub)
    new = reviewed.obj
    context.call.warnings.extend(reviewed.told)
    _check(info, new, reviewed.errors)
    _set_managers(new, managers)
    context.call.warnings.extend(reviewed.warnings)
    if admitted:
        _validated(context, route, new, old, options)
    elif check is not None:
        check(new, old)
    if info.custom and webhook_of(info) is None:  # what counts is what would be stored
        new, old = to_storage(new, info)[0], held.obj
    if is_same(new, old):
        return Written(held)
    if options.dry_run:
        metadata = {**new["metadata"], "resourceVersion": old["metadata"]["resourceVersion"]}
        return Written(Item({**new, "metadata": metadata}, held.revision, held.namespace))
    item = _put(context, route, new, options)
    item.memo["managers"] = managers
    return Written(item)


def _no_version(version: str) -> StatusError:
    return StatusError(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')


def _check_address(info: ResourceInfo, new: JSONObject, old: JSONObject, *, patched: bool) -> None:
    """Compare resourceVersion and uid with the stored object's; 409 where they differ."""
    metadata, current = new["metadata"], old["metadata"]
    version = metadata.get("resourceVersion")
    name = current["name"]
    if version and not version.isdigit():
        raise _no_version(version)
    if (info.custom or not info.unconditional) and version in (None, "", "0"):
        error = FieldError(
            "metadata.resourceVersion", ErrorType.INVALID, "must be specified for an update", 0
        )
        raise invalid(info.group, info.plural, name, [error])
    if version not in (None, "", "0") and version != current["resourceVersion"]:
        raise modified(info.group, info.plural, name)
    uid = metadata.get("uid")
    if uid and uid != current.get("uid") and not patched:
        raise conflict(
            info.group,
            info.plural,
            name,
            f"StorageError: invalid object, Code: 4, Key: {_storage_key(info, current)}, ResourceVersion: 0, "
            f"AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
            f"UID in object meta: {current.get('uid')}",
        )


def _storage_key(info: ResourceInfo, metadata: JSONObject) -> str:
    prefix = f"/registry/{info.group}/{info.plural}" if info.custom else f"/registry/{info.plural}"
    return f"{prefix}/{key_of(metadata.get('namespace') or '', metadata['name'])}"
