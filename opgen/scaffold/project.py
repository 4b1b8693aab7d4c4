"""Renders `templates/project` for `opgen init`, through copier, into a temporary folder that is read back.

The only importer of copier, which takes a third of a second: nothing but `init` gets here.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from opgen.ir.artifact import Artifact, Policy
from opgen.resources import templates


@dataclass(frozen=True, slots=True)
class Answers:
    """The variables of the project's templates; all of them checked names or texts that the template quotes."""

    project_name: str
    distribution: str
    package: str
    notice: str
    license: str
    owner: str
    namespaced: bool
    vendored: bool
    runtime_requirement: str
    opgen_requirement: str
    runtime_wheel: str = ""
    opgen_wheel: str = ""


def project_artifacts(answers: Answers) -> tuple[Artifact, ...]:
    """Every file of a new project, all the user's from then on."""
    from copier import run_copy

    with tempfile.TemporaryDirectory(prefix="opgen-") as folder:
        run_copy(
            str(templates() / "project"),
            folder,
            data=asdict(answers),
            defaults=True,
            overwrite=True,
            quiet=True,
        )
        return tuple(_read(Path(folder)))


def _read(folder: Path) -> list[Artifact]:
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            found.append(Artifact(relative, path.read_bytes(), Policy.ONCE, os.access(path, os.X_OK)))
    return found
