"""Measures how the time of `opgen generate` grows with the number of kinds in a project.

    python scripts/thousand_kinds.py [--count 1000] [--limit 1.5]

Builds projects of a quarter, a half and all of `--count` small kinds, each with a controller, and prints the processor
time of the first `generate`, which writes everything, and of the second, which must find nothing to do. Exits with 1
where a kind of the largest project costs more than `--limit` times a kind of the smallest, or where the second run
is not empty.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from opgen.commands.generate import GenerateRequest, generate
from opgen.commands.init import InitRequest, init
from opgen.commands.workspace import project_artifact, read_project
from opgen.emit.reconciler import Subject, controller_source
from opgen.emit.starter import starter_schema
from opgen.ir.layout import KindRef, Layout
from opgen.ir.names import class_name
from opgen.ir.options import ControllerRequest
from opgen.ir.project import ApiSettings, ProjectResource


def build(root: Path, count: int) -> None:
    """A project with `count` kinds in PROJECT, their schemas and controllers, and nothing generated yet."""
    init(InitRequest(folder=root, domain="example.com", runtime_source="index"))
    project = read_project(root)
    layout = Layout.of(project)
    resources: list[ProjectResource] = []
    apis: list[ApiSettings] = []
    for number in range(count):
        kind = f"Kind{number:04}"
        controller = kind.lower()
        resource = ProjectResource(
            "many", "example.com", "v1", kind, f"{kind.lower()}s", controllers=(controller,)
        )
        schema = f"{layout.schema_folder(resource)}/{kind.lower()}.v1.yaml"
        ref = KindRef(resource.gvk, resource.plural, True, layout.api_module(resource), class_name(kind))
        files = {
            schema: starter_schema(resource),
            layout.controller_path(resource, controller): controller_source(
                Subject(ref), ControllerRequest(name=controller)
            ),
        }
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        resources.append(resource)
        apis.append(ApiSettings(resource.qualified_group, "v1", kind, schema))
    settings = replace(project.settings, apis=tuple(apis))
    artifact = project_artifact(replace(project, resources=tuple(resources), settings=settings))
    (root / "PROJECT").write_bytes(artifact.content)


def measured(root: Path) -> tuple[float, float, int]:
    """Processor seconds and wall seconds of one `generate`, and how many files it changed."""
    cpu, wall = time.process_time(), time.perf_counter()
    outcome = generate(GenerateRequest(root))
    return time.process_time() - cpu, time.perf_counter() - wall, len(outcome.plan.changes)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument(
        "--limit", type=float, default=1.5, help="how much more a kind may cost in the largest"
    )
    options = parser.parse_args()
    costs: list[tuple[float, float]] = []
    left = 0
    print("kinds   first: cpu s   wall s   ms/kind   second: cpu s   wall s   ms/kind   changes")
    for count in (options.count // 4, options.count // 2, options.count):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "many"
            build(root, count)
            first, wall, _ = measured(root)
            again, wall_again, changes = measured(root)
        left += changes
        costs.append((first / count, again / count))
        print(
            f"{count:5} {first:14.2f} {wall:8.2f} {1000 * first / count:9.2f}"
            f" {again:15.2f} {wall_again:8.2f} {1000 * again / count:9.2f} {changes:9}",
            flush=True,
        )
    ratios = [costs[-1][run] / costs[0][run] for run in (0, 1)]
    print(
        f"a kind of {options.count} costs {ratios[0]:.2f} and {ratios[1]:.2f} times a kind of {options.count // 4}"
    )
    return 1 if left or max(ratios) > options.limit else 0


if __name__ == "__main__":
    sys.exit(main())
