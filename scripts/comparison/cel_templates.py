"""What random rules are made of: one template a function of the server's environment, macros, and literals.

`<int>` in a template stands for an expression of that type, `<T>` for the element of the wanted one, `<self>` for
the wanted type itself. `<each P>` is a list or map of the scope, `<v>` and `<w>` its variables, `<in TYPE>` an
expression that may use them.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from functools import cache

from comparison.cel_schemas import INTS, STRINGS
from opgen.apiextensions.cel.declarations import Overload, functions

SIMPLE = [
    "int",
    "string",
    "double",
    "bool",
    "uint",
    "bytes",
    "timestamp",
    "duration",
    "dyn",
    "list(int)",
    "quantity",
]
_NAMES = {
    "kubernetes.Quantity": "quantity", "kubernetes.Semver": "semver", "kubernetes.URL": "url",
    "kubernetes.NamedFormat": "format", "net.IP": "ip", "net.CIDR": "cidr", "null_type": "null",
    "google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration", "optional_type": "optional",
}  # fmt: skip
MACROS: dict[str, list[str]] = {
    "bool": [
        "<bool> && <bool>", "<bool> || <bool>", "!(<bool>)", "<int> == <int>", "<string> == <string>",
        "<each any>.all(<v>, <in bool>)", "<each any>.exists(<v>, <in bool>)",
        "<each any>.exists_one(<v>, <in bool>)",
        "<each any>.all(<v>, <w>, <in bool>)", "<each any>.exists(<v>, <w>, <in bool>)",
        "<each any>.existsOne(<v>, <w>, <in bool>)", "<each any>.exists_one(<v>, <w>, <in bool>)",
        "<int> in [1, 2, 3]", "<string> in ['a', 'abc']", "<string> in <map(string, string)>",
        "<string>.matches('^[a-z]+$')", "type(<dyn>) == int", "type(<dyn>) == type(<dyn>)", "has(<path>)",
        "<dyn> == <dyn>", "<dyn> < <dyn>", "<optional(int)>.hasValue()", "<optional(string)> == <optional(string)>",
        "format.named('dns1123Label').value().validate(<string>).hasValue()",
        "<list(string)> == <list(string)>", "<list(dyn)> == <list(dyn)>", "<map(string, int)> != <map(string, int)>",
        "<quantity> == <quantity>", "<ip> == <ip>", "<cidr> == <cidr>", "<semver> == <semver>", "<url> == <url>",
        "<timestamp> == <timestamp>", "<bytes> < <bytes>", "<self> == null",
        "authorizer.path('/x').check('get').allowed()",
        "oldSelf == self", "cel.bind(x, <int>, x > 1)", "[<int>, <int>].all(i, i > <int>)", "<map(int, bool)>[1]",
        "{<string>: <int>}.size() == 1", "<list(list(int))>.all(l, l.size() > 0)", "math.abs(<int>) == 1",
    ],
    "int": [
        "<each any>.size()", "size(<each any>)", "<optional(int)>.orValue(<int>)", "<optional(int)>.value()",
        "<list(int)>[?<int>].orValue(<int>)", "<map(string, int)>[?<string>].orValue(<int>)",
        "<timestamp>.getDayOfWeek('Europe/Berlin')", "<timestamp>.getHours('+05:30')", "<timestamp>.getDate('nope')",
    ],
    "uint": [], "double": ["[<double>, <double>].sum()"], "bytes": ["b'\\xff' + <bytes>"], "timestamp": [],
    "string": [
        "<list(string)>[<int>]", "<map(string, string)>['k']", "<map(string, string)>.k",
        "'%s-%d'.format([<string>, <int>])",
        "'%.2f'.format([<double>])", "'%s'.format([<dyn>])",
        "'%e|%x|%X|%o|%b'.format([<double>, <int>, <string>, <int>, <int>])",
        "'%s'.format([<list(int)>])", "'%s'.format([<map(string, int)>])", "'%b%%'.format([<bool>])",
        "'%x'.format([<bytes>])",
        "'%s'.format([<duration>])", "'%s'.format([<timestamp>])", "'%d'.format([<uint>])",
        "'%.3e'.format([<double>])",
        "'%q'.format([<string>])", "'%s %s'.format([<string>])", "'%s'.format([type(<dyn>)])",
        "'%s'.format(<list(dyn)>)",
        "<optional(string)>.orValue(<string>)", "<string>.find('[0-9]+')", "<string>.replace('a', <string>, 1)",
    ],
    "duration": [], "quantity": [], "ip": [], "cidr": [], "url": [], "semver": [], "null": ["null"],
    "format": ["format.named(<string>).value()", "format.named('uri').value()"],
    "dyn": [
        "dyn(<int>)", "dyn(<string>)", "dyn(<list(int)>)", "dyn(<bool>)", "dyn(<double>)", "dyn(<timestamp>)",
        "dyn(<uint>)", "dyn(null)", "dyn(<map(string, int)>)", "dyn(<optional(int)>)", "dyn(<quantity>)",
        "dyn(<bytes>)",
        "<list(dyn)>[<int>]", "<map(string, dyn)>['k']", "<each any>[<int>]", "<each any>.k",
    ],
    "list": [
        "[<T>, <T>]", "<each any>.map(<v>, <in T>)", "<each T>.filter(<v>, <in bool>)", "[?<optional(T)>]",
        "[<T>, ?<optional(T)>]", "[<self>, <self>].flatten()", "<each any>.map(<v>, <in bool>, <in T>)",
        "<each any>.transformList(<v>, <w>, <in T>)", "<each any>.transformList(<v>, <w>, <in bool>, <in T>)",
        "<each T>.sortBy(<v>, <in int>)", "<each T>.sortBy(<v>, <in string>)", "<self>.slice(0, <int>)",
        "optional.unwrap([<optional(T)>, <optional(T)>])", "[optional.none(), <optional(T)>].unwrapOpt()",
    ],
    "map": [
        "{'k': <V>}", "{'k': <V>, 'l': <V>}", "{?'k': <optional(V)>}", "{<string>: <V>}",
        "<each any>.transformMap(<v>, <w>, <in V>)", "<each any>.transformMap(<v>, <w>, <in bool>, <in V>)",
        "<each any>.transformMapEntry(<v>, <w>, {'k': <in V>})",
        "<each any>.transformMapEntry(<v>, <w>, {<w>: <in V>})",
    ],
    "optional": [
        "optional.of(<T>)", "optional.none()", "optional.ofNonZeroValue(<T>)", "<optional path>",
        "optional.of(<int>).optMap(o, <T>)", "optional.of(<int>).optFlatMap(o, optional.of(<T>))",
        "<optional(T)>.or(<optional(T)>)", "<list(T)>[?<int>]", "<map(string, T)>[?'k']", "<map(string, T)>.?k",
        "<list(T)>.first()", "<list(T)>.last()", "<optional(list(T))>[?0]",
    ],
}  # fmt: skip
HINTS: dict[str, list[str]] = {
    "ip": ["10.0.0.1", "::1", "fe80::1", "::ffff:1.2.3.4", "224.0.0.1", "0.0.0.0", "01.2.3.4", "1.2.3.4/8"],
    "cidr": ["10.0.0.0/8", "fe80::/10", "10.1.2.3/8", "10.0.0.0", "::/0", "10.0.0.0/33"],
    "quantity": ["1Gi", "1500m", "10k", "-1", "0", "1e3", "1.5E", "100n", "nope", "9223372036854775807"],
    "semver": ["1.2.3", "1.0.0-rc.1", "1.0.0+b", "v1.2", "01.2.3", "1", "1.2.3-alpha.1+x"],
    "url": [
        "https://example.com:80/a%20b?b=c&b=d",
        "/path",
        "https://[::1]:80/",
        "mailto:x",
        "http://u@h/",
        ":",
    ],
    "timestamp": ["2024-01-01T00:00:00Z", "2020-05-05T05:05:05.5+01:00", "nope", "0001-01-01T00:00:00Z"],
    "duration": ["1h", "90s", "-1.5s", "nope", "1h2m3.004s", "100000h"],
    "int": ["42", "-1", "x", "9223372036854775808", "+5", " 1"],
    "uint": ["42", "-1", "18446744073709551615"],
    "double": ["1.5", "1e3", "NaN", "-Infinity", "x", "0x1p3"],
    "bool": ["true", "false", "t", "TRUE", "yes", "1"],
    "matches": ["^[a-z]+$", "(", "a|b", ".*", "[0-9]{2,}", "(?i)A", "\\d"],
    "find": ["[0-9]+", "a(b)", "", "("],
    "findAll": ["[0-9]", "", "."],
    "split": ["X", "", ".", " "],
    "format.named": ["dns1123Label", "uri", "nope"],
    "getHours": ["America/New_York", "+05:30", "-00:01", "UTC", "", "nope", "Local"],
    "getFullYear": ["Asia/Tokyo", "-11:00"],
}
for _alias, _of in (
    ("isIP", "ip"), ("isCIDR", "cidr"), ("isQuantity", "quantity"), ("isSemver", "semver"), ("isURL", "url"),
    ("ip.isCanonical", "ip"), ("containsIP", "ip"), ("containsCIDR", "cidr"),
    ("getDayOfYear", "getHours"), ("getMinutes", "getHours"), ("getDate", "getFullYear"),
):  # fmt: skip
    HINTS[_alias] = HINTS[_of]
_LEFT_OUT = frozenset(
    ("in", "_in_", "_?._", "optional.unwrap", "unwrapOpt", "allowed", "check", "error", "errored")
)


@cache
def templates() -> dict[str, list[str]]:
    """Templates by the head of the type that they make: the macros', and one for each signature."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, overloads in functions().items():
        if name in _LEFT_OUT or name.startswith(("@", "cel.@", "__")):
            continue
        for overload in overloads:
            text = _template(name, overload)
            if text:
                head = named(str(overload.result)).partition("(")[0]
                found[head].append(text)
    for head, texts in MACROS.items():
        found[head] += texts * max(1, len(found[head]) // (2 * max(1, len(texts))))
    return dict(found)


def named(text: str) -> str:
    """A type as templates name it."""
    for name, short in _NAMES.items():
        text = text.replace(name, short)
    return text


def _template(name: str, overload: Overload) -> str:
    """A call with holes; "" for what no expression here can call."""
    result = named(str(overload.result))
    bound = dict.fromkeys(overload.parameters, "")
    head, _, rest = result.partition("(")
    inner = rest[:-1]
    if head in ("list", "optional") and inner in bound:
        bound[inner] = "T"
    elif head == "map" and inner.split(", ")[-1] in bound:
        bound[inner.split(", ")[-1]] = "V"
    elif result in bound:
        return ""
    holes = [f"<{_bound(named(str(arg)), bound)}>" for arg in overload.args]
    if any("kubernetes." in hole for hole in holes):
        return ""
    if name == "_?_:_":
        return ""
    if name in ("_[_]", "_[?_]"):
        return f"{holes[0]}[{'?' if '?' in name else ''}{holes[1]}]"
    if name.startswith("_"):
        return f"({holes[0]} {name.strip('_')} {holes[1]})"
    if name.endswith("_"):
        return f"{name[:-1]}({holes[0]})"
    if overload.method:
        first = 1
        text = f"{holes[0]}.{name}"
    else:
        first, text = 0, name
    if name == "lists.range":
        return "lists.range(<few>)"  # the server makes lists of any length
    if holes[first:] and holes[first] == "<string>" and name in HINTS:
        holes[first] = f"<hint {name}>"
    return f"{text}({', '.join(holes[first:])})"


def _bound(text: str, bound: dict[str, str]) -> str:
    for name, value in bound.items():
        text = text.replace(f"({name})", f"({value or '?'})").replace(f", {name})", f", {value or '?'})")
        text = text.replace(f"({name},", "(string,")
        text = (value or "?") if text == name else text
    return text


def literal(kind: str, rng: random.Random) -> str:
    """A literal of a type, or a call that makes one."""
    match kind:
        case "int":
            return str(rng.choice([*INTS[:7], 5, 10]))
        case "uint":
            return f"{rng.choice([0, 1, 5])}u"
        case "double":
            return rng.choice(["0.5", "1.0", "-2.25", "1e3"])
        case "bool":
            return rng.choice(["true", "false"])
        case "string":
            return json.dumps(rng.choice(STRINGS), ensure_ascii=rng.random() < 0.1)
        case "bytes":
            return rng.choice(["b'abc'", "b''", "b'\\xff'"])
        case "format":
            return rng.choice(
                ["format.dns1123Label()", "format.uri()", "format.date()", "format.labelValue()"]
            )
        case "timestamp" | "duration" | "quantity" | "ip" | "cidr" | "url" | "semver":
            return f"{kind}({json.dumps(rng.choice(HINTS[kind][:2]))})"
        case "dyn":
            return f"dyn({literal(rng.choice(['int', 'string', 'bool', 'double']), rng)})"
        case "type":
            return rng.choice(["int", "string", "type", "list", "bool"])
    head, _, rest = kind.partition("(")
    inner = rest[:-1]
    if head == "list":
        return f"[{', '.join(literal(inner, rng) for _ in range(rng.choice([0, 1, 2])))}]"
    if head == "map":
        key, value = inner.split(", ", 1)
        return "{" + f"{literal(key, rng)}: {literal(value, rng)}" + "}"
    if head == "optional":
        return f"optional.of({literal(inner, rng)})"
    return "null"
