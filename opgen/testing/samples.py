"""The project's sample objects as typed objects, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeVar

from opgen_runtime.objects import Resource

from opgen.errors import OpgenError
from opgen.testing import project

T = TypeVar("T", bound=Resource)


def sample(
    kind: type[T],
    form: Literal["minimal", "full"] = "minimal",
    *,
    name: str | None = None,
    namespace: str | None = None,
    folder: Path | None = None,
) -> T:
    """The sample of a kind from config/samples.

    `minimal` is `<group>_<version>_<kind>.yaml`, `full` the file whose name ends in `_full.yaml`; they are
    found by what is in them, so a renamed file works. `name` and `namespace` replace those in the file. `folder`
    is the project's folder, by default pytest's rootdir. Raises OpgenError where there is no such sample.
    """
    where = (folder or project.root()) / project.SAMPLES
    wanted = kind.KIND
    for path in sorted(where.glob("*.yaml")):
        if path.stem.endswith("_full") is not (form == "full") or path.name == "kustomization.yaml":
            continue
        for document in project.documents_of(path):
            if (document.get("apiVersion"), document.get("kind")) == (wanted.api_version, wanted.kind):
                metadata = dict(document.get("metadata") or {})
                if name is not None:
                    metadata["name"] = name
                if namespace is not None:
                    metadata["namespace"] = namespace
                return kind.from_dict({**document, "metadata": metadata})
    raise OpgenError(
        f"no {form} sample of {wanted.api_version} {wanted.kind} in {where}",
        hint="opgen generate writes samples",
    )
