"""`opgen schema from-example`: a concise schema from objects, which are then judged by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from opgen import documents, schema
from opgen.apiextensions import review_definition, review_object
from opgen.documents import Document
from opgen.errors import Diagnostic, InputError, error, has_errors, warning
from opgen.schema.example import from_examples


@dataclass(frozen=True, slots=True)
class Written:
    """The text of the schema, and what is to be said about the objects."""

    text: str
    diagnostics: tuple[Diagnostic, ...]


def schema_from_example(path: str) -> Written:
    """The schema of the objects in a file (`-` for standard input). Raises InputError where they are no objects."""
    loaded = documents.read(path)
    objects = list(schema.flatten(loaded.documents))
    said = list(loaded.diagnostics)
    if not objects and not has_errors(said):
        said.append(error("holds no object: the file is empty", file="<stdin>" if path == "-" else path))
    written = from_examples(objects)
    said.extend(written.diagnostics)
    if has_errors(said):
        raise InputError(said)
    said.extend(judged(written.text, objects))
    return Written(written.text, tuple(said))


def judged(text: str, objects: Iterable[Document]) -> Iterator[Diagnostic]:
    """What is wrong with the schema, or with an example under it: nothing, unless opgen guessed wrong."""
    found = schema.load_text(text, "the schema")
    yield from found.diagnostics
    by_kind = {(one.definition.group, one.definition.names.kind): one.definition for one in found.loaded}
    for one in found.loaded:
        yield from schema.diagnose_verdict(one, review_definition(one.definition))
    for item in objects:
        group = item.data["apiVersion"].rpartition("/")[0]
        definition = by_kind.get((group, item.data["kind"]))
        if definition is None:
            continue
        unnamed = {**item.data, "metadata": {"name": "example"}}  # its own metadata is no matter
        verdict = review_object(definition, unnamed)
        if not verdict.allowed:
            reason = verdict.decode or f"{verdict.errors[0].field}: {verdict.errors[0].detail}"
            yield warning(
                f"the schema refuses this example: {reason}",
                file=item.origins.file,
                line=item.origins.line(()),
                hint="change the type of that field in the schema",
            )
