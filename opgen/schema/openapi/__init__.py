"""OpenAPI 3 and JSON Schema documents as custom resource definitions.

`pointers` finds the schema and inlines references, `convert` turns each construct into one that a structural
schema has (or says why it can't), `reader` wraps the result as a definition.
"""

from opgen.schema.openapi.reader import looks_openapi, read_openapi

__all__ = ["looks_openapi", "read_openapi"]
