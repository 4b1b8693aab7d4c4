"""What a log line looks like, and what every line of a run carries."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from opgen_runtime import logs


@pytest.fixture
def untouched_root() -> Iterator[None]:
    """configure() replaces the root logger's handlers; pytest's own must come back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def written(encoding: logs.Encoding | None, stream: io.StringIO | None = None) -> str:
    stream = stream if stream is not None else io.StringIO()
    logs.configure(level=logging.INFO, encoding=encoding, stream=stream)
    token = logs.current_run.set(logs.RunInfo("widget", "default", "a"))
    try:
        log = logging.getLogger("mine")
        log.debug("not said")
        log.info("size is %d", 3, extra={"size": 3, "owner": object})
        try:
            raise OSError("away")
        except OSError:
            log.exception("failed")
    finally:
        logs.current_run.reset(token)
    logging.getLogger("other").warning("outside of any run")
    return stream.getvalue()


@pytest.mark.usefixtures("untouched_root")
def test_json_lines_carry_the_run_and_the_calls_fields() -> None:
    first, second, third = (json.loads(line) for line in written("json").splitlines())
    run = {"controller": "widget", "namespace": "default", "name": "a", "reconcileID": first["reconcileID"]}
    assert first.items() >= ({"level": "info", "logger": "mine", "msg": "size is 3", "size": 3} | run).items()
    assert first["owner"] == "<class 'object'>"
    assert second.items() >= ({"level": "error", "msg": "failed"} | run).items()
    assert second["stacktrace"].endswith("OSError: away")
    assert set(third) == {"level", "ts", "logger", "msg"}


@pytest.mark.usefixtures("untouched_root")
def test_console_lines_are_for_people() -> None:
    text = written("console")
    first = text.splitlines()[0]
    assert "  INFO    mine  size is 3  controller=widget  namespace=default  name=a  reconcileID=" in first
    assert "Traceback (most recent call last):\n" in text
    assert text.splitlines()[-1].endswith("WARNING other  outside of any run")


@pytest.mark.usefixtures("untouched_root")
def test_by_default_a_terminal_gets_console_lines_and_anything_else_json() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert written(None).startswith("{")
    assert not written(None, Terminal()).startswith("{")


@pytest.mark.usefixtures("untouched_root")
def test_standard_error_is_where_lines_go(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logging.getLogger("mine").info("hello")
    assert "hello" in capsys.readouterr().err
    assert logging.getLogger().handlers[0].stream is sys.stderr  # type: ignore[attr-defined]  # a StreamHandler


def test_a_cluster_scoped_object_has_no_namespace_in_its_lines() -> None:
    run = logs.RunInfo("node", "", "n1")
    assert run.fields() == {"controller": "node", "name": "n1", "reconcileID": run.reconcile_id}
