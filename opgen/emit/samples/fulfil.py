"""Grants wishes: plans in which all rules of a schema node hold, by what the rules themselves say.

First fields, sizes and keys come and go, then `solve` finds values for what is left. The work is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from opgen.apiextensions.cel.ast import Expr, Literal
from opgen.emit.samples.automata import common
from opgen.emit.samples.build import Built, Values
from opgen.emit.samples.plan import Path, Plan
from opgen.emit.samples.rules import Rules, substituted
from opgen.emit.samples.solve import Solver
from opgen.emit.samples.speech import at, language_of, literals_of, nodes_of, places_of, replaced
from opgen.emit.samples.wishes import Entries, Has, Key, Size, Truth, Wish, Wishes, below, wishes
from opgen.ir.schema import JSON, Schema

_COMBINED = 40  # sets of wishes that are tried
_ASKED = 600  # questions about parts of rules for one set of wishes


@dataclass(frozen=True, slots=True)
class Help:
    """What the search lends: `rebuild` makes a plan's value, `may_ask` counts a question and says if it is allowed."""

    rebuild: Callable[[Plan], Built | None]
    may_ask: Callable[[], bool]


class _Enough(Exception):
    """The questions are used up."""


def fulfilled(plan: Plan, built: Built, path: Path, values: Values, help_: Help) -> Iterator[Plan]:
    """Plans under which the rules of the node at `path` hold; those about other nodes are not looked at."""
    schema = built.places[path].schema
    rules = values.rules(schema, root=not path)
    value = at(built.value, path)
    choices: list[list[Wishes]] = []
    for tree in rules.trees:
        said = rules.says(tree, value)
        found = wishes(tree, True, value, schema)
        choices.append([(), *found[:6]] if said is True else found or [()])
    # The last ones vary first: those that fail.
    choices.sort(key=lambda found: found[0] != ())
    granter = _Granter(plan, path, schema, rules, values, help_)
    seen: set[object] = set()
    for combined in islice(product(*choices), _COMBINED):
        wanted = tuple(dict.fromkeys(wish for found in combined for wish in found))
        if wanted in seen:
            continue
        seen.add(wanted)
        try:
            found_plan = granter.grant(wanted)
        except _Enough:
            if not help_.may_ask():
                return
            continue
        if found_plan is not None:
            yield found_plan


class _Granter:
    def __init__(
        self, plan: Plan, path: Path, schema: Schema, rules: Rules, values: Values, help_: Help
    ) -> None:
        self._plan = plan
        self._path = path
        self._schema = schema
        self._values = values
        self._rules = rules
        self._rebuild = help_.rebuild
        self._may_ask = help_.may_ask
        self._asked = 0

    def grant(self, wanted: Wishes) -> Plan | None:
        """A plan under which all rules of the node hold, by these wishes; None where none was found."""
        self._asked = 0
        plan = self._arranged(wanted)
        built = None if plan is None else self._rebuild(plan)
        if plan is None or built is None:
            return None
        for place in dict.fromkeys(wish.path for wish in wanted if isinstance(wish, Key)):
            named = self._named(
                plan, built, place, [w for w in wanted if isinstance(w, Key) and w.path == place]
            )
            built = None if named is None else self._rebuild(named)
            if named is None or built is None:
                return None
            plan = named
        solver = Solver(self._says, built, self._path, self._values)
        parts = [part for wish in wanted for part in _truths(wish, solver.value)]
        solved = solver.solve(parts)
        if solved is None:
            return None
        for place, value in solved.items():
            plan = plan.with_change("value", (*self._path, *place), value)
        return plan if all(self._says(tree, solver.value) is True for tree in self._rules.trees) else None

    def _says(self, part: Expr, value: JSON) -> Any:
        self._asked += 1
        if self._asked > _ASKED or not self._may_ask():
            raise _Enough
        return self._rules.says(part, value)

    def _arranged(self, wanted: Wishes) -> Plan | None:
        """The plan with the fields and sizes that are wished for; None where they contradict each other."""
        there: set[Path] = set()
        gone: set[Path] = set()
        sizes: dict[Path, tuple[int, int | None]] = {}
        for wish in wanted:
            match wish:
                case Has(path, True):
                    there.add(path)
                case Has(path, False):
                    gone.add(path)
                case Size(path, least, most):
                    if path in sizes:
                        least = max(least, sizes[path][0])
                        others = [bound for bound in (most, sizes[path][1]) if bound is not None]
                        most = min(others) if others else None
                    least, most = self._bounded(path, least, most)
                    if most is not None and most < least:
                        return None
                    sizes[path] = least, most
                    there.add(path)
                case Truth(part, _):
                    there.update(places_of(part))
                case Key(path) | Entries(path):
                    there.add(path)
        if any(path[: len(absent)] == absent for absent in gone for path in there):
            return None
        plan = self._plan
        for path in sorted(there, key=len):
            plan = plan.present((*self._path, *path))
        for path in gone:
            plan = plan.absent((*self._path, *path))
        built = self._rebuild(plan) if sizes else None
        for path, (least, most) in sizes.items():
            now = at(built.value, (*self._path, *path)) if built is not None else None
            size = len(now) if isinstance(now, (list, dict)) else 0
            wished = max(least, size) if most is None else min(max(least, size), most)
            if wished != size:
                plan = plan.with_change("count", (*self._path, *path), wished)
        return plan

    def _bounded(self, path: Path, least: int, most: int | None) -> tuple[int, int | None]:
        """A wished size within what the schema allows."""
        schema = below(self._schema, path)
        if schema is None:
            return least, most
        listed = schema.type == "array"
        lowest = (schema.min_items if listed else schema.min_properties) or 0
        highest = schema.max_items if listed else schema.max_properties
        bounds = [bound for bound in (most, highest) if bound is not None]
        return max(least, lowest), min(bounds) if bounds else None

    def _named(self, plan: Plan, built: Built, holder: Path, wished: list[Key]) -> Plan | None:
        """The plan with other keys of a map, as rules about them ask; each wish about one key has a key of its own."""
        place = (*self._path, *holder)
        entries, value = at(built.value, place), at(built.value, self._path)
        if not isinstance(entries, dict):
            return None
        every = [wish for wish in wished if wish.every]
        single = [wish for wish in wished if not wish.every]
        names: list[str] = []
        for number, name in enumerate(entries):
            last = number == len(entries) - 1
            asked = [*every, *(single[number:] if last else single[number : number + 1])]
            fit = (
                key
                for key in islice(_keys(asked, name, number), 60)
                if key not in names and all(self._key_holds(wish, key, name, value) for wish in asked)
            )
            found = next(fit, None)
            if found is None:
                return None
            names.append(found)
        return plan.with_change("keys", place, [*names])

    def _key_holds(self, wish: Key, key: str, instead: str, value: JSON) -> bool:
        entries = at(value, wish.path)
        assert isinstance(entries, dict)
        renamed: JSON = {key if name == instead else name: entry for name, entry in entries.items()}
        part = substituted(wish.part, {wish.variable: Literal(wish.part.offset, key)})
        return self._says(part, replaced(value, wish.path, renamed)) is wish.truth


def _truths(wish: Wish, value: JSON) -> Iterator[Truth]:
    """What is wished of scalars, that of a map's entries for each."""
    if isinstance(wish, Truth):
        yield wish
    elif isinstance(wish, Entries):
        held = at(value, wish.path)
        for key in held if isinstance(held, dict) else ():
            literal = Literal(wish.part.offset, key)
            yield Truth(substituted(wish.part, {wish.variable: literal}), wish.truth)


def _keys(asked: list[Key], now: str, number: int) -> Iterator[str]:
    """Names for a map's entry that rules about keys may want."""
    yield now
    texts = [text for wish in asked for text in literals_of(wish.part) if isinstance(text, str)]
    yield from texts
    languages = [
        pattern
        for wish in asked
        if wish.truth
        for node in nodes_of(wish.part)
        for pattern in language_of(node, wish.variable)
    ]
    if languages:
        yield from islice(common(languages, 1, 63), 20)
    for text in texts:
        yield from (f"{text}{number + 1}", f"{text}-{number + 1}", f"{number + 1}{text}", f"example-{text}")
