"""How the operator's own log looks, and what every line of a reconcile carries.

On a terminal lines are for people, otherwise JSON, one object a line. Controller, namespace, name and reconcile
ID of the run that logs are added to both, wherever the line comes from: they travel in a context variable.
"""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cached_property
from typing import IO, Literal
from uuid import uuid4

from opgen_runtime import json

Encoding = Literal["console", "json"]


class RunInfo:
    """Which run is going on: what log lines say of it. `reconcile_id` is made when first asked for."""

    def __init__(self, controller: str, namespace: str, name: str, triggers: tuple[object, ...] = ()) -> None:
        self.controller = controller
        self.namespace = namespace
        self.name = name
        self.triggers = triggers

    @cached_property
    def reconcile_id(self) -> str:
        """A UUID that all lines of one run share."""
        return str(uuid4())

    def fields(self) -> dict[str, str]:
        """Under controller-runtime's names; the namespace only where there is one."""
        found = {"controller": self.controller, "namespace": self.namespace, "name": self.name}
        if not self.namespace:
            del found["namespace"]
        found["reconcileID"] = self.reconcile_id
        return found


current_run: ContextVar[RunInfo | None] = ContextVar("opgen_run", default=None)

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """What the run and the call's `extra` add to a line."""
    run = current_run.get()
    found: dict[str, object] = dict(run.fields()) if run is not None else {}
    found.update((name, value) for name, value in record.__dict__.items() if name not in _STANDARD)
    return found


def _time(record: logging.LogRecord) -> str:
    stamp = datetime.fromtimestamp(record.created, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with zap's field names."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "level": record.levelname.lower(),
            "ts": _time(record),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        line.update(_fields(record))
        if record.exc_info:
            line["stacktrace"] = self.formatException(record.exc_info)
        return json.dumps({key: _plain(value) for key, value in line.items()}).decode()


class ConsoleFormatter(logging.Formatter):
    """Time, level, logger, message, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, followed by a traceback if there is one."""
        added = "".join(f"  {key}={value}" for key, value in _fields(record).items())
        line = f"{_time(record)}  {record.levelname:<7} {record.name}  {record.getMessage()}{added}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def configure(
    *, level: int = logging.INFO, encoding: Encoding | None = None, stream: IO[str] | None = None
) -> None:
    """Send everything that is logged to `stream` (standard error). `encoding` None: by whether it is a terminal.

    Replaces the root logger's handlers.
    """
    stream = stream if stream is not None else sys.stderr
    chosen = encoding or ("console" if stream.isatty() else "json")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ConsoleFormatter() if chosen == "console" else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
