"""Values for fields without parts: texts, numbers, booleans, in the order in which they look best.

`candidates` streams them; each satisfies the schema as the API server's validator judges it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import islice

from opgen.apiextensions.formats import normalised
from opgen.apiextensions.issues import Issues
from opgen.apiextensions.nodes import Node
from opgen.emit.samples.automata import common
from opgen.emit.samples.effective import choices, effective, has_junctors
from opgen.emit.samples.hints import number_hint, text_hints
from opgen.emit.samples.regular import texts
from opgen.ir.schema import JSON, Schema

_LONGEST = 100_000  # of texts that a sample may need
_TRIED = 400  # values looked at before a field is given up

_FORMATS: dict[str, tuple[str, ...]] = {
    "bsonobjectid": ("507f1f77bcf86cd799439011", "507f1f77bcf86cd799439012"),
    "byte": ("ZXhhbXBsZQ==", "ZXhhbXBsZTI="),
    "cidr": (
        "10.0.0.0/16",
        "10.1.0.0/16",
        "2001:db8::/64",
        "10.0.0.0/24",
        "192.168.0.0/24",
        "10.0.0.0/8",
        "10.0.0.0/32",
    ),
    "creditcard": ("4220855426222389", "374953669708156"),
    "date": ("2026-01-01", "2026-01-02", "2026-06-15", "2030-12-31", "2020-01-01", "2000-02-29"),
    "datetime": (
        "2026-01-01T00:00:00Z",
        "2026-01-02T00:00:00Z",
        "2026-06-15T12:30:00Z",
        "2030-12-31T23:59:59Z",
        "2020-01-01T00:00:00Z",
    ),
    "duration": ("30s", "1h", "1m", "5m", "500ms", "24h", "10s", "10m", "2h", "72h", "1ms", "1s"),
    "email": ("user@example.com", "admin@example.com"),
    "hexcolor": ("#336699", "#996633"),
    "hostname": ("example.com", "www.example.com"),
    "ipv4": ("10.0.0.1", "10.0.0.2"),
    "ipv6": ("2001:db8::1", "2001:db8::2"),
    "isbn": ("0321751043", "9780321751041"),
    "isbn10": ("0321751043", "3836221195"),
    "isbn13": ("9780321751041", "9783836221191"),
    "mac": ("02:00:00:00:00:01", "02:00:00:00:00:02"),
    "rgbcolor": ("rgb(51,102,153)", "rgb(153,102,51)"),
    "ssn": ("191-60-2869", "191-60-2870"),
    "uri": ("https://example.com", "https://example.com/path"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "uuid3": ("00000000-0000-3000-8000-000000000001", "00000000-0000-3000-8000-000000000002"),
    "uuid4": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "uuid5": ("00000000-0000-5000-8000-000000000001", "00000000-0000-5000-8000-000000000002"),
}

# What a format's texts look like, for texts that a rule asks more of; the validator has the last word.
_LOOKS: dict[str, str] = {
    "byte": r"^([A-Za-z0-9]{4})+$",
    "cidr": r"^(1[0-9]{2}|[1-9][0-9]?)\.[0-9]{1,2}\.[0-9]{1,2}\.0/(8|16|24)$",
    "date": r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
    "datetime": r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T[01][0-9]:[0-5][0-9]:[0-5][0-9]Z$",
    "duration": r"^[1-9][0-9]*(ms|s|m|h)$",
    "email": r"^[a-z0-9.]+@[a-z0-9]+\.[a-z]{2,6}$",
    "hexcolor": r"^#[0-9a-f]{6}$",
    "hostname": r"^[a-z0-9]+(\.[a-z0-9]+)*\.[a-z]{2,9}$",
    "ipv4": r"^(1[0-9]{2}|[1-9][0-9]?)\.[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}$",
    "ipv6": r"^[0-9a-f]{1,4}:([0-9a-f]{1,4}:){0,5}:[0-9a-f]{1,4}$",
    "isbn10": r"^[0-9]{9}[0-9X]$",
    "mac": r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$",
    "rgbcolor": r"^rgb\([0-9]{1,2},[0-9]{1,2},[0-9]{1,2}\)$",
    "ssn": r"^[1-7][0-9]{2}-[1-9][0-9]-[1-9][0-9]{3}$",
    "uri": r"^https?://[a-z0-9.]+(/[a-z0-9]*)*$",
    "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$",
}

# Shapes that patterns and rules ask for in other than plain words.
_SHAPES = (
    "example", "example-1", "example_1", "Example", "EXAMPLE", "example.com", "a", "1", "0", "10", "100m", "1Gi", "30s",
    "1h", "1m", "5m", "v1", "1.0.0", "v1.0.0", "8080", "80", "443", "80/TCP", "https://example.com", "http://example.com",
    "https://example.com/path", "example.com/example", "nginx:1.27", "/data", "/", "*", "true", "1d", "50%", "10.0.0.1",
    "10.0.0.0/16", "2026-01-01T00:00:00Z", "00000000-0000-4000-8000-000000000001", "*/5 * * * *", "ZXhhbXBsZQ==",
    "user@example.com", "arn:aws:iam::123456789012:role/example", "0644", "en", "us-east-1", "2026-01-01", "{}", "[]",
    "app=example", "#336699", "sha256:" + "0" * 64, "0" * 40, "example:latest", "default/example",
)  # fmt: skip


def format_patterns(format_: str) -> tuple[str, ...]:
    """What texts of a format look like; nothing for a format that is not known here."""
    looks = _LOOKS.get(normalised(format_))
    return () if looks is None else (looks,)


def candidates(schema: Schema, name: str) -> Iterator[JSON]:
    """Valid values of a scalar field called `name`, the best first, each once; a text or number has many."""
    node = Node(schema, structural=False)
    seen: set[tuple[type, JSON]] = set()
    for value in islice(_guesses(schema, name), _TRIED):
        key = (type(value), value if not isinstance(value, dict | list) else repr(value))
        if key not in seen:
            seen.add(key)
            issues: Issues = []
            node.check(value, "", issues)
            if not issues:
                yield value


def likeness(schema: Schema) -> Hashable:
    """Equal for schemas that have the same candidates."""
    if has_junctors(schema):
        return id(schema)
    return (
        (schema.type, schema.format, schema.pattern, schema.x_int_or_string, schema.nullable),
        (
            schema.minimum,
            schema.maximum,
            schema.exclusive_minimum,
            schema.exclusive_maximum,
            schema.multiple_of,
        ),
        (schema.min_length, schema.max_length, repr(schema.enum), repr(schema.default)),
    )


def _guesses(schema: Schema, name: str) -> Iterator[JSON]:
    if schema.default is not None and schema.default.json is not None:
        yield schema.default.json
    for choice in range(choices(schema)):
        chosen = effective(schema, choice) if has_junctors(schema) else None
        folded = schema if chosen is None else chosen.schema
        if chosen is not None and len(chosen.patterns) > 1 and not folded.enum:
            yield from common(chosen.patterns, folded.min_length or 0, folded.max_length)
        yield from (value.json for value in folded.enum if value.json != "")
        yield from (value.json for value in folded.enum if value.json == "")
        if not folded.enum:
            yield from _plain(folded, name)


def _plain(schema: Schema, name: str) -> Iterator[JSON]:
    if schema.x_int_or_string:
        number = number_hint(name)
        if number is not None:
            yield number
        yield from _texts(schema, name)
        yield from _numbers(schema, name)
        return
    match schema.type:
        case "boolean":
            yield from (True, False)
        case "integer":
            yield from _numbers(schema, name)
        case "number":
            yield from _numbers(schema, name)
            yield from (0.5, 1.5, 0.1)
        case "string":
            yield from _texts(schema, name)


def _numbers(schema: Schema, name: str) -> Iterator[int | float]:
    hint = number_hint(name)
    if hint is not None:
        yield hint
    low, high = schema.minimum, schema.maximum
    step = schema.multiple_of or 1
    yield 1
    if low is not None:
        yield from _around(low, step)
    if schema.multiple_of is not None:
        yield from (_form(step * factor) for factor in (1, 2, 10, 0))
    yield from (2, 3, 5, 8, 10, 100, 1000, 80, 443, 0)
    if high is not None:
        yield from _around(high, -step)
    if low is not None and high is not None:
        yield _form((low + high) / 2)
        yield int((low + high) / 2)
    yield from (60, 3600, 1024, 65535, -1)


def _around(bound: float, step: float) -> Iterator[int | float]:
    whole = int(-(-bound // 1)) if step > 0 else int(bound // 1)
    yield from (_form(bound), whole, _form(bound + step), whole + (1 if step > 0 else -1))
    yield _form((bound // step + 1) * step)


def _form(value: float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _texts(schema: Schema, name: str) -> Iterator[str]:
    if schema.min_length is not None and schema.min_length > _LONGEST:
        return
    known = _FORMATS.get(normalised(schema.format), ())
    hints = (*known, *text_hints(name))
    yield from hints
    if schema.pattern:
        yield from (text for text in _SHAPES if text not in hints)
        yield from islice(texts(schema.pattern), 96)
    least, most = schema.min_length or 0, schema.max_length
    for text in (*hints, "example"):
        if len(text) < least:
            yield (text + "-example" * (least // 8 + 1))[:least]
            yield (text + "x" * least)[:least]
        if most is not None and len(text) > most:
            yield text[:most].rstrip("-./:")
            yield text[:most]
    yield from (f"{hints[0]}-2", "example-2", "example-3", *_SHAPES)
