"""Generates models, imports them, and compares data: for the tests of what is generated."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from opgen_runtime.objects import Resource, Struct
from opgen_runtime.objects.shapes import FieldShape
from opgen_runtime.objects.struct import field_shapes

from opgen.emit.models import ModelModule, models
from opgen.ir.definition import Definition, Names, Version
from opgen.ir.schema import Schema

_COUNTER = itertools.count()


def imported(source: str) -> types.ModuleType:
    """The module that `source` makes, under a name of its own, as if imported from a file."""
    module = types.ModuleType(f"generated_{next(_COUNTER)}")
    sys.modules[module.__name__] = module
    exec(compile(source, f"{module.__name__}.py", "exec"), module.__dict__)
    return module


def kind_of(module: ModelModule) -> type[Resource]:
    """The kind's class of a generated module."""
    found: type[Resource] = getattr(imported(module.source), module.class_name)
    assert issubclass(found, Resource)
    return found


def definition(schema: Schema, kind: str = "Widget", group: str = "example.com") -> Definition:
    """A definition with one version, v1."""
    names = Names(plural=f"{kind.lower()}s", singular=kind.lower(), kind=kind, list_kind=f"{kind}List")
    version = Version(name="v1", served=True, storage=True, schema=schema)
    return Definition(f"{names.plural}.{group}", group, names, "Namespaced", (version,))


def module_for(spec: Schema, kind: str = "Widget", **others: Schema) -> ModelModule:
    """The module of a kind with that spec (and other top-level fields)."""
    schema = Schema(type="object", properties={"spec": spec, **others}, required=("spec",))
    (module,) = models(definition(schema, kind))
    return module


def same(left: Any, right: Any) -> bool:
    """Whether JSON data are the same; an integral float is the integer that the server stores for it."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) or isinstance(right, float):
        return type(left) is not bool and type(right) is not bool and left == right
    return type(left) is type(right) and left == right


Path = tuple[str | int, ...]


def scalars(value: Any, path: Path = ()) -> Iterator[tuple[Struct, FieldShape, Path]]:
    """Each scalar field, present or absent, of a model and the models in it: owner, shape, path in the dump."""
    if isinstance(value, Struct):
        for name, shape in field_shapes(value).items():
            if candidates(shape):
                yield value, shape, (*path, shape.wire)
            else:
                yield from scalars(getattr(value, name), (*path, shape.wire))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from scalars(item, (*path, position))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from scalars(item, (*path, key))


def candidates(shape: FieldShape) -> list[Any]:
    """Values that the field takes; empty for what is no scalar."""
    annotation, limits = shape.annotation, shape.constraints
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if "one_of" in limits:
        return list(limits["one_of"])
    if annotation is bool:
        return [True, False]
    if annotation is str or annotation == int | str:
        least, most = limits.get("min_length", 0), limits.get("max_length", 1 << 30)
        texts = ["a" * max(1, least), "b" * max(1, least), ""]
        return [text for text in texts if least <= len(text) <= most]
    if annotation is int or annotation == int | float:
        step = limits.get("multiple_of", 1)
        bases = (limits.get("ge", limits.get("gt", 0)), limits.get("le", limits.get("lt", 0)), 0)
        steps = (base + step * count for base in bases for count in range(-2, 3))
        return [number for number in steps if _within(number, limits)]
    return []


def _within(number: int | float, limits: Any) -> bool:
    return bool(
        number >= limits.get("ge", number)
        and number <= limits.get("le", number)
        and number > limits.get("gt", number - 1)
        and number < limits.get("lt", number + 1)
        and number % limits.get("multiple_of", 1) == 0
    )


def differences(left: Any, right: Any, path: Path = ()) -> list[Path]:
    """The paths at which two JSON values differ, each as short as it can be."""
    if isinstance(left, dict) and isinstance(right, dict):
        return [
            found
            for key in {**left, **right}
            for found in (
                differences(left[key], right[key], (*path, key))
                if key in left and key in right
                else [(*path, key)]
            )
        ]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            found
            for position, (one, other) in enumerate(zip(left, right, strict=True))
            for found in differences(one, other, (*path, position))
        ]
    return [] if type(left) is type(right) and left == right else [path]
