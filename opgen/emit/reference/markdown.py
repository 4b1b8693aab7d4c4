"""A kind's reference as Markdown: a table for every object, each with a heading that links reach.

Built-in types are named, not spelled out: their fields are Kubernetes' own documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from opgen.emit.reference.fields import Fact, Field, Subject, root_fields, root_rules, versions
from opgen.emit.reference.prose import is_code, paragraphs, spans
from opgen.ir.definition import Version
from opgen.ir.schema import ValidationRule

_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#~&])")


def markdown(group: str, subjects: Sequence[Subject]) -> str:
    """The reference of a group as GitHub's Markdown reads it."""
    lines = [f"# {_text(group)}", ""]
    for subject in subjects:
        for version in versions(subject.definition):
            lines += _version(subject, version)
    return "\n".join(lines).rstrip("\n") + "\n"


def _version(subject: Subject, version: Version) -> Iterator[str]:
    definition = subject.definition
    names = definition.names
    yield from (f"## {_text(names.kind)} {_text(version.name)}", "")
    if version.deprecated:
        yield from (f"**Deprecated.** {_text(version.deprecation_warning or '')}".rstrip(), "")
    if not version.served:
        yield from ("Not served any more.", "")
    if version.schema is not None and version.schema.description:
        for block in paragraphs(version.schema.description):
            yield from (_fenced(block) if is_code(block) else _prose(block), "")
    scope = "namespaced" if definition.namespaced else "cluster-scoped"
    facts = [
        f"`{definition.group}/{version.name}`",
        scope,
        f"`{names.plural}`",
        *map(_code, names.short_names),
    ]
    if version.status_subresource:
        facts.append("status subresource")
    if version.scale is not None:
        facts.append(f"scale by {_code(version.scale.spec_replicas_path)}")
    yield from (", ".join(facts), "")
    yield from _rules(root_rules(version))
    top = root_fields(version)
    if top:
        anchor = f"{names.kind}.{version.name}"
        yield from _table(top, anchor)
        for item in top:
            yield from _objects(item, anchor)
    yield from _columns(version)
    for which in ("minimal", "full"):
        if sample := subject.samples.get((version.name, which)):
            yield from (f"### {names.kind} {version.name}: {which} sample", "", "```yaml")
            yield from sample.rstrip("\n").split("\n")
            yield from ("```", "")


def _objects(field: Field, anchor: str) -> Iterator[str]:
    if not _spelled(field):
        return
    yield from (f'### <a id="{anchor}.{field.path}"></a>{_code(field.path)}', "")
    yield from _rules(field.rules)
    yield from _table(field.children, anchor)
    for child in field.children:
        yield from _objects(child, anchor)


def _spelled(field: Field) -> bool:
    """Whether the field has a table of its own."""
    return bool(field.children) and not field.core


def _table(fields: Sequence[Field], anchor: str) -> Iterator[str]:
    yield from ("| field | type | description |", "|---|---|---|")
    for item in fields:
        name = _code(item.name) + (" **required**" if item.required else "")
        kind = _text(item.type) + (f" ({_text(item.core)})" if item.core else "")
        if _spelled(item):
            kind = f"[{kind}](<#{anchor}.{item.path}>)"
        about = [_in_cell(block) for block in paragraphs(item.description)]
        about += [_fact(fact) for fact in item.facts]
        if not _spelled(item):
            about += [_rule(rule) for rule in item.rules]
        yield _row(name, kind, "<br>".join(about))
    yield ""


def _row(*cells: str) -> str:
    """A table's row; a bar in a cell would end it, in code too."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _rules(rules: Sequence[ValidationRule]) -> Iterator[str]:
    if rules:
        yield from (f"- {_rule(rule)}" for rule in rules)
        yield ""


def _rule(rule: ValidationRule) -> str:
    return f"rule {_code(rule.rule)}" + (f": {_text(' '.join(rule.message.split()))}" if rule.message else "")


def _fact(fact: Fact) -> str:
    return f"{_text(fact.label)}: {_code(fact.text) if fact.code else _text(fact.text)}"


def _columns(version: Version) -> Iterator[str]:
    if version.printer_columns:
        yield from ("| column | from | description |", "|---|---|---|")
        for column in version.printer_columns:
            about = _prose(" ".join(column.description.split()))
            yield _row(_text(column.name), _code(column.json_path), about)
        yield ""


def _prose(block: str) -> str:
    """A description's block: its code and addresses stay what they are."""
    forms = {"text": _text, "code": _code, "url": _address}
    return "\n".join("".join(forms[kind](part) for kind, part in spans(line)) for line in block.split("\n"))


def _in_cell(block: str) -> str:
    """A description's block on the one line that a table's cell is."""
    if is_code(block):
        return f"<pre>{'<br>'.join(map(_text, block.splitlines()))}</pre>"
    return _prose(block).replace("\n", "<br>")


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(longest + 1, 3)
    return f"{fence}\n{code}\n{fence}"


def _address(address: str) -> str:
    return f"<{address.replace('|', '%7C')}>"


def _text(text: str) -> str:
    """Plain text that no Markdown reader takes for anything else."""
    return _ACTIVE.sub(r"\\\1", text)


def _code(text: str) -> str:
    """A literal, in as many backticks as it needs."""
    flat = " ".join(text.splitlines())
    longest = max((len(run) for run in re.findall(r"`+", flat)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") or not flat else ""
    return f"{fence}{pad}{flat}{pad}{fence}"
