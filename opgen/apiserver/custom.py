"""Custom resources: their strategy, by the rules of `opgen.apiextensions`, and what a definition serves."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.apiextensions import judge_object, read_object
from opgen.apiextensions.gotext import plain_numbers
from opgen.apiserver import metadata as meta
from opgen.apiserver.apply.fieldset import EMPTY, FieldSet
from opgen.apiserver.apply.types import Node, object_node
from opgen.apiserver.kinds import ResourceInfo, Subresource, version_priority
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import bad_request
from opgen.apiserver.strategy import Reviewed
from opgen.ir.definition import Definition, Version

# In the order of the real server's discovery.
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
_SCALE = Subresource("scale", "Scale", group="autoscaling", version="v1")
_STATUS_ONLY: FieldSet = {"f:status": {}}
_ALL_BUT_STATUS: FieldSet = {"f:metadata": {}, "f:spec": {}}


def resources(definition: Definition) -> Iterator[ResourceInfo]:
    """What a definition serves: one resource for each served version."""
    names = definition.names
    for version in definition.versions:
        if not version.served:
            continue
        subresources: list[Subresource] = []
        if version.status_subresource:
            subresources.append(Subresource("status", names.kind))
        if version.scale is not None:
            subresources.append(_SCALE)
        yield ResourceInfo(
            group=definition.group,
            version=version.name,
            plural=names.plural,
            kind=names.kind,
            namespaced=definition.namespaced,
            singular=names.singular or names.kind.lower(),
            list_kind=names.list_kind or f"{names.kind}List",
            short_names=names.short_names,
            categories=names.categories,
            subresources=tuple(subresources),
            verbs=_VERBS,
            table=f"{definition.group}/{names.plural}",
            fields=tuple(path.lstrip(".") for path in version.selectable_fields),
            definition=definition,
            warning=_deprecation(definition, version),
        )


def _deprecation(definition: Definition, version: Version) -> str:
    if not version.deprecated:
        return ""
    kind = definition.names.kind
    text = f"{definition.group}/{version.name} {kind} is deprecated"
    newer = [
        other.name
        for other in definition.versions
        if other.served
        and not other.deprecated
        and version_priority(other.name) < version_priority(version.name)
    ]
    if newer:
        text += f"; use {definition.group}/{min(newer, key=version_priority)} {kind}"
    return version.deprecation_warning or text


class CustomStrategy:
    """One version of a custom resource."""

    has_generation = True

    def __init__(self, definition: Definition, version: Version) -> None:
        self._definition = definition
        self._version = version
        self._schema = version.schema
        self._node: Node | None = None

    @property
    def node(self) -> Node:
        """The kind's shape for comparing and merging."""
        if self._node is None:
            self._node = object_node(self._schema)
        return self._node

    def ignored(self, subresource: str) -> FieldSet:
        """The fields that a writer of this subresource never owns."""
        if not self._version.status_subresource:
            return EMPTY
        return _ALL_BUT_STATUS if subresource == "status" else _STATUS_ONLY

    def decode(self, obj: JSONObject, field_validation: str) -> tuple[JSONObject, tuple[str, ...]]:
        """Prune and complete the object; unknown fields are an error, a warning, or nothing."""
        reading = read_object(self._definition, obj, self._version.name)
        if reading.error:
            raise bad_request(self._misfit(reading.error))
        if reading.unknown and field_validation == "Strict":
            raise bad_request(self._misfit(reading.strict_error))
        warnings = tuple(f'unknown field "{path}"' for path in reading.unknown)
        result: JSONObject = reading.obj
        return result, warnings if field_validation == "Warn" else ()

    def _misfit(self, why: str) -> str:
        kind = self._definition.names.kind
        return f'{kind} in version "{self._version.name}" cannot be handled as a {kind}: {why}'

    def prepare_create(self, obj: JSONObject) -> JSONObject:
        """Without status, where that is a subresource."""
        if self._version.status_subresource and "status" in obj:
            return {key: value for key, value in obj.items() if key != "status"}
        return obj

    def prepare_update(self, new: JSONObject, old: JSONObject, subresource: str) -> JSONObject:
        """A status update takes the status alone, any other write all but the status."""
        if not self._version.status_subresource:
            return new
        if subresource == "status":
            metadata = {**old["metadata"]}
            for name in ("managedFields", "resourceVersion"):
                if name in new["metadata"]:
                    metadata[name] = new["metadata"][name]
            result = {**old, "apiVersion": new["apiVersion"], "metadata": metadata}
            result.pop("status", None)
            if "status" in new:
                result["status"] = new["status"]
            return result
        result = {key: value for key, value in new.items() if key != "status"}
        if "status" in old:
            result["status"] = old["status"]
        return result

    def spec_changed(self, new: JSONObject, old: JSONObject) -> bool:
        """Any change but of metadata, and of status where that is a subresource."""
        keys = (new.keys() | old.keys()) - {"metadata", "apiVersion"}
        if self._version.status_subresource:
            keys -= {"status"}
        return any(new.get(key) != old.get(key) for key in keys)

    def review(self, new: JSONObject, old: JSONObject | None, subresource: str) -> Reviewed:
        """Validate metadata, schema and rules."""
        found = judge_object(self._definition, new, old, self._version.name, subresource=subresource)
        errors = found.errors
        if old is not None:  # the real server looks at what may not change twice, and says so twice
            metadata = new.get("metadata") or {}
            errors = (*meta.validate_update(metadata, old.get("metadata") or {}), *errors)
        forgiven = set(found.forgiven)
        warnings = tuple(text for text in found.warnings if text not in forgiven)
        unchecked = tuple(f"a validation rule could not be run here: {rule}" for rule in found.unchecked)
        return Reviewed(plain_numbers(new), errors, (*warnings, *unchecked), found.forgiven)
