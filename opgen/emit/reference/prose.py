"""Descriptions as paragraphs: schemas write them as plain text, with blank lines, lists and addresses in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

_BREAK = re.compile(r"\n[ \t]*\n")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")
_INLINE = re.compile(r"`(?P<code>[^`\n]+)`|(?P<url>https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}])")


def paragraphs(text: str) -> tuple[str, ...]:
    """The blocks between blank lines. In a block, lines are joined, save where one begins a list item."""
    return tuple(block for raw in _BREAK.split(text.strip()) if (block := "\n".join(_lines(raw))))


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


def markup(line: str) -> Markup:
    """A line as HTML: code and addresses are marked, all else is text."""
    forms = {
        "text": Markup("{0}"),
        "code": Markup("<code>{0}</code>"),
        "url": Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>'),
    }
    return Markup("").join(forms[kind].format(part) for kind, part in spans(line))
