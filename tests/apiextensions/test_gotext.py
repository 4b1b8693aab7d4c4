"""Values as Go prints them."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiextensions import gotext


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "-0"),
        (1, "1"),
        (1.5, "1.5"),
        (-100, "-100"),
        (123456, "123456"),
        (1000000, "1e+06"),
        (4294967295, "4.294967295e+09"),
        (1e30, "1e+30"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-1.25e-7, "-1.25e-07"),
        (1e100, "1e+100"),
        (float("inf"), "+Inf"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    """%v of a float64."""
    assert gotext.number(value) == text


def test_quoting() -> None:
    """%q keeps what can be printed and escapes the rest."""
    assert gotext.quote("plain é") == '"plain é"'
    assert gotext.quote('a"\\\n\x7f\u200b\U000e0001') == '"a\\"\\\\\\n\\x7f\\u200b\\U000e0001"'


def test_plain_and_json() -> None:
    """No exponent; JSON with sorted keys, integers for integral floats, HTML escaped."""
    assert gotext.plain(1.5e22) == "15000000000000000000000"
    assert gotext.plain(1.25e-7) == "0.000000125"
    assert gotext.plain(1.2345e3) == "1234.5"
    assert gotext.to_json({"b": [1.0, "<&>"], "a": None}) == '{"a":null,"b":[1,"\\u003c\\u0026\\u003e"]}'


def test_integers() -> None:
    """Conversion to int64 as on amd64, and what passes for an integer."""
    assert gotext.to_int64(1.9) == 1
    assert gotext.to_int64(-1.9) == -1
    assert gotext.to_int64(9.3e18) == -(1 << 63)
    assert gotext.to_int64(float("nan")) == -(1 << 63)
    assert gotext.is_json_integer(5.0)
    assert gotext.is_json_integer(1000000000.0000001)
    assert not gotext.is_json_integer(0.5)
    assert not gotext.is_json_integer(-1.5)
    assert not gotext.is_json_integer(1e17)
    assert not gotext.is_json_integer(float("inf"))


def test_shown() -> None:
    """%v of JSON values, and their Go types."""
    assert gotext.shown({"b": [1, None], "a": True}) == "map[a:true b:[1 <nil>]]"
    assert gotext.typed("x") == "x is of the type string"
    assert gotext.typed(None) == "<nil> is of the type <nil>"


@pytest.mark.parametrize(
    ("value", "shown", "json"),
    [
        (1e21, "1e+21", "1e+21"),
        (1e10, "1e+10", "10000000000"),
        (1e20, "1e+20", "100000000000000000000"),
        (1.5e-9, "1.5e-09", "1.5e-9"),
        (0.000001, "1e-06", "0.000001"),
        (5, "5", "5"),
        (True, "true", "true"),
        (None, "null", "null"),
        ("\u2028\ufeff<", '"\\u2028\\ufeff<"', '"\\u2028\ufeff\\u003c"'),
        ({"b": 1, "a": [2.0]}, '{"a":[2],"b":1}', '{"a":[2],"b":1}'),
    ],
)
def test_bad_values(value: Any, shown: str, json: str) -> None:
    """As the server's field errors print them, and as its JSON has them."""
    assert gotext.bad_value(value) == shown
    assert gotext.to_json(value) == json


def test_names_and_numbers_of_go() -> None:
    """The empty name in a path, and integers beyond 64 bits."""
    assert gotext.joined("spec", "") == "spec[]"
    assert gotext.joined("", "a") == "a"
    assert gotext.in_64_bits({"a": [2**63, 2**63 - 1]}) == {"a": [float(2**63), 2**63 - 1]}
    assert type(gotext.in_64_bits(2**63)) is float


def test_integral_floats_come_back_as_the_integers_that_go_writes() -> None:
    """It writes the shortest digits that mean a float, filled up with zeros; those may be beyond 64 bits."""
    assert gotext.plain_numbers([9.223372036854775e18, 2.0**53, -0.0, 5.0]) == [
        9223372036854775000,
        2**53,
        0,
        5,
    ]
    assert all(type(item) is int for item in gotext.plain_numbers([9.223372036854775e18, -0.0]))
    assert type(gotext.plain_numbers(-(2.0**63))) is float
    assert type(gotext.plain_numbers(1e300)) is float
