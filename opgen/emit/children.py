"""The commented examples in `desired()`: one an owned kind, which can be uncommented as it stands.

Kinds that operators own every day have an example of their own in `templates/api/children`. The others get what their
schema requires, read from plain data, which needs no further import.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opgen import coretypes
from opgen.emit.python import LINE_LENGTH, literal, render
from opgen.ir.definition import Definition, Names, Version
from opgen.ir.layout import KindRef
from opgen.ir.names import GroupVersionKind, snake_case
from opgen.ir.schema import JSON
from opgen.resources import templates

_COMMENT = "    # "
_MARK = "\0"


@dataclass(frozen=True, slots=True)
class Child:
    """An owned kind as the controller's module calls it: `class_name` there, `var` its owner's variable."""

    kind: KindRef
    class_name: str
    var: str
    owner: KindRef

    @property
    def suffix(self) -> str:
        """What the child's name ends in."""
        return self.kind.gvk.kind.lower()

    @property
    def app(self) -> str:
        """The value of the label app.kubernetes.io/name."""
        return self.owner.gvk.kind.lower()

    @property
    def namespace(self) -> str:
        """The expression for the child's namespace; empty where it has none."""
        if not self.kind.namespaced:
            return ""
        return f"{self.var}.metadata.namespace" if self.owner.namespaced else '"default"'


def example(child: Child, definition: Definition | None = None) -> str:
    """Commented lines for the body of `desired()`, or "" where no example would be taken by the API server.

    `definition` is that of a kind which isn't built into Kubernetes.
    """
    if child.owner.namespaced and not child.kind.namespaced:
        return ""  # the garbage collector would delete such a child
    if has_own(child, definition):
        code = render(_template(child), {"child": child})
    else:
        code = "".join(f"{line}\n" for line in _plain(child, definition))
    lines = code.splitlines()
    if any(len(line) > LINE_LENGTH - len(_COMMENT) for line in lines):
        return ""
    return "".join(f"{_COMMENT}{line}\n" if line else "\n" for line in lines)


def has_own(child: Child, definition: Definition | None = None) -> bool:
    """Whether the kind has an example of its own, which the API server takes as it is."""
    return definition is None and (templates() / "api" / f"{_template(child)}.jinja").is_file()


def _template(child: Child) -> str:
    return f"children/{_stem(child.kind.gvk)}.py"


def _stem(gvk: GroupVersionKind) -> str:
    """apps_v1_deployment; by the group's first part, as the modules of `opgen_runtime.kinds`."""
    group = gvk.group.partition(".")[0]
    return "_".join(part for part in (group, gvk.version, snake_case(gvk.kind)) if part)


def _plain(child: Child, definition: Definition | None) -> Iterator[str]:
    """`children.append(Kind.from_dict({...}))` with what the schema requires."""
    from opgen.emit.samples import sample  # slow to import, and seldom needed

    known = definition or _core(child.kind)
    found = sample(known, child.kind.gvk.version, full=False).obj if known else None
    if found is None:
        return
    metadata: dict[str, JSON] = {"name": f'{_MARK}child_name({child.var}, "{child.suffix}")'}
    if child.namespace:
        metadata["namespace"] = f"{_MARK}{child.namespace}"
    data = {key: value for key, value in found.items() if key not in ("apiVersion", "kind", "metadata")}
    yield "from opgen_runtime import child_name"
    yield ""
    yield "children.append("
    yield f"    {child.class_name}.from_dict("
    yield from _literal({"metadata": metadata, **data}, "        ", "", "")
    yield "    )"
    yield ")"


def _literal(value: Any, indent: str, head: str, tail: str) -> Iterator[str]:
    """Plain data as Python, an entry a line, as the formatter leaves it."""
    if isinstance(value, Mapping) and value:
        yield f"{indent}{head}{{"
        for key, item in value.items():
            yield from _literal(item, f"{indent}    ", f"{literal(key)}: ", ",")
        yield f"{indent}}}{tail}"
    elif isinstance(value, list) and value:
        yield f"{indent}{head}["
        for item in value:
            yield from _literal(item, f"{indent}    ", "", ",")
        yield f"{indent}]{tail}"
    elif isinstance(value, str) and value.startswith(_MARK):
        yield f"{indent}{head}{value.removeprefix(_MARK)}{tail}"
    else:
        yield f"{indent}{head}{literal(value)}{tail}"


def _core(kind: KindRef) -> Definition | None:
    """A built-in kind as a definition, for the search for a sample."""
    core = coretypes.kind(kind.gvk.group, kind.gvk.version, kind.gvk.kind)
    schema = coretypes.lookup(core.type) if core else None
    if core is None or schema is None:
        return None
    version = Version(name=core.version, served=True, storage=True, schema=schema)
    names = Names(plural=core.plural, kind=core.kind)
    scope = "Namespaced" if core.namespaced else "Cluster"
    return Definition(f"{core.plural}.{core.group}", core.group, names, scope, (version,))
