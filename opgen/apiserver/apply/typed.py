"""Structured comparison and merging of objects by their shape: the typed half of server-side apply.

`compare` says which paths an update added, changed and removed; `merge` lays an applied configuration
over the live object; `remove` takes paths out of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from opgen.apiserver.apply import fieldset
from opgen.apiserver.apply.fieldset import FieldSet, is_member
from opgen.apiserver.apply.types import Form, Node, resolve

_canonical = msgspec.json.Encoder(order="deterministic").encode
_MISSING: Any = object()


class StructureError(Exception):
    """The object doesn't have the form that its schema asks of associative lists."""


def element_key(node: Node, item: Any, index: int, path: str) -> str:
    """An associative list's item as a path element: `k:{"name":"a"}` or `v:"a"`."""
    if node.values:
        return f"v:{_canonical(item).decode()}"
    if not isinstance(item, dict):
        raise StructureError(
            f"{path}: element {index}: associative list with keys may not have non-map elements"
        )
    keys: dict[str, Any] = {}
    defaults = node.item().defaults
    for name in node.keys:
        value = item.get(name, _MISSING)
        if value is _MISSING:
            value = defaults.get(name, _MISSING)
        if value is not _MISSING and value is not None:
            keys[name] = value
    if not keys:
        raise StructureError(
            f"{path}: element {index}: associative list with keys has an element that omits all key fields "
            f"[{' '.join(_canonical(name).decode() for name in node.keys)}] "
            "(and doesn't have default values for any key fields)"
        )
    return f"k:{_canonical(keys).decode()}"


def _keys_of(node: Node, items: list[Any], path: str, *, allow_duplicates: bool = True) -> list[str]:
    found = [element_key(node, item, index, path) for index, item in enumerate(items)]
    if not allow_duplicates and len(set(found)) != len(found):
        duplicate = next(key for key in found if found.count(key) > 1)
        raise StructureError(f"{path}: {_twice(duplicate)}")
    return found


def _twice(key: str) -> str:
    return f"duplicate entries for key [{_duplicate_text(key)}]"


def _duplicate_text(key: str) -> str:
    if key[0] == "v":
        return f"={key[2:]}"
    pairs = msgspec.json.decode(key[2:])
    return ",".join(f"{name}={_canonical(value).decode()}" for name, value in pairs.items())


def check(node: Node, value: Any) -> None:
    """Raise StructureError with all places where a value isn't of the form that its shape says."""
    found = list(_misfits(node, value, ""))
    if len(found) == 1:
        raise StructureError(found[0])
    if found:
        raise StructureError("\n  ".join(["errors:", *found]))


def _misfits(node: Node, value: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    shape = resolve(node, value)
    match shape.form:
        case Form.MAP:
            if not isinstance(value, dict):
                yield f"{path}: expected map, got &{{{plain_text(value)}}}"
                return
            for key, item in value.items():
                if shape.closed and key not in shape.fields:
                    yield f"{path}.{key}: field not declared in schema"
                    return
                yield from _misfits(shape.field(key), item, f"{path}.{key}")
        case Form.LIST:
            if not isinstance(value, list):
                yield f"{path}: expected list, got &{{{plain_text(value)}}}"
                return
            yield from _list_misfits(shape, value, path)
        case _:
            if isinstance(value, (dict, list)) or not _fits(shape.scalar, value):
                yield f"{path}: {_expected(shape.scalar, value)}"


def _list_misfits(shape: Node, items: list[Any], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        here = f"[{index}]"
        if not shape.atomic:
            try:
                key = element_key(shape, item, index, path)
            except StructureError as error:
                yield str(error)
                return
            if key in seen:
                yield f"{path}: {_twice(key)}"
            seen.add(key)
            here = _shown_key(key)
        yield from _misfits(shape.item(), item, f"{path}{here}")


def _shown_key(key: str) -> str:
    return f"[{_duplicate_text(key)}]"


def _fits(scalar: str, value: Any) -> bool:
    match scalar:
        case "string":
            return isinstance(value, str)
        case "numeric":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return True


def _expected(scalar: str, value: Any) -> str:
    if scalar == "numeric":
        kinds: dict[type, str] = {
            str: "string",
            bool: "bool",
            dict: "map[string]interface {}",
            list: "[]interface {}",
        }
        return f"expected numeric (int or float), got {kinds.get(type(value), 'unknown')}"
    shown = _canonical(value).decode() if isinstance(value, str) else plain_text(value)
    return f"expected {scalar or 'scalar'}, got &value.valueUnstructured{{Value:{shown}}}"


def plain_text(value: Any) -> str:
    """A value as Go's %v prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{plain_text(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(plain_text, value))}]"
    return str(value)


def to_set(node: Node, value: Any, path: str = "") -> FieldSet:
    """All field paths of a value below its root."""
    node = resolve(node, value)
    result: FieldSet = {}
    if node.atomic:
        return result
    if node.form is Form.MAP and isinstance(value, dict):
        for key, item in sorted(value.items()):
            below = to_set(node.field(key), item, f"{path}.{key}")
            if key not in node.fields or _is_whole(node.field(key), item):
                result[f"f:{key}"] = fieldset.with_self(below)
            elif below:
                result[f"f:{key}"] = below
    elif node.form is Form.LIST and isinstance(value, list):
        keys = _keys_of(node, value, path, allow_duplicates=False)
        for key, item in zip(keys, value, strict=True):
            result[key] = fieldset.with_self(to_set(node.item(), item, f"{path}[{key}]"))
    return result


def _is_whole(node: Node, value: Any) -> bool:
    """Whether a declared field's path is in the set itself, not just what is below it."""
    shape = resolve(node, value)
    return shape.form is Form.SCALAR or shape.atomic or value is None or value == {}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The paths that differ between two objects."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet

    @property
    def same(self) -> bool:
        return not (self.removed or self.modified or self.added)


def compare(node: Node, old: Any, new: Any) -> Comparison:
    """What `new` adds to, changes in and removes from `old`."""
    removed: FieldSet = {}
    modified: FieldSet = {}
    added: FieldSet = {}
    _compare(node, old, new, removed, modified, added, "")
    return Comparison(removed, modified, added)


def _leaf(old: Any, new: Any) -> tuple[bool, bool, bool]:
    if old is _MISSING:
        return False, False, True
    if new is _MISSING:
        return True, False, False
    return False, not _equal(old, new), False


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    return bool(a == b)


def _is_leaf(node: Node, old: Any, new: Any) -> bool:
    if node.form is Form.SCALAR or node.atomic:
        return True
    if node.form is Form.MAP:
        return not (isinstance(old, dict) and old) and not (isinstance(new, dict) and new)
    return not (isinstance(old, list) and old) and not (isinstance(new, list) and new)


def _compare(
    node: Node, old: Any, new: Any, removed: FieldSet, modified: FieldSet, added: FieldSet, path: str
) -> tuple[bool, bool, bool]:
    """Fill the three tries below this node; returns whether the node itself is in each."""
    if old is new or (old == new and type(old) is type(new) and old is not _MISSING and new is not _MISSING):
        return False, False, False
    shape = resolve(node, new if new is not _MISSING and new is not None else old)
    other = resolve(node, old if old is not _MISSING and old is not None else new)
    if shape.form is not other.form:
        return _retyped(other, shape, old, new, removed, added, path)
    if _is_leaf(shape, old, new):
        return _leaf(old, new)
    if shape.form is Form.MAP:
        pairs = _map_pairs(shape, old, new)
    else:
        pairs = _list_pairs(shape, old, new, path)
    for element, child, ours, theirs in pairs:
        if ours is theirs:
            continue
        below: tuple[FieldSet, FieldSet, FieldSet] = ({}, {}, {})
        own = _compare(child, ours, theirs, *below, f"{path}.{element[2:]}")
        for trie, inside, member in zip((removed, modified, added), below, own, strict=True):
            if member:
                trie[element] = fieldset.with_self(inside)
            elif inside:
                trie[element] = inside
    return new is _MISSING, False, old is _MISSING


def _retyped(
    other: Node, shape: Node, old: Any, new: Any, removed: FieldSet, added: FieldSet, path: str
) -> tuple[bool, bool, bool]:
    """A deduced value that changed its form, as from a map to a list: the old is gone, the new is there."""
    nothing: FieldSet = {}
    if not _is_leaf(other, old, _MISSING):
        _compare(other, old, _MISSING, removed, nothing, nothing, path)
    if not _is_leaf(shape, _MISSING, new):
        _compare(shape, _MISSING, new, nothing, nothing, added, path)
    return False, True, False


def _map_pairs(node: Node, old: Any, new: Any) -> Iterator[tuple[str, Node, Any, Any]]:
    ours = old if isinstance(old, dict) else {}
    theirs = new if isinstance(new, dict) else {}
    for key in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(key, _MISSING), theirs.get(key, _MISSING)
        if a is not b:
            yield f"f:{key}", node.field(key), a, b


def _list_pairs(node: Node, old: Any, new: Any, path: str) -> Iterator[tuple[str, Node, Any, Any]]:
    ours = old if isinstance(old, list) else []
    theirs = new if isinstance(new, list) else []
    before = dict(zip(_keys_of(node, ours, path), ours, strict=True))
    after = dict(zip(_keys_of(node, theirs, path), theirs, strict=True))
    for key in sorted(before.keys() | after.keys()):
        yield key, node.item(), before.get(key, _MISSING), after.get(key, _MISSING)


def merge(node: Node, live: Any, config: Any, path: str = "") -> Any:
    """The live value with the applied configuration laid over it."""
    if live is _MISSING or live is None:
        return config
    if config is _MISSING:
        return live
    if config is None:
        return live if isinstance(live, (dict, list)) and live and not node.atomic else None
    shape = resolve(node, config)
    if shape.form is Form.SCALAR or shape.atomic or not config:
        return _merged_leaf(shape, live, config)
    if shape.form is Form.MAP and isinstance(live, dict) and isinstance(config, dict):
        result = dict(live)
        for key, value in config.items():
            result[key] = merge(shape.field(key), live.get(key, _MISSING), value, f"{path}.{key}")
        return result
    if shape.form is Form.LIST and isinstance(live, list) and isinstance(config, list):
        return _merge_list(shape, live, config, path)
    return config


def _merged_leaf(shape: Node, live: Any, config: Any) -> Any:
    if not shape.atomic and (
        (config == {} and isinstance(live, dict)) or (config == [] and isinstance(live, list))
    ):
        return live or config
    return config


def _merge_list(node: Node, live: list[Any], config: list[Any], path: str) -> list[Any]:
    """Items of both in one order: the configuration's where it orders shared items, the live one's elsewhere."""
    ours = _keys_of(node, live, path)
    theirs = _keys_of(node, config, path, allow_duplicates=False)
    by_ours = dict(zip(reversed(ours), reversed(live), strict=True))
    by_theirs = dict(zip(theirs, config, strict=True))
    shared = iter([key for key in theirs if key in by_ours])
    next_shared = next(shared, None)
    merged: set[str] = set()
    out: list[Any] = []
    left = right = 0

    def take_config(key: str) -> None:
        merged.add(key)
        out.append(merge(node.item(), by_ours.get(key, _MISSING), by_theirs[key], f"{path}[{key}]"))

    while left < len(ours) or right < len(theirs):
        if left < len(ours) and right < len(theirs):
            key = ours[left]
            if key == theirs[right]:
                take_config(key)
                left, right = left + 1, right + 1
                next_shared = next(shared, None)
                continue
            if key in by_theirs and next_shared is not None and next_shared != key:
                left += 1
                continue
        if left < len(ours):
            key = ours[left]
            if key not in by_theirs:
                out.append(live[left])
                left += 1
                continue
            if key in merged:
                left += 1
        if right < len(theirs):
            key = theirs[right]
            take_config(key)
            right += 1
            if next_shared == key:
                next_shared = next(shared, None)
    return out


def remove(node: Node, value: Any, paths: FieldSet, path: str = "") -> Any:
    """The value without the members of `paths`."""
    shape = resolve(node, value)
    if not paths or shape.atomic:
        return value
    if shape.form is Form.MAP and isinstance(value, dict):
        result: dict[str, Any] = {}
        for key, child in value.items():
            below = paths.get(f"f:{key}")
            if below is None:
                result[key] = child
            elif not is_member(below):
                result[key] = remove(shape.field(key), child, below, f"{path}.{key}")
        return result
    if shape.form is Form.LIST and isinstance(value, list):
        items: list[Any] = []
        for key, item in zip(_keys_of(shape, value, path), value, strict=True):
            below = paths.get(key)
            if below is None:
                items.append(item)
            elif not is_member(below):
                items.append(remove(shape.item(), item, below, f"{path}[{key}]"))
        return items
    return value


def named_members(node: Node, paths: FieldSet) -> FieldSet:
    """`paths` with every declared field on the way to a member being a member too."""
    result: FieldSet = {}
    for key, child in paths.items():
        if key == fieldset.SELF or not child:
            result[key] = child
            continue
        if key.startswith("f:"):
            name = key[2:]
            below = named_members(node.field(name), child)
            result[key] = fieldset.with_self(below) if name in node.fields else below
        else:
            result[key] = named_members(node.item(), child)
    return result
