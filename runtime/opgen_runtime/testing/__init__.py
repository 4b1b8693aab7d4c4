"""For tests of operators and of the runtime itself: time without waiting, and requests without a network."""

from opgen_runtime.testing.clock import VirtualClock
from opgen_runtime.testing.transport import Handler, InMemoryTransport

__all__ = ["Handler", "InMemoryTransport", "VirtualClock"]
