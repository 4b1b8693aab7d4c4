"""How high the tree of a regular expression is: Go refuses what is higher than a thousand nodes, C++'s RE2 does not."""

from __future__ import annotations

import re

HIGHEST = 1000
_TOKEN = re.compile(
    r"\\Q.*?(?:\\E|\Z)|\\[pPx]\{[^}]*\}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^]\\])*\]|\(\?(?:P?<\w+>|[imsU-]*[:)])|"
    r"[*+?]\??|\{\d+(?:,\d*)?\}\??|.",
    re.DOTALL,
)
_Node = tuple[str, int]
_EMPTY: _Node = ("empty", 1)
_LITERAL: _Node = ("literal", 1)


def too_high(pattern: str) -> bool:
    """Whether a pattern that is otherwise sound nests too deeply for Go (regexp/syntax, ErrNestingDepth)."""
    if len(pattern) < HIGHEST - 1:
        return False  # a character makes one node at most
    frames: list[tuple[bool, list[list[_Node]]]] = [(False, [[]])]
    for token in _TOKEN.findall(pattern):
        branches = frames[-1][1]
        if token[0] == "(" and not token.endswith(")"):
            frames.append((not token.endswith(":"), [[]]))
        elif token == ")" and len(frames) > 1:
            captures, inner = frames.pop()
            node = _joined("or", [_joined("then", nodes) for nodes in inner])
            frames[-1][1][-1].append(("group", node[1] + 1) if captures else node)
        elif token == "|":
            branches.append([])
        elif token[0] in "*+?" or (token[0] == "{" and len(token) > 1):
            if branches[-1]:
                branches[-1][-1] = ("repeat", branches[-1][-1][1] + 1)
        elif token[0] != "(":
            branches[-1].append(_LITERAL)
    return _joined("or", [_joined("then", nodes) for nodes in frames[0][1]])[1] > HIGHEST


def _joined(kind: str, nodes: list[_Node]) -> _Node:
    """One node of several; those of the same kind are taken apart, and neighbouring literals are one."""
    apart = [
        node
        for at, node in enumerate(nodes)
        if at == 0 or node is not _LITERAL or nodes[at - 1] is not _LITERAL
    ]
    if len(apart) < 2:
        return apart[0] if apart else _EMPTY
    return kind, 1 + max(height - 1 if below == kind else height for below, height in apart)
