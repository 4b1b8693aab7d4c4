"""Texts that Kubernetes' CEL libraries can read: addresses, networks, URLs, versions, near what the rules compare with.

A part of a rule that hands a place to `ip`, `cidr`, `url` or `semver` is only true of such a text. Nothing here knows
whether one fits; `solve` asks the rules.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from itertools import product

from opgen.apiextensions.cel.ast import Call, Expr
from opgen.emit.samples.plan import Path
from opgen.emit.samples.rules import place_of
from opgen.emit.samples.speech import literals_of, nodes_of
from opgen.ir.schema import JSON

_READERS = {
    "isIP": "ip", "ip": "ip", "ip.isCanonical": "ip", "containsIP": "ip",
    "isCIDR": "cidr", "cidr": "cidr", "containsCIDR": "cidr",
    "isURL": "url", "url": "url",
    "isSemver": "semver", "semver": "semver",
    "isQuantity": "quantity", "quantity": "quantity", "duration": "duration", "timestamp": "timestamp",
}  # fmt: skip
_PLAIN = {
    "quantity": ("1", "1Gi", "100m", "1Ki", "10Gi", "2"),
    "duration": ("30s", "1m", "5m", "1h", "24h", "1ms"),
    "timestamp": ("2026-01-01T00:00:00Z", "2030-12-31T23:59:59Z", "2000-01-01T00:00:00Z"),
}
_ADDRESSES = (
    "10.0.0.1", "2001:db8::1", "192.168.0.1", "8.8.8.8", "127.0.0.1", "::1", "169.254.0.1", "fe80::1", "224.0.0.1",
    "ff02::1", "0.0.0.0", "::",
)  # fmt: skip
_LENGTHS = (24, 16, 8, 32, 64, 48, 28, 12, 56, 128, 0)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?")
_VERSION = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[0-9A-Za-z.-]+)?")
_MOST = 72


def readable(parts: Sequence[Expr], spot: Path) -> Iterator[str]:
    """Texts for a place that these parts of rules read as something; none where they don't."""
    kinds = dict.fromkeys(kind for part in parts for kind in _kinds(part, spot))
    literals = (
        list(dict.fromkeys(literal for part in parts for literal in literals_of(part))) if kinds else []
    )
    said = [literal for literal in literals if isinstance(literal, str)]
    for kind in kinds:
        match kind:
            case "ip":
                yield from _addresses(said)
            case "cidr":
                yield from _networks(said, [n for n in literals if isinstance(n, int)])
            case "url":
                yield from _urls(said)
            case "semver":
                yield from _versions(literals)
            case _:
                yield from _PLAIN[kind]


def _kinds(part: Expr, spot: Path) -> Iterator[str]:
    for node in nodes_of(part):
        # `ip.isCanonical(x)` has a name for a target, `cidr(x).containsIP(y)` an argument of another kind.
        if isinstance(node, Call) and any(place_of(given) == spot for given in node.args):
            yield from filter(None, (_READERS.get(node.function),))


def _addresses(said: list[str]) -> Iterator[str]:
    for text in said:
        network = _network(text)
        if network is not None:
            yield from map(
                str, (network.network_address, network[min(1, network.num_addresses - 1)], network[-1])
            )
    yield from _ADDRESSES


def _networks(said: list[str], numbers: list[int]) -> Iterator[str]:
    lengths = [n + by for n in numbers for by in (0, 1, -1)]
    for text in (*said, *_ADDRESSES):
        network = _network(text)
        if network is None:
            continue
        if "/" in text:
            yield str(network)
            lengths += [network.prefixlen + by for by in (1, -1)]
        for length in dict.fromkeys((*lengths, *_LENGTHS[:6])):
            if 0 <= length <= network.max_prefixlen:
                yield f"{ipaddress.ip_interface(f'{network.network_address}/{length}').network}"


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _urls(said: list[str]) -> Iterator[str]:
    """URLs put together from what the rules compare their parts with."""
    yield from (text for text in said if "://" in text)
    schemes = [text for text in said if _SCHEME.fullmatch(text)]
    hosts = [text for text in said if _HOST.fullmatch(text) and not text.isdigit()]
    hosts += [f"example{text}" for text in said if text.startswith(".")]
    ports = [f":{text}" for text in said if text.isdigit()]
    paths = [text if text.startswith("/") else f"/{text}" for text in said if text and text not in ("/", ":")]
    queries = [f"?{text.removeprefix('?')}={text.removeprefix('?')}" for text in said if text.isidentifier()]
    made = product(
        dict.fromkeys(("https", *schemes[:6], "http")),
        dict.fromkeys(("example.com", *hosts[:4])),
        dict.fromkeys(("", *ports[:2])),
        dict.fromkeys(("", *paths[:5], "/path")),
        dict.fromkeys(("", *queries[:2])),
    )
    # What takes most of the rules' own words is likeliest to be meant, so plain ones don't crowd those out.
    whole = [f"{scheme}://{host}{port}{path}{query}" for scheme, host, port, path, query in made]
    yield from sorted(whole, key=lambda text: -sum(word in text for word in said))[:_MOST]


def _versions(literals: list[JSON]) -> Iterator[str]:
    numbers = [literal for literal in literals if isinstance(literal, int) and not isinstance(literal, bool)]
    for text in (literal for literal in literals if isinstance(literal, str)):
        version = _VERSION.fullmatch(text)
        if version is not None:
            major, minor, patch = (int(version[n]) for n in (1, 2, 3))
            for by in (1, -1):
                yield f"{major}.{minor}.{max(patch + by, 0)}"
                yield f"{major}.{max(minor + by, 0)}.0"
                yield f"{max(major + by, 0)}.0.0"
            yield f"{major}.{minor}.{patch}"
    for number in numbers:
        if 0 <= number < 10**9:
            yield from (f"{number}.0.0", f"{number + 1}.0.0", f"1.{number}.0", f"1.0.{number}")
    yield from ("1.0.0", "0.1.0", "2.0.0", "1.2.3", "1.0.0-rc.1")
