"""Writing a status: one merge patch of what the block changed, or nothing.

`changes` decides what changed and how to say it; here it is sent. A patch that sets a list carries the
resourceVersion, since it replaces other writers' items too; on Conflict the object is read anew and the
record, never the block, is made on what stands there, unless that is another object of the same name.
Nothing is sent when the block raises, and the object then has the status that it had.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, get_args

from opgen_runtime import json
from opgen_runtime.client.changes import Changes, merge_patch, record, replay
from opgen_runtime.client.transport import Metadata
from opgen_runtime.errors import Conflict
from opgen_runtime.objects import Resource, Struct, Unstructured

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)

ATTEMPTS = 5
"""How often a status is sent when others keep changing the object."""


class HasStatus(Protocol[S_co]):
    """Any object with a status: lets `client.status(widget)` give a `WidgetStatus`."""

    @property
    def status(self) -> S_co | None: ...


Send = Callable[[bytes], Awaitable[Metadata]]
Read = Callable[[], Awaitable[Mapping[str, Any]]]


class StatusSession(Generic[S]):
    """What `client.status(obj)` returns: `async with` it, change the status that it gives."""

    __slots__ = ("_before", "_obj", "_read", "_send", "_status")

    def __init__(self, obj: Resource, send: Send, read: Read) -> None:
        self._obj = obj
        self._send = send
        self._read = read

    async def __aenter__(self) -> S:
        status = _status_of(self._obj)
        self._before: dict[str, Any] = _dump(status) if status is not None else {}
        self._status: Any = _empty_status(self._obj) if status is None else status
        return self._status  # type: ignore[no-any-return]  # S is bound by the caller's object

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self._restore()
            return
        after = _dump(self._status)
        changes = record(self._before, after)
        if not changes:
            return
        patch, touches_list = merge_patch(self._before, replay(changes, self._before))
        if not patch:
            return
        version = (self._obj.metadata.resource_version or "") if touches_list else ""
        try:
            metadata = await self._send(_body(patch, version))
        except Conflict as conflict:
            await self._retry(changes, conflict)
        else:
            if version:  # only then is the object, as it is here, what the server has at the new version
                self._obj.metadata.resource_version = metadata.resource_version
        if _status_of(self._obj) is not self._status:
            _set_status(self._obj, self._status)

    async def _retry(self, changes: Changes, conflict: Conflict) -> None:
        uid = self._obj.metadata.uid
        for attempt in range(2, ATTEMPTS + 1):
            current = await self._read()
            metadata: Mapping[str, Any] = current.get("metadata") or {}
            if uid and metadata.get("uid", uid) != uid:
                raise conflict  # another object of that name: the record was made for one that is gone
            before: dict[str, Any] = current.get("status") or {}
            after = replay(changes, before)
            patch, _ = merge_patch(before, after)
            version = str(metadata.get("resourceVersion", ""))
            try:
                if patch:
                    await self._send(_body(patch, version))
            except Conflict:
                if attempt == ATTEMPTS:
                    raise
                continue
            self._status = _read_status(self._obj, after)
            return

    def _restore(self) -> None:
        if _status_of(self._obj) is not None:
            _set_status(self._obj, _read_status(self._obj, self._before))


def _body(patch: Mapping[str, Any], resource_version: str) -> bytes:
    if resource_version:
        return json.dumps({"metadata": {"resourceVersion": resource_version}, "status": patch})
    return json.dumps({"status": patch})


def _status_of(obj: Resource) -> Any:
    if isinstance(obj, Unstructured):
        return obj.get("status")
    return getattr(obj, "status", None)


def _set_status(obj: Resource, status: Any) -> None:
    if isinstance(obj, Unstructured):
        obj["status"] = status
    else:
        setattr(obj, "status", status)  # noqa: B010  # no Resource declares one, kinds do


def _dump(status: Any) -> dict[str, Any]:
    if isinstance(status, Struct):
        return status.to_dict()
    copied: dict[str, Any] = json.loads(json.dumps(status))
    return copied


def _empty_status(obj: Resource) -> Any:
    shape = _status_class(type(obj))
    return {} if shape is None else shape.model_construct()


def _read_status(obj: Resource, data: Mapping[str, Any]) -> Any:
    shape = _status_class(type(obj))
    return dict(data) if shape is None else shape.from_dict(data)


def _status_class(kind: type[Resource]) -> type[Struct] | None:
    """The class of the kind's status; None where it is plain data."""
    field = kind.__pydantic_fields__.get("status")
    if field is None:
        if issubclass(kind, Unstructured):
            return None
        raise TypeError(f"{kind.__name__} has no status")
    candidates = (field.annotation, *get_args(field.annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, Struct)), None)
