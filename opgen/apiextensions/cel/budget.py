"""How much a run of rules may cost."""

from __future__ import annotations

CALL_LIMIT = 1_000_000
OBJECT_LIMIT = 10_000_000
LONGEST_MESSAGE = 5 * 1024
