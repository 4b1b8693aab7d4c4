"""`kubectl`: the real program, on the test's server and in its namespace."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opgen.controlplane import assets
from opgen.errors import OpgenError

SECONDS = 120.0


class KubectlFailed(AssertionError):
    """kubectl ended with an exit code other than 0; the text is what it said."""


def program(environ: Mapping[str, str] = os.environ) -> str:
    """Where kubectl is: KUBEBUILDER_ASSETS, what `opgen envtest install` installed, or PATH. Raises OpgenError."""
    named = Path(environ.get(assets.VARIABLE, "")) / "kubectl"
    if environ.get(assets.VARIABLE) and os.access(named, os.X_OK):
        return str(named)
    there = assets.find(folder=assets.store(environ))
    found = str(there.folder / "kubectl") if there is not None else shutil.which("kubectl")
    if found is None:
        raise OpgenError("there is no kubectl", hint="opgen envtest install")
    return found


class Kubectl:
    """Runs kubectl: `await kubectl("get", "pods", "-o", "name")` gives what it printed.

    `kubectl.run(...)` does the same in a test that isn't asynchronous.
    """

    def __init__(self, program: str, kubeconfig: Path, namespace: str) -> None:
        self._command = (program, f"--kubeconfig={kubeconfig}", f"--namespace={namespace}")
        self._environment = {
            **os.environ,
            "KUBECONFIG": str(kubeconfig),
            "HOME": str(kubeconfig.parent),  # its caches of discovery
        }

    async def __call__(self, *arguments: str, input: str = "", check: bool = True) -> str:
        """What kubectl prints; `input` is its standard input. Raises KubectlFailed unless `check` is False."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
        )
        try:
            async with asyncio.timeout(SECONDS):
                out, errors = await process.communicate(input.encode())
        except BaseException:
            process.kill()
            await process.wait()
            raise
        assert process.returncode is not None
        return _said(arguments, process.returncode, out.decode(), errors.decode(), check=check)

    async def json(self, *arguments: str) -> Any:
        """What kubectl prints with `-o json`, as data."""
        return json.loads(await self(*arguments, "-o", "json"))

    def run(self, *arguments: str, input: str = "", check: bool = True) -> str:
        """As a call, without an event loop."""
        done = subprocess.run(
            [*self._command, *arguments],
            input=input,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=SECONDS,
        )
        return _said(arguments, done.returncode, done.stdout, done.stderr, check=check)


def _said(arguments: tuple[str, ...], code: int, out: str, errors: str, *, check: bool) -> str:
    if code and check:
        raise KubectlFailed(f"kubectl {' '.join(arguments)} ended with {code}:\n{errors or out}")
    return out if not code else out + errors
