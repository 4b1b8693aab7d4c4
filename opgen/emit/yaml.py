"""The one YAML writer: JSON data in block style, the same bytes for the same data, read alike by every reader.

What any of YAML 1.1, 1.2 and Go's reader would take for something else than a string is quoted; nothing is
wrapped, no anchors. It is written by hand since libyaml's emitter takes ten times as long on a large CRD.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

# A plain scalar: no indicator in front, no colon before a space or the end, no comment, printable throughout.
# %s stands for what is beyond ASCII: large classes take long to compile, and most texts need none.
_PLAIN = (
    r"(?:[A-Za-z0-9_/(.^$;\\%s]|<(?!<)|\+(?=\S)|-(?=[^\s-])|--(?=[A-Za-z]))"
    r"(?:[!\"$-9;-~%s]|:(?=[^\s])|#(?<=\S#)| (?=[^\s#]))*"
)
_BEYOND = r"\u00a1-\u2027\u202a-\ud7ff"
_PLAIN_ASCII = re.compile(_PLAIN % ("", ""))
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", "", "nan", "inf"})
_LONGEST_WORD = max(map(len, _WORDS))
# Whatever could be a number, a date, a time or a version of one of them.
_NUMERIC = re.compile(r"[-+]?\.?(?:[0-9][0-9a-fA-F_.,:xXoObBtTzZeE+ -]*|inf|nan)", re.IGNORECASE)
_LIKE_NUMBER = frozenset("+-.0123456789INin")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_SHORT = 32
_WIDE = re.compile(r"[\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def dump(data: Any, *, sort_keys: bool = False) -> str:
    """`data` (mappings, sequences, strings, numbers, booleans, None) as one YAML document.

    Mappings keep their order unless `sort_keys` is set. Raises TypeError for anything that JSON can't hold.
    """
    writer = _Writer(sort_keys)
    if isinstance(data, Mapping) and data:
        writer.mapping(data, "")
    elif isinstance(data, (list, tuple)) and data:
        writer.sequence(data, "")
    else:
        writer.lines.append(_scalar(data, ""))
    return "\n".join(writer.lines) + "\n"


def dump_all(documents: Iterable[Any]) -> str:
    """Several documents, a `---` between them."""
    return "---\n".join(dump(document) for document in documents)


class _Writer:
    """Gathers the lines of one document. `lead` is what stands before the first line, as wide as `indent`."""

    def __init__(self, sort_keys: bool) -> None:
        self.lines: list[str] = []
        self._sort_keys = sort_keys
        self._short: dict[str, str] = {}  # names and words, of which a document repeats a few all the time

    def mapping(self, data: Mapping[str, Any], indent: str, lead: str = "") -> None:
        deeper = indent + "  "
        prefix = lead or indent
        append, names = self.lines.append, self._short
        for key in sorted(data) if self._sort_keys else data:
            value = data[key]
            name = f"{prefix}{names.get(key) or self._key(key)}:"
            prefix = indent
            if value.__class__ is str:
                append(f"{name} {names.get(value) or self._text(value, deeper)}")
            elif value.__class__ is dict or isinstance(value, Mapping):
                append(name if value else f"{name} {{}}")
                self.mapping(value, deeper)
            elif isinstance(value, (list, tuple)):
                append(name if value else f"{name} []")
                self.sequence(value, indent)
            else:
                append(f"{name} {_scalar(value, deeper)}")

    def sequence(self, data: Sequence[Any], indent: str, lead: str = "") -> None:
        deeper = indent + "  "
        prefix = lead or indent
        for value in data:
            dash = f"{prefix}- "
            prefix = indent
            if value.__class__ is str:
                self.lines.append(f"{dash}{_string(value, deeper)}")
            elif (value.__class__ is dict or isinstance(value, Mapping)) and value:
                self.mapping(value, deeper, dash)
            elif isinstance(value, (list, tuple)) and value:
                self.sequence(value, deeper, dash)
            else:
                self.lines.append(f"{dash}{_scalar(value, deeper)}")

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise TypeError(f"keys must be strings, not {type(key).__name__}")
        written = _flow(key)
        self._short[key] = written
        return written

    def _text(self, value: str, indent: str) -> str:
        if len(value) > _SHORT or "\n" in value:
            return _string(value, indent)
        written = _flow(value)
        self._short[value] = written
        return written


def _scalar(value: Any, indent: str) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value, indent)
        case int():
            return str(value)
        case float():
            return _number(value)
        case Mapping() if not value:
            return "{}"
        case list() | tuple() if not value:
            return "[]"
        case _:
            raise TypeError(f"can't be written as YAML: {type(value).__name__}")


def _number(value: float) -> str:
    """A float that stays one: an exponent gets a fraction, without which YAML 1.1 reads a string."""
    if not math.isfinite(value):
        raise TypeError(f"JSON has no {value}")
    text = repr(value)
    return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text


def _string(value: str, indent: str) -> str:
    if "\n" in value and (block := _block(value, indent)) is not None:
        return block
    return _flow(value)


@cache
def _plain_beyond_ascii() -> re.Pattern[str]:
    return re.compile(_PLAIN % (_BEYOND, _BEYOND))


def _flow(value: str) -> str:
    """A string on one line: plain, or in the quotes that need the fewest escapes."""
    plain = _PLAIN_ASCII if value.isascii() else _plain_beyond_ascii()
    if (
        plain.fullmatch(value)
        and (len(value) > _LONGEST_WORD or value.lower() not in _WORDS)
        and (value[0] not in _LIKE_NUMBER or not _NUMERIC.fullmatch(value))
    ):
        return value
    if (
        ("\\" in value or '"' in value)
        and "\n" not in value
        and "\t" not in value
        and not _UNPRINTABLE.search(value)
    ):
        return "'" + value.replace("'", "''") + "'"
    quoted = json.dumps(value, ensure_ascii=False)
    return _WIDE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


def _block(value: str, indent: str) -> str | None:
    """A literal block, or None where one would not give back exactly this string."""
    body = value.rstrip("\n")
    ending = len(value) - len(body)
    if not body.strip() or body[0] in " \n\t" or ending > 1 or _UNPRINTABLE.search(value) or not indent:
        return None
    lines = ["|" if ending else "|-"]
    for line in body.split("\n"):
        if line and line[-1].isspace():
            return None
        lines.append(indent + line if line else "")
    return "\n".join(lines)
