"""Probes and metrics over HTTP, from a thread with a loop of its own: a blocked main loop shows as such.

A few lines of HTTP/1.1 on asyncio streams: GET and HEAD, one request a connection. What is healthy is decided
by the checks that the manager gives.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from opgen_runtime.errors import ConfigurationError
from opgen_runtime.metrics import exposition

Check = Callable[[], str]
"""Says what is wrong; empty if nothing is. Called in the serving thread."""

REQUEST_SECONDS = 10.0
REQUEST_BYTES = 16384


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


def probe(path: str, query: str, root: str, checks: Mapping[str, Check]) -> Answer | None:
    """Answer `/readyz`, `/readyz?verbose`, `?exclude=name` and `/readyz/name`; None if the path is not ours."""
    if path == root:
        asked = parse_qs(query, keep_blank_values=True)
        excluded = set(asked.get("exclude", []))
        results = {name: check() for name, check in checks.items() if name not in excluded}
        failed = any(results.values())
        if not failed and "verbose" not in asked:
            return Answer(200, b"ok")
        lines = [f"[-]{name} failed: {why}" if why else f"[+]{name} ok" for name, why in results.items()]
        lines += [f"[+]{name} excluded: ok" for name in checks if name in excluded]
        lines.append(f"{root.lstrip('/')} check {'failed' if failed else 'passed'}")
        return Answer(500 if failed else 200, "\n".join([*lines, ""]).encode())
    name = path.removeprefix(root + "/")
    if path.startswith(root + "/") and name in checks:
        why = checks[name]()
        return Answer(500, f"{why}\n".encode()) if why else Answer(200, b"ok")
    return None


def parse_address(address: str) -> tuple[str, int] | None:
    """`:8081`, `127.0.0.1:8080`, `[::1]:8080`; None for "" and "0", which mean: not served."""
    if address in ("", "0"):
        return None
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigurationError(f"{address!r} is not an address such as :8081 (0 for none)")
    return host.strip("[]"), int(port)


class SideServer:
    """Serves routes on addresses from a thread of its own. `routes` maps an address to its answering function."""

    def __init__(self, routes: Mapping[str, Callable[[str, str], Answer | None]]) -> None:
        self._routes = {address: route for address, route in routes.items() if parse_address(address)}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self.ports: dict[str, int] = {}

    async def start(self) -> None:
        """Bind and serve. Raises ConfigurationError if an address can't be had."""
        if not self._routes:
            return
        bound: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller = asyncio.get_running_loop()

        def report(error: BaseException | None) -> None:
            if error is None:
                caller.call_soon_threadsafe(bound.set_result, None)
            else:
                caller.call_soon_threadsafe(bound.set_exception, error)

        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(report)), name="probes and metrics", daemon=True
        )
        self._thread.start()
        await bound

    def stop(self) -> None:
        """Close the listeners; returns once the thread has ended."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._stop is None:
            return
        if thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join(timeout=5.0)

    async def _serve(self, report: Callable[[BaseException | None], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        servers: list[asyncio.Server] = []
        try:
            for address, route in self._routes.items():
                host, port = parse_address(address) or ("", 0)
                server = await asyncio.start_server(
                    _connection(route), host or None, port, limit=REQUEST_BYTES
                )
                servers.append(server)
                self.ports[address] = server.sockets[0].getsockname()[1]
        except OSError as err:
            for server in servers:
                server.close()
            report(ConfigurationError(f"cannot listen on {address}: {err.strerror or err}"))
            return
        report(None)
        await self._stop.wait()
        for server in servers:
            server.close()


def _connection(
    route: Callable[[str, str], Answer | None],
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
                answer = _answer(method, rest.rpartition(" ")[0], route)
                writer.write(_head(answer) + (answer.body if method != "HEAD" else b""))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asked is gone, or does not speak HTTP
        finally:
            writer.close()

    return serve


def _answer(method: str, target: str, route: Callable[[str, str], Answer | None]) -> Answer:
    if method not in ("GET", "HEAD"):
        return Answer(405, b"method not allowed\n")
    url = urlsplit(target)
    return route(url.path, url.query) or Answer(404, b"not found\n")


_REASONS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}


def _head(answer: Answer) -> bytes:
    return (
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    ).encode()


def metrics_route(path: str, query: str) -> Answer | None:
    """`/metrics`."""
    if path != "/metrics":
        return None
    return Answer(200, exposition(), "text/plain; version=0.0.4; charset=utf-8")
