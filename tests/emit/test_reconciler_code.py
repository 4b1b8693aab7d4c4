"""The user's controller module: the golden forms, and green under ruff and mypy with any flags and names."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from opgen import schema
from opgen.commands.kinds import core_kind
from opgen.emit.controller_test import controller_test_source
from opgen.emit.models import models
from opgen.emit.reconciler import Subject, controller_source
from opgen.ir.definition import Definition
from opgen.ir.layout import KindRef
from opgen.ir.names import GroupVersionKind, class_name
from opgen.ir.options import ControllerRequest

EXPECTED = Path(__file__).parents[1] / "golden/controllers/expected"
PYPROJECT = """\
[tool.ruff]
line-length = 110
target-version = "py311"
src = ["src"]
[tool.ruff.lint]
select = ["E", "F", "W", "I", "B", "UP", "SIM", "RUF"]
per-file-ignores = {"src/w/api/**" = ["E501"]}
[tool.ruff.format]
exclude = ["src/w/api/**"]
[tool.mypy]
strict = true
mypy_path = "src"
files = ["src", "tests"]
"""


def core(group: str, version: str, kind: str) -> KindRef:
    found = core_kind(GroupVersionKind(group, version, kind))
    assert found is not None
    return found


def definition_of(kind: str, status: str = "both", scope: str = "Namespaced") -> Definition:
    parts = {
        "none": "",
        "empty": "  status: {phase: string}\n",
        "observed": "  status: {observedGeneration: {type: integer, format: int64}}\n",
        "both": "  status:\n    observedGeneration: {type: integer, format: int64}\n"
        "    conditions: list<meta/v1.Condition>\n",
        "own": "  status:\n    conditions: {type: list, items: {fields: {type: string!, status: {type: string, "
        "required: true, enum: ['True', 'False', Unknown]}, severity: string}}, mapKeys: [type]}\n",
        "phase": "  status:\n    conditions: {type: list, items: {fields: {type: {type: string, required: true, "
        "enum: [Bound]}, status: string!}}, mapKeys: [type]}\n",
    }
    text = f"kind: {kind}\ngroup: cache.example.com\nscope: {scope}\nversions:\n- name: v1\n  storage: true\n"
    found = schema.load_text(f"{text}  spec: {{size: integer}}\n{parts[status]}", "x.yaml")
    assert found.diagnostics == ()
    return found.loaded[0].definition


def subject_of(definition: Definition) -> Subject:
    kind = definition.names.kind
    module = models(definition)[0].module_name
    ref = KindRef(
        GroupVersionKind(definition.group, "v1", kind),
        definition.names.plural,
        definition.namespaced,
        f"w.api.v1.{module}",
        class_name(kind),
    )
    return Subject(ref, definition.versions[0])


DEPLOYMENT, CONFIG_MAP = core("apps", "v1", "Deployment"), core("", "v1", "ConfigMap")
GOLDEN = {
    "memcached": ("both", ControllerRequest(
        name="memcached", max_concurrent_reconciles=4, predicates=("generation",), reconcile_timeout=60.0,
        owns_kinds=(DEPLOYMENT,), finalizer=True,
    )),
    "plain": ("none", ControllerRequest(name="memcached")),
    "observed": ("observed", ControllerRequest(name="memcached", watches_kinds=(CONFIG_MAP,))),
    "everything": ("own", ControllerRequest(
        name="memcached-audit", max_concurrent_reconciles=8,
        predicates=("generation", "labels", "annotations", "resource-version"), label_selector='tier in (a, b),!canary',
        watch_namespaces=("a", "b"), owns_kinds=(DEPLOYMENT, CONFIG_MAP),
        watches_kinds=(core("", "v1", "Node"), core("", "v1", "Secret")), resync_period=36000.0, requeue_after=90.0,
        rate_limit_base=0.1, rate_limit_max=300.0, reconcile_timeout=1.5, cache_sync_timeout=30.0, finalizer=True,
    )),
}  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN)
def test_golden(case: str) -> None:
    """The whole module, to be read; OPGEN_REGENERATE=1 writes it anew."""
    status, options = GOLDEN[case]
    made = controller_source(subject_of(definition_of("Memcached", status)), options, "# Copyright ACME")
    path = EXPECTED / f"{case}.py"
    if os.environ.get("OPGEN_REGENERATE"):
        path.write_text(made)
    assert made == path.read_text()


def test_a_condition_that_would_be_refused_is_not_set() -> None:
    for status in ("none", "empty", "phase"):
        made = controller_source(subject_of(definition_of("Memcached", status)), ControllerRequest(name="m"))
        assert "set_condition" not in made
        assert "failure_condition" not in made
        assert "client.status" not in made


NAMES = [
    *[
        "Memcached",
        "HTTPRoute",
        "Controller",
        "Manager",
        "Status",
        "Desired",
        "List",
        "Resource",
        "For",
        "Class",
    ],
    *["Client", "Sequence", "Setup", "Ready", "Object", "Eventually", "Deployment", "Kind", "ConfigMap"],
    *["CephBucketNotification", "TLSCertificateDelegation", "AbcdefghijKlmnopqrstUvwxyzabcd"],
    *["AVeryLongKindNameThatNobodyWouldChooseButThatTheServerTakesAllTheSameX", "X"],
]
FLAGS = [
    ControllerRequest(),
    GOLDEN["everything"][1],
    ControllerRequest(watches_kinds=(DEPLOYMENT, CONFIG_MAP), requeue_after=1.0),
    ControllerRequest(owns_kinds=(CONFIG_MAP, DEPLOYMENT), finalizer=True, predicates=("generation",)),
    ControllerRequest(watch_namespaces=("x",), label_selector="a=b"),
]


@pytest.mark.slow
def test_any_flags_and_names_are_green_under_ruff_and_mypy(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    source = tmp_path / "src/w"
    for folder in (source, source / "api", source / "api/v1", source / "controller", tmp_path / "tests"):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.name != "tests":
            (folder / "__init__.py").write_text("")
    (source / "py.typed").write_text("")
    for number, (kind, status, flags) in enumerate(
        itertools.chain(
            ((kind, "both", FLAGS[index % 5]) for index, kind in enumerate(NAMES)),
            (
                ("Memcached", status, flags)
                for status in ("none", "empty", "observed", "own", "phase")
                for flags in FLAGS
            ),
        )
    ):
        definition = definition_of(kind, status, "Cluster" if number % 3 == 0 else "Namespaced")
        module = models(definition)[0]
        (source / f"api/v1/k{number}.py").write_text(module.source)
        subject = subject_of(definition)
        subject = replace(subject, kind=replace(subject.kind, module=f"w.api.v1.k{number}"))
        options = replace(flags, name=kind.lower()[:50])
        (source / f"controller/c{number}.py").write_text(controller_source(subject, options))
        test = controller_test_source(subject, options, f"w.controller.c{number}", has_sample=number % 4 != 3)
        (tmp_path / f"tests/test_{number}.py").write_text(test)
    for command in (["ruff", "check"], ["ruff", "format", "--diff"], ["mypy"]):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    ("kind", "imported"), [("Test", "Test as ATest"), ("Client", "Client as ClientObject"), ("Tea", "Tea")]
)
def test_no_class_in_a_test_is_collected_as_one(kind: str, imported: str) -> None:
    options = ControllerRequest(name="mine")
    made = controller_test_source(subject_of(definition_of(kind)), options, "w.controller.c", has_sample=True)
    assert f"import {imported}\n" in made
    local = imported.rpartition(" ")[2]
    assert f"sample({local}, " in made
