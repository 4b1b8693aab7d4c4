"""Type checking: every node gets its type, every call the overloads that may apply; errors go to the source.

Inference follows CEL's own rules, dyn and null included (`unify`). What passes here may still be refused by
`validators`.
"""

from __future__ import annotations

from opgen.apiextensions.cel import types
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
    StructField,
    children,
    qualified_name,
)
from opgen.apiextensions.cel.declarations import Overload
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.types import Kind, Type, is_dyn, is_dyn_or_error, unwrap_optional
from opgen.apiextensions.cel.unify import Bindings, instantiate, most_general
from opgen.apiextensions.cel.values import UInt, Unsupported

_SCALARS = {
    "bool", "bytes", "double", "duration", "date", "int", "null_type", "string", "timestamp", "uint", "list", "map",
}  # fmt: skip
_LITERALS: dict[type, Type] = {
    type(None): types.NULL,
    bool: types.BOOL,
    int: types.INT,
    UInt: types.UINT,
    float: types.DOUBLE,
    str: types.STRING,
    bytes: types.BYTES,
}


def check(source: Source, tree: Expr, environment: Environment) -> None:
    """Annotate `tree` with types and overloads."""
    checker = _Checker(source, environment)
    checker.visit(tree)
    checker.settle(tree)


class _Checker:
    def __init__(self, source: Source, environment: Environment) -> None:
        self._source = source
        self._environment = environment
        self._bindings = Bindings()
        self._scopes: list[dict[str, Type]] = []
        self._fresh = 0

    def visit(self, node: Expr) -> None:
        match node:
            case Literal():
                node.type = _LITERALS[type(node.value)]
            case Ident():
                self._ident(node)
            case Select():
                self._select(node)
            case Call():
                self._call(node)
            case ListExpr():
                self._list(node)
            case MapExpr():
                self._map(node)
            case StructExpr():
                self._struct(node)
            case Comprehension():
                self._comprehension(node)
            case Bad():
                node.type = types.ERROR

    def settle(self, node: Expr) -> None:
        """Replace type variables by what they came to, or by dyn."""
        waiting = [node]
        while waiting:
            here = waiting.pop()
            here.type = self._bindings.substitute(here.type, free_to_dyn=True)
            if isinstance(here, Select) and here.ident is not None:
                here.ident.type = here.type
            else:
                waiting.extend(children(here))

    # names

    def _lookup(self, name: str) -> tuple[str, Type, str] | None:
        name = name.removeprefix(".")  # a loop's variables are found all the same
        for scope in reversed(self._scopes):
            if name in scope:
                return name, scope[name], ""
        return self._environment.ident(name)

    def _undeclared(self, offset: int, name: str) -> None:
        self._source.report(offset, f"undeclared reference to '{name}' (in container '')")

    def _ident(self, node: Ident) -> None:
        found = self._lookup(node.name)
        if found is None:
            node.type = types.ERROR
            self._undeclared(node.offset, node.name)
            return
        node.name, node.type, node.type_name = found

    def _select(self, node: Select) -> None:
        name = qualified_name(node)
        found = None if name is None else self._lookup(name)
        if found is not None:
            node.ident = Ident(node.offset, found[0], found[1], found[2])
            node.type = found[1]
            return
        field_type = self._field(node.offset, node.operand, node.field, optional=False)
        node.type = types.BOOL if node.test else self._bindings.substitute(field_type, free_to_dyn=False)

    def _field(self, offset: int, operand: Expr, name: str, *, optional: bool) -> Type:
        self.visit(operand)
        target, was_optional = unwrap_optional(self._bindings.substitute(operand.type, free_to_dyn=False))
        result = types.ERROR
        match target.kind:
            case Kind.MAP:
                result = target.params[1]
            case Kind.STRUCT:
                result = self._struct_field(offset, target.name, name)
            case Kind.TYPE_PARAM:
                self._bindings.assignable([types.DYN], [target])
                result = types.DYN
            case _:
                if not is_dyn_or_error(target):
                    self._source.report(offset, f"type '{target}' does not support field selection")
                result = types.DYN
        return types.optional_of(result) if was_optional or optional else result

    def _struct_field(self, offset: int, struct: str, name: str) -> Type:
        if not self._environment.has_struct(struct) and struct not in _SCALARS:
            self._source.report(offset, f"unexpected failed resolution of '{struct}'")
            return types.ERROR
        found = self._environment.field(struct, name)
        if found is None:
            self._source.report(offset, f"undefined field '{name}'")
            return types.ERROR
        return found

    # calls

    def _call(self, node: Call) -> None:
        if node.function == "_?._":
            self._optional_select(node)
            return
        for arg in node.args:
            self.visit(arg)
        known = self._environment.overloads
        if node.target is not None:
            prefix = qualified_name(node.target)
            name = "" if prefix is None else f"{prefix}.{node.function}".removeprefix(".")
            if name and known(name) is not None:
                node.function, node.target = name, None
            else:
                self.visit(node.target)
        overloads = known(node.function.removeprefix(".") if node.target is None else node.function)
        if overloads is None:
            self._undeclared(node.offset, node.function)
            node.type = types.ERROR
            return
        node.function = node.function.removeprefix(".")
        self._resolve(node, overloads)

    def _optional_select(self, node: Call) -> None:
        field = node.args[1]
        if not isinstance(field, Literal) or not isinstance(field.value, str):
            self._source.report(field.offset, "unsupported optional field selection: ")
            return
        found = self._field(node.offset, node.args[0], field.value, optional=True)
        field.type = types.STRING
        node.type = self._bindings.substitute(found, free_to_dyn=False)
        node.overloads = ("select_optional_field",)

    def _resolve(self, node: Call, overloads: tuple[Overload, ...]) -> None:
        args = [*([] if node.target is None else [node.target]), *node.args]
        given = [arg.type for arg in args]
        if node.function in ("_&&_", "_||_") and node.target is None:
            self._logical(node, args, given, overloads[0])
            return
        matched: list[str] = []
        result: Type | None = None
        for overload in overloads:
            if overload.method != (node.target is not None):
                continue
            fresh = {name: self._variable() for name in overload.parameters}
            wanted = [instantiate(arg, fresh) for arg in overload.args] if fresh else overload.args
            if not self._bindings.assignable(given, wanted):
                continue
            matched.append(overload.id)
            returned = self._bindings.substitute(instantiate(overload.result, fresh), free_to_dyn=False)
            if result is None:
                result = returned
            elif not is_dyn(result) and returned != result:
                result = types.DYN
        node.overloads = tuple(matched)
        if result is None:
            node.type = types.ERROR
            self._no_overload(node, given)
        else:
            node.type = result

    def _logical(self, node: Call, args: list[Expr], given: list[Type], overload: Overload) -> None:
        node.type = types.BOOL
        node.overloads = (overload.id,)
        for arg, found in zip(args, given, strict=True):
            if not self._bindings.assignable([found], [types.BOOL]):
                self._mismatch(arg.offset, types.BOOL, found)
                node.type = types.ERROR

    def _no_overload(self, node: Call, given: list[Type]) -> None:
        shown = [str(self._bindings.substitute(t, free_to_dyn=True)) for t in given]
        receiver = f"{shown.pop(0)}." if node.target is not None else ""
        self._source.report(
            node.offset,
            f"found no matching overload for '{node.function}' applied to '{receiver}({', '.join(shown)})'",
        )

    def _mismatch(self, offset: int, expected: Type, found: Type) -> None:
        self._source.report(offset, f"expected type '{expected}' but found '{found}'")

    def _variable(self) -> Type:
        self._fresh += 1
        return types.param(f"_var{self._fresh - 1}")

    # literals

    def _optional_type(self, node: Expr) -> Type:
        found, optional = unwrap_optional(node.type)
        if not optional and not is_dyn(found):
            self._mismatch(node.offset, types.optional_of(found), found)
        return found

    def _join(self, before: Type | None, current: Type) -> Type:
        """The type of both; `validators` refuses most literals of mixed types."""
        if before is None:
            return current
        if self._bindings.assignable([before], [current]):
            return most_general(before, current)
        return types.DYN

    def _list(self, node: ListExpr) -> None:
        element: Type | None = None
        for index, item in enumerate(node.elements):
            self.visit(item)
            found = self._optional_type(item) if index in node.optionals else item.type
            element = self._join(element, found)
        node.type = types.list_of(self._variable() if element is None else element)

    def _map(self, node: MapExpr) -> None:
        key: Type | None = None
        value: Type | None = None
        for entry in node.entries:
            self.visit(entry.key)
            key = self._join(key, entry.key.type)
            self.visit(entry.value)
            found = self._optional_type(entry.value) if entry.optional else entry.value.type
            value = self._join(value, found)
        if key is None or value is None:
            key, value = self._variable(), self._variable()
        node.type = types.map_of(key, value)

    def _struct(self, node: StructExpr) -> None:
        found = self._lookup(node.name)
        node.type = types.ERROR
        if found is None:
            self._undeclared(node.offset, node.name)
            return
        name, kind = found[0], found[1]
        if kind.kind is not Kind.TYPE:
            self._source.report(node.offset, f"'{kind.name}' is not a type")
        elif kind.params and kind.params[0] in (types.DURATION, types.TIMESTAMP):
            raise Unsupported(f"a literal of the protocol buffer type {name}")
        else:
            described = kind.params[0] if kind.params else kind
            if described.kind is Kind.STRUCT:
                name, node.type = described.name, described
            else:
                self._source.report(node.offset, f"'{described.name}' is not a message type")
        for part in node.fields:
            self._message_field(part, name)

    def _message_field(self, part: StructField, message: str) -> None:
        self.visit(part.value)
        wanted = self._struct_field(part.offset, message, part.name)
        given = self._optional_type(part.value) if part.optional else part.value.type
        if not self._bindings.assignable([wanted], [given]):
            self._source.report(
                part.offset,
                f"expected type of field '{part.name}' is '{wanted}' but provided type is '{given}'",
            )

    # folds

    def _comprehension(self, node: Comprehension) -> None:
        self.visit(node.range)
        self.visit(node.init)
        ranged = self._bindings.substitute(node.range.type, free_to_dyn=False)
        accumulated = node.init.type
        self._scopes.append({node.accumulator: accumulated})
        first, second = self._loop_types(node, ranged)
        self._scopes.append({node.var: first} | ({node.var2: second} if node.var2 else {}))
        self.visit(node.condition)
        self._require(node.condition, types.BOOL)
        self.visit(node.step)
        self._require(node.step, accumulated)
        self._scopes.pop()
        self.visit(node.result)
        self._scopes.pop()
        node.type = self._bindings.substitute(node.result.type, free_to_dyn=False)

    def _loop_types(self, node: Comprehension, ranged: Type) -> tuple[Type, Type]:
        match ranged.kind:
            case Kind.LIST:
                element = ranged.params[0]
                return (types.INT, element) if node.var2 else (element, element)
            case Kind.MAP:
                return ranged.params[0], ranged.params[1]
            case Kind.DYN | Kind.ERROR | Kind.TYPE_PARAM:
                self._bindings.assignable([types.DYN], [ranged])
                return types.DYN, types.DYN
            case _:
                self._source.report(
                    node.range.offset,
                    f"expression of type '{ranged}' cannot be range of a comprehension "
                    "(must be list, map, or dynamic)",
                )
                return types.ERROR, types.ERROR

    def _require(self, node: Expr, wanted: Type) -> None:
        if not self._bindings.assignable([wanted], [node.type]):
            self._mismatch(node.offset, wanted, node.type)
