"""Writes anew what is generated in the examples; `--check` only says whether anything would change.

python scripts/generated.py [--check]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    flags = ["--check"] if "--check" in sys.argv[1:] else []
    status = 0
    for project in sorted((ROOT / "examples").glob("*/PROJECT")):
        done = subprocess.run(
            [sys.executable, "-m", "opgen", "generate", *flags], cwd=project.parent, check=False
        )
        if done.returncode:
            print(f"{project.parent.relative_to(ROOT)}: not up to date", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
