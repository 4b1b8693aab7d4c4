"""Well-known kinds imported into a project, and a real cluster as a source."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from cli_support import Cli
from envtest import ControlPlane

from opgen import documents
from opgen.commands.init import InitRequest, init
from opgen.emit.yaml import dump
from opgen.testing.backends import start_builtin

ARCHIVE = Path(__file__).parents[3] / "shared" / "corpus" / "crds.tar.gz"
KINDS = {
    "crds/cert-manager/certificates.cert-manager.io.yaml": (
        "cert_manager_io",
        "v1",
        "certificate",
        "Certificate",
    ),
    "crds/serving/httproutes.gateway.networking.k8s.io.yaml": (
        "gateway_networking_k8s_io",
        "v1",
        "http_route",
        "HTTPRoute",
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    folder = tmp_path / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    return Cli(folder, monkeypatch, capsys)


@pytest.mark.corpus
@pytest.mark.skipif(not ARCHIVE.is_file() and not os.environ.get("CI"), reason="needs ../shared/corpus")
def test_well_known_kinds(project: Cli) -> None:
    with tarfile.open(ARCHIVE) as archive:
        for member, (group, version, module, kind) in KINDS.items():
            content = archive.extractfile(member)
            assert content is not None
            name = Path(member).name
            (project.folder / name).write_bytes(content.read())
            assert project("import", "crd", name) == 0, project.err
            path = project.folder / f"src/demo/imported/{group}/{version}/{module}.py"
            spec = importlib.util.spec_from_file_location(f"imported_{module}", path)
            assert spec is not None
            assert spec.loader is not None
            loaded = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(loaded)
            raw = {
                "metadata": {"name": "x"},
                "kind": kind,
                "spec": {"issuerRef": {"name": "i"}, "secretName": "s"},
            }
            assert getattr(loaded, kind).from_dict(raw).metadata.name == "x"
    words = ("create", "api", "--group", "shop", "--version", "v1", "--kind", "Site")
    owned = (
        "--owns",
        "cert-manager.io/v1/Certificate",
        "--watches",
        "gateway.networking.k8s.io/v1/HTTPRoute",
    )
    assert project(*words, *owned) == 0, project.err
    role = (project.folder / "config/rbac/generated/role.yaml").read_text()
    assert "  - certificates\n" in role
    assert "  - httproutes\n" in role
    assert project("generate", "--check") == 0, project.out
    start_builtin(project.folder).stop()  # takes all definitions, or raises


@pytest.mark.envtest
def test_a_real_cluster(project: Cli, control_plane: ControlPlane) -> None:
    """Read as it is there, compared with what would be installed."""
    name = "readings.live.example.org"

    def definition(**properties: Any) -> dict[str, Any]:
        spec = {"type": "object", "properties": properties}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name},
            "spec": {
                "group": "live.example.org",
                "names": {"kind": "Reading", "plural": "readings"},
                "scope": "Namespaced",
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
            },
        }

    asyncio.run(_install(control_plane, definition(a={"type": "string"})))
    kubeconfig = str(control_plane.kubeconfig)
    context = documents.load(control_plane.kubeconfig.read_bytes()).documents[0].data["current-context"]
    reach = ("--context", context, "--kubeconfig", kubeconfig)
    try:
        assert project("import", "crd", name, "--from-cluster", *reach) == 0, project.err
        assert (project.folder / "src/demo/imported/live_example_org/v1/reading.py").is_file()
        (project.folder / "new.yaml").write_text(dump(definition(b={"type": "string"})))
        assert project("diff", "cluster:", "new.yaml", *reach) == 1
        assert project.out == "breaking  v1 spec.a: is gone [field-removed]\n"
        assert project("import", "update", *reach) == 0
        assert project.out == "up to date\n"
    finally:
        asyncio.run(_install(control_plane, None, name))


async def _install(plane: ControlPlane, raw: dict[str, Any] | None, name: str = "") -> None:
    from opgen_runtime.client.connect import open_transport
    from opgen_runtime.client.transport import Request

    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    headers = {"Content-Type": "application/json"}
    transport, _ = await open_transport(str(plane.kubeconfig))
    try:
        if raw is None:
            answer = await transport.send(Request("DELETE", f"{path}/{name}", (), headers, b""))
        else:
            answer = await transport.send(Request("POST", path, (), headers, json.dumps(raw).encode()))
        assert answer.status in (200, 201), answer.body
    finally:
        await transport.close()
