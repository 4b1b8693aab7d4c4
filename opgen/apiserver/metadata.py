"""The rules about metadata that hold for every kind: names, labels, owners, and what only the server sets."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError, GoStruct
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_MAX_GENERATED = 63 - 5

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_QUALIFIED_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")

_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
    "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_QUALIFIED_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_MAX_ANNOTATIONS = 256 * 1024

NameRule = Callable[[str], list[str]]


def subdomain(name: str) -> list[str]:
    """What is wrong with a DNS-1123 subdomain."""
    errors = ["must be no more than 253 characters"] if len(name) > 253 else []
    return errors if _SUBDOMAIN.match(name) else [*errors, _SUBDOMAIN_TEXT]


def dns_label(name: str) -> list[str]:
    """What is wrong with a DNS-1123 label."""
    errors = ["must be no more than 63 characters"] if len(name) > 63 else []
    if _LABEL.match(name):
        return errors
    return [*errors, "must not contain dots" if _SUBDOMAIN.match(name) else _LABEL_TEXT]


def dns_1035_label(name: str) -> list[str]:
    """What is wrong with a DNS-1035 label."""
    errors = ["must be no more than 63 characters"] if len(name) > 63 else []
    return errors if _LABEL_1035.match(name) else [*errors, _LABEL_1035_TEXT]


def path_segment(name: str) -> list[str]:
    """What is wrong with a name that may be anything but a path (RBAC's names)."""
    errors = [f"may not be '{name}'"] if name in (".", "..") else []
    return errors + [f"may not contain '{c}'" for c in "/%" if c in name]


def name_rule(info: ResourceInfo) -> NameRule:
    """How names of this resource are checked."""
    if info.group == "rbac.authorization.k8s.io":
        return path_segment
    if info.custom:
        return subdomain
    return _NAME_RULES.get(info.plural, subdomain)


_NAME_RULES: dict[str, NameRule] = {
    "namespaces": dns_label,
    "services": dns_label,
    "statefulsets": dns_label,
    "poddisruptionbudgets": lambda name: [],
}


def generate_name(base: str) -> str:
    """A name from a generateName prefix."""
    return base[:_MAX_GENERATED] + "".join(random.choices(_SUFFIX, k=5))


def qualified_name(name: str) -> list[str]:
    """What is wrong with a label's or annotation's key."""
    prefix, slash, rest = name.rpartition("/")
    errors: list[str] = []
    if slash:
        if "/" in prefix:
            return [
                "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and "
                "end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
                "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix "
                "and '/' (e.g. 'example.com/MyName')"
            ]
        if not prefix:
            errors.append("prefix part must be non-empty")
        else:
            if len(prefix) > 253:
                errors.append("prefix part must be no more than 253 bytes")
            if not _SUBDOMAIN.match(prefix):
                errors.append(f"prefix part {_SUBDOMAIN_TEXT}")
    if not rest:
        errors.append("name part must be non-empty")
    elif len(rest) > 63:
        errors.append("name part must be no more than 63 bytes")
    if not _QUALIFIED_NAME.match(rest):
        errors.append(_QUALIFIED_TEXT)
    return errors


def label_value(value: str) -> list[str]:
    """What is wrong with a label's value."""
    errors = ["must be no more than 63 bytes"] if len(value) > 63 else []
    return errors if _LABEL_VALUE.match(value) else [*errors, _LABEL_VALUE_TEXT]


def validate_labels(labels: Any, path: str) -> list[FieldError]:
    """The server's errors about a map of labels."""
    errors: list[FieldError] = []
    for key in sorted(labels or {}):
        value = labels[key]
        errors.extend(FieldError(path, ErrorType.INVALID, text, key) for text in qualified_name(key))
        if isinstance(value, str):
            errors.extend(FieldError(path, ErrorType.INVALID, text, value) for text in label_value(value))
    return errors


def validate_annotations(annotations: Any, path: str) -> list[FieldError]:
    """The server's errors about a map of annotations."""
    errors: list[FieldError] = []
    size = 0
    for key, value in (annotations or {}).items():
        errors.extend(FieldError(path, ErrorType.INVALID, text, key) for text in qualified_name(key.lower()))
        size += len(key.encode()) + (len(value.encode()) if isinstance(value, str) else 0)
    if size > _MAX_ANNOTATIONS:
        errors.append(FieldError(path, ErrorType.TOO_LONG, f"may not be more than {_MAX_ANNOTATIONS} bytes"))
    return errors


_OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


def _validate_owners(owners: Any) -> list[FieldError]:
    errors: list[FieldError] = []
    controllers: list[str] = []
    path = "metadata.ownerReferences"
    for owner in owners or ():
        if not isinstance(owner, dict):
            continue
        version, kind = owner.get("apiVersion") or "", owner.get("kind") or ""
        name, uid = owner.get("name") or "", owner.get("uid") or ""
        if not version or version.count("/") > 1:
            errors.append(
                FieldError(f"{path}.apiVersion", ErrorType.INVALID, "version must not be empty", version)
            )
        for value, field in ((kind, "kind"), (name, "name"), (uid, "uid")):
            if not value:
                errors.append(FieldError(f"{path}.{field}", ErrorType.INVALID, "must not be empty", value))
        if kind == "Event" and version in ("v1", "events.k8s.io/v1"):
            shown = f"/{version}" if "/" not in version else version
            text = f"{shown}, Kind=Event is disallowed from being an owner"
            errors.append(FieldError(path, ErrorType.INVALID, text, owner))
        if owner.get("controller") is True:
            controllers.append(f"{kind}/{name}")
            if len(controllers) == 2:
                errors.append(
                    FieldError(
                        "metadata.ownerReferences",
                        ErrorType.INVALID,
                        'Only one reference can have Controller set to true. Found "true" in references for '
                        f"{controllers[0]} and {controllers[1]}",
                        [GoStruct({key: o[key] for key in _OWNER if key in o}) for o in owners],
                    )
                )
    return errors


def _validate_finalizers(finalizers: Any) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in finalizers or ():
        if not isinstance(name, str):
            continue
        errors.extend(
            FieldError("metadata.finalizers", ErrorType.INVALID, text, name) for text in qualified_name(name)
        )
    if "orphan" in (finalizers or ()) and "foregroundDeletion" in (finalizers or ()):
        errors.append(
            FieldError(
                "metadata.finalizers",
                ErrorType.INVALID,
                "finalizer orphan and foregroundDeletion cannot be both set",
                finalizers,
            )
        )
    return errors


_STANDARD_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")


def standard_finalizers(metadata: JSONObject) -> list[FieldError]:
    """The errors about finalizers without a domain, which most built-in kinds don't take."""
    text = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        FieldError(f"metadata.finalizers[{index}]", ErrorType.INVALID, text, name)
        for index, name in enumerate(metadata.get("finalizers") or ())
        if "/" not in name and name not in _STANDARD_FINALIZERS
    ]


def validate(metadata: JSONObject, info: ResourceInfo) -> list[FieldError]:
    """The errors about an object's metadata, apart from what concerns an update."""
    errors: list[FieldError] = []
    name = metadata.get("name")
    generate = metadata.get("generateName")
    rule = name_rule(info)
    if generate:
        prefix = generate[:-2] + "a" if len(generate) > 1 and generate.endswith("-") else generate
        errors.extend(
            FieldError("metadata.generateName", ErrorType.INVALID, text, generate) for text in rule(prefix)
        )
    if not name:
        errors.append(FieldError("metadata.name", ErrorType.REQUIRED, "name or generateName is required"))
    else:
        errors.extend(FieldError("metadata.name", ErrorType.INVALID, text, name) for text in rule(name))
    if info.namespaced:
        namespace = metadata.get("namespace") or ""
        errors.extend(
            FieldError("metadata.namespace", ErrorType.INVALID, text, namespace)
            for text in dns_label(namespace)
        )
    errors.extend(_validate_maps_and_owners(metadata))
    if metadata.get("finalizers"):
        errors.extend(_validate_finalizers(metadata["finalizers"]))
    return errors


def _validate_maps_and_owners(metadata: JSONObject) -> list[FieldError]:
    errors: list[FieldError] = []
    if metadata.get("labels"):
        errors.extend(validate_labels(metadata["labels"], "metadata.labels"))
    if metadata.get("annotations"):
        errors.extend(validate_annotations(metadata["annotations"], "metadata.annotations"))
    if metadata.get("ownerReferences"):
        errors.extend(_validate_owners(metadata["ownerReferences"]))
    return errors


_FIXED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def validate_update(new: JSONObject, old: JSONObject) -> list[FieldError]:
    """The errors about metadata that may not change."""
    errors: list[FieldError] = []
    for name in _FIXED:
        if new.get(name) != old.get(name):
            value = new.get(name)
            errors.append(FieldError(f"metadata.{name}", ErrorType.INVALID, "field is immutable", value))
    if old.get("deletionTimestamp") and (
        added := set(new.get("finalizers") or ()) - set(old.get("finalizers") or ())
    ):
        listed = ", ".join(f'"{name}"' for name in sorted(added))
        errors.append(
            FieldError(
                "metadata.finalizers",
                ErrorType.FORBIDDEN,
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                f"[]string{{{listed}}}",
            )
        )
    return errors


def validate_change(new: JSONObject, old: JSONObject) -> list[FieldError]:
    """What the server checks of an update's metadata each time that it looks at it."""
    return [*validate_update(new, old), *_validate_maps_and_owners(new)]


def for_create(metadata: JSONObject, now: str, generation: bool) -> JSONObject:
    """Metadata of a new object: what only the server sets is set, the rest dropped."""
    result = {
        key: value
        for key, value in metadata.items()
        if key not in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion")
        and value is not None
    }
    if not result.get("name") and result.get("generateName"):
        result["name"] = generate_name(result["generateName"])
    result["uid"] = str(uuid.uuid4())
    result["creationTimestamp"] = now
    if generation:
        result["generation"] = 1
    return result


def for_update(new: JSONObject, old: JSONObject) -> JSONObject:
    """Metadata of an updated object: what only the server sets stays as it was."""
    result = {key: value for key, value in new.items() if value is not None and key != "selfLink"}
    for key in ("generation", "namespace"):
        result.pop(key, None)
    kept = ["generation", "namespace", "creationTimestamp", "deletionTimestamp"]
    kept += [key for key in ("uid", "deletionGracePeriodSeconds") if result.get(key) in (None, "")]
    return result | {key: old[key] for key in kept if old.get(key) is not None}


_WIPED = ("creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def wiped(metadata: JSONObject) -> JSONObject:
    """Metadata as a request for a new object sends it, without what only the server sets."""
    if not any(key in metadata for key in _WIPED):
        return metadata
    return {key: value for key, value in metadata.items() if key not in _WIPED}
