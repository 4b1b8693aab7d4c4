"""Reads opgen's concise YAML: one document, one kind, one or more versions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from opgen.apiextensions import default_definition
from opgen.documents import Document, Position
from opgen.errors import Diagnostic
from opgen.ir.definition import Definition, Names, PrinterColumn, Scale, Version
from opgen.ir.names import plural_of
from opgen.ir.schema import Schema, ValidationRule
from opgen.schema.concise.descriptions import trimmed
from opgen.schema.concise.fields import Types, constrain_object, read_fields, read_openapi
from opgen.schema.concise.keys import COLUMN, SCALE, TOP, VERSION
from opgen.schema.concise.rules import read_rules
from opgen.schema.concise.scope import Findings, Scope, describe
from opgen.schema.loaded import Form, Found, Given, Loaded

_TYPE_BY_SUFFIX = {"creationTimestamp": "date", "Time": "date", "Timestamp": "date"}


def looks_concise(data: Any) -> bool:
    """Whether a document is meant as the concise form."""
    return (
        isinstance(data, dict)
        and "apiVersion" not in data
        and ("versions" in data or "version" in data or {"kind", "spec"} <= data.keys())
    )


@dataclass(frozen=True, slots=True)
class _ReadVersion:
    version: Version
    position: Position
    implied_storage: bool


def read_concise(document: Document, given: Given, types: Types) -> Found:
    """The definition that a concise document describes; `given` fills in a group, kind or version it leaves out."""
    findings = Findings(document.origins.file)
    scope = Scope(document.data, (), document.origins.root or Position(1), findings)
    shorthand = "version" in document.data
    scope.known({**TOP, **VERSION, "version": ""} if shorthand else TOP, "the document")
    for key, flag in (("group", given.group), ("kind", given.kind), ("version", given.version)):
        said = document.data.get(key)
        if flag and isinstance(said, str) and said and said != flag and not (key == "group" and flag in said):
            scope.child(key).problem(f"{key} is {said} here and {flag} {given.where}", f"write {key}: {flag}")
    names = _names(scope, given)
    group = scope.text("group") or given.group
    if not group:
        scope.problem("`group` is missing", "add `group: cache.example.com`, or give --group")
    if not names.kind:
        scope.problem("`kind` is missing", "add `kind: Memcached`, or give --kind")
    versions = (
        [_version(scope, scope.text("version"), types)] if shorthand else _versions(scope, given, types)
    )
    if not (group and names.kind and versions):
        return Found((), _sorted(findings))
    labels, annotations = _texts_map(scope, "labels"), _texts_map(scope, "annotations")
    versions = _settle_storage(versions)
    definition = default_definition(_definition(scope, given, group, names, versions, labels, annotations))
    first = scope.child("versions").line if "versions" in document.data else scope.line
    spec = Position(
        scope.line, {"versions": Position(first, {i: v.position for i, v in enumerate(versions)})}
    )
    for key, target in (("group", "group"), ("scope", "scope")):
        if key in document.data:
            spec.children[target] = Position(scope.child(key).line)
    spec.children["names"] = Position(
        scope.line,
        {k: Position(scope.child(k).line) for k in document.data if k in TOP and k not in ("versions",)},
    )
    texts: dict[str | int, Position] = {
        key: scope.child(key).position for key in ("labels", "annotations") if key in document.data
    }
    root = Position(scope.line, {"spec": spec, "metadata": Position(scope.line, texts)})
    origins = replace(document.origins, root=root)
    implied = frozenset(v.version.name for v in versions if v.implied_storage)
    # With findings there is nothing to go on with, but the review still has a word about the names.
    loaded = Loaded(definition, origins, Form.CONCISE, implied, partial=bool(findings.diagnostics))
    return Found((loaded,), _sorted(findings))


def _sorted(findings: Findings) -> tuple[Diagnostic, ...]:
    return tuple(sorted(findings.diagnostics, key=lambda d: d.line))


def _definition(
    scope: Scope,
    given: Given,
    group: str,
    names: Names,
    versions: list[_ReadVersion],
    labels: dict[str, str],
    annotations: dict[str, str],
) -> Definition:
    scoped = scope.text("scope") or ("Cluster" if given.namespaced is False else "Namespaced")
    if scoped not in ("Namespaced", "Cluster"):
        scope.child("scope").problem(f"scope is Namespaced or Cluster, not {scoped}")
        scoped = "Namespaced"
    name = f"{names.plural}.{group}"
    metadata: dict[str, Any] = {"name": name}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    return Definition(
        name=name,
        group=group,
        names=names,
        scope=scoped,
        versions=tuple(v.version for v in versions),
        labels=labels,
        annotations=annotations,
        metadata=metadata,
    )


def _names(scope: Scope, given: Given) -> Names:
    kind = scope.text("kind") or given.kind
    return Names(
        plural=scope.text("plural") or given.plural or plural_of(kind),
        singular=scope.text("singular") or kind.lower(),
        kind=kind,
        list_kind=scope.text("listKind") or f"{kind}List",
        short_names=scope.texts("shortNames"),
        categories=scope.texts("categories"),
    )


def _texts_map(scope: Scope, key: str) -> dict[str, str]:
    if key not in scope.data:
        return {}
    place = scope.child(key)
    if place.mapping(key) is None:
        return {}
    return {name: place.text(name) for name in place.data}


def _versions(scope: Scope, given: Given, types: Types) -> list[_ReadVersion]:
    if "versions" not in scope.data:
        if {"spec", "status", "openapi"} & scope.data.keys() and given.version:
            return [_version(scope, given.version, types)]
        scope.problem("`versions` is missing", "add `versions:` with at least one `- name: v1alpha1`")
        return []
    place = scope.child("versions")
    if not isinstance(place.data, list) or not place.data:
        place.problem(
            f"versions must be a list with at least one version, not {describe(place.data)}",
            "begin each version with `- name: v1alpha1`",
        )
        return []
    result = []
    for index in range(len(place.data)):
        entry = place.child(index)
        if entry.mapping("a version") is None:
            continue
        entry.known(VERSION, "a version")
        name = entry.text("name")
        if not name:
            entry.problem("the version has no `name`", "v1alpha1, v1beta1, v1, ...")
        result.append(_version(entry, name, types))
    return result


def _version(scope: Scope, name: str, types: Types) -> _ReadVersion:
    """One version; `scope` is its mapping, or the whole document in the one-version shorthand."""
    position = Position(scope.line)
    schema, root = _schema(scope, types)
    if "descriptions" in scope.data:
        schema = trimmed(schema, scope.amount("descriptions", default=True))
    position.children["schema"] = Position(scope.line, {"openAPIV3Schema": root})
    for key, target in (
        ("printerColumns", "additionalPrinterColumns"),
        ("selectableFields", "selectableFields"),
        ("deprecationWarning", "deprecationWarning"),
    ):
        if key in scope.data:
            position.children[target] = Position(scope.child(key).line)
    if "scale" in scope.data:
        position.children["subresources"] = Position(scope.child("scale").line)
    version = Version(
        name=name,
        served=scope.flag("served", default=True),
        storage=scope.flag("storage"),
        deprecated=scope.flag("deprecated"),
        deprecation_warning=scope.text("deprecationWarning") or None,
        schema=schema,
        status_subresource="status" in schema.properties,
        scale=_scale(scope),
        printer_columns=_columns(scope),
        selectable_fields=scope.texts("selectableFields"),
    )
    return _ReadVersion(version, position, "storage" not in scope.data)


def _settle_storage(versions: list[_ReadVersion]) -> list[_ReadVersion]:
    """Where no version says `storage: true`, the one that says nothing is the storage version.

    Of several that say nothing none is chosen here: review names the fault.
    """
    silent = [v for v in versions if v.implied_storage]
    if any(v.version.storage for v in versions) or len(silent) != 1:
        return [replace(v, implied_storage=False) for v in versions]
    return [
        replace(v, version=replace(v.version, storage=True)) if v.implied_storage else v for v in versions
    ]


def _schema(scope: Scope, types: Types) -> tuple[Schema, Position]:
    if "openapi" in scope.data:
        return _whole(scope)
    root = Position(scope.line)
    names = Position(scope.line)
    root.children["properties"] = names
    properties = {
        "apiVersion": Schema(type="string"),
        "kind": Schema(type="string"),
        "metadata": Schema(type="object"),
    }
    required: tuple[str, ...] = ()
    for part in ("spec", "status"):
        if part not in scope.data:
            if f"{part}Constraints" in scope.data:
                scope.child(f"{part}Constraints").problem(f"there is no `{part}` to constrain")
            continue
        schema, position = read_fields(scope.child(part), types)
        constraints = f"{part}Constraints"
        if constraints in scope.data and scope.child(constraints).mapping(constraints) is not None:
            schema = constrain_object(scope.child(constraints), schema, position)
        properties[part] = schema
        names.children[part] = position
    if "spec" in properties:
        required = ("spec",)
    rules: tuple[ValidationRule, ...] = ()
    if "rules" in scope.data:
        rules = read_rules(scope.child("rules"))
        root.children["x-kubernetes-validations"] = Position(scope.child("rules").line)
    return Schema(
        type="object",
        description=scope.text("description"),
        properties=properties,
        required=required,
        x_validations=rules,
    ), root


def _whole(scope: Scope) -> tuple[Schema, Position]:
    place = scope.child("openapi")
    for key in ("spec", "status", "rules", "specConstraints", "statusConstraints"):
        if key in scope.data:
            scope.child(key).problem(
                f"`openapi` describes the whole object, so `{key}` has no place beside it"
            )
    if place.mapping("openapi") is None:
        return Schema(), Position(place.line)
    return read_openapi(place), place.position


def _scale(scope: Scope) -> Scale | None:
    if "scale" not in scope.data:
        return None
    place = scope.child("scale")
    if place.mapping("scale") is None:
        return None
    place.known(SCALE, "scale")
    return Scale(
        place.text("specReplicasPath"),
        place.text("statusReplicasPath"),
        place.text("labelSelectorPath") or None,
    )


def _columns(scope: Scope) -> tuple[PrinterColumn, ...]:
    if "printerColumns" not in scope.data:
        return ()
    place = scope.child("printerColumns")
    if place.mapping("printerColumns") is None:
        return ()
    result = []
    for name, value in place.data.items():
        entry = place.child(name)
        if isinstance(value, str):
            result.append(PrinterColumn(name, _column_type(value), value))
            continue
        if not isinstance(value, dict):
            entry.problem(
                f"a column is a JSON path or a mapping, not {describe(value)}",
                "Age: .metadata.creationTimestamp",
            )
            continue
        entry.known(COLUMN, "a column")
        path = entry.text("jsonPath")
        if not path:
            entry.problem("a column needs `jsonPath`")
        priority = entry.typed("priority", int, "a whole number")
        result.append(
            PrinterColumn(
                name,
                entry.text("type") or _column_type(path),
                path,
                entry.text("format"),
                entry.text("description"),
                priority or 0,
            )
        )
    return tuple(result)


def _column_type(path: str) -> str:
    """date for timestamps, else string, which prints any scalar."""
    return next((kind for suffix, kind in _TYPE_BY_SUFFIX.items() if path.endswith(suffix)), "string")
