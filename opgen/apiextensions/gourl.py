"""Whether Go's net/url takes a text for a request URI (url.ParseRequestURI)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from opgen.apiextensions.goip import is_ipv6

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"(:[0-9]*)?")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
# What a host may hold beside non-ASCII characters; an escape only of these or of `%25`.
_HOST = re.compile(r"(?:[A-Za-z0-9!\"$&'()*+,\-.:;<=>\[\]_~]|[^\x00-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*")


def is_request_uri(text: str) -> bool:
    """An absolute URI with a scheme, an absolute path, or `*`."""
    if not text or _CONTROL.search(text) is not None:
        return False
    if text == "*":
        return True
    if text.startswith(":"):
        return False
    found = _SCHEME.match(text)
    scheme, rest = (found[1].lower(), text[found.end() :]) if found else ("", text)
    if rest.endswith("?") and rest.count("?") == 1:
        rest = rest[:-1]
    else:
        rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        return bool(scheme)
    if scheme and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        if not _is_authority(scheme, authority):
            return False
        rest = slash + path
    return _BAD_ESCAPE.search(rest) is None


def _is_authority(scheme: str, authority: str) -> bool:
    user, at, host = authority.rpartition("@")
    if at and (_USER.fullmatch(user) is None or _BAD_ESCAPE.search(user) is not None):
        return False
    return _is_host(scheme, host)


def _is_host(scheme: str, host: str) -> bool:
    opening = host.rfind("[")
    if opening > 0:
        return False
    if opening == 0:
        literal, closing, port = host[1:].rpartition("]")
        return bool(closing) and _PORT.fullmatch(port) is not None and _is_literal(literal)
    first = host.find(":")
    if first >= 0:
        port = host[first:] if scheme in ("http", "https") else host[host.rfind(":") :]
        if _PORT.fullmatch(port) is None:
            return False
    return _HOST.fullmatch(host) is not None


def _is_literal(literal: str) -> bool:
    """The IPv6 address between brackets, its zone behind `%25`."""
    address, mark, zone = literal.partition("%25")
    if _HOST.fullmatch(address) is None or _BAD_ESCAPE.search(zone) is not None:
        return False
    if mark:
        shown = unquote(zone, errors="replace").replace(" ", "").replace("%", "")
        if _HOST.fullmatch(shown) is None or _HOST.fullmatch(re.sub("%..", "", zone)) is None:
            return False
    return is_ipv6(address + ("%" + zone if mark else ""), zone=True)
