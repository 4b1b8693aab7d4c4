"""`proven_manager`, `rbac` and `faults` in a project's test run: the example, its roles as they are and damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from opgen.testing.proof import Proof, Right
from opgen.testing.roles import Bound

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "memcached"
ROLE = "config/rbac/generated/role.yaml"
RECONCILES = """
import pytest
from opgen.testing import sample
from opgen_runtime import find_condition
from opgen_runtime.kinds.apps_v1 import Deployment
from opgen_runtime.kinds.core_v1 import Secret
from memcached.api.v1alpha1.memcached import Memcached
from memcached.controller.memcached_controller import setup

async def test_reconciles(proven_manager, client, namespace, eventually):
    setup(proven_manager)
    async with proven_manager.running():
        created = await client.create(sample(Memcached, namespace=namespace))

        async def told():
            found = await client.get(Memcached, created.metadata.name, namespace)
            assert find_condition(found.status, "Ready") is not None

        await eventually(told, timeout=3)
"""
REFUSED = """
async def test_refused(rbac, namespace):
    from opgen_runtime import Client, Forbidden
    from opgen_runtime.kinds.core_v1 import Secret
    import pytest

    with pytest.raises(Forbidden):
        await Client(rbac, namespace=namespace).get(Secret, "s")
    (missing,) = rbac.missing
    assert str(missing) == '@rbac(groups="", resources="secrets", verbs="get")'
    rbac.missing.clear()
"""


@pytest.fixture
def example(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A copy of the example without its tests."""
    ignored = shutil.ignore_patterns("tests", ".venv", "__pycache__", "vendor", ".opgen")
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True, ignore=ignored)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "src"))
    for variable in ("OPGEN_SERVER", "OPGEN_CONTEXT", "OPGEN_VERSION", "KUBECONFIG"):
        monkeypatch.delenv(variable, raising=False)
    return pytester


def run(example: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    (example.path / "tests").mkdir(exist_ok=True)
    (example.path / "tests" / "test_it.py").write_text(source)
    return example.runpytest_subprocess(
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"--rootdir={example.path}",
        "tests/test_it.py",
        *options,
        timeout=120,
    )


def change_role(example: pytest.Pytester, before: str, after: str) -> None:
    path = example.path / ROLE
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))


WITHOUT_CREATE = ("  - deployments\n  verbs:\n  - create\n", "  - deployments\n  verbs:\n")
WITHOUT_WATCH = ("  - deployments\n  verbs:\n  - create\n  - delete\n  - get\n  - list\n  - patch\n  - watch\n",
                 "  - deployments\n  verbs:\n  - create\n  - delete\n  - get\n  - list\n  - patch\n")  # fmt: skip
TOO_WIDE = ("rules:\n", 'rules:\n- apiGroups: [""]\n  resources: [secrets]\n  verbs: [get, list]\n')


def proves(example: pytest.Pytester, *options: str) -> None:
    """All of it, on one server."""
    result = run(example, RECONCILES + REFUSED, *options)
    result.assert_outcomes(passed=2)
    text = result.stdout.str()
    assert "rights that no test used" in text
    assert f"{ROLE}: deployments.apps (delete)" in text
    assert "secrets" not in text.partition("rights that no test used")[2]

    change_role(example, *TOO_WIDE)
    change_role(example, *WITHOUT_CREATE)
    result = run(example, RECONCILES, *options)
    text = result.stdout.str()
    assert "the operator was refused what its roles in config/rbac don't allow" in text
    wanted = '@rbac(groups="apps", resources="deployments", verbs="create")  # src/memcached/controller/'
    assert wanted + "memcached_controller.py:" in text
    assert " in reconcile" in text
    assert f"{ROLE}: secrets (get, list)" in text


def test_on_the_server_in_the_process(example: pytest.Pytester) -> None:
    proves(example)


def test_a_watch_that_is_refused_is_told_with_the_line_that_names_the_kind(example: pytest.Pytester) -> None:
    change_role(example, *WITHOUT_WATCH)
    source = RECONCILES.replace("    async with proven", "    async with asyncio.timeout(1), proven")
    source = f"import asyncio\n{source}"
    text = run(example, source).stdout.str()
    wanted = '@rbac(groups="apps", resources="deployments", verbs="watch")  # src/memcached/controller/'
    assert wanted + "memcached_controller.py:" in text
    assert "Owns(Deployment)" in text


def test_without_roles_there_is_nothing_to_prove(example: pytest.Pytester) -> None:
    shutil.rmtree(example.path / "config" / "rbac")
    result = run(example, RECONCILES)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*config/rbac binds no role to a ServiceAccount: run opgen generate*"])


@pytest.mark.envtest
def test_on_a_real_server(
    example: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, envtest_assets: Path
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(envtest_assets))
    proves(example, "--opgen-server=envtest")


FAULTS = """
from opgen.testing import sample
from opgen_runtime.kinds.apps_v1 import Deployment
from memcached.api.v1alpha1.memcached import Memcached
from memcached.controller.memcached_controller import setup

async def test_survives(faults, manager, client, namespace, eventually):
    refused = faults.fail(503, verb="patch", resource="deployments", times=2)
    faults.drop_watch(resource="memcacheds", after=1)
    setup(manager)
    async with manager.running():
        await client.create(sample(Memcached, namespace=namespace))

        async def there():
            assert await client.list(Deployment, namespace=namespace)

        await eventually(there)
    assert refused.struck == 2

async def test_answers(workloads, manager, client, namespace, eventually):
    setup(manager)
    async with manager.running():
        created = await client.create(sample(Memcached, namespace=namespace))

        async def ready():
            found = await client.get(Memcached, created.metadata.name, namespace)
            assert found.status and found.status.ready_replicas == created.spec.size

        await eventually(ready)

async def test_never_strikes(faults, client):
    faults.hang(resource="pods", name="nobody")
"""


def test_faults_strike_and_those_that_do_not_are_told(example: pytest.Pytester) -> None:
    result = run(example, FAULTS)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        ["faults that never struck:", "  hang resource=pods name=nobody: struck 0 of 1"]
    )


def test_the_right_to_block_a_deletion_is_never_told_as_unused(tmp_path: Path) -> None:
    """No request asks for it, so none shows that it is needed."""
    rules = (
        {"apiGroups": ["x.io"], "resources": ["widgets/finalizers"], "verbs": ["update"]},
        {"apiGroups": ["x.io"], "resources": ["widgets/status"], "verbs": ["update"]},
    )
    bound = [Bound("ClusterRole", "manager-role", True, rules, "role.yaml")]
    proof = Proof(tmp_path, bound, {Right("x.io", "widgets", "get")})
    assert proof.unused() == ["role.yaml: widgets/status.x.io (update)"]
