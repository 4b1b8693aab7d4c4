"""JSON Patch (RFC 6902). Works on a private copy."""

from __future__ import annotations

import copy
from typing import Any


class PatchError(Exception):
    """An operation that can't be done on this document."""


class PatchTestFailed(PatchError):
    """A `test` operation whose value differs."""


class PatchSyntaxError(Exception):
    """The patch isn't one."""


_OPERATIONS = frozenset(("add", "remove", "replace", "move", "copy", "test"))


def json_patch(document: Any, patch: Any) -> Any:
    """The document after all operations. Raises PatchError, PatchSyntaxError."""
    if not isinstance(patch, list):
        raise PatchSyntaxError("json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")
    result = copy.deepcopy(document)
    for operation in patch:
        if not isinstance(operation, dict) or str(operation.get("op")) not in _OPERATIONS:
            op = operation.get("op") if isinstance(operation, dict) else operation
            raise PatchError(f"Unexpected kind: {op}")
        result = _apply(result, operation)
    return result


def _apply(document: Any, operation: dict[str, Any]) -> Any:
    path = _pointer(operation.get("path"))
    match operation["op"]:
        case "add":
            return _add(document, path, copy.deepcopy(operation.get("value")))
        case "remove":
            return _remove(document, path)
        case "replace":
            return _replace(document, path, copy.deepcopy(operation.get("value")))
        case "move":
            source = _pointer(operation.get("from"))
            value = _get(document, source)
            return _add(_remove(document, source), path, value)
        case "copy":
            return _add(document, path, copy.deepcopy(_get(document, _pointer(operation.get("from")))))
        case _:
            return _test(document, path, operation)


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise PatchError(f"invalid JSON pointer: {text!r}")
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _index(items: list[Any], key: str, *, inserting: bool = False) -> int:
    if inserting and key == "-":
        return len(items)
    if not key.isdigit():
        raise PatchError(f"not an index: {key}")
    index = int(key)
    if index >= len(items) + inserting:
        raise PatchError(f"index out of bounds: {key}")
    return index


def _get(document: Any, path: list[str]) -> Any:
    for key in path:
        if isinstance(document, dict):
            if key not in document:
                raise PatchError(f"missing path: {key}")
            document = document[key]
        elif isinstance(document, list):
            document = document[_index(document, key)]
        else:
            raise PatchError(f"missing path: {key}")
    return document


def _add(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _get(document, path[:-1])
    if isinstance(parent, dict):
        parent[path[-1]] = value
    elif isinstance(parent, list):
        parent.insert(_index(parent, path[-1], inserting=True), value)
    else:
        raise PatchError(f"missing path: {path[-1]}")
    return document


def _replace(document: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent = _get(document, path[:-1])
    if isinstance(parent, list):
        parent[_index(parent, path[-1])] = value
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise PatchError(f"missing path: {path[-1]}")
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        return None
    _get(document, path)
    parent = _get(document, path[:-1])
    if isinstance(parent, list):
        del parent[_index(parent, path[-1])]
    else:
        del parent[path[-1]]
    return document


def _test(document: Any, path: list[str], operation: dict[str, Any]) -> Any:
    expected = operation.get("value")
    try:
        found = _get(document, path)
    except PatchError:
        if expected is None:
            return document
        raise
    if found != expected or isinstance(found, bool) is not isinstance(expected, bool):
        raise PatchTestFailed(operation["path"])
    return document
