"""YAML bodies, for server-side apply and clients that send them."""

from __future__ import annotations

import json
from typing import Any

import yaml as pyyaml

from opgen.apiserver.body import ParseError

MAX_DEPTH = 200
"""Nested deeper than any object: the parser's own recursion has no limit and ends the process."""
MAX_VALUES = 1_000_000
"""Values of a document, aliases expanded; a long text counts as several."""
_LENGTH_OF_A_VALUE = 32


def _key(key: Any) -> str:
    if isinstance(key, dict | list):
        raise ValueError("invalid map key")
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


class _Loader(pyyaml.CSafeLoader):
    """YAML as Kubernetes turns it into JSON: timestamps stay text, keys become text (`on: x` is under "true")."""

    def construct_mapping(self, node: pyyaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping with its keys as text."""
        self.flatten_mapping(node)
        return {
            _key(self.construct_object(key, deep=True)): self.construct_object(value, deep=deep)
            for key, value in node.value
        }


class _Noting(_Loader):
    """Notes the keys that a mapping has again, with the lines of their values."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.again: list[str] = []

    def construct_mapping(self, node: pyyaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping, what is in it first."""
        self.flatten_mapping(node)
        result: dict[Any, Any] = {}
        seen: set[tuple[type, str]] = set()  # a number and the text of it are two keys to it
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            value = self.construct_object(value_node, deep=True)
            if (type(key), _key(key)) in seen:
                shown = json.dumps(key, ensure_ascii=False) if isinstance(key, str) else str(key)
                self.again.append(f"line {value_node.start_mark.line + 1}: key {shown} already set in map")
            seen.add((type(key), _key(key)))
            result[_key(key)] = value
        return result


# A lone `=` is a string in Kubernetes' YAML, not YAML 1.1's default key.
_TEXT = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
_Loader.yaml_implicit_resolvers = _Noting.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _TEXT]
    for first, resolvers in pyyaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _check(raw: bytes) -> None:
    """Refuse what libyaml's recursion or the aliases' expansion would not survive. Raises ParseError."""
    depth, sizes, anchors = 0, [0], dict[str, int]()
    names: list[str] = []
    for event in pyyaml.parse(raw, Loader=pyyaml.CSafeLoader):
        size = 0
        if isinstance(event, pyyaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(f"error converting YAML to JSON: yaml: exceeded max depth of {MAX_DEPTH}")
            sizes.append(1)
            names.append(event.anchor or "")
            continue
        if isinstance(event, pyyaml.CollectionEndEvent):
            depth -= 1
            size, name = sizes.pop(), names.pop()
            anchors[name] = size
        elif isinstance(event, pyyaml.AliasEvent):
            if event.anchor in names:
                raise ParseError(
                    f"error converting YAML to JSON: yaml: anchor '{event.anchor}' value contains itself"
                )
            size = anchors.get(str(event.anchor), 1)
        elif isinstance(event, pyyaml.ScalarEvent):
            size = 1 + len(event.value) // _LENGTH_OF_A_VALUE
            anchors[event.anchor or ""] = size
        sizes[-1] += size
        if sizes[-1] > MAX_VALUES:
            raise ParseError("error converting YAML to JSON: yaml: document contains excessive aliasing")


def load(raw: bytes) -> Any:
    """One YAML document as data. Raises ParseError."""
    try:
        _check(raw)
        return pyyaml.load(raw, Loader=_Loader)  # a subclass of the safe loader
    except (pyyaml.YAMLError, ValueError, RecursionError) as error:
        raise ParseError(f"error converting YAML to JSON: {_go_text(error)}") from None


def doubled(raw: bytes) -> list[str]:
    """The lines in which a mapping has a key again, of a document that `load` takes."""
    loader = _Noting(raw)
    try:
        node = loader.get_single_node()
        if node is not None:
            loader.construct_document(node)
        return loader.again
    finally:
        loader.dispose()


class _Dumper(pyyaml.CSafeDumper):
    """As the real server writes it: keys in order, nothing shared, text quoted where it reads as another type."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: Any, value: str) -> pyyaml.ScalarNode:
    plain = dumper.resolve(pyyaml.ScalarNode, value, (True, False)) == "tag:yaml.org,2002:str"
    node: pyyaml.ScalarNode = dumper.represent_scalar(
        "tag:yaml.org,2002:str", value, style=None if plain else '"'
    )
    return node


_Dumper.add_representer(str, _text)


def dump(data: Any) -> bytes:
    """Data as one YAML document."""
    text: str = pyyaml.dump(data, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=2**20)
    return text.encode()


def _go_text(error: Exception) -> str:
    if isinstance(error, pyyaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"yaml: line {max(error.problem_mark.line, 1)}: {error.problem}"
    return f"yaml: {error}".replace("\n", " ")


def load_documents(raw: bytes) -> list[Any]:
    """All documents of a YAML stream. Raises yaml.YAMLError."""
    return list(pyyaml.load_all(raw, Loader=_Loader))
