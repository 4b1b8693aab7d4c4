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
        "dyn(<int>) == dyn(<double>)", "dyn(<uint>) < dyn(<int>)", "dyn(<double>) >= dyn(<uint>)",
        "<dyn> in <list(dyn)>", "<string> in <list(string)>", "!<dyn>", "<int> != <int> % <int>", "oldSelf != self",
        "self in [self, oldSelf]", "<each any>.exists_one(<v>, <v> == <in dyn>)", "[<dyn>, <dyn>].exists(x, x)",
        "<optional(dyn)>.hasValue()", "<double> == <double> / <double>", "-<int> < <int>", "-(<double>) > 0.0",
        "<duration> + <duration> > <duration>", "<timestamp> - <timestamp> > <duration>", "<bytes>.size() > <int>",
        "(<string> + <string>).size() > <int>",
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
    "ip": [
        "10.0.0.1", "::1", "fe80::1", "::ffff:1.2.3.4", "224.0.0.1", "0.0.0.0", "01.2.3.4", "1.2.3.4/8", "127.0.0.1",
        "ff02::1", "2001:DB8::1", "::", "255.255.255.255", "169.254.0.1", "fe80::1%eth0", "1.2.3", "0:0:0:0:0:0:0:1",
        "ff01::1", "",
    ],
    "cidr": [
        "10.0.0.0/8", "fe80::/10", "10.1.2.3/8", "10.0.0.0", "::/0", "10.0.0.0/33", "0.0.0.0/0", "1.2.3.4/32",
        "::1/128",
        "10.0.0.0/08", "::ffff:1.2.3.4/120", "10.0.0.0/-1", "2001:DB8::/32", "/8",
    ],
    "quantity": [
        "1Gi", "1500m", "10k", "-1", "0", "1e3", "1.5E", "100n", "nope", "9223372036854775807", "9223372036854775808",
        "1e-3", "-0", "1u", "0.1n", "1Ei", "8Ei", "1E5", "1e", "+1", "1.", ".5", "5 ", "1mm", "1e-10", "0.5Ki",
        "-1.25Mi",
        "123456789.123456789", "1e30", "00", "1KI", "",
    ],
    "semver": [
        "1.2.3", "1.0.0-rc.1", "1.0.0+b", "v1.2", "01.2.3", "1", "1.2.3-alpha.1+x", "1.2.3-0", "1.2.3-01", "1.2",
        "v1.2.3",
        "18446744073709551616.0.0", "1.2.3-", "1.2.3+", "1.2.3-a-b.c", "1.2.3.4", " 1.2.3", "",
    ],
    "url": [
        "https://example.com:80/a%20b?b=c&b=d", "/path", "https://[::1]:80/", "mailto:x", "http://u@h/", ":",
        "http://h?a&b=&=c&%41=%20+", "//h/p", "http://h/a b", "http://h/%zz", "HTTP://H:", "/a?b#c", "http://h/ä",
        "http://[fe80::1%25e]:1/", "a", "",
    ],
    "timestamp": [
        "2024-01-01T00:00:00Z", "2020-05-05T05:05:05.5+01:00", "nope", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z", "0000-12-31T23:59:59Z", "2024-01-01T1:00:00Z", "2024-01-01T00:00:00,5Z",
        "2024-01-01T24:00:00Z", "2024-01-01T00:00:00+24:00", "2024-02-30T00:00:00Z", "9999-12-31T23:59:59-01:00",
        "2024-03-31T01:30:00Z", "2024-01-01t00:00:00z", "2024-01-01",
    ],
    "duration": [
        "1h", "90s", "-1.5s", "nope", "1h2m3.004s", "100000h", "0", "1ns", "1.5us", "2562047h47m16.854775807s",
        "2562047h48m",
        "-.5h", "1d", "+1m", "1h-1m", "",
    ],
    "int": [
        "42", "-1", "x", "9223372036854775808", "+5", " 1", "9223372036854775807", "-9223372036854775808", "0x10",
        "1_0",
        "007", "-0", "", "1.0", "٣",
    ],
    "uint": ["42", "-1", "18446744073709551615", "18446744073709551616", "+1", "0", "1u", ""],
    "double": [
        "1.5", "1e3", "NaN", "-Infinity", "x", "0x1p3", "inf", "+Inf", "nan", "1e400", "1e-400", ".5", "5.", "1_0",
        "infinity",
        "-0", "",
    ],
    "bool": ["true", "false", "t", "TRUE", "yes", "1", "0", "f", "False", "F", "tRUE", ""],
    "matches": [
        "^[a-z]+$", "(", "a|b", ".*", "[0-9]{2,}", "(?i)A", "\\d", "\\pL", "^$", "(?s).", "[[:alpha:]]", "\\bx",
        "(?=a)",
        "a{1001}", "\\C", "(?i)k", "[^a]", "(?P<n>a)", "x*?",
    ],
    "find": ["[0-9]+", "a(b)", "", "(", "(?:a|ab)(?:c|bcd)", "$", "\\b", "[^[:ascii:]]"],
    "findAll": ["[0-9]", "", ".", "a*", "(a)|b", "^", "\\w+"],
    "split": ["X", "", ".", " ", "aX", "😀"],
    "format.named": [
        "dns1123Label", "uri", "nope", "dns1123Subdomain", "dns1035Label", "qualifiedName", "labelValue", "uuid",
        "byte",
        "date", "datetime", "dns1123LabelPrefix", "dns1035LabelPrefix", "dns1123SubdomainPrefix", "",
    ],
    "getHours": [
        "America/New_York", "+05:30", "-00:01", "UTC", "", "nope", "Local", "Europe/Berlin", "Australia/Lord_Howe",
        "+24:00",
        "05:30", "-5:3", "utc", "Etc/GMT+12", "EST", "../x", "+1:", "Asia/Kathmandu",
    ],
    "getFullYear": ["Asia/Tokyo", "-11:00", "Pacific/Apia", "+14:00", "Africa/Monrovia"],
}  # fmt: skip
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


ODD: dict[str, list[str]] = {
    "int": [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "0xff", "-0x10", "0x", "00", "1_000",
        "0x7fffffffffffffff",
    ],
    "uint": ["18446744073709551615u", "18446744073709551616u", "0xffU", "1U", "-1u"],
    "double": [
        "1e308", "1e309", "-1e-308", ".5", "5.", "1.5e+3", "0.0", "-0.0", "(0.0/0.0)", "(1.0/0.0)",
        "9007199254740993.0",
        "1E5",
    ],
    "string": [
        r"r'\n'", r"'\n\t\\'", "\"\"\"a'b\"c\"\"\"", r"'\u00e9\U0001F600'", r"'\x41\101'", r"'\?\`'", r'R"\a"',
        r"'\a\b\f\v\r'", r"'\ud800'", r"'\U00110000'", r"'\q'", "'''a\nb'''", "'a\nb'", "'\u0000'", '""', r"'\377'",
    ],
    "bytes": [r"b'\xff\377'", r"b'\u00e9'", "b'ä'", r"rb'\n'", "b'''a'''", r"b'\400'", r'B"\x"'],
}  # fmt: skip
"""Literals that a lexer has to look at twice; some are none."""


def literal(kind: str, rng: random.Random) -> str:
    """A literal of a type, or a call that makes one."""
    if kind in ODD and rng.random() < 0.08:
        return rng.choice(ODD[kind])
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
            texts = HINTS[kind] if rng.random() < 0.1 else HINTS[kind][:2]
            return f"{kind}({json.dumps(rng.choice(texts))})"
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
