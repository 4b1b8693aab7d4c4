"""The server's CEL for custom resources: x-kubernetes-validations compiled, costed and evaluated.

`check_schema` and `review_schema` judge the rules of a definition, `validate` runs them over an object. What
cannot be judged or run here is named in `CelResult.unchecked`, never passed silently.

These are doors: where a schema has no rule at all, the parser, checker and library behind them are not even imported.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from opgen.apiextensions.cel.result import CelResult
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.memo import IdentityCache, children
from opgen.ir.schema import JSON, Schema

__all__ = ["CelResult", "check_schema", "has_rules", "review_schema", "validate"]


def check_schema(
    schema: Schema, field_path: str, *, compile_rules_too: bool = True, broken: Container[str] = ()
) -> tuple[FieldError, ...]:
    """The errors that the server finds in the rules of one version's schema, which stands at `field_path`."""
    return review_schema(schema, field_path, compile_rules_too=compile_rules_too, broken=broken).errors


def review_schema(
    schema: Schema, field_path: str, *, compile_rules_too: bool = True, broken: Container[str] = ()
) -> CelResult:
    """The errors in the rules of one version's schema, and the rules that cannot be judged or run here.

    `compile_rules_too=False` looks at the rules' shape only, as the server does where the schema is not structural.
    `broken` are the paths of nodes with other errors of the schema: rules at and above them are not compiled.
    """
    if not _MENTIONS(schema):
        return CelResult()
    from opgen.apiextensions.cel.review import review_schema as review

    return review(schema, field_path, compile_rules_too=compile_rules_too, broken=broken)


def has_rules(schema: Schema) -> bool:
    """Whether an object of this schema meets any rule at all."""
    if not _MENTIONS(schema):
        return False
    from opgen.apiextensions.cel.validation import has_rules as has_any

    return has_any(schema)


def validate(
    schema: Schema,
    obj: JSON,
    old: JSON | None,
    *,
    field_path: str = "",
    has_old: bool = False,
    root: bool = True,
    ratchet: bool | None = None,
) -> CelResult:
    """Run every rule of `schema` over `obj`.

    `old` is the stored object on update (`has_old`), None on create. `root` tells that the schema is that of a
    whole resource. On update, failures on unchanged parts are forgiven, unless `ratchet` is False.
    """
    if not _MENTIONS(schema):
        return CelResult()
    from opgen.apiextensions.cel.validation import validate as run

    return run(schema, obj, old, field_path=field_path, has_old=has_old, root=root, ratchet=ratchet)


def _mentions(schema: Schema) -> bool:
    """Whether a rule stands anywhere in the schema, be it where none may stand."""
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        if here.plain:
            continue
        if here.x_validations:
            return True
        waiting += children(here)
        waiting += _elsewhere(here)
    return False


def _elsewhere(schema: Schema) -> Iterator[Schema]:
    """Junctors, and forbidden keywords below which the server looks at rules all the same."""
    yield from (*schema.all_of, *schema.any_of, *schema.one_of, *(schema.items_list or ()))
    if schema.not_ is not None:
        yield schema.not_
    yield from schema.definitions.values()
    yield from (below for below in schema.dependencies.values() if isinstance(below, Schema))


_MENTIONS: IdentityCache[bool] = IdentityCache(_mentions)
