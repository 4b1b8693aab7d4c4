"""Functions on text, indices in code points: CEL's extension, and the two searches by pattern of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable

from opgen.apiextensions import patterns
from opgen.apiextensions.cel import convert
from opgen.apiextensions.cel.operations import no_trait as no_match
from opgen.apiextensions.cel.values import CelError, CostExceeded, ListValue, Value

_LARGEST = 50_000_000
_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACE += "\u2028\u2029\u202f\u205f\u3000"
_QUOTED = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def _range(index: int) -> CelError:
    return CelError(f"index out of range: {index}")


def char_at(text: str, index: int) -> str:
    """The character at an index, nothing at the end."""
    if not 0 <= index <= len(text):
        raise _range(index)
    return text[index : index + 1]


def index_of(text: str, part: str, start: int = 0) -> int:
    """Where `part` first stands from `start` on, -1 if nowhere."""
    if not part:
        return start
    if start < 0:
        raise _range(start)
    return text.find(part, start)


def last_index_of(text: str, part: str, start: int | None = None) -> int:
    """Where `part` last stands up to `start`, -1 if nowhere."""
    if start is None:
        if not part:
            return len(text)
        if len(text.encode("utf-8", "surrogatepass")) < len(part.encode("utf-8", "surrogatepass")):
            return -1
        start = len(text) - 1
    if not part:
        return start
    if start < 0:
        raise _range(start)
    return -1 if start >= len(text) else text.rfind(part, 0, start + len(part))


def replace(text: str, old: str, new: str, count: int = -1) -> str:
    """At most `count` replacements, all if negative."""
    places = text.count(old) if count < 0 else min(count, text.count(old))
    if len(text) + places * len(new) > _LARGEST:
        raise CostExceeded
    return text.replace(old, new, max(count, -1))


def split(text: str, separator: str, count: int = -1) -> ListValue:
    """At most `count` parts, all if negative."""
    if count == 0:
        return ListValue([])
    if not separator:
        parts = list(text)
        if 0 < count < len(parts):
            parts[count - 1 :] = ["".join(parts[count - 1 :])]
        return ListValue(list(parts))
    return ListValue(list(text.split(separator, count - 1 if count > 0 else -1)))


def substring(text: str, start: int, end: int | None = None) -> str:
    """From `start` up to `end`."""
    if end is not None and start > end:
        raise CelError(f"invalid substring range. start: {start}, end: {end}")
    if not 0 <= start <= len(text):
        raise _range(start)
    if end is not None and not 0 <= end <= len(text):
        raise _range(end)
    return text[start:end]


def join(items: Value, separator: str = "") -> str:
    """The elements of a list of strings with a separator."""
    parts: list[str] = []
    size = 0
    for index in range(len(items)):
        item = items.at(index)
        if type(item) is not str:
            raise CelError(f"join: invalid input: {convert.printed(item)}")
        parts.append(item)
        size += len(item) + len(separator)
        if size > _LARGEST:
            raise CostExceeded
    return separator.join(parts)


def quote(text: str) -> str:
    """In double quotes, with CEL's escapes."""
    return '"' + "".join(_QUOTED.get(char, char) for char in text) + '"'


def matches(text: Value, pattern: Value) -> bool:
    """Whether the pattern matches anywhere."""
    if type(text) is not str:
        raise no_match(text, "matches")
    return _compiled(pattern).search(_valid(text)) is not None


def find(text: str, pattern: str) -> str:
    """The leftmost match, "" if there is none."""
    found = _compiled(pattern, "Illegal regex: ").search(_valid(text))
    return "" if found is None else found.group()


def find_all(text: str, pattern: str, count: int = -1) -> ListValue:
    """The matches from left to right, at most `count` of them, all if negative."""
    compiled = _compiled(pattern, "Illegal regex: ")
    text = _valid(text)
    found: list[Value] = []
    at, last = 0, -1
    while at <= len(text) and (count < 0 or len(found) < count):
        match = compiled.search(text, at)
        if match is None:
            break
        start, end = match.start(), match.end()
        if end > start or start != last:
            found.append(match.group())
        last = end
        at = end if end > start else end + 1
    return ListValue(found)


def _compiled(pattern: Value, prefix: str = "") -> patterns.Pattern:
    if type(pattern) is not str:
        raise CelError("no such overload")
    compiled = patterns.compile(pattern)
    if compiled is None:
        raise CelError(prefix + patterns.complaint(pattern))
    return compiled


def _valid(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


OVERLOADS: dict[str, Callable[..., Value]] = {
    "contains_string": lambda text, part: part in text,
    "ends_with_string": lambda text, part: text.endswith(part),
    "starts_with_string": lambda text, part: text.startswith(part),
    "string_char_at_int": char_at,
    "string_index_of_string": index_of,
    "string_index_of_string_int": index_of,
    "string_last_index_of_string": last_index_of,
    "string_last_index_of_string_int": last_index_of,
    "string_lower_ascii": lambda text: text.translate(_LOWER),
    "string_upper_ascii": lambda text: text.translate(_UPPER),
    "string_replace_string_string": replace,
    "string_replace_string_string_int": replace,
    "string_split_string": split,
    "string_split_string_int": split,
    "string_substring_int": substring,
    "string_substring_int_int": substring,
    "string_trim": lambda text: text.strip(_SPACE),
    "list_join": join,
    "list_join_string": join,
    "strings_quote": quote,
    "string_find_string": find,
    "string_find_all_string": find_all,
    "string_find_all_string_int": find_all,
}
