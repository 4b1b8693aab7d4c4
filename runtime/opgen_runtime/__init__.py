"""A controller runtime for Kubernetes operators. What users import is re-exported here lazily."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from opgen_runtime._version import __version__
from opgen_runtime.rbac import rbac

if TYPE_CHECKING:
    from opgen_runtime.client import BlockingClient, Client, retry_on_conflict
    from opgen_runtime.controller import (
        BlockingReconciler,
        Controller,
        ControllerOptions,
        For,
        Owns,
        Reconciler,
        RequestReconciler,
        Result,
        Watches,
    )
    from opgen_runtime.errors import (
        AlreadyExists,
        ApiError,
        Conflict,
        DecodeError,
        Forbidden,
        Invalid,
        NotFound,
        OpgenRuntimeError,
        TerminalError,
    )
    from opgen_runtime.events import EventRecorder
    from opgen_runtime.manager import Manager, ManagerOptions
    from opgen_runtime.objects import (
        Condition,
        ObjectKey,
        ObjectMeta,
        OwnerReference,
        Resource,
        ResourceType,
        Struct,
        Unstructured,
        child_name,
        find_condition,
        is_condition_true,
        is_ready,
        set_condition,
    )
    from opgen_runtime.predicates import (
        AnnotationsChanged,
        Event,
        EventType,
        FieldsChanged,
        GenerationChanged,
        LabelsChanged,
        LabelSelector,
        Predicate,
        ResourceVersionChanged,
    )

# `rbac` is the one eager import: it costs nothing, and its module would else take its name here.
_HOMES = {
    "client": "BlockingClient Client retry_on_conflict",
    "controller": "BlockingReconciler Controller ControllerOptions For Owns Reconciler"
    " RequestReconciler Result Watches",
    "errors": "AlreadyExists ApiError Conflict DecodeError Forbidden Invalid NotFound OpgenRuntimeError"
    " TerminalError",
    "events": "EventRecorder",
    "manager": "Manager ManagerOptions",
    "objects": "Condition ObjectKey ObjectMeta OwnerReference Resource ResourceType Struct Unstructured"
    " child_name find_condition is_condition_true is_ready set_condition",
    "predicates": "AnnotationsChanged Event EventType FieldsChanged GenerationChanged LabelsChanged"
    " LabelSelector Predicate ResourceVersionChanged",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AlreadyExists",
    "AnnotationsChanged",
    "ApiError",
    "BlockingClient",
    "BlockingReconciler",
    "Client",
    "Condition",
    "Conflict",
    "Controller",
    "ControllerOptions",
    "DecodeError",
    "Event",
    "EventRecorder",
    "EventType",
    "FieldsChanged",
    "For",
    "Forbidden",
    "GenerationChanged",
    "Invalid",
    "LabelSelector",
    "LabelsChanged",
    "Manager",
    "ManagerOptions",
    "NotFound",
    "ObjectKey",
    "ObjectMeta",
    "OpgenRuntimeError",
    "OwnerReference",
    "Owns",
    "Predicate",
    "Reconciler",
    "RequestReconciler",
    "Resource",
    "ResourceType",
    "ResourceVersionChanged",
    "Result",
    "Struct",
    "TerminalError",
    "Unstructured",
    "Watches",
    "__version__",
    "child_name",
    "find_condition",
    "is_condition_true",
    "is_ready",
    "rbac",
    "retry_on_conflict",
    "set_condition",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"opgen_runtime.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
