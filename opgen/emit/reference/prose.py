"""Descriptions as paragraphs: schemas write them as plain text, with blank lines, lists and addresses in it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from markupsafe import Markup

_BREAK = re.compile(r"\n[ \t]*\n")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")
_INLINE = re.compile(r"`(?P<code>[^`\n]+)`|(?P<url>https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}])")


_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*[\w+.-]*[ \t]*")


class Code(str):
    """A block that is shown as it stands: between fences, or set in by tabs as Go's documentation has it."""

    __slots__ = ()


def paragraphs(text: str) -> tuple[str, ...]:
    """The blocks between blank lines; code is `Code`. In other blocks lines are joined, save before a list item."""
    found: list[str] = []
    plain: list[str] = []
    lines = text.strip("\n").splitlines()
    index = 0
    while index < len(lines):
        end = _closing(lines, index)
        if end:
            found += [*_blocks(plain), Code(textwrap.dedent("\n".join(lines[index + 1 : end])).strip("\n"))]
            plain = []
            index = end + 1
        else:
            plain.append(lines[index])
            index += 1
    return tuple(block for block in (*found, *_blocks(plain)) if block)


def _closing(lines: list[str], index: int) -> int:
    """The line that closes the fence which `index` opens, 0 where it opens none: one that stays open is text."""
    opened = _FENCE.fullmatch(lines[index])
    if opened is None:
        return 0
    for end in range(index + 1, len(lines)):
        closing = lines[end].strip()
        if closing.startswith(opened["fence"]) and not closing.strip(opened["fence"][0]):
            return end
    return 0


def _blocks(lines: list[str]) -> Iterator[str]:
    for raw in _BREAK.split("\n".join(lines)):
        within = [line for line in raw.splitlines() if line.strip()]
        if within and all(line.startswith("\t") for line in within) and not _ITEM.match(within[0]):
            yield Code(textwrap.dedent(raw).strip("\n"))
        else:
            yield "\n".join(_lines(raw))


def _lines(block: str) -> Iterator[str]:
    held = ""
    for line in block.splitlines():
        if held and not _ITEM.match(line):
            held = f"{held} {line.strip()}"
        else:
            if held:
                yield held
            held = line.strip()
    if held:
        yield held


def spans(line: str) -> Iterator[tuple[str, str]]:
    """A line in parts: ("text", ...), ("code", what stood in backticks) and ("url", an http(s) address)."""
    end = 0
    for match in _INLINE.finditer(line):
        if match.start() > end:
            yield "text", line[end : match.start()]
        kind = "code" if match["code"] is not None else "url"
        yield kind, match[kind]
        end = match.end()
    if end < len(line):
        yield "text", line[end:]


def is_code(block: str) -> bool:
    """Whether a block of `paragraphs` is code."""
    return isinstance(block, Code)


def markup(line: str) -> Markup:
    """A line as HTML: code and addresses are marked, all else is text."""
    forms = {
        "text": Markup("{0}"),
        "code": Markup("<code>{0}</code>"),
        "url": Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>'),
    }
    return Markup("").join(forms[kind].format(part) for kind, part in spans(line))
