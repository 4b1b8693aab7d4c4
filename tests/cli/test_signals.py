from __future__ import annotations

import subprocess
import sys

import pytest

# The signal comes just where a thread that waits for the event holds its lock.
INTERRUPTED = """
import signal, sys
from opgen.cli.signals import stop_on_signals
stop = stop_on_signals()
with stop._cond:
    signal.raise_signal(getattr(signal, sys.argv[1]))
print(stop.wait(20))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_may_come_at_any_moment(name: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, name], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "True\n", "")
