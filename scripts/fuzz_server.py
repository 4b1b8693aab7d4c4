"""Sends the API server in the process what nobody should send it, and looks for 500s, hangs and growth.

    python scripts/fuzz_server.py [--minutes 30] [--seed N]

`opgen testserver` runs in a process of its own. Requests are made of its own paths, kinds and media types, and then
spoilt: bodies nested too deep, too long, of wrong types or no type, patches and selectors that mean nothing, YAML
with aliases, bytes that are no HTTP at all, headers without end, and connections that fall silent. An answer of 500
or more, one that takes longer than ten seconds, a server that ends, or one that grows beyond a gigabyte is a failure.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import http.client
import json
import random
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from fuzz_material import (
    ACCEPTS,
    CRD,
    METHODS,
    OBJECTS,
    PARAMETERS,
    PATCHES,
    POINTERS,
    SCALARS,
    SUBRESOURCES,
    TYPES,
    VALUES,
    YAMLS,
    raw_bytes,
)

SLOW_SECONDS = 10.0
MEANT = 499
"""Stands for a 500 that the real server gives, too."""
MAX_MIB = 1024.0


class Fuzz:
    """Makes requests from one source of chance."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.names = ["a", "b", "default", "x-y"]

    def request(self) -> tuple[str, str, dict[str, str], bytes | None]:
        """Method, target, headers and body."""
        dice = self.dice
        method = dice.choice(METHODS)
        base, obj = dice.choice(OBJECTS)
        name = dice.choice(self.names) if dice.random() < 0.9 else quote(self.word())
        collection = dice.random() < {"POST": 0.95, "GET": 0.4, "DELETE": 0.1}.get(method, 0.02)
        target = base if collection else f"{base}/{name}"
        if not collection and dice.random() < 0.2:
            target += f"/{dice.choice(SUBRESOURCES)}"
        if dice.random() < 0.05:
            target = self.path(target)
        if dice.random() < 0.4:
            pairs = [(dice.choice(PARAMETERS), dice.choice(VALUES)) for _ in range(dice.randint(1, 4))]
            if not any(name == "timeoutSeconds" for name, _ in pairs):
                pairs.append(("timeoutSeconds", "1"))
            target += "?" + urlencode([(k, "1" if k == "timeoutSeconds" else v) for k, v in pairs])
        else:
            target += "?timeoutSeconds=1"
        usual = PATCHES if method == "PATCH" else ("application/json",)
        kind = dice.choice(TYPES if dice.random() < 0.2 else usual)
        headers = {
            "Content-Type": kind,
            "Accept": dice.choice(ACCEPTS if dice.random() < 0.2 else ACCEPTS[:1]),
        }
        if dice.random() < 0.05:
            headers["Impersonate-User"] = dice.choice(
                ("", "somebody", "system:serviceaccount:default:x", "é")
            )
        if dice.random() < 0.02:
            headers["Content-Encoding"] = dice.choice(("gzip", "deflate", "br", "nonsense"))
        body = None if method in ("GET", "HEAD") and dice.random() < 0.9 else self.body(kind, name, obj)
        return method, target, headers, body

    def word(self) -> str:
        """A text of whatever characters."""
        letters = string.printable + "éß\u0000\u202e\U0001f600"
        return "".join(self.dice.choice(letters) for _ in range(self.dice.choice((0, 1, 5, 20, 254))))

    def path(self, path: str) -> str:
        """A path with one segment spoilt."""
        parts = path.split("/")
        parts[self.dice.randrange(len(parts))] = self.dice.choice(
            ("", "%", "%2F", "..", "namespaces", "é", "%zz", "x" * 2000)
        )
        return quote("/".join(parts), safe="/%.")

    def body(self, kind: str, name: str, obj: dict[str, Any]) -> bytes:
        """A body for this media type, more or less spoilt."""
        dice, chance = self.dice, self.dice.random()
        if chance < 0.03:
            return self.deep()
        if chance < 0.05:
            return dice.choice(YAMLS)
        if chance < 0.07:
            return b"k8s\x00" + dice.randbytes(dice.choice((0, 1, 10, 300)))
        if chance < 0.09:
            return dice.randbytes(dice.choice((0, 1, 100, 10_000)))
        if chance < 0.1:
            return (
                b'{"metadata": {"name": "a", "annotations": {"x": "'
                + b"y" * dice.choice((10**5, 3 * 10**6, 5 * 10**6))
                + b'"}}}'
            )
        if "json-patch" in kind:
            return self.dumped([self.operation() for _ in range(dice.randint(0, 5))])
        made: dict[str, Any] = json.loads(json.dumps(obj))
        made.setdefault("metadata", {})["name"] = name
        if dice.random() < 0.2:
            made["metadata"]["finalizers"] = dice.choice((["example.com/f"], [], None, ["x"], "y"))
        if dice.random() < 0.2:
            made["metadata"]["managedFields"] = dice.choice(
                ([], None, [{}], [{"manager": "x", "fieldsV1": {"f:a": 1}}])
            )
        for _ in range(dice.choice((0, 0, 1, 1, 2, 5))):
            self.spoil(made)
        return self.dumped(made)

    def dumped(self, data: Any) -> bytes:
        text = json.dumps(data, ensure_ascii=self.dice.random() < 0.5)
        if self.dice.random() < 0.05:
            text = text[: self.dice.randrange(len(text) + 1)]
        return text.encode(errors="surrogatepass")

    def spoil(self, data: Any) -> None:
        """Replaces, removes or adds something somewhere."""
        dice, place = self.dice, data
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            inner = [key for key in keys if isinstance(place[key], (dict, list)) and place[key]]
            if inner and dice.random() < 0.7:
                place = place[dice.choice(inner)]
                continue
            value = copy.deepcopy(dice.choice(SCALARS))
            if isinstance(place, dict):
                key = dice.choice([*keys, self.word(), "metadata", "spec", "status", "kind", "$patch"])
                if dice.random() < 0.2:
                    place.pop(key, None)
                else:
                    place[key] = value
            elif keys and dice.random() < 0.7:
                place[dice.choice(keys)] = value
            else:
                place.append(value)
            return

    def operation(self) -> Any:
        dice = self.dice
        made = {
            "op": dice.choice(("add", "remove", "replace", "move", "copy", "test", "nothing", None, 1)),
            "path": dice.choice((*POINTERS, None, 1)),
            "from": dice.choice(POINTERS),
            "value": copy.deepcopy(dice.choice(SCALARS)),
        }
        for key in dice.sample(list(made), dice.choice((0, 0, 0, 1))):
            del made[key]
        return dice.choice((made, made, made, made, None, [], "x"))

    def deep(self) -> bytes:
        """A body nested deeper than anybody needs."""
        depth = self.dice.choice((50, 200, 1000, 5000, 100_000, 1_000_000))
        opened, closed = self.dice.choice(((b"[", b"]"), (b'{"a":', b"}")))
        whole = self.dice.random() < 0.8
        prefix = self.dice.choice((b"", b'{"metadata": {"name": "a"}, "spec": '))
        return prefix + opened * depth + b"1" + (closed * depth + (b"}" if prefix else b"") if whole else b"")


class Target:
    """The server under test, and what is measured of it."""

    def __init__(self, folder: Path) -> None:
        (folder / "crd.json").write_text(json.dumps(CRD))
        self.log = (folder / "log").open("a+b")
        program = "from opgen.cli import main; main()"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                program,
                "testserver",
                "--format",
                "json",
                "--crd",
                str(folder / "crd.json"),
            ],
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        assert self.process.stdout is not None
        text = b""
        while not text.endswith(b"}\n"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"it did not start: {self.said()}")
            text += line
        told = json.loads(text)
        self.token = told["token"]
        parts = urlsplit(told["url"])
        self.host, self.port = parts.hostname or "", parts.port or 0

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes | None) -> int:
        """The status of one answer; 0 where the server closed the connection without one."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=SLOW_SECONDS)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            connection.putheader("Authorization", f"Bearer {self.token}")
            for name, value in headers.items():
                connection.putheader(name, value.encode("utf-8"))
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            said = answer.read()
            # kube-apiserver itself answers 500 to some requests, with a Status that says why; a crash has none. The
            # answer to HEAD has no body, and is told by its type: a crash is text.
            why = b'"kind":"Status"' in said
            if method == "HEAD":
                why = answer.headers.get("Content-Type", "") == "application/json"
            return MEANT if answer.status == 500 and why else answer.status
        except (http.client.RemoteDisconnected, ConnectionError, http.client.IncompleteRead):
            return 0
        finally:
            connection.close()

    def raw(self, data: bytes) -> int:
        """The status of the answer to bytes that are sent as they are; 0 for none."""
        address = (self.host, self.port)
        with contextlib.suppress(ConnectionError), socket.create_connection(address, timeout=5) as sent:
            sent.settimeout(0.2)
            with contextlib.suppress(TimeoutError):
                sent.sendall(data)
                answer = sent.recv(64).split()
                return int(answer[1]) if len(answer) > 1 and answer[1].isdigit() else 0
        return 0

    def said(self) -> str:
        """What it has logged since the last time."""
        self.log.seek(0)
        text = self.log.read().decode(errors="replace")
        self.log.seek(0)
        self.log.truncate()
        return text

    def mib(self) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.log.close()


def failure(target: Target, status: int, seconds: float) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if status == 0:  # no answer: did that request end it?
        with contextlib.suppress(subprocess.TimeoutExpired):
            target.process.wait(0.05)
    if target.process.poll() is not None:
        return f"the server ended with {target.process.returncode}"
    if status >= 500 and status not in (501, 503, 504):
        return f"status {status}"
    if seconds > SLOW_SECONDS:
        return f"took {seconds:.1f} s"
    return ""


class Findings:
    """Failures, one of each kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}

    def note(self, target: Target, wrong: str, asked: tuple[str, str, dict[str, str], bytes | None]) -> None:
        """Print a failure that is the first of its kind."""
        said = target.said().strip()
        kind = f"{wrong}: {' / '.join(said.splitlines()[-1:])}"[:300]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if self.kinds[kind] == 1:
            method, path, headers, body = asked
            print(
                f"==== {kind}\n{method} {path[:300]}\n{headers}\n{(body or b'')[:600]!r}\n{said[-1500:]}\n",
                flush=True,
            )


def attack(target: Target, dice: random.Random, seconds: float, found: Findings) -> str:
    """Sends requests for so long; tells how many, and what came back."""
    fuzz, counts, silent = Fuzz(dice), dict[int, int](), list[socket.socket]()
    end, number, slowest, largest = time.monotonic() + seconds, 0, 0.0, 0.0
    try:
        while time.monotonic() < end and target.process.poll() is None:
            number += 1
            asked = fuzz.request()
            began = time.monotonic()
            try:
                status = target.raw(raw_bytes(dice)) if dice.random() < 0.01 else target.ask(*asked)
            except TimeoutError:
                status = 599
            except (ValueError, UnicodeError):  # our own client refuses to send it
                continue
            took = time.monotonic() - began
            slowest, counts[status] = max(slowest, took), counts.get(status, 0) + 1
            if dice.random() < 0.005 and len(silent) < 200:  # connections that never finish
                with contextlib.suppress(ConnectionError):
                    silent.append(socket.create_connection((target.host, target.port)))
                    silent[-1].sendall(b"GET /api HTTP/1.1\r\nHost:")
            wrong = failure(target, status, took)
            if number % 500 == 0:
                largest = max(largest, target.mib())
                wrong = wrong or (f"grew to {largest:.0f} MiB" if largest > MAX_MIB else "")
            if wrong:
                found.note(target, wrong, asked)
    finally:
        for one in silent:
            one.close()
    names = {0: "closed", MEANT: "500 as the real server's"}
    told = ", ".join(f"{names.get(status, status)}: {count}" for status, count in sorted(counts.items()))
    return f"{number} requests, slowest {slowest:.2f} s, {largest:.0f} MiB\n{told}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    found = Findings()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server must not outlive this
    with tempfile.TemporaryDirectory(prefix="opgen-fuzz-") as folder:
        target = Target(Path(folder))
        try:
            print(attack(target, random.Random(options.seed), 60 * options.minutes, found))
        finally:
            target.stop()
    print(
        f"seed {options.seed}: {len(found.kinds)} kinds of failure"
        if found.kinds
        else f"seed {options.seed}: no crash"
    )
    return 1 if found.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
