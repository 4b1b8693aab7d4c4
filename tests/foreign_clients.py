"""Other people's clients: an environment of their own, and a server on a port for them.

Loaded by tests/conftest.py.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from opgen.apiserver import ApiServer
from opgen.apiserver.http import RunningServer, serve_in_thread

ROOT = Path(__file__).parents[1]
HERE = ROOT / "tests/clients"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass
class Served:
    """A running server and how other processes reach it."""

    running: RunningServer
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, seconds: float = 120) -> str:
        """A program that must succeed; what it printed."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def running_program(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """A program that runs until the block ends; its output is in `<folder>/output`."""
        with (self.folder / "output").open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
            try:
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    @property
    def output(self) -> str:
        """What the running program has printed so far."""
        return (self.folder / "output").read_text(errors="replace")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """An empty server; KUBECONFIG names the way to it, no proxy stands before it."""
    with serve_in_thread(ApiServer()) as running:
        config = tmp_path / "kubeconfig"
        config.write_text(running.kubeconfig)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("COV_", "COVERAGE_", "KUBE")) and name.lower() != "all_proxy"
        }
        environment = {**kept, "KUBECONFIG": str(config), "NO_PROXY": "127.0.0.1", "HOME": str(tmp_path)}
        for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "GOENV"):
            found = subprocess.run(["go", "env", name], capture_output=True, text=True, check=False).stdout
            environment.setdefault(name, found.strip())
        yield Served(running, tmp_path, environment)


@pytest.fixture(scope="session")
def foreign_python() -> str:
    """The interpreter of an environment that holds the clients of requirements.lock."""
    venv = ROOT / f".venv-clients-{VERSION}"
    uv = str(ROOT / "scripts/uv")
    python = venv / "bin/python"
    install = ["pip", "sync", "--quiet", "--python", str(python), "--require-hashes"]
    with venv.with_name(f"{venv.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other workers of the test run want it too
        if not python.exists():
            subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
        subprocess.run([uv, *install, str(HERE / "requirements.lock")], check=True)
    return str(python)
