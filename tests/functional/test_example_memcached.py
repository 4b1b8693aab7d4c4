"""The examples: generated files are up to date, and their own tests pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/PROJECT"))


def run(folder: Path, *command: str) -> str:
    """Output of a command in a project's folder; fails the test where the command fails."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PYTHONPATH": "src"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_generated_files_are_up_to_date(example: Path) -> None:
    """`opgen generate` has nothing to write."""
    assert "up to date" in run(example, "opgen", "generate", "--check")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_example_s_tests_pass(example: Path) -> None:
    """Its tests run the reconciler on the API server in the process."""
    assert " passed" in run(example, "pytest", "-q", "-p", "no:cacheprovider")


def test_there_are_examples() -> None:
    """An empty folder must not pass for tested examples."""
    assert EXAMPLES
