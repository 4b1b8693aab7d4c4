"""How a request of the table reaches a server: over HTTPS, or in the process."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

from apiserver_comparison import Answer, settled
from opgen_runtime.testing import VirtualClock

from apiserver_matrix.compare import Ask
from apiserver_matrix.request import Request
from opgen import apiserver


def _body(request: Request) -> bytes | None:
    if request.body is None:
        return None
    if isinstance(request.body, str):
        return request.body.encode("utf-8", "surrogatepass")
    return json.dumps(request.body).encode()


def _headers(request: Request, data: bytes | None) -> dict[str, str]:
    headers = {"Accept": request.accept, "User-Agent": request.agent, **dict(request.headers)}
    return headers if data is None else {**headers, "Content-Type": request.content_type}


def live(url: str, token: str, ca_file: str) -> Ask:
    """A real server, as its administrator."""
    context = ssl.create_default_context(cafile=ca_file)
    context.check_hostname = False

    def ask(request: Request) -> Answer:
        return settled(lambda: once(request))

    def once(request: Request) -> Answer:
        data = _body(request)
        sent = urllib.request.Request(
            url + urllib.parse.quote(request.path, safe="/?&=%:,"),
            data=data,
            method=request.method,
            headers={**_headers(request, data), "Authorization": f"Bearer {token}"},
        )
        try:
            answer = urllib.request.urlopen(sent, context=context, timeout=30)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            warnings = ", ".join(answer.headers.get_all("Warning") or ())
            kind = answer.headers.get("Content-Type", "")
            return Answer(answer.status, answer.read().decode("utf-8", "replace"), warnings, kind)

    return ask


def in_process(server: apiserver.ApiServer) -> Ask:
    """The server in the process, without sockets; a watch lasts no time."""

    def ask(request: Request) -> Answer:
        data = _body(request)
        path, _, query = request.path.partition("?")
        pairs = tuple(urllib.parse.parse_qsl(query, keep_blank_values=True))
        sent = apiserver.Request(
            request.method, urllib.parse.unquote(path), pairs, _headers(request, data), data
        )
        response = server.respond(sent)
        body, chunks = response.body, response.chunks
        if chunks is not None:

            async def read() -> bytes:
                return b"".join([chunk async for chunk in chunks])

            body = VirtualClock().run(read())
        warnings, kind = response.header("warning"), response.header("content-type")
        return Answer(response.status, body.decode("utf-8", "replace"), warnings, kind)

    return ask
