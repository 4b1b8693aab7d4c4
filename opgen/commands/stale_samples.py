"""Samples that their kind has outgrown: they are the user's, so `generate` leaves them and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from opgen.commands.catalog import Catalog
from opgen.commands.definitions import Definitions
from opgen.commands.manifests import read_manifests
from opgen.commands.verdicts import Rules, judge
from opgen.errors import Diagnostic, Level

FOLDER = "config/samples"


def stale_samples(root: Path, definitions: Definitions) -> Iterator[Diagnostic]:
    """A warning for each thing that the API server would refuse in a sample of the project's own kinds."""
    if not (root / FOLDER).is_dir():
        return
    catalog = Catalog(())
    for key, definition in definitions.by_kind.items():
        catalog.add_sound(definition, definitions.files[key][0])
    for manifest in read_manifests([str(root / FOLDER)]).objects:
        if (manifest.group_version[0], manifest.kind) not in definitions.by_kind:
            continue
        for problem in judge(manifest, catalog, Rules(), {}).problems:
            found = problem.diagnostic
            if found.level is Level.ERROR:
                yield replace(
                    found,
                    level=Level.WARNING,
                    file=str(Path(found.file).relative_to(root)),
                    hint=found.hint or "the sample is yours: change it, or delete it and generate again",
                )
