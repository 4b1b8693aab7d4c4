"""The schema with which a further version of a kind begins: a copy of the version before it.

A concise file with one version is copied as text, comments and all; any other form becomes a definition with the one
version. Either way the copy is read again and compared with what it should say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from opgen import schema
from opgen.apiextensions import encode
from opgen.commands.schemas import given_for
from opgen.emit.yaml import dump
from opgen.ir.definition import Definition
from opgen.ir.project import Project, ProjectResource
from opgen.schema import Form, Given, Loaded


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of the new schema and the file that it was made from."""

    text: str
    source: str


def copied(project: Project, root: Path, before: ProjectResource, version: str) -> Copy | None:
    """The schema of `before` for another version, which is not stored. None where it can't be read.

    What is wrong with the file is told when all of the project's schemas are read.
    """
    settings = next((api for api in project.settings.apis if api.gvk == before.gvk and api.schema), None)
    if settings is None or not (root / settings.schema).is_file():
        return None
    content = (root / settings.schema).read_bytes()
    found = schema.load_text(content, settings.schema, given_for(settings, before))
    chosen = schema.choose(found, kind=before.kind, group=before.qualified_group, file=settings.schema)
    if not chosen.ok or len(chosen.loaded) != 1:
        return None
    loaded = chosen.loaded[0]
    wanted = _wanted(loaded, before.version, version)
    if wanted is None:
        return None
    if loaded.form is Form.CONCISE and len(loaded.definition.versions) == 1:
        text = _edited(content.decode(errors="replace"), version)
        given = replace(given_for(settings, before), version=version)
        if text and _says(text, settings.schema, given, wanted):
            return Copy(text, settings.schema)
    head = f"# {before.kind} {version}, begun as a copy of {before.version}.\n"
    return Copy(head + dump(encode(wanted)), settings.schema)


def _wanted(loaded: Loaded, before: str, version: str) -> Definition | None:
    """The definition with the new version alone."""
    old = loaded.definition.version(before)
    if old is None:
        return None
    new = replace(old, name=version, storage=False)
    return replace(loaded.definition, versions=(new,), conversion=None, stored_versions=())


def _says(text: str, file: str, given: Given, wanted: Definition) -> bool:
    found = schema.load_text(text, file, given)
    if not found.ok or len(found.loaded) != 1:
        return False
    definition = found.loaded[0].definition
    return replace(definition, conversion=None) == wanted


def _edited(text: str, version: str) -> str:
    """The text with another version's name, and `storage: false`; "" where it isn't laid out as expected."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return ""
    place = _version_node(node)
    if place is None:
        return ""
    mapping, key = place
    values = {name.value: (name, value) for name, value in mapping.value if isinstance(name, yaml.ScalarNode)}
    name, value = values[key]
    changes = [(value.start_mark.index, value.end_mark.index, version)]
    if "storage" in values:
        stored = values["storage"][1]
        changes.append((stored.start_mark.index, stored.end_mark.index, "false"))
    else:
        end = value.end_mark.index
        separator = ", " if mapping.flow_style else "\n" + " " * name.start_mark.column
        changes[0] = (changes[0][0], end, f"{version}{separator}storage: false")
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _version_node(node: yaml.Node | None) -> tuple[yaml.MappingNode, str] | None:
    """The mapping that names the one version, and the key that does."""
    if not isinstance(node, yaml.MappingNode):
        return None
    keys = dict(_pairs(node))
    if isinstance(keys.get("version"), yaml.ScalarNode):
        return node, "version"
    versions = keys.get("versions")
    if not isinstance(versions, yaml.SequenceNode) or len(versions.value) != 1:
        return None
    (entry,) = versions.value
    if isinstance(entry, yaml.MappingNode) and isinstance(dict(_pairs(entry)).get("name"), yaml.ScalarNode):
        return entry, "name"
    return None


def _pairs(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    for name, value in node.value:
        if isinstance(name, yaml.ScalarNode):
            yield name.value, value
