"""Derives RBAC from the code: Controller, For, Owns and Watches imply rules, `@rbac` declares the rest.

What can't be told without running the code is an error with its line, unless an `@rbac` around it (or one
for the whole module) says what is needed there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from opgen.errors import Diagnostic, error
from opgen.ir.layout import KindRef
from opgen.ir.rbac import Rule
from opgen.source.modules import Constant, Module, Sources, Unknown

Resolve: TypeAlias = Callable[[str, str], KindRef | None]
"""From the module and name of a class to its kind; None for anything that is no kind."""

_READ = ("get", "list", "watch")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_ROLE_NAME = re.compile(r"(?!\.{1,2}$)[^/%\s\x00-\x1f]{1,253}")
_RBAC_ARGUMENTS = ("verbs", "groups", "resources", "resource_names", "urls", "namespace", "role_name")


@dataclass(frozen=True, slots=True)
class Needs:
    """What the code must be allowed to do, the controllers' names, and what could not be read.

    `cluster_scoped` holds the (group, resource) pairs that lie in no namespace.
    """

    rules: tuple[Rule, ...]
    controllers: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    cluster_scoped: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class _Reading:
    sources: Sources
    resolve: Resolve
    rules: list[Rule] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    wide: set[tuple[str, str]] = field(default_factory=set)


def read(sources: Sources, resolve: Resolve) -> Needs:
    """The needs of all modules together."""
    reading = _Reading(sources, resolve)
    reading.problems.extend(sources.diagnostics)
    for module in sources.modules.values():
        _read_module(reading, module)
    if reading.names:
        reading.rules.append(Rule(("events.k8s.io",), ("events",), ("create", "patch")))
    return Needs(tuple(reading.rules), tuple(reading.names), tuple(reading.problems), frozenset(reading.wide))


def _runtime_name(module: Module, node: ast.expr) -> str:
    """The last part of a name of opgen_runtime's: Controller, For, rbac; "" for others."""
    dotted = module.dotted(node)
    return dotted.rpartition(".")[2] if dotted.startswith("opgen_runtime.") else ""


def _calls(
    tree: ast.AST, declared: bool = False, module: Module | None = None
) -> Iterator[tuple[ast.Call, bool]]:
    """Every call, with whether an @rbac stands around it."""
    for child in ast.iter_child_nodes(tree):
        inside = declared
        if module and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inside = declared or any(_is_rbac(module, node) for node in child.decorator_list)
        if isinstance(child, ast.Call):
            yield child, inside
        yield from _calls(child, inside, module)


def _is_rbac(module: Module, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _runtime_name(module, node.func) == "rbac"


def _read_module(reading: _Reading, module: Module) -> None:
    declared = any(
        isinstance(statement, ast.Expr) and _is_rbac(module, statement.value)
        for statement in module.tree.body
    )
    for call, inside in _calls(module.tree, declared, module):
        match _runtime_name(module, call.func):
            case "Controller":
                _controller(reading, module, call, inside)
            case "rbac":
                _declaration(reading, module, call)
    if not declared:
        reading.problems.extend(_astray(module))


def _astray(module: Module) -> Iterator[Diagnostic]:
    """Where Controller goes under another name, as a base class or into a call: what is made there is not seen."""
    for tree in _undeclared(module, module.tree):
        for node in _handed_on(tree):
            if _runtime_name(module, node) == "Controller":
                yield error(
                    "Controller is not called here but handed on, and what is made of it can't be read without "
                    "running the code",
                    file=module.path,
                    line=node.lineno,
                    hint="write Controller(...) out, or put @rbac(groups=..., resources=..., verbs=...) on the "
                    "function or class around it",
                )


def _undeclared(module: Module, tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes that no @rbac stands around."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and any(
            _is_rbac(module, node) for node in child.decorator_list
        ):
            continue
        yield child
        yield from _undeclared(module, child)


def _handed_on(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions under which a class gets another name."""
    match node:
        case ast.Assign(value=value) | ast.NamedExpr(value=value):
            yield value
        case ast.AnnAssign(value=ast.expr() as value):
            yield value
        case ast.ClassDef(bases=bases):
            yield from bases
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass" | "cast")):
            return
        case ast.Call(args=arguments, keywords=keywords):
            yield from arguments
            yield from (keyword.value for keyword in keywords)


def _controller(reading: _Reading, module: Module, call: ast.Call, declared: bool) -> None:
    keywords = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    name_node = call.args[0] if call.args else keywords.get("name")
    name = reading.sources.constant(module, name_node) if name_node else None
    if isinstance(name, str):
        place = f"{module.path}:{call.lineno}"
        if name in reading.names:
            reading.problems.append(
                error(
                    f'the controller name "{name}" is used in {reading.names[name]} already',
                    file=module.path,
                    line=call.lineno,
                    hint="give each controller a name of its own: it owns the fields that it applies",
                )
            )
        reading.names.setdefault(name, place)
    else:
        reading.problems.append(
            error(
                "the controller's name is not a literal string",
                file=module.path,
                line=call.lineno,
                hint="the name owns the fields that the controller applies, so write it out",
            )
        )
    reconciler = call.args[1] if len(call.args) > 1 else keywords.get("reconciler")
    finalizes, applies = _traits(reading.sources, module, reconciler)
    sources = [
        *call.args[2:],
        *(value for key, value in keywords.items() if key not in ("options", "reconciler")),
    ]
    parts = [part for source in sources for part in _parts(source)]
    owns = any(isinstance(part, ast.Call) and _runtime_name(module, part.func) == "Owns" for part in parts)
    for node in parts:
        if isinstance(node, ast.Call):
            role = _runtime_name(module, node.func)
            if role in ("For", "Owns", "Watches"):
                kind = _kind(reading, module, node, role, declared)
                if kind is not None:
                    reading.rules.extend(
                        _implied(role, kind, finalizes=finalizes, applies=applies, owns=owns)
                    )
                    if not kind.namespaced:
                        reading.wide.add((kind.gvk.group, kind.plural))
                continue
        if not declared:
            reading.problems.append(_unreadable(module, node, "an argument of Controller"))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                yield from _parts(item)
        case ast.Starred(value=value):
            yield from _parts(value)
        case ast.Constant():
            return
        case _:
            yield node


def _kind(reading: _Reading, module: Module, call: ast.Call, role: str, declared: bool) -> KindRef | None:
    node = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "kind"), None)
    kind = reading.resolve(*reading.sources.origin(module, node)) if node is not None else None
    if kind is None and not declared:
        reading.problems.append(_unreadable(module, call, f"the kind in {role}(...)"))
    return kind


def _unreadable(module: Module, node: ast.expr, what: str) -> Diagnostic:
    return error(
        f"{what} can't be read without running the code",
        file=module.path,
        line=node.lineno,
        hint="name an imported kind, or put @rbac(groups=..., resources=..., verbs=...) on the function around it",
    )


def _implied(role: str, kind: KindRef, *, finalizes: bool, applies: bool, owns: bool) -> list[Rule]:
    group, plural = (kind.gvk.group,), kind.plural
    match role:
        case "For":
            # The finalizer and the inventory of applied kinds are kept in the object's metadata.
            verbs = (*_READ, "patch") if finalizes or applies else _READ
            status = [Rule(group, (f"{plural}/status",), ("get", "patch"))] if kind.has_status else []
            # An owner that blocks its deletion may be named only by those who may finalize it, where the server's
            # OwnerReferencesPermissionEnforcement is on.
            names_owner = finalizes or applies or owns
            finalizers = [Rule(group, (f"{plural}/finalizers",), ("update",))] if names_owner else []
            return [Rule(group, (plural,), verbs), *finalizers, *status]
        case "Owns":
            return [Rule(group, (plural,), (*_READ, "create", "patch", *(("delete",) if applies else ())))]
        case _:
            return [Rule(group, (plural,), _READ)]


def _traits(sources: Sources, module: Module, node: ast.expr | None) -> tuple[bool, bool]:
    """Whether the reconciler has a `finalize` and whether it prunes by `apply_all`; in doubt, its module decides."""
    found = sources.definition(module, node) if node is not None else None
    home, scope = found if found else (module, module.tree)
    lines = _lineage(sources, home, scope)
    finalizes = any(
        isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == "finalize"
        for _, each in lines
        for part in ast.walk(each)
    )
    return finalizes, any(
        isinstance(part, ast.Attribute) and part.attr == "apply_all"
        for each, _ in lines
        for part in ast.walk(each.tree)
    )


def _lineage(
    sources: Sources, home: Module, scope: ast.Module | ast.ClassDef
) -> list[tuple[Module, ast.Module | ast.ClassDef]]:
    """A class with the project's own classes that it inherits from, each with its module."""
    found: list[tuple[Module, ast.Module | ast.ClassDef]] = [(home, scope)]
    for module, each in found:  # grows on the way
        for base in each.bases if isinstance(each, ast.ClassDef) else ():
            parent = sources.definition(module, base)
            if parent is not None and all(parent[1] is not known for _, known in found):
                found.append(parent)
    return found


def _declaration(reading: _Reading, module: Module, call: ast.Call) -> None:
    values: dict[str, Constant] = {}
    for keyword in call.keywords:
        value = reading.sources.constant(module, keyword.value)
        if isinstance(value, Unknown) or keyword.arg not in _RBAC_ARGUMENTS:
            reading.problems.append(
                error(
                    f"@rbac: {keyword.arg or '**'} is not a literal"
                    if isinstance(value, Unknown)
                    else f"@rbac has no argument {keyword.arg}",
                    file=module.path,
                    line=keyword.value.lineno,
                    hint='write it out: @rbac(groups="apps", resources="deployments/scale", verbs=["get", "patch"])',
                )
            )
            continue
        if complaint := _ill(keyword.arg, value):
            reading.problems.append(
                error(f"@rbac: {keyword.arg} {complaint}", file=module.path, line=keyword.value.lineno)
            )
            continue
        values[keyword.arg] = value
    rule = Rule(
        groups=_words(values.get("groups"), core=True),
        resources=_words(values.get("resources")),
        verbs=_words(values.get("verbs")),
        resource_names=_words(values.get("resource_names")),
        urls=_words(values.get("urls")),
        namespace=str(values.get("namespace") or ""),
        role=str(values.get("role_name") or ""),
    )
    if rule.urls and rule.namespace:
        reading.problems.append(
            error(
                "@rbac: urls lie in no namespace",
                file=module.path,
                line=call.lineno,
                hint="leave namespace out",
            )
        )
        return
    if call.args or not rule.verbs or bool(rule.resources) == bool(rule.urls):
        if len(values) == len(call.keywords):
            reading.problems.append(
                error(
                    "@rbac takes verbs and either resources (with groups) or urls, by keyword",
                    file=module.path,
                    line=call.lineno,
                )
            )
        return
    reading.rules.append(rule)


def _ill(argument: str, value: Constant) -> str:
    """What is wrong with a value of @rbac; "" for nothing. A narrowing that is misread would widen the rule."""
    if argument in ("namespace", "role_name"):
        if not isinstance(value, str):
            return "must be a string"
        pattern = _NAMESPACE if argument == "namespace" else _ROLE_NAME
        return (
            "" if not value or pattern.fullmatch(value) else f"can't be {value!r}: the API server refuses it"
        )
    parts = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(part, str) for part in parts):
        return "must be a string or a list of strings"
    return "names nothing" if argument == "resource_names" and not _words(value) else ""


def _words(value: Constant, *, core: bool = False) -> tuple[str, ...]:
    """One word, several joined by `;`, or a sequence; "core" is the empty group, as kubebuilder spells it."""
    parts = value.split(";") if isinstance(value, str) else value if isinstance(value, tuple) else ()
    words = [str(part).strip() for part in parts]
    if core:
        return tuple("" if word == "core" else word for word in words)
    return tuple(word for word in words if word)
