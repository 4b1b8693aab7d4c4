"""The README's tour, done as a reader would: each command run, its output compared with what is printed there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.M | re.S)
MASKS = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:PORT"),
    (re.compile(r"=\S*/memcached-operator/"), "=/HOME/memcached-operator/"),
)
pytestmark = [pytest.mark.envtest, pytest.mark.slow, pytest.mark.xdist_group("tour")]


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block of the README."""

    language: str
    info: str
    text: str


def blocks() -> list[Block]:
    text = (ROOT / "README.md").read_text()
    return [Block(*match.groups()) for match in FENCE.finditer(text)]


def commands(text: str) -> list[tuple[str, str]]:
    """Each `$ command` with the output printed below it."""
    parts = re.split(r"^\$ (.*)\n", text, flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def masked(text: str) -> str:
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return text.rstrip("\n")


def agrees(printed: str, real: str) -> bool:
    """Whether the output is as printed; a line `...` stands for any lines."""
    lines = masked(real).splitlines()
    parts = re.split(r"^\.\.\.$\n?", masked(printed), flags=re.M)
    first, *others = [part.splitlines() for part in parts]
    if lines[: len(first)] != first or (not others and len(lines) != len(first)):
        return False
    at = len(first)
    for number, part in enumerate(others, 1):
        last = number == len(others)
        places = [len(lines) - len(part)] if last else range(at, len(lines) - len(part) + 1)
        found = next((p for p in places if p >= at and lines[p : p + len(part)] == part), None)
        if found is None:
            return False
        at = found + len(part)
    return True


@pytest.mark.parametrize(
    ("printed", "real", "expected"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n", "a\nb\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nc\n", "a\nb\nc\nd\n", False),
        ("a\n...\nc\n...\n", "a\nb\nc\nd\n", True),
        ("...\n", "anything\n", True),
        ("", "", True),
        ("", "something\n", False),
    ],
)
def test_outputs_are_compared_line_by_line(printed: str, real: str, expected: bool) -> None:
    assert agrees(printed, real) is expected


def kubectl_folder(tmp_path: Path) -> Path:
    """A folder with a kubectl: the test binaries' own."""
    found = shutil.which("kubectl", path=os.environ.get("KUBEBUILDER_ASSETS", "")) or shutil.which("kubectl")
    assert found, "KUBEBUILDER_ASSETS has no kubectl"
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kubectl").symlink_to(found)
    return folder


def test_the_tour_is_true(tmp_path: Path) -> None:
    """From `opgen init` to kubectl, in an empty folder."""
    paths = [
        str(kubectl_folder(tmp_path)),
        str(Path(sys.executable).parent),
        str(ROOT / ".uv/bin"),
        os.environ["PATH"],
    ]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "VIRTUAL_ENV", "COV", "CI"))}
    env |= {"PATH": os.pathsep.join(paths)}
    folder = tmp_path / "tour"
    folder.mkdir()
    background: list[subprocess.Popen[str]] = []
    ran = 0
    try:
        for block in blocks():
            if block.info.startswith("file="):
                (folder / block.info.removeprefix("file=")).write_text(block.text)
            elif block.language == "console" and block.info == "background":
                ((command, printed),) = commands(block.text)
                said = tmp_path / "background.txt"
                with said.open("w") as output:
                    background.append(
                        subprocess.Popen(command, shell=True, cwd=folder, env=env, text=True, stdout=output,
                                         stderr=output, start_new_session=True)
                    )  # fmt: skip
                wait_for_status(folder, env)
                assert agrees(printed, said.read_text()), (
                    f"$ {command}\n--- printed\n{printed}\n--- real\n{said.read_text()}"
                )
            elif block.language == "console" and not block.info:
                for command, printed in commands(block.text):
                    if command.startswith("cd "):
                        folder /= command.removeprefix("cd ")
                        continue
                    done = subprocess.run(
                        command, shell=True, cwd=folder, env=env, text=True, stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False, timeout=300,
                    )  # fmt: skip
                    assert agrees(printed, done.stdout), (
                        f"$ {command}\n--- printed\n{printed}\n--- real\n{done.stdout}"
                    )
                    ran += 1
    finally:
        for process in background:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    assert ran >= 10


def wait_for_status(folder: Path, env: dict[str, str]) -> None:
    """Until the sample's condition is there: what a reader does by looking again."""
    words = ["kubectl", "--kubeconfig", ".opgen/kubeconfig", "get", "memcacheds", "--no-headers"]
    end = time.monotonic() + 60
    while True:
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)
        if "True" in done.stdout:
            return
        assert time.monotonic() < end, done.stdout + done.stderr
        time.sleep(0.3)
