"""The project's modules as syntax trees, and what a name in one of them stands for.

Only what can be told for certain is told: literals, names imported or assigned once at the top of a module.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeAlias

from opgen.errors import Diagnostic, error

Constant: TypeAlias = str | int | float | bool | tuple["Constant", ...] | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that can't be told without running the code; `line` is where."""

    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file. `imports` maps a local name to the dotted name that it stands for."""

    path: str
    name: str
    tree: ast.Module
    imports: Mapping[str, str]
    constants: Mapping[str, ast.expr]
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)

    def dotted(self, node: ast.expr) -> str:
        """The full name of a Name or Attribute, "" for anything else: Controller -> opgen_runtime.Controller."""
        match node:
            case ast.Name(id=name):
                return self.imports.get(name, f"{self.name}.{name}")
            case ast.Attribute(value=value, attr=attr):
                base = self.dotted(value)
                return f"{base}.{attr}" if base else ""
            case ast.Subscript(value=value):
                return self.dotted(value)
            case _:
                return ""


@dataclass(frozen=True, slots=True)
class Sources:
    """All modules of a project by name, and the files that could not be parsed."""

    modules: Mapping[str, Module]
    diagnostics: tuple[Diagnostic, ...] = ()

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> Sources:
        """From paths below the project (`src/widgets/controller/x.py`) to their text."""
        modules: dict[str, Module] = {}
        problems: list[Diagnostic] = []
        for path, text in sorted(files.items()):
            try:
                tree = ast.parse(text.removeprefix("\ufeff"), path)
            except (SyntaxError, ValueError, RecursionError) as problem:
                line = getattr(problem, "lineno", 0) or 0
                message = getattr(problem, "msg", str(problem))
                problems.append(error(f"is not valid Python: {message}", file=path, line=line))
                continue
            module = _module(path, tree)
            modules[module.name] = module
        return cls(modules, tuple(problems))

    def definition(self, module: Module, node: ast.expr) -> tuple[Module, ast.ClassDef] | None:
        """The class of this project that an expression names."""
        owner, _, name = module.dotted(node).rpartition(".")
        home = self.modules.get(owner)
        if home is None:
            return None
        if name in home.classes:
            return home, home.classes[name]
        if name in home.imports:
            return self.definition(home, ast.Name(name))
        return None

    def origin(self, module: Module, node: ast.expr) -> tuple[str, str]:
        """Module and name of what an expression names, through re-exports inside the project."""
        seen: set[str] = set()
        dotted = module.dotted(node)
        while dotted and dotted not in seen:
            seen.add(dotted)
            owner, _, name = dotted.rpartition(".")
            home = self.modules.get(owner)
            if home is None or name in home.classes or name not in home.imports:
                return owner, name
            dotted = home.imports[name]
        return "", ""

    def constant(self, module: Module, node: ast.expr, depth: int = 0) -> Constant | Unknown:
        """The value of a literal, or of a name that is bound to one at the top of a module of the project."""
        match node:
            case ast.Constant(value=value) if isinstance(value, (str, int, float, bool)) or value is None:
                return value
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                values = [self.constant(module, item, depth + 1) for item in items]
                unknown = next((value for value in values if isinstance(value, Unknown)), None)
                return unknown or tuple(value for value in values if not isinstance(value, Unknown))
            case ast.Name() | ast.Attribute() if depth < 20:
                owner, _, name = module.dotted(node).rpartition(".")
                home = self.modules.get(owner)
                if home is None:
                    return Unknown(node.lineno)
                if name in home.constants:
                    return self.constant(home, home.constants[name], depth + 1)
                if name in home.imports and home is not module:
                    return self.constant(home, ast.Name(name, lineno=node.lineno), depth + 1)
                return Unknown(node.lineno)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self.constant(module, operand, depth + 1)
                return -number if isinstance(number, (int, float)) else Unknown(node.lineno)
            case _:
                return Unknown(node.lineno)


def _module(path: str, tree: ast.Module) -> Module:
    name, package = _module_name(path)
    imports: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                imports[local] = alias.name if alias.asname else local
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            for alias in node.names:
                imports[alias.asname or alias.name] = f"{base}.{alias.name}"
    constants: dict[str, ast.expr] = {}
    bound = _bindings(tree)
    classes: dict[str, ast.ClassDef] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                constants[target] = value
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
                constants[target] = value
            case ast.ClassDef(name=target):
                classes[target] = statement
    return Module(path, name, tree, imports, {k: v for k, v in constants.items() if bound[k] == 1}, classes)


def _bindings(tree: ast.Module) -> Counter[str]:
    """How often each name is bound at the top of a module, in branches, loops and `+=` too, or made global."""
    found: Counter[str] = Counter()
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found[node.id] += 1
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                inner = (part for part in ast.walk(node) if isinstance(part, ast.Global))
                found.update(name for part in inner for name in part.names)
            else:
                waiting.append(node)
    return found


def _module_name(path: str) -> tuple[str, str]:
    """The dotted name of a file under src/, and the package it lies in."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[:1] == ["src"]:
        parts = parts[1:]
    if parts[-1:] == ["__init__"]:
        return ".".join(parts[:-1]), ".".join(parts[:-1])
    return ".".join(parts), ".".join(parts[:-1])


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The module that a `from` names, relative ones resolved."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])
