"""The server's CEL for custom resources: x-kubernetes-validations compiled, costed and evaluated.

`check_schema` judges the rules of a definition, `validate` runs them over an object. What cannot be run here
is named in `CelResult.unchecked`, never passed silently.
"""

from __future__ import annotations

from opgen.apiextensions.cel.result import CelResult
from opgen.apiextensions.cel.review import check_schema
from opgen.apiextensions.cel.validation import has_rules, validate

__all__ = ["CelResult", "check_schema", "has_rules", "validate"]
