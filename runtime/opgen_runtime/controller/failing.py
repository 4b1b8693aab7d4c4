"""The condition that says on an object that reconciling it fails (`failure_condition`).

Written when a failure is new, not at each attempt: the write is an event of its own, which brings the key back
at once. The user's code sets the condition again when all is well.
"""

from __future__ import annotations

import logging
from typing import Any, Generic, TypeVar

from opgen_runtime.client.client import Client
from opgen_runtime.client.transport import Item
from opgen_runtime.controller.outcome import text_of
from opgen_runtime.errors import ConnectionFailed, OpgenRuntimeError
from opgen_runtime.objects import ObjectKey, Resource, Struct, set_condition

T = TypeVar("T", bound=Resource)

MESSAGE_LIMIT = 1024


class FailureCondition(Generic[T]):
    """Sets one condition to False on objects whose reconcile fails; does nothing when `name` is None."""

    def __init__(self, kind: type[T], client: Client, name: str | None, log: logging.Logger) -> None:
        self._kind = kind
        self._client = client
        self._name = name
        self._log = log
        self._said: dict[ObjectKey, str] = {}

    def forget(self, key: ObjectKey) -> None:
        """The failure is over, or the object gone."""
        self._said.pop(key, None)

    async def failed(self, key: ObjectKey, item: Item, error: BaseException, reason: str) -> None:
        """Say it on the object, unless the same kind of failure was said already."""
        said = type(error).__qualname__
        if self._name is None or isinstance(error, ConnectionFailed) or self._said.get(key) == said:
            return
        self._said[key] = said
        try:
            obj: Any = self._kind.from_json(item.raw)
            async with self._client.status(obj) as status:
                if isinstance(status, Struct):
                    set_condition(
                        status,
                        self._name,
                        False,
                        reason=reason,
                        message=text_of(error)[:MESSAGE_LIMIT],
                        observed_generation=item.metadata.generation or None,
                    )
        except (OpgenRuntimeError, TypeError, ValueError) as err:
            self._log.warning("the condition %s could not be set: %s", self._name, err)
