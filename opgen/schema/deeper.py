"""What the API server would say next: it checks in stages, and one that fails hides those after it.

The verdict stays the server's. Here what it found wrong is taken out and the rest is reviewed again, so that a user
is told of a bad default, pattern and rule at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from opgen.apiextensions import encode, review_definition
from opgen.apiextensions.errors import FieldError, Verdict
from opgen.schema.loaded import Loaded, field_steps

_ROUNDS = 4
_NEXT = ("default", "pattern", "example")
"""Keywords that can be left out without making anything else wrong."""
_LISTS = ("x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type")
_Steps = tuple[str | int, ...]


def review(loaded: Loaded) -> Verdict:
    """The server's verdict on a definition, with the errors that would come up once these are mended."""
    verdict = review_definition(loaded.definition, stored=False)
    if verdict.allowed or verdict.decode or loaded.partial:
        return verdict
    given: Any = encode(loaded.definition)
    raw = deepcopy(given)
    found, latest = list(verdict.errors), verdict.errors
    told = {_key(loaded, error) for error in found}
    for _ in range(_ROUNDS):
        mended = [_mended(loaded, raw, error) for error in latest]
        if True not in mended:
            break
        latest = review_definition(raw, field_validation="Ignore", stored=False).errors
        new = [error for error in latest if _key(loaded, error) not in told]
        told |= {_key(loaded, error) for error in new}
        found += [error for error in new if _at(given, _steps(loaded, error)) is not None]
    return replace(verdict, errors=tuple(found))


def _steps(loaded: Loaded, error: FieldError) -> _Steps:
    steps = field_steps(error.field, loaded.definition)
    return tuple("jsonPath" if step == "JSONPath" else step for step in steps)


def _key(loaded: Loaded, error: FieldError) -> tuple[_Steps, str]:
    """Details may change with what was taken out (what all rules cost together), so they don't count."""
    return _steps(loaded, error), str(error.type)


def _at(data: Any, steps: Sequence[str | int]) -> Any:
    """What stands at the place; None if nothing does."""
    for step in steps:
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if not in_list and not (isinstance(data, dict) and step in data):
            return None
        data = data[step]
    return data


def _mended(loaded: Loaded, raw: Any, error: FieldError) -> bool:
    """Takes out what the error is about, in all versions where it is about all of them; whether anything changed."""
    steps = _steps(loaded, error)
    if steps[:2] != ("spec", "versions") or len(steps) < 4:
        return False
    own = error.field.startswith("spec.versions[")
    indices = [steps[2]] if own else range(len(raw["spec"]["versions"]))
    return True in [_taken_out(raw, ("spec", "versions", index, *steps[3:])) for index in indices]


def _taken_out(raw: Any, steps: _Steps) -> bool:
    for place, step in enumerate(steps):
        if place and steps[place - 1] == "properties":
            continue  # the name of a field
        holder = _at(raw, steps[:place])
        if not isinstance(holder, dict) or step not in holder:
            continue
        if step == "x-kubernetes-validations" and len(steps) > place + 1:
            rules, index = holder[step], steps[place + 1]
            harmless = {"rule": "true"}
            if not isinstance(index, int) or index >= len(rules) or rules[index] == harmless:
                return False
            rules[index] = harmless
            return True
        if step in _NEXT:
            del holder[step]
            return True
        if step in _LISTS:
            for name in _LISTS:
                holder.pop(name, None)
            return True
        if step == "jsonPath" and holder[step] != ".metadata.name":
            holder[step] = ".metadata.name"
            return True
    return False
