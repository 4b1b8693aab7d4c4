"""Sets of field paths, in the very form of `fieldsV1`: a trie of dicts whose leaves are `{}`.

A node is a member if it has no children or holds "."; the root is never one. The tries are never
mutated once they were handed out, so they may be shared and compared by identity first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

FieldSet = dict[str, Any]

SELF = "."
EMPTY: FieldSet = {}
_LEAF: FieldSet = {}


def is_member(node: FieldSet) -> bool:
    """Whether the path that leads to `node` is in the set."""
    return not node or SELF in node


def is_valid(node: Any) -> bool:
    """Whether a value that a client sent has the form of a set."""
    return isinstance(node, dict) and all(
        (key == SELF or (key[:1] in "fkvi" and key[1:2] == ":")) and is_valid(child)
        for key, child in node.items()
    )


def _sorted(node: FieldSet) -> FieldSet:
    return {key: node[key] for key in sorted(node, key=_order)} if len(node) > 1 else node


def _order(key: str) -> tuple[int, str]:
    return (-1 if key == SELF else "fkvi".find(key[0]), key)


def with_self(children: FieldSet) -> FieldSet:
    """The node of a path that is a member and has these children."""
    if not children:
        return _LEAF
    return children if SELF in children else {SELF: _LEAF, **children}


def _build(member: bool, children: FieldSet) -> FieldSet | None:
    """A node from its parts; None if nothing is left."""
    if member:
        return with_self(children)
    return children or None


def union(a: FieldSet, b: FieldSet) -> FieldSet:
    """All paths of both."""
    if not b or a is b:
        return a
    if not a:
        return b
    result = dict(a)
    for key, theirs in b.items():
        ours = result.get(key)
        if ours is None:
            result[key] = theirs
        elif ours is not theirs and key != SELF:
            children = union(_children(ours), _children(theirs))
            result[key] = with_self(children) if is_member(ours) or is_member(theirs) else children
    return _sorted(result)


def _children(node: FieldSet) -> FieldSet:
    if SELF not in node:
        return node
    return {key: child for key, child in node.items() if key != SELF}


def difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths of `a` that are not in `b`."""
    return _combine(a, b, lambda ours, theirs: ours and not theirs, keep_lone=True)


def intersection(a: FieldSet, b: FieldSet) -> FieldSet:
    """The paths in both."""
    return _combine(a, b, lambda ours, theirs: ours and theirs, keep_lone=False)


def _combine(a: FieldSet, b: FieldSet, rule: Callable[[bool, bool], bool], *, keep_lone: bool) -> FieldSet:
    if not a or not b:
        return a if keep_lone else EMPTY
    result: FieldSet = {}
    changed = False
    for key, ours in a.items():
        if key == SELF:
            continue
        theirs = b.get(key)
        if theirs is None:
            if keep_lone:
                result[key] = ours
            else:
                changed = True
            continue
        children = _combine(_children(ours), _children(theirs), rule, keep_lone=keep_lone)
        node = _build(rule(is_member(ours), is_member(theirs)), children)
        if node is None:
            changed = True
        else:
            result[key] = node
            changed = changed or node is not ours
    return result if changed or SELF in a else a


def recursive_difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """`a` without the paths of `b` and everything below them."""
    if not a or not b:
        return a
    result: FieldSet = {}
    for key, ours in a.items():
        theirs = b.get(key)
        if theirs is None or key == SELF:
            result[key] = ours
        elif not is_member(theirs):
            left = recursive_difference(_children(ours), theirs)
            node = _build(is_member(ours), left)
            if node is not None:
                result[key] = node
    return result


def paths(node: FieldSet, prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every path of the set in the server's order: a level's members, then what is below."""
    keys = [key for key in sorted(node, key=_order) if key != SELF]
    for key in keys:
        if is_member(node[key]):
            yield (*prefix, key)
    for key in keys:
        yield from paths(node[key], (*prefix, key))
