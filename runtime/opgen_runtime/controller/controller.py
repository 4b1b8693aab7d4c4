"""What a user declares about one controller. `runner` makes it run; `manager` holds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from opgen_runtime.client.client import Client
from opgen_runtime.controller.options import ControllerOptions
from opgen_runtime.controller.reconciler import AnyReconciler
from opgen_runtime.controller.sources import For, Owns, Watches
from opgen_runtime.objects import Resource

T = TypeVar("T", bound=Resource)

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


class Controller(Generic[T]):
    """One controller: `Controller("widget", WidgetReconciler, For(Widget), Owns(Deployment))`.

    `name` is lower-case letters, digits and dashes; it names the controller in metrics and logs, and owns the
    fields that it applies. `reconciler` is a class or any function that takes the controller's client. Raises
    ValueError for a name that can't be used and for a kind that is named twice.
    """

    def __init__(
        self,
        name: str,
        reconciler: Callable[[Client], AnyReconciler[T]],
        reconciled: For[T],
        *sources: Owns | Watches[Any],
        options: ControllerOptions | None = None,
    ) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"a controller's name is lower-case letters, digits and dashes, not {name!r}")
        self.name = name
        self.reconciler = reconciler
        self.reconciled = reconciled
        self.owns: Sequence[Owns] = tuple(source for source in sources if isinstance(source, Owns))
        self.watches: Sequence[Watches[Any]] = tuple(s for s in sources if isinstance(s, Watches))
        self.options = options if options is not None else ControllerOptions()
        owned = [source.kind.KIND for source in self.owns]
        for kind in owned:
            if owned.count(kind) > 1:
                raise ValueError(f"controller {name}: Owns({kind.kind}) stands there twice")

    def __repr__(self) -> str:
        return f"Controller({self.name!r}, For({self.reconciled.kind.__name__}))"
