"""YAML and JSON documents as Kubernetes reads them, with the line of every value.

`scalars` decides what a plain scalar means, `reader` turns text into data and positions, `silences` reads the
comments that are meant for opgen. Everything that reads a user's file goes through `load`; what the data means
is the caller's affair.
"""

from opgen.documents.origins import Origins, Position
from opgen.documents.reader import MAX_DEPTH, Document, Loaded, contents, load, read
from opgen.documents.silences import Silences

__all__ = ["MAX_DEPTH", "Document", "Loaded", "Origins", "Position", "Silences", "contents", "load", "read"]
