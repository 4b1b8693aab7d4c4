"""The JSON Schemas for editors: valid ones, which take every object that the API server takes."""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
import warnings
from pathlib import Path
from typing import Any

import pytest
from definition_support import definition
from jsonschema import Draft7Validator

from opgen.apiextensions import decode, default_definition, review_object
from opgen.apiextensions.patterns import matches
from opgen.documents import load
from opgen.emit.editor import editor_schema
from opgen.emit.regexes import is_portable
from opgen.ir.definition import Definition

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
if not CORPUS.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no corpus in {CORPUS}")
corpus = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus"),
]


def validator(raw: Any, version: str = "v1") -> Draft7Validator:
    decoded = decode(raw).definition
    assert decoded is not None
    return of(default_definition(decoded), version)


def of(made: Definition, version: str) -> Draft7Validator:
    found = made.version(version)
    assert found is not None
    schema = json.loads(editor_schema(made, found))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def wrong(field: Any, value: Any) -> bool:
    """Whether an object whose `a` is the value is refused; the server's word is asked too: it is never laxer."""
    raw = definition({"type": "object", "properties": {"a": field}})
    obj = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"}, "a": value}
    refused = not validator(raw).is_valid(obj)
    decoded = decode(raw).definition
    assert decoded is not None
    if refused:
        assert not review_object(decoded, obj).allowed, "the server takes it"
    return refused


OPEN = {"x-kubernetes-preserve-unknown-fields": True}
CLOSED = {"type": "object", "properties": {"b": {"type": "string"}}}


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"type": "integer", "exclusiveMaximum": True}, 5, "5"),
        ({"type": "number", "maximum": 2}, 2, 2.5),
        ({"type": "string", "pattern": "^a+$"}, "aa", "b"),
        ({"type": "string", "pattern": "(?i)^a+$"}, "AA", 1),
        ({"type": "string", "format": "duration"}, "1h30m", 1),
        ({"type": "string", "enum": ["x"]}, "x", "y"),
        ({"type": "string", "nullable": True}, None, 1),
        ({"type": "string", "default": "x", "enum": ["x"]}, None, "y"),
        ({"x-kubernetes-int-or-string": True}, "50%", 1.5),
        (
            {
                "x-kubernetes-int-or-string": True,
                "anyOf": [{"type": "integer"}, {"type": "string"}],
                "pattern": "^[0-9]+%$",
            },
            "50%",
            "half",
        ),
        (CLOSED, {"b": "x"}, {"c": "x"}),
        ({**CLOSED, **OPEN}, {"c": "x"}, {"b": 1}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"c": 1}, {"c": "x"}),
        ({"type": "object", **OPEN}, {"c": {"d": 1}}, []),
        (
            {**CLOSED, "x-kubernetes-embedded-resource": True},
            {"apiVersion": "v1", "kind": "A", "metadata": {"name": "x", "uid": "1"}, "b": "c"},
            {"apiVersion": "v1", "kind": "A", "c": 1},
        ),
        ({"type": "array", "maxItems": 1, "items": {"type": "string"}}, ["x"], ["x", "y"]),
        ({**CLOSED, "not": {"required": ["b"]}}, {}, {"b": "x"}),
        ({**CLOSED, "anyOf": [{"required": ["b"]}]}, {"b": "x"}, {}),
        ({"type": "string", "minLength": -1}, "", 1),
    ],
)
def test_a_field(field: Any, good: Any, bad: Any) -> None:
    assert not wrong(field, good)
    assert wrong(field, bad)


def test_the_type_is_pinned_and_metadata_is_whole() -> None:
    metadata = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}}}
    schema = {"type": "object", "properties": {"metadata": metadata, "spec": {"type": "string"}}}
    check = validator(definition(schema))
    obj: Any = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "abc", "labels": {"a": "b"}},
    }
    assert check.is_valid(obj)
    assert not check.is_valid({**obj, "kind": "Gadget"})
    assert not check.is_valid({**obj, "apiVersion": "example.com/v2"})
    assert not check.is_valid({**obj, "metadata": {"name": "abcd"}})
    assert not check.is_valid({**obj, "metadata": {"name": "abc", "labels": {"a": 1}}})
    assert not check.is_valid({**obj, "sepc": "x"})
    assert not check.is_valid({"apiVersion": "example.com/v1", "kind": "Widget"})


@pytest.mark.parametrize(
    ("pattern", "portable"),
    [
        (r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", True),
        (r"^(\d+)\.(\d+)$", True),
        (r"^(?:a|b){1,3}$", True),
        (r"^[A-Za-z_][\w.-]*$", True),
        (r"(?i)^a$", False),
        (r"(?P<n>a)", False),
        (r"\pL", False),
        (r"\PC*", False),
        (r"a\z", False),
        (r"\Qa.b\E", False),
        (r"[[:alpha:]]", False),
        (r"[]a]", False),
        (r"[^]a]", False),
        (r"a{,3}", False),
        (r"a{b", False),
        (r"a}", False),
        (r"\123", False),
        ("a\\", False),
        (r"[a&&b]", False),
    ],
)
def test_patterns_that_all_engines_read_alike(pattern: str, portable: bool) -> None:
    assert is_portable(pattern) is portable
    if portable:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            engine = re.compile(pattern, re.ASCII)
        for text in ("", "a", "ab", "a-b", "-a", "1.2", "a_b", "A", "ab{", "\n"):
            assert bool(engine.search(text)) is matches(pattern, text)


def lines(name: str) -> list[Any]:
    with gzip.open(CORPUS / "labelled" / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class TestCorpus:
    pytestmark = corpus

    def test_every_valid_object_is_valid_here(self) -> None:
        """2,000 objects of 103 kinds that the server takes under strict validation."""
        known = {
            (row["group"], row["kind"], row["version"]): row["crd"]
            for row in lines("cr_generated.crds.jsonl.gz")
        }
        checks = {key: validator(raw, key[2]) for key, raw in known.items()}
        valid = [row for row in lines("cr_generated.jsonl.gz") if row["verdict"] == "valid"]
        assert len(valid) > 1500
        unknown = {}
        for row in valid:
            key = row["group"], row["kind"], row["version"]
            for problem in checks[key].iter_errors(row["cr"]):
                if problem.validator != "additionalProperties":  # strict validation refuses what is unknown
                    unknown[key] = problem.message
        assert unknown == {}

    def test_public_definitions_give_valid_schemas(self) -> None:
        """All versions of every fourth public definition; those of the objects above are checked there."""
        count = 0
        with tarfile.open(CORPUS / "crds.tar.gz") as archive:
            for member in archive.getmembers()[::4]:
                content = archive.extractfile(member)
                if content is None:
                    continue
                for document in load(content.read()).documents:
                    decoded = decode(document.data).definition
                    if decoded is None or not decoded.versions:
                        continue
                    for version in decoded.versions:
                        of(default_definition(decoded), version.name)
                        count += 1
        assert count > 30
