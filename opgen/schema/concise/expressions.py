"""Type expressions: `string!`, `list<T>`, `set<T>`, `map<T>`, `core/v1.PodTemplateSpec`.

Pure: text in, a schema out, or a message that says what is wrong with the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from opgen.coretypes import problem, with_api
from opgen.errors import closest
from opgen.ir.schema import CoreRef, Schema

QUANTITY_PATTERN = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
_INT_OR_STRING = Schema(any_of=(Schema(type="integer"), Schema(type="string")), x_int_or_string=True)

SIMPLE: dict[str, Schema] = {
    "string": Schema(type="string"),
    "integer": Schema(type="integer"),
    "int": Schema(type="integer"),
    "int32": Schema(type="integer", format="int32"),
    "int64": Schema(type="integer", format="int64"),
    "number": Schema(type="number"),
    "float": Schema(type="number", format="float"),
    "double": Schema(type="number", format="double"),
    "boolean": Schema(type="boolean"),
    "bool": Schema(type="boolean"),
    "bytes": Schema(type="string", format="byte"),
    "date": Schema(type="string", format="date"),
    "time": Schema(type="string", format="date-time"),
    # A plain string: the server's own format `duration` takes other spellings than Go's.
    "duration": Schema(type="string"),
    "quantity": replace(_INT_OR_STRING, pattern=QUANTITY_PATTERN),
    "int-or-string": _INT_OR_STRING,
    "any": Schema(x_preserve_unknown_fields=True),
    "object": Schema(type="object"),
}
CONTAINERS = ("list", "set", "map")
_CONTAINER = re.compile(r"(list|set|map)\s*<(.*)>", re.DOTALL)
_REFERENCE = re.compile(r"([a-z0-9.-]+/v[0-9][a-z0-9]*)\.([A-Za-z][A-Za-z0-9]*)")
_MAX_NESTING = 16

Lookup = Callable[[CoreRef], Schema | None]


@dataclass(frozen=True, slots=True)
class Expression:
    """What an expression means. `required` is its exclamation mark."""

    schema: Schema
    required: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a text is no type expression."""

    message: str
    hint: str = ""


def parse(text: str, lookup: Lookup) -> Expression | Wrong:
    """The schema that `text` stands for; `lookup` knows the core types."""
    stripped = text.strip()
    required = stripped.endswith("!")
    result = _parse(stripped.removesuffix("!").strip(), lookup, 0)
    return result if isinstance(result, Wrong) else Expression(result, required)


def reference(text: str) -> CoreRef | None:
    """`core/v1.PodTemplateSpec` as a CoreRef, or None where the text is not of that form."""
    match = _REFERENCE.fullmatch(text.strip())
    return CoreRef(match.group(1), match.group(2)) if match else None


def _parse(text: str, lookup: Lookup, depth: int) -> Schema | Wrong:
    if depth > _MAX_NESTING:
        return Wrong(
            f"types are nested deeper than {_MAX_NESTING} levels", "give the inner type a field of its own"
        )
    if text in SIMPLE:
        return SIMPLE[text]
    if match := _CONTAINER.fullmatch(text):
        inner = match.group(2).strip()
        if inner.endswith("!"):
            return Wrong(f"`!` has no meaning inside {match.group(1)}<...>", "only a field can be required")
        item = _parse(inner, lookup, depth + 1)
        return item if isinstance(item, Wrong) else container(match.group(1), item)
    if ref := reference(text):
        found = lookup(ref)
        if found is None:
            return Wrong(problem(ref), "core/v1.PodTemplateSpec, meta/v1.Condition, ...")
        return found
    return _unknown(text)


def container(name: str, item: Schema) -> Schema | Wrong:
    """A list, set or map of `item`. Lists of meta/v1.Condition are keyed by `type`, as Kubernetes does."""
    if name == "map":
        return Schema(type="object", additional_properties=item)
    if name == "set":
        if item.type not in ("string", "integer", "number", "boolean") and not item.x_int_or_string:
            return Wrong("set<T> takes scalars only", "use list<T> with mapKeys for objects")
        return Schema(type="array", items=item, x_list_type="set")
    if item.ref == CoreRef("meta/v1", "Condition"):
        return Schema(type="array", items=item, x_list_type="map", x_list_map_keys=("type",))
    return Schema(type="array", items=item)


def _unknown(text: str) -> Wrong:
    if not text:
        return Wrong("the type is empty", "string, integer, list<string>, ...")
    if text.endswith("?"):
        return Wrong(
            f"`{text}`: fields are optional unless marked with `!`",
            "for null write {type: ..., nullable: true}",
        )
    if text.startswith("[]"):
        return Wrong(f"`{text}` is not a type", f"write list<{text[2:]}>")
    if text.endswith("[]"):
        return Wrong(f"`{text}` is not a type", f"write list<{text[:-2]}>")
    if text.startswith("array<"):
        return Wrong(f"`{text}` is not a type", f"write list<{text[6:]}")
    if "<" in text or ">" in text:
        return Wrong(
            f"`{text}` is not a type", "containers are list<T>, set<T> and map<T>; map keys are strings"
        )
    built_in = " or ".join(f"{ref.api}.{ref.name}" for ref in with_api(text))
    close = built_in or closest(text, [*SIMPLE, *CONTAINERS])
    hint = f"did you mean {close}?" if close else "one of " + ", ".join(sorted(SIMPLE))
    if text in CONTAINERS:
        hint = f"write {text}<string>, or a mapping with `items` or `values`"
    return Wrong(f"`{text}` is not a type", hint)
