"""URLs as Go's url.Parse reads them (Go 1.26, its strict colons included)."""

from __future__ import annotations

import pytest

from opgen.apiextensions.webhook_url import Url, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.b:1/c?d=e#f", Url("https", "a.b:1", None, "d=e", "f")),
        ("https://user:pw@a.b", Url("https", "a.b", "user:pw")),
        ("HTTPS://a", Url("https", "a")),
        ("https://[::1]:80/", Url("https", "[::1]:80")),
        ("mailto:x?y", Url("mailto", query="y")),
        ("/a:b", Url()),
        ("//a/b", Url(host="a")),
        ("https:///a", Url("https")),
        ("", Url()),
    ],
)
def test_parts(text: str, expected: Url) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://a\n", 'parse "https://a\\n": net/url: invalid control character in URL'),
        ("://a", 'parse "://a": missing protocol scheme'),
        ("a b:c", 'parse "a b:c": first path segment in URL cannot contain colon'),
        ("https://a b/", 'parse "https://a b/": invalid character " " in host name'),
        ("https://a:x", 'parse "https://a:x": invalid port ":x" after host'),
        ("https://a:1:2", 'parse "https://a:1:2": invalid port ":1:2" after host'),
        ("https://a%41", 'parse "https://a%41": invalid URL escape "%41"'),
        ("https://a/%zz#b", 'parse "https://a/%zz": invalid URL escape "%zz"'),
        ("https://a#%zz", 'parse "https://a#%zz": invalid URL escape "%zz"'),
        ("https://<@a", 'parse "https://<@a": net/url: invalid userinfo'),
        ("https://%zz@a", 'parse "https://%zz@a": invalid URL escape "%zz"'),
        ("https://a[::1]", 'parse "https://a[::1]": invalid IP-literal'),
        ("https://[::1", "parse \"https://[::1\": missing ']' in host"),
        ("https://[x]", 'parse "https://[x]": invalid host: ParseAddr("x"): unable to parse IP'),
    ],
)
def test_complaints(text: str, reason: str) -> None:
    assert parse(text) == reason
