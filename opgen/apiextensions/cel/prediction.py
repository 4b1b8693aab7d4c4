"""Which branch of the grammar a text takes: looking ahead as far as it needs, as the server's parser does.

First without the callers of a rule, so that anything may follow it; where that leaves two branches at one place, once
more with them. Both matter only for texts with errors: they decide at which token the parser finds out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from opgen.apiextensions.cel.automaton import Edge, Kind, Network, Stack
from opgen.apiextensions.cel.grammar import EOF

_Stacks: TypeAlias = frozenset[Stack]
_Key: TypeAlias = tuple[int, int, frozenset[int]]
_ANYWHERE: _Stacks = frozenset({()})
_MOST_STATES = 4096


class DeadEnd(Exception):
    """No branch goes on; `start` and `at` are the indices of the first token and of the one that fits nowhere."""

    def __init__(self, start: int, at: int) -> None:
        super().__init__()
        self.start = start
        self.at = at


@dataclass(slots=True)
class _Config:
    """A place that a branch (`alt`) may have come to: the state, and what is to be returned to.

    `binds` are precedences still to be looked at; `outside` counts the rules left that were begun before the
    decision; `left` says that the operators' rule in question was left for good.
    """

    state: int
    alt: int
    stacks: _Stacks
    binds: frozenset[int] = frozenset()
    outside: int = 0
    left: bool = False

    def at(self, state: int, stacks: _Stacks | None = None, binds: frozenset[int] | None = None) -> _Config:
        return _Config(
            state,
            self.alt,
            self.stacks if stacks is None else stacks,
            self.binds if binds is None else binds,
            self.outside,
            self.left,
        )

    def same(self) -> tuple[int, int, _Stacks, frozenset[int], bool]:
        """What makes two of them one."""
        return self.state, self.alt, self.stacks, self.binds, self.left


@dataclass(slots=True)
class _Places:
    """Configurations by state, branch and precedences; those that share them are merged."""

    full: bool
    found: dict[_Key, _Config] = field(default_factory=dict)

    def add(self, config: _Config) -> None:
        key = config.state, config.alt, config.binds
        known = self.found.get(key)
        if known is None:
            self.found[key] = config.at(config.state)
            return
        stacks = known.stacks | config.stacks
        known.stacks = stacks if self.full else _shortest(stacks)
        known.outside = max(known.outside, config.outside)
        known.left = known.left or config.left

    def all(self) -> list[_Config]:
        return list(self.found.values())


def _shortest(stacks: _Stacks) -> _Stacks:
    """Without callers an end of the stack stands for anything, hence for every longer one."""
    if () in stacks:
        return _ANYWHERE
    if len(stacks) == 1:
        return stacks
    return frozenset(s for s in stacks if not any(s[:n] in stacks for n in range(1, len(s))))


def _tops(stacks: _Stacks) -> Iterable[tuple[int, _Stacks]]:
    """What may be returned to, each with what lies below it."""
    found: dict[int, set[Stack]] = {}
    for stack in stacks:
        if stack:
            found.setdefault(stack[0], set()).add(stack[1:])
    return [(top, frozenset(found[top])) for top in sorted(found)]


class _Decided:
    """What is known after some tokens: the places, and what they decide if anything."""

    __slots__ = ("alt", "ambiguous", "next", "places", "plain")

    def __init__(self, places: list[_Config]) -> None:
        self.places = places
        self.next: dict[str, _Decided | None] = {}
        self.alt = _only(places)
        self.plain = not any(config.binds for config in places)
        self.ambiguous = not self.alt and _conflict(places)


def _only(places: Iterable[_Config]) -> int:
    alts = {config.alt for config in places}
    return alts.pop() if len(alts) == 1 else 0


def _subsets(places: Iterable[_Config]) -> list[set[int]]:
    found: dict[tuple[int, _Stacks], set[int]] = {}
    for config in places:
        found.setdefault((config.state, config.stacks), set()).add(config.alt)
    return list(found.values())


def _conflict(places: list[_Config]) -> bool:
    """Whether more tokens tell no more without the callers."""
    if not any(len(alts) > 1 for alts in _subsets(places)):
        return False
    states: dict[int, set[int]] = {}
    for config in places:
        states.setdefault(config.state, set()).add(config.alt)
    return all(len(alts) > 1 for alts in states.values())


class Predictor:
    """Decides for one text; what was found without callers is kept for all."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._starts: dict[tuple[int, int], _Decided] = {}
        self._states: dict[frozenset[object], _Decided] = {}

    def choose(self, names: Sequence[str], at: int, decision: int, stack: Stack, precedence: int) -> int:
        """The branch of `decision`, counted from 1; DeadEnd if there is none.

        `names` are the tokens, `stack` where the rules being read return to, `precedence` that of the operators.
        """
        operators = self._network.states[decision].operators
        here = self._starts.get((decision, precedence if operators else 0))
        ahead = at
        while here is not None:  # the way that was gone before, without anything else to look at
            if here.alt and here.plain:
                return here.alt
            following = here.next.get(names[ahead])
            ahead += names[ahead] != EOF
            here = None if following is None or following.ambiguous else following
        return _Prediction(self._network, self, names, at, decision, stack, precedence).run()

    def start(self, decision: int, precedence: int) -> _Decided | None:
        """What was found for a decision before any token."""
        return self._starts.get((decision, precedence))

    def keep_start(self, decision: int, precedence: int, found: _Decided) -> None:
        """Remember it."""
        self._starts[(decision, precedence)] = found

    def shared(self, places: list[_Config], decision: int) -> _Decided:
        """The one node for these places."""
        key = frozenset(
            [("decision", decision), *((*config.same(), config.outside > 0) for config in places)]
        )
        found = self._states.get(key)
        if found is None:
            if len(self._states) >= _MOST_STATES:
                self._starts.clear()
                self._states.clear()
            found = self._states[key] = _Decided(places)
        return found


class _Prediction:
    def __init__(
        self,
        network: Network,
        known: Predictor,
        names: Sequence[str],
        at: int,
        decision: int,
        stack: Stack,
        precedence: int,
    ) -> None:
        self.states = network.states
        self._network = network
        self._known = known
        self._names = names
        self._at = at
        self.decision = decision
        self._stack = stack
        self.precedence = precedence
        self.operators = network.states[decision].operators

    def run(self) -> int:
        """Without the callers, and with them where that is not enough."""
        here = self._start()
        at = self._at
        while True:
            name = self._names[at]
            if name in here.next:
                following = here.next[name]
            else:
                reached = self._reach(here.places, name, full=False)
                following = self._known.shared(reached, self.decision) if reached else None
                here.next[name] = following
            if following is None:
                return self._finished(here.places, at)
            if following.alt or following.ambiguous:
                return self._decided(following, at)
            here = following
            at += name != EOF

    def _decided(self, found: _Decided, at: int) -> int:
        alts = [found.alt] if found.alt else sorted({config.alt for config in found.places})
        binds = {alt: self._binds(found.places, alt) for alt in alts}
        if any(binds.values()):
            alts = [alt for alt in alts if self._passes(binds[alt])]
        if found.ambiguous and len(alts) != 1:
            return self._with_callers()
        if not alts:
            raise DeadEnd(self._at, self._at)
        return alts[0]

    def _binds(self, places: list[_Config], alt: int) -> list[frozenset[int]]:
        """The precedences of which one has to do; none if the branch needs none."""
        found = [config.binds for config in places if config.alt == alt]
        return [] if frozenset() in found else found

    def _passes(self, binds: list[frozenset[int]]) -> bool:
        return not binds or any(all(self.precedence <= bind for bind in one) for one in binds)

    def _finished(self, places: list[_Config], at: int) -> int:
        """The branch that had come to the end of its rule before the token that fits nowhere."""
        ended = [
            config for config in places if config.outside or (self._stops(config) and () in config.stacks)
        ]
        passing = [config for config in ended if all(self.precedence <= bind for bind in config.binds)]
        if not ended:
            raise DeadEnd(self._at, at)
        return min(config.alt for config in passing or ended)

    def _with_callers(self) -> int:
        places = self._closed_start(frozenset({self._stack}), full=True)
        at = self._at
        while True:
            reached = self._reach(places, self._names[at], full=True)
            if not reached:
                return self._finished(places, self._at)  # the server has gone back to the first token by then
            alt = _only(reached) or self._viable(reached)
            if alt:
                return alt
            places = reached
            at += self._names[at] != EOF

    @staticmethod
    def _viable(places: list[_Config]) -> int:
        least = {min(alts) for alts in _subsets(places)}
        return least.pop() if len(least) == 1 else 0

    # places

    def _start(self) -> _Decided:
        precedence = self.precedence if self.operators else 0
        found = self._known.start(self.decision, precedence)
        if found is None:
            places = self._closed_start(_ANYWHERE, full=False)
            if self.operators:
                places = self._tight(places)
            found = self._known.shared(places, self.decision)
            self._known.keep_start(self.decision, precedence, found)
        return found

    def _closed_start(self, stacks: _Stacks, *, full: bool) -> list[_Config]:
        places = _Places(full)
        for number, edge in enumerate(self.states[self.decision].edges):
            closure = _Closure(self, places, ending=False)
            closure.add(_Config(edge.target, number + 1, stacks), collecting=True, depth=0)
        return places.all()

    def _tight(self, places: list[_Config]) -> list[_Config]:
        """Operators that bind tightly enough, and ways out that do not lead to the same place."""
        kept = _Places(full=False)
        same: dict[int, _Stacks] = {}
        for config in places:
            if config.alt == 1 and all(self.precedence <= bind for bind in config.binds):
                same[config.state] = config.stacks
                kept.add(config.at(config.state, binds=frozenset()))
        for config in places:
            if config.alt != 1 and (config.left or same.get(config.state) != config.stacks):
                kept.add(config)
        return kept.all()

    def _reach(self, places: list[_Config], name: str, *, full: bool) -> list[_Config]:
        """The places behind one more token."""
        between = _Places(full)
        ended: list[_Config] = []
        for config in places:
            if self._stops(config):
                if full or name == EOF:
                    ended.append(config)
                continue
            for edge in self.states[config.state].edges:
                if edge.tokens is not None and name in edge.tokens:
                    between.add(config.at(edge.target))
        taken = between.all()
        if not ended and name != EOF and (len(taken) == 1 or _only(taken)):
            return taken
        reached = _Places(full)
        closure = _Closure(self, reached, ending=name == EOF)
        for config in taken:
            closure.add(config, collecting=False, depth=0)
        if name == EOF:
            reached = self._at_ends(reached)
        if ended and (not full or not any(self._stops(config) for config in reached.all())):
            for config in ended:
                reached.add(config)
        return reached.all()

    def _stops(self, config: _Config) -> bool:
        return self.states[config.state].kind is Kind.STOP

    def _at_ends(self, places: _Places) -> _Places:
        kept = _Places(places.full)
        for config in places.all():
            if self._stops(config):
                kept.add(config)
        return kept


class _Closure:
    """Everything that can be come to without a token."""

    def __init__(self, prediction: _Prediction, places: _Places, *, ending: bool) -> None:
        self._states = prediction.states
        self._prediction = prediction
        self._places = places
        self._ending = ending
        self._busy: set[object] = set()

    def add(self, config: _Config, *, collecting: bool, depth: int) -> None:
        """Add a place and all that follow from it; precedences are collected while `depth` is 0."""
        waiting = [(config, collecting, depth)]
        while waiting:
            here, collect, deep = waiting.pop()
            state = self._states[here.state]
            if state.kind is Kind.STOP and here.stacks != _ANYWHERE:
                below = [here.at(top, rest, None) for top, rest in _tops(here.stacks)]
                if () in here.stacks:
                    self._places.add(here.at(here.state, _ANYWHERE))
                waiting += [(config, collect, deep) for config in below]
                continue
            if state.kind is Kind.STOP and self._places.full:
                self._places.add(here)
                continue
            waiting += reversed(self._onward(here, collecting=collect, depth=deep))

    def _onward(self, here: _Config, *, collecting: bool, depth: int) -> list[tuple[_Config, bool, int]]:
        state = self._states[here.state]
        if not state.edges or not all(edge.free for edge in state.edges):
            self._places.add(here)
        found: list[tuple[_Config, bool, int]] = []
        skipped = 1 if self._loops_outside(here) else 0
        for edge in state.edges[skipped:]:
            config = self._over(here, edge, collecting=collecting and depth == 0)
            if config is None:
                continue
            deep = depth
            if state.kind is Kind.STOP:
                self._leave(config, edge)
                if self._known(config):
                    continue
                deep -= 1
            else:
                if not edge.free and self._known(config):
                    continue
                deep += bool(edge.rule) and deep >= 0
            found.append((config, collecting, deep))
        return found

    def _known(self, config: _Config) -> bool:
        key = config.same()
        if key in self._busy:
            return True
        self._busy.add(key)
        return False

    def _leave(self, config: _Config, edge: Edge) -> None:
        prediction = self._prediction
        if prediction.operators and edge.returning == self._states[prediction.decision].rule:
            config.left = True
        config.outside += 1

    def _over(self, here: _Config, edge: Edge, *, collecting: bool) -> _Config | None:
        if edge.tokens is not None:
            return here.at(edge.target) if self._ending and EOF in edge.tokens else None
        if edge.rule:
            return here.at(edge.target, frozenset((edge.follow, *stack) for stack in here.stacks))
        if edge.precedence < 0 or not collecting:
            return here.at(edge.target)
        if not self._places.full:
            return here.at(edge.target, binds=here.binds | {edge.precedence})
        return here.at(edge.target) if self._prediction.precedence <= edge.precedence else None

    def _loops_outside(self, here: _Config) -> bool:
        """Whether a loop over operators is within another of the same rule, which will take what follows."""
        state = self._states[here.state]
        if not state.operators or () in here.stacks:
            return False
        return all(self._states[stack[0]].rule == state.rule for stack in here.stacks)
