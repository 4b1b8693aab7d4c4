"""CEL's grammar: the tokens, and the rules as parts one behind the other. `automaton` makes states of them.

Only texts with syntax errors are read with it (`recovery`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

EOF, EPSILON = "<EOF>", "epsilon"
# The grammar's order of tokens, which is the order in which errors list them.
TOKENS = (
    EOF, "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'", "'('",
    "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'", "'true'", "'false'", "'null'",
    "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER", "ESC_IDENTIFIER",
)  # fmt: skip
OPERAND = frozenset(
    {"'['", "'{'", "'('", "'.'", "'-'", "'!'", "'true'", "'false'", "'null'"}
    | {"NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER"}
)
Tokens: TypeAlias = frozenset[str]


@dataclass(slots=True)
class One:
    """One token of a set."""

    tokens: Tokens
    label: str = ""
    state: int = -1


@dataclass(slots=True)
class Rule:
    """Another rule, with the least precedence of its operators."""

    name: str
    label: str = ""
    precedence: int = 0
    state: int = -1


@dataclass(slots=True)
class Binds:
    """Passes where the operators that are wanted bind no tighter."""

    precedence: int
    state: int = -1


@dataclass(slots=True)
class Choice:
    """One of several; by the next token alone, or by looking ahead."""

    branches: list[list[Part]]
    names: list[str] = field(default_factory=list)
    ahead: bool = True
    state: int = -1


@dataclass(slots=True)
class Maybe:
    """Something or nothing."""

    body: list[Part]
    first: Tokens = frozenset()
    state: int = -1


@dataclass(slots=True)
class Loop:
    """Any number of times, at least one with `plus`; `operators` are those of a rule that begins with itself."""

    body: list[Part]
    ahead: bool = False
    plus: bool = False
    operators: bool = False
    first: Tokens = frozenset()
    state: int = -1
    back: int = -1


Part: TypeAlias = One | Rule | Binds | Choice | Maybe | Loop


def _one(*names: str, label: str = "") -> One:
    return One(frozenset(name if name.isupper() or name == EOF else f"'{name}'" for name in names), label)


def _may(symbol: str, label: str = "") -> Maybe:
    return Maybe([_one(symbol, label=label)])


def _name(label: str = "id") -> One:
    return _one("IDENTIFIER", label=label)


def _arguments(opening: str) -> list[Part]:
    return [_one("(", label=opening), Maybe([Rule("exprList", "args")]), _one(")")]


def _held(opening: str, rule: str, label: str, closing: str) -> list[Part]:
    """What brackets hold, a comma behind the last allowed."""
    return [_one(opening, label="op"), Maybe([Rule(rule, label)]), _may(","), _one(closing)]


def _several(item: Callable[[], list[Part]], *, ahead: bool = True) -> list[Part]:
    return [*item(), Loop([_one(","), *item()], ahead=ahead)]


def rules() -> dict[str, list[Part]]:
    """The grammar, made anew: a network writes its states into the parts."""
    return {**_operators(), **_members(), **_lists()}


def _operators() -> dict[str, list[Part]]:
    logic = (("conditionalOr", "||", "conditionalAnd"), ("conditionalAnd", "&&", "relation"))
    relations = ("==", "!=", "in", "<", "<=", ">=", ">")
    return {
        "start": [Rule("expr", "e"), _one(EOF)],
        "expr": [
            Rule("conditionalOr", "e"),
            Maybe([_one("?", label="op"), Rule("conditionalOr", "e1"), _one(":"), Rule("expr", "e2")]),
        ],
        **{
            rule: [Rule(below, "e"), Loop([_one(symbol, label="ops"), Rule(below, "rest")])]
            for rule, symbol, below in logic
        },
        "relation": [
            Rule("calc", "e"),
            _repeated([Binds(1), _one(*relations, label="op"), Rule("relation", "right", 2)]),
        ],
        "calc": [
            Rule("unary", "e"),
            _repeated(
                [
                    Choice(
                        [
                            [Binds(2), _one("*", "/", "%", label="op"), Rule("calc", "right", 3)],
                            [Binds(1), _one("+", "-", label="op"), Rule("calc", "right", 2)],
                        ],
                        ["calc", "calc"],
                    )
                ]
            ),
        ],
        "unary": [
            Choice(
                [
                    [Rule("member", "member")],
                    [Loop([_one("!", label="ops")], plus=True), Rule("member", "member")],
                    [Loop([_one("-", label="ops")], plus=True, ahead=True), Rule("member", "member")],
                ],
                ["member", "not", "negate"],
            )
        ],
    }


def _repeated(body: list[Part]) -> Loop:
    """The operators of a rule that begins with itself."""
    return Loop(body, ahead=True, operators=True)


def _members() -> dict[str, list[Part]]:
    index: list[Part] = [_one("[", label="op"), _may("?", "opt"), Rule("expr", "index"), _one("]")]
    words: list[list[Part]] = [
        [_one(word, label="tok")] for word in ("STRING", "BYTES", "true", "false", "null")
    ]
    return {
        "member": [
            Rule("primary", "primary"),
            _repeated(
                [
                    Choice(
                        [
                            [Binds(3), _one(".", label="op"), _may("?", "opt"), Rule("escapeIdent", "id")],
                            [Binds(2), _one(".", label="op"), _name(), *_arguments("open")],
                            [Binds(1), *index],
                        ],
                        ["select", "method", "index"],
                    )
                ]
            ),
        ],
        "primary": [
            Choice(
                [
                    [_may(".", "dot"), _name()],
                    [_may(".", "dot"), _name(), *_arguments("op")],
                    [_one("("), Rule("expr", "e"), _one(")")],
                    _held("[", "listInit", "elems", "]"),
                    _held("{", "mapInitializerList", "entries", "}"),
                    [
                        _may(".", "dot"),
                        _name("ids"),
                        Loop([_one("."), _name("ids")]),
                        *_held("{", "fieldInitializerList", "entries", "}"),
                    ],
                    [Rule("literal", "literal")],
                ],
                ["ident", "call", "nested", "list", "map", "message", "literal"],
            )
        ],
        "literal": [
            Choice(
                [
                    [_may("-", "sign"), _one("NUM_INT", label="tok")],
                    [_one("NUM_UINT", label="tok")],
                    [_may("-", "sign"), _one("NUM_FLOAT", label="tok")],
                    *words,
                ],
                ["number"] * 3 + ["text"] * 2 + ["word"] * 3,
            )
        ],
    }


def _lists() -> dict[str, list[Part]]:
    def pair(name: str, label: str) -> Callable[[], list[Part]]:
        return lambda: [Rule(name, label), _one(":", label="cols"), Rule("expr", "values")]

    return {
        "exprList": _several(lambda: [Rule("expr", "e")], ahead=False),
        "listInit": _several(lambda: [Rule("optExpr", "elems")]),
        "fieldInitializerList": _several(pair("optField", "fields")),
        "optField": [_may("?", "opt"), Rule("escapeIdent", "id")],
        "mapInitializerList": _several(pair("optExpr", "keys")),
        "escapeIdent": [
            Choice([[_name()], [_one("ESC_IDENTIFIER", label="id")]], ["simple", "escaped"], ahead=False)
        ],
        "optExpr": [_may("?", "opt"), Rule("expr", "e")],
    }


def listed(tokens: Tokens) -> str:
    """A set of tokens as errors show it."""
    ordered = [name for name in TOKENS if name in tokens]
    return ordered[0] if len(ordered) == 1 else f"{{{', '.join(ordered)}}}"
