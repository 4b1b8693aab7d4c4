"""Doing a read, a change and an update again when somebody else was faster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from opgen_runtime.errors import Conflict

S = TypeVar("S")


async def retry_on_conflict(
    attempt: Callable[[], Awaitable[S]], *, attempts: int = 5, delay: float = 0.01
) -> S:
    """Await `attempt()` again while it raises Conflict: read, change and update inside it.

    At most `attempts` times, waiting `delay` seconds at first and doubling that; then Conflict is raised.
    """
    for left in range(attempts - 1, -1, -1):
        try:
            return await attempt()
        except Conflict:
            if not left:
                raise
            await asyncio.sleep(delay)
            delay *= 2
    raise ValueError("attempts must be at least 1")
