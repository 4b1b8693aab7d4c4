"""The objects in a file, so that a server that is started again goes on where it was: same uids, same versions.

One line a change, written before the request is answered, so the end of the process, however it comes, loses nothing.
A line that was cut short is dropped. What is written is synced to the disk when the file is written anew and when it
is closed; a machine that loses its power may lose the last moments.

The file begins with the objects as they were when it was last written anew, and goes on with the changes since then,
so a watch from a version of before the restart goes on too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path
from typing import Any

import msgspec

from opgen.apiserver.message import JSONObject, encode
from opgen.apiserver.server import ApiServer
from opgen.apiserver.storage import Change, Store
from opgen.errors import OpgenError

FORMAT = "opgen.apiserver/1"
STATE = "objects.jsonl"
_LOCK = "lock"
TOKEN = "token"
"""The file with the administrator's token, so that a kubeconfig stays good."""
KEY = "service-account.key"
"""The file with what ServiceAccounts' tokens are signed with."""
REWRITE_BYTES = 64 << 20
"""A file that has grown by this much since it was written anew is written anew."""


class Persistence:
    """Keeps a server's objects in a folder until `close`. Raises OpgenError where that can't be."""

    def __init__(self, server: ApiServer, folder: Path, *, rewrite_bytes: int = REWRITE_BYTES) -> None:
        self._server = server
        self._path = folder / STATE
        self._rewrite_bytes = rewrite_bytes
        self._written = 0
        self._base = 0
        self.failure: OSError | None = None
        """What ended the writing: a full disk, say. The server goes on; whoever runs it looks here."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = _locked(folder)
            try:
                self.restored = self._restore()
                if not self.restored:
                    self._rewrite()
                self._out = self._append()
            except BaseException:
                os.close(self._lock)
                raise
        except OSError as problem:
            raise OpgenError(f"can't keep objects in {folder}: {problem.strerror or problem}") from problem
        self._unsubscribe = server.subscribe(self._note)

    def close(self) -> None:
        """Write nothing any more, with all that was written on the disk."""
        self._unsubscribe()
        with contextlib.suppress(OSError):
            os.fsync(self._out)
        os.close(self._out)
        os.close(self._lock)

    def _note(self, change: Change) -> None:
        """Called after each change, in the server's own step."""
        if self.failure is not None:
            return
        try:
            self._write(self._out, _line(change))
            if self._written - self._base > self._rewrite_bytes:
                self._rewrite()
                os.close(self._out)
                self._out = self._append()
        except OSError as problem:
            self.failure = problem

    def _write(self, descriptor: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        self._written += len(data)

    def _append(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def _rewrite(self) -> None:
        """The objects as they are now in a new file, which takes the old one's place whole."""
        part = self._path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            self._written = 0
            with self._server.locked() as context:
                self._write(descriptor, encode({"format": FORMAT}) + b"\n")
                for obj, table, namespace in _everything(context.store):
                    self._write(descriptor, encode({"put": table, "in": namespace, "obj": obj}) + b"\n")
                self._write(descriptor, encode({"revision": context.store.revision}) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(part, self._path)
        self._base = self._written

    def _restore(self) -> bool:
        """Put what the file holds in the place of what the server has; False where there is no file."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return False
        whole = data[: data.rfind(b"\n") + 1]
        lines = whole.splitlines()
        records = [self._decoded(number, line) for number, line in enumerate(lines, 1)]
        if not records or records[0].get("format") != FORMAT:
            raise OpgenError(
                f"{self._path} is not a file of this version's objects", hint="choose another folder"
            )
        if len(whole) < len(data):
            os.truncate(self._path, len(whole))
        self._written = self._base = len(whole)
        with self._server.locked() as context:
            _clear(context.store)
            for record in records[1:]:
                _replay(context.store, record)
        self._server.settle()
        return True

    def _decoded(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            record = msgspec.json.decode(line)
        except msgspec.DecodeError as problem:
            raise OpgenError(f"{self._path}:{number} is damaged: {problem}") from problem
        if not isinstance(record, dict):
            raise OpgenError(f"{self._path}:{number} is damaged")
        return record


def kept_secret(folder: Path, name: str) -> str:
    """A secret that is made on first use and stays in the folder. Raises OpgenError."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            found = path.read_text().strip()
            if found:
                return found
        path.touch(mode=0o600)
        secret = secrets.token_urlsafe(32)
        path.write_text(secret + "\n")
    except OSError as problem:
        raise OpgenError(f"can't keep a secret in {folder}: {problem.strerror or problem}") from problem
    return secret


def _locked(folder: Path) -> int:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise OpgenError(f"another server keeps its objects in {folder}") from None
    return descriptor


def _line(change: Change) -> bytes:
    if change.deleted:
        record: JSONObject = {
            "gone": change.table,
            "in": change.item.namespace,
            "name": change.item.name,
            "revision": change.revision,
        }
    else:
        record = {"put": change.table, "in": change.item.namespace, "obj": change.item.obj}
    return encode(record) + b"\n"


def _everything(store: Store) -> list[tuple[JSONObject, str, str]]:
    """All objects, the one changed last at the end, so that they can be stored in this order."""
    found = [(item, table) for table, _ in store.tables() for item in store.items(table)]
    found.sort(key=lambda pair: pair[0].revision)
    return [(item.obj, table, item.namespace) for item, table in found]


def _clear(store: Store) -> None:
    """Without what a new server begins with: the file has it, as it became."""
    for table, _ in list(store.tables()):
        for item in store.items(table):
            store.delete(table, item.namespace, item.name)
    store.compact()
    store.revision = 1


def _replay(store: Store, record: dict[str, Any]) -> None:
    if "put" in record:
        obj = record["obj"]
        store.revision = int(obj["metadata"]["resourceVersion"]) - 1
        store.put(record["put"], record["in"], obj)
    elif "gone" in record:
        store.revision = record["revision"] - 1
        store.delete(record["gone"], record["in"], record["name"])
    else:
        store.revision = record["revision"]
        store.compact()
