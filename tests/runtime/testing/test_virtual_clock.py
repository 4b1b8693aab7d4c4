"""Virtual time: sleeping costs nothing, and a test that waits for nothing is told so."""

from __future__ import annotations

import asyncio
import time

import pytest
from opgen_runtime.client.transport import Request, Response
from opgen_runtime.errors import ConnectionFailed
from opgen_runtime.testing import InMemoryTransport, VirtualClock, clock


def test_a_day_of_sleep_takes_a_day_of_loop_time_and_no_real_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.gather(*(asyncio.sleep(3600.0 * hours) for hours in (24, 1, 5)))
        return loop.time() - start

    began = time.monotonic()
    assert VirtualClock().run(main()) == pytest.approx(24 * 3600.0)
    assert time.monotonic() - began < 5.0


def test_timers_run_in_order_of_their_time() -> None:
    async def main() -> list[int]:
        seen: list[int] = []

        async def after(seconds: int) -> None:
            await asyncio.sleep(seconds)
            seen.append(seconds)

        await asyncio.gather(*(after(seconds) for seconds in (30, 10, 20)))
        return seen

    assert VirtualClock().run(main()) == [10, 20, 30]


def test_a_timeout_fires_by_virtual_time() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600.0):
                await asyncio.Event().wait()

    VirtualClock().run(main())


def test_waiting_for_nothing_is_an_error_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "PATIENCE", 0.01)

    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="waits for something that cannot happen"):
        VirtualClock().run(main())


def test_the_in_memory_transport_asks_its_handler_until_it_is_closed() -> None:
    async def answer(request: Request) -> Response:
        return Response(200, body=request.path.encode())

    async def main() -> None:
        transport = InMemoryTransport(answer)
        assert (await transport.send(Request("GET", "/version"))).body == b"/version"
        await transport.close()
        with pytest.raises(ConnectionFailed):
            await transport.send(Request("GET", "/version"))

    VirtualClock().run(main())
