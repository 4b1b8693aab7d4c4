"""Spells planned classes as Python text: annotations, defaults, bounds, docstrings.

The spelling keeps modules fast to import: annotations are evaluated as they stand (no postponed ones, hence
classes before their users), `Field` is called only where there is something to say, and an alias is left out
where the attribute's name gives the wire name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container
from dataclasses import dataclass

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
from opgen.ir.names import camel_case
from opgen.ir.schema import CoreRef, Schema


@dataclass(frozen=True, slots=True)
class FieldText:
    """One line of a class and its docstring ("" for none)."""

    name: str
    annotation: str
    default: str
    doc: str


@dataclass(frozen=True, slots=True)
class ClassText:
    """One class, ready for the template."""

    name: str
    base: str
    doc: str
    fields: tuple[FieldText, ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """Spells one module's classes, and asks for each name that they need from elsewhere.

    `class_of` gives the class at a path, `core` the name of a built-in type's model, `helper` that of what
    `typing` and the runtime offer (`Any`, `Field`): as they are called in this module.
    """

    class_of: Callable[[Path], str]
    core: Callable[[CoreRef], str]
    helper: Callable[[str], str]
    models: Container[CoreRef]

    def class_text(self, planned: ClassPlan, base: str, fallback_doc: str = "") -> ClassText:
        """The class as text; `fallback_doc` where the schema describes nothing."""
        fields = tuple(self._field(planned, wire, name) for wire, name in planned.fields.items())
        doc = docstring(planned.schema.description or fallback_doc, "    ")
        return ClassText(planned.name, base, doc, fields)

    def _field(self, planned: ClassPlan, wire: str, name: str) -> FieldText:
        schema = planned.schema.properties[wire]
        shape = shape_of(schema, self.models)
        default = scalar_default(schema, shape)
        # The server fills in a default before it looks for what is required.
        required = wire in planned.schema.required and schema.default is None
        annotation = self._annotation(schema, shape, (*planned.path, wire))
        if schema.nullable:
            annotation = f"{self.helper('Nullable')}[{annotation}]"
        elif default is None and not required and not isinstance(shape, Anything):
            annotation = f"{annotation} | None"
        arguments = self._arguments(schema, shape, wire, name)
        value = "" if required else literal(default)
        if arguments:
            given = ([] if required else [f"default={value}"]) + arguments
            value = f"{self.helper('Field')}({', '.join(given)})"
        return FieldText(name, annotation, value, docstring(schema.description, "    "))

    def _annotation(self, schema: Schema, shape: Shape, path: Path) -> str:
        match shape:
            case Scalar(type=kind):
                return {"string": "str", "integer": "int", "number": "int | float", "boolean": "bool"}[kind]
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
        shape = shape_of(schema, self.models)
        annotation = self._annotation(schema, shape, path)
        limits = bounds(schema, shape)
        if limits:
            checked = f"{self.helper('Field')}({', '.join(limits)})"
            annotation = f"{self.helper('Annotated')}[{annotation}, {checked}]"
        if schema.nullable and not isinstance(shape, Anything):
            annotation = f"{annotation} | None"
        return annotation

    def _arguments(self, schema: Schema, shape: Shape, wire: str, name: str) -> list[str]:
        found = [] if camel_case(name) == wire else [f"validation_alias={literal(wire)}"]
        found += bounds(schema, shape)
        if is_deprecated(schema.description):
            found.append("deprecated=True")
        return found


def bounds(schema: Schema, shape: Shape) -> list[str]:
    """The limits that a constructor and an assignment check, as arguments of `Field`."""
    match shape:
        case Scalar(type="string"):
            return _sizes(schema.min_length, schema.max_length)
        case Scalar(type="integer"):
            return _integer_bounds(schema)
        case Scalar(type="number"):
            return _number_bounds(schema)
        case ListOf():
            return _sizes(schema.min_items, schema.max_items)
        case MapOf():
            return _sizes(schema.min_properties, schema.max_properties)
        case _:
            return []


def _sizes(least: int | None, most: int | None) -> list[str]:
    return [f"min_length={least}"] * bool(least) + [f"max_length={most}"] * (most is not None)


def _integer_bounds(schema: Schema) -> list[str]:
    """Whole numbers: a limit between two of them is moved to the nearer one inside."""
    found = []
    if schema.minimum is not None:
        whole = math.ceil(schema.minimum)
        strict = schema.exclusive_minimum and whole == schema.minimum
        found.append(f"{'gt' if strict else 'ge'}={whole}")
    if schema.maximum is not None:
        whole = math.floor(schema.maximum)
        strict = schema.exclusive_maximum and whole == schema.maximum
        found.append(f"{'lt' if strict else 'le'}={whole}")
    step = schema.multiple_of
    if step is not None and step == int(step):
        found.append(f"multiple_of={int(step)}")
    return found


def _number_bounds(schema: Schema) -> list[str]:
    found = []
    if schema.minimum is not None:
        found.append(f"{'gt' if schema.exclusive_minimum else 'ge'}={literal(schema.minimum)}")
    if schema.maximum is not None:
        found.append(f"{'lt' if schema.exclusive_maximum else 'le'}={literal(schema.maximum)}")
    return found


def is_deprecated(description: str) -> bool:
    """Whether a paragraph says so, as Go's convention is: `Deprecated: ...`."""
    return _DEPRECATED.search(description) is not None


_DEPRECATED = re.compile(r"(?m)^\s*(?:Deprecated|DEPRECATED)\b\s*[:.]")


def literal(value: str | int | float | bool | None) -> str:
    """The value as ruff's formatter would leave it: ASCII, double quotes unless that needs more escapes."""
    if not isinstance(value, str):
        return repr(value)
    quoted = ascii(value)
    if quoted[0] == '"' or '"' in value:
        return quoted
    return f'"{quoted[1:-1]}"'


_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
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
