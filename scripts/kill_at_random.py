"""Kills opgen at random moments and looks whether anything is lost.

    python scripts/kill_at_random.py [--count 200] [--seed N]

Each round starts `init`, `create api` or `generate`, kills it without warning after a random time, and runs the next
command. Afterwards the project must be whole (as before, or as after), the user's files untouched, and no journal left.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COMMANDS = ("init", "create", "generate")
ENDED: list[float] = []
"""Seconds of runs that ended before their kill: the machine is faster than it was thought."""


def opgen(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["opgen", *words], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


def killed(folder: Path, seconds: float, *words: str) -> bool:
    """Runs opgen and kills it after `seconds`; whether the kill came before its end."""
    began = time.monotonic()
    process = subprocess.Popen(
        ["opgen", *words],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
        ENDED.append(time.monotonic() - began)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def snapshot(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def expect(condition: bool, what: str, said: str = "") -> None:
    if not condition:
        raise AssertionError(f"{what}\n{said}")


def whole(folder: Path) -> None:
    """The project generates, and has nothing left to generate."""
    first = opgen(folder, "generate")
    expect(first.returncode == 0, "generate after the kill failed", first.stdout + first.stderr)
    check = opgen(folder, "generate", "--check")
    expect(check.returncode == 0, "generate --check is not empty", check.stdout + check.stderr)
    left = [p for p in folder.rglob("*") if "journal" in p.name or p.name.endswith((".part", ".tmp"))]
    expect(not left, f"left behind: {left}")


def kill_init(base: Path, seconds: float) -> bool:
    folder = base / "fresh"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "README.md").write_text("mine\n")
    hit = killed(folder, seconds, "init", "--domain", "example.com", "--project-name", "fresh")
    again = opgen(folder, "init", "--domain", "example.com", "--project-name", "fresh")
    finished = (folder / "PROJECT").exists()
    expect(
        finished and (again.returncode == 0 or "PROJECT" in again.stdout + again.stderr),
        "init after the kill neither succeeded nor found a whole project",
        again.stdout + again.stderr,
    )
    expect((folder / "README.md").read_text() == "mine\n", "the user's README is gone")
    whole(folder)
    return hit


def kill_create(base: Path, template: Path, seconds: float) -> bool:
    folder = base / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    mine = folder / "src" / "project" / "mine.py"
    mine.write_text("MINE = 1\n")
    words = ("create", "api", "--group", "demo", "--version", "v1", "--kind", "Gadget")
    hit = killed(folder, seconds, *words)
    whole(folder)
    has_api = "kind: Gadget" in (folder / "PROJECT").read_text()
    files = [name for name in snapshot(folder) if "gadget" in name.lower()]
    expect(has_api == bool(files), f"half an API: in PROJECT {has_api}, files {files}")
    if not has_api:
        again = opgen(folder, *words)
        expect(again.returncode == 0, "create api after the kill failed", again.stdout + again.stderr)
        whole(folder)
    expect(mine.read_text() == "MINE = 1\n", "the user's module is gone")
    return hit


def kill_generate(base: Path, template: Path, seconds: float) -> bool:
    folder = base / "project"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    (schema,) = (folder / "schemas").rglob("*.yaml")
    schema.write_text(schema.read_text() + "\n# edited\n")
    for path in (folder / "config" / "crd" / "bases").glob("*.yaml"):
        path.write_text("damaged\n")
    once = {
        n: h
        for n, h in snapshot(folder).items()
        if n.startswith(("schemas/", "src/project/controller/", "tests/"))
    }
    hit = killed(folder, seconds, "generate")
    whole(folder)
    after = snapshot(folder)
    expect(all(after.get(n) == h for n, h in once.items()), "a file of the user's changed")
    return hit


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    dice = random.Random(options.seed)
    base = Path(tempfile.mkdtemp(prefix="opgen-kill-"))
    template = base / "template"
    took: dict[str, float] = {}
    began = time.monotonic()
    made = opgen(base, "init", str(template), "--domain", "example.com", "--project-name", "project")
    took["init"] = time.monotonic() - began
    expect(made.returncode == 0, "init failed", made.stderr)
    began = time.monotonic()
    made = opgen(template, "create", "api", "--group", "demo", "--version", "v1", "--kind", "Widget")
    took["create"] = time.monotonic() - began
    expect(made.returncode == 0, "create api failed", made.stderr)
    began = time.monotonic()
    opgen(template, "generate")
    took["generate"] = time.monotonic() - began
    hits = number = 0
    while hits < options.count:
        number += 1
        command = COMMANDS[number % len(COMMANDS)]
        # Most of a run is start-up, in which nothing can be lost: half of the kills aim at its last third.
        low = 0.66 if number % 2 else 0.0
        seconds = dice.uniform(low, 1.1) * took[command]
        try:
            match command:
                case "init":
                    hits += kill_init(base, seconds)
                case "create":
                    hits += kill_create(base, template, seconds)
                case _:
                    hits += kill_generate(base, template, seconds)
        except AssertionError as problem:
            print(
                f"round {number} ({command}, after {seconds:.3f} s, seed {options.seed}): {problem}\nkept: {base.name}"
            )
            return 1
        if ENDED:
            took[command] = ENDED.pop()
        if number > 4 * options.count + 20:
            print(f"only {hits} of {number} runs could be killed before their end")
            return 1
    shutil.rmtree(base)
    print(
        f"{number} rounds (seed {options.seed}), {hits} killed before their end: nothing half, nothing lost"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
