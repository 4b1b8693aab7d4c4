"""What the commands warn of: what is no error now and would be a surprise later."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.generate import GenerateRequest, generate
from opgen.commands.init import InitRequest, init
from opgen.errors import InputError
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import ControllerRequest

SCHEMA = "group: demo.example.com\nkind: Widget\nversions:\n- name: v1\n  spec: {a: string}\n"


def test_a_version_without_models_is_told(tmp_path: Path) -> None:
    """generate writes it into the CRD, and says what is missing."""
    init(InitRequest(folder=tmp_path / "p", domain="example.com", runtime_source="index"))
    source = tmp_path / "widget.yaml"
    source.write_text(SCHEMA)
    create_api(CreateApiRequest(start=tmp_path / "p", schema=str(source)))
    (schema,) = (tmp_path / "p/schemas").rglob("*.yaml")
    schema.write_text(SCHEMA + "- name: v2\n  storage: false\n  spec: {b: string}\n")
    outcome = generate(GenerateRequest(start=tmp_path / "p"))
    (finding,) = [d for d in outcome.diagnostics if "not in PROJECT" in d.message]
    assert (finding.level, finding.line) == ("warning", 6)
    assert "name: v2" in next((tmp_path / "p/config/crd/bases").glob("demo*.yaml")).read_text()


def test_a_cluster_scoped_kind_in_a_namespaced_operator_is_told(tmp_path: Path) -> None:
    """Its roles can't grant what the controller needs."""
    init(InitRequest(folder=tmp_path / "p", domain="example.com", namespaced=True, runtime_source="index"))
    source = tmp_path / "widget.yaml"
    source.write_text(SCHEMA.replace("kind: Widget", "kind: Widget\nscope: Cluster"))
    outcome = create_api(CreateApiRequest(start=tmp_path / "p", schema=str(source)))
    assert [d.path for d in outcome.diagnostics if "cluster-scoped" in d.message] == ["--namespaced"]


@pytest.mark.parametrize(
    ("flag", "kind", "said"),
    [
        ("owns", ("", "v1", "Namespace"), "is namespaced and can't own a Namespace"),
        ("owns", ("authentication.k8s.io", "v1", "TokenReview"), "can't be watched"),
        ("watches", ("", "v1", "Binding"), "can't be watched"),
    ],
)
def test_what_could_never_work_is_refused(
    tmp_path: Path, flag: str, kind: tuple[str, str, str], said: str
) -> None:
    """A child that the garbage collector would delete, and kinds without a watch; nothing is written."""
    init(InitRequest(folder=tmp_path / "p", domain="example.com", runtime_source="index"))
    before = sorted(tmp_path.rglob("*"))
    gvks = (GroupVersionKind(*kind),)
    options = ControllerRequest(owns=gvks) if flag == "owns" else ControllerRequest(watches=gvks)
    with pytest.raises(InputError) as caught:
        create_api(
            CreateApiRequest(start=tmp_path / "p", group="a", version="v1", kind="Widget", options=options)
        )
    (finding,) = caught.value.diagnostics
    assert said in finding.message
    assert finding.path == f"--{flag}"
    assert sorted(tmp_path.rglob("*")) == before
