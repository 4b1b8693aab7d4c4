"""Warnings on their way out: the Warning header of answers, and of refusals too."""

from __future__ import annotations

import re
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
        if told := _header(warnings):
            error.headers.setdefault("Warning", told)
        raise


def headers(found: Route, warnings: tuple[str, ...] = ()) -> dict[str, str]:
    """The headers of an answer about a resource, with the warning that the resource itself has."""
    made = {"Content-Type": "application/json"}
    if told := _header((*warnings, found.info.warning)):
        made["Warning"] = told
    return made


def with_warnings(response: Response, warnings: list[str]) -> Response:
    """The answer with more warnings, each once."""
    told = _header(dict.fromkeys(warnings))
    told = ", ".join(filter(None, (response.header("warning"), told)))
    return replace(response, headers={**response.headers, "Warning": told}) if told else response


def _header(texts: Iterable[str]) -> str:
    """Those that a header can hold: the server drops a warning with control characters."""
    return ", ".join(f"299 - {_quoted(text)}" for text in texts if text and not _CONTROL.search(text))


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
