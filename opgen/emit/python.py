"""Python text: the Jinja environment of `templates/api` and the few filters by which code fits its line.

Templates write what ruff's formatter would leave alone, whatever the length of the user's names.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2

from opgen.emit.templating import environment

LINE_LENGTH = 110


@functools.cache
def _environment() -> jinja2.Environment:
    made = environment("api")
    made.globals.update({f.__name__: f for f in (call, class_head, commented, imports, signature)})
    made.filters["py"] = literal
    return made


def render(template: str, variables: Mapping[str, Any]) -> str:
    """A template of `templates/api` with its variables; a missing one is an error."""
    return _environment().get_template(f"{template}.jinja").render(variables)


def literal(value: object) -> str:
    """A string, number, boolean or tuple of them as Python source, in double quotes as ruff writes them."""
    if isinstance(value, str):
        text = repr(value)
        if text.startswith("'") and '"' not in text:
            return f'"{text[1:-1]}"'
        return text
    if isinstance(value, (tuple, list)):
        items = ", ".join(literal(item) for item in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return repr(value)


def call(head: str, arguments: Iterable[str], *, indent: int = 0, tail: str = "") -> str:
    """`head(a, b)tail` on one line where it fits, else an argument a line; `indent` in spaces."""
    parts = [argument for argument in arguments if argument]
    line = f"{head}({', '.join(parts)}){tail}"
    if indent + len(line) <= LINE_LENGTH and "\n" not in line:
        return line
    pad = " " * indent
    inner = "".join(f"{pad}    {part},\n" for part in parts)
    return f"{head}(\n{inner}{pad}){tail}"


def signature(head: str, parameters: Iterable[str], returns: str, *, indent: int = 0, body: str = "") -> str:
    """`head(parameters) -> returns:`, the parameters on a line of their own where need be.

    `body` is a statement that follows the colon on the same line (`...`).
    """
    parts = list(parameters)
    tail = f" -> {returns}:" + (f" {body}" if body else "")
    line = f"{head}({', '.join(parts)}){tail}"
    if indent + len(line) <= LINE_LENGTH:
        return line
    pad = " " * indent
    joined = ", ".join(parts)
    if len(parts) > 1 and indent + 4 + len(joined) <= LINE_LENGTH:
        return f"{head}(\n{pad}    {joined}\n{pad}){tail}"
    inner = "".join(f"{pad}    {part},\n" for part in parts)
    return f"{head}(\n{inner}{pad}){tail}"


def class_head(name: str, base: str) -> str:
    """`class name(base):`, the base on a line of its own where need be."""
    line = f"class {name}({base}):"
    return line if len(line) <= LINE_LENGTH else f"class {name}(\n    {base}\n):"


def commented(code: str, comment: str, indent: int = 0) -> str:
    """`code` with a comment behind it, where there is room for one."""
    line = f"{code}  # {comment}"
    return line if indent + len(line) <= LINE_LENGTH else code


def imports(names: Mapping[str, Iterable[str]]) -> str:
    """`from module import names` for each module, sorted and wrapped as isort does."""
    return "\n".join(
        _import(module, names[module]) for module in sorted(names, key=str.lower) if names[module]
    )


def _import(module: str, names: Iterable[str]) -> str:
    ordered = sorted(set(names), key=_import_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE_LENGTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def _import_order(name: str) -> tuple[int, list[tuple[int, str]], str]:
    """Constants, classes, functions; in each, whatever the case and with numbers as numbers, as isort orders them."""
    base = name.split(" as ")[0]
    kind = 0 if base.isupper() and len(base) > 1 else 1 if base[:1].isupper() else 2
    parts = [
        (int(part or 0), "") if part.isdigit() else (-1, part) for part in re.split("([0-9]+)", base.lower())
    ]
    return kind, parts, base
