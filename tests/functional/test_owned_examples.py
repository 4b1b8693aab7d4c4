"""The natural first edit leaves a new project green: each commented example of `desired()`, uncommented as it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from opgen import coretypes
from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.init import InitRequest, init
from opgen.emit.children import Child, example
from opgen.ir.layout import KindRef
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import ControllerRequest
from opgen.resources import templates

INTRODUCTION = re.compile(
    r"^    # An? \w+(?:, with what its schema requires)?: uncomment what follows\..*\n", re.M
)
OTHER_VERSION = ("autoscaling", "v1", "HorizontalPodAutoscaler")  # nobody owns both
EVERY_DAY = (
    ("apps", "v1", "Deployment"),
    ("", "v1", "ConfigMap"),
    ("", "v1", "Service"),
    ("batch", "v1", "Job"),
    ("coordination.k8s.io", "v1", "Lease"),  # has no example of its own
    ("cache.example.com", "v1", "Member"),  # the project's own
    OTHER_VERSION,
)


def uncommented(text: str) -> str:
    """The module as an editor leaves it after each example was selected and uncommented."""
    head, *examples = INTRODUCTION.split(text)
    made = [head]
    for block in examples:
        code, _, rest = block.partition("    return children\n")
        code = re.sub(r"^    # ", "    ", code, flags=re.M)
        made.append(f"{code}    return children\n{rest}" if rest else code)
    return "".join(made)


def run(folder: Path, *words: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["src", *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"


def made(folder: Path, kinds: tuple[tuple[str, str, str], ...], *, namespaced: bool) -> Path:
    """A project whose one kind owns `kinds`; returns the controller's module."""
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    owned = ControllerRequest(owns=tuple(GroupVersionKind(*kind) for kind in kinds))
    if any(group == "cache.example.com" for group, _, _ in kinds):
        create_api(
            CreateApiRequest(start=folder, group="cache", version="v1", kind="Member", controller=False)
        )
    create_api(
        CreateApiRequest(
            start=folder, group="cache", version="v1", kind="Memcached", namespaced=namespaced, options=owned
        )
    )
    return folder / f"src/{folder.name}/controller/memcached_controller.py"


def green(folder: Path, controller: Path, examples: int, *pytest_words: str) -> None:
    """Uncomments all examples and runs what `make lint test` does."""
    text = controller.read_text()
    assert len(INTRODUCTION.findall(text)) == examples
    controller.write_text(uncommented(text))
    assert controller.read_text().count("children.append(") == examples
    run(folder, "ruff", "check")
    run(folder, "ruff", "format", "--diff")
    run(folder, "mypy")
    run(folder, "pytest", "-q", "-p", "no:cacheprovider", *pytest_words)


def test_uncommented_examples_are_green(tmp_path: Path) -> None:
    """ruff, mypy --strict and the generated tests, which see each child created and the owner Ready."""
    controller = made(tmp_path / "demo", EVERY_DAY, namespaced=True)
    green(tmp_path / "demo", controller, len(EVERY_DAY))


def ownable(*, namespaced: bool) -> tuple[tuple[str, str, str], ...]:
    """All built-in kinds that can be watched and created; cluster-scoped ones by a cluster-scoped owner only."""
    return tuple(
        gvk
        for gvk, kind in coretypes.kinds().items()
        if {"watch", "create"} <= set(kind.verbs)
        and (kind.namespaced or not namespaced)
        and kind.kind
        not in ("CustomResourceDefinition", "APIService", "Namespace", "Event")  # not for operators
        and gvk != OTHER_VERSION
    )


@pytest.mark.slow
@pytest.mark.parametrize("namespaced", [True, False], ids=["namespaced", "cluster-scoped"])
def test_every_example_is_sound_python(tmp_path: Path, namespaced: bool) -> None:
    """Whether a server takes what a schema requires is for the kinds without an example of their own not sure."""
    kinds = ownable(namespaced=namespaced)
    controller = made(tmp_path / "demo", kinds, namespaced=namespaced)
    green(tmp_path / "demo", controller, len(kinds), "-k", "desired")


def exampled() -> tuple[tuple[str, str, str], ...]:
    """The built-in kinds that have an example of their own."""
    owner = KindRef(GroupVersionKind("x.example.com", "v1", "Widget"), "widgets", False, "w", "Widget")
    found = []
    for gvk, core in coretypes.kinds().items():
        kind = KindRef(GroupVersionKind(*gvk), core.plural, core.namespaced, core.module, core.class_name)
        if (text := example(Child(kind, core.class_name, "widget", owner))) and "from_dict" not in text:
            found.append(gvk)
    return tuple(found)


def test_every_template_is_a_kinds_example() -> None:
    """A file that no kind finds would be no example at all."""
    assert len(exampled()) == len(list((templates() / "api/children").glob("*.py.jinja")))


@pytest.mark.slow
@pytest.mark.parametrize("server", ["builtin", pytest.param("envtest", marks=pytest.mark.envtest)])
def test_an_api_server_takes_every_example_of_its_own(tmp_path: Path, server: str) -> None:
    """And the status that `make_ready` writes."""
    kinds = tuple(gvk for gvk in exampled() if coretypes.kinds()[gvk].namespaced and gvk != OTHER_VERSION)
    controller = made(tmp_path / "demo", kinds, namespaced=True)
    green(tmp_path / "demo", controller, len(kinds), "--opgen-server", server)


@pytest.mark.slow
def test_the_generated_test_says_what_to_do(tmp_path: Path) -> None:
    """A child of a kind that setup() doesn't own, and a mistake in the code."""
    controller = made(tmp_path / "demo", (("apps", "v1", "Deployment"),), namespaced=True)
    whole = uncommented(controller.read_text())
    cases = {
        whole.replace(
            "            Owns(Deployment),\n", ""
        ): "is there an Owns() in setup() for each kind in desired()?",
        whole.replace(
            "    labels = {", "    labels = nonsense | {"
        ): "NameError: name 'nonsense' is not defined",
    }
    for text, says in cases.items():
        controller.write_text(text)
        with pytest.raises(AssertionError) as failed:
            run(tmp_path / "demo", "pytest", "-q", "-p", "no:cacheprovider", "-k", "reconciles", "tests")
        assert says in str(failed.value)
