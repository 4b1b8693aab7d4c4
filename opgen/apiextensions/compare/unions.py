"""allOf, anyOf, oneOf and not, before and after, for objects that fitted the old schema.

A branch that asks for a field which is new fits none of them, and one that only speaks of new fields fits all:
`fits` says so where it is sure, so that a further alternative for a further field is no alarm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from opgen.apiextensions.compare.reasons import Reason
from opgen.apiextensions.compare.values import shown
from opgen.apiextensions.compare.where import Where
from opgen.apiextensions.encode import encode_schema
from opgen.apiextensions.gotext import to_json
from opgen.ir.schema import JSON, Schema

_META = frozenset(("apiVersion", "kind", "metadata"))
_EMPTY = Schema()


def unions(old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    """All four of one node."""
    before, after = _own(old), _own(new)
    yield from _all_of(before, after, old, new, where)
    yield from _any_of(before, after, old, new, where)
    yield from _one_of(before, after, old, new, where)
    yield from _not(before, after, old, new, where)


def _own(schema: Schema) -> Schema:
    """Without what x-kubernetes-int-or-string brings along."""
    if not schema.x_int_or_string:
        return schema
    pair = (Schema(type="integer"), Schema(type="string"))
    any_of = () if tuple(map(bare, schema.any_of)) == pair else schema.any_of
    all_of = tuple(part for part in schema.all_of if tuple(map(bare, part.any_of)) != pair)
    return schema.changed(any_of=any_of, all_of=all_of)


def bare(schema: Schema) -> Schema:
    """Without texts for readers."""
    return schema.changed(description="", title="", example=None, external_docs=None, ref=None)


def key(schema: Schema) -> str:
    """The same for schemas that say the same."""
    return to_json(_stripped(encode_schema(schema)))


def _stripped(raw: JSON, *, names: bool = False) -> JSON:
    if isinstance(raw, dict):
        return {
            name: _sorted(value) if name == "required" else _stripped(value, names=name == "properties")
            for name, value in raw.items()
            if names or name not in ("description", "title", "example", "externalDocs")
        }
    if isinstance(raw, list):
        return [_stripped(item) for item in raw]
    return raw


def _sorted(value: JSON) -> JSON:
    return sorted(value, key=str) if isinstance(value, list) else value


def fits(branch: Schema, old: Schema, new: Schema) -> bool | None:
    """Whether objects that fitted `old` fit `branch` of the node `new`: all, none, or None where it depends."""
    results: list[bool | None] = [_fits_value(branch)]
    for name in branch.required:
        results.append(_has(name, old, new))
    for name, below in branch.properties.items():
        present = _has(name, old, new)
        inner = fits(below, old.properties.get(name, _EMPTY), new.properties.get(name, _EMPTY))
        if present is False:
            results.append(True)
        elif present is None and inner is False:
            results.append(None)
        else:
            results.append(inner)
    results += [fits(part, old, new) for part in branch.all_of]
    if branch.any_of:
        results.append(_any(fits(part, old, new) for part in branch.any_of))
    if branch.one_of:
        results.append(_exactly_one([fits(part, old, new) for part in branch.one_of]))
    if branch.not_ is not None:
        inner = fits(branch.not_, old, new)
        results.append(None if inner is None else not inner)
    return False if False in results else None if None in results else True


def _fits_value(branch: Schema) -> bool | None:
    """What is said of the value itself is not looked into."""
    handled = bare(branch).changed(required=(), properties={}, all_of=(), any_of=(), one_of=(), not_=None)
    return True if handled == _EMPTY else None


def _has(name: str, old: Schema, new: Schema) -> bool | None:
    below = new.properties.get(name)
    if below is not None and below.default is not None:
        return True
    if name in old.required:
        return True
    if is_new(name, old):
        return False
    return None


def is_new(name: str, schema: Schema) -> bool:
    """Whether no object of the old schema can have the field."""
    if name in schema.properties or schema.x_preserve_unknown_fields or not schema.type:
        return False
    return schema.additional_properties in (None, False) and not (
        schema.x_embedded_resource and name in _META
    )


def _any(results: Iterable[bool | None]) -> bool | None:
    found = list(results)
    return True if True in found else None if None in found else False


def _exactly_one(results: list[bool | None]) -> bool | None:
    sure = results.count(True)
    if sure > 1:
        return False
    return None if None in results else sure == 1


def _by_key(branches: Iterable[Schema]) -> dict[str, Schema]:
    return {key(branch): branch for branch in branches}


def _listed(branches: Iterable[str]) -> str:
    return ", ".join(text if len(text) <= 80 else f"{text[:77]}..." for text in branches)


def _all_of(before: Schema, after: Schema, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    was, now = _by_key(before.all_of), _by_key(after.all_of)
    added = [text for text, branch in now.items() if text not in was and fits(branch, old, new) is not True]
    if added:
        yield where.reason("all-of-added", f"allOf asks for {_listed(added)} too", "allOf")
    elif was.keys() - now.keys():
        yield where.reason("junctors-loosened", "allOf asks for less")


def _any_of(before: Schema, after: Schema, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    was, now = _by_key(before.any_of), _by_key(after.any_of)
    if was.keys() == now.keys():
        return
    gone = [text for text in was if text not in now]
    if not now or (was and not gone) or any(fits(branch, old, new) is True for branch in now.values()):
        yield where.reason("junctors-loosened", "anyOf has further alternatives, or is gone")
    elif not was:
        yield where.reason("any-of-tightened", f"anyOf is new: {_listed(now)}", "anyOf")
    else:
        yield where.reason("any-of-tightened", f"anyOf has no longer {_listed(gone)}", "anyOf")


def _one_of(before: Schema, after: Schema, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    # An alternative that stands there twice is one that nobody may fit.
    was, now = Counter(map(key, before.one_of)), Counter(map(key, after.one_of))
    if was == now:
        return
    gone = [text for text, count in was.items() if count == 1 and now[text] != 1]
    added = {key(branch): fits(branch, old, new) for branch in after.one_of if key(branch) not in was}
    if not now:
        yield where.reason("junctors-loosened", "oneOf is gone")
    elif not was:
        if _exactly_one([fits(branch, old, new) for branch in after.one_of]) is not True:
            yield where.reason("one-of-tightened", f"oneOf is new: {_listed(now)}", "oneOf")
    elif gone:
        yield where.reason("one-of-tightened", f"oneOf has no longer {_listed(gone)}", "oneOf")
    elif all(fit is False for fit in added.values()):
        yield where.reason("junctors-loosened", "oneOf has further alternatives", "oneOf")
    else:
        text = f"oneOf has {_listed(added)} too, which objects may fit beside another"
        yield where.reason("one-of-tightened", text, "oneOf")


def _not(before: Schema, after: Schema, old: Schema, new: Schema, where: Where) -> Iterator[Reason]:
    was = None if before.not_ is None else key(before.not_)
    now = None if after.not_ is None else key(after.not_)
    if was == now:
        return
    if after.not_ is None or fits(after.not_, old, new) is False:
        yield where.reason("junctors-loosened", "what must not be is gone, or can't be in old objects")
    else:
        change = f"must not fit {shown(encode_schema(after.not_))}"
        yield where.reason("not-tightened", change, "not")
