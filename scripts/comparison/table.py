"""Counts of equal and different answers, and the table of all parts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any, TextIO


class Tally:
    """What was compared, how often both said the same, and the first differences of each kind.

    All differences go to `log` as JSON lines.
    """

    def __init__(self, show: int = 3, log: TextIO | None = None) -> None:
        self.equal: Counter[str] = Counter()
        self.different: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = defaultdict(list)
        self._show = show
        self._log = log

    def note(self, what: str, case: Any, mine: Any, theirs: Any, *, equal: bool) -> bool:
        """Count one comparison; `case` is shown where it is a difference."""
        if equal:
            self.equal[what] += 1
            return True
        self.different[what] += 1
        if self._log is not None:
            entry = {"what": what, "case": case, "opgen": mine, "server": theirs}
            self._log.write(json.dumps(entry, default=str) + "\n")
            self._log.flush()
        if len(self.examples[what]) < self._show:
            self.examples[what].append(f"{case}\n    opgen  {mine}\n    server {theirs}")
        return False

    def rows(self) -> list[tuple[str, int, int]]:
        """What, equal, of."""
        names = dict.fromkeys([*self.equal, *self.different])
        return [(what, self.equal[what], self.equal[what] + self.different[what]) for what in names]

    def share(self, what: str = "") -> float:
        """The share of equal answers, of all or of one kind."""
        rows = [row for row in self.rows() if not what or row[0] == what]
        total = sum(of for _, _, of in rows)
        return sum(equal for _, equal, _ in rows) / total if total else 1.0

    def show(self) -> None:
        """Print the first differences."""
        for what, examples in self.examples.items():
            for example in examples:
                print(f"{what}: {example}")


def print_table(rows: list[tuple[str, str, int, int, float]]) -> bool:
    """Print part, what, equal, of, the least share that is asked for; whether all reach it."""
    width = max(len(part) for part, *_ in rows) + 2
    print(f"{'part':<{width}}{'compared':<26}{'equal':>9}{'of':>9}{'share':>10}{'asked':>9}")
    good = True
    for part, what, equal, of, least in rows:
        share = equal / of if of else 1.0
        reached = share >= least
        good &= reached
        asked = f"{least:>9.1%}" if least else f"{'':>9}"
        print(
            f"{part:<{width}}{what:<26}{equal:>9}{of:>9}{share:>10.3%}{asked}{'' if reached else '  SHORT'}"
        )
    return good
