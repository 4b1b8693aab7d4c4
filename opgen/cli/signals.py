"""SIGINT and SIGTERM as an event, for commands that run until they are told to end."""

from __future__ import annotations

import signal
import threading
from queue import SimpleQueue


def stop_on_signals(*further: signal.Signals) -> threading.Event:
    """An event that is set once one of them, or of `further` signals, has come; only for the main thread.

    A handler may run while that thread is inside the event's own `wait`, with its lock: setting it there could wait
    forever. A queue's `put` is made for handlers, and another thread sets the event.
    """
    stop = threading.Event()
    arrived: SimpleQueue[int] = SimpleQueue()

    def pass_on() -> None:
        arrived.get()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, *further):
        signal.signal(number, lambda number, _: arrived.put(number))
    threading.Thread(target=pass_on, name="signals", daemon=True).start()
    return stop
