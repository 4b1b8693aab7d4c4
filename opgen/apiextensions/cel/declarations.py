"""Which functions there are and what they take: `signatures.txt`, read once.

The table is the server's environment; `checker` resolves calls against it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.types import Kind, Type

_SIGNATURE = re.compile(r"  (\.?)\((.*?)\) -> (\S.*?)  (\S+)$")
_NAME = re.compile(r"[\w.]+")


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature. `parameters` are the names of its type parameters; a method's receiver is `args[0]`."""

    id: str
    args: tuple[Type, ...]
    result: Type
    method: bool
    parameters: tuple[str, ...]


@cache
def functions() -> Mapping[str, tuple[Overload, ...]]:
    """All functions by name, operators included."""
    text = (files(__package__) / "signatures.txt").read_text(encoding="utf-8")
    found: dict[str, list[Overload]] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = _SIGNATURE.match(line)
        if match is None:
            name = line
            found[name] = []
        else:
            dot, args, result, overload_id = match.groups()
            found[name].append(_overload(overload_id, args, result, method=bool(dot)))
    return {name: tuple(overloads) for name, overloads in found.items()}


def _overload(overload_id: str, args: str, result: str, *, method: bool) -> Overload:
    arg_types = tuple(read_type(arg) for arg in args.split("; ") if arg)
    result_type = read_type(result)
    named: dict[str, None] = {}
    for t in (*arg_types, result_type):
        _collect(t, named)
    return Overload(overload_id, arg_types, result_type, method, tuple(named))


def _collect(t: Type, named: dict[str, None]) -> None:
    if t.kind is Kind.TYPE_PARAM:
        named[t.name] = None
    for inner in t.params:
        _collect(inner, named)


def read_type(text: str) -> Type:
    """A type from its printed form: `map(string, list(A))`."""
    found, rest = _read(text)
    if rest:
        raise ValueError(f"not a type: {text}")
    return found


def _read(text: str) -> tuple[Type, str]:
    match = _NAME.match(text)
    name = match.group() if match else ""
    rest = text[len(name) :]
    if not rest.startswith("("):
        return (types.param(name) if len(name) == 1 else types.NAMED[name]), rest
    params: list[Type] = []
    rest = rest[1:]
    while True:
        inner, rest = _read(rest)
        params.append(inner)
        if rest.startswith(", "):
            rest = rest[2:]
        else:
            rest = rest[1:]
            break
    match name:
        case "list":
            return types.list_of(params[0]), rest
        case "map":
            return types.map_of(params[0], params[1]), rest
        case "type":
            return types.type_of(params[0]), rest
        case _:
            return types.optional_of(params[0]), rest
