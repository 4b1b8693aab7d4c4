"""Finds values for which parts of rules say what is wished.

Each place has a few options: what the rules compare with, texts from the automata of their patterns, numbers that even
out an equation, and what its schema suggests. Places that a wish names together are tried together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from opgen.apiextensions import validate
from opgen.apiextensions.cel.ast import Call, Expr
from opgen.emit.samples.automata import common
from opgen.emit.samples.build import Built, Values
from opgen.emit.samples.plan import Path
from opgen.emit.samples.rules import place_of
from opgen.emit.samples.scalars import format_patterns
from opgen.emit.samples.speech import (
    MOST_PLACES,
    at,
    distinct,
    lengths_of,
    literals_of,
    nodes_of,
    patterns_of,
    replaced,
    scalars_of,
)
from opgen.emit.samples.vocabulary import readable
from opgen.emit.samples.wishes import Truth
from opgen.ir.schema import JSON, Schema

_PATTERNED = 12
_DIGITS = re.compile("[0-9]+")
_SHARED = 12
_IN_A_ROW = 24  # numbers tried one after the other, for what divides them
_OPTIONS, _FIRST, _SECOND = 120, 32, 40


@dataclass(slots=True)
class _Leaf:
    """A scalar that may be given another value."""

    place: Path
    schema: Schema
    options: list[JSON]


class Solver:
    """Finds values of scalars for which parts of rules are as wished. `value` is the node's, changed on the way."""

    def __init__(self, says: Callable[[Expr, JSON], Any], built: Built, path: Path, values: Values) -> None:
        self._says = says
        self._built = built
        self._path = path
        self._values = values
        self.value = at(built.value, path)

    def solve(self, wanted: list[Truth]) -> dict[Path, JSON] | None:
        """New values by place; None where none were found."""
        left = [wish for wish in wanted if not self._holds(wish, self.value)]
        if not left:
            return {}
        places = {id(wish): scalars_of(wish.part, self.value, {}) for wish in wanted}
        changed: dict[Path, JSON] = {}
        while left:
            group = self._together(left[0], wanted, places)
            spots = list(dict.fromkeys(spot for wish in group for spot in places[id(wish)]))[:MOST_PLACES]
            leaves = [leaf for spot in spots if (leaf := self._leaf(spot, group)) is not None]
            self._share(leaves, [text for wish in group for text in literals_of(wish.part)])
            # What is asked of one place alone is settled first.
            for leaf in leaves:
                alone = [wish for wish in group if places[id(wish)] == [leaf.place]]
                leaf.options = self._fit(leaf, alone)
                taken = self._taken(leaf.place)
                known = [option for option in leaf.options if repr(option) in taken]
                leaf.options = [option for option in leaf.options if repr(option) not in taken] + known
            # Those with the fewest values first: the others can be evened out.
            leaves.sort(key=lambda leaf: -(leaf.schema.multiple_of or 0))
            shared = [wish for wish in group if len(places[id(wish)]) != 1]
            found = self._assigned(leaves, shared)
            if found is None:
                return None
            for place, value in found.items():
                self.value = replaced(self.value, place, value)
                changed[place] = value
            left = [wish for wish in left if wish not in group]
        return changed

    def _holds(self, wish: Truth, value: JSON) -> bool:
        return self._says(wish.part, value) is wish.truth

    def _together(self, first: Truth, wanted: list[Truth], places: dict[int, list[Path]]) -> list[Truth]:
        """The wishes that speak of the same scalars as one does, or of those that such a wish speaks of."""
        group, spots = [first], set(places[id(first)])
        for _ in range(3):
            for wish in wanted:
                if wish not in group and spots & set(places[id(wish)]):
                    group.append(wish)
                    spots |= set(places[id(wish)])
        return group

    def _leaf(self, spot: Path, group: list[Truth]) -> _Leaf | None:
        place = self._built.places.get((*self._path, *spot))
        if place is None:
            return None
        now = at(self.value, spot)
        name = next((part for part in reversed(spot) if isinstance(part, str)), "")
        options: list[JSON] = [now]
        literals = [literal for wish in group for literal in literals_of(wish.part)]
        either = place.folded.x_int_or_string
        if (isinstance(now, str) or either) and not place.folded.enum:
            options += readable([wish.part for wish in group], spot)
            options += [text for text in literals if isinstance(text, str)]
            options += [text for literal in literals if isinstance(literal, str) for text in _near(literal)]
            options += self._texts(spot, place.folded, group)
        if (isinstance(now, (int, float)) and not isinstance(now, bool)) or either:
            step = place.folded.multiple_of or 1
            for number in (n for n in literals if isinstance(n, (int, float)) and not isinstance(n, bool)):
                rounded = number // step * step
                options += [number, number + step, number - step, rounded, rounded + step]
            low = place.folded.minimum if place.folded.minimum is not None else 0
            options += [-(-low // step) * step + step * times for times in range(_IN_A_ROW)]
        options += self._values.first(place.schema, name, 40)
        fit = [option for option in distinct(options) if not validate(place.schema, option)]
        return _Leaf(spot, place.schema, fit) if fit else None

    def _taken(self, spot: Path) -> set[str]:
        """What a place may not be: the same of the other items of a list that tells its items apart by it."""
        depth = next(
            (end for end in (len(spot) - 1, len(spot) - 2) if end >= 0 and isinstance(spot[end], int)), -1
        )
        holder = self._built.places.get((*self._path, *spot[:depth])) if depth >= 0 else None
        if holder is None or holder.schema.x_list_type not in ("set", "map"):
            return set()
        items = at(self.value, spot[:depth])
        others = range(len(items)) if isinstance(items, list) else ()
        return {
            repr(at(self.value, (*spot[:depth], n, *spot[depth + 1 :]))) for n in others if n != spot[depth]
        }

    def _share(self, leaves: list[_Leaf], said: list[JSON]) -> None:
        """Texts that one place may have may be what another is compared with, or what it begins or ends with."""
        texts = [option for leaf in leaves for option in leaf.options[:_SHARED] if isinstance(option, str)]
        ends = [end for end in dict.fromkeys(said) if isinstance(end, str) and end][:3]
        cut = [text.removeprefix(end).removesuffix(end) for text in texts for end in ends]
        texts += [*cut, *(whole for text in texts for end in ends for whole in (end + text, text + end))]
        texts = [text for text in texts if text]
        for leaf in leaves if len(leaves) > 1 else ():
            if isinstance(leaf.options[0], str):
                known = set(map(repr, leaf.options))
                leaf.options[1:1] = [
                    text
                    for text in dict.fromkeys(texts)
                    if repr(text) not in known and not validate(leaf.schema, text)
                ]

    def _texts(self, spot: Path, schema: Schema, group: list[Truth]) -> list[JSON]:
        """Texts that all patterns take which are wished for at a place, those of its schema included."""
        languages: list[str] = []
        compared: list[str] = []
        least, most = schema.min_length or 0, schema.max_length
        for wish in group if len(group) < _PATTERNED else ():
            if not wish.truth:
                continue
            languages += (pattern for pattern, path in patterns_of(wish.part) if path == spot)
            compared += self._compared(wish.part, spot)
            for path, low, high in lengths_of(wish.part):
                if path == spot:
                    least = max(least, low)
                    most = high if most is None else most if high is None else min(most, high)
        own = [schema.pattern] if schema.pattern else []
        own += [branch.pattern for branch in schema.all_of if branch.pattern]
        own += format_patterns(schema.format)
        most = min(200 if most is None else most, 200)
        found: list[JSON] = []
        if compared:
            found += islice(common([*own, *languages, *compared], least, most), 6)
        if languages or (least, most) != (schema.min_length or 0, schema.max_length):
            found += islice(common([*own, *languages], least, most), 12)
        said = [text for wish in group for text in literals_of(wish.part) if isinstance(text, str)]
        found += _parted(said)
        for sign in {text for text in said if len(text) == 1}:
            other = f"[^{re.escape(sign)}]*"
            for pattern in (f"^{other}$", f"^{other}{re.escape(sign)}{other}$"):
                found += islice(common([*own, *languages, pattern], least, most), 2)
        return [*found, *_networks(schema.format, group)]

    def _compared(self, part: Expr, spot: Path) -> Iterator[str]:
        """Patterns of texts that begin, end or go on with what another part comes to now, or are the same."""
        for node in nodes_of(part):
            if not isinstance(node, Call) or node.function not in _OTHERS:
                continue
            sides = [node.target, *node.args] if node.target is not None else node.args
            for one, other in ((sides[0], sides[-1]), (sides[-1], sides[0])):
                if place_of(one) == spot and literals_of(other) != [getattr(other, "value", None)]:
                    said = self._says(other, self.value)
                    if isinstance(said, str):
                        yield _OTHERS[node.function].format(re.escape(said))
                if node.function != "_==_":
                    break

    def _fit(self, leaf: _Leaf, alone: list[Truth]) -> list[JSON]:
        """The options of a place that grant what is wished of it alone."""
        if not alone:
            return leaf.options
        return [
            option
            for option in leaf.options[:_OPTIONS]
            if all(self._holds(wish, replaced(self.value, leaf.place, option)) for wish in alone)
        ]

    def _assigned(self, leaves: list[_Leaf], shared: list[Truth]) -> dict[Path, JSON] | None:
        """Values for places that wishes speak of together: all combinations of two, else one after the other."""
        if not leaves or not all(leaf.options for leaf in leaves):
            return None
        if not shared:
            return {leaf.place: leaf.options[0] for leaf in leaves}
        if len(leaves) == 1:
            fit = self._fit(leaves[0], shared)
            return {leaves[0].place: fit[0]} if fit else None
        if len(leaves) > 2:
            return self._one_by_one(leaves, shared)
        first, second = leaves
        for one in first.options[:_FIRST]:
            base = replaced(self.value, first.place, one)
            for other in self._evened(second, base, shared)[:_SECOND]:
                if all(self._holds(wish, replaced(base, second.place, other)) for wish in shared):
                    return {first.place: one, second.place: other}
        return None

    def _one_by_one(self, leaves: list[_Leaf], group: list[Truth]) -> dict[Path, JSON] | None:
        found: dict[Path, JSON] = {leaf.place: leaf.options[0] for leaf in leaves}
        value = self.value
        for place, option in found.items():
            value = replaced(value, place, option)
        missing = self._missing(value, group)
        if not missing[0]:
            return found
        for _ in range(2):
            for leaf in leaves:
                for option in self._evened(leaf, value, group)[:30]:
                    trial = replaced(value, leaf.place, option)
                    now = self._missing(trial, group)
                    if now < missing:
                        value, missing, found[leaf.place] = trial, now, option
                    if not missing[0]:
                        return found
        return None

    def _missing(self, value: JSON, group: list[Truth]) -> tuple[int, float]:
        """How many wishes are not granted, and how far apart the sides of their comparisons are."""
        open_ = [wish for wish in group if not self._holds(wish, value)]
        apart = [self._apart(wish.part, value) for wish in open_ if isinstance(wish.part, Call)]
        return len(open_), sum(abs(distance) for distance in apart if distance is not None)

    def _evened(self, leaf: _Leaf, value: JSON, group: list[Truth]) -> list[JSON]:
        """A place's options; first the numbers for which both sides of a comparison are the same, or nearly."""
        now = at(value, leaf.place)
        if isinstance(now, bool) or not isinstance(now, (int, float)):
            return leaf.options
        numbers: list[JSON] = []
        for wish in group:
            part = wish.part
            if not isinstance(part, Call):
                continue
            apart = [self._apart(part, replaced(value, leaf.place, number)) for number in (0, 1)]
            if apart[0] is None or apart[1] is None or apart[0] == apart[1]:
                continue
            even = -apart[0] / (apart[1] - apart[0])
            whole = int(even) if float(even).is_integer() else even
            numbers += [whole, whole + 1, whole - 1, *_within(leaf.schema, whole)]
        fit = [number for number in distinct(numbers) if not validate(leaf.schema, number)]
        return [*fit, *leaf.options]

    def _apart(self, part: Call, value: JSON) -> float | None:
        if part.function not in _COMPARED:
            return None
        sides = [self._says(side, value) for side in part.args]
        if all(isinstance(side, (int, float)) and not isinstance(side, bool) for side in sides):
            return float(sides[0] - sides[1])
        return None


def _near(text: str) -> Iterator[str]:
    """A text with other numbers in it: what comes before or after an amount, a time, a version."""
    number = _DIGITS.search(text)
    if number is not None and len(number[0]) < 16:
        for other in (int(number[0]) + 1, int(number[0]) - 1, int(number[0]) * 10, int(number[0]) + 5):
            yield f"{text[: number.start()]}{max(other, 0)}{text[number.end() :]}"


def _parted(said: list[str]) -> Iterator[str]:
    """Texts of some parts between a sign, one of them as a rule says: `self.split('/')[1] == 'v1'`."""
    words = [text for text in dict.fromkeys(said) if len(text) > 1][:4]
    for sign in [text for text in dict.fromkeys(said) if len(text) == 1 and not text.isalnum()][:2]:
        for count in (2, 3, 4):
            yield sign.join(["example"] * count)
            for word in words:
                for place in range(count):
                    yield sign.join(word if number == place else "example" for number in range(count))


def _networks(format_: str, group: list[Truth]) -> Iterator[str]:
    """Networks that hold an address which is spoken of."""
    if format_ == "cidr":
        for text in (text for wish in group for text in literals_of(wish.part) if isinstance(text, str)):
            yield from (
                f"{text}/{32 if '.' in text else 128}",
                f"{text.rpartition('.')[0]}.0/24",
                f"{text}/64",
            )


def _within(schema: Schema, number: float) -> Iterator[float]:
    """The bound that a number oversteps."""
    if schema.minimum is not None and number < schema.minimum:
        yield schema.minimum
    if schema.maximum is not None and number > schema.maximum:
        yield schema.maximum


_OTHERS = {"startsWith": "^{}", "endsWith": "{}$", "contains": "{}", "_==_": "^{}$"}
_COMPARED = frozenset({"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"})
