"""Twenty pydantic models as people write them, each with instances of it.

For the tests of what `model_json_schema()` becomes as a custom resource definition: each instance, dumped as JSON,
must be taken. Annotations are evaluated, so there is no `from __future__` here.
"""

import datetime as dt
import enum
import ipaddress
import re
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import (
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    PositiveInt,
    RootModel,
    SecretStr,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict


class Color(enum.StrEnum):
    RED = "red"
    GREEN = "green"


class Priority(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Plain(BaseModel):
    """Scalars, with defaults and without."""

    name: str
    replicas: int = 1
    ratio: float = 0.5
    enabled: bool = True


class Optionals(BaseModel):
    """The ways to say that a value may be missing."""

    a: str | None = None
    b: int | None
    c: list[str | None] | None = None
    d: "Plain | None" = None


class Constrained(BaseModel):
    """Bounds and patterns."""

    port: Annotated[int, Field(gt=0, lt=65536)]
    percent: Annotated[float, Field(ge=0, le=100, multiple_of=0.5)] = 50
    name: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
    tags: Annotated[list[str], Field(min_length=1, max_length=8)]
    count: PositiveInt = 3


class Enums(BaseModel):
    """Enumerations and literals of one kind and of several."""

    color: Color = Color.RED
    priority: Priority
    mode: Literal["fast", "safe"] = "safe"
    only: Literal["this"] = "this"
    level: Literal[1, 2, "max"] = 1
    maybe: Literal["x", None] = None


class Nested(BaseModel):
    """Models in models, in lists and in maps."""

    main: Plain
    others: list[Plain] = []
    by_name: dict[str, Plain] = {}
    by_color: dict[Color, int] = {}


class Times(BaseModel):
    """Everything about time."""

    at: AwareDatetime
    day: dt.date | None = None
    clock: dt.time | None = None
    after: dt.timedelta = dt.timedelta(minutes=5)


class Network(BaseModel):
    """Addresses and identifiers."""

    url: HttpUrl
    any_url: AnyUrl | None = None
    four: ipaddress.IPv4Address
    any_ip: ipaddress.IPv4Address | ipaddress.IPv6Address | None = None
    network: ipaddress.IPv4Network | None = None
    id: uuid.UUID
    path: Path = Path("/data")
    pattern: re.Pattern[str] | None = None


class Numbers(BaseModel):
    """Decimals, sizes and unions of numbers."""

    price: Decimal
    discount: Annotated[Decimal, Field(ge=0, max_digits=5, decimal_places=2)] | None = None
    size: ByteSize = ByteSize(1024)
    either: int | float = 1
    port: int | str = "http"


class Containers(BaseModel):
    """Sets, tuples and open maps."""

    unique: set[int] = set()
    frozen: frozenset[str] = frozenset()
    pair: tuple[int, int] = (1, 2)
    mixed: tuple[str, int] = ("a", 1)
    many: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    extra: dict[str, Any] = {}
    matrix: list[list[float]] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: list[str]


class Discriminated(BaseModel):
    """A union with a tag."""

    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    pets: list[Cat | Dog] = []


class ByFile(BaseModel):
    path: str
    mode: int | None = None


class ByValue(BaseModel):
    value: str
    mode: str | None = None


class Union_(BaseModel):
    """A union without a tag, whose members disagree about a field."""

    source: ByFile | ByValue


class Aliased(BaseModel):
    """Names in camelCase, as Kubernetes has them; nothing else allowed."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    storage_class_name: str = Field(description="Where it is kept.", examples=["standard"])
    access_modes: list[Literal["ReadWriteOnce", "ReadOnlyMany"]] = Field(
        default=["ReadWriteOnce"], max_length=2
    )


class Open(BaseModel):
    """A model that keeps what it does not know."""

    model_config = ConfigDict(extra="allow", title="An open model")

    known: str = "x"


class Untyped(BaseModel):
    """Whatever JSON holds."""

    anything: Any = None
    json_value: JsonValue = None
    thing: object = None
    listed: list[Any] = []
    nothing: None = None


class Secrets(BaseModel):
    """Secrets and bytes."""

    password: SecretStr
    text_bytes: bytes = b"abc"
    encoded: Base64Bytes


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


class Generics(BaseModel):
    """Generic models."""

    plain: Page[Plain]
    numbers: Page[int]


class Labels(RootModel[dict[str, str]]):
    pass


class Names(RootModel[list[str]]):
    pass


class Roots(BaseModel):
    """Root models."""

    labels: Labels
    names: Names = Names([])


@dataclass
class Point:
    x: int
    y: int = 0


class Range(NamedTuple):
    start: int
    end: int


class Settings(TypedDict, total=False):
    debug: bool
    level: int


class Foreign(BaseModel):
    """Dataclasses, named tuples and typed dictionaries."""

    point: Point
    span: Range = Range(0, 1)
    settings: Settings = {}


class Base(BaseModel):
    name: str


class Inherited(Base):
    """Inheritance, computed schemas, deprecation."""

    size: int = Field(default=1, json_schema_extra={"x-order": 3}, deprecated=True)
    title_: str = Field(default="t", title="Title", alias="title")


class Node(BaseModel):
    """A tree, cut off where the author says so."""

    name: str
    children: Annotated[
        list["Node"], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})
    ] = []


PLAIN = Plain(name="a")
ID = uuid.UUID("00000000-0000-4000-8000-000000000001")
INSTANCES: dict[type[BaseModel], list[BaseModel]] = {
    Plain: [PLAIN, Plain(name="b", replicas=3, ratio=1, enabled=False)],
    Optionals: [Optionals(b=None), Optionals(a="x", b=1, c=["y", None], d=PLAIN)],
    Constrained: [
        Constrained(port=80, name="web", tags=["a"]),
        Constrained(port=65535, percent=0.5, name="a", tags=["b"]),
    ],
    Enums: [Enums(priority=Priority.HIGH), Enums(priority=Priority.LOW, color=Color.GREEN, level="max", maybe="x")],
    Nested: [Nested(main=PLAIN), Nested(main=PLAIN, others=[PLAIN], by_name={"x": PLAIN}, by_color={Color.RED: 1})],
    Times: [
        Times(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
        Times(
            at=dt.datetime(2026, 1, 1, 2, 3, 4, 567, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            day=dt.date(2026, 1, 1),
            clock=dt.time(12, 30),
            after=dt.timedelta(days=3, seconds=4.5),
        ),
    ],
    Network: [
        Network(url=HttpUrl("https://example.com"), four=ipaddress.IPv4Address("10.0.0.1"), id=ID),
        Network(
            url=HttpUrl("http://example.com/x?y=z"),
            any_url=AnyUrl("redis://cache:6379/0"),
            four=ipaddress.IPv4Address("10.0.0.1"),
            any_ip=ipaddress.IPv6Address("2001:db8::1"),
            network=ipaddress.IPv4Network("10.0.0.0/8"),
            id=ID,
            pattern=re.compile("^a"),
        ),
    ],
    Numbers: [
        Numbers(price=Decimal("19.99")),
        Numbers(price=Decimal(5), discount=Decimal("0.25"), either=1.5, port=80),
    ],
    Containers: [
        Containers(),
        Containers(unique={1, 2}, frozen=frozenset("a"), mixed=("b", 2), many=("x", "y"), labels={"a": "b"},
                   extra={"any": [1, {"x": None}]}, matrix=[[1.5, 2], []]),
    ],
    Discriminated: [
        Discriminated(pet=Cat(kind="cat")),
        Discriminated(pet=Dog(tricks=["sit"]), pets=[Cat(kind="cat", lives=1), Dog(tricks=[])]),
    ],
    Union_: [Union_(source=ByFile(path="/x", mode=7)), Union_(source=ByValue(value="v", mode="0644"))],
    Aliased: [Aliased(storage_class_name="fast"), Aliased(storage_class_name="", access_modes=["ReadOnlyMany"])],
    Open: [Open(), Open.model_validate({"known": "y", "other": {"deep": [1]}})],
    Untyped: [Untyped(), Untyped(anything={"a": 1}, json_value=[1, "x", None], thing="y", listed=[1, "a"])],
    Secrets: [Secrets(password=SecretStr("p"), encoded=b"aGVsbG8="), Secrets(password=SecretStr(""), encoded=b"YWJj")],
    Generics: [Generics(plain=Page(items=[PLAIN]), numbers=Page(items=[1, 2], total=2))],
    Roots: [Roots(labels=Labels({"a": "b"})), Roots(labels=Labels({}), names=Names(["x"]))],
    Foreign: [Foreign(point=Point(1)), Foreign(point=Point(1, 2), span=Range(3, 4), settings={"debug": True})],
    Inherited: [Inherited(name="n", title="x"), Inherited(name="n", size=4, title="y")],
    Node: [Node(name="a"), Node(name="a", children=[Node(name="b", children=[Node(name="c")])])],
}  # fmt: skip
