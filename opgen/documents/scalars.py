"""What a plain YAML scalar means to Kubernetes: the rules of go-yaml v2, which sigs.k8s.io/yaml reads with.

No dates (a timestamp stays text), no base 60, `y`/`yes`/`on` are true, a leading 0 is octal, underscores in
numbers count for nothing, an integer beyond 64 bits is a float.
"""

from __future__ import annotations

import math
import re

_TRUE = {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}
_FALSE = {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}
_NULL = {"", "~", "null", "Null", "NULL"}
_INFINITY = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"}
_NAN = {".nan", ".NaN", ".NAN"}
_INT = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INT_START = frozenset("+-.0123456789")

WORDS: dict[str, bool | None] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_NULL, None),
}


def resolve(plain: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar. Infinity and NaN come back as float; JSON has neither (see `reader`)."""
    if plain in WORDS:
        return WORDS[plain]
    if not plain or plain[0] not in _INT_START:
        return plain
    if plain in _INFINITY:
        return -math.inf if plain[0] == "-" else math.inf
    if plain in _NAN:
        return math.nan
    compact = plain.replace("_", "")
    if _INT.fullmatch(compact):
        number = _integer(compact)
        if -(2**63) <= number < 2**64:
            return number
    if _FLOAT.fullmatch(compact):
        return float(compact)
    return plain


def _integer(text: str) -> int:
    sign = -1 if text[0] == "-" else 1
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return sign * int(digits, 8)
    # Far beyond 64 bits the exact value no longer matters, and int() refuses very long decimal texts.
    return sign * (int(digits, 0) if len(digits) <= 80 else 2**65)


def key_text(value: str | float | bool | None) -> str | None:
    """A mapping's key as the JSON that Kubernetes makes of it; None where it refuses the key."""
    if isinstance(value, str):
        return value
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"{value:.17g}"
