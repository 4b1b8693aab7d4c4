"""What changed between two dumps of a status, and how to bring it about on a third: pure.

A record holds paths set and removed, and conditions by type, so that it can be replayed on an object that
somebody else changed meanwhile. A list under a name like `conditions`, of objects that each have a distinct
`type`, is set and removed item by item, and its order means nothing. Any other list is one value.

Absent and null are the same here, as they are to a merge patch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]
Data = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """A record of changes. `items` holds, by path of the list and then by type, the new item or None."""

    values: dict[Path, Any] = field(default_factory=dict)
    removed: list[Path] = field(default_factory=list)
    items: dict[Path, dict[str, Data | None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values or self.removed or self.items)


def record(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What turns `before` into `after`."""
    changes = Changes()
    _compare(before, after, (), changes)
    return changes


def replay(changes: Changes, onto: Data) -> Data:
    """`onto` with the changes made; itself unchanged."""
    result = dict(onto)
    for path in changes.removed:
        _remove(result, path)
    for path, value in changes.values.items():
        parent = _parent(result, path)
        if value != {} or not isinstance(parent.get(path[-1]), Mapping):
            parent[path[-1]] = value
    for path, items in changes.items.items():
        parent = _parent(result, path)
        there = parent.get(path[-1])
        present: list[Data] = there if isinstance(there, list) and _is_conditions(path[-1], there) else []
        parent[path[-1]] = _merge_items(present, items)
    return result


def merge_patch(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Data, bool]:
    """The merge patch from one to the other, and whether it sets a list."""
    patch: Data = {}
    touches_list = False
    for key in {**before, **after}:  # in order, so that equal changes give equal patches
        old, new = before.get(key), after.get(key)
        if same(old, new):
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            patch[key], inner = merge_patch(old, new)
        else:
            patch[key], inner = new, _holds_list(old) or _holds_list(new)
        touches_list = touches_list or inner
    return patch, touches_list


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1, and a null field is an absent one."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return all(same(left.get(key), right.get(key)) for key in left.keys() | right.keys())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def _compare(before: Mapping[str, Any], after: Mapping[str, Any], path: Path, changes: Changes) -> None:
    for key in {**before, **after}:
        old, new, here = before.get(key), after.get(key), (*path, key)
        if same(old, new):
            continue
        if new is None:
            changes.removed.append(here)
        elif isinstance(new, Mapping) and (old is None or isinstance(old, Mapping)):
            if old is None:
                changes.values[here] = {}  # only the map itself is new as a whole: others may fill it too
            _compare(old or {}, new, here, changes)
        elif _is_conditions(key, new) and (old is None or _is_conditions(key, old)):
            changes.items[here] = _compare_items(old or [], new)
        else:
            changes.values[here] = new


def _compare_items(before: Sequence[Data], after: Sequence[Data]) -> dict[str, Data | None]:
    old, new = ({item["type"]: item for item in items} for items in (before, after))
    changed: dict[str, Data | None] = {name: None for name in old if name not in new}
    changed.update((name, item) for name, item in new.items() if not same(item, old.get(name)))
    return changed


def _merge_items(present: Sequence[Data], changed: Mapping[str, Data | None]) -> list[Data]:
    kept = [changed.get(item["type"], item) for item in present]
    known = {item["type"] for item in present}
    added = [item for name, item in changed.items() if name not in known]
    return [item for item in (*kept, *added) if item is not None]


def _is_conditions(name: str, value: Any) -> bool:
    if not name.lower().endswith("conditions") or not isinstance(value, list):
        return False
    types = [item.get("type") if isinstance(item, Mapping) else None for item in value]
    return all(isinstance(name, str) for name in types) and len(set(types)) == len(types)


def _holds_list(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_list(item) for item in value.values())
    return isinstance(value, list)


def _parent(root: Data, path: Path) -> Data:
    """The map that holds the path's last step; copied on the way down, made where it is missing."""
    here = root
    for step in path[:-1]:
        below = here.get(step)
        here[step] = dict(below) if isinstance(below, Mapping) else {}
        here = here[step]
    return here


def _remove(root: Data, path: Path) -> None:
    here: Any = root
    for step in path[:-1]:
        if not isinstance(here.get(step), Mapping):
            return
        here = here[step]
    if path[-1] in here:
        _parent(root, path).pop(path[-1], None)
