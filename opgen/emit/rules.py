"""The first `tests/rules/<kind>.yaml`: the samples, which are accepted, and how a refused case is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.emit.yaml import dump
from opgen.ir.project import ProjectResource
from opgen.ir.schema import Schema, ValidationRule

_HEADER = """\
# What the API server has to say of {kind} objects. Each case is a test, on whichever server the tests run.
# Yours to change: opgen does not write this file again.
"""


def rules_source(resource: ProjectResource, schema: Schema | None, samples: Mapping[str, str]) -> str:
    """The file's text. `samples` are the samples' paths from it, by name (`minimal`, `full`)."""
    cases = [{"name": f"the {name} sample is accepted", "file": path} for name, path in samples.items()]
    text = _HEADER.format(kind=resource.kind) + dump(
        {"apiVersion": resource.gvk.api_version, "kind": resource.kind, "cases": cases}
    )
    rule = next(_rules(schema, ""), None) if schema is not None else None
    return text if rule is None else text + _example(*rule, file=next(iter(samples.values()), ""))


def _rules(schema: Schema, path: str) -> Iterator[tuple[ValidationRule, str]]:
    """All rules with the path of the field that they are about, the status aside."""
    for rule in schema.x_validations:
        yield rule, f"{path}{rule.field_path}".lstrip(".")
    for name, child in schema.properties.items():
        if path or name not in ("status", "metadata"):
            yield from _rules(child, f"{path}.{name}")
    if schema.items is not None:
        yield from _rules(schema.items, f"{path}[0]")
    if isinstance(schema.additional_properties, Schema):
        yield from _rules(schema.additional_properties, f"{path}[key]")


def _example(rule: ValidationRule, path: str, *, file: str) -> str:
    """A refused case as a comment: what breaks the rule is for the user to say."""
    message = (rule.message or f"failed rule: {rule.rule}").strip().splitlines()[0]
    case: dict[str, object] = {"name": f"refused: {message}"}
    if file:
        case["file"] = file
    else:
        case["object"] = {"spec": {}}
    case["patch"] = {"spec": {}}
    if "oldSelf" in rule.rule:
        case["old"] = {"patch": {"spec": {}}}
    reason = {"field": path, "message": message} if path else {"message": message}
    lines = dump([{**case, "refused": [reason]}]).splitlines()
    about = " ".join(rule.rule.split())
    head = f"# This one is to be refused by the rule `{about}`: write what breaks it into the patch.\n"
    return head + "".join(f"# {line}\n" for line in lines)
