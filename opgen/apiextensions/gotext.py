"""How Go prints values inside the server's messages: `%q`, `%v` of a float64, conversions of numbers."""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from typing import Any

from opgen.apiextensions.errors import GoStruct, GoText
from opgen.ir.schema import JSON

_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}
_UNPRINTABLE = ("C", "Z")


def quote(text: str) -> str:
    """`text` as Go's %q writes it: printable characters stay, others become escapes."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char == " " or not unicodedata.category(char).startswith(_UNPRINTABLE):
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def sound(text: str) -> str:
    """The text with U+FFFD for lone surrogates, as Go's decoder has it."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number_literal(value: JSON) -> str:
    """A number as JSON has it; one of thousands of digits, which Python does not print, by its size."""
    try:
        return repr(value)
    except ValueError:
        assert isinstance(value, int)
        return f"{'-' if value < 0 else ''}1e{int(value.bit_length() * math.log10(2))}"


def joined(path: str, name: str) -> str:
    """A field path with one more name, as apimachinery prints it: `spec.a`, and `spec[]` for the empty name."""
    if not name:
        return f"{path}[]"
    return f"{path}.{name}" if path else name


def number(value: int | float) -> str:
    """A float64 as Go's %v writes it: the shortest digits, an exponent below 1e-4 and from 1e6 on."""
    value = float(value)
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    text = plain(value)
    digits = text.lstrip("-").replace(".", "").strip("0")
    exponent = _exponent(text.lstrip("-"))
    if -4 <= exponent < _LARGEST_PLAIN:
        return text
    sign = "-" if value < 0 else ""
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{exponent:+03d}"


_LARGEST_PLAIN = 6  # Go's choice for the shortest form


def _exponent(text: str) -> int:
    """The decimal exponent of a number written without one."""
    whole, _, fraction = text.partition(".")
    if whole.strip("0"):
        return len(whole) - 1
    return -(len(fraction) - len(fraction.lstrip("0"))) - 1


def plain(value: float) -> str:
    """A float64 with its shortest digits and no exponent, as strconv.FormatFloat(value, 'f', -1, 64)."""
    text = repr(float(value))
    if "e" not in text:
        return text.removesuffix(".0")
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    power = int(exponent)
    digits = whole + fraction
    point = len(whole) + power
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}".rstrip("0").rstrip(".")
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}".removesuffix(".0")


_INT64 = 1 << 63
_JSON_PLAIN = 1e21  # where Go's JSON begins to write exponents
_LARGEST_FLOAT = int(sys.float_info.max)


def to_int64(value: float) -> int:
    """A float64 converted to int64 as Go does on amd64: cut; out of range is the smallest int64."""
    if math.isnan(value) or not -float(_INT64) <= value < float(_INT64):
        return -_INT64
    return int(value)


def fits(value: int, bits: int) -> bool:
    """Whether a signed integer of that many bits holds `value`."""
    limit = 1 << (bits - 1)
    return -limit <= value < limit


_JSON_INTEGER = float((1 << 53) - 1)
_EPSILON = 1e-9


def is_json_integer(value: float) -> bool:
    """Whether the server takes a float64 for an integer: within 2^53 and integral up to a relative 1e-9."""
    if math.isnan(value) or math.isinf(value) or not -_JSON_INTEGER <= value <= _JSON_INTEGER:
        return False
    if value == int(value):
        return True
    whole = float(int(value))
    return whole > 0 and (value - whole) / (value + whole) < _EPSILON


def to_json(value: JSON) -> str:
    """Compact JSON as Go's json.Marshal writes it: keys sorted, 5 for 5.0, HTML escaped."""
    if isinstance(value, str):
        return _json_text(value)
    if isinstance(value, float):
        return _json_number(value)
    if isinstance(value, dict):
        keys = value if isinstance(value, GoStruct) else sorted(value)
        return "{" + ",".join(f"{_json_text(key)}:{to_json(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(to_json, value))}]"
    return json.dumps(value)


def _json_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).translate(_JSON_ESCAPES)


_JSON_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def _json_number(value: float) -> str:
    if value and not 1e-6 <= abs(value) < 1e21:
        return repr(value).replace("e-0", "e-").removesuffix(".0")
    return "-0" if value == 0 and math.copysign(1, value) < 0 else plain(value)


def lower(text: str) -> str:
    """strings.ToLower: each character by itself, so that one stays one (`İ` is `i` there)."""
    return text.lower() if text.isascii() else "".join(char.lower()[0] for char in text)


def bad_value(value: JSON) -> str:
    """A value as the server's field errors show it."""
    if isinstance(value, str) and not isinstance(value, GoText):
        return quote(value)
    return number(value) if isinstance(value, float) else to_json(value)


def in_64_bits(value: Any) -> Any:
    """The value as Go's decoder reads it: floats for integers that an int64 does not hold, no lone surrogates.

    Integers that a float64 does not hold either stay.
    """
    kind = type(value)
    if kind is str:
        return sound(value)
    if kind is int:
        return value if fits(value, 64) or abs(value) > _LARGEST_FLOAT else float(value)
    if kind is dict:
        return {sound(key): in_64_bits(item) for key, item in value.items()}
    return list(map(in_64_bits, value)) if kind is list else value


def written(value: float) -> int | float:
    """A float64 as Go's JSON has it: an integer of its shortest digits, unless it has a fraction or an exponent."""
    whole = value.is_integer() and abs(value) < _JSON_PLAIN
    return int(plain(value)) if whole else value


def plain_numbers(value: Any) -> Any:
    """A copy as it comes back from Go's JSON: an integral float whose digits an int64 holds is an integer.

    Its digits are the shortest that mean it: 9223372036854775000 for what is 9223372036854774784.
    """
    kind = type(value)
    if kind is float:
        whole = written(value)
        return whole if type(whole) is int and fits(whole, 64) else value
    if kind is dict:
        return {key: plain_numbers(item) for key, item in value.items()}
    if kind is list:
        return [plain_numbers(item) for item in value]
    return value


_GO_TYPES = {
    bool: "bool",
    int: "int64",
    float: "float64",
    str: "string",
    list: "[]interface {}",
    dict: "map[string]interface {}",
}


def typed(value: JSON) -> str:
    """`5 is of the type int64`, as the accessors of unstructured objects say it."""
    return f"{shown(value)} is of the type {_GO_TYPES.get(type(value), '<nil>')}"


def shown(value: JSON) -> str:
    """A JSON value as Go's %v prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(shown, value))}]"
    return number(value) if isinstance(value, float) else str(value)
