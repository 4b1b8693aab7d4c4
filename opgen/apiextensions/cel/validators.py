"""What the server refuses in expressions that type-check: bad literals of durations, times and patterns,
lists and maps of mixed types, `format` strings that do not fit their arguments.
"""

from __future__ import annotations

from opgen.apiextensions import patterns
from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import Call, Entry, Expr, ListExpr, Literal, MapExpr, children
from opgen.apiextensions.cel.convert import to_duration, to_timestamp
from opgen.apiextensions.cel.format_string import FormatFault, interpolate
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.types import Kind, Type, equivalent
from opgen.apiextensions.cel.values import CelError

_FORMATTABLE = {
    Kind.LIST, Kind.MAP, Kind.INT, Kind.UINT, Kind.DOUBLE, Kind.BOOL, Kind.STRING, Kind.TIMESTAMP, Kind.BYTES,
    Kind.DURATION, Kind.TYPE, Kind.NULL,
}  # fmt: skip
_CLAUSES: dict[str, tuple[set[Kind], str]] = {
    "d": ({Kind.INT, Kind.UINT}, "decimal clause can only be used on integers"),
    "f": ({Kind.DOUBLE, Kind.STRING}, "fixed-point clause can only be used on doubles"),
    "e": ({Kind.DOUBLE, Kind.STRING}, "scientific clause can only be used on doubles"),
    "b": ({Kind.INT, Kind.UINT, Kind.BOOL}, "only integers and bools can be formatted as binary"),
    "x": (
        {Kind.INT, Kind.UINT, Kind.STRING, Kind.BYTES},
        "only integers, byte buffers, and strings can be formatted as hex",
    ),
    "o": ({Kind.INT, Kind.UINT}, "octal clause can only be used on integers"),
}
_CLAUSES["X"] = _CLAUSES["x"]
_TEXT_CLAUSE = (
    "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, "
    "and timestamps"
)


def validate(source: Source, tree: Expr) -> None:
    """Report to `source` what must not be compiled."""
    waiting, found = [(tree, False)], list[tuple[Expr, bool]]()
    while waiting:
        node, exempt = waiting.pop()
        found.append((node, exempt))
        exempt = exempt or (isinstance(node, Call) and node.function == "format")
        waiting.extend((child, exempt) for child in children(node))
    for node, exempt in reversed(
        found
    ):  # what is within first: of two complaints at one place it is told first
        match node:
            case Call():
                _literal_arguments(source, node)
                if node.function == "format":
                    _format(source, node)
            case ListExpr() if not exempt:
                _same_elements(source, node)
            case MapExpr() if not exempt:
                _same_entries(source, node)


def _literal_arguments(source: Source, node: Call) -> None:
    if node.function not in ("duration", "timestamp", "matches") or not node.args:
        return
    arg = node.args[0]
    if not isinstance(arg, Literal):
        return
    if node.function == "matches":
        good = isinstance(arg.value, str) and patterns.compile(arg.value) is not None
    else:
        good = True
        try:
            (to_duration if node.function == "duration" else to_timestamp)(arg.value)
        except CelError:
            good = False
    if not good:
        source.report(arg.offset, f"invalid {node.function} argument")


def _mismatch(source: Source, node: Expr, expected: Type, found: Type) -> None:
    source.report(node.offset, f"expected type '{expected}' but found '{found}'")


def _same_elements(source: Source, node: ListExpr) -> None:
    first: Type | None = None
    for index, element in enumerate(node.elements):
        found = _inner(element.type) if index in node.optionals else element.type
        if first is None:
            first = found
        elif not equivalent(first, found):
            _mismatch(source, element, first, found)
            return


def _same_entries(source: Source, node: MapExpr) -> None:
    first: Entry | None = None
    for entry in node.entries:
        if first is None:
            first = entry
            continue
        if not equivalent(first.key.type, entry.key.type):
            _mismatch(source, entry.key, first.key.type, entry.key.type)
        expected, found = _value_type(first), _value_type(entry)
        if not equivalent(expected, found):
            _mismatch(source, entry.value, expected, found)


def _value_type(entry: Entry) -> Type:
    return _inner(entry.value.type) if entry.optional else entry.value.type


def _inner(t: Type) -> Type:
    return t.params[0] if t.params else t


class _Misfit(FormatFault):
    def __init__(self, node: Expr, complaint: str) -> None:
        name = types.FORMAT.name if node.type is types.FORMAT else node.type.name
        super().__init__(f"error during formatting: {complaint}, was given {name}")
        self.node = node


def _format(source: Source, node: Call) -> None:
    """Check a constant format string against a list written out beside it."""
    if node.target is None or "string_format" not in node.overloads or len(node.args) != 1:
        return
    text, given = node.target, node.args[0]
    if not isinstance(text, Literal) or not isinstance(text.value, str) or not isinstance(given, ListExpr):
        return
    used = 0

    def clause(letter: str, precision: int | None, index: int) -> str:
        nonlocal used
        used = index + 1
        _fits(letter, given.elements[index])
        return ""

    try:
        interpolate(text.value, len(given.elements), clause, early=False)
    except _Misfit as misfit:
        source.report(misfit.node.offset, str(misfit))
    except FormatFault as fault:
        source.report(node.offset, str(fault))
    else:
        if len(given.elements) > used:
            source.report(
                node.offset,
                f"too many arguments supplied to string.format (expected {used}, got {len(given.elements)})",
            )


def _fits(letter: str, arg: Expr) -> None:
    if letter == "s":
        wrong = _unprintable(arg)
        if wrong is not None:
            raise _Misfit(wrong, _TEXT_CLAUSE)
        return
    kinds, complaint = _CLAUSES[letter]
    if arg.type != types.DYN and arg.type.kind not in kinds:
        raise _Misfit(arg, complaint)


def _unprintable(arg: Expr) -> Expr | None:
    """The innermost expression that cannot be printed."""
    if arg.type != types.DYN and arg.type.kind not in _FORMATTABLE:
        return arg
    inner: list[Expr] = []
    if isinstance(arg, ListExpr):
        inner = arg.elements
    elif isinstance(arg, MapExpr):
        inner = [part for entry in arg.entries for part in (entry.key, entry.value)]
    for part in inner:
        wrong = _unprintable(part)
        if wrong is not None:
            return wrong
    return None
