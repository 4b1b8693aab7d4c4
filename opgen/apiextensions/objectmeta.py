"""Validates ObjectMeta as apimachinery does, on create and on update. The metadata is what `metadata` has read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Protocol

from opgen.apiextensions.errors import ErrorType, FieldError, GoStruct
from opgen.apiextensions.gotext import lower, quote
from opgen.apiextensions.issues import too_long
from opgen.apiextensions.names import dns1123_label, label_value, object_name, qualified_name

MAX_ANNOTATIONS = 256 * 1024  # bytes of all keys and values
_MAX_MANAGER = 128
_MAX_SUBRESOURCE = 256


class NameRule(Protocol):
    """What is wrong with a name; `prefix` judges a generateName."""

    def __call__(self, value: str, *, prefix: bool = False) -> list[str]: ...


def validate_metadata(
    metadata: dict[str, Any], path: str = "metadata", *, namespaced: bool, rule: NameRule = object_name
) -> tuple[FieldError, ...]:
    """The errors of an object's metadata on create, when its name has been generated."""
    return tuple(_on_create(metadata, path, namespaced, rule))


def validate_metadata_update(
    metadata: dict[str, Any], old: dict[str, Any], path: str = "metadata"
) -> tuple[FieldError, ...]:
    """The errors of an update's metadata beside the stored one's."""
    return tuple(_on_update(metadata, old, path))


def _on_create(metadata: dict[str, Any], path: str, namespaced: bool, rule: NameRule) -> Iterator[FieldError]:
    prefix = metadata.get("generateName", "")
    if prefix:
        for text in rule(prefix, prefix=True):
            yield _invalid(f"{path}.generateName", prefix, text)
    name = metadata.get("name", "")
    if not name:
        yield FieldError(f"{path}.name", ErrorType.REQUIRED, "name or generateName is required", "")
    else:
        for text in rule(name):
            yield _invalid(f"{path}.name", name, text)
    namespace = metadata.get("namespace", "")
    if not namespaced:
        if namespace:
            yield FieldError(f"{path}.namespace", ErrorType.FORBIDDEN, "not allowed on this type", "")
    elif not namespace:
        yield FieldError(f"{path}.namespace", ErrorType.REQUIRED, "", "")
    else:
        for text in dns1123_label(namespace):
            yield _invalid(f"{path}.namespace", namespace, text)
    if metadata.get("generation", 0) < 0:
        yield _invalid(f"{path}.generation", metadata["generation"], "must be greater than or equal to 0")
    yield from _labels(metadata.get("labels") or {}, f"{path}.labels")
    yield from _annotations(metadata.get("annotations") or {}, f"{path}.annotations")
    yield from _owners(metadata.get("ownerReferences") or [], f"{path}.ownerReferences")
    yield from _finalizers(metadata.get("finalizers") or [], f"{path}.finalizers")
    yield from _managed(metadata.get("managedFields") or [], f"{path}.managedFields")


_IMMUTABLE = (
    ("name", ""),
    ("namespace", ""),
    ("uid", ""),
    ("creationTimestamp", None),
    ("deletionTimestamp", None),
    ("deletionGracePeriodSeconds", None),
)


def _on_update(metadata: dict[str, Any], old: dict[str, Any], path: str) -> Iterator[FieldError]:
    if old.get("deletionTimestamp") is not None:
        added = sorted(set(metadata.get("finalizers") or []) - set(old.get("finalizers") or []))
        if added:
            shown = f"[]string{{{', '.join(map(quote, added))}}}"
            text = "no new finalizers can be added if the object is being deleted, found new finalizers"
            yield FieldError(f"{path}.finalizers", ErrorType.FORBIDDEN, f"{text} {shown}", "")
    if not metadata.get("resourceVersion"):
        yield _invalid(f"{path}.resourceVersion", "", "must be specified for an update")
    if metadata.get("generation", 0) < old.get("generation", 0):
        yield _invalid(f"{path}.generation", metadata.get("generation", 0), "must not be decremented")
    for key, zero in _IMMUTABLE:
        if metadata.get(key, zero) != old.get(key, zero):
            yield _invalid(f"{path}.{key}", metadata.get(key, zero), "field is immutable")
    yield from _labels(metadata.get("labels") or {}, f"{path}.labels")
    yield from _annotations(metadata.get("annotations") or {}, f"{path}.annotations")
    yield from _owners(metadata.get("ownerReferences") or [], f"{path}.ownerReferences")
    yield from _managed(metadata.get("managedFields") or [], f"{path}.managedFields")


def _labels(labels: dict[str, str], path: str) -> Iterator[FieldError]:
    for key, value in labels.items():
        for text in qualified_name(key):
            yield _invalid(path, key, text)
        for text in label_value(value):
            yield _invalid(path, value, text)


def _annotations(annotations: dict[str, str], path: str) -> Iterator[FieldError]:
    size = 0
    for key, value in annotations.items():
        for text in qualified_name(lower(key)):
            yield _invalid(path, key, text)
        size += len(key.encode(errors="replace")) + len(value.encode(errors="replace"))
    if size > MAX_ANNOTATIONS:
        yield too_long(path, MAX_ANNOTATIONS)


def _owners(owners: list[dict[str, Any]], path: str) -> Iterator[FieldError]:
    controller = ""
    for owner in owners:
        api_version, kind, name = owner.get("apiVersion", ""), owner.get("kind", ""), owner.get("name", "")
        version = "" if api_version.count("/") > 1 else api_version.rpartition("/")[2]
        if not version:
            yield _invalid(f"{path}.apiVersion", api_version, "version must not be empty")
        for key in ("kind", "name", "uid"):
            if not owner.get(key, ""):
                yield _invalid(f"{path}.{key}", owner.get(key, ""), "must not be empty")
        if api_version == "v1" and kind == "Event":
            yield _invalid(path, _as_struct(owner), "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            this = f"{kind}/{name}"
            if controller:
                text = 'Only one reference can have Controller set to true. Found "true" in references for'
                yield _invalid(path, [*map(_as_struct, owners)], f"{text} {controller} and {this}")
            else:
                controller = this


_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


def _as_struct(owner: dict[str, Any]) -> GoStruct:
    return GoStruct({key: owner[key] for key in _OWNER_FIELDS if owner.get(key) is not None})


def _finalizers(finalizers: list[str], path: str) -> Iterator[FieldError]:
    for finalizer in finalizers:
        for text in qualified_name(finalizer):
            yield _invalid(path, finalizer, text)
    if "foregroundDeletion" in finalizers and "orphan" in finalizers:
        yield _invalid(path, list(finalizers), "finalizer orphan and foregroundDeletion cannot be both set")


def _managed(entries: list[dict[str, Any]], path: str) -> Iterator[FieldError]:
    for index, entry in enumerate(entries):
        place = f"{path}[{index}]"
        if entry.get("operation", "") not in ("Apply", "Update"):
            yield _invalid(f"{place}.operation", entry.get("operation", ""), "must be `Apply` or `Update`")
        if entry.get("fieldsType", "FieldsV1") not in ("", "FieldsV1"):
            yield _invalid(f"{place}.fieldsType", entry["fieldsType"], "must be `FieldsV1`")
        yield from manager_errors(entry.get("manager", ""), f"{place}.manager")
        if len(entry.get("subresource", "").encode(errors="replace")) > _MAX_SUBRESOURCE:
            yield too_long(f"{place}.subresource", _MAX_SUBRESOURCE)


def manager_errors(manager: str, path: str) -> Iterator[FieldError]:
    """What is wrong with a field manager's name."""
    if len(manager.encode(errors="replace")) > _MAX_MANAGER:
        yield too_long(path, _MAX_MANAGER)
    place = 0
    for char in manager:
        if char != " " and unicodedata.category(char)[0] in "CZ":
            shown = f"U+{ord(char):04X}"
            yield _invalid(path, manager, f"invalid character {shown} (at position {place})")
        place += len(char.encode(errors="replace"))


def finalizer_warnings(metadata: dict[str, Any], old: dict[str, Any] | None) -> tuple[str, ...]:
    """What the server warns of when finalizers are added whose names may clash with others."""
    known = set() if old is None else set(old.get("finalizers") or [])
    warnings = []
    for name in sorted(set(metadata.get("finalizers") or []) - known):
        place = f"metadata.finalizers: {quote(name)}:"
        warnings += [f"{place} {text}" for text in qualified_name(name)]
        if "/" not in name and name not in ("orphan", "foregroundDeletion", "kubernetes"):
            path = " including a path (/)" if "." in name else ""
            text = f"prefer a domain-qualified finalizer name{path} to avoid accidental conflicts"
            warnings.append(f"{place} {text} with other finalizer writers")
    return tuple(warnings)


def _invalid(field: str, value: Any, detail: str) -> FieldError:
    return FieldError(field, ErrorType.INVALID, detail, value)
