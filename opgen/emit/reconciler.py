"""The user's controller module, written once: every option of `create api` as explicit code.

Names that the skeleton itself uses are kept free: a kind of the same name is imported under another.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opgen.emit.children import Child, example, has_own
from opgen.emit.conditions import status_of, takes_observed_generation, takes_ready_condition
from opgen.emit.python import LINE_LENGTH, call, literal, render
from opgen.ir.definition import Definition, Version
from opgen.ir.layout import KindRef
from opgen.ir.names import pascal_case, snake_case
from opgen.ir.options import ControllerRequest

_PREDICATES = {
    "generation": "GenerationChanged",
    "labels": "LabelsChanged",
    "annotations": "AnnotationsChanged",
    "resource-version": "ResourceVersionChanged",
}
_RUNTIME = frozenset(
    (
        "Controller",
        "ControllerOptions",
        "For",
        "Manager",
        "Owns",
        "Reconciler",
        "Watches",
        "is_ready",
        "ObjectKey",
        "ObjectMeta",
        "Resource",
        "child_name",
        "set_condition",
        *_PREDICATES.values(),
    )
)
_FOR_ARGUMENT = 16
"""Where an argument of `For` begins when each has a line of its own."""
_RESERVED_NAMES = _RUNTIME | {"Sequence", "OPTIONS"}
_RESERVED_VARIABLES = frozenset(
    ("children", "child", "desired", "labels", "manager", "ready", "self", "setup", "status", "client")
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a controller is for. `version` is None for a kind whose schema isn't the project's own."""

    kind: KindRef
    version: Version | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """A kind under the name that the module uses for it."""

    kind: KindRef
    name: str
    clause: str


def controller_source(
    subject: Subject,
    options: ControllerRequest,
    notice: str = "",
    definitions: Mapping[tuple[str, str], Definition] | None = None,
) -> str:
    """The module of one controller, as it lies in the user's project from then on.

    `definitions` are those of the project, by group and kind: for examples of owned kinds that are its own.
    """
    kinds = _names((subject.kind, *options.owns_kinds, *options.watches_kinds))
    main = kinds[subject.kind]
    variable = variable_name(subject.kind.class_name)
    status = status_of(subject.version) is not None
    observed = takes_observed_generation(subject.version)
    ready = takes_ready_condition(subject.version)
    watches = [_watch(kinds[kind], main, subject) for kind in options.watches_kinds]
    variables: dict[str, Any] = {
        "notice": notice,
        "doc": f"What the controller {options.name} does; yours to write.",
        "name": options.name,
        "kind": main.name,
        "title": title_of(subject.kind),
        "article": article(title_of(subject.kind)),
        "var": variable,
        "reconciler": reconciler_name(subject.kind, options),
        "status": status and (observed or ready),
        "observed_generation": observed,
        "ready": ready,
        "condition": ["status", '"Ready"', "ready", 'reason="Available" if ready else "Progressing"'],
        "finalizer": options.finalizer,
        "foreign": subject.version is None,
        "options": option_arguments(options, failure_condition=ready),
        "owns": [_owned(kinds[kind], subject, definitions or {}) for kind in options.owns_kinds],
        "watches": watches,
        "for_arguments": [main.name, _predicates(options.predicates, _FOR_ARGUMENT)],
        "stdlib": {"collections.abc": ["Sequence"]},
    }
    third, first = _imports(kinds.values(), _runtime_names(options, status=status, ready=ready), subject)
    return render("controller.py", variables | {"third_party": third, "first_party": first})


def reconciler_name(kind: KindRef, options: ControllerRequest) -> str:
    """MemcachedReconciler; a second controller of the kind is named after itself."""
    stem = kind.class_name if options.name.endswith(kind.gvk.kind.lower()) else pascal_case(options.name)
    return f"{stem}Reconciler"


def variable_name(class_name: str) -> str:
    """A parameter for an object of that kind; `obj` where the name would hide something that is used."""
    name = snake_case(class_name)
    taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in _RESERVED_VARIABLES | _RUNTIME
    return "obj" if taken or not name.isidentifier() or len(name) > 30 else name


def title_of(kind: KindRef) -> str:
    """How texts call an object of the kind; a name that fills the line is left out."""
    return kind.gvk.kind if len(kind.gvk.kind) <= 30 else "object"


def article(kind: str) -> str:
    """`a` or `an`, by the first letter."""
    return "an" if kind[:1].upper() in "AEIO" else "a"


def option_arguments(options: ControllerRequest, *, failure_condition: bool) -> list[str]:
    """The arguments of ControllerOptions: those that were asked for, numbers as they are, seconds as floats."""
    arguments: list[tuple[str, object]] = [
        ("max_concurrent_reconciles", options.max_concurrent_reconciles),
        ("reconcile_timeout", options.reconcile_timeout),
        ("cache_sync_timeout", options.cache_sync_timeout),
        ("rate_limit_base", options.rate_limit_base),
        ("rate_limit_max", options.rate_limit_max),
        ("resync_period", options.resync_period),
        ("requeue_after", options.requeue_after),
        ("namespaces", options.watch_namespaces or None),
        ("label_selector", options.label_selector or None),
        ("failure_condition", "Ready" if failure_condition else None),
    ]
    return [f"{name}={literal(value)}" for name, value in arguments if value is not None]


def _predicates(names: tuple[str, ...], indent: int) -> str:
    """`predicates=[...]`: several are alternatives, since no event passes labels and annotations both."""
    if not names:
        return ""
    parts = [f"{_PREDICATES[name]}()" for name in dict.fromkeys(names)]
    line = f"predicates=[{' | '.join(parts)}]"
    if indent + len(line) + 1 <= LINE_LENGTH:  # 1 for the comma behind
        return line
    pad = " " * indent
    return f"predicates=[\n{pad}    {' | '.join(parts)},\n{pad}]"


def _names(kinds: Iterable[KindRef]) -> dict[KindRef, _Named]:
    """A free name for each kind: its class's, with its group in front where that is taken."""
    named: dict[KindRef, _Named] = {}
    taken = set(_RESERVED_NAMES)
    for kind in kinds:
        if kind in named:
            continue
        name = kind.class_name
        if name in taken or hasattr(builtins, name):
            name = f"{pascal_case(kind.gvk.group.split('.')[0] or 'core')}{kind.class_name}"
        while name in taken:
            name += "Object"
        taken.add(name)
        clause = kind.class_name if name == kind.class_name else f"{kind.class_name} as {name}"
        named[kind] = _Named(kind, name, clause)
    return named


def _runtime_names(options: ControllerRequest, *, status: bool, ready: bool) -> set[str]:
    names = {"Controller", "ControllerOptions", "For", "Manager", "Reconciler", "Resource"}
    names |= {_PREDICATES[name] for name in options.predicates}
    if options.owns_kinds:
        names.add("Owns")
    if options.watches_kinds:
        names |= {"Watches", "ObjectKey"}
    if ready:
        names |= {"is_ready", "set_condition"}
    return names


def _imports(
    kinds: Iterable[_Named], runtime: set[str], subject: Subject
) -> tuple[Mapping[str, list[str]], Mapping[str, list[str]]]:
    third: dict[str, list[str]] = {"opgen_runtime": sorted(runtime)}
    first: dict[str, list[str]] = {}
    for named in kinds:
        place = third if named.kind.module.startswith("opgen_runtime.") else first
        place.setdefault(named.kind.module, []).append(named.clause)
    return third, first


def _owned(
    named: _Named, subject: Subject, definitions: Mapping[tuple[str, str], Definition]
) -> dict[str, str]:
    gvk = named.kind.gvk
    child = Child(named.kind, named.name, variable_name(subject.kind.class_name), subject.kind)
    title = title_of(named.kind)
    definition = definitions.get((gvk.group, gvk.kind))
    return {
        "class_name": named.name,
        "title": title,
        "article": article(title).capitalize(),
        "introduction": ": uncomment what follows. The imports may move to the top."
        if has_own(child, definition)
        else ", with what its schema requires: uncomment what follows.",
        "example": example(child, definition),
    }


def _watch(named: _Named, main: _Named, subject: Subject) -> dict[str, str]:
    variable = variable_name(named.kind.class_name)
    namespace = f'{variable}.metadata.namespace or ""' if named.kind.namespaced else '""'
    if not subject.kind.namespaced:
        namespace = '""'
    function = f"{snake_case(main.kind.class_name)}_for_{snake_case(named.name)}"
    key = call("ObjectKey", [f"namespace={namespace}", f'name={variable}.metadata.name or ""'])
    return {
        "class_name": named.name,
        "var": variable,
        "function": function,
        "article": article(title_of(named.kind)),
        "title": title_of(named.kind),
        "key": key,
    }


def with_kinds(options: ControllerRequest, kinds: Mapping[object, KindRef]) -> ControllerRequest:
    """The request with its GVKs resolved to kinds."""
    return replace(
        options,
        owns_kinds=tuple(kinds[gvk] for gvk in dict.fromkeys(options.owns)),
        watches_kinds=tuple(kinds[gvk] for gvk in dict.fromkeys(options.watches)),
    )
