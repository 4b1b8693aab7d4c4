"""OpenAPI 3 and JSON Schema documents as custom resource definitions.

`pointers` finds the schema and inlines references, `keywords` tells of those of a wrong form, `merging` makes one
schema of several that hold at once, `convert` turns each construct into one that a structural schema has (or says why
it can't), `unions` and `junctors` those that choose, `reader` wraps the result as a definition.
"""

from opgen.schema.openapi.reader import looks_openapi, read_openapi

__all__ = ["looks_openapi", "read_openapi"]
