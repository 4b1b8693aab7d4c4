"""What changed between two definitions, and for whom it matters: `compare`, and `compare_object` for stored objects.

`definitions` begins, `schemas` walks, `values`, `unions` and `rules` judge a node; `reasons` has all codes. Pure.
"""

from __future__ import annotations

from opgen.apiextensions.compare.definitions import compare
from opgen.apiextensions.compare.reasons import CODES, Code, Reason, Severity
from opgen.apiextensions.compare.stored import compare_object, fits_definition

__all__ = ["CODES", "Code", "Reason", "Severity", "compare", "compare_object", "fits_definition"]
