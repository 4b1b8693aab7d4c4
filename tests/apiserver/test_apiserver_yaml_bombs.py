"""YAML bodies that are small and mean much are refused before they are expanded."""

from __future__ import annotations

import pytest

from opgen.apiserver.body import ParseError
from opgen.apiserver.yaml import load


def test_a_collection_is_no_key() -> None:
    with pytest.raises(ParseError, match="invalid map key"):
        load(b"? {a: b}\n: c\n")


def test_a_long_text_counts_by_its_length() -> None:
    """A megabyte, named a thousand times."""
    body = b"a: &a " + b"x" * 1_000_000 + b"\nb: [" + b",".join([b"*a"] * 1000) + b"]\n"
    with pytest.raises(ParseError, match="excessive aliasing"):
        load(body)
    assert load(b"a: &a " + b"x" * 1000 + b"\nb: *a\n")["b"] == "x" * 1000
