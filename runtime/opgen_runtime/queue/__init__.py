"""The work queue: `state` decides (pure), `work` waits (asyncio).

A key is queued once, never runs twice at the same time, and comes back when it was added during its run.
"""

from opgen_runtime.queue.state import QueueState, Taken
from opgen_runtime.queue.work import QueueClosed, WorkQueue

__all__ = ["QueueClosed", "QueueState", "Taken", "WorkQueue"]
