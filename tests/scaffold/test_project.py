"""What `opgen init` writes: complete, deterministic, accepted by the tools that read it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from opgen.commands.create_api import CreateApiRequest, create_api
from opgen.commands.init import InitRequest, init
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import ControllerRequest

FILES = [
    ".devcontainer/devcontainer.json",
    ".dockerignore",
    ".github/workflows/lint.yml",
    ".github/workflows/test.yml",
    ".gitignore",
    ".vscode/launch.json",
    "AGENTS.md",
    "Dockerfile",
    "Makefile",
    "PROJECT",
    "README.md",
    "pyproject.toml",
    "schemas/.gitkeep",
    "config/crd/bases/kustomization.yaml",
    "config/crd/kustomization.yaml",
    "config/default/kustomization.yaml",
    "config/default/manager_metrics_patch.yaml",
    "config/default/metrics_service.yaml",
    "config/manager/kustomization.yaml",
    "config/manager/manager.yaml",
    "config/network-policy/allow-metrics-traffic.yaml",
    "config/network-policy/kustomization.yaml",
    "config/prometheus/kustomization.yaml",
    "config/prometheus/monitor.yaml",
    "config/rbac/generated/kustomization.yaml",
    "config/rbac/generated/role.yaml",
    "config/rbac/kustomization.yaml",
    "config/rbac/role_binding.yaml",
    "config/rbac/service_account.yaml",
    "config/samples/kustomization.yaml",
    "src/demo/__init__.py",
    "src/demo/__main__.py",
    "src/demo/_registry.py",
    "src/demo/api/__init__.py",
    "src/demo/controller/__init__.py",
    "src/demo/py.typed",
    "tests/test_project.py",
]
TARGETS = [
    "help",
    "manifests",
    "generate",
    "fmt",
    "lint",
    "lint-fix",
    "test",
    "build",
    "run",
    "dev",
    "install",
    "uninstall",
    "deploy",
    "undeploy",
    "docker-build",
    "docker-push",
    "build-installer",
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain") / "demo"
    init(InitRequest(folder=folder, domain="example.com", owner='A "quoted" owner', runtime_source="index"))
    return folder


@pytest.fixture(scope="module")
def namespaced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("namespaced") / "demo"
    init(
        InitRequest(
            folder=folder, domain="example.com", namespaced=True, multigroup=True, runtime_source="vendor"
        )
    )
    options = ControllerRequest(owns=(GroupVersionKind("apps", "v1", "Deployment"),))
    watching = ControllerRequest(watches=(GroupVersionKind("", "v1", "Node"),))
    create_api(CreateApiRequest(start=folder, group="cache", version="v1", kind="Memcached", options=options))
    create_api(
        CreateApiRequest(start=folder, group="sea-creatures", version="v1", kind="Whale", options=watching)
    )
    create_api(CreateApiRequest(start=folder, group="apps", version="v1", kind="Deployment", resource=False))
    return folder


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def built(folder: Path) -> list[dict[str, object]]:
    """What `kubectl kustomize` makes of a folder."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not installed")
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def named(documents: list[dict[str, object]]) -> set[str]:
    return {f"{doc['kind']}/{doc['metadata']['name']}" for doc in documents}  # type: ignore[index]  # plain YAML


def test_every_file_is_there(plain: Path) -> None:
    assert files(plain) == sorted(FILES)


def test_no_template_is_left_unrendered(plain: Path, namespaced: Path) -> None:
    for folder in (plain, namespaced):
        for name in files(folder):
            if not name.endswith(".whl"):
                text = (folder / name).read_text()
                assert "{%" not in text, name
                assert "{{" not in text.replace("${{", ""), name
                assert text == "" or text.endswith("\n"), name
                assert "\n\n\n\n" not in text, name


def test_texts_of_the_user_are_quoted(plain: Path) -> None:
    data = tomllib.loads((plain / "pyproject.toml").read_text())
    assert data["project"]["authors"] == [{"name": 'A "quoted" owner'}]
    assert (plain / "src/demo/__main__.py").read_text().startswith('# Copyright A "quoted" owner\n# SPDX')


def test_json_and_yaml_files_parse(plain: Path) -> None:
    for name in files(plain):
        if name.endswith(".json"):
            json.loads((plain / name).read_text())
        if name.endswith((".yaml", ".yml")):
            list(yaml.safe_load_all((plain / name).read_text()))


def test_a_project_without_apis_builds_its_manifests(plain: Path) -> None:
    assert named(built(plain / "config/default")) == {
        "Namespace/demo-system",
        "ServiceAccount/demo-controller-manager",
        "ClusterRole/demo-manager-role",
        "ClusterRoleBinding/demo-manager-rolebinding",
        "Service/demo-controller-manager-metrics-service",
        "Deployment/demo-controller-manager",
    }
    assert built(plain / "config/crd") == []
    for folder in ("prometheus", "network-policy"):
        assert len(built(plain / "config" / folder)) == 1


def test_namespaced_projects_get_roles_and_cluster_roles_where_nothing_else_will_do(namespaced: Path) -> None:
    documents = built(namespaced / "config/default")
    assert named(documents) >= {
        "Role/demo-manager-role",
        "RoleBinding/demo-manager-rolebinding",
        "ClusterRole/demo-manager-role-cluster",
        "ClusterRoleBinding/demo-manager-role-clusterbinding",
        "Role/demo-cache-memcached-admin-role",
        "Role/demo-sea-creatures-whale-viewer-role",
        "CustomResourceDefinition/memcacheds.cache.example.com",
    }
    cluster = next(d for d in documents if d["kind"] == "ClusterRole")
    assert cluster["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}
    ]
    binding = next(d for d in documents if d["kind"] == "RoleBinding")
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": "demo-manager-role",
    }
    text = (namespaced / "config/manager/manager.yaml").read_text()
    assert "name: WATCH_NAMESPACE" in text


def test_multigroup_puts_groups_into_packages_of_their_own(namespaced: Path) -> None:
    found = set(files(namespaced))
    assert found >= {
        "src/demo/api/cache/v1/memcached.py",
        "src/demo/api/sea_creatures/v1/whale.py",
        "src/demo/api/sea_creatures/__init__.py",
        "src/demo/controller/cache/memcached_controller.py",
        "src/demo/controller/apps/deployment_controller.py",
        "tests/test_sea_creatures_whale_controller.py",
    }
    project = yaml.safe_load((namespaced / "PROJECT").read_text())
    assert [resource.get("controllers") for resource in project["resources"]] == [
        [{"name": "cache-memcached"}],
        [{"name": "sea-creatures-whale"}],
        [{"name": "apps-deployment"}],
    ]
    assert project["resources"][2]["core"] is True


def test_vendored_wheels_are_named_where_they_are_used(namespaced: Path, plain: Path) -> None:
    data = tomllib.loads((namespaced / "pyproject.toml").read_text())
    wheels = sorted(path.name for path in (namespaced / "vendor").iterdir())
    assert [Path(source["path"]).name for source in data["tool"]["uv"]["sources"].values()] == wheels
    assert "COPY vendor/ vendor/" in (namespaced / "Dockerfile").read_text()
    assert "vendor" not in (plain / "Dockerfile").read_text()
    assert not (plain / "vendor").exists()


def test_make_has_its_targets(plain: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    done = subprocess.run([make, "help"], cwd=plain, capture_output=True, text=True, check=True)
    for target in TARGETS:
        assert f"\n  {target:<16}  " in done.stdout


def test_manifests_and_generate_together_run_opgen_once(plain: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("make is not installed")
    done = subprocess.run(
        [make, "manifests", "generate", "OPGEN=echo opgen"],
        cwd=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "opgen generate\n"


def test_workflows_may_do_nothing_and_pin_their_actions(plain: Path) -> None:
    for name in ("lint", "test"):
        text = (plain / f".github/workflows/{name}.yml").read_text()
        assert "permissions: {}" in text
        for line in text.splitlines():
            if "uses:" in line:
                assert len(line.split("@")[1].split(" ")[0]) == 40, line
