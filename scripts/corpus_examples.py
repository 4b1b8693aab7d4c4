"""`opgen schema from-example` on every public custom resource of the corpus: the schema compiles, the objects fit.

    python scripts/corpus_examples.py

Each file alone, then all objects of one kind together. Prints the figures and each complaint; exit 1 where there is
one.
"""

from __future__ import annotations

import sys
import tarfile
from collections import defaultdict

from corpus import CORPUS

from opgen import documents, schema
from opgen.commands.schema_example import judged
from opgen.coretypes import kind as core_kind
from opgen.documents import Document
from opgen.errors import Level
from opgen.schema.example import from_examples


def objects() -> dict[str, list[Document]]:
    """The objects of kinds that are not Kubernetes' own, by file."""
    found: dict[str, list[Document]] = {}
    with tarfile.open(CORPUS / "crs.tar.gz") as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is None:
                continue
            loaded = documents.load(stream.read(), member.name)
            found[member.name] = [item for item in schema.flatten(loaded.documents) if custom(item)]
    return {name: items for name, items in found.items() if items}


def custom(item: Document) -> bool:
    """Whether it is an object of a kind that somebody else defines."""
    data = item.data
    if not isinstance(data, dict) or data.get("kind") == "CustomResourceDefinition":
        return False
    api_version, kind = data.get("apiVersion"), data.get("kind")
    if not (isinstance(api_version, str) and isinstance(kind, str) and "." in api_version.partition("/")[0]):
        return False
    group, _, version = api_version.rpartition("/")
    return core_kind(group, version, kind) is None


def complaints(items: list[Document]) -> list[str]:
    written = from_examples(items)
    if written.diagnostics:
        return [str(d) for d in written.diagnostics]
    return [f"{d} {d.hint}" for d in judged(written.text, items) if d.level is not Level.INFO]


def main() -> int:
    files = objects()
    together: dict[str, list[Document]] = defaultdict(list)
    wrong = 0
    for name, items in files.items():
        for said in complaints(items):
            print(f"{name}: {said}")
            wrong += 1
        for item in items:
            together[f"{item.data['kind']} of {item.data['apiVersion'].partition('/')[0]}"].append(item)
    for name, items in together.items():
        for said in complaints(items):
            print(f"all of {name}: {said}")
            wrong += 1
    count = sum(map(len, files.values()))
    print(f"files: {len(files)}; objects: {count}; kinds together: {len(together)}; complaints: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
