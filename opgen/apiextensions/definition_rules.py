"""What the server asks of spec and status of a definition, in its order; `schema_review` judges the schemas."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from opgen.apiextensions.column_rules import column_errors, scale_errors
from opgen.apiextensions.complaints import immutable, invalid, not_supported, required
from opgen.apiextensions.conversion_rules import conversion_errors
from opgen.apiextensions.errors import FieldError, GoText
from opgen.apiextensions.gostructs import version_struct
from opgen.apiextensions.layout import Layout, Part
from opgen.apiextensions.name_rules import group_errors, names_errors, required_names
from opgen.apiextensions.names import dns1035_label
from opgen.apiextensions.schema_review import SchemaReview, review_schema
from opgen.apiextensions.selectable_rules import selectable_errors
from opgen.apiextensions.structural import unconvertible
from opgen.apiextensions.update_demands import Demands
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import JSON

SCOPES = ("Cluster", "Namespaced")
_LONGEST_WARNING = 256


def spec_errors(
    definition: Definition, inner: Layout, demands: Demands, review: SchemaReview
) -> Iterator[FieldError]:
    """The errors of spec; what can't be checked of the schemas' rules goes to `review.unchecked`."""
    yield from group_errors(definition.group, "spec.group")
    if not definition.scope:
        yield required("spec.scope")
    elif definition.scope not in SCOPES:
        yield not_supported("spec.scope", definition.scope, SCOPES)
    yield from _missing_schemas(definition, inner, demands)
    if definition.preserve_unknown_fields and review.has_defaults:
        detail = "must be false in order to use defaults in the schema"
        yield invalid("spec.preserveUnknownFields", True, detail)
    for version, part in zip(definition.versions, inner.versions, strict=True):
        wrong = dns1035_label(version.name)
        if wrong:
            yield invalid(f"{part.path}.name", version.name, ",".join(wrong))
        yield from _version_errors(version, part, inner, demands, review)
    yield from _version_set_errors(definition, inner)
    yield from required_names(definition.names, "spec.names")
    yield from names_errors(definition.names, "spec.names")
    yield from review_schema(inner.top, inner.any_status, demands, review)
    yield from scale_errors(inner.top.scale, "spec.subresources")
    yield from column_errors(inner.top.columns, "spec.additionalPrinterColumns")
    yield from _shared_fields(inner.top, demands)
    conversion = definition.conversion
    if conversion is not None and conversion.strategy != "None" and definition.preserve_unknown_fields:
        detail = "must be None if spec.preserveUnknownFields is true"
        yield invalid("spec.conversion.strategy", GoText(conversion.strategy), detail)
    yield from conversion_errors(
        conversion,
        "spec.conversion",
        known_version=demands.known_review_version,
        sound_bundle=demands.sound_bundle,
    )


def update_errors(new: Definition, old: Definition, demands: Demands) -> Iterator[FieldError]:
    """What of spec may never change: names and scope once established, the resource's own name at all."""
    if demands.immutable_names:
        yield from immutable("spec.scope", GoText(new.scope), old.scope)
        yield from immutable("spec.names.kind", new.names.kind, old.names.kind)
    yield from immutable("spec.group", new.group, old.group)
    yield from immutable("spec.names.plural", new.names.plural, old.names.plural)


def _missing_schemas(definition: Definition, inner: Layout, demands: Demands) -> Iterator[FieldError]:
    if inner.top.schema is not None:
        return
    for part, version in zip(inner.versions, definition.versions, strict=True):
        where = f"{part.path}.schema.openAPIV3Schema"
        if part.schema is not None:
            continue
        if demands.schema:
            yield required(where)
        elif not definition.preserve_unknown_fields and version.served:
            yield required(where, "because otherwise all fields are pruned")


def _version_errors(
    version: Version, part: Part, inner: Layout, demands: Demands, review: SchemaReview
) -> Iterator[FieldError]:
    for wrong in _warning_errors(version.deprecated, version.deprecation_warning):
        shown = GoText(version.deprecation_warning or "")
        yield invalid(f"{part.path}.deprecationWarning", shown, wrong)
    yield from review_schema(part, inner.status_of(part), demands, review)
    yield from scale_errors(part.scale, f"{part.path}.subresources")
    yield from column_errors(part.columns, f"{part.path}.additionalPrinterColumns")
    if not part.selectable_fields:
        return
    where = f"{part.path}.selectableFields"
    if part.schema is None:
        yield invalid(where, "", "may only be set when `version.schema.openAPIV3Schema` is not included")
        return
    unfit = unconvertible(part.schema)
    if unfit:
        yield invalid(f"{part.path}.schema.openAPIV3Schema", "", unfit)
    unlimited = part.version in demands.unlimited_fields_in
    schema = None if unfit else part.schema
    yield from selectable_errors(part.selectable_fields, schema, where, unlimited=unlimited)


def _shared_fields(top: Part, demands: Demands) -> Iterator[FieldError]:
    where = "spec.selectableFields"
    if not top.selectable_fields:
        return
    if top.schema is None:
        yield invalid(where, "", "may only be set when validations.schema is included")
        return
    unfit = unconvertible(top.schema)
    if unfit:
        yield invalid("spec.schema.openAPIV3Schema", "", unfit)
    unlimited = "" in demands.unlimited_fields_in
    schema = None if unfit else top.schema
    yield from selectable_errors(top.selectable_fields, schema, where, unlimited=unlimited)


def _warning_errors(deprecated: bool, warning: str | None) -> Iterator[str]:
    if warning is None:
        return
    if not deprecated:
        yield "can only be set for deprecated versions"
        return
    if len(warning.encode(errors="replace")) > _LONGEST_WARNING:
        yield f"must be <= {_LONGEST_WARNING} characters long"
    if not warning:
        yield "must not be an empty string"
    at = 0
    for char in warning:
        category = unicodedata.category(char)
        if char != " " and category[0] in "CZ":
            yield f"must only contain printable UTF-8 characters; non-printable character found at index {at}"
            break
        at += len(char.encode(errors="replace"))


def _version_set_errors(definition: Definition, inner: Layout) -> Iterator[FieldError]:
    names = [version.name for version in definition.versions]
    unique = len(set(names)) == len(names)
    one_stored = sum(version.storage for version in definition.versions) == 1
    shown: JSON = None
    if not (unique and one_stored):
        shown = [*map(version_struct, definition.versions, inner.versions)] or None
    if not unique:
        yield invalid("spec.versions", shown, "must contain unique version names")
    if not one_stored:
        yield invalid("spec.versions", shown, "must have exactly one version marked as storage version")
    if names and names[0]:
        wrong = dns1035_label(names[0])
        if wrong:
            yield invalid("spec.version", names[0], ",".join(wrong))


def status_errors(definition: Definition) -> Iterator[FieldError]:
    """The errors of status: accepted names, and the versions that may be in etcd."""
    if definition.accepted_names is not None:
        yield from names_errors(definition.accepted_names, "status.acceptedNames")
    where = "status.storedVersions"
    stored: list[JSON] = [*definition.stored_versions]
    if not stored:
        yield invalid(where, None, "must have at least one stored version")
        return
    missing = {name: index for index, name in enumerate(definition.stored_versions)}
    for version in definition.versions:
        if version.storage and version.name not in missing:
            yield invalid(where, stored, f"must have the storage version {version.name}")
        missing.pop(version.name, None)
    for name, index in missing.items():
        yield invalid(
            f"{where}[{index}]",
            name,
            f"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions "
            f"until a storage migration ensures no data remains persisted in {name} and removes {name} from "
            "status.storedVersions",
        )
