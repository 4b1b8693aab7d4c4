"""Regular expressions as Go's regexp reads them: the one place that compiles a schema's patterns.

google-re2 is the same engine in another language. What differs is settled here: `\\C` (any byte) and group
names beyond ASCII are C++'s alone; `\\p{Letter}`, `\\p{ASCII}` and names in any case are Go's alone (since
1.25); the texts of errors are Go's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

import re2

from opgen.apiextensions.pattern_height import too_high


class Match(Protocol):
    """What a search found; positions count characters."""

    def group(self, *groups: int) -> str: ...
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...


class Pattern(Protocol):
    """A compiled expression: `search` finds it anywhere, `match` at the start, `fullmatch` as a whole."""

    @property
    def pattern(self) -> str: ...
    @property
    def groups(self) -> int: ...
    def search(self, text: str, pos: int | None = None, endpos: int | None = None) -> Match | None: ...
    def match(self, text: str, pos: int | None = None, endpos: int | None = None) -> Match | None: ...
    def fullmatch(self, text: str, pos: int | None = None, endpos: int | None = None) -> Match | None: ...


_OPTIONS = re2.Options()
_OPTIONS.log_errors = False

# C++'s word for an error, Go's, and how Go shows the offending piece.
_WORDS = {
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid escape sequence": "invalid escape sequence",
    "bad repetition operator": "invalid nested repetition operator",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid character class range": "invalid character class range",
    "missing )": "missing closing )",
    "missing ]": "missing closing ]",
    "unexpected )": "unexpected )",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression",
    "invalid UTF-8": "invalid UTF-8",
}


def compile(pattern: str) -> Pattern | None:
    """The compiled pattern, or None where Go would refuse it; cached."""
    return _compiled(pattern)[0]


def complaint(pattern: str) -> str:
    """Go's error for a pattern that does not compile, "" for one that does."""
    return _compiled(pattern)[1]


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` matches anywhere in `text`; an invalid pattern matches nothing."""
    compiled = compile(pattern)
    return compiled is not None and compiled.search(_valid_unicode(text)) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[Pattern | None, str]:
    try:
        translated = _translate(_valid_unicode(pattern))
        compiled = re2.compile(translated, options=_OPTIONS)
    except _ByteClass:
        return None, "error parsing regexp: invalid escape sequence: `\\C`"
    except _GroupName as error:
        return None, f"error parsing regexp: invalid named capture: `{error}`"
    except re2.error as error:
        return None, _in_gos_words(error, pattern)
    if too_high(pattern):
        return None, f"error parsing regexp: expression nests too deeply: `{pattern}`"
    return compiled, ""


def _valid_unicode(text: str) -> str:
    """Lone surrogates, which JSON can spell, reach Go as U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


_SURROGATE = re.compile("[\ud800-\udfff]")


class _ByteClass(Exception):
    """The pattern uses C++'s `\\C`."""


class _GroupName(Exception):
    """The pattern names a group in letters that Go does not take there."""


_TOKEN = re.compile(r"\\Q.*?(?:\\E|\Z)|\\[pP]\{[^}]{0,99}\}|\\.|\[\^?\]?|\]|\(\?P?<\w+>", re.DOTALL)

_CATEGORIES = {
    "any": "Any", "other": "C", "control": "Cc", "cntrl": "Cc", "format": "Cf", "privateuse": "Co",
    "surrogate": "Cs", "letter": "L", "lowercaseletter": "Ll", "modifierletter": "Lm", "otherletter": "Lo",
    "titlecaseletter": "Lt", "uppercaseletter": "Lu", "mark": "M", "combiningmark": "M",
    "spacingmark": "Mc", "enclosingmark": "Me", "nonspacingmark": "Mn", "number": "N",
    "decimalnumber": "Nd", "digit": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P",
    "punct": "P", "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "closepunctuation": "Pe",
    "finalpunctuation": "Pf", "initialpunctuation": "Pi", "otherpunctuation": "Po", "openpunctuation": "Ps",
    "symbol": "S", "currencysymbol": "Sc", "modifiersymbol": "Sk", "mathsymbol": "Sm", "othersymbol": "So",
    "separator": "Z", "lineseparator": "Zl", "paragraphseparator": "Zp", "spaceseparator": "Zs",
}  # fmt: skip
_ASCII = {"p": r"\x00-\x7F", "P": r"\x{80}-\x{10FFFF}"}


def _translate(pattern: str) -> str:
    """The pattern with Go's own spellings in RE2's; most patterns come back as they are."""
    plain = not any(mark in pattern for mark in ("\\C", "\\p{", "\\P{"))
    if plain and (pattern.isascii() or "(?" not in pattern):
        return pattern
    in_class = False
    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        pieces.append(pattern[end : token.start()])
        end = token.end()
        if text == "\\C":
            raise _ByteClass
        if text.startswith(("\\p{", "\\P{")):
            text = _unicode_class(text, in_class=in_class)
        elif text[0] == "(":
            if not in_class and not text.isascii():
                raise _GroupName(text)
        elif text[0] == "[":
            in_class = True
        elif text == "]":
            in_class = False
        pieces.append(text)
    return "".join(pieces) + pattern[end:]


def _unicode_class(token: str, *, in_class: bool) -> str:
    letter, name = token[1], token[3:-1]
    if name.startswith("^"):
        letter, name = "pP"[letter == "p"], name[1:]
    key = re.sub(r"[\s_-]", "", name).lower()
    if key == "ascii":
        return _ASCII[letter] if in_class else f"[{_ASCII[letter]}]"
    known = _CATEGORIES.get(key)
    if known is None:
        # Categories have one or two letters, scripts are capitalised words joined by underscores.
        parts = re.split(r"[\s_-]+", name)
        known = key.capitalize() if len(key) <= 2 else "_".join(part.capitalize() for part in parts)
    return rf"\{letter}{{{known}}}"


def _in_gos_words(error: re2.error, pattern: str) -> str:
    raw = error.args[0] if error.args else b""
    text = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)
    for theirs, ours in _WORDS.items():
        if text == theirs or text.startswith(f"{theirs}:"):
            piece = text[len(theirs) + 2 :]
            if piece in ("(?<=", "(?<!"):
                ours, piece = _WORDS["invalid named capture group"], _lookbehind(pattern, piece)
            return f"error parsing regexp: {ours}: `{piece}`"
    return f"error parsing regexp: {text}"


def _lookbehind(pattern: str, opening: str) -> str:
    """Go reads `(?<=x)` as a badly named group and shows it up to a `>`, or to the first `)`."""
    rest = pattern[pattern.index(opening) :]
    end = rest.find(">")
    if end < 0:
        closing = rest.find(")")
        return rest if closing < 0 else rest[: closing + 1]
    return rest[: end + 1]
