"""Spells planned classes as Python text: annotations, defaults, bounds, docstrings.

The spelling keeps modules fast to import: annotations are evaluated as they stand (no postponed ones, hence
classes before their users), `Field` is called only where there is something to say, and an alias is left out
where the attribute's name gives the wire name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass

from opgen.emit.models.bounds import allowed, bounds, is_int32, literal, tightened, unique_by
from opgen.emit.models.plan import ITEM, VALUE, ClassPlan, Path
from opgen.emit.models.shape import (
    Anything,
    Choice,
    Core,
    IntOrString,
    ListOf,
    MapOf,
    Object,
    Scalar,
    Shape,
    scalar_default,
    shape_of,
)
from opgen.emit.models.union_text import Parameter, UnionTexts, union_texts
from opgen.ir.names import camel_case
from opgen.ir.schema import CoreRef, Schema

_SCALARS = {"string": "str", "integer": "int", "number": "int | float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class FieldText:
    """One line of a class and its docstring ("" for none)."""

    name: str
    annotation: str
    default: str
    doc: str
    parameter: Parameter

    @property
    def text(self) -> str:
        """The declaration, and the docstring below it."""
        value = f" = {self.default}" if self.default else ""
        doc = f"\n    {self.doc}" if self.doc else ""
        return f"    {self.name}: {self.annotation}{value}{doc}"


@dataclass(frozen=True, slots=True)
class ClassText:
    """One class, ready for the template; `kind` are the arguments of a kind's ResourceType."""

    name: str
    base: str
    doc: str
    fields: tuple[FieldText, ...]
    unions: UnionTexts
    kind: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The fields, a blank line after each that has a docstring."""
        lines = []
        for field in self.fields:
            lines.append(field.text)
            if field.doc:
                lines.append("")
        return "\n".join(lines[:-1] if lines and not lines[-1] else lines)


@dataclass(frozen=True, slots=True)
class Spelling:
    """Spells one module's classes, and asks for each name that they need from elsewhere.

    `class_of` gives the class at a path, `core` the name of a built-in type's model, `helper` that of what
    `typing` and the runtime offer (`Any`, `Field`): as they are called in this module. `lists`: whether
    items that must differ are checked to.
    """

    class_of: Callable[[Path], str]
    core: Callable[[CoreRef], str]
    helper: Callable[[str], str]
    models: Container[CoreRef]
    lists: bool = True

    def class_text(self, planned: ClassPlan, base: str, fallback_doc: str = "") -> ClassText:
        """The class as text; `fallback_doc` where the schema describes nothing."""
        fields = tuple(self._field(planned, wire, name) for wire, name in planned.fields.items())
        doc = docstring(planned.schema.description or fallback_doc, "    ")
        unions = UnionTexts()
        if planned.path:
            # A kind's own fields are metadata, spec and status.
            unions = union_texts(planned, {field.name: field.parameter for field in fields}, self.helper)
        return ClassText(planned.name, base, doc, fields, unions)

    def _field(self, planned: ClassPlan, wire: str, name: str) -> FieldText:
        schema = tightened(planned.schema.properties[wire])
        shape = shape_of(schema, self.models)
        default = scalar_default(schema, shape)
        # The server fills in a default before it looks for what is required.
        required = wire in planned.schema.required and schema.default is None
        annotation = self._annotation(schema, shape, (*planned.path, wire))
        marks = self._marks(schema, shape)
        if marks:
            annotation = f"{self.helper('Annotated')}[{annotation}, {', '.join(marks)}]"
        plain = annotation
        if schema.nullable:
            annotation = f"{self.helper('Nullable')}[{annotation}]"
        elif default is None and not required and not isinstance(shape, Anything):
            annotation = f"{annotation} | None"
        arguments = self._arguments(schema, shape, wire, name)
        value = "" if required else literal(default)
        if arguments:
            given = ([] if required else [f"default={value}"]) + arguments
            value = f"{self.helper('Field')}({', '.join(given)})"
        parameter = Parameter(annotation, plain, required)
        return FieldText(name, annotation, value, docstring(schema.description, "    "), parameter)

    def _annotation(self, schema: Schema, shape: Shape, path: Path) -> str:
        match shape:
            case Scalar(type=kind):
                return self.helper("Int32") if is_int32(schema, shape) else _SCALARS[kind]
            case Choice(values=values):
                return f"{self.helper('Literal')}[{', '.join(literal(value) for value in values)}]"
            case IntOrString():
                return "int | str"
            case Anything():
                return self.helper("Any")
            case ListOf(items=items):
                return f"list[{self._inner(items, (*path, ITEM))}]"
            case MapOf(values=values_schema):
                return f"dict[str, {self._inner(values_schema, (*path, VALUE))}]"
            case Object():
                return self.class_of(path)
            case Core(ref=ref):
                return self.core(ref)

    def _inner(self, schema: Schema | None, path: Path) -> str:
        if schema is None:
            return self.helper("Any")
        schema = tightened(schema)
        shape = shape_of(schema, self.models)
        annotation = self._annotation(schema, shape, path)
        limits = bounds(schema, shape)
        marks = [f"{self.helper('Field')}({', '.join(limits)})"] if limits else []
        marks += self._marks(schema, shape)
        if marks:
            annotation = f"{self.helper('Annotated')}[{annotation}, {', '.join(marks)}]"
        if schema.nullable and not isinstance(shape, Anything):
            annotation = f"{annotation} | None"
        return annotation

    def _marks(self, schema: Schema, shape: Shape) -> list[str]:
        """The limits that `Field` has no argument for."""
        if schema.plain:
            return []
        found = []
        values = allowed(schema, shape)
        if values:
            found.append(f"{self.helper('OneOf')}({', '.join(map(literal, values))})")
        keys = unique_by(schema, shape, lambda items: shape_of(items, self.models)) if self.lists else None
        if keys is not None:
            found.append(f"{self.helper('Unique')}({', '.join(map(literal, keys))})")
        return found

    def _arguments(self, schema: Schema, shape: Shape, wire: str, name: str) -> list[str]:
        found = [] if camel_case(name) == wire else [f"validation_alias={literal(wire)}"]
        found += bounds(schema, shape)
        if is_deprecated(schema.description):
            found.append("deprecated=True")
        return found


def is_deprecated(description: str) -> bool:
    """Whether a paragraph says so, as Go's convention is: `Deprecated: ...`."""
    return ("Deprecated" in description or "DEPRECATED" in description) and _DEPRECATED.search(
        description
    ) is not None


_DEPRECATED = re.compile(r"(?m)^\s*(?:Deprecated|DEPRECATED)\b\s*[:.]")


_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_SIMPLE = re.compile(r"[!#-\[\]-~](?:[ !#-\[\]-~]*[!#-\[\]-~])?")  # one line, nothing to escape
_ORDINARY = re.compile(r"[\n -~]*")
# Typographic characters that linters take for a mistake, with what they stand for.
_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00a0": " ",
        "\u00b4": "'",
        "\u00d7": "x",
        "\t": "    ",
    }
)


def docstring(text: str, indent: str) -> str:
    """A docstring literal for `text`, its further lines under `indent`; "" for nothing to say."""
    if not text:
        return ""
    if _SIMPLE.fullmatch(text):
        return f'"""{text}"""'
    plain = text
    if not _ORDINARY.fullmatch(text):
        plain = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").translate(_PLAIN))
    lines = [line.rstrip() for line in plain.strip().split("\n")]
    if lines == [""]:
        return ""
    body = "\n".join([lines[0], *(f"{indent}{line}" if line else "" for line in lines[1:])])
    if len(lines) > 1:
        return f'"""{_escaped(body)}\n{indent}"""'
    inner = body.rstrip('"')
    closing = '\\"' * (len(body) - len(inner))
    return f'"""{_escaped(inner)}{closing}"""'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
