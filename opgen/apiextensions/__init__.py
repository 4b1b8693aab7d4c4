"""The API server's own rules for custom resources, pure: what it accepts, what it says, what it stores.

`decode` and `encode` read and write definitions, `review_definition` judges one, `review_object` an object;
`read_object` and `check_object` are its two halves, for a server that does something between them.
"""

from __future__ import annotations

from opgen.apiextensions.decode import Decoded, decode, decode_schema
from opgen.apiextensions.defaulting import apply_defaults
from opgen.apiextensions.definition_defaults import default_definition
from opgen.apiextensions.encode import encode, encode_schema
from opgen.apiextensions.errors import ErrorType, FieldError, Verdict
from opgen.apiextensions.lint_codes import LINTS, Lint
from opgen.apiextensions.lints import lint
from opgen.apiextensions.objects import Judgement, check_object, judge_object, review_object
from opgen.apiextensions.pruning import prune
from opgen.apiextensions.reading import Reading, as_stored, in_version, read_object, through_storage
from opgen.apiextensions.review import prepared_for_create, prepared_for_update, review_definition
from opgen.apiextensions.v1beta1 import convert_v1beta1
from opgen.apiextensions.validation import validate

__all__ = [
    "LINTS",
    "Decoded",
    "ErrorType",
    "FieldError",
    "Judgement",
    "Lint",
    "Reading",
    "Verdict",
    "apply_defaults",
    "as_stored",
    "check_object",
    "convert_v1beta1",
    "decode",
    "decode_schema",
    "default_definition",
    "encode",
    "encode_schema",
    "in_version",
    "judge_object",
    "lint",
    "prepared_for_create",
    "prepared_for_update",
    "prune",
    "read_object",
    "review_definition",
    "review_object",
    "through_storage",
    "validate",
]
