"""What one served version declares and another does not, where nothing converts between them.

Only what is new is said: a difference that the old definition had already is no news.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.apiextensions.compare.reasons import CODES, Reason, Severity
from opgen.apiextensions.compare.schemas import compare_resources
from opgen.apiextensions.compare.where import Where
from opgen.ir.definition import Definition, Version

_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?")


def divergences(old: Definition, new: Definition) -> Iterator[Reason]:
    """One reason a field and version: what it has not, or takes not, of what another one has."""
    if new.conversion is not None and new.conversion.strategy == "Webhook":
        return
    converted = old.conversion is not None and old.conversion.strategy == "Webhook"
    known = set() if converted else {(target.name, reason.path, text) for target, reason, text in _all(old)}
    for target, reason, text in _all(new):
        if (target.name, reason.path, text) not in known:
            hint = CODES["versions-diverge"].hint
            yield Reason("versions-diverge", text, target.name, reason.path, reason.place, hint)


def _all(definition: Definition) -> Iterator[tuple[Version, Reason, str]]:
    served = [version for version in definition.versions if version.served and version.schema is not None]
    served.sort(key=lambda version: _rank(version.name), reverse=True)
    told: set[tuple[str, str, str]] = set()
    for source in served:
        for target in served:
            if source is target or source.schema is None or target.schema is None:
                continue
            place = f"spec.versions[{definition.versions.index(target)}].schema.openAPIV3Schema"
            where = Where(target.name, "", place)
            head = f"{definition.group}/{target.name}", definition.names.kind
            for reason in compare_resources(source.schema, target.schema, *head, where):
                key = (target.name, reason.path, reason.code)
                if reason.severity is Severity.BREAKING and key not in told:
                    told.add(key)
                    yield target, reason, _text(reason, source)


def _text(reason: Reason, source: Version) -> str:
    """The difference, told as one between versions rather than of before and after."""
    if reason.code == "field-removed":
        return f"is not declared, unlike in {source.name}"
    return f"is not as in {source.name}: {reason.text}"


def _rank(name: str) -> tuple[int, int, int]:
    """Kubernetes' order: v2 before v1 before v1beta2 before v1alpha1 before others."""
    match = _VERSION.fullmatch(name)
    if match is None:
        return 0, 0, 0
    major, stage, minor = match.groups()
    return {None: 3, "beta": 2, "alpha": 1}[stage], int(major), int(minor or 0)
