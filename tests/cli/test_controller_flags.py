"""Each controller option of `create api`: the flag, and the code that it writes into the user's module."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.commands.init import InitRequest, init
from opgen.workspace.project import PLUGIN

OPTIONS = [
    (["--max-concurrent-reconciles", "4"], ["max_concurrent_reconciles=4"], {"maxConcurrentReconciles": 4}),
    (["--predicate", "generation"], ["predicates=[GenerationChanged()]"], {"predicates": ["generation"]}),
    (
        ["--predicate=labels", "--predicate=annotations"],
        ["predicates=[LabelsChanged() | AnnotationsChanged()]"],
        {"predicates": ["labels", "annotations"]},
    ),
    (
        ["--predicate", "resource-version"],
        ["predicates=[ResourceVersionChanged()]"],
        {"predicates": ["resource-version"]},
    ),
    (
        ["--label-selector", "a=b,c in (d, e)"],
        ['label_selector="a=b,c in (d, e)"'],
        {"labelSelector": "a=b,c in (d, e)"},
    ),
    (
        ["--watch-namespaces", "a,b", "--watch-namespaces", "c"],
        ['namespaces=("a", "b", "c")'],
        {"watchNamespaces": ["a", "b", "c"]},
    ),
    (["--owns", "apps/v1/Deployment"], ["Owns(Deployment),"], {"owns": ["apps/v1/Deployment"]}),
    (
        ["--watches", "v1/ConfigMap"],
        ["Watches(ConfigMap, memcached_for_config_map),", "def memcached_for_config_map("],
        {"watches": ["v1/ConfigMap"]},
    ),
    (["--resync-period", "10h"], ["resync_period=36000.0"], {"resyncPeriod": 36000.0}),
    (["--requeue-after", "90"], ["requeue_after=90.0"], {"requeueAfter": 90.0}),
    (
        ["--rate-limit-base", "100ms", "--rate-limit-max=5m"],
        ["rate_limit_base=0.1", "rate_limit_max=300.0"],
        {"rateLimitBase": 0.1, "rateLimitMax": 300.0},
    ),
    (["--reconcile-timeout", "60s"], ["reconcile_timeout=60.0"], {"reconcileTimeout": 60.0}),
    (["--cache-sync-timeout", "1m30s"], ["cache_sync_timeout=90.0"], {"cacheSyncTimeout": 90.0}),
    (["--finalizer"], ["async def finalize(self, memcached: Memcached) -> None:"], {"finalizer": True}),
    (
        ["--controller-name", "memcached-audit"],
        ['"memcached-audit",', "class MemcachedAuditReconciler("],
        None,
    ),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    return folder


@pytest.mark.parametrize(
    ("flags", "code", "kept"),
    OPTIONS,
    ids=[flags[0] + str(number) for number, (flags, _, _) in enumerate(OPTIONS)],
)
def test_flag_to_code(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: list[str],
    code: list[str],
    kept: dict[str, object] | None,
) -> None:
    root = tmp_path / "demo"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    words = ["create", "api", "--group", "cache", "--version", "v1", "--kind", "Memcached", *flags]
    assert guarded(cli, words) == 0
    (module,) = (root / "src/demo/controller").glob("*_controller.py")
    text = module.read_text()
    for part in code:
        assert part in text
    settings = yaml.safe_load((root / "PROJECT").read_text())["plugins"][PLUGIN]["apis"][0]
    assert settings.get("options") == kept
    compile(text, str(module), "exec")


@pytest.mark.parametrize("given", [["--watch-namespaces="], ["--watch-namespaces", " , "]])
def test_no_namespace_is_not_all_of_them(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = ["create", "api", "--group", "cache", "--version", "v1", "--kind", "Memcached", *given]
    assert guarded(cli, words) == 2
    assert "--watch-namespaces: names no namespace" in capsys.readouterr().err
