"""Checked trees to programs: every node becomes a Python function over a frame, constants are folded.

A frame is a list: the cost so far, `self`, `oldSelf`, then a place for each variable of a comprehension. Cost is
counted where the server counts it (`attributes` for names and selections, `runtime_cost` for calls), so that budgets
end where the server's do.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.cel import calls, convert, dynamic, folds
from opgen.apiextensions.cel.ast import (
    Bad,
    Call,
    Comprehension,
    Expr,
    Ident,
    ListExpr,
    Literal,
    MapExpr,
    Select,
    StructExpr,
)
from opgen.apiextensions.cel.attributes import (
    Attribute,
    Code,
    Conditional,
    Constant,
    Frame,
    Planned,
    Rooted,
    Run,
    Tested,
    Wrapped,
    constant_qualifier,
    indirect_qualifier,
)
from opgen.apiextensions.cel.convert import CONVERSIONS
from opgen.apiextensions.cel.ranges import NEW_LIST, NEW_MAP
from opgen.apiextensions.cel.types import Kind
from opgen.apiextensions.cel.values import (
    MOST_WEIGHT,
    Broken,
    CelError,
    CostExceeded,
    ListValue,
    MapValue,
    OptionalValue,
    TypeValue,
    Unsupported,
    Value,
    map_key,
    type_name,
    weigh,
)

CALL_LIMIT = 1_000_000
_FOLDED = {*CONVERSIONS, "dyn", "type"}


class Program:
    """A rule ready to run. `places` is the length of its frame."""

    __slots__ = ("_places", "_run")

    def __init__(self, run: Run, places: int) -> None:
        self._run = run
        self._places = places

    def evaluate(self, *variables: Value) -> tuple[Value | CelError, int]:
        """The result (an error as a value) and what it cost; `CostExceeded` if more than one call may."""
        frame: Frame = [0, *variables, *([None] * (self._places - 1 - len(variables)))]
        result: Value | CelError
        try:
            result = self._run(frame)
        except CelError as error:
            result = error
        except Broken as broken:
            result = CelError(f"internal error: {broken}")
        except CostExceeded as exceeded:
            exceeded.cost = frame[0]
            raise
        if frame[0] > CALL_LIMIT:
            raise CostExceeded(frame[0])
        return result, frame[0]


def plan(tree: Expr, variables: tuple[str, ...] = ("self", "oldSelf")) -> Program:
    """The program of a checked tree; raises CelError where the server refuses to make one."""
    planner = _Planner(variables)
    run = planner.node(tree).run()
    return Program(run, planner.places)


class _Planner:
    def __init__(self, variables: tuple[str, ...]) -> None:
        self._scopes: list[dict[str, int]] = [{name: index + 1 for index, name in enumerate(variables)}]
        self.places = len(variables) + 1

    def _place(self) -> int:
        self.places += 1
        return self.places - 1

    def node(self, node: Expr) -> Planned:
        match node:
            case Literal():
                return Constant(node.value)
            case Ident():
                return self._ident(node)
            case Select():
                return self._ident(node.ident) if node.ident is not None else self._select(node)
            case Call():
                return self._call(node)
            case ListExpr():
                return self._list(node)
            case MapExpr():
                return self._map(node)
            case Comprehension():
                return self._fold(node)
            case StructExpr():
                return self._message(node)
            case Bad():
                raise Unsupported("the expression did not parse")

    def _ident(self, node: Ident) -> Planned:
        for scope in reversed(self._scopes):
            if node.name in scope:
                return Rooted(scope[node.name])
        if node.type_name:
            return Constant(TypeValue(node.type_name))
        if node.type.kind is Kind.TYPE:
            raise CelError(f"reference to undefined type: {node.name}")
        raise Unsupported(f"no value for '{node.name}'")

    def _attribute(self, node: Planned) -> Attribute:
        return node if isinstance(node, Attribute) else Wrapped(node.run())

    def _select(self, node: Select) -> Planned:
        attribute = self._attribute(self.node(node.operand))
        attribute.add(constant_qualifier(node.field, optional=False, test=node.test))
        return Tested(attribute) if node.test else attribute

    # calls

    def _call(self, node: Call) -> Planned:
        args = [self.node(arg) for arg in ([] if node.target is None else [node.target]) + node.args]
        match node.function:
            case "_&&_" | "_||_" if node.target is None:
                return Code(calls.logical(args[0].run(), args[1].run(), ends=node.function == "_||_"))
            case "_?_:_":
                return Conditional(args[0].run(), self._attribute(args[1]), self._attribute(args[2]))
            case "_[_]":
                return self._index(args, optional=False)
            case "_[?_]" | "_?._":
                return self._index(args, optional=True)
            case "or" | "orValue" if len(args) == 2:
                return Code(calls.optional_or(args[0].run(), args[1].run(), whole=node.function == "or"))
        overload = node.overloads[0] if len(node.overloads) == 1 else ""
        if overload == "in_list" and isinstance(args[1], Constant):
            member = calls.membership(args[0], args[1].value)
            if member is not None:
                return member
        found = calls.implementation(node, overload)
        if node.function in _FOLDED and len(args) == 1 and isinstance(args[0], Constant):
            return Constant(found(args[0].value))
        pattern = args[1] if len(args) > 1 else None
        if node.function in calls.PATTERNED and isinstance(pattern, Constant) and type(pattern.value) is str:
            calls.compiled(pattern.value)
            found = calls.with_known_pattern(node.function)
            return Code(calls.call(node.function, overload, found, [arg.run() for arg in args], eager=False))
        eager = (
            len(node.overloads) == 1 and overload != "string_format"
        ) or node.function in calls.SINGLETONS
        return Code(calls.call(node.function, overload, found, [arg.run() for arg in args], eager=eager))

    def _index(self, args: list[Planned], *, optional: bool) -> Planned:
        operand, index = args
        attribute = self._attribute(operand)
        if isinstance(index, Constant):
            attribute.add(constant_qualifier(index.value, optional=optional, test=False))
        elif isinstance(index, Attribute):
            attribute.add(indirect_qualifier(index.resolve(), optional=optional))
        else:
            attribute.add(indirect_qualifier(index.run(), optional=optional))
        return attribute

    # literals

    def _list(self, node: ListExpr) -> Planned:
        parts = [self.node(element) for element in node.elements]
        if all(isinstance(part, Constant) for part in parts) and not node.optionals:
            return Constant(ListValue([part.value for part in parts if isinstance(part, Constant)]))
        runs = [(part.run(), index in node.optionals) for index, part in enumerate(parts)]
        return Code(_list_maker(runs) if node.optionals else _plain_list_maker([run for run, _ in runs]))

    def _map(self, node: MapExpr) -> Planned:
        parts = [(self.node(e.key), self.node(e.value), e.optional) for e in node.entries]
        runs = [(key.run(), value.run(), optional) for key, value, optional in parts]
        make = _map_maker(runs)
        if all(isinstance(k, Constant) and isinstance(v, Constant) and not o for k, v, o in parts):
            try:
                return Constant(make([0]))
            except Broken:  # where the server's planner panics, and answers nothing at all
                return Code(make)
        return Code(make)

    def _message(self, node: StructExpr) -> Planned:
        if not dynamic.is_message(node.type.name):
            raise Unsupported(f"a message of the type {node.type}")
        runs = [(part.name, self.node(part.value).run(), part.optional) for part in node.fields]
        return Code(dynamic.maker(node.type.name, runs))

    # folds

    def _fold(self, node: Comprehension) -> Planned:
        ranged = self.node(node.range)
        init = self.node(node.init)
        accumulator = self._place()
        self._scopes.append({node.accumulator: accumulator})
        first = self._place()
        second = self._place() if node.var2 else 0
        self._scopes.append({node.var: first} | ({node.var2: second} if node.var2 else {}))
        condition = self.node(node.condition)
        quantifier = self._quantified(node)
        step = self.node(node.step) if quantifier is None else quantifier
        self._scopes.pop()
        result = self.node(node.result)
        self._scopes.pop()
        never = isinstance(condition, Constant) and condition.value is False
        if never and isinstance(ranged, Constant) and len(ranged.value) == 0:
            return Code(folds.bind(accumulator, init.run(), result.run()))
        if quantifier is not None:
            ends = isinstance(init, Constant) and init.value is False
            return Code(folds.quantify(ranged.run(), (first, second), quantifier.run(), ends=ends))
        loop = folds.Loop(accumulator, first, second, init, condition, step.run(), result.run())
        return Code(folds.fold(ranged.run(), loop))

    def _quantified(self, node: Comprehension) -> Planned | None:
        """The predicate, if the comprehension is what `all` or `exists` expands into."""
        step = node.step
        if not isinstance(step, Call) or step.function not in ("_&&_", "_||_"):
            return None
        first = step.args[0]
        if not isinstance(first, Ident) or first.name != node.accumulator or node.accumulator != "@result":
            return None
        return self.node(step.args[1])


def _plain_list_maker(runs: list[Run]) -> Run:
    def make(frame: Frame) -> Value:
        items = [run(frame) for run in runs]
        return ListValue(items, _weight(items))

    return _costing(make, NEW_LIST)


def _costing(make: Run, cost: int) -> Run:
    """A literal costs the same whether or not its parts fail."""

    def run(frame: Frame) -> Value:
        try:
            made = make(frame)
        except CelError:
            frame[0] += cost
            raise
        frame[0] += cost
        return made

    return run


def _weight(items: list[Value]) -> int:
    weight = sum(map(weigh, items))
    if weight > MOST_WEIGHT:
        raise Unsupported("a list grows too large to be built here")
    return weight


def _list_maker(runs: list[tuple[Run, bool]]) -> Run:
    def make(frame: Frame) -> Value:
        items: list[Value] = []
        for run, optional in runs:
            value = run(frame)
            if optional:
                if type(value) is not OptionalValue:
                    raise convert.not_optional("list element", value)
                if not value.present:
                    continue
                value = value.value
            items.append(value)
        return ListValue(items, _weight(items))

    return _costing(make, NEW_LIST)


def _map_maker(
    runs: list[tuple[Run, Run, bool]],
) -> Run:
    def make(frame: Frame) -> Value:
        entries: dict[Any, tuple[Value, Value]] = {}
        for key_run, value_run, optional in runs:
            key = key_run(frame)
            value = value_run(frame)
            name = _hashable(key)
            if optional:
                if type(value) is not OptionalValue:
                    raise convert.not_optional(f"entry '{convert.printed(key)}'", value)
                if not value.present:
                    entries.pop(name, None)
                    continue
                value = value.value
            entries[name] = (key, value)
        return MapValue(entries, _weight([value for _, value in entries.values()]))

    return _costing(make, NEW_MAP)


def _hashable(key: Value) -> Any:
    try:
        name = map_key(key)
        hash(name)
    except TypeError:
        raise Unsupported(f"a map key of type {type_name(key)}") from None
    return name
