"""Whole projects from corpus definitions, with the wheels alone, outside the checkout.

    python scripts/corpus_projects.py [--count 40] [--keep DIR] [--jobs 2]

For each definition chosen (every source in turn gives its largest one left): opgen init, opgen create api --schema,
opgen generate --check, uv sync, make lint test build. Prints a line a project; exit 1 if any is not green.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from corpus import Entry, accepted, choose

ROOT = Path(__file__).resolve().parents[1]


def run(command: list[str], folder: Path, env: dict[str, str]) -> str:
    """Runs a command; returns "" where it went well, else what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode == 0:
        return ""
    return f"$ {' '.join(command)} (exit {done.returncode})\n{(done.stdout + done.stderr)[-3000:]}"


def install(folder: Path, env: dict[str, str]) -> None:
    """Builds both wheels and installs them into a fresh environment, as a user would."""
    wheels = folder / "wheels"
    for source in (ROOT, ROOT / "runtime"):
        subprocess.run(
            ["uv", "build", "--quiet", "--wheel", "--out-dir", str(wheels), str(source)], check=True, env=env
        )
    subprocess.run(
        ["uv", "venv", "--quiet", "--python", sys.executable, str(folder / "venv")], check=True, env=env
    )
    files = [str(path) for path in sorted(wheels.glob("*.whl"))]
    python = str(folder / "venv" / "bin" / "python")
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", python, *files], check=True, env=env)


def project(entry: Entry, number: int, base: Path, env: dict[str, str]) -> tuple[str, float]:
    """One project from init to build; the complaint, or "", and the seconds."""
    began = time.monotonic()
    name = f"p{number:02d}"
    schema = base / f"{name}.yaml"
    schema.write_bytes(entry.content)
    folder = base / name
    # A mypy cache a worker: projects have modules of the same names, so two at once would mix them up.
    env = env | {"MYPY_CACHE_DIR": str(base / f"mypy-{threading.current_thread().name}")}
    steps = [
        (["opgen", "init", str(folder), "--domain", "corpus.example", "--project-name", name], base),
        (["opgen", "create", "api", "--schema", str(schema)], folder),
        (["opgen", "generate", "--check"], folder),
        (["uv", "sync", "--quiet"], folder),
        (["make", "lint", "test", "build"], folder),
    ]
    for command, where in steps:
        said = run(command, where, env)
        if said:
            return said, time.monotonic() - began
    shutil.rmtree(folder)
    return "", time.monotonic() - began


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    base = options.keep or Path(tempfile.mkdtemp(prefix="opgen-corpus-"))
    base.mkdir(parents=True, exist_ok=True)
    env = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "CI")}
    env["PATH"] = f"{base / 'venv' / 'bin'}{os.pathsep}{ROOT / '.uv' / 'bin'}{os.pathsep}{env['PATH']}"
    env |= {"PYTHONSAFEPATH": "1"}
    install(base, env)
    chosen = choose(accepted(), options.count)
    green = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda item: project(item[1], item[0], base, env), enumerate(chosen))
        for entry, (said, seconds) in zip(chosen, results, strict=True):
            green += not said
            print(f"{'green' if not said else 'FAILED':6}  {seconds:6.1f} s  {entry.path}", flush=True)
            if said:
                print(said, flush=True)
    print(f"{green} of {len(chosen)} projects green")
    if options.keep is None and green == len(chosen):
        shutil.rmtree(base)
    return 0 if green == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
