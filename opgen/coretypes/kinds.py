"""The built-in kinds: what they are called on the server and where their models are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from opgen.coretypes import data
from opgen.coretypes.inline import parse
from opgen.coretypes.lookups import model
from opgen.ir.schema import CoreRef


@dataclass(frozen=True, slots=True)
class CoreKind:
    """One built-in kind. `module` and `class_name` are its model's, `type` its schema's name."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    subresources: tuple[str, ...]
    verbs: tuple[str, ...]
    type: CoreRef
    module: str
    class_name: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version


def kind(group: str, version: str, kind: str) -> CoreKind | None:
    """The kind, by the server's names (`group` is "" for core); None if it isn't built in."""
    return kinds().get((group, version, kind))


@cache
def kinds() -> Mapping[tuple[str, str, str], CoreKind]:
    """All built-in kinds by group, version and kind, sorted."""
    found = {}
    for item in data.load()["kinds"]:
        ref = parse(item["type"])
        module, class_name = model(ref)
        found[item["group"], item["version"], item["kind"]] = CoreKind(
            group=item["group"],
            version=item["version"],
            kind=item["kind"],
            plural=item["plural"],
            namespaced=item["namespaced"],
            subresources=tuple(item["subresources"]),
            verbs=tuple(item["verbs"]),
            type=ref,
            module=module,
            class_name=class_name,
        )
    return found
