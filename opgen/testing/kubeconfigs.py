"""The kubeconfig of one context, for programs that a test runs on an existing cluster."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from opgen.errors import OpgenError


def of_context(context: str, environ: Mapping[str, str] = os.environ) -> str:
    """A kubeconfig whose current context is `context`, made of the files that KUBECONFIG names.

    Raises OpgenError where none of them has it. References to files become absolute.
    """
    named = environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    merged: dict[str, dict[str, Any]] = {"clusters": {}, "users": {}, "contexts": {}}
    for name in filter(None, named.split(os.pathsep)):
        path = Path(name)
        try:
            document = yaml.load(path.read_text(), Loader=yaml.CSafeLoader) or {}
        except (OSError, yaml.YAMLError) as problem:
            if not path.exists():
                continue
            raise OpgenError(f"{path}: {problem}") from problem
        for kind, entries in merged.items():
            for entry in document.get(kind) or ():
                entries.setdefault(entry["name"], _absolute(entry, path.parent.absolute()))
    chosen = merged["contexts"].get(context)
    if chosen is None:
        raise OpgenError(f"no kubeconfig has the context {context}")
    about = chosen.get("context") or {}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [chosen],
        "clusters": [merged["clusters"][about["cluster"]]]
        if about.get("cluster") in merged["clusters"]
        else [],
        "users": [merged["users"][about["user"]]] if about.get("user") in merged["users"] else [],
    }
    text: str = yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)
    return text


def _absolute(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    files = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
    changed = dict(entry)
    for part in ("cluster", "user"):
        if isinstance(changed.get(part), dict):
            changed[part] = {
                key: str(folder / value) if key in files else value for key, value in changed[part].items()
            }
    return changed
