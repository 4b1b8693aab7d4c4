"""Waits until a condition holds for one object: a list of that object, then a watch from there.

A watch that ends, breaks or grows too old starts over with the list, after a pause that grows while it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TypeVar

from opgen_runtime.client.raw import RawClient
from opgen_runtime.errors import ConnectionFailed, DecodeError, Gone, WaitTimedOut
from opgen_runtime.objects import ObjectKey, ResourceType

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


async def wait_for(
    raw: RawClient,
    kind: ResourceType,
    key: ObjectKey,
    read: Callable[[bytes], T],
    condition: Callable[[T | None], bool],
    timeout: float,
) -> T | None:
    """The object (None: absent) for which the condition first held. Raises WaitTimedOut."""
    try:
        async with asyncio.timeout(timeout):
            return await _until(raw, kind, key, read, condition)
    except TimeoutError as err:
        raise WaitTimedOut(f"{kind.kind} {key}: not as awaited within {timeout:g} s") from err


async def _until(
    raw: RawClient,
    kind: ResourceType,
    key: ObjectKey,
    read: Callable[[bytes], T],
    condition: Callable[[T | None], bool],
) -> T | None:
    pause = FIRST_PAUSE
    fields = {"metadata.name": key.name}
    while True:
        try:
            page = await raw.list_page(kind, namespace=key.namespace, field_selector=fields)
            current = read(page.items[0].raw) if page.items else None
            if condition(current):
                return current
            events = raw.watch(
                kind,
                namespace=key.namespace,
                field_selector=fields,
                resource_version=page.resource_version,
                timeout_seconds=300,
            )
            async with aclosing(events):
                async for event in events:
                    pause = FIRST_PAUSE
                    if event.type == "BOOKMARK":
                        continue
                    current = None if event.type == "DELETED" else read(event.raw)
                    if condition(current):
                        return current
        except (ConnectionFailed, Gone, DecodeError):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
