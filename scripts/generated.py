"""Writes anew what is generated in the repository: the examples' generated files and the concise form's reference.

    python scripts/generated.py [--check]

With `--check` nothing is written: exit 1 where anything would change.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from opgen.schema.concise.expressions import SIMPLE
from opgen.schema.concise.keys import FIELD, TOP, VERSION, Key

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "concise-schema.md"
INTRODUCTION = """\
# The concise schema

<!-- Written by scripts/generated.py from opgen/schema/concise: change it there. -->

One YAML document describes one kind. A field is a type, or a mapping of constraints that are named as in OpenAPI;
the fields of an object stand under `fields`, so a field may be called `type` or `default`.

```yaml
group: demo.example.com
kind: Widget
versions:
- name: v1alpha1
  printerColumns: {Age: .metadata.creationTimestamp}
  spec:
    image: string!                       # ! = must be set
    replicas: {type: integer, default: 1, minimum: 0}
    labels: map<string>
    ports: {type: list, items: {fields: {name: string!, port: integer!}}, mapKeys: [name]}
    template: {ref: core/v1.PodTemplateSpec}
    tls: {fields: {secretName: string, issuerRef: string}, exactlyOneOf: [secretName, issuerRef]}
    raw: {openapi: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  status:
    conditions: list<meta/v1.Condition>
  rules: [self.spec.replicas <= 10]
```

A file with one version may say `version: v1alpha1` and have `spec` and `status` at the top. Several files may describe
versions of one kind: exactly one version is stored, the one with `storage: true`, else the only one that says nothing.

- `spec` is required, `status` switches the status subresource on. Lists of `meta/v1.Condition` are keyed by `type`.
- `immutable: true` also refuses that an optional field is removed once it is set.
- `object` alone is refused: it would store nothing. Use `fields`, `map<T>` or `any`.
- YAML is read as Kubernetes reads it: `y`, `yes`, `on` are booleans. Quote them; a key of that kind is warned about.
"""


def table(title: str, keys: dict[str, Key]) -> str:
    rows = "".join(f"| `{name}` | {key.takes} | {key.help} |\n" for name, key in keys.items())
    return f"\n## {title}\n\n| key | takes | meaning |\n|---|---|---|\n{rows}"


def reference() -> str:
    types = ", ".join(f"`{name}`" for name in SIMPLE)
    return (
        INTRODUCTION
        + f"\n## Types\n\n{types}; `list<T>`, `set<T>` (of scalars), `map<T>`; Kubernetes' own by API and name:\n"
        + "`core/v1.PodTemplateSpec`, `meta/v1.LabelSelector`, `apps/v1.DeploymentSpec`.\n"
        + table("The document", TOP)
        + table("A version", VERSION)
        + table("A field", FIELD)
    )


def main() -> int:
    check = "--check" in sys.argv[1:]
    status = 0
    if not check:
        REFERENCE.write_text(reference())
    elif REFERENCE.read_text() != reference():
        print("docs/concise-schema.md: not up to date; run scripts/generated.py", file=sys.stderr)
        status = 1
    for project in sorted((ROOT / "examples").glob("*/PROJECT")):
        flags = ["--check"] if check else []
        done = subprocess.run(
            [sys.executable, "-m", "opgen", "generate", *flags], cwd=project.parent, check=False
        )
        if done.returncode:
            print(f"{project.parent.relative_to(ROOT)}: not up to date", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
