"""Generated models against objects of real CRDs: nothing refused, nothing changed, each field assignable alone."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from model_support import candidates, differences, kind_of, same, scalars
from opgen_runtime.objects import DecodeError, Resource

from opgen import coretypes
from opgen.apiextensions import decode, review_object
from opgen.documents import load
from opgen.emit.models import models
from opgen.ir.definition import Definition

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
if not CORPUS.is_dir() and os.environ.get("CI") == "true":
    raise RuntimeError(f"no corpus in {CORPUS}")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus"),
]


def lines(name: str) -> list[Any]:
    with gzip.open(CORPUS / "labelled" / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def recognised(definition: Definition) -> Definition:
    """With built-in types found, as the readers hand definitions on."""
    versions = tuple(
        replace(version, schema=version.schema and coretypes.recognise(version.schema))
        for version in definition.versions
    )
    return replace(definition, versions=versions)


@cache
def kinds(*, core: bool) -> dict[tuple[str, str, str], type[Resource]]:
    found: dict[tuple[str, str, str], type[Resource]] = {}
    for row in lines("cr_generated.crds.jsonl.gz"):
        definition = decode(row["crd"], strict=False).definition
        assert definition is not None
        for module in models(recognised(definition) if core else definition):
            if module.version == row["version"]:
                found[row["group"], row["kind"], row["version"]] = kind_of(module)
    return found


@cache
def valid() -> list[Any]:
    return [row for row in lines("cr_generated.jsonl.gz") if row["verdict"] == "valid"]


@pytest.mark.parametrize("core", [False, True], ids=["own classes", "built-in types shared"])
def test_reading_and_writing_changes_nothing(core: bool) -> None:
    """Both as given and as stored, through dicts and through JSON."""
    wrong = []
    for row in valid():
        kind = kinds(core=core)[row["group"], row["kind"], row["version"]]
        for form in ("cr", "stored"):
            obj = row[form]
            before = json.dumps(obj)
            try:
                from_dict, from_json = kind.from_dict(obj), kind.from_json(before)
            except DecodeError as err:
                wrong.append((row["kind"], form, str(err)))
                continue
            assert json.dumps(obj) == before
            assert from_dict == from_json
            if not same(from_dict.to_dict(), obj) or not same(json.loads(from_json.to_json()), obj):
                wrong.append((row["kind"], form, "changed"))
    assert len(valid()) > 1900
    assert wrong == []


def test_what_is_read_for_a_number_keeps_its_form() -> None:
    """Not even 3 and 3.0 are exchanged, save that an integer field holds integers."""
    for row in valid()[::7]:
        kind = kinds(core=False)[row["group"], row["kind"], row["version"]]
        for path in differences(kind.from_dict(row["stored"]).to_dict(), row["stored"]):
            value: Any = row["stored"]
            for step in path:
                value = value[step]
            assert isinstance(value, float)
            assert value.is_integer()


@pytest.mark.parametrize("core", [False, True], ids=["own classes", "built-in types shared"])
def test_assigning_a_scalar_changes_its_path_alone(core: bool) -> None:
    """Every scalar field of every sixth object, absent ones too; assigning the old value undoes it."""
    assigned = 0
    for row in valid()[core::6]:
        kind = kinds(core=core)[row["group"], row["kind"], row["version"]]
        obj = kind.from_dict(row["stored"])
        original = obj.to_dict()
        for owner, shape, path in list(scalars(obj)):
            was_set = shape.name in owner.model_fields_set
            old = getattr(owner, shape.name)
            new = next((value for value in candidates(shape) if not (was_set and value == old)), None)
            if new is None:
                continue
            setattr(owner, shape.name, new)
            assert getattr(owner, shape.name) == new
            if path[0] == "metadata" and "metadata" not in original:
                path = ("metadata",)
            assert differences(obj.to_dict(), original) == [path], (row["kind"], path)
            if was_set:
                setattr(owner, shape.name, old)
            else:
                delattr(owner, shape.name)
            assigned += 1
        if "metadata" not in original:
            original["metadata"] = {}
        assert differences(obj.to_dict(), original) == [], row["kind"]
    assert assigned > 2000


def test_real_objects_of_the_corpus_round_trip(corpus_files: dict[str, list[Any]]) -> None:
    """Manifests from the projects themselves: those that the projects' CRDs take, and others that can be read."""
    definitions = {
        (f"{definition.group}/{version.name}", definition.names.kind): definition
        for raw in corpus_files["crds"]
        if (definition := decode(raw, strict=False).definition) is not None
        for version in definition.versions
    }
    found: dict[tuple[str, str], type[Resource]] = {}
    read = 0
    for obj in corpus_files["crs"]:
        key = (str(obj.get("apiVersion", "")), str(obj.get("kind", "")))
        if key not in definitions:
            continue
        if key not in found:
            version = key[0].rpartition("/")[2]
            modules = {module.version: module for module in models(recognised(definitions[key]))}
            found[key] = kind_of(modules[version])
        try:
            assert same(found[key].from_dict(obj).to_dict(), obj)
            read += 1
        except DecodeError:
            assert not review_object(definitions[key], obj, field_validation="Ignore").allowed, key
    assert read > 700


@pytest.fixture(scope="module")
def corpus_files() -> dict[str, list[Any]]:
    documents: dict[str, list[Any]] = {"crds": [], "crs": []}
    for name, found in documents.items():
        with tarfile.open(CORPUS / f"{name}.tar.gz") as packed:
            for member in packed:
                stream = packed.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
                if stream is not None:
                    found.extend(document.data for document in load(stream.read(), member.name).documents)
    return documents
