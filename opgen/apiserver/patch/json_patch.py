"""JSON Patch (RFC 6902) as the real server's library has it: what isn't there can be copied, and replaced.

Works on a private copy.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class PatchError(Exception):
    """An operation that can't be done on this document."""


class PatchTestFailed(PatchError):
    """A `test` operation whose value differs."""


class PatchSyntaxError(Exception):
    """The patch isn't one."""


_INDEX = re.compile(r"[+-]?[0-9]+\Z")
_OPERATIONS = frozenset(("add", "remove", "replace", "move", "copy", "test"))


def json_patch(document: Any, patch: Any) -> Any:
    """The document after all operations. Raises PatchError, PatchSyntaxError."""
    if not isinstance(patch, list):
        raise PatchSyntaxError(
            f"json: cannot unmarshal {_go_type(patch)} into Go value of type jsonpatch.Patch"
        )
    result = copy.deepcopy(document)
    for operation in patch:
        if not isinstance(operation, dict) or str(operation.get("op")) not in _OPERATIONS:
            op = operation.get("op") if isinstance(operation, dict) else operation
            raise PatchError(f"Unexpected kind: {op}")
        result = _apply(result, operation)
    return result


_TYPES: dict[type, str] = {
    str: "string",
    bool: "bool",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
_TEXTS = ("op", "path", "from")


def _go_type(value: Any) -> str:
    return _TYPES.get(type(value), "null")


def check_operations(patch: Any) -> tuple[str, ...]:
    """The fields that no operation has. Raises PatchSyntaxError for what isn't a list of operations."""
    if patch is None:
        return ()
    if not isinstance(patch, list):
        text = f"json: cannot unmarshal {_go_type(patch)} into Go value of type []handlers.jsonPatchOp"
        raise PatchSyntaxError(text)
    unknown: list[str] = []
    for index, operation in enumerate(patch):
        if operation is None:
            continue
        if not isinstance(operation, dict):
            what = _go_type(operation)
            raise PatchSyntaxError(
                f"json: cannot unmarshal {what} into Go value of type handlers.jsonPatchOp"
            )
        for name, value in operation.items():
            if name in _TEXTS and value is not None and not isinstance(value, str):
                what = _go_type(value)
                text = f"json: cannot unmarshal {what} into Go struct field jsonPatchOp.{name} of type string"
                raise PatchSyntaxError(text)
            if name not in (*_TEXTS, "value"):
                unknown.append(f'json patch unknown field "[{index}].{name}"')
    return tuple(unknown)


class _Unplaced(Exception):
    """A path that leads nowhere."""


class _Refused(Exception):
    """What an object or list says of a key."""


def _apply(document: Any, operation: dict[str, Any]) -> Any:
    path = _text(operation, "path")
    value = copy.deepcopy(operation.get("value"))
    match operation["op"]:
        case "add":
            with _said(
                f'add operation does not apply: doc is missing path: "{path}"', f"add for path: '{path}'"
            ):
                _add(document, path, value)
        case "remove":
            nowhere = f'remove operation does not apply: doc is missing path: "{path}"'
            with _said(nowhere, f"remove for path: '{path}'"):
                _remove(document, path)
        case "replace" if not path:
            if not isinstance(value, (dict, list)):
                raise PatchError("replace operation value must be object or array")
            return value
        case "replace":
            _replace(document, path, value)
        case "move":
            _move(document, _text(operation, "from"), path)
        case "copy":
            _copy(document, _text(operation, "from"), path)
        case _:
            _test(document, path, value)
    return document


@contextmanager
def _said(nowhere: str, refused: str) -> Iterator[None]:
    """Failures in the library's words."""
    try:
        yield
    except _Unplaced:
        raise PatchError(f"{nowhere}: missing value") from None
    except _Refused as why:
        raise PatchError(f"error in {refused}: {why}") from None


def _text(operation: dict[str, Any], name: str) -> str:
    value = operation.get(name)
    if not isinstance(value, str):
        raise PatchError(f"operation missing {name} field")
    return value


def _place(document: Any, path: str) -> tuple[Any, str]:
    """The object or list that a path leads into, and the last key; a key that isn't there leads nowhere."""
    if "/" not in path:
        raise _Unplaced(path)
    _, *parents, key = path.split("/")
    for part in parents:
        try:
            document = _member(document, _decoded(part))
        except _Refused:
            raise _Unplaced(path) from None
        if not isinstance(document, (dict, list)):
            raise _Unplaced(path)
    return document, _decoded(key)


def _decoded(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _member(place: Any, key: str) -> Any:
    """What a key leads to: None for one that an object doesn't have."""
    return place.get(key) if isinstance(place, dict) else place[_index(len(place), key)]


def _index(size: int, key: str) -> int:
    """A place in a list of that size; negative ones count from its end."""
    if not _INDEX.match(key):
        raise _Refused(_no_number(key))
    index = int(key)
    if not -size <= index < size:
        raise _Refused(f"Unable to access invalid index: {index}: invalid index referenced")
    return index + size if index < 0 else index


def _no_number(key: str) -> str:
    return f'strconv.Atoi: parsing "{key}": invalid syntax'


def _get(document: Any, path: str) -> Any:
    return _member(*_place(document, path))


def _add(document: Any, path: str, value: Any) -> None:
    place, key = _place(document, path)
    if isinstance(place, dict):
        place[key] = value
    elif key == "-":
        place.append(value)
    elif not _INDEX.match(key):
        raise _Refused(f"value was not a proper array index: '{key}': {_no_number(key)}")
    else:
        place.insert(_index(len(place) + 1, key), value)


def _replace(document: Any, path: str, value: Any) -> None:
    try:
        place, key = _place(document, path)
        if isinstance(place, dict):
            place[key] = value
        else:
            place[_index(len(place), key)] = value
    except _Unplaced:
        raise PatchError(
            f"replace operation does not apply: doc is missing path: {path}: missing value"
        ) from None
    except _Refused:
        raise PatchError(
            f"replace operation does not apply: doc is missing key: {path}: missing value"
        ) from None


def _remove(document: Any, path: str) -> None:
    place, key = _place(document, path)
    if isinstance(place, dict):
        if key not in place:
            raise _Refused(f"Unable to remove nonexistent key: {key}: missing value")
        del place[key]
    else:
        del place[_index(len(place), key)]


def _move(document: Any, source: str, path: str) -> None:
    last = _decoded(source.rpartition("/")[2])
    with _said(
        f"move operation does not apply: doc is missing from path: {source}", f"move for path: '{last}'"
    ):
        value = _get(document, source)
        _remove(document, source)
    nowhere = f"move operation does not apply: doc is missing destination path: {path}"
    with _said(nowhere, f"move for path: '{path}'"):
        _add(document, path, value)


def _copy(document: Any, source: str, path: str) -> None:
    nowhere = "copy operation does not apply: doc is missing"
    with _said(f"{nowhere} from path: {source}", f"copy for from: '{source}'"):
        value = copy.deepcopy(_get(document, source))
    try:
        with _said(f"{nowhere} destination path: {path}", ""):
            _place(document, path)
        _add(document, path, value)
    except _Refused as why:
        raise PatchError(f"error while adding value during copy: {why}") from None


def _test(document: Any, path: str, value: Any) -> None:
    with _said(f"test operation does not apply: is missing path: {path}", f"test for path: '{path}'"):
        found = _get(document, path) if path else document
    if found != value or isinstance(found, bool) is not isinstance(value, bool):
        raise PatchTestFailed(f"testing value {path} failed: test failed")
