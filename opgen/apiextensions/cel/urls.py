"""URLs: `url()`, `isURL()` and the parts of a URL as Go's net/url gives them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from opgen.apiextensions.cel.values import CelError, ListValue, MapValue, Value, map_key, register_type
from opgen.apiextensions.gotext import quote
from opgen.apiextensions.gourl import is_request_uri

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_VALID_PATH = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]%/]*\Z")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
_HOST_CHAR = re.compile(r"[A-Za-z0-9!\"$&'()*+,\-.:;<=>\[\]_~]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class URLValue:
    """A parsed URL."""

    scheme: str
    user: str
    host: str
    path: str
    opaque: str
    query: str
    fragment: str

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not URLValue:
            raise CelError("no such overload")
        return self == other


register_type(URLValue, "kubernetes.URL")


def url(text: str) -> URLValue:
    """`url(text)`."""
    if not is_request_uri(text):
        raise CelError(f"URL parse error during conversion from string: {complaint(text)}")
    rest, _, fragment = text.partition("#")
    found = _SCHEME.match(rest)
    scheme, rest = (found[1].lower(), rest[found.end() :]) if found else ("", rest)
    rest, _, query = rest.partition("?")
    user = host = opaque = ""
    if not rest.startswith("/"):
        if rest != "*":
            opaque, rest = rest, ""
    elif rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        user, _, host = authority.rpartition("@")
        host, rest = _unescape(host), slash + path
    return URLValue(scheme, user, host, _escaped_path(rest), opaque, query, fragment)


def complaint(text: str) -> str:
    """Go's error for a text that is no request URI."""
    return f"parse {quote(text)}: {_why(text)}"


def _why(text: str) -> str:
    if not text:
        return "empty url"
    if re.search(r"[\x00-\x1f\x7f]", text):
        return "net/url: invalid control character in URL"
    if text.startswith(":"):
        return "missing protocol scheme"
    found = _SCHEME.match(text)
    rest = (text[found.end() :] if found else text).partition("?")[0]
    if not rest.startswith("/"):
        return "invalid URI for request"
    if found and rest.startswith("//"):
        authority, _, rest = rest[2:].partition("/")
        user, at, host = authority.rpartition("@")
        reason = _host_fault(host, http=found[1].lower() in ("http", "https"))
        if reason:
            return reason
        if at and not _USER.match(user):
            return "net/url: invalid userinfo"
    bad = _BAD_ESCAPE.search(rest)
    return (
        f"invalid URL escape {quote(rest[bad.start() : bad.start() + 3])}"
        if bad
        else "invalid URI for request"
    )


def _host_fault(host: str, *, http: bool) -> str:
    opening = host.startswith("[")
    if opening and "]" not in host:
        return "missing ']' in host"
    if opening:
        port = host[host.rindex("]") + 1 :]
    else:
        colon = host.find(":") if http else host.rfind(":")
        port = host[colon:] if colon >= 0 else ""
    if port and not re.match(r":[0-9]*\Z", port):
        return f"invalid port {quote(port)} after host"
    at = 0
    while at < len(host):
        char = host[at]
        if char == "%":
            escape = host[at : at + 3]
            if not re.match(r"%(?:25|[89A-Fa-f][0-9A-Fa-f])\Z", escape):
                return f"invalid URL escape {quote(escape)}"
            at += 3
            continue
        if char < "\x80" and not _HOST_CHAR.match(char):
            return f"invalid character {quote(char)} in host name"
        at += 1
    return ""


def _unescape(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace") if "%" in text else text


def _escaped_path(path: str) -> str:
    if _VALID_PATH.match(path):
        return path
    return "".join(chr(b) if b in _KEPT else f"%{b:02X}" for b in unquote_to_bytes(path))


def hostname(value: URLValue) -> str:
    """The host without its port and brackets."""
    name = value.host
    colon = name.rfind(":")
    if colon >= 0 and re.match(r":[0-9]*\Z", name[colon:]):
        name = name[:colon]
    return name[1:-1] if name.startswith("[") and name.endswith("]") else name


def port(value: URLValue) -> str:
    """The port, "" if there is none."""
    colon = value.host.rfind(":")
    return value.host[colon + 1 :] if colon >= 0 and re.match(r":[0-9]*\Z", value.host[colon:]) else ""


def query(value: URLValue) -> MapValue:
    """The query's values by key."""
    found: dict[str, list[Value]] = {}
    for pair in value.query.split("&"):
        if not pair or ";" in pair or _BAD_ESCAPE.search(pair):
            continue
        key, _, text = pair.partition("=")
        found.setdefault(_query_text(key), []).append(_query_text(text))
    return MapValue({map_key(key): (key, ListValue(values)) for key, values in found.items()})


def _query_text(text: str) -> str:
    return unquote_to_bytes(text.replace("+", " ")).decode("utf-8", "replace")


OVERLOADS: dict[str, Callable[..., Value]] = {
    "string_to_url": url,
    "is_url_string": is_request_uri,
    "url_get_scheme": lambda value: value.scheme,
    "url_get_host": lambda value: value.host,
    "url_get_hostname": hostname,
    "url_get_port": port,
    "url_get_escaped_path": lambda value: value.path,
    "url_get_query": query,
}
