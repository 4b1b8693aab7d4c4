"""Kills whoever asked for a control plane, at random moments, and looks for what is left of it.

    python scripts/kill_control_plane.py [--count 100] [--seed N] [--full]

Each round starts a process that starts an API server (as a test run does), and kills it without warning: while the
supervisor, etcd or the API server come up, while it works, or while it stops. One round in five kills the supervisor
at the same moment. Within ten seconds no process of it may live, its port must be free, and its folder gone, or, where
the supervisor was killed too, gone after the next start.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from opgen.controlplane import assets, folder

SECONDS = 10.0
ASKER = """
import sys
from pathlib import Path
from opgen.controlplane import ControlPlane

assets, base, full = sys.argv[1:]
while True:  # starting, working and stopping, so that a kill may come at any moment of the three
    with ControlPlane.start(Path(assets), base=Path(base), full=full == "full") as plane:
        for number in range(20):
            body = {"metadata": {"generateName": "n-"}}
            plane.api("POST", "/api/v1/namespaces/default/configmaps", body)
"""


def processes(base: Path) -> dict[int, str]:
    """The processes that work in `base`, or were told of it."""
    found: dict[int, str] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            where = os.readlink(path / "cwd")
            words = (path / "cmdline").read_bytes().split(b"\0")
            state = (path / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        told = str(base).encode()
        if state != "Z" and (where.startswith(str(base)) or any(told in word for word in words)):
            found[int(path.name)] = b" ".join(words).decode(errors="replace")[:80]
    return found


def supervisors(parent: int) -> list[int]:
    """The children of a process that own control planes."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and b"supervisor" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
    return found


def listening(base_processes: dict[int, str]) -> set[int]:
    """The TCP ports on which these processes listen."""
    inodes: set[str] = set()
    for pid in base_processes:
        with contextlib.suppress(OSError):
            for descriptor in (Path("/proc") / str(pid) / "fd").iterdir():
                with contextlib.suppress(OSError):
                    inodes.add(os.readlink(descriptor))
    return {port for port, inode in _listeners() if f"socket:[{inode}]" in inodes}


def _listeners() -> list[tuple[int, str]]:
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return [(int(field[1].rpartition(":")[2], 16), field[9]) for field in fields if field[3] == "0A"]


def one_round(base: Path, binaries: Path, dice: random.Random, full: bool, longest: float) -> int:
    """Starts, kills, looks. Returns how many processes there were; AssertionError where something is left."""
    asker = subprocess.Popen(
        [sys.executable, "-c", ASKER, str(binaries), str(base), "full" if full else "api"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    seconds = dice.uniform(0.0, longest)
    both = dice.random() < 0.2
    try:
        asker.wait(seconds)
        assert asker.stderr is not None
        raise AssertionError(f"it ended by itself: {asker.stderr.read().decode()}")
    except subprocess.TimeoutExpired:
        pass
    before = processes(base)
    ports = listening(before)
    owners = supervisors(asker.pid)
    os.killpg(asker.pid, signal.SIGKILL)
    if both:
        for pid in owners:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    asker.wait()
    began = time.monotonic()
    while True:
        left = processes(base)
        folders = [] if both else [path.name for path in base.iterdir()]
        taken = {port for port, _ in _listeners()} & ports
        if not left and not folders and not taken:
            break
        if time.monotonic() - began > SECONDS:
            raise AssertionError(f"left after {SECONDS:g} s: {left} {folders} {taken}")
        time.sleep(0.02)
    if both:
        time.sleep(0.05)
        folder.sweep(base)
        unfinished = [path.name for path in base.iterdir() if not path.name.startswith(".")]
        assert not unfinished, f"left after the next start: {unfinished}"
    return len(before)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--full", action="store_true", help="with controllers and simulated nodes")
    options = parser.parse_args()
    dice = random.Random(options.seed)
    binaries = assets.for_tests(full=options.full)
    base = Path(tempfile.mkdtemp(prefix="opgen-kills-"))
    alive, slowest = 0, 0.0
    # Half of the kills come in the first seconds, in which everything starts.
    for number in range(options.count):
        longest = (3.0 if number % 2 else 8.0) * (2.0 if options.full else 1.0)
        began = time.monotonic()
        try:
            processes_then = one_round(base, binaries, dice, options.full, longest)
        except AssertionError as problem:
            print(json.dumps({"round": number, "seed": options.seed, "problem": str(problem)}))
            return 1
        alive += processes_then > 1
        slowest = max(slowest, time.monotonic() - began)
    shutil.rmtree(base)
    print(
        f"{options.count} kills (seed {options.seed}), {alive} of them with servers up: "
        f"no process, port or folder left; slowest round {slowest:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
