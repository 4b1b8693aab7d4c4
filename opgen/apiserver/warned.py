"""Warnings on their way out: the Warning header of answers, and of refusals too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from opgen.apiserver.message import Response
from opgen.apiserver.routing import Route
from opgen.apiserver.status import StatusError


@contextmanager
def warned(*warnings: str) -> Iterator[None]:
    """Refusals carry the warnings too."""
    try:
        yield
    except StatusError as error:
        if texts := [text for text in warnings if text]:
            error.headers.setdefault("Warning", _header(texts))
        raise


def headers(found: Route, warnings: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers of an answer about a resource, with the warning that the resource itself has."""
    made = {"Content-Type": "application/json"}
    texts = (*warnings, found.info.warning) if found.info.warning else warnings
    if texts:
        made["Warning"] = _header(texts)
    return made


def with_warnings(response: Response, warnings: list[str]) -> Response:
    """The answer with more warnings, each once."""
    told = _header(dict.fromkeys(warnings))
    given = response.header("warning")
    return replace(response, headers={**response.headers, "Warning": f"{given}, {told}" if given else told})


def _header(texts: Iterable[str]) -> str:
    return ", ".join(f"299 - {_quoted(text)}" for text in texts)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
