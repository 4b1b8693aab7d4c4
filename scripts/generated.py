"""Writes anew what is generated in the repository: the examples' generated files and the concise form's reference.

    python scripts/generated.py [--check]

With `--check` nothing is written: exit 1 where anything would change.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from concise_reference import page

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "concise-schema.md"


def main() -> int:
    check = "--check" in sys.argv[1:]
    status = 0
    if not check:
        REFERENCE.write_text(page())
    elif REFERENCE.read_text() != page():
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
