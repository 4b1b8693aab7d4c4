"""PROJECT is read with all its faults at once and written without losing anything."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from opgen.documents import load
from opgen.emit.yaml import dump
from opgen.workspace.project import PLUGIN, decode, encode

RAW: dict[str, Any] = {
    "cliVersion": "0.1.0",
    "domain": "example.com",
    "layout": [PLUGIN],
    "multigroup": True,
    "plugins": {
        PLUGIN: {
            "apis": [
                {
                    "group": "cache.example.com",
                    "kind": "Memcached",
                    "options": {"owns": ["apps/v1/Deployment"]},
                    "pointer": "/a",
                    "schema": "schemas/cache/memcached.v1.yaml",
                    "version": "v1",
                }
            ],
            "format": 1,
            "license": "apache2",
            "owner": "ACME",
            "package": "demo",
            "runtimeSource": "vendor",
        },
        "helm.example.com/v1": {"kept": True},
    },
    "projectName": "demo",
    "resources": [
        {
            "api": {"crdVersion": "v1", "namespaced": True},
            "controller": True,
            "domain": "example.com",
            "group": "cache",
            "kind": "Memcached",
            "plural": "memcacheds",
            "version": "v1",
            "webhooks": {"defaulting": True},
        },
        {
            "controllers": [{"name": "a"}, {"name": "b"}],
            "core": True,
            "group": "core",
            "kind": "Pod",
            "path": "opgen_runtime.kinds.core_v1",
            "plural": "pods",
            "version": "v1",
        },
    ],
    "unknown": [1, {"x": None}],
    "version": "3",
}


def changed(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(RAW), **changes}


def test_what_is_read_is_written() -> None:
    project, problems = decode(RAW, version="0.1.0")
    assert problems == ()
    assert project is not None
    assert encode(project) == RAW
    assert project.resources[0].qualified_group == "cache.example.com"
    assert project.resources[1].qualified_group == ""
    assert project.resources[0].controllers == ("memcached",)


@pytest.mark.parametrize(
    ("raw", "messages"),
    [
        (None, ["must hold a mapping, holds null"]),
        ([], ["must hold a mapping, holds a list"]),
        ({}, ['must be "3"', "is missing", "was not made by opgen"]),
        (changed(version="2"), ['must be "3"']),
        (changed(projectName=3, multigroup="yes", domain=[]), ["a number", "a list", "a string"]),
        (changed(resources={}), ["must be a list, is a mapping"]),
        (changed(resources=[{"kind": "X"}]), ["is missing"]),
        (changed(resources=[RAW["resources"][0]] * 2), ["stands in $.resources[0] already"]),
        (changed(plugins={PLUGIN: {"package": "not-a-package"}}), ["is not the name of a Python package"]),
        (changed(plugins={PLUGIN: {"package": "class"}}), ["is not the name of a Python package"]),
        (changed(projectName="a/../b c"), ["'a/../b c' can't be a name there"]),
        (
            changed(resources=[RAW["resources"][0] | {"group": "../c", "version": "v1/..", "kind": "Me/mo"}]),
            ["'../c' can't be", "'v1/..' can't be", "'Me/mo' can't be"],
        ),
        (
            changed(
                resources=[RAW["resources"][0] | {"plural": "../x", "controllers": [{"name": "../../x"}]}]
            ),
            ["'../x' can't be", "'../../x' can't be"],
        ),
        (
            changed(resources=[{**RAW["resources"][0], "controllers": ["x"]}]),
            ["must be a mapping, is a string"],
        ),
    ],
)
def test_damage_is_found_all_at_once(raw: Any, messages: list[str]) -> None:
    project, problems = decode(raw, version="0.1.0")
    assert project is None
    said = [problem.message for problem in problems]
    for message in messages:
        assert any(message in text for text in said), said
    assert all(problem.file == "PROJECT" and problem.path for problem in problems)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (changed(cliVersion="0.2.0"), "written by a newer opgen (0.2.0, this is 0.1.0)"),
        (changed(cliVersion="v1"), "written by a newer opgen"),
        (changed(plugins={PLUGIN: {"format": 2}}), "written by a newer opgen (format 2"),
    ],
)
def test_a_newer_opgens_project_is_refused(raw: Any, message: str) -> None:
    project, problems = decode(raw, version="0.1.0")
    assert project is None
    assert len(problems) == 1
    assert message in problems[0].message
    assert "upgrade opgen" in problems[0].hint


@pytest.mark.parametrize("written", ["0.1", "0.1.0", "0.0.9", "", "(devel)", "0.1.0rc1"])
def test_an_older_opgens_project_is_read(written: str) -> None:
    assert decode(changed(cliVersion=written), version="0.1.0")[0] is not None


def test_problems_name_the_line() -> None:
    document = load(dump(changed(multigroup="yes")), "PROJECT").documents[0]
    _, problems = decode(document.data, version="0.1.0", origins=document.origins)
    assert [(problem.line, problem.path) for problem in problems] == [(5, "$.multigroup")]
