"""Makes pytest items of `tests/rules/*.yaml`: a module without Python, in which each case is a test.

The tests are plain functions with fixtures, so what holds for tests (backends, markers, -k, xdist) holds for them.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from opgen.errors import InputError, OpgenError
from opgen.testing.rules import Case, read_rules

if TYPE_CHECKING:
    from opgen_runtime.client import Client


class RulesFile(pytest.Module):
    """One file of cases."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        """A test for each case."""
        root = self.config.rootpath
        shown = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        try:
            cases = read_rules(self.path, str(shown))
        except InputError as problem:
            lines = [str(diagnostic) for diagnostic in problem.diagnostics]
            hints = [f"  hint: {d.hint}" for d in problem.diagnostics if d.hint]
            raise self.CollectError("\n".join([*lines, *dict.fromkeys(hints)])) from None
        self.obj = _module(self.path, cases)
        return list(super().collect())


def _module(path: Path, cases: tuple[Case, ...]) -> ModuleType:
    module = ModuleType(path.stem)
    module.__file__ = str(path)

    @pytest.mark.asyncio
    @pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])
    async def test_rule(case: Case, client: Client, namespace: str, pytestconfig: pytest.Config) -> None:
        """The server says of the case's object what the case expects."""
        from opgen.testing.project import definitions_of
        from opgen.testing.rules_check import check, kind_of

        try:
            kind = kind_of(case, definitions_of(pytestconfig.rootpath))
            why = await check(case, kind, client.exchange.transport, namespace)
        except OpgenError as problem:
            why = f"{case.place}: {case.name}\n  {problem}"
        if why:
            pytest.fail(why, pytrace=False)

    test_rule.__module__ = module.__name__
    module.test_rule = test_rule  # type: ignore[attr-defined]  # a module made here has what is put into it
    return module
