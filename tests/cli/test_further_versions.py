"""A further version of a kind: it begins as a copy of the one before, with its scope and plural."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.generate import GenerateRequest, generate
from opgen.commands.init import InitRequest, init
from opgen.commands.workspace import read_project
from opgen.errors import InputError, Level

CONCISE = """\
# The caches of the house.
kind: Memcached   # as in memcached.org
group: cache.example.com
versions:
- name: v1   # the first
  printerColumns: {Size: .spec.size}
  spec:
    size: {type: integer, default: 1}   # how many
    image: string!
  status:
    conditions: list<meta/v1.Condition>
"""
SHORT = """\
kind: Memcached
group: cache.example.com
version: v1
spec: {size: {type: integer, default: 1}, image: string!}
"""
FLOW = (
    "kind: Memcached\ngroup: cache.example.com\nversions: [{name: v1, storage: true, spec: {size: {type: integer, "
    "default: 1}, image: string!}}]\n"
)
TWO = CONCISE + "- name: v1beta1\n  storage: false\n  served: true\n  spec: {size: integer, image: string!}\n"
OPENAPI = json.dumps(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["image"],
                "properties": {"size": {"type": "integer", "default": 1}, "image": {"type": "string"}},
            }
        },
    }
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    init(InitRequest(folder=tmp_path / "p", domain="example.com", runtime_source="index"))
    return tmp_path / "p"


def added(project: Path, **more: str) -> tuple[str, dict[str, object]]:
    """The new version's schema, and the CRD afterwards."""
    outcome = create_api(
        CreateApiRequest(
            start=project,
            group="cache",
            version="v2",
            kind="Memcached",
            controller=False,
            **more,  # type: ignore[arg-type]  # texts only
        )
    )
    (told,) = [d for d in outcome.diagnostics if d.level is Level.INFO]
    assert told.message.startswith("begins as a copy of schemas/cache/memcached.")
    crd = next((project / "config/crd/bases").glob("cache*.yaml"))
    return (project / "schemas/cache/memcached.v2.yaml").read_text(), yaml.safe_load(crd.read_text())


def versions(crd: dict[str, object]) -> dict[str, dict[str, object]]:
    spec = crd["spec"]
    assert isinstance(spec, dict)
    return {version["name"]: version for version in spec["versions"]}


@pytest.mark.parametrize(
    "form", [CONCISE, SHORT, FLOW, TWO, OPENAPI], ids=["list", "short", "flow", "two", "openapi"]
)
def test_it_begins_with_the_fields_of_the_version_before(project: Path, form: str) -> None:
    source = project.parent / ("s.json" if form is OPENAPI else "s.yaml")
    source.write_text(form)
    names = {"group": "cache", "version": "v1", "kind": "Memcached"} if form is OPENAPI else {}
    create_api(CreateApiRequest(start=project, schema=str(source), **names))  # type: ignore[arg-type]  # texts only
    text, crd = added(project)
    found = versions(crd)
    before = found["v1beta1" if form is TWO else "v1"]
    assert {**found["v2"], "name": before["name"], "storage": before["storage"]} == before
    assert (found["v1"]["storage"], found["v2"]["storage"]) == (True, False)
    if form is CONCISE:  # comments and all
        assert text == CONCISE.replace("- name: v1 ", "- name: v2\n  storage: false ")
    assert generate(GenerateRequest(project)).plan.changes == ()


def test_a_crd_is_continued_as_a_crd(project: Path) -> None:
    source = project.parent / "s.yaml"
    source.write_text(CONCISE)
    create_api(CreateApiRequest(start=project, schema=str(source), controller=False))
    crd = next((project / "config/crd/bases").glob("cache*.yaml")).read_text()
    other = project.parent / "q"
    init(InitRequest(folder=other, domain="example.com", runtime_source="index"))
    source.write_text(crd)
    create_api(CreateApiRequest(start=other, schema=str(source), controller=False))
    text, made = added(other)
    assert yaml.safe_load(text)["kind"] == "CustomResourceDefinition"
    found = versions(made)
    assert {**found["v2"], "name": "v1", "storage": True} == found["v1"]


def test_scope_and_plural_are_inherited(project: Path) -> None:
    """With a starter and with a schema that leaves them open."""
    create_api(
        CreateApiRequest(
            start=project, group="cache", version="v1", kind="Memcached", plural="caches", namespaced=False
        )
    )
    added(project)
    source = project.parent / "s.yaml"
    source.write_text(CONCISE.replace("name: v1", "name: v3\n  storage: false"))
    create_api(CreateApiRequest(start=project, schema=str(source), controller=False))
    resources = read_project(project).resources
    assert [(r.version, r.plural, r.namespaced) for r in resources] == [
        ("v1", "caches", False),
        ("v2", "caches", False),
        ("v3", "caches", False),
    ]


def test_without_controller_false_the_advice_is_right(project: Path) -> None:
    create_api(CreateApiRequest(start=project, group="cache", version="v1", kind="Memcached"))
    before = sorted(project.rglob("*"))
    with pytest.raises(InputError) as caught:
        create_api(CreateApiRequest(start=project, group="cache", version="v2", kind="Memcached"))
    (finding,) = caught.value.diagnostics
    assert finding.path == "--controller"
    assert finding.hint == "the same command with --controller=false adds v2"
    assert sorted(project.rglob("*")) == before


def test_a_broken_schema_of_the_version_before_is_told(project: Path) -> None:
    create_api(CreateApiRequest(start=project, group="cache", version="v1", kind="Memcached"))
    (project / "schemas/cache/memcached.v1.yaml").write_text(
        "kind: Memcached\nversions: [{name: v1, spec: {a: strin}}]\n"
    )
    with pytest.raises(InputError) as caught:
        create_api(
            CreateApiRequest(start=project, group="cache", version="v2", kind="Memcached", controller=False)
        )
    assert any(d.file == "schemas/cache/memcached.v1.yaml" and d.line == 2 for d in caught.value.diagnostics)
    assert not (project / "schemas/cache/memcached.v2.yaml").exists()


def test_a_scope_that_project_and_schema_tell_differently_is_an_error(project: Path) -> None:
    create_api(CreateApiRequest(start=project, group="cache", version="v1", kind="Memcached"))
    path = project / "schemas/cache/memcached.v1.yaml"
    path.write_text(path.read_text().replace("scope: Namespaced", "scope: Cluster"))
    with pytest.raises(InputError) as caught:
        generate(GenerateRequest(project))
    (finding,) = caught.value.diagnostics
    assert "the scope of Memcached is Cluster here and Namespaced in PROJECT" in finding.message
    line = path.read_text().splitlines().index("scope: Cluster") + 1
    assert (finding.file, finding.line) == ("schemas/cache/memcached.v1.yaml", line)


def test_each_version_has_rule_tests_of_its_samples(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text(CONCISE)
    create_api(CreateApiRequest(start=project, schema=str(tmp_path / "kind.yaml")))
    added(project)
    rules = {path.name: yaml.safe_load(path.read_text()) for path in (project / "tests/rules").iterdir()}
    assert {name: found["apiVersion"] for name, found in rules.items()} == {
        "memcached.yaml": "cache.example.com/v1",
        "memcached_v2.yaml": "cache.example.com/v2",
    }
    files = [case["file"] for case in rules["memcached_v2.yaml"]["cases"]]
    assert files == [
        "../../config/samples/cache_v2_memcached.yaml",
        "../../config/samples/cache_v2_memcached_full.yaml",
    ]
    assert all((project / "tests/rules" / file).is_file() for file in files)


def test_a_schema_with_two_versions_has_rule_tests_of_both(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text(TWO)
    create_api(CreateApiRequest(start=project, schema=str(tmp_path / "kind.yaml")))
    found = sorted(path.name for path in (project / "tests/rules").iterdir())
    assert found == ["memcached.yaml", "memcached_v1beta1.yaml"]


def test_generate_tells_of_samples_that_the_schema_has_outgrown(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text(CONCISE)
    create_api(CreateApiRequest(start=project, schema=str(tmp_path / "kind.yaml"), controller=False))
    assert generate(GenerateRequest(project)).diagnostics == ()
    schema = next((project / "schemas").rglob("*memcached*.yaml"))
    schema.write_text(
        schema.read_text().replace("size:", "replicas:").replace(".spec.size", ".spec.replicas")
    )
    for write in (True, False):
        (said,) = generate(GenerateRequest(project, write=write)).diagnostics
        assert said.level is Level.WARNING
        assert (said.file, said.path) == ("config/samples/cache_v1_memcached_full.yaml", "spec.size")
        assert 'unknown field "spec.size"' in said.message
        assert (project / said.file).read_text().splitlines()[said.line - 1].strip().startswith("size:")
