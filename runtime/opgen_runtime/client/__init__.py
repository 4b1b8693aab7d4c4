"""Talking to the API server: typed verbs above, one transport below.

`transport` is the seam, `live` the one implementation that does I/O, `client` what users hold. Names are
loaded when they are first used: a cache that needs `transport` alone does not import an HTTP library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen_runtime.client.blocking import BlockingClient
    from opgen_runtime.client.client import Client
    from opgen_runtime.client.config import ClusterConfig
    from opgen_runtime.client.exchange import WriteGate
    from opgen_runtime.client.live import LiveTransport
    from opgen_runtime.client.reader import Reader, WriteListener
    from opgen_runtime.client.retry import retry_on_conflict
    from opgen_runtime.client.transport import (
        Item,
        Metadata,
        Page,
        Request,
        Response,
        Transport,
        WatchEvent,
    )

__all__ = [
    "BlockingClient",
    "Client",
    "ClusterConfig",
    "Item",
    "LiveTransport",
    "Metadata",
    "Page",
    "Reader",
    "Request",
    "Response",
    "Transport",
    "WatchEvent",
    "WriteGate",
    "WriteListener",
    "retry_on_conflict",
]

_MODULES = {
    "BlockingClient": "blocking",
    "Client": "client",
    "ClusterConfig": "config",
    "LiveTransport": "live",
    "Reader": "reader",
    "WriteGate": "exchange",
    "WriteListener": "reader",
    "retry_on_conflict": "retry",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'transport')}")
    return getattr(module, name)
