"""Rules made to hang or crash whoever reads them end in an error or among the unchecked, and soon."""

from __future__ import annotations

import time
from typing import Any

import pytest

from opgen.apiextensions.cel import review_schema, validate
from opgen.apiextensions.decode import decode_schema
from opgen.ir.schema import Schema

SECONDS = 20


def of_rule(**rule: str) -> Schema:
    properties = {
        "a": {"type": "string"},
        "l": {"type": "array", "items": {"type": "string"}},
        "i": {"type": "integer"},
    }
    raw: Any = {"type": "object", "properties": properties, "x-kubernetes-validations": [rule]}
    schema = decode_schema(raw)[0]
    assert schema is not None
    return schema


def doubled(count: int, first: str, step: str) -> str:
    """Nested loops, each over one element twice as large as the one before."""
    text = f"a{count - 1}.size() == 1"
    for index in reversed(range(count)):
        element = step.format(f"a{index - 1}") if index else first
        text = f"[{element}].all(a{index}, {text})"
    return text


def optionals(count: int) -> str:
    return (
        "optional.of(self.a)" + "".join(f".optMap(v{n}, v{n} + v{n})" for n in range(count)) + ".hasValue()"
    )


RULES = {
    "parentheses": "(" * 50_000 + "true" + ")" * 49_990,
    "lists": "[" * 240 + "1" + "]" * 240 + " == []",
    "calls": "dyn(" * 240 + "true" + ")" * 240,
    "negations": "!" * 240 + "true",
    "a sum": "+".join(["1"] * 40_000) + " == 1",
    "fields": "self" + ".a" * 40_000,
    "a long list": "[" + ",".join(["1"] * 20_000) + "].size() == 1",
    "a chain of copies": optionals(60),
    "a type doubling": doubled(40, "{1: 1}", "{{{0}: {0}}}"),
    "a list doubling": doubled(40, "[1]", "{0} + {0}"),
    "lists in lists": doubled(40, "[1]", "[{0}, {0}]"),
    "a string doubling": doubled(40, '"aaaaaaaa"', "{0} + {0}"),
    "replacements": doubled(20, '"aaaaaaaa"', '{0}.replace("", {0})'),
    "loops in loops": "self.l.all(a, self.l.all(b, self.l.all(c, a == b && b == c)))",
    "a range": "lists.range(self.i).size() == 1",
    "a wide format": '"%.999999999f".format([1.0]) == ""',
    "a large integer": "9" * 90_000 + " == 1",
    "a large decimal": "1" + "0" * 90_000 + ".0 == 1.0",
    "a quantity": f"quantity('{'9' * 20_000}Ei').add(quantity('1e999999999')).sign() == 1",
    "a version": f"semver('{'9' * 50_000}.0.0').major() == 1",
    "a pattern": "self.a.matches('(x+x+)+y')",
    "a large pattern": "self.a.matches('((a{1,100}){1,100}){1,100}')",
    "odd characters": 'self.a == "\0\ud800"',
    "open quotes": '"' * 50_001,
    "minus signs": "1 " + "- " * 40_000 + "1 == 1",
    "not closed": "self.l.all(x, " * 200,
}


@pytest.mark.parametrize("name", RULES)
def test_every_rule_comes_to_an_end(name: str) -> None:
    schema = of_rule(rule=RULES[name])
    began = time.process_time()
    review = review_schema(schema, "x")
    result = validate(schema, {"a": "x" * 1000, "l": ["a"] * 1000, "i": 10**9}, None)
    assert time.process_time() - began < SECONDS
    assert result.errors or result.unchecked or not review.errors


def test_messages_are_bounded_too() -> None:
    schema = of_rule(rule="false", messageExpression=optionals(60).replace(".hasValue()", ".value()"))
    assert review_schema(schema, "x").unchecked
    assert validate(schema, {"a": "x"}, None).unchecked
    nested = of_rule(rule="false", messageExpression="(" * 300 + "'a'" + ")" * 300)
    [error] = review_schema(nested, "x").errors
    assert "expression recursion limit exceeded: 250" in error.detail
