"""Changes of a plan that may mend an error, the likeliest first.

What an error is about is read off its place, and for a rule off the words in it: the fields it names, the texts
and numbers it compares with. Nothing here knows whether a change helps; `search` tries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.emit.samples.build import Built, Place, Values
from opgen.emit.samples.effective import choices
from opgen.emit.samples.fulfil import Help, fulfilled
from opgen.emit.samples.plan import Path, Plan
from opgen.emit.samples.regular import texts
from opgen.emit.samples.speech import at
from opgen.ir.schema import JSON, Schema

_JUNCTOR = re.compile(r'^"((?:[^"\\]|\\.)*)" must ')
_KEYED = re.compile(r"\[([^\[\]]*[^\[\]0-9][^\[\]]*)\]")
_CHAIN = re.compile(r"\bself((?:\s*\.\s*\??\s*[A-Za-z_][A-Za-z0-9_]*)+)")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERAL = re.compile(r"(\b[rR])?(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")
_ESCAPE = re.compile(r"\\(.)")
_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")
_FULFILLED = 4  # plans that grant what the rules wish
_ALTERNATIVES = 6  # other values tried for one scalar


@dataclass(slots=True)
class _Subject:
    """Where an error is, and what the rule or junctor there speaks of: fields by path, words, texts, numbers."""

    path: Path
    chains: set[tuple[str, ...]] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    literals: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)


def moves(
    plan: Plan, built: Built, error: FieldError, values: Values, help_: Help | None = None
) -> Iterator[Plan]:
    """Plans that differ from `plan` in what has to do with the error; the last ones lose most.

    With `help_`, the first ones are those under which all rules of the place hold.
    """
    subject = _subject(built, error)
    path = subject.path
    ruled = built.places.get(path)
    if help_ is not None and ruled is not None and ruled.schema.x_validations:
        yield from islice(fulfilled(plan, built, path, values, help_), _FULFILLED)
    if path not in built.places:  # a required field, or one that only a default has set
        yield plan.present(path)
        path = next(path[:end] for end in range(len(path), -1, -1) if path[:end] in built.places)
    if error.type is ErrorType.TOO_MANY:
        yield from _fewer(plan, built, path)
    below = sorted((place for place in built.places if place[: len(path)] == path), key=len)
    spoken = {chain[:end] for chain in subject.chains for end in range(len(chain) + 1)}
    exact = [place for place in below if _names(place[len(path) :]) in spoken]
    for place in exact:
        yield from _other_choices(plan, built.places[place], place)
    for place in exact:
        names = _names(place[len(path) :])
        yield from _toggled(
            plan, built, place, {chain[-1] for chain in spoken if chain and chain[:-1] == names}
        )
    for place in exact:
        yield from _other_values(plan, built, place, subject, values)
    named = [place for place in below if place == path or _named(place, subject.words)]
    for place in named:
        yield from _other_choices(plan, built.places[place], place)
    for place in below:
        yield from _toggled(plan, built, place, subject.words)
    for place in named:
        yield from _other_values(plan, built, place, subject, values)
    yield from _without(plan, built, path)


def _names(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _subject(built: Built, error: FieldError) -> _Subject:
    text = error.field
    junctor = _JUNCTOR.match(error.detail) if text == "<nil>" else None
    if junctor is not None:
        text = junctor[1]
    text = "" if text == "<nil>" else text.removeprefix(".")
    if text not in built.named:
        text = _KEYED.sub(r".\1", text)  # rules name a map's entries otherwise than bounds do
    if text not in built.named:
        return _Subject(_missing(built, text))
    subject = _Subject(built.named[text])
    place = built.places.get(subject.path)
    if place is not None:
        subject.words.update(_junctor_words(place.schema))
    # A rule may stand above what it complains of (fieldPath).
    for up in range(len(subject.path), max(len(subject.path) - 3, -1), -1):
        place = built.places.get(subject.path[:up])
        if place is not None and place.schema.x_validations:
            subject.path = subject.path[:up]
            for rule in place.schema.x_validations:
                _read_rule(rule.rule, subject)
            break
    return subject


def _read_rule(rule: str, subject: _Subject) -> None:
    unquoted = _LITERAL.sub(" ", rule)
    subject.words.update(_WORD.findall(unquoted))
    subject.chains.update(
        tuple(_plain(name) for name in _WORD.findall(chain)) for chain in _CHAIN.findall(unquoted)
    )
    subject.literals += [text for text in _literals(rule) if text not in subject.literals]
    subject.numbers += [int(number) for number in _NUMBER.findall(unquoted)]


def _plain(name: str) -> str:
    """A field's name out of its spelling in rules."""
    return name[2:-2] if len(name) > 4 and name.startswith("__") and name.endswith("__") else _dashed(name)


def _dashed(name: str) -> str:
    return name.replace("__dash__", "-").replace("__dot__", ".").replace("__slash__", "/")


def _literals(rule: str) -> Iterator[str]:
    """The texts that a rule compares with; for one that it matches as a pattern, texts of that pattern."""
    for raw, first, second in _LITERAL.findall(rule):
        text = first or second
        if not raw:
            text = _ESCAPE.sub(r"\1", text)
        yield text
        if "matches(" in rule:
            yield from islice(texts(text), 4)


def _missing(built: Built, text: str) -> Path:
    """The path of a field that is not there: its parent's and its name."""
    parent, dot, name = text.rpartition(".")
    if parent in built.named:
        return (*built.named[parent], name)
    return _missing(built, parent) if dot else ()


def _junctor_words(schema: Schema) -> Iterator[str]:
    branches = [*schema.any_of, *schema.one_of, *schema.all_of]
    if schema.not_ is not None:
        branches.append(schema.not_)
    for branch in branches:
        yield from branch.required
        yield from branch.properties
        yield from _junctor_words(branch)


def _named(place: Path, words: set[str]) -> bool:
    """Whether the words hold a place's name, as rules may spell it."""
    name = next((part for part in reversed(place) if isinstance(part, str)), "")
    return name in words or f"__{name}__" in words or name.replace("-", "__dash__") in words


def _other_choices(plan: Plan, place: Place, path: Path) -> Iterator[Plan]:
    now = plan.number("choice", path)
    for choice in range(choices(place.schema)):
        if choice != now:
            yield plan.with_change("choice", path, choice)


def _toggled(plan: Plan, built: Built, path: Path, words: set[str]) -> Iterator[Plan]:
    """Fields that the rule names: those that are absent come, those that may go go."""
    folded = built.places[path].folded
    value = at(built.value, path)
    if not isinstance(value, dict):
        return
    names = [name for name in sorted(folded.properties) if _named((name,), words)]
    for name in names:
        if name not in value:
            yield plan.with_change("present", (*path, name), True)
    for name in names:
        if name in value and name not in folded.required:
            yield plan.absent((*path, name))
    present = [name for name in names if name in value and name not in folded.required]
    if len(present) > 1:
        for kept in present:
            only = plan
            for name in present:
                only = only if name == kept else only.absent((*path, name))
            yield only
        none = plan
        for name in present:
            none = none.absent((*path, name))
        yield none


def _other_values(plan: Plan, built: Built, path: Path, subject: _Subject, values: Values) -> Iterator[Plan]:
    place = built.places[path]
    value = at(built.value, path)
    if isinstance(value, list):
        sizes = [0, 2, 1, *subject.numbers]
        for size in sizes:
            if size != len(value) and size <= 32:
                yield plan.with_change("count", path, size)
    elif isinstance(value, dict):
        rest = place.folded.additional_properties
        if isinstance(rest, Schema):
            for size in (0, 1, 2):
                yield plan.with_change("count", path, size)
    else:
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        known = values.first(place.folded, name, 40)
        found: list[JSON] = []
        if isinstance(value, str):
            found += [text for text in subject.literals if _takes(place.folded, text)]
        elif not isinstance(value, bool):
            found += [number + by for number in subject.numbers for by in (0, 1, -1)]
        for other in dict.fromkeys(found):
            if other != value:
                yield plan.with_change("value", path, other)
        enum = bool(place.folded.enum)
        for number, other in enumerate(known if enum else known[:_ALTERNATIVES]):
            if other != value:
                yield plan.with_change("nth", path, number)


def _takes(schema: Schema, text: str) -> bool:
    return not schema.enum or any(value.json == text for value in schema.enum)


def _fewer(plan: Plan, built: Built, path: Path) -> Iterator[Plan]:
    """An object or list with as many parts as there may be."""
    value = at(built.value, path)
    folded = built.places[path].folded
    if isinstance(value, dict) and folded.max_properties is not None:
        kept = [name for name in value if name in folded.required]
        optional = [name for name in value if name not in folded.required]
        room = max(folded.max_properties - len(kept), 0)
        for start in range(max(1, len(optional) - room + 1)):
            fewer = plan
            for name in (*optional[:start], *optional[start + room :]):
                fewer = fewer.absent((*path, name))
            yield fewer
    elif isinstance(value, list) and folded.max_items is not None:
        yield plan.with_change("count", path, folded.max_items)


def _without(plan: Plan, built: Built, path: Path) -> Iterator[Plan]:
    """The place gone, or what it stands in."""
    for end in range(len(path), 0, -1):
        place = built.places.get(path[:end])
        if place is not None and place.optional:
            last = path[end - 1]
            if isinstance(last, int):
                yield plan.with_change("count", path[: end - 1], last)
            else:
                yield plan.absent(path[:end])
