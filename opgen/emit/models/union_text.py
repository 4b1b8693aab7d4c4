"""Spells the unions of a class: a constructor for each alternative, and the method that tells which one is taken.

Both are for type checkers; at run time one function of opgen_runtime.objects stands behind each union.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from opgen.emit.models.bounds import literal
from opgen.emit.models.plan import ClassPlan
from opgen.emit.models.unions import Choice, Tagged, Union, unions

# Beyond these a class says more about its unions than about its fields.
_MOST_CONSTRUCTORS = 16
_MOST_PARAMETERS = 300
_MOST_MERGED = 1000
# Meant in the class body, where a field of that name would stand for it.
_CALLED = frozenset({"exactly_one", "at_most_one", "tagged", "overload", "tuple"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field as a constructor takes it: `plain` is its type without None."""

    annotation: str
    plain: str
    required: bool


@dataclass(frozen=True, slots=True)
class UnionText:
    """One union: the method's name, its type, what it says, and the call that makes it."""

    name: str
    returns: str
    doc: str
    call: str


@dataclass(frozen=True, slots=True)
class UnionTexts:
    """All of a class's unions, and the parameters of its constructors (none where there would be too many)."""

    unions: tuple[UnionText, ...] = ()
    inits: tuple[str, ...] = ()
    receiver: str = "self"
    """The first parameter of the constructors: another one where a field is called self."""


_Alternative = Mapping[str, str | None]
"""What a constructor takes for each field of a union: its parameter, or None for nothing."""


def union_texts(
    planned: ClassPlan, parameters: Mapping[str, Parameter], helper: Callable[[str], str]
) -> UnionTexts:
    """The unions of the class; `parameters` by attribute, in the order of its fields."""
    found = unions(planned.schema)
    if not found or _CALLED & parameters.keys():
        return UnionTexts()
    speller = _Speller(planned, parameters, helper)
    texts = tuple(speller.union(union, single=len(found) == 1) for union in found)
    inits = tuple(speller.inits(found))
    small = len(inits) <= _MOST_CONSTRUCTORS and len(inits) * len(parameters) <= _MOST_PARAMETERS
    return UnionTexts(texts, inits if small else (), speller.receiver)


@dataclass(frozen=True, slots=True)
class _Speller:
    planned: ClassPlan
    parameters: Mapping[str, Parameter]
    helper: Callable[[str], str]

    @property
    def receiver(self) -> str:
        return "_self, /" if "self" in self.parameters else "self"

    def union(self, union: Union, *, single: bool) -> UnionText:
        match union:
            case Choice(fields=fields, needed=needed):
                names = [self.planned.fields[field] for field in fields]
                returns = [self._pair([name], self.parameters[name].plain) for name in names]
                name = "which" if single else f"which_{'_or_'.join(names)}"
                doc = f"The one of {', '.join(names)} that is set; None unless just one is."
                function = self.helper("exactly_one" if needed else "at_most_one")
                call = f"{function}({', '.join(map(literal, names))})"
            case Tagged(by=by, members=members):
                tag = self.planned.fields[by]
                returns = [
                    self._pair(texts, "None" if member is None else self.parameters[member].plain)
                    for member, texts in self._groups(members)
                ]
                name = "which" if single else f"which_{tag}"
                doc = f"The {tag} and what goes with it; None where they don't fit each other."
                pairs = (
                    f"{literal(text)}: {literal(member and self.planned.fields[member])}"
                    for text, member in members.items()
                )
                call = f"{self.helper('tagged')}({literal(tag)}, {{{', '.join(pairs)}}})"
        while name in self.parameters:
            name += "_"
        return UnionText(name, " | ".join([*returns, "None"]), f'"""{doc}"""', call)

    def _pair(self, names: Sequence[str], value: str) -> str:
        return f"tuple[{self._literal(names)}, {value}]"

    def _literal(self, values: Sequence[str]) -> str:
        return f"{self.helper('Literal')}[{', '.join(map(literal, values))}]"

    def _groups(self, members: Mapping[str, str | None]) -> list[tuple[str | None, list[str]]]:
        """The attribute of each member with the texts that go with it."""
        groups: dict[str | None, list[str]] = {}
        for text, member in members.items():
            groups.setdefault(self.planned.fields[member] if member else None, []).append(text)
        return list(groups.items())

    def inits(self, found: Sequence[Union]) -> Iterator[str]:
        """The parameters of each constructor: one alternative of each union, and the other fields.

        None where there are far too many to look through.
        """
        chosen: list[dict[str, str | None]] = [{}]
        for union in found:
            alternatives = list(self._alternatives(union))
            chosen = [
                {**known, **alternative}
                for known in chosen
                for alternative in alternatives
                if all(known.get(name, text) == text for name, text in alternative.items())
            ]
            if len(chosen) > _MOST_MERGED:
                return
        for merged in chosen:
            texts = (merged.get(name, self._other(name)) for name in self.parameters)
            taken = [text for text in texts if text is not None]
            yield ", ".join([self.receiver, *(["*"] if taken else []), *taken])

    def _other(self, name: str) -> str:
        parameter = self.parameters[name]
        return f"{name}: {parameter.annotation}{'' if parameter.required else ' = ...'}"

    def _alternatives(self, union: Union) -> Iterator[_Alternative]:
        match union:
            case Choice(fields=fields, needed=needed):
                absent: dict[str, str | None] = dict.fromkeys(self.planned.fields[field] for field in fields)
                for name in absent:
                    yield {**absent, name: f"{name}: {self.parameters[name].plain}"}
                if not needed:
                    yield absent
            case Tagged(by=by, members=members):
                tag = self.planned.fields[by]
                default = self.planned.schema.properties[by].default
                groups = self._groups(members)
                for member, texts in groups:
                    given = default is not None and default.json in texts
                    taken: dict[str, str | None] = dict.fromkeys(other for other, _ in groups if other)
                    taken[tag] = f"{tag}: {self._literal(texts)}{' = ...' if given else ''}"
                    if member is not None:
                        taken[member] = f"{member}: {self.parameters[member].plain}"
                    yield taken
