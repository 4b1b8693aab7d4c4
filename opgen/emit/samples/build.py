"""Builds the value that a plan describes, and keeps account of every place in it for those who mend the plan."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opgen.emit.samples.effective import Effective, effective, has_junctors
from opgen.emit.samples.plan import Path, Plan
from opgen.emit.samples.scalars import candidates, likeness
from opgen.ir.schema import JSON, Schema

if TYPE_CHECKING:
    from opgen.emit.samples.rules import Rules

_RESOURCE_FIELDS = ("apiVersion", "kind", "metadata")
_MAX_DEPTH = 48
_MOST_ENTRIES = 10_000  # of one list or map
_MOST_PARTS = 40_000  # of one object


class Impossible(Exception):
    """No value is known for a place; the message says which."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a built value: its schema, the schema with its junctors folded in, whether it can go."""

    schema: Schema
    folded: Schema
    optional: bool


@dataclass(slots=True)
class Built:
    """A value and its places; `named` finds a place by the API server's text for it."""

    value: JSON = None
    places: dict[Path, Place] = field(default_factory=dict)
    named: dict[str, Path] = field(default_factory=dict)


class Values:
    """What is worked out once for a schema: its junctors folded in, and, no further than asked, a scalar's values."""

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, str], tuple[Schema, list[JSON], Iterator[JSON]]] = {}
        self._folded: dict[tuple[int, int], tuple[Schema, Effective]] = {}
        self._rules: dict[int, tuple[Schema, Rules]] = {}

    def rules(self, schema: Schema, *, root: bool) -> Rules:
        """The rules of a node, ready to be asked about."""
        if id(schema) not in self._rules:
            from opgen.emit.samples.rules import Rules  # with all of CEL, which few schemas need

            self._rules[id(schema)] = schema, Rules(schema, root=root)
        return self._rules[id(schema)][1]

    def folded(self, schema: Schema, choice: int) -> Effective:
        """The schema with its junctors folded in, the same object each time."""
        key = (id(schema), choice)
        if key not in self._folded:
            self._folded[key] = schema, effective(schema, choice)
        return self._folded[key][1]

    def nth(self, schema: Schema, name: str, place: int) -> JSON:
        """Candidate number `place`; the last one there is beyond that. Raises IndexError if there is none."""
        key = (likeness(schema), name)
        if key not in self._known:
            self._known[key] = schema, [], candidates(schema, name)
        _, found, more = self._known[key]
        while len(found) <= place:
            try:
                found.append(next(more))
            except StopIteration:
                break
        return found[min(place, len(found) - 1)]

    def first(self, schema: Schema, name: str, count: int) -> list[JSON]:
        """The first candidates."""
        try:
            self.nth(schema, name, count - 1)
        except IndexError:
            return []
        return self._known[likeness(schema), name][1][:count]


class Builder:
    """Builds values by a plan."""

    def __init__(self, plan: Plan, values: Values) -> None:
        self._plan = plan
        self._values = values
        self._built = Built()

    def build(self, schema: Schema, path: Path, text: str) -> Built:
        """The value of `schema` at a place; `text` is the server's name of it."""
        self._built.value = self._value(schema, path, text, optional=False, order=0)
        return self._built

    def _value(self, schema: Schema, path: Path, text: str, *, optional: bool, order: int) -> Any:
        folded, avoid = schema, frozenset[str]()
        if has_junctors(schema):
            both = self._values.folded(schema, self._plan.number("choice", path))
            folded, avoid = both.schema, both.avoid
        self._built.places[path] = Place(schema, folded, optional)
        self._built.named.setdefault(text, path)
        if self._plan.holds("value", path):
            return self._plan.get("value", path)
        if len(path) > _MAX_DEPTH:
            raise Impossible(f"{text}: nested too deeply")
        if len(self._built.places) > _MOST_PARTS:
            raise Impossible(f"{text}: an object of more than {_MOST_PARTS:,} parts is no sample")
        kind = folded.type or ("object" if folded.properties or folded.x_preserve_unknown_fields else "")
        if kind == "object" and not folded.x_int_or_string:
            return self._object(folded, avoid, path, text)
        if kind == "array":
            return self._list(folded, path, text)
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        try:
            return self._values.nth(schema, name, self._plan.number("nth", path, order))
        except IndexError:
            raise Impossible(f"{text or 'the object'}: no value found that its schema takes") from None

    def _object(self, schema: Schema, avoid: frozenset[str], path: Path, text: str) -> dict[str, JSON]:
        made: dict[str, JSON] = {}
        if schema.x_embedded_resource:
            made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "example"}}
        for name in sorted(schema.properties):
            if schema.x_embedded_resource and name in _RESOURCE_FIELDS:
                continue
            place = (*path, name)
            required = name in schema.required
            wanted = self._plan.get("present", place)
            if wanted is None:
                wanted = required or (self._plan.full and name not in avoid)
            if wanted:
                place_text = f"{text}.{name}" if text else name
                try:
                    made[name] = self._value(
                        schema.properties[name], place, place_text, optional=not required, order=0
                    )
                except Impossible:
                    if required:
                        raise
        return self._fill(schema, made, path, text)

    def _fill(self, schema: Schema, made: dict[str, JSON], path: Path, text: str) -> dict[str, JSON]:
        """Entries of a map, or optional fields, up to as many as there have to be."""
        least = _entries(schema.min_properties, text)
        rest = schema.additional_properties
        if isinstance(rest, Schema) and not schema.properties:
            most = schema.max_properties
            wanted = max(least, 1) if self._plan.full else least
            count = self._plan.number("count", path, wanted if most is None else min(wanted, most))
            names = self._plan.get("keys", path)
            for number in range(count):
                key = "example" if number == 0 else f"example-{number + 1}"
                if isinstance(names, list) and number < len(names):
                    key = str(names[number])
                self._built.named.setdefault(f"{text}[{key}]", (*path, key))
                try:
                    made[key] = self._value(rest, (*path, key), f"{text}.{key}", optional=True, order=0)
                except Impossible:
                    if number < least:
                        raise
                    break
            return made
        for name in schema.properties:
            if len(made) >= least:
                break
            if name not in made and self._plan.get("present", (*path, name)) is not False:
                place_text = f"{text}.{name}" if text else name
                made[name] = self._value(
                    schema.properties[name], (*path, name), place_text, optional=True, order=0
                )
        if schema.x_preserve_unknown_fields:
            for number in range(len(made), least):
                made[f"example-{number + 1}"] = "example"
        return made

    def _list(self, schema: Schema, path: Path, text: str) -> list[JSON]:
        least, most = _entries(schema.min_items, text), schema.max_items
        wanted = max(least, 1)
        count = self._plan.number("count", path, wanted if most is None else min(wanted, most))
        if schema.items is None:
            return ["example"] * min(count, least)
        made: list[JSON] = []
        for index in range(count):
            place = (*path, index)
            order = index if schema.x_list_type in ("set", "map") else 0
            try:
                item = self._value(
                    schema.items, place, f"{text}[{index}]", optional=index >= least, order=order
                )
            except Impossible:
                if index < least:
                    raise
                break
            made.append(item)
        if schema.x_list_type == "map" and count > 1:
            self._tell_apart(schema, made, path)
        return made

    def _tell_apart(self, schema: Schema, items: list[JSON], path: Path) -> None:
        """Other keys for all items of a map list but the first, as far as there are any."""
        assert schema.items is not None
        for index, item in enumerate(items[1:], 1):
            for name in schema.x_list_map_keys:
                below = schema.items.properties.get(name)
                place = (*path, index, name)
                chosen = self._plan.holds("nth", place) or self._plan.holds("value", place)
                if isinstance(item, dict) and name in item and below is not None and not chosen:
                    known = self._values.first(below, name, index + 1)
                    if known:
                        item[name] = known[-1]


def _entries(least: int | None, text: str) -> int:
    """How many entries there have to be at least; Impossible where they are more than anyone would read."""
    if least is not None and least > _MOST_ENTRIES:
        raise Impossible(f"{text}: at least {least:,} entries are too many for a sample")
    return max(least or 0, 0)
