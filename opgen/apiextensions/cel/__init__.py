"""The server's CEL for custom resources: x-kubernetes-validations compiled, costed and evaluated.

`check_schema` and `review_schema` judge the rules of a definition, `validate` runs them over an object. What
cannot be judged or run here is named in `CelResult.unchecked`, never passed silently.
"""

from __future__ import annotations

from opgen.apiextensions.cel.result import CelResult
from opgen.apiextensions.cel.review import check_schema, review_schema
from opgen.apiextensions.cel.validation import has_rules, validate

__all__ = ["CelResult", "check_schema", "has_rules", "review_schema", "validate"]
