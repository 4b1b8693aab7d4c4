"""The worst case of one run of a rule, before there is an object: the estimate that the server's limits are held to.

`estimate` walks the checked tree as the server does; what single functions cost is in `estimate_calls`. Paths
lead from the rule's own node through the schema to the bounds there (`maxItems`, `maxLength`, ...).
"""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiextensions.cel.ast import (
    ACCUMULATOR,
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
from opgen.apiextensions.cel.estimate_calls import Estimate, Operand, call_estimate
from opgen.apiextensions.cel.paths import NOWHERE, Path
from opgen.apiextensions.cel.ranges import (
    MOST,
    NEW_LIST,
    NEW_MAP,
    NEW_STRUCT,
    ONE,
    UNKNOWN,
    ZERO,
    Range,
    fixed,
)
from opgen.apiextensions.cel.schema_types import Declared
from opgen.apiextensions.cel.types import Kind, Type

_SCALARS = {Kind.BOOL, Kind.DOUBLE, Kind.DURATION, Kind.INT, Kind.TIMESTAMP, Kind.UINT}


@dataclass(frozen=True, slots=True)
class _Entries:
    """Sizes of the keys and values that a list or map expression holds."""

    kind: Kind
    key: Range
    value: Range

    def union(self, other: _Entries | None) -> _Entries | None:
        return None if other is None else _Entries(self.kind, self.key | other.key, self.value | other.value)


@dataclass(frozen=True, slots=True)
class _Local:
    path: Path
    size: Range | None
    entries: _Entries | None


def estimate(tree: Expr, root: Declared | None) -> int:
    """The most that one evaluation can cost; `root` is the type of `self`."""
    return _Estimator(root).cost(tree).high


class _Estimator:
    def __init__(self, root: Declared | None) -> None:
        self._root = root
        self._paths: dict[Expr, Path] = {}
        self._sizes: dict[Expr, Range] = {}
        self._entries: dict[Expr, _Entries] = {}
        self._locals: dict[str, list[_Local]] = {}

    def cost(self, node: Expr) -> Range:
        match node:
            case Ident():
                return self._ident(node)
            case Select():
                return self._select(node)
            case Call():
                return self._call(node)
            case ListExpr():
                return self._list(node)
            case MapExpr():
                return self._map(node)
            case StructExpr():
                total = fixed(NEW_STRUCT)
                for part in node.fields:
                    total += self.cost(part.value)
                return total
            case Comprehension():
                return self._bind(node) if _is_bind(node) else self._fold(node)
            case _:
                return ZERO

    # sizes and paths

    def _local(self, name: str) -> _Local | None:
        stack = self._locals.get(name)
        return stack[-1] if stack else None

    def _push(self, name: str, local: _Local) -> None:
        self._locals.setdefault(name, []).append(local)

    def _pop(self, name: str) -> None:
        self._locals[name].pop()

    def _path(self, node: Expr) -> Path:
        if isinstance(node, Ident):
            local = self._local(node.name)
            if local is not None:
                return local.path
        return self._paths.get(node, NOWHERE)

    def _size(self, node: Expr) -> Range | None:
        known = self._sizes.get(node)
        if known is not None:
            return known
        written = _written_size(node)
        if written is not None:
            return written
        bounded = self._bounded(self._path(node).steps)
        if bounded is not None:
            self._sizes[node] = bounded
            return bounded
        if _is_scalar(node.type):
            return ONE
        if isinstance(node, Ident):
            local = self._local(node.name)
            if local is not None:
                return local.size
        return None

    def _size_or_unknown(self, node: Expr) -> Range:
        size = self._size(node)
        return UNKNOWN if size is None else size

    def _bounded(self, path: tuple[str, ...]) -> Range | None:
        """What the schema says of the size at a path; the path's first part is the variable."""
        here = self._root
        if not path or here is None:
            return None
        for step in path[1:]:
            found = here.element if step in ("@items", "@values") else here.key if step == "@keys" else None
            if found is None:
                found = None if step.startswith("@") else here.fields.get(step)
            if found is None:
                return None
            here = found
        return Range(0, here.most)

    def _entry_sizes(self, node: Expr) -> _Entries | None:
        found = self._entries.get(node)
        if found is None and isinstance(node, Ident):
            local = self._local(node.name)
            return None if local is None else local.entries
        return found

    def _operand(self, node: Expr) -> Operand:
        path = self._path(node).steps
        if path and path[0] in (ACCUMULATOR, "__result__"):
            path = ()
        return Operand(node, node.type, self._size(node), path)

    # nodes

    def _ident(self, node: Ident) -> Range:
        local = self._local(node.name)
        self._paths[node] = Path(node.name) if local is None else local.path
        return ONE

    def _select(self, node: Select) -> Range:
        if node.ident is not None:
            self._paths[node] = Path(node.ident.name)
            return ONE
        total = self.cost(node.operand)
        if node.test:
            return total
        if node.operand.type.kind in (Kind.MAP, Kind.STRUCT, Kind.TYPE_PARAM):
            total += ONE
        self._paths[node] = self._path(node.operand).append(node.field)
        return total

    def _list(self, node: ListExpr) -> Range:
        total = fixed(NEW_LIST)
        size = Range(MOST if node.elements else 0, 0)
        for element in node.elements:
            total += self.cost(element)
            size |= self._size_or_unknown(element)
        self._entries[node] = _Entries(Kind.LIST, ONE, size)
        return total

    def _map(self, node: MapExpr) -> Range:
        total = fixed(NEW_MAP)
        keys = values = Range(MOST if node.entries else 0, 0)
        for entry in node.entries:
            total += self.cost(entry.key) + self.cost(entry.value)
            keys |= self._size_or_unknown(entry.key)
            values |= self._size_or_unknown(entry.value)
        self._entries[node] = _Entries(Kind.MAP, keys, values)
        return total

    # calls

    def _call(self, node: Call) -> Range:
        if node.function == "dyn" and node.target is None:
            total = self.cost(node.args[0]) + ONE
            self._copy_sizes(node, node.args[0])
            return total
        costs: list[Range] = []
        operands: list[Operand] = []
        for arg in node.args:
            costs.append(self.cost(arg))
            operands.append(self._operand(arg))
        if not node.overloads:
            return ZERO
        total, target = ZERO, None
        if node.target is not None:
            total += self.cost(node.target)
            target = self._operand(node.target)
        cost = Range(MOST, 0)
        size: Range | None = None
        for overload in node.overloads:
            found = self._overload(node, overload, target, operands, costs)
            cost |= found.cost
            if found.size is not None:
                size = found.size if size is None else size | found.size
            if overload in ("index_list", "index_map") and node.args:
                entries = self._entry_sizes(node.args[0])
                size = None if entries is None else entries.value
                step = "@items" if overload == "index_list" else "@values"
                self._paths[node] = self._path(node.args[0]).append(step)
            if size is None:
                size = self._size(node)
        if size is not None:
            self._sizes[node] = size
        return total + cost

    def _overload(
        self, node: Call, overload: str, target: Operand | None, args: list[Operand], costs: list[Range]
    ) -> Estimate:
        found = call_estimate(node.function, overload, target, args, self._bounded)
        if found is not None:
            return Estimate(found.cost + _sum(costs), found.size)
        match overload:
            case "logical_or" | "logical_and":
                return Estimate(Range(costs[0].low, (costs[0] + costs[1]).high))
            case "conditional":
                return self._conditional(node, args, costs)
            case "add_string" | "add_bytes" | "add_list":
                return self._concatenation(node, overload, args, costs)
        return Estimate(ONE + _sum(costs))

    def _conditional(self, node: Call, args: list[Operand], costs: list[Range]) -> Estimate:
        then, otherwise = self._entry_sizes(args[1].node), self._entry_sizes(args[2].node)
        entries = None if then is None else then.union(otherwise)
        if entries is not None:
            self._entries[node] = entries
        size = args[1].size_or_unknown | args[2].size_or_unknown
        return Estimate(costs[0] + (costs[1] | costs[2]), size)

    def _concatenation(self, node: Call, overload: str, args: list[Operand], costs: list[Range]) -> Estimate:
        size = args[0].size_or_unknown + args[1].size_or_unknown
        left, right = self._entry_sizes(args[0].node), self._entry_sizes(args[1].node)
        entries = None if left is None else left.union(right)
        if entries is not None:
            self._entries[node] = entries
        if overload == "add_list":
            return Estimate(ONE + _sum(costs), size)
        return Estimate(size.times(0.1) + _sum(costs), size)

    def _copy_sizes(self, to: Expr, origin: Expr) -> None:
        size, entries = self._size(origin), self._entry_sizes(origin)
        if size is not None:
            self._sizes[to] = size
        if entries is not None:
            self._entries[to] = entries

    # folds

    def _bind(self, node: Comprehension) -> Range:
        total = self.cost(node.range) + self.cost(node.init)
        self._push(
            node.accumulator,
            _Local(self._path(node.init), self._size(node.init), self._entry_sizes(node.init)),
        )
        total += self.cost(node.result)
        self._pop(node.accumulator)
        self._copy_sizes(node, node.result)
        return total

    def _fold(self, node: Comprehension) -> Range:
        total = self.cost(node.range) + self.cost(node.init)
        self._push(
            node.accumulator,
            _Local(self._path(node.init), self._size(node.init), self._entry_sizes(node.init)),
        )
        self._push_loop_variables(node)
        loop = self.cost(node.condition)
        step = self.cost(node.step)
        self._pop(node.var)
        if node.var2:
            self._pop(node.var2)
        total += self.cost(node.result)
        self._pop(node.accumulator)
        count = self._size_or_unknown(node.range)
        total += count * (step + loop)
        if isinstance(node.init, Literal):
            size = self._size(node.init)
            if size is not None:
                self._sizes[node] = size
        elif isinstance(node.init, ListExpr | MapExpr):
            self._sizes[node] = count
            entries = self._entry_sizes(node.step)
            if entries is not None:
                self._entries[node] = entries
        return total

    def _push_loop_variables(self, node: Comprehension) -> None:
        entries = self._entry_sizes(node.range)
        kind = node.range.type.kind if entries is None else entries.kind
        path = self._path(node.range)
        key = None if entries is None else entries.key
        value = None if entries is None else entries.value
        is_list = kind is Kind.LIST
        if node.var2:
            self._push(node.var, _Local(path.append("@indices" if is_list else "@keys"), key, None))
            self._push(node.var2, _Local(path.append("@items" if is_list else "@values"), value, None))
        elif is_list:
            self._push(node.var, _Local(path.append("@items"), value, None))
        else:
            self._push(node.var, _Local(path.append("@keys"), key, None))


def _is_bind(node: Comprehension) -> bool:
    return (
        isinstance(node.range, ListExpr)
        and not node.range.elements
        and isinstance(node.condition, Literal)
        and node.condition.value is False
    )


def _is_scalar(t: Type) -> bool:
    if t.kind is Kind.OPAQUE and t.name == "optional_type":
        return _is_scalar(t.params[0])
    return t.kind in _SCALARS


def _written_size(node: Expr) -> Range | None:
    match node:
        case Literal():
            return fixed(len(node.value)) if isinstance(node.value, str | bytes) else ONE
        case ListExpr():
            return fixed(len(node.elements))
        case MapExpr():
            return fixed(len(node.entries))
    return None


def _sum(costs: list[Range]) -> Range:
    total = ZERO
    for cost in costs:
        total += cost
    return total
