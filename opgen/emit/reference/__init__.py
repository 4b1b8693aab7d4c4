"""The API reference: what a reader of a kind wants to know, as Markdown and as one HTML page a group.

`fields` decides what there is to say about a schema, `markdown` and `page` how it is written. Pure: who calls
it chooses the definitions and the samples, and puts the texts into files.
"""

from opgen.emit.reference.fields import Fact, Field, Subject, by_group
from opgen.emit.reference.markdown import markdown
from opgen.emit.reference.page import page

__all__ = ["Fact", "Field", "Subject", "by_group", "markdown", "page"]
