"""`opgen init`: a project that builds, tests and runs before any API exists."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from opgen.commands import naming
from opgen.commands.artifacts import generated
from opgen.commands.definitions import Definitions
from opgen.commands.workspace import Outcome, carry_out, opened, project_artifact, version
from opgen.errors import Diagnostic, InputError, error
from opgen.ir.artifact import Artifact
from opgen.ir.layout import package_name
from opgen.ir.project import Project, Settings
from opgen.scaffold import vendor
from opgen.scaffold.notice import notice_of
from opgen.scaffold.project import Answers, project_artifacts

LICENSES = ("apache2", "none")
RUNTIME_SOURCES = ("index", "vendor")
# What a folder may hold besides: a fresh clone has these, and they stay as they are.
_WELCOME = frozenset(("README.md", ".gitignore"))


@dataclass(frozen=True, slots=True)
class InitRequest:
    """`folder` is made where it isn't there. `runtime_source` "" decides by how opgen itself was installed."""

    folder: Path
    domain: str = "my.domain"
    project_name: str = ""
    license: str = "apache2"
    owner: str = ""
    multigroup: bool = False
    namespaced: bool = False
    runtime_source: str = ""
    write: bool = True


def init(request: InitRequest) -> Outcome:
    """Makes a project. Raises InputError with all problems, nothing written."""
    name = request.project_name or default_name(request.folder)
    problems = list(_check(request, name))
    if problems:
        raise InputError(problems)
    vendored = request.runtime_source == "vendor" or (
        not request.runtime_source and not all(vendor.from_index(name) for name in vendor.DISTRIBUTIONS)
    )
    project = Project(
        name=name,
        domain=request.domain,
        settings=Settings(
            package=package_name(name, frozenset(sys.stdlib_module_names)),
            license=request.license,
            owner=request.owner,
            runtime_source="vendor" if vendored else "index",
        ),
        cli_version=version(),
        multigroup=request.multigroup,
        namespaced=request.namespaced,
    )
    artifacts = _artifacts(project, request.folder)
    with opened(request.folder, write=request.write) as notes:
        taken = list(_taken(request.folder, artifacts))
        if taken:
            raise InputError(taken)
        return carry_out(request.folder, artifacts, write=request.write, notes=notes)


def default_name(folder: Path) -> str:
    """The folder's name as a project name: lower case, other characters as dashes."""
    return re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:63].rstrip("-") or "operator"


def _check(request: InitRequest, name: str) -> Iterator[Diagnostic]:
    if not naming.is_label(name) or len(name) > 48:
        yield error(
            f'"{name}" is not a project name',
            path="--project-name",
            hint="lower-case letters, digits and dashes, at most 48 characters: it names a namespace and more",
        )
    if request.domain and not naming.is_subdomain(request.domain):
        yield error(
            f'"{request.domain}" is not a domain',
            path="--domain",
            hint="lower case with dots, as in example.com",
        )
    if request.license not in LICENSES:
        yield error(f'"{request.license}" is no licence', path="--license", hint=" or ".join(LICENSES))
    if "\n" in request.owner or not request.owner.isprintable():
        yield error("must be one line of text", path="--owner")
    if request.runtime_source and request.runtime_source not in RUNTIME_SOURCES:
        hint = " or ".join(RUNTIME_SOURCES)
        yield error(f'"{request.runtime_source}" is no source', path="--runtime-source", hint=hint)
    if request.folder.exists() and not request.folder.is_dir():
        yield error("is a file, a folder is needed", file=str(request.folder))


def _artifacts(project: Project, folder: Path) -> list[Artifact]:
    settings = project.settings
    release = ".".join(version().split(".")[:2])
    major, minor = (int(part) for part in release.split("."))
    bound = f">={version()},<{major}.{minor + 1}"
    vendored = settings.runtime_source == "vendor"
    opgen, runtime = vendor.wheels() if vendored else (None, None)
    answers = Answers(
        project_name=project.name,
        distribution=settings.package.replace("_", "-"),
        package=settings.package,
        notice=notice_of(settings),
        license=settings.license,
        owner=settings.owner,
        namespaced=project.namespaced,
        vendored=vendored,
        runtime_requirement=f"opgen-runtime{bound}",
        opgen_requirement=f"opgen{bound}",
        runtime_wheel=runtime.name if runtime else "",
        opgen_wheel=opgen.name if opgen else "",
    )
    made = generated(project, folder, Definitions({}, {}), {})
    wheels = [wheel.artifact() for wheel in (opgen, runtime) if wheel]
    return [*project_artifacts(answers), *wheels, *made.artifacts, project_artifact(project)]


def _taken(folder: Path, artifacts: list[Artifact]) -> Iterator[Diagnostic]:
    """Files that a new project would overwrite. What a hosted repository begins with just stays."""
    if (folder / "PROJECT").exists():
        yield error(
            "is here already, so this folder holds a project",
            file=str(folder / "PROJECT"),
            hint="opgen create api adds to it; opgen init wants another folder",
        )
        return
    for artifact in artifacts:
        if (
            str(artifact.path) not in _WELCOME
            and (folder / artifact.path).is_symlink() | (folder / artifact.path).exists()
        ):
            yield error(
                "is here already; opgen init would write a file of that name",
                file=str(folder / artifact.path),
                hint="move all of these away and take over afterwards what you need of them, or start in an empty "
                f"folder; .git, a licence, {' and '.join(sorted(_WELCOME))} may stay",
            )
