"""A concise schema from example objects: what it says, what it leaves open, and that the examples fit it."""

from __future__ import annotations

import json
import os
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from opgen import documents, schema
from opgen.commands.schema_example import judged
from opgen.coretypes import kind as core_kind
from opgen.documents import Document
from opgen.schema.example import from_examples

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "crs.tar.gz"
if not CORPUS.is_file() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no objects in {CORPUS}")


def written(*specs: Any, kind: str = "Cache", **more: Any) -> str:
    objects = [
        {
            "apiVersion": "cache.example.com/v1",
            "kind": kind,
            "metadata": {"name": f"a{n}", "namespace": "x"},
            "spec": spec,
        }
        | more
        for n, spec in enumerate(specs)
    ]
    items = documents.load("\n---\n".join(map(json.dumps, objects)), "cache.yaml").documents
    found = from_examples(items)
    assert found.diagnostics == ()
    assert list(judged(found.text, items)) == []
    return found.text


def fields(*specs: Any) -> dict[str, str]:
    """The lines of the spec's fields, by name."""
    lines = written(*specs).partition("  spec:\n")[2].splitlines()
    return {line.split(":")[0].strip(): line.partition(":")[2].strip() for line in lines if line[4:5] != " "}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1, "integer"),
        (1.5, "number"),
        (2**70, "number"),
        (True, "boolean"),
        ("x", "string"),
        ("1h30m", "duration"),
        ("128Mi", "quantity"),
        ("2026-01-01T00:00:00Z", "time"),
        ("2026-01-01", "date"),
        ("2026-13-41", "string"),
        ([1, 2], "list<integer>"),
        ([[1], [2.5]], "list<list<number>>"),
        ([], "list<any>  # empty in the example"),
        ({}, "{type: object, preserveUnknownFields: true}  # empty in the example: name its fields"),
        (None, "{type: any, nullable: true}  # null in the example"),
        ([1, None], ""),
        ([1, "a"], "list<int-or-string>"),
        ([1, {}], "list<any>"),
        ({"a.b/c": "x"}, "map<string>"),
        ({"a.b/c": 1, "a.b/d": 2.5}, "map<number>"),
        ({"apiVersion": "v1", "kind": "A", "metadata": {}},
         "{embeddedResource: true, preserveUnknownFields: true}  # a whole Kubernetes object"),
    ],
)  # fmt: skip
def test_types_by_their_looks(value: Any, said: str) -> None:
    assert fields({"thing": value})["thing"] == said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("cpu", "100m", "quantity"),
        ("timeout", "100m", "duration"),
        ("targetPort", 80, "integer  # int-or-string, if a name or a percentage may stand here"),
        ("labels", {"a": "b"}, "map<string>"),
        ("resources", {"limits": {"cpu": 1}}, "core/v1.ResourceRequirements  # Kubernetes' own type"),
        ("podSelector", {"matchLabels": {"a": "b"}}, "meta/v1.LabelSelector  # Kubernetes' own type"),
        ("tolerations", [{"key": "a", "operator": "Exists"}],
         "list<core/v1.Toleration>  # mapKeys: [key], if key tells the items apart (it must be set then)"),
        ("template", {"spec": {"containers": [{"name": "a"}]}},
         "core/v1.PodTemplateSpec  # Kubernetes' own type; large: it adds much to the definition"),
        ("template", {"spec": {"containers": [{"name": "a", "other": 1}]}}, ""),
        ("resources", {"limits": {"cpu": "much"}}, ""),
    ],
)  # fmt: skip
def test_names_and_kubernetes_own_types(name: str, value: Any, said: str) -> None:
    """A type is taken only where all of the value is valid under it."""
    assert fields({name: value})[name] == said


def test_the_whole_text() -> None:
    """Status apart, keys suggested, what is open said in comments."""
    text = written(
        {"size": 3, "users": [{"name": "a", "admin": True}, {"name": "b"}]},
        {"size": 5, "port": "http", "mode": "Fast"},
        {"size": 5, "port": 80, "mode": "Fast", "yes": None},
        status={"ready": True},
    )
    assert text == (
        "# Cache, from 3 examples: check the types, and say what must be there with `!` behind a type.\n"
        "group: cache.example.com\n"
        "kind: Cache\n"
        "scope: Namespaced\n"
        "versions:\n"
        "- name: v1\n"
        "  spec:\n"
        "    size: integer  # always there: required?\n"
        "    users:  # in 1 of 3; mapKeys: [name], if name tells the items apart (it must be set then)\n"
        "      type: list\n"
        "      items:\n"
        "        fields:\n"
        "          name: string  # always there: required?\n"
        "          admin: boolean  # in 1 of 2\n"
        "    port: int-or-string  # in 2 of 3; numbers and texts in the examples\n"
        "    mode: string  # in 2 of 3\n"
        '    "yes": {type: any, nullable: true}  # in 1 of 3; null in the example\n'
        "  status:\n"
        "    ready: boolean  # always there: required?\n"
    )


def test_a_kind_with_other_parts() -> None:
    """What stands beside spec and status is in the form of a definition."""
    text = written({"a": 1}, data={"x": "y"}, rules=[{"name": "r"}])
    assert "  openapi:\n" in text


def test_several_kinds_and_versions() -> None:
    objects = [
        {"apiVersion": "a.io/v1", "kind": "A", "spec": {"x": 1}},
        {"apiVersion": "a.io/v1beta1", "kind": "A", "spec": {"y": 1}},
        {"apiVersion": "b.k8s.io/v1", "kind": "B", "spec": {}},
    ]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    items = list(schema.flatten(documents.load(text).documents))
    found = from_examples(items)
    assert list(judged(found.text, items)) == []
    assert found.text.count("storage:") == 2
    assert "api-approved.kubernetes.io" in found.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a", "is not an object of a kind"),
        ("{kind: A}", "has no apiVersion"),
        ("{apiVersion: a.io/v1}", "has no kind"),
        ("{apiVersion: v1, kind: Pod}", "Pod is built into Kubernetes"),
        ("{apiVersion: apps/v1, kind: Deployment}", "Deployment is built into Kubernetes"),
        (
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition}",
            "is a definition, not an object",
        ),
    ],
)
def test_what_is_no_example(text: str, says: str) -> None:
    found = from_examples(documents.load(text, "x.yaml").documents)
    assert found.text == ""
    assert found.diagnostics[0].message == says
    assert found.diagnostics[0].hint
    assert found.diagnostics[0].line == 1


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_file(), reason="needs ../shared/corpus")
def test_public_objects_fit_what_is_made_of_them() -> None:
    """All public objects of each kind together; scripts/corpus_examples.py takes each alone as well."""
    kinds: dict[tuple[str, str], list[Document]] = defaultdict(list)
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            for item in schema.flatten(documents.load(stream.read()).documents) if stream else ():
                group, _, version = item.data["apiVersion"].rpartition("/")
                if "." in group and core_kind(group, version, item.data["kind"]) is None:
                    kinds[group, item.data["kind"]].append(item)
    assert len(kinds) > 80
    for name, items in kinds.items():
        found = from_examples(items)
        assert found.diagnostics == (), name
        assert list(judged(found.text, items)) == [], name
