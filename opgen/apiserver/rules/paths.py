"""Paths and their segments in the fields of built-in kinds."""

from __future__ import annotations

import re

from opgen.apiextensions.names import dns1123_subdomain
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Errors

_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_HTTP_PATH_TEXT = f"Invalid path (regex used for validation is '{_HTTP_PATH}')"
_IS_HTTP_PATH = re.compile(rf"{_HTTP_PATH}\Z")


def domain_prefixed(path: str, value: str) -> Errors:
    """A path that begins with a domain, as acme.io/foo does."""
    if not value:
        yield c.required(path)
        return
    domain, _, rest = value.partition("/")
    if not domain or not rest:
        yield c.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
        return
    yield from c.each(path, domain, dns1123_subdomain(domain))
    if not _IS_HTTP_PATH.match(rest):
        yield c.invalid(path, rest, _HTTP_PATH_TEXT)
