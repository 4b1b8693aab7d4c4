"""One object judged as the API server would: a definition, a custom resource, or an object of a built-in kind.

The rules are `apiextensions`' and `apiserver`'s; here they get their line in the user's file.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from opgen.apiextensions import decode, default_definition, lint, review_definition, review_object
from opgen.apiextensions.complaints import text as complaint
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.lint_codes import TOO_LARGE
from opgen.apiextensions.lints import finding
from opgen.commands.catalog import Catalog, Known
from opgen.commands.manifests import Manifest
from opgen.emit.crd import SIZE_LIMIT
from opgen.errors import Diagnostic, Level
from opgen.ir.definition import Definition
from opgen.schema import field_steps
from opgen.schema.crd import GROUP, is_crd
from opgen.schema.placing import Steps, object_steps, unmarshal_steps

if TYPE_CHECKING:
    from opgen.apiserver.kinds import ResourceInfo

JSON = dict[str, Any]


class Outcome(enum.StrEnum):
    """What became of one object."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to say. `type` is the server's reason of a field error (`FieldValueInvalid`), or one of `Type`.

    `diagnostic.path` is the field, in the server's words; `object` names what it is about, "" for a whole file.
    """

    diagnostic: Diagnostic
    type: str
    object: str = ""
    source: str = ""


class Type(enum.StrEnum):
    """Problems that are no field errors of the server's validation."""

    FILE = "FileInvalid"  # can't be read, or holds no object
    DECODE = "DecodeError"  # does not fit the type at all
    UNKNOWN_FIELD = "UnknownField"  # a field that the kind doesn't have, or one that is set twice
    NO_KIND = "KindUnknown"  # no definition of the kind, or not of that version
    NOT_JUDGED = "NotJudged"  # its definition is refused itself
    WARNING = "Warning"  # what the server warns of
    UNCHECKED = "RuleUnchecked"  # a rule that could not be run here
    LINT = "Lint"  # accepted, and broken all the same


@dataclass(frozen=True, slots=True)
class Judgement:
    """One object's verdict, the problems behind it, and what would be stored (None where it was refused)."""

    manifest: Manifest
    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    stored: JSON | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How to judge: `field_validation` as in the server's API, whether kinds may be unknown, lints left out."""

    field_validation: str = "Strict"
    ignore_unknown_kinds: bool = False
    ignored_lints: frozenset[str] = frozenset()


def judge(
    manifest: Manifest, catalog: Catalog, rules: Rules, old: Mapping[tuple[str, ...], Manifest]
) -> Judgement:
    """What the server would say of a create, or of an update where `old` has the object."""
    return _Judge(manifest, rules).judge(catalog, old)


def identity(manifest: Manifest) -> tuple[str, ...]:
    """What an object is found by again: group, kind, namespace, name."""
    return (manifest.group_version[0], manifest.kind, manifest.namespace or "default", manifest.name)


class _Judge:
    def __init__(self, manifest: Manifest, rules: Rules) -> None:
        self._manifest = manifest
        self._rules = rules
        self._problems: list[Problem] = []

    def judge(self, catalog: Catalog, old: Mapping[tuple[str, ...], Manifest]) -> Judgement:
        manifest = self._manifest
        missing = [name for name in ("apiVersion", "kind") if not isinstance(manifest.data.get(name), str)]
        missing = missing or [name for name in ("apiVersion", "kind") if not manifest.data[name]]
        if missing:
            for name in missing:
                self._say(
                    Type.DECODE, f"Object '{name[0].upper()}{name[1:]}' is missing", (name,), field=name
                )
            return self._done(None)
        before = old.get(identity(manifest))
        if is_crd(manifest.data):
            return self._definition(None if before is None else before.data)
        known = catalog.find(manifest)
        if known is None:
            return self._unknown_kind(catalog)
        if isinstance(known, Known):
            return self._custom(known, before, catalog.problem(known))
        return self._builtin(known, before)

    # -- the three sorts of objects

    def _definition(self, old: JSON | None) -> Judgement:
        raw = self._manifest.data
        if raw["apiVersion"] != f"{GROUP}/v1":
            message = f'no matches for kind "CustomResourceDefinition" in version "{raw["apiVersion"]}"'
            hint = "`opgen compile` converts v1beta1, as far as that is possible"
            self._say(Type.NO_KIND, message, ("apiVersion",), hint=hint)
            return self._done(None)
        new, old = _definition_pair(raw, old)
        try:
            verdict = review_definition(new, old, field_validation="Warn")
        except ValueError as unreadable:
            self._say(Type.DECODE, f"the old definition can't be read: {unreadable}", ())
            return self._done(None)
        if verdict.decode:
            self._decode_error(verdict.decode)
            return self._done(None)
        decoded = decode(raw)
        assert decoded.definition is not None
        self._unknown_fields(decoded.unknown)
        definition = default_definition(decoded.definition)
        for error in verdict.errors:
            self._error(error, field_steps(error.field, definition))
        # Formats that the server warns of are a lint, which knows the place.
        self._warnings(verdict.warnings, beside=("unknown field", "duplicate field", "unrecognized format"))
        self._unchecked(verdict.unchecked)
        self._lints(definition, (*lint(definition, decoded.dropped), *_too_large(raw)))
        return self._done(verdict.stored)

    def _custom(self, known: Known, before: Manifest | None, problem: str) -> Judgement:
        manifest, definition = self._manifest, known.definition
        version = definition.version(manifest.group_version[1])
        if version is None or not version.served:
            served = ", ".join(v.name for v in definition.versions if v.served)
            hint = f"{known.place} serves {served}" if served else f"{known.place} serves no version"
            self._no_matches(hint)
            return self._done(None)
        if problem:
            message = f"not judged, since its definition is refused: {known.place}"
            hint = "" if known.is_input else problem
            level = Level.WARNING if known.is_input else Level.ERROR
            self._say(Type.NOT_JUDGED, message, (), hint=hint, level=level)
            return Judgement(manifest, Outcome.SKIPPED, tuple(self._problems))
        new = _addressed(manifest.data, namespaced=definition.namespaced)
        old: JSON | None = None
        if before is not None:
            new, old = _as_update(new, _addressed(before.data, namespaced=definition.namespaced))
        verdict = review_object(definition, new, old, field_validation="Warn")
        if verdict.decode:
            self._decode_error(verdict.decode)
            return self._done(None)
        self._unknown_fields(verdict.warnings)
        for error in verdict.errors:
            self._error(error, hint=_STATUS if _dropped(error, definition, version.name, old) else "")
        self._warnings(verdict.warnings, beside=("unknown field",))
        if version.deprecated:
            default = f"{manifest.api_version} {manifest.kind} is deprecated"
            self._say(
                Type.WARNING, version.deprecation_warning or default, ("apiVersion",), level=Level.WARNING
            )
        self._unchecked(verdict.unchecked)
        return self._done(verdict.stored)

    def _builtin(self, info: ResourceInfo, before: Manifest | None) -> Judgement:
        new, old = self._manifest.data, None
        if before is not None:
            new, old = _as_update(new, before.data)
        from opgen.apiserver import (
            offline,
        )  # a whole server's imports, which a project's own kinds don't need

        review = offline.review(info, new, old)
        if review.decode:
            self._decode_error(review.decode)
            return self._done(None)
        self._unknown_fields(f'unknown field "{path}"' for path in review.unknown)
        for error in review.errors:
            self._error(error)
        self._warnings(review.warnings)
        return self._done(review.stored)

    def _unknown_kind(self, catalog: Catalog) -> Judgement:
        if self._rules.ignore_unknown_kinds:
            return Judgement(self._manifest, Outcome.SKIPPED)
        group, kind = self._manifest.group_version[0], self._manifest.kind
        if catalog.is_strange(self._manifest):
            message = f"not checked: nothing here defines {self._manifest.api_version} {kind}"
            hint = "--crd FILE gives its definition, `opgen import crd` takes it into the project"
            self._say(Type.NO_KIND, message, ("apiVersion",), hint=hint, level=Level.WARNING)
            return Judgement(self._manifest, Outcome.SKIPPED, tuple(self._problems))
        served = catalog.versions(group, kind)
        if served:
            hint = f"there is {', '.join(served)}"
        elif similar := catalog.similar(group, kind):
            hint = f"did you mean {similar}?"
        else:
            hint = "give its definition with --crd FILE, or leave such objects out: --ignore-missing-schemas"
        self._no_matches(hint)
        return self._done(None)

    # -- what is said

    def _no_matches(self, hint: str) -> None:
        manifest = self._manifest
        message = f'no matches for kind "{manifest.kind}" in version "{manifest.api_version}"'
        self._say(Type.NO_KIND, message, ("apiVersion",), hint=hint)

    def _decode_error(self, text: str) -> None:
        steps, hint = unmarshal_steps(text, self._manifest.data)
        self._say(Type.DECODE, text, steps, field=_field(steps), hint=hint)

    def _unknown_fields(self, texts: Iterable[str]) -> None:
        level = {"Strict": Level.ERROR, "Warn": Level.WARNING}.get(self._rules.field_validation)
        for text in texts:
            if level is None or not text.startswith(("unknown field", "duplicate field")):
                continue
            path = text.partition('"')[2].rpartition('"')[0]
            steps = object_steps(path, self._manifest.data)
            self._say(Type.UNKNOWN_FIELD, f"strict decoding error: {text}", steps, field=path, level=level)

    def _error(self, error: FieldError, steps: Steps | None = None, hint: str = "") -> None:
        if steps is None:
            steps = object_steps(error.field, self._manifest.data)
        message = complaint(error).removeprefix(f"{error.field}: ")
        self._say(str(error.type), message, steps, field=error.field, hint=hint)

    def _warnings(self, texts: Iterable[str], beside: tuple[str, ...] = ()) -> None:
        for text in texts:
            if not (beside and text.startswith(beside)):
                path = text.partition(":")[0]
                steps = object_steps(path, self._manifest.data) if ":" in text else ()
                self._say(Type.WARNING, text, steps, level=Level.WARNING)

    def _unchecked(self, rules: Iterable[str]) -> None:
        for rule in rules:
            message = f"a validation rule could not be run here: {rule}"
            self._say(Type.UNCHECKED, message, (), level=Level.WARNING)

    def _lints(self, definition: Definition, findings: Iterable[Diagnostic]) -> None:
        manifest = self._manifest
        for found in findings:
            file, line = manifest.origins.locate(field_steps(found.path, definition))
            silenced = manifest.lints.cover(line, found.code)
            if found.code not in self._rules.ignored_lints and not silenced:
                self._add(replace(found, file=file, line=line), Type.LINT)

    def _say(
        self,
        type: str,
        message: str,
        steps: Steps,
        *,
        field: str = "",
        hint: str = "",
        level: Level = Level.ERROR,
    ) -> None:
        file, line = self._manifest.origins.locate(steps)
        self._add(Diagnostic(level, message, file, line, field, hint), type)

    def _add(self, diagnostic: Diagnostic, type: str) -> None:
        self._problems.append(Problem(diagnostic, type, self._manifest.title, self._manifest.source))

    def _done(self, stored: JSON | None) -> Judgement:
        refused = any(problem.diagnostic.level is Level.ERROR for problem in self._problems)
        outcome = Outcome.REFUSED if refused else Outcome.ACCEPTED
        return Judgement(self._manifest, outcome, tuple(self._problems), None if refused else stored)


def _too_large(raw: JSON) -> Iterator[Diagnostic]:
    """What client-side apply would write into its annotation, beside its limit."""
    size = len(json.dumps(raw, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass"))
    if size > SIZE_LIMIT:
        yield finding(TOO_LARGE, "", f"the definition has {size:,} bytes as JSON, of {SIZE_LIMIT:,}")


_STATUS = "a create drops the status; written to the status subresource it would be refused"
_NAME = re.compile(r"\w+")


def _dropped(error: FieldError, definition: Definition, version: str, old: JSON | None) -> bool:
    served = definition.version(version)
    first = _NAME.match(error.field)
    in_status = first is not None and first[0] == "status"
    return old is None and in_status and served is not None and served.status_subresource


def _field(steps: Steps) -> str:
    """The field path of a place, as the server would write it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _addressed(data: JSON, *, namespaced: bool) -> JSON:
    """Without a namespace where the kind has none: the server clears it."""
    metadata = data.get("metadata")
    if namespaced or not isinstance(metadata, dict) or not isinstance(metadata.get("namespace"), str):
        return data
    return _cleared(data, "namespace")


def _cleared(data: JSON, *keys: str) -> JSON:
    """Without these fields of its metadata."""
    metadata = data.get("metadata")
    if not isinstance(metadata, dict):
        return data
    return {**data, "metadata": {key: value for key, value in metadata.items() if key not in keys}}


def _definition_pair(new: JSON, old: JSON | None) -> tuple[JSON, JSON | None]:
    """Both with the status that the server gives them: none at first, the old one's on an update.

    An old definition without one is taken for one that was installed.
    """
    new = {key: value for key, value in _of_cluster(new).items() if key != "status"}
    if old is None:
        return new, None
    new, old = _as_update(new, _of_cluster(old))
    if "status" not in old:
        spec = old.get("spec")
        versions = spec.get("versions") if isinstance(spec, dict) else None
        stored = [v.get("name") for v in versions or () if isinstance(v, dict) and v.get("storage")]
        names = spec.get("names") if isinstance(spec, dict) else {}
        conditions = [{"type": "Established", "status": "True"}]
        old = {**old, "status": {"acceptedNames": names, "storedVersions": stored, "conditions": conditions}}
    return {**new, "status": old["status"]}, old


def _of_cluster(data: JSON) -> JSON:
    """Without what the server clears in a definition's metadata: a namespace, and managers that a request names."""
    return _cleared(data, "namespace", "managedFields")


_OF_SERVER = ("uid", "creationTimestamp", "resourceVersion", "generation", "deletionTimestamp")


def _as_update(new: JSON, old: JSON) -> tuple[JSON, JSON]:
    """Both as a client that read the old object would send the new one: what only the server sets is kept."""
    before = old.get("metadata")
    metadata = new.get("metadata")
    if not isinstance(before, dict) or not isinstance(metadata, dict):
        return new, old
    before = {"resourceVersion": "1", **before}
    kept = {key: before[key] for key in _OF_SERVER if key in before}
    if "namespace" in before:
        kept["namespace"] = metadata.get("namespace") or before["namespace"]
    return {**new, "metadata": {**metadata, **kept}}, {**old, "metadata": before}
