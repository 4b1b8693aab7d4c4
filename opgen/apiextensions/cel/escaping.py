"""Names of properties as CEL identifiers: `a-b` is `a__dash__b`, `namespace` is `__namespace__`."""

from __future__ import annotations

import re
from functools import lru_cache

RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
        "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }
)  # fmt: skip
_LEGAL = re.compile(r"[A-Za-z0-9_.\-/]*\Z")
_PIECE = re.compile(r"__|[-./]")
_ESCAPED = re.compile(r"__[^_]+__")
_PIECES = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_BACK = {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}


@lru_cache(maxsize=4096)
def escape(name: str) -> str | None:
    """The identifier for a property, None if it has none."""
    if not name or name[0] in "0123456789":
        return None
    if name in RESERVED:
        return f"__{name}__"
    if not _LEGAL.match(name):
        return None
    return _PIECE.sub(lambda piece: _PIECES[piece.group()], name)


@lru_cache(maxsize=4096)
def unescape(name: str) -> str | None:
    """The property for an identifier, None if it holds an unknown escape."""
    if "__" not in name:
        return name
    wrong = False

    def back(piece: re.Match[str]) -> str:
        nonlocal wrong
        inner = piece.group()[2:-2]
        if inner in _BACK:
            return _BACK[inner]
        if inner not in RESERVED or len(piece.group()) != len(name):
            wrong = True
        return inner

    found = _ESCAPED.sub(back, name)
    return None if wrong else found
