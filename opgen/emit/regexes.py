"""Whether a pattern means the same to Go's RE2 and to the engines of editors (ECMAScript) and validators (Python).

The server's patterns may use what those lack or read otherwise (`\\pL`, `(?i)`, `\\z`, `[[:alpha:]]`). A pattern that
is in doubt is not portable.
"""

from __future__ import annotations

import re

_ESCAPES = frozenset("dDwWsSbBnrtfv")
_GROUP = re.compile(r"\((?:\?:)?")
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")
_CLASS_DOUBLES = ("--", "&&", "~~", "||", "[")


def is_portable(pattern: str) -> bool:
    """Whether every engine reads it alike."""
    place = 0
    while place < len(pattern):
        character = pattern[place]
        if character == "\\":
            if not _escape(pattern, place):
                return False
            place += 2
        elif character == "[":
            end = _class_end(pattern, place)
            if end is None:
                return False
            place = end
        elif character == "(":
            if pattern.startswith("(?", place) and not pattern.startswith("(?:", place):
                return False
            found = _GROUP.match(pattern, place)
            assert found is not None
            place = found.end()
        elif character == "{":
            repeat = _REPEAT.match(pattern, place)
            if repeat is None:
                return False
            place = repeat.end()
        elif character in "}]":
            return False
        else:
            place += 1
    return True


def _escape(pattern: str, place: int) -> bool:
    """A known class or control character, or a character of punctuation as itself."""
    escaped = pattern[place + 1 : place + 2]
    if not escaped:
        return False
    return escaped in _ESCAPES or not (escaped.isalnum() or escaped == "_" or not escaped.isascii())


def _class_end(pattern: str, start: int) -> int | None:
    """Where the class that begins at `start` ends, None where engines disagree about it."""
    place = start + 1
    if pattern.startswith("^", place):
        place += 1
    if pattern.startswith("]", place):
        return None
    first = place
    while place < len(pattern) and pattern[place] != "]":
        if pattern[place] == "\\":
            if not _escape(pattern, place) or pattern[place + 1] in "bB":
                return None
            place += 2
            continue
        if pattern.startswith(_CLASS_DOUBLES, place) and place > first:
            return None
        place += 1
    return place + 1 if place < len(pattern) else None
