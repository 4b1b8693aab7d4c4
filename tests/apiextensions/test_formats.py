"""The string formats, each with what Go takes and what it refuses."""

from __future__ import annotations

import pytest

from opgen.apiextensions import formats

TAKEN = {
    "bsonobjectid": ["507f1f77bcf86cd799439011"],
    "uri": [
        "http://foo.bar/#com", "https://a", "/abs/path", "*", "mailto:a@b", "xyz://h", "http://[::1]:80/", "a:b",
        "http://u:p@ssword@h/", "http://h:1/?q=%2F", "ftp://[fe80::1%25en0]/", "mongodb://a:1,b:2/", "/a?",
        "http://中文/", "http://h:/",
    ],
    "email": [
        "a@b", "A B <a@b.c>", '"x y"@z', "a@[127.0.0.1]", "<a@b>", "a@b (comment)", "Group: a@b;", "a.b@c",
        "=?utf-8?q?x?= <a@b>", "ü@b",
    ],
    "hostname": ["a", "example.com", "1a.example.com", "x" * 63 + ".com", "münchen.de"],
    "ipv4": ["1.2.3.4", "01.02.03.04", "::ffff:1.2.3.4"],
    "ipv6": ["::1", "2001:db8::", "::ffff:1.2.3.4"],
    "cidr": ["10.0.0.0/8", "010.0.0.0/8", "::/0", "2001:db8::/128", "1.2.3.4/032"],
    "mac": ["3D:F2:C9:A6:B3:4F", "3d-f2-c9-a6-b3-4f", "3df2.c9a6.b34f", "3df2c9a6b34f", "00:00:00:00:00:00:00:01"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
    "uuid3": ["123e4567-e89b-32d3-a456-426614174000"],
    "uuid4": ["123e4567-e89b-42d3-a456-426614174000"],
    "uuid5": ["123e4567-e89b-52d3-B456-426614174000"],
    "isbn": ["0321751043", "978-0321751041"],
    "isbn10": ["3 401 01319 X"],
    "isbn13": ["978-3-8362-2119-1"],
    "creditcard": ["4220 8554 2622 2389", "374953669708156"],
    "ssn": ["191 60 2869", "191-60-2869"],
    "hexcolor": ["#fff", "CCccCC"],
    "rgbcolor": ["rgb(0,  31, 255)"],
    "byte": ["TG8=", "TG9y", "TA=="],
    "password": ["", "anything"],
    "date": ["2024-02-29", "0000-02-29"],
    "duration": ["1h30m", "0", "-1.5h", "3 days", "22 ns", "PT1H", "1µs", ".5s", "5 weeks", "1.5.5h", "x 3 sec y"],
    "date-time": [
        "2014-12-15T19:30:20.000Z", "2014-12-15t19:30:20z", "2014-12-15T19:30:20+02:00", "2014-12-15T19:30:20,5Z",
    ],
    "k8s-short-name": ["a", "a-b", "0"],
    "k8s-long-name": ["a.b", "x" * 64],
}  # fmt: skip

REFUSED = {
    "bsonobjectid": ["507f", "g07f1f77bcf86cd799439011"],
    "uri": [
        "", "foo.com", "./x", ":a", "http://[::1", "http://a b/", "http://%41/", "/%zz", "http://h:a/", "a b:c",
        "http://[1.2.3.4]/", "http://a:1:2/", "http://x y@h/", "/a\n",
    ],
    "email": [
        "", "a", "@b", "a@", "a@b, c@d", "a..b@c", ".a@b", "a@[x]", "G:;", '""@b', "=?koi8-r?q?x?= <a@b>", "a@b x"
    ],
    "hostname": ["", "-a", "a_b", "a.b", "x" * 64 + ".com", "example.c0m"],
    "ipv4": ["1.2.3", "1.2.3.256", "::1", "", "1.2.3.4.5"],
    "ipv6": ["1.2.3.4", "fe80::1%eth0", ":::", "", "1:2:3:4:5:6:7:8:9"],
    "cidr": ["10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/-1", "/8"],
    "mac": ["3D-F2-C9-A6-B3:4F", "123", "", "3df2.c9a6b34f"],
    "uuid": ["x", "123e4567-e89b-12d3-a456-42661417400"],
    "uuid3": ["123e4567-e89b-42d3-a456-426614174000"],
    "uuid4": ["123e4567-e89b-42d3-c456-426614174000"],
    "uuid5": ["123e4567-e89b-42d3-a456-426614174000"],
    "isbn": ["", "0321751044"],
    "isbn10": ["3423214121", "978-3836221191"],
    "isbn13": ["978 3 8362 2119 0", "0321751043"],
    "creditcard": ["4220855426213389", "", "1"],
    "ssn": ["00-90-8787", "191602869"],
    "hexcolor": ["#ff", "fff0", ""],
    "rgbcolor": ["rgb(1,349,275)", "rgb(01,31,255)"],
    "byte": ["", "12345", "TG8"],
    "date": ["2023-02-29", "2024-1-1", "2024-13-01", "20240101"],
    "duration": ["", "x", "1", "9223372036854775808ns", "3 years"],
    "date-time": [
        "2014-12-15", "2014-12-15T24:00:00Z", "2014-12-15T19:30:60Z", "2014-12-15T19:30:20", "2014-12-15 19:30:20Z",
    ],
    "k8s-short-name": ["", "A", "-a", "a.b", "x" * 64],
    "k8s-long-name": ["", "a..b", "x" * 254],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TAKEN.items() for text in texts])
def test_takes(name: str, text: str) -> None:
    """What the server takes for that format."""
    check = formats.checker(name)
    assert check is not None
    assert check(text)


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in REFUSED.items() for t in texts])
def test_refuses(name: str, text: str) -> None:
    """What the server refuses for that format."""
    check = formats.checker(name)
    assert check is not None
    assert not check(text)


def test_names_count_without_dashes() -> None:
    """`date-time` is `datetime`; a format that the server does not know is ignored."""
    assert formats.checker("date-time") is formats.checker("datetime")
    assert formats.checker("unheard-of") is None
    assert formats.supported("unheard-of", ("string",)) == ""
    assert formats.supported("uuid", ("string",)) == "uuid"
    assert formats.supported("uuid", ("integer",)) == ""
    assert formats.supported("int32", ("integer",)) == "int32"
    assert formats.supported("float", ("number",)) == "float"
    assert formats.supported("date", ("object",)) == ""


def test_every_format_is_tried() -> None:
    """No known format goes untested."""
    assert {formats.normalised(name) for name in TAKEN} == formats.NAMES
    assert {formats.normalised(name) for name in REFUSED} == formats.NAMES - {"password"}
