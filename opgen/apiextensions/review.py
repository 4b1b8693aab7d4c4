"""The public question about a definition: what would the API server say of it, and what would it store?

It is judged as the server's validation does, status included; `prepared_for_create` and `prepared_for_update`
are what the server does to status before, for those who hand over requests as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from opgen.apiextensions.complaints import invalid
from opgen.apiextensions.decode import decode
from opgen.apiextensions.defaulting import with_stored_defaults
from opgen.apiextensions.definition_defaults import default_definition
from opgen.apiextensions.definition_rules import spec_errors, status_errors, update_errors
from opgen.apiextensions.encode import encode
from opgen.apiextensions.errors import FieldError, Verdict
from opgen.apiextensions.formats import supported
from opgen.apiextensions.gotext import plain_numbers, quote
from opgen.apiextensions.layout import Layout, layout
from opgen.apiextensions.name_rules import approval_errors
from opgen.apiextensions.names import object_name
from opgen.apiextensions.objectmeta import NameRule, validate_metadata, validate_metadata_update
from opgen.apiextensions.schema_review import SchemaReview
from opgen.apiextensions.update_demands import Demands, demands_of_update, nodes
from opgen.ir.definition import Definition
from opgen.ir.schema import JSON, Schema


def review_definition(
    new: Definition | JSON,
    old: Definition | JSON | None = None,
    *,
    field_validation: str = "Strict",
    stored: bool = True,
) -> Verdict:
    """What a kube-apiserver 1.36 would answer to a creation, or to an update of `old`.

    Raw data is decoded first; with `field_validation` Warn unknown fields become warnings, with Ignore nothing.
    The verdict's `stored` is the definition after defaulting, without status; None for who asks for none. An `old`
    that cannot be decoded raises ValueError: nothing like it can be in a cluster.
    """
    warnings: tuple[str, ...] = ()
    if not isinstance(new, Definition):
        decoded = decode(new, strict=field_validation != "Ignore")
        if decoded.definition is None or (decoded.unknown and field_validation == "Strict"):
            return Verdict(False, decode=decoded.strict_error)
        new, warnings = decoded.definition, decoded.unknown
    if old is not None and not isinstance(old, Definition):
        before = decode(old, strict=False)
        if before.definition is None:
            raise ValueError(before.error)
        old = before.definition
    new = default_definition(new)
    old = None if old is None else default_definition(old)
    inner = layout(new)
    review = SchemaReview()
    errors = tuple(_errors(new, old, inner, review))
    if errors:
        return Verdict(False, errors, warnings=warnings, unchecked=tuple(review.unchecked))
    warnings += tuple(_format_warnings(inner, None if old is None else layout(old)))
    raw = plain_numbers(encode(_as_stored(new))) if stored else None
    return Verdict(True, (), "", warnings, tuple(review.unchecked), raw)


def _as_stored(definition: Definition) -> Definition:
    """The definition with the defaults that the server's validation leaves in it."""
    versions = tuple(
        version if version.schema is None else replace(version, schema=with_stored_defaults(version.schema))
        for version in definition.versions
    )
    return replace(definition, versions=versions)


def _errors(
    new: Definition, old: Definition | None, inner: Layout, review: SchemaReview
) -> Iterator[FieldError]:
    demands = Demands() if old is None else demands_of_update(new, old)
    if new.preserve_unknown_fields:
        every = [node for schema in inner.schemas() for node in nodes(schema)]
        review.has_defaults = any(node.default is not None for node in every)
        review.structural = demands.structural or review.has_defaults or any(map(_has_extensions, every))
    if old is None:
        yield from validate_metadata(dict(new.metadata), namespaced=False, rule=_name_rule(new))
    else:
        yield from validate_metadata_update(dict(new.metadata), dict(old.metadata))
    yield from spec_errors(new, inner, demands, review)
    if old is not None:
        yield from update_errors(new, old, demands)
    yield from status_errors(new)
    yield from approval_errors(new.group, new.annotations, None if old is None else old.annotations)
    if new.preserve_unknown_fields and not (old is not None and old.preserve_unknown_fields):
        yield invalid(
            "spec.preserveUnknownFields",
            True,
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
        )


def _name_rule(definition: Definition) -> NameRule:
    """A definition is named after its plural and group, beside the rules of all names."""
    wanted = f"{definition.names.plural}.{definition.group}"

    def rule(value: str, *, prefix: bool = False) -> list[str]:
        wrong = object_name(value, prefix=prefix)
        return wrong if value == wanted else [*wrong, 'must be spec.names.plural+"."+spec.group']

    return rule


def _has_extensions(schema: Schema) -> bool:
    return bool(
        schema.x_embedded_resource
        or schema.x_preserve_unknown_fields is not None
        or schema.x_int_or_string
        or schema.x_list_map_keys
        or schema.x_list_type is not None
        or schema.x_validations
    )


def _format_warnings(inner: Layout, before: Layout | None) -> Iterator[str]:
    """A warning for each format that the server ignores and the old definition did not have."""
    known = set() if before is None else set(_unknown_formats(before))
    for name in dict.fromkeys(_unknown_formats(inner)):
        if name not in known:
            yield f"unrecognized format {quote(name)}"


def _unknown_formats(inner: Layout) -> Iterator[str]:
    for schema in inner.schemas():
        for node in nodes(schema):
            if "format" in node.given and not supported(node.format, (node.type,)):
                yield node.format


def prepared_for_create(definition: Definition) -> Definition:
    """The definition with the status that the server gives to a new one, whatever the request said.

    Nor does it look at a namespace, which no definition has, or at managers and generation in a request.
    """
    storage = definition.storage_version
    stored = () if storage is None else (storage.name,)
    return replace(
        definition,
        metadata=_requested(definition.metadata),
        stored_versions=stored,
        accepted_names=None,
        established=False,
    )


def prepared_for_update(new: Definition, old: Definition) -> Definition:
    """The definition with the stored status, to which its storage version is added."""
    stored = old.stored_versions
    storage = new.storage_version
    if storage is not None and storage.name not in stored:
        stored = (*stored, storage.name)
    metadata = _requested(new.metadata)
    if "generation" in old.metadata:
        metadata["generation"] = old.metadata["generation"]
    return replace(
        new,
        metadata=metadata,
        stored_versions=stored,
        accepted_names=old.accepted_names,
        established=old.established,
    )


def _requested(metadata: Mapping[str, JSON]) -> dict[str, JSON]:
    return {key: value for key, value in metadata.items() if key not in _NOT_ASKED}


_NOT_ASKED = ("namespace", "managedFields", "generation")
