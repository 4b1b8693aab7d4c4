"""The clauses of `string.format`: `%s %d %f %e %b %x %X %o`, an optional precision, `%%`.

`interpolate` walks the text; what a clause makes of its argument is the caller's: values at run time
(`formatting`), types at compile time (`validators`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Clause: TypeAlias = Callable[[str, int | None, int], str]


class FormatFault(Exception):
    """A clause cannot be read, or does not fit its argument (`within`); the message is the server's."""


def interpolate(text: str, count: int, clause: Clause, *, early: bool) -> str:
    """The text with its clauses replaced by `clause(letter, precision, index)`.

    `count` arguments there are; `early` reports a missing argument before a missing clause, as at run time.
    """
    pieces: list[str] = []
    at = index = 0
    while at < len(text):
        mark = text.find("%", at)
        if mark < 0:
            pieces.append(text[at:])
            break
        pieces.append(text[at:mark])
        if text[mark + 1 : mark + 2] == "%":
            pieces.append("%")
            at = mark + 2
            continue
        if early and index >= count:
            raise FormatFault(f"index {index} out of range")
        if mark + 1 >= len(text):
            raise FormatFault("unexpected end of string")
        if index >= count:
            raise FormatFault(f"index {index} out of range")
        letter, precision, at = _read(text, mark + 1)
        pieces.append(clause(letter, precision, index))
        index += 1
    return "".join(pieces)


def _read(text: str, at: int) -> tuple[str, int | None, int]:
    precision = None
    if text[at] == ".":
        end = at + 1
        while end < len(text) and text[end] in "0123456789":
            end += 1
        if end >= len(text):
            raise FormatFault(
                _unreadable("error while parsing precision: could not find end of precision specifier")
            )
        digits = text[at + 1 : end]
        if not digits or len(digits) > 18:
            reason = "invalid syntax" if not digits else "value out of range"
            raise FormatFault(
                _unreadable(
                    "error while parsing precision: error while converting precision to integer: "
                    f'strconv.Atoi: parsing "{digits}": {reason}'
                )
            )
        precision, at = int(digits), end
    letter = text[at]
    if letter not in "sdfebxXo":
        shown = letter if letter.isascii() else chr(letter.encode("utf-8", "surrogatepass")[0])
        raise FormatFault(_unreadable(f'unrecognized formatting clause "{shown}"'))
    return letter, precision, at + 1


def _unreadable(reason: str) -> str:
    return f"could not parse formatting clause: {reason}"
