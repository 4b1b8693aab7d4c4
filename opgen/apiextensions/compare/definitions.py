"""Compares two definitions of a kind: names, scope, versions, conversion, subresources, then the schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from opgen.apiextensions.compare.conventions import breaches
from opgen.apiextensions.compare.reasons import CODES, Reason
from opgen.apiextensions.compare.schemas import compare_resources
from opgen.apiextensions.compare.served import divergences
from opgen.apiextensions.compare.where import Where
from opgen.apiextensions.complaints import text as complaint
from opgen.apiextensions.definition_defaults import default_definition
from opgen.apiextensions.review import prepared_for_create, prepared_for_update, review_definition
from opgen.ir.definition import Conversion, Definition, Version


def compare(old: Definition, new: Definition, *, conventions: bool = False) -> tuple[Reason, ...]:
    """All that changed, in the order of the new definition.

    `old` counts as installed: where it carries no status, its storage version counts as stored. `conventions` adds
    what is new and does not keep Kubernetes' API conventions.
    """
    old, new = default_definition(old), default_definition(new)
    if not old.stored_versions:
        old = replace(prepared_for_create(old), established=True)
    found = [*_identity(old, new), *_versions(old, new), *_conversion(old, new)]
    for version in new.versions:
        before = old.version(version.name)
        if before is not None:
            found += compare_versions(before, version, new)
    found += divergences(old, new)
    if conventions:
        found += breaches(old, new)
    found += _refused(old, new, found)
    kind = new.names.kind or old.names.kind
    return tuple(replace(reason, kind=kind) for reason in found)


def _reason(code: str, text: str, path: str, version: str = "", place: str = "") -> Reason:
    return Reason(code, text, version, path, place or path, CODES[code].hint)


def _identity(old: Definition, new: Definition) -> Iterator[Reason]:
    for code, path, before, after in (
        ("group-changed", "spec.group", old.group, new.group),
        ("kind-changed", "spec.names.kind", old.names.kind, new.names.kind),
        ("plural-changed", "spec.names.plural", old.names.plural, new.names.plural),
        ("list-kind-changed", "spec.names.listKind", old.names.list_kind, new.names.list_kind),
        ("scope-changed", "spec.scope", old.scope, new.scope),
    ):
        follows = code == "list-kind-changed" and old.names.kind != new.names.kind
        if before != after and not follows:
            name = path.rpartition(".")[2]
            yield _reason(code, f"the {name} was {before} and is {after}", path)
    for path, was, now in (
        ("spec.names.singular", (old.names.singular,), (new.names.singular,)),
        ("spec.names.shortNames", old.names.short_names, new.names.short_names),
        ("spec.names.categories", old.names.categories, new.names.categories),
    ):
        if path.endswith("singular") and old.names.kind != new.names.kind:
            continue
        for name in was:
            if name not in now:
                yield _reason("name-removed", f"{name} is gone", path)
        for name in now:
            if name not in was:
                yield _reason("name-added", f"{name} is new", path)
    path = "spec.preserveUnknownFields"
    if old.preserve_unknown_fields and not new.preserve_unknown_fields:
        yield _reason("pruning-began", "undeclared fields are dropped now", path)
    elif new.preserve_unknown_fields and not old.preserve_unknown_fields:
        yield _reason("pruning-ended", "undeclared fields are kept now", path)


def _versions(old: Definition, new: Definition) -> Iterator[Reason]:
    for version in old.versions:
        after = new.version(version.name)
        if after is not None:
            place = f"spec.versions[{new.versions.index(after)}]"
            yield from _version(version, after, place)
        elif version.name in old.stored_versions:
            yield _reason("stored-version-removed", f"{version.name} is gone", "spec.versions")
        elif version.served:
            yield _reason("version-removed", f"{version.name} is gone", "spec.versions")
        else:
            yield _reason("unserved-version-removed", f"{version.name} is gone", "spec.versions")
    for index, version in enumerate(new.versions):
        if old.version(version.name) is None:
            served = "" if version.served else ", not served"
            text = f"{version.name} is new{served}"
            yield _reason("version-added", text, "spec.versions", place=f"spec.versions[{index}]")
    before, now = old.storage_version, new.storage_version
    if before is not None and now is not None and before.name != now.name:
        text = f"the storage version was {before.name} and is {now.name}"
        yield _reason("storage-version-changed", text, "spec.versions")


def _version(old: Version, new: Version, place: str) -> Iterator[Reason]:
    path = "spec.versions"
    if old.served and not new.served:
        yield _reason("version-unserved", f"{new.name} is no longer served", path, place=f"{place}.served")
    elif new.served and not old.served:
        yield _reason("version-served", f"{new.name} is served now", path, place=f"{place}.served")
    if new.deprecated and not old.deprecated and new.served:
        text = f"{new.name} is deprecated"
        yield _reason("version-deprecated", text, path, place=f"{place}.deprecated")


def _conversion(old: Definition, new: Definition) -> Iterator[Reason]:
    before, after = old.conversion or Conversion("None"), new.conversion or Conversion("None")
    if before == after or len(new.versions) < 2:
        return
    path = "spec.conversion"
    if before.strategy == "Webhook" and after.strategy != "Webhook":
        yield _reason("conversion-dropped", "the strategy was Webhook and is None", path)
    elif after.strategy == "Webhook" and before.strategy != "Webhook":
        yield _reason("conversion-added", "the strategy was None and is Webhook", path)
    elif before.webhook is not None and after.webhook is not None:
        # The authority is put in by cert-manager and the like, and is no part of the question.
        one, other = replace(before.webhook, ca_bundle=None), replace(after.webhook, ca_bundle=None)
        if one != other:
            yield _reason("conversion-changed", "the webhook is another", path)


def compare_versions(old: Version, new: Version, definition: Definition) -> Iterator[Reason]:
    """One version: subresources, selectable fields, columns, schema."""
    place = f"spec.versions[{definition.versions.index(new)}]"
    root = Where(new.name, "", place)
    yield from _subresources(old, new, root)
    for field in old.selectable_fields:
        if field not in new.selectable_fields:
            text = f"{field} is no longer selectable"
            yield root.reason("selectable-field-removed", text, "selectableFields")
    for field in new.selectable_fields:
        if field not in old.selectable_fields:
            yield root.reason("selectable-field-added", f"{field} is selectable now", "selectableFields")
    if old.printer_columns != new.printer_columns:
        was = {column.name for column in old.printer_columns}
        now = {column.name for column in new.printer_columns}
        changes = [f"+{name}" for name in sorted(now - was)] + [f"-{name}" for name in sorted(was - now)]
        text = f"the columns are others: {' '.join(changes)}" if changes else "the columns changed"
        yield root.reason("columns-changed", text, "additionalPrinterColumns")
    if old.schema is not None and new.schema is not None:
        where = Where(new.name, "", f"{place}.schema.openAPIV3Schema")
        head = f"{definition.group}/{new.name}", definition.names.kind
        yield from compare_resources(old.schema, new.schema, *head, where)


def _subresources(old: Version, new: Version, where: Where) -> Iterator[Reason]:
    if old.status_subresource and not new.status_subresource:
        yield where.reason("status-subresource-removed", "the subresource status is gone", "subresources")
    elif new.status_subresource and not old.status_subresource:
        had = old.schema is None or "status" in old.schema.properties or old.schema.x_preserve_unknown_fields
        code = "status-subresource-added" if had else "status-began"
        yield where.reason(code, "the subresource status is new", "subresources.status")
    if old.scale == new.scale:
        return
    if new.scale is None:
        yield where.reason("scale-removed", "the subresource scale is gone", "subresources")
    elif old.scale is None:
        yield where.reason("scale-added", "the subresource scale is new", "subresources.scale")
    else:
        changes = [
            f"{name} was {before or 'unset'} and is {after or 'unset'}"
            for name, before, after in (
                ("specReplicasPath", old.scale.spec_replicas_path, new.scale.spec_replicas_path),
                ("statusReplicasPath", old.scale.status_replicas_path, new.scale.status_replicas_path),
                ("labelSelectorPath", old.scale.label_selector_path, new.scale.label_selector_path),
            )
            if (before or "") != (after or "")
        ]
        if len(changes) == 1 and "was unset" in changes[0]:
            yield where.reason("scale-added", changes[0], "subresources.scale")
        elif changes:
            yield where.reason("scale-changed", ", ".join(changes), "subresources.scale")


_SAID = {
    "spec.group": "group-changed",
    "spec.names.plural": "plural-changed",
    "spec.names.kind": "kind-changed",
    "spec.names.listKind": "list-kind-changed",
    "spec.scope": "scope-changed",
}


def _refused(old: Definition, new: Definition, found: list[Reason]) -> Iterator[Reason]:
    """What the server says against the update and no other reason says already."""
    said = {reason.code for reason in found}
    if "group-changed" in said or "plural-changed" in said:
        return  # a definition of its own, not an update
    update = replace(prepared_for_update(new, old), metadata=dict(new.metadata))
    before = replace(
        old, metadata={key: v for key, v in old.metadata.items() if key in ("name", "annotations")}
    )
    verdict = review_definition(replace(update, metadata={**before.metadata, **_plain(new)}), before)
    broken = {(error.field, error.detail) for error in review_definition(before, before).errors}
    for error in verdict.errors:
        if _SAID.get(error.field) in said or (error.field, error.detail) in broken:
            continue
        if error.field.startswith("status.storedVersions") and "stored-version-removed" in said:
            continue
        detail = error.detail or complaint(error).removeprefix(f"{error.field}: ")
        yield _reason("refused-by-server", detail, error.field)


def _plain(new: Definition) -> dict[str, str]:
    name = new.metadata.get("name")
    return {"name": name} if isinstance(name, str) else {}
