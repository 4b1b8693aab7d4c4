"""Controllers: what the user declares (`Controller`, `For`, `Reconciler`), and what runs it (`runner`)."""

from opgen_runtime.controller.controller import Controller
from opgen_runtime.controller.options import ControllerOptions
from opgen_runtime.controller.reconciler import (
    BlockingReconciler,
    Reconciler,
    RequestReconciler,
    Result,
)
from opgen_runtime.controller.sources import For, Owns, Watches

__all__ = [
    "BlockingReconciler",
    "Controller",
    "ControllerOptions",
    "For",
    "Owns",
    "Reconciler",
    "RequestReconciler",
    "Result",
    "Watches",
]
