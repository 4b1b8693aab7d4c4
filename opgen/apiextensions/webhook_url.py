"""A webhook's URL as Go's url.Parse reads it: its parts, or why it is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from opgen.apiextensions.goip import is_ipv6
from opgen.apiextensions.gotext import quote

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_HOST_ESCAPE = re.compile(r"%(?!25|[89A-Fa-f][0-9A-Fa-f]).{0,2}", re.DOTALL)
_NOT_HOST = re.compile(r"[\x00-\x20#/?@\\^`{|}\x7f]")
_PORT = re.compile(r"(:[0-9]*)?")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")


@dataclass(frozen=True, slots=True)
class Url:
    """The parts that a webhook's rules speak of; `user` is None where there is none."""

    scheme: str = ""
    host: str = ""
    user: str | None = None
    query: str = ""
    fragment: str = ""


class _Wrong(Exception):
    pass


def parse(text: str) -> Url | str:
    """The URL's parts, or Go's error."""
    rest, _, fragment = text.partition("#")
    try:
        url = _parse(rest, fragment)
    except _Wrong as wrong:
        return f"parse {quote(rest)}: {wrong}"
    try:
        _check_escapes(fragment)
    except _Wrong as wrong:
        return f"parse {quote(text)}: {wrong}"
    return url


def _parse(text: str, fragment: str) -> Url:
    if _CONTROL.search(text):
        raise _Wrong("net/url: invalid control character in URL")
    if text.startswith(":"):
        raise _Wrong("missing protocol scheme")
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    rest, _, query = text[found.end() if found else 0 :].partition("?")
    if not rest.startswith("/"):
        if scheme:  # opaque: mailto:somebody
            return Url(scheme, query=query, fragment=fragment)
        if ":" in rest.partition("/")[0]:
            raise _Wrong("first path segment in URL cannot contain colon")
    user: str | None = None
    host = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        before, at, host = authority.rpartition("@")
        _check_host(scheme, host)
        if at:
            user = before
            if not _USER.fullmatch(before):
                raise _Wrong("net/url: invalid userinfo")
            _check_escapes(before)
    _check_escapes(rest)
    return Url(scheme, host, user, query, fragment)


def _check_host(scheme: str, host: str) -> None:
    opening = host.rfind("[")
    if opening > 0:
        raise _Wrong("invalid IP-literal")
    if opening == 0:
        literal, closing, port = host[1:].rpartition("]")
        if not closing:
            raise _Wrong("missing ']' in host")
    else:
        first = host.find(":") if scheme in ("http", "https") else host.rfind(":")
        literal, port = "", host[first:] if first >= 0 else ""
    if not _PORT.fullmatch(port):
        raise _Wrong(f"invalid port {quote(port)} after host")
    escape = _HOST_ESCAPE.search(host)
    wrong = _NOT_HOST.search(host)
    if escape and not (wrong and wrong.start() < escape.start()):
        raise _Wrong(f"invalid URL escape {quote(escape.group())}")
    if wrong:
        raise _Wrong(f"invalid character {quote(wrong.group())} in host name")
    if literal and not is_ipv6(literal.partition("%25")[0]):
        raise _Wrong(f"invalid host: ParseAddr({quote(literal)}): unable to parse IP")


def _check_escapes(text: str) -> None:
    escape = _ESCAPE.search(text)
    if escape:
        raise _Wrong(f"invalid URL escape {quote(escape.group())}")
