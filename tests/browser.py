"""A headless Chromium for the tests that look at a page: opened by its own protocol, no driver between.

Loaded by tests/conftest.py. The fixture `browser` opens a page of a file, evaluates JavaScript in it and takes
pictures. Without Chromium the tests are skipped, or fail where CI is set.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1280,900",
)


@dataclass
class Browser:
    """One tab. `said` holds what the page wrote to its console as an error, and its uncaught exceptions."""

    socket: aiohttp.ClientWebSocketResponse
    said: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def open(self, page: Path, fragment: str = "") -> None:
        """Loads a file and waits until its scripts have run."""
        await self.call("Page.navigate", url="about:blank")
        await self.call("Page.navigate", url=page.as_uri() + fragment)
        ready = "document.readyState === 'complete' && location.protocol === 'file:'"
        await self.until(ready)

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, expression: str) -> None:
        """Waits until the expression holds, looking at every frame of the page; 20 s at most."""
        async with asyncio.timeout(20):
            while not await self.evaluate(f"new Promise(d => setTimeout(() => d(!!({expression})), 16))"):
                pass

    async def picture(self) -> bytes:
        """What is seen now, as a PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def call(self, method: str, **parameters: Any) -> Any:
        """One command of the DevTools protocol and its answer."""
        number = next(self._numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        async for message in self.socket:
            data = json.loads(message.data)
            if data.get("id") == number:
                assert "error" not in data, data
                return data["result"]
            if data.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.said.append(json.dumps(data["params"]))
        raise AssertionError("Chromium closed the connection")


@contextmanager
def chromium(profile: Path) -> Iterator[None]:
    """A running Chromium that keeps its state in `profile`; skips or fails the test where there is none."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("Chromium is missing (Debian package chromium)")
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def port(profile: Path) -> int:
    """The port on which a Chromium listens, 0 until it does."""
    file = profile / "DevToolsActivePort"
    lines = file.read_text().split() if file.exists() else []
    return int(lines[0]) if lines else 0


@pytest_asyncio.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """A fresh Chromium with one tab; gone after the test."""
    profile = tmp_path / "chromium"
    with chromium(profile):
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(30):
                while not (number := port(profile)):  # noqa: ASYNC110 -- another process writes it
                    await asyncio.sleep(0.02)
                tabs = await (await session.get(f"http://127.0.0.1:{number}/json/list")).json()
            address = next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                tab = Browser(socket)
                for domain in ("Page", "Runtime", "Log"):
                    await tab.call(f"{domain}.enable")
                yield tab
