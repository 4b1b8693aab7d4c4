"""Strategic merge patch: a merge patch whose lists merge by key where the kind's shape says so.

The shape is that of server-side apply: an associative list merges by its first key, a set by its values.
Directives: `$patch: replace|delete|merge`, `$retainKeys`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`.
"""

from __future__ import annotations

from typing import Any

from opgen.apiserver.apply.typed import plain_text
from opgen.apiserver.apply.types import Form, Node, resolve

_DELETE_FROM = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


class StrategicPatchError(Exception):
    """The patch doesn't fit the kind's lists."""


class StrategicFormatError(Exception):
    """The patch's directives don't fit the patch."""


def strategic_patch(node: Node, target: Any, patch: Any) -> Any:
    """The target with the patch laid over it; shares what isn't touched."""
    if not isinstance(patch, dict):
        return patch
    original = target if isinstance(target, dict) else {}
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise StrategicPatchError(f"Unknown patch type found: {directive}")
    result = dict(original)
    retained = patch.get("$retainKeys")
    if retained is not None and not isinstance(retained, list):
        raise StrategicPatchError("expecting a list for $retainKeys")
    if retained is not None:
        if any(key not in retained and not key.startswith("$") for key in patch):
            raise StrategicFormatError("invalid patch format of retainKeys")
        result = {key: value for key, value in result.items() if key in retained}
    for key, value in patch.items():
        if key.startswith(_DELETE_FROM):
            field = key[len(_DELETE_FROM) :]
            if not isinstance(value, list):
                raise StrategicPatchError(f"expecting a list for {key}")
            result[field] = [item for item in result.get(field) or [] if item not in value]
        elif not key.startswith("$"):
            _field(node, result, key, value)
    for key, order in patch.items():
        if key.startswith(_ORDER):
            field = key[len(_ORDER) :]
            if not isinstance(order, list):
                raise StrategicPatchError(f"expecting a list for {key}")
            _check_order(node.field(field), patch.get(field), order)
            if isinstance(result.get(field), list):
                before = original.get(field) or []
                result[field] = _ordered(node.field(field), result[field], order, before)
    return result


def _check_order(node: Node, items: Any, order: list[Any]) -> None:
    """Raise where the items of a patch don't stand in the order that it asks for."""
    if not isinstance(items, list) or not items or not order:
        return
    kept = [item for item in items if not (isinstance(item, dict) and item.get("$patch") == "delete")]

    def key(item: Any) -> Any:
        return item.get(node.keys[0]) if node.keys and isinstance(item, dict) else item

    wanted = iter([key(item) for item in order])
    if not all(any(key(item) == other for other in wanted) for item in kept):
        raise StrategicPatchError(
            f"The order in patch list:\n{plain_text(items)}\n doesn't match $setElementOrder list:\n"
            f"{plain_text(order)}\n"
        )


def _field(node: Node, result: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        result.pop(key, None)
        return
    shape = resolve(node.field(key), value)
    if isinstance(value, dict):
        result[key] = strategic_patch(shape, result.get(key), value)
    elif isinstance(value, list) and shape.form is Form.LIST and shape.associative:
        result[key] = _list(shape, result.get(key) or [], value, key)
    elif isinstance(value, list):
        result[key] = [_plain(item) for item in value]
    else:
        result[key] = value


def _plain(item: Any) -> Any:
    if isinstance(item, dict) and any(key.startswith("$") for key in item):
        return {key: value for key, value in item.items() if not key.startswith("$")}
    return item


def _list(node: Node, target: list[Any], patch: list[Any], field: str) -> list[Any]:
    if node.values:
        merged = target + [item for item in patch if item not in target]
        return _ordered(node, merged, patch, target)
    key = node.keys[0]
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        return [item for item in patch if not (isinstance(item, dict) and "$patch" in item)]
    result = list(target)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise StrategicPatchError(f"map: {_go_map(item)} does not contain declared merge key: {key}")
        at = next((i for i, held in enumerate(result) if _key(held, key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [held for held in result if _key(held, key) != item[key]]
        elif at is None:
            result.append(strategic_patch(node.item(), None, _plain(item)))
        else:
            result[at] = strategic_patch(node.item(), result[at], item)
    kept = [item for item in patch if item.get("$patch") != "delete"]
    return _ordered(node, result, kept, target)


def _go_map(item: Any) -> str:
    if isinstance(item, dict):
        return f"map[{' '.join(f'{key}:{_go_map(item[key])}' for key in sorted(item))}]"
    return str(item)


def _key(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else None


def _ordered(node: Node, items: list[Any], order: list[Any], before: list[Any]) -> list[Any]:
    """Items named in `order` in that order; the others keep their place relative to those around them."""
    name = node.keys[0] if node.keys else None

    def identity(item: Any) -> Any:
        return _key(item, name) if name is not None else item

    wanted = [identity(item) for item in order]
    named = sorted((i for i in items if identity(i) in wanted), key=lambda i: wanted.index(identity(i)))
    others = [i for i in items if identity(i) not in wanted]
    places = {_hashable(identity(item)): at for at, item in enumerate(before)}
    result: list[Any] = []
    while named and others:
        mine = places.get(_hashable(identity(named[0])))
        theirs = places.get(_hashable(identity(others[0])))
        if theirs is not None and mine is not None and theirs < mine:
            result.append(others.pop(0))
        else:
            result.append(named.pop(0))
    return result + named + others


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
