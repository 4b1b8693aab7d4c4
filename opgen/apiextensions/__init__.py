"""The API server's own rules for custom resources, pure: what it accepts, what it says, what it stores.

`decode` and `encode` read and write definitions.
"""

from __future__ import annotations

from opgen.apiextensions.decode import Decoded, decode, decode_schema
from opgen.apiextensions.definition_defaults import default_definition
from opgen.apiextensions.encode import encode, encode_schema
from opgen.apiextensions.errors import ErrorType, FieldError, Verdict

__all__ = [
    "Decoded",
    "ErrorType",
    "FieldError",
    "Verdict",
    "decode",
    "decode_schema",
    "default_definition",
    "encode",
    "encode_schema",
]
