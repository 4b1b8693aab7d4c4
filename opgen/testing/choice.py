"""Which API server a test run uses: from the command line, the environment, or the configuration file. Pure."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

KINDS = ("builtin", "envtest", "full", "existing")


class Unusable(ValueError):
    """What was asked for makes no sense; the text says why."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`context` names an existing cluster, `version` a Kubernetes version; `shared`: one server for all workers."""

    kind: str = "builtin"
    context: str = ""
    version: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One option under its three names."""

    option: str
    variable: str
    ini: str
    help: str


SETTINGS = {
    "kind": Setting(
        "--opgen-server",
        "OPGEN_SERVER",
        "opgen_server",
        "the API server that tests run on: builtin, in the test process (default); envtest, a real etcd and "
        "kube-apiserver; full, with controllers and simulated nodes; existing, the cluster of --opgen-context",
    ),
    "context": Setting(
        "--opgen-context",
        "OPGEN_CONTEXT",
        "opgen_context",
        "with --opgen-server existing: the kubeconfig's context to use; there is no default",
    ),
    "version": Setting(
        "--opgen-version",
        "OPGEN_VERSION",
        "opgen_version",
        "with envtest and full: the version of Kubernetes, such as 1.36 (default: KUBEBUILDER_ASSETS, or the "
        "newest that `opgen envtest install` installed)",
    ),
}


def choose(
    option: Callable[[str], str | None],
    ini: Callable[[str], str],
    *,
    shared: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Choice:
    """What is chosen: by option, else by the environment, else in the configuration file. Raises Unusable."""
    found = {
        name: option(setting.option) or environ.get(setting.variable) or ini(setting.ini)
        for name, setting in SETTINGS.items()
    }
    kind = found["kind"] or "builtin"
    if kind not in KINDS:
        raise Unusable(f"the API server {kind!r} is none of {', '.join(KINDS)}")
    if kind == "existing" and not found["context"]:
        raise Unusable(
            "--opgen-server existing needs --opgen-context: tests never use a kubeconfig's current context"
        )
    if kind != "existing" and option(SETTINGS["context"].option):
        raise Unusable(f"--opgen-context goes with --opgen-server existing, not with {kind}")
    return Choice(kind, found["context"], found["version"], shared and kind in ("envtest", "full"))
