"""Conditions in a status, with the semantics of meta.SetStatusCondition: the transition time moves only when
the condition's status does. Works with `Condition`, with a kind's own item type and with plain data.
"""

from __future__ import annotations

import typing
from datetime import UTC, datetime
from typing import Any, Protocol

from opgen_runtime.objects.meta import Condition
from opgen_runtime.objects.struct import Struct, field_shapes


class ConditionLike(Protocol):
    """What any condition says."""

    @property
    def type(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def message(self) -> str | None: ...


def set_condition(
    status: Struct,
    type: str,
    value: bool | str,
    *,
    reason: str,
    message: str = "",
    observed_generation: int | None = None,
    now: datetime | None = None,
) -> bool:
    """Sets one condition in `status.conditions` and says whether anything changed.

    `value` is True, False or "Unknown" (or the text). The transition time is `now` (UTC, seconds; the clock's
    if None) when the status changed or the condition is new. `observed_generation` is set where the items
    have that field. Raises TypeError for a status without a list of conditions.
    """
    item = _item_type(status)
    said: dict[str, Any] = {"type": type, "status": _text(value), "reason": reason, "message": message}
    if observed_generation is not None:
        said["observedGeneration"] = observed_generation
    conditions = _conditions(status)
    for position, existing in enumerate(conditions):
        data = _data(existing)
        if data.get("type") == type:
            moved = data.get("status") != said["status"]
            wanted = data | said | ({"lastTransitionTime": _timestamp(now)} if moved else {})
            wanted = _declared(item, wanted, keep=data)
            if wanted == data:
                return False
            conditions[position] = _made(item, wanted)
            return True
    made = _made(item, _declared(item, said | {"lastTransitionTime": _timestamp(now)}, keep={}))
    _store(status, [*conditions, made])
    return True


def remove_condition(status: Struct, type: str) -> bool:
    """Removes a condition and says whether it was there."""
    conditions = _conditions(status)
    kept = [condition for condition in conditions if _data(condition).get("type") != type]
    if len(kept) == len(conditions):
        return False
    _store(status, kept)
    return True


def find_condition(source: Struct | None, type: str) -> ConditionLike | None:
    """The condition of that type in a status (or in an object's status), or None.

    A typed item is the object's own; plain data come as a `Condition` of their own.
    """
    for condition in _conditions(_status_of(source)):
        data = _data(condition)
        if data.get("type") == type:
            found: Any = condition if isinstance(condition, Struct) else _view(data)
            like: ConditionLike = found
            return like
    return None


def is_condition_true(source: Struct | None, type: str) -> bool:
    """Whether the condition is there and its status is "True"."""
    found = find_condition(source, type)
    return found is not None and found.status == "True"


def _status_of(source: Struct | None) -> Any:
    """A status is its own; an object's is under `status`."""
    if source is None or "conditions" in field_shapes(source):
        return source
    status = getattr(source, "status", None)
    if isinstance(status, Struct | dict):
        return status
    return source


def _text(value: bool | str) -> str:
    return value if isinstance(value, str) else str(bool(value))


def _timestamp(now: datetime | None) -> str:
    moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _conditions(status: Any) -> list[Any]:
    """The list itself, so that changes reach the status; a new one where there is none."""
    found = status.get("conditions") if isinstance(status, dict) else getattr(status, "conditions", None)
    return found if isinstance(found, list) else []


def _store(status: Struct, conditions: list[Any]) -> None:
    if "conditions" in field_shapes(status):
        setattr(status, "conditions", conditions)  # noqa: B010  (type checkers know no such field of Struct)
    elif status.__pydantic_extra__ is not None:
        status.__pydantic_extra__["conditions"] = conditions


def _item_type(status: Struct) -> type[Struct] | None:
    """The class of the items; None stands for plain data."""
    shape = field_shapes(status).get("conditions")
    if shape is None:
        if getattr(status, "_OPEN", False) or "conditions" in (status.__pydantic_extra__ or {}):
            return None
        raise TypeError(f"{type(status).__name__} has no field conditions")
    args = typing.get_args(shape.annotation)
    if typing.get_origin(shape.annotation) is not list or not args:
        raise TypeError(f"{type(status).__name__}.conditions is not a list")
    item = args[0]
    return item if isinstance(item, type) and issubclass(item, Struct) else None


def _data(condition: Any) -> dict[str, Any]:
    if isinstance(condition, Struct):
        return condition.to_dict()
    return condition if isinstance(condition, dict) else {}


def _declared(item: type[Struct] | None, data: dict[str, Any], keep: dict[str, Any]) -> dict[str, Any]:
    """Without what the items' schema does not know (the server would prune it), save for what was there."""
    if item is None:
        return data
    known = {shape.wire for shape in field_shapes(item).values()}
    return {key: value for key, value in data.items() if key in known or key in keep}


def _made(item: type[Struct] | None, data: dict[str, Any]) -> Any:
    return data if item is None else item.from_dict(data)


def _view(data: dict[str, Any]) -> Condition:
    view = Condition.model_construct()
    for name, shape in field_shapes(Condition).items():
        view.__dict__[name] = data.get(shape.wire)
    return view
