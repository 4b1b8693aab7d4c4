"""The commented schema that `create api` writes where none was given."""

from __future__ import annotations

from opgen.emit.python import render
from opgen.ir.layout import CONCISE_SCHEMA
from opgen.ir.project import ProjectResource


def starter_schema(resource: ProjectResource, *, storage: bool = True) -> str:
    """A schema in the concise form with one field, a status and the forms of a field as comments.

    `storage` is False for a further version of a kind that has its storage version already.
    """
    text = render(
        "starter.yaml",
        {
            "kind": resource.kind,
            "group": resource.qualified_group,
            "plural": resource.plural,
            "namespaced": resource.namespaced,
            "version": resource.version,
            "concise_schema": CONCISE_SCHEMA,
        },
    )
    return text if storage else text.replace("  storage: true\n", "  storage: false\n")
