"""opgen's command line in this process, for tests of single commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen.cli.root import cli
from opgen.cli.run import guarded


class Cli:
    """Runs opgen in a folder; `out` and `err` are of the last run."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        self._monkeypatch.chdir(self.folder)
        code = guarded(cli, words)
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return code

    def inside(self, folder: str) -> Cli:
        """The same in a folder below."""
        return Cli(self.folder / folder, self._monkeypatch, self._capsys)
