"""Which part of a stored object a part of the new one came from, and whether it is unchanged.

A rule that fails on an unchanged part of an update is forgiven (ratcheting), unless the rule looks at `oldSelf`.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.equality import equal
from opgen.ir.schema import Schema


class MapList:
    """Lookup of a list's items by its keys; finds nothing in lists that are not maps by key."""

    __slots__ = ("_items", "_keys")

    def __init__(self, schema: Schema, items: list[Any] | None) -> None:
        self._items: dict[Any, Any] = {}
        self._keys = schema.x_list_map_keys if schema.type == "array" and schema.x_list_type == "map" else ()
        for item in (items or []) if self._keys else []:
            key = self._key(item)
            if key is not None:
                self._items.setdefault(key, item)

    def get(self, item: Any) -> Any:
        """The first item with the same keys, None if there is none."""
        if not self._items:
            return None
        key = self._key(item)
        return None if key is None else self._items.get(key)

    def _key(self, item: Any) -> Any:
        if type(item) is not dict:
            return None
        parts: list[Any] = []
        for name in self._keys:
            value = item.get(name)
            if type(value) not in (bool, int, float, str):
                return None
            parts.append((type(value), value))
        return tuple(parts)


class Correlated:
    """A value of the new object beside the one it replaces."""

    __slots__ = ("_children", "_list", "_same", "new", "old", "schema")

    def __init__(self, new: Any, old: Any, schema: Schema) -> None:
        self.new = new
        self.old = old
        self.schema = schema
        self._children: dict[str | int, Correlated] = {}
        self._list: MapList | None = None
        self._same: bool | None = None

    def key(self, name: str) -> Correlated | None:
        """The field's pair, None where either side lacks it or it has no schema."""
        found = self._children.get(name)
        if found is not None:
            return found
        if type(self.old) is not dict or type(self.new) is not dict:
            return None
        if name not in self.old or name not in self.new:
            return None
        schema = self.schema.properties.get(name)
        if schema is None:
            extra = self.schema.additional_properties
            if not isinstance(extra, Schema):
                return None
            schema = extra
        made = self._children[name] = Correlated(self.new[name], self.old[name], schema)
        return made

    def index(self, place: int) -> Correlated | None:
        """The item's pair, None where it cannot be told which item it was."""
        found = self._children.get(place)
        if found is not None:
            return found
        if type(self.old) is not list or type(self.new) is not list or self.schema.items is None:
            return None
        if self.schema.x_list_type != "map":
            return None
        if self._list is None:
            self._list = MapList(self.schema, self.old)
        old = self._list.get(self.new[place])
        if old is None:
            return None
        made = self._children[place] = Correlated(self.new[place], old, self.schema.items)
        return made

    def unchanged(self) -> bool:
        """Whether the new value equals the old; worked out once."""
        if self._same is None:
            self._same = self._compare()
        return self._same

    def _compare(self) -> bool:
        new, old = self.new, self.old
        if new is None or old is None:
            return new is old
        if type(new) is list and type(old) is list:
            if len(new) != len(old):
                return False
            for place in range(len(new)):
                child = self.index(place)
                if child is None:
                    return self._list is None and equal(old, new)
                if not child.unchanged():
                    return False
            return True
        if type(new) is dict and type(old) is dict:
            if len(new) != len(old):
                return False
            for name in new:
                child = self.key(name)
                if child is None or not child.unchanged():
                    return False
            return True
        return equal(old, new)
