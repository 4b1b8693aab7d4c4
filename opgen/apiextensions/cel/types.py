"""CEL's static types, how they print, and when one may stand for another.

The checker infers them, the cost estimate reads them. Values are not made here: see `values`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import lru_cache

from opgen.apiextensions.cel.values import Unsupported

_HEAVIEST = 10_000


class Kind(enum.Enum):
    """The general category of a type."""

    ANY = "any"
    BOOL = "bool"
    BYTES = "bytes"
    DOUBLE = "double"
    DURATION = "duration"
    DYN = "dyn"
    ERROR = "!error!"
    INT = "int"
    LIST = "list"
    MAP = "map"
    NULL = "null"
    OPAQUE = "opaque"
    STRING = "string"
    STRUCT = "struct"
    TIMESTAMP = "timestamp"
    TYPE = "type"
    TYPE_PARAM = "type_param"
    UINT = "uint"


@dataclass(frozen=True, slots=True)
class Type:
    """A type: `Type(Kind.LIST, "list", (INT,))`. Equality is CEL's exact equality."""

    kind: Kind
    name: str
    params: tuple[Type, ...] = ()
    # How many types it prints as; sharing may make a small type print as a huge one.
    weight: int = field(default=1, compare=False, repr=False)
    # Whether no type parameter is in it: nothing has to be replaced then, however deep it is.
    closed: bool = field(default=True, compare=False, repr=False)

    def __post_init__(self) -> None:
        weight = 1 + sum(param.weight for param in self.params)
        if weight > _HEAVIEST:
            raise Unsupported("a type too large to be checked here")
        object.__setattr__(self, "weight", weight)
        closed = self.kind is not Kind.TYPE_PARAM and all(param.closed for param in self.params)
        object.__setattr__(self, "closed", closed)

    def __str__(self) -> str:
        if self.kind in (Kind.ANY, Kind.DURATION, Kind.ERROR, Kind.NULL, Kind.TIMESTAMP):
            return str(self.kind.value)
        if not self.params:
            return self.name
        return f"{self.name}({', '.join(map(str, self.params))})"


ANY = Type(Kind.ANY, "google.protobuf.Any")
BOOL = Type(Kind.BOOL, "bool")
BYTES = Type(Kind.BYTES, "bytes")
DOUBLE = Type(Kind.DOUBLE, "double")
DURATION = Type(Kind.DURATION, "google.protobuf.Duration")
DYN = Type(Kind.DYN, "dyn")
ERROR = Type(Kind.ERROR, "!error!")
INT = Type(Kind.INT, "int")
NULL = Type(Kind.NULL, "null_type")
STRING = Type(Kind.STRING, "string")
TIMESTAMP = Type(Kind.TIMESTAMP, "google.protobuf.Timestamp")
TYPE = Type(Kind.TYPE, "type")
UINT = Type(Kind.UINT, "uint")

CIDR = Type(Kind.OPAQUE, "net.CIDR")
IP = Type(Kind.OPAQUE, "net.IP")
FORMAT = Type(Kind.STRUCT, "kubernetes.NamedFormat")
QUANTITY = Type(Kind.STRUCT, "kubernetes.Quantity")
SEMVER = Type(Kind.STRUCT, "kubernetes.Semver")
URL = Type(Kind.STRUCT, "kubernetes.URL")
AUTHORIZATION = tuple(
    Type(Kind.STRUCT, f"kubernetes.authorization.{name}")
    for name in ("Authorizer", "PathCheck", "GroupCheck", "ResourceCheck", "Decision")
)

NAMED = {
    t.name: t
    for t in (
        *(BOOL, BYTES, DOUBLE, DURATION, INT, NULL, STRING, TIMESTAMP, TYPE, UINT, DYN),
        *(CIDR, IP, FORMAT, QUANTITY, SEMVER, URL, *AUTHORIZATION),
    )
} | {"duration": DURATION, "timestamp": TIMESTAMP}


@lru_cache(maxsize=4096)
def list_of(element: Type) -> Type:
    """`list(element)`."""
    return Type(Kind.LIST, "list", (element,))


@lru_cache(maxsize=4096)
def map_of(key: Type, value: Type) -> Type:
    """`map(key, value)`."""
    return Type(Kind.MAP, "map", (key, value))


def optional_of(value: Type) -> Type:
    """`optional_type(value)`."""
    return Type(Kind.OPAQUE, "optional_type", (value,))


def type_of(described: Type) -> Type:
    """`type(described)`, the type of a type."""
    return Type(Kind.TYPE, "type", (described,))


def struct(name: str) -> Type:
    """An object type by its name."""
    return Type(Kind.STRUCT, name)


def param(name: str) -> Type:
    """A type parameter of a declaration, or a free variable of the inference."""
    return Type(Kind.TYPE_PARAM, name)


def is_dyn(t: Type) -> bool:
    """Whether anything may be done to the value, as far as the checker is concerned."""
    return t.kind is Kind.DYN or t.kind is Kind.ANY


def is_dyn_or_error(t: Type) -> bool:
    """As `is_dyn`, or an expression that has failed to check."""
    return is_dyn(t) or t.kind is Kind.ERROR


BARE_OPTIONAL = Type(Kind.OPAQUE, "optional_type")
"""What the name `optional_type` stands for: an optional of nothing in particular."""


def unwrap_optional(t: Type) -> tuple[Type, bool]:
    """The type within an optional, and whether it was one."""
    if t.kind is Kind.OPAQUE and t.name == "optional_type" and t.params:
        return t.params[0], True
    return t, False


def equivalent(one: Type, other: Type) -> bool:
    """Equality that does not look at the names of type parameters."""
    if one.kind is not other.kind or len(one.params) != len(other.params):
        return False
    if one.kind is not Kind.TYPE_PARAM and one.name != other.name:
        return False
    return all(map(equivalent, one.params, other.params))
