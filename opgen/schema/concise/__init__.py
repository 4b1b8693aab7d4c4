"""opgen's concise YAML: `keys` holds its words, `reader` the document, `fields` and `expressions` the types."""

from opgen.schema.concise.reader import looks_concise, read_concise

__all__ = ["looks_concise", "read_concise"]
