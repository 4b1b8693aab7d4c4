"""Sample objects of a kind that its own definition takes: `sample` finds one, minimal or full.

Fields get values that their schema allows and that their name suggests; what the rules of the kind still refuse is
mended by a bounded search. Every sample has been through `review_object`: it is accepted, and stored as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from opgen.apiextensions import check_object, read_object, review_object
from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.emit.samples.build import Values
from opgen.emit.samples.plan import Plan
from opgen.emit.samples.search import Search
from opgen.ir.definition import Definition, Version
from opgen.ir.schema import JSON, Schema, Value

__all__ = ["Sample", "sample"]


@dataclass(frozen=True, slots=True)
class Sample:
    """An object without status, ready for `kubectl apply`; or None, and why none was found."""

    obj: dict[str, JSON] | None
    reason: str = ""


def sample(definition: Definition, version_name: str, *, full: bool) -> Sample:
    """A sample of one version: with `full` every field that can stand beside the others, else what is required.

    Deterministic. `obj` is None where the bounded search finds nothing that the API server would take.
    """
    version = definition.version(version_name)
    if version is None:
        return Sample(None, f"there is no version {version_name}")
    if version.schema is None:
        return Sample(_head(definition, version, _name(definition, version, full=full)))
    finder = _Finder(definition, version, version.schema, _name(definition, version, full=full))
    first = found = finder.find(Plan(full), spec=True)
    if found.obj is None and full:
        # What can't be had whole may still be had in parts: begin with the least.
        found = finder.find(Plan(False), spec=True)
    if found.obj is None and "spec" not in version.schema.required:
        found = finder.find(Plan(False), spec=False)
    return found if found.obj is not None else first


def _name(definition: Definition, version: Version, *, full: bool) -> str:
    """No two samples of a kind are the same object: one applied over the other would be merged into it."""
    parts = [definition.names.kind.lower(), "sample"]
    if full:
        parts.append("full")
    if len(definition.versions) > 1:
        parts.append(version.name)
    return "-".join(parts)


def _head(definition: Definition, version: Version, name: JSON) -> dict[str, JSON]:
    return {
        "apiVersion": f"{definition.group}/{version.name}",
        "kind": definition.names.kind,
        "metadata": {"name": name},
    }


class _Finder:
    """The search for samples of one version; values worked out for one sample serve the next."""

    def __init__(self, definition: Definition, version: Version, schema: Schema, name: str) -> None:
        self._definition = definition
        self._version = version
        self._plain = _with_name(schema, name)
        self._with_spec = replace(self._plain, required=tuple(dict.fromkeys((*self._plain.required, "spec"))))
        self._values = Values()

    def find(self, plan: Plan, *, spec: bool) -> Sample:
        """The sample that comes of a plan, with a spec if the kind has one, or with none."""
        has_spec = "spec" in self._plain.properties
        schema = self._with_spec if spec and has_spec else self._plain
        if has_spec and not spec:
            plan = plan.absent(("spec",))
        head = _head(self._definition, self._version, "")
        for name in ("apiVersion", "kind"):
            plan = plan.present((name,)).with_change("value", (name,), head[name])
        if "status" in schema.properties and "status" not in schema.required:
            plan = plan.absent(("status",))
        found = Search(schema, self._judge, self._values).run(plan)
        if found.reason or found.errors:
            return Sample(None, found.reason or _text(found.errors[0]))
        assert isinstance(found.value, dict)
        obj = _ordered(found.value)
        verdict = review_object(self._definition, obj, version=self._version.name)
        if verdict.unchecked:
            return Sample(None, f"a rule could not be run here: {verdict.unchecked[0]}")
        if not verdict.allowed:
            return Sample(None, verdict.decode or _text(verdict.errors[0]))
        return Sample(obj)

    def _judge(self, value: JSON) -> tuple[FieldError, ...]:
        reading = read_object(self._definition, value)
        if reading.error:
            return (FieldError("<nil>", ErrorType.INVALID, reading.error),)
        lost = tuple(FieldError(path, ErrorType.FORBIDDEN, "unknown field") for path in reading.unknown)
        return lost + check_object(self._definition, reading.obj, None, self._version.name)[0]


def _with_name(schema: Schema, name: str) -> Schema:
    """The schema with metadata that holds just a name, called `name` where that is allowed."""
    declared = schema.properties.get("metadata", _OBJECT).properties.get("name", _TEXT)
    named = declared.changed(default=Value(name), all_of=(*declared.all_of, _NAMES))
    metadata = _OBJECT.changed(required=("name",), properties={"name": named})
    properties = {**schema.properties, "apiVersion": _TEXT, "kind": _TEXT, "metadata": metadata}
    required = ("apiVersion", "kind", "metadata", *schema.required)
    return schema.changed(properties=properties, required=tuple(dict.fromkeys(required)))


_OBJECT = Schema(type="object")
_TEXT = Schema(type="string")
_NAMES = Schema(pattern="^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=253)


def _ordered(obj: dict[str, JSON]) -> dict[str, JSON]:
    first = ("apiVersion", "kind", "metadata", "spec")
    return {key: obj[key] for key in (*first, *sorted(obj.keys() - set(first))) if key in obj}


def _text(error: FieldError) -> str:
    return f"{error.field}: {error.detail}" if error.detail else f"{error.field}: {error.type}"
