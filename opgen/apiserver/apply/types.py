"""The shape of an object as structured merge sees it: scalars, maps and lists, atomic or by their items.

Made from a structural schema once and kept. Where no schema says otherwise, the shape is deduced from the
value: maps by their keys, lists as a whole.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from opgen.ir.schema import Schema

Structs = Mapping[str, tuple[str, ...]]


class Form(enum.Enum):
    """How two values of a node are compared and merged."""

    SCALAR = 1
    MAP = 2
    LIST = 3
    DEDUCED = 4


class Node:
    """One node's shape. `fields` are the declared ones, `element` what all others (or list items) have.

    `keys` makes a list associative by those fields; `values` one by its scalar items. `base` marks a map that
    is there even when it is empty (a struct field that isn't a pointer in Go), `closed` one without other
    fields than the declared. `scalar` is string, numeric or boolean, empty for any. `zeros` are the fields of
    a built-in kind's struct that are always written, with their zero values.
    """

    __slots__ = (
        "atomic",
        "base",
        "closed",
        "defaults",
        "element",
        "fields",
        "form",
        "keys",
        "scalar",
        "values",
        "zeros",
    )

    def __init__(
        self,
        form: Form,
        *,
        fields: dict[str, Node] | None = None,
        element: Node | None = None,
        atomic: bool = False,
        keys: tuple[str, ...] = (),
        values: bool = False,
        base: bool = False,
        defaults: dict[str, Any] | None = None,
        closed: bool = False,
        scalar: str = "",
        zeros: dict[str, Any] | None = None,
    ) -> None:
        self.form = form
        self.fields: dict[str, Node] = fields if fields is not None else {}
        self.element = element
        self.atomic = atomic
        self.keys = keys
        self.values = values
        self.base = base
        self.closed = closed
        self.scalar = scalar
        self.zeros: dict[str, Any] = zeros if zeros is not None else {}
        self.defaults: dict[str, Any] = defaults if defaults is not None else {}

    def field(self, name: str) -> Node:
        """The shape of a map's value under `name`."""
        found = self.fields.get(name)
        if found is not None:
            return found
        return self.element or DEDUCED

    def item(self) -> Node:
        """The shape of a list's items."""
        return self.element or DEDUCED

    @property
    def associative(self) -> bool:
        return bool(self.keys) or self.values


SCALAR = Node(Form.SCALAR)
_SCALARS = {
    "string": Node(Form.SCALAR, scalar="string"),
    "integer": Node(Form.SCALAR, scalar="numeric"),
    "number": Node(Form.SCALAR, scalar="numeric"),
    "boolean": Node(Form.SCALAR, scalar="boolean"),
}
DEDUCED = Node(Form.DEDUCED)
DEDUCED_LIST = Node(Form.LIST, atomic=True)
DEDUCED_MAP = Node(Form.MAP)
_ATOMIC_MAP = Node(Form.MAP, atomic=True)
_SCALAR_MAP = Node(Form.MAP, element=_SCALARS["string"])
_ATOMIC_LIST = Node(Form.LIST, atomic=True)
_SCALAR_SET = Node(Form.LIST, element=_SCALARS["string"], values=True)

_OWNER = Node(
    Form.MAP,
    atomic=True,
    closed=True,
    fields={
        **dict.fromkeys(("apiVersion", "kind", "name", "uid"), _SCALARS["string"]),
        **dict.fromkeys(("blockOwnerDeletion", "controller"), _SCALARS["boolean"]),
    },
)
OBJECT_META = Node(
    Form.MAP,
    base=True,
    closed=True,
    fields={
        "annotations": _SCALAR_MAP,
        "labels": _SCALAR_MAP,
        "finalizers": _SCALAR_SET,
        "ownerReferences": Node(Form.LIST, keys=("uid",), element=_OWNER),
        "managedFields": _ATOMIC_LIST,
        **dict.fromkeys(
            ("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"), _SCALARS["string"]
        ),
        **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), _SCALARS["integer"]),
        **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), SCALAR),
    },
)


_ZERO_FIELDS = {
    "Event": (
        "reportingComponent",
        "reportingInstance",
        "eventTime",
        "deprecatedFirstTimestamp",
        "deprecatedLastTimestamp",
    ),
    "Role": ("rules",),
    "ClusterRole": ("rules",),
    "HorizontalPodAutoscalerStatus": ("currentMetrics",),
    "StatefulSetStatus": ("availableReplicas",),
    "PodDisruptionBudgetStatus": ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"),
    "DeploymentCondition": ("lastTransitionTime", "lastUpdateTime"),
}
"""Fields that are always written although schemas don't require them, by type."""
_ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}


_NULLS = {"EndpointSlice": ("ports",)}
"""Lists that are written as null when they are empty, and are nobody's then."""


_OMITTED = {"ValidatingAdmissionPolicyBindingSpec": ("policyName", "validationActions")}
"""Fields that schemas require, and that aren't written all the same when they are empty."""


def zero_fields(schema: Schema) -> tuple[str, ...]:
    """The fields of a built-in type that are written even when they are empty, structs aside."""
    name = schema.ref.name if schema.ref is not None else ""
    required = schema.required
    if name in _OMITTED:
        required = tuple(field for field in required if field not in _OMITTED[name])
    return (*required, *_ZERO_FIELDS.get(name, ()), *_NULLS.get(name, ()))


def zero(schema: Schema) -> Any:
    """What an unset field of that schema is written as."""
    if schema.x_int_or_string or schema.format == "date-time":
        return None
    return _ZEROS.get(schema.type)


def resolve(node: Node, value: Any) -> Node:
    """The node itself, or for a deduced one the shape that the value has."""
    if node.form is not Form.DEDUCED:
        return node
    if isinstance(value, dict):
        return DEDUCED_MAP
    if isinstance(value, list):
        return DEDUCED_LIST
    return SCALAR


def object_node(schema: Schema | None, structs: Structs | None = None) -> Node:
    """A whole object's shape: the schema's, with apiVersion, kind and metadata as every object has them.

    `structs` names the struct fields of a built-in kind's types that are there even when they are empty.
    """
    fields: dict[str, Node] = {}
    element: Node | None = None
    closed = False
    if schema is not None:
        root = _node(schema, structs or {})
        fields, element, closed = dict(root.fields), root.element, root.closed
    fields |= {"apiVersion": SCALAR, "kind": SCALAR, "metadata": OBJECT_META}
    return Node(Form.MAP, fields=fields, element=element, closed=closed)


def _node(schema: Schema, structs: Structs, *, base: bool = False) -> Node:
    if schema.x_int_or_string:
        return SCALAR
    match schema.type:
        case "array":
            return _list(schema, structs)
        case "object" | "":
            return _map(schema, structs, base=base)
        case _:
            return _SCALARS.get(schema.type, SCALAR)


def _list(schema: Schema, structs: Structs) -> Node:
    item = _node(schema.items, structs) if schema.items is not None else DEDUCED
    if schema.x_list_type == "map":
        return Node(Form.LIST, element=item, keys=schema.x_list_map_keys)
    if schema.x_list_type == "set":
        return Node(Form.LIST, element=item, values=True)
    return Node(Form.LIST, element=item, atomic=True)


_KEYS: dict[str, dict[str, tuple[str, ...]]] = {"ServiceAccount": {"secrets": ("name",)}}
"""Lists that the server merges by keys which nobody has to give, as no definition could have them."""


def _map(schema: Schema, structs: Structs, *, base: bool) -> Node:
    if schema.ref is not None and schema.ref.name == "RawExtension":
        return Node(Form.MAP, element=DEDUCED, atomic=True)
    if not schema.type and not schema.properties and not isinstance(schema.additional_properties, Schema):
        return DEDUCED
    always = structs.get(schema.ref.name, ()) if schema.ref is not None else ()
    fields = {name: _node(child, structs, base=name in always) for name, child in schema.properties.items()}
    if schema.x_embedded_resource:
        fields |= {"apiVersion": SCALAR, "kind": SCALAR, "metadata": OBJECT_META}
    for name, keys in _KEYS.get(schema.ref.name if schema.ref is not None else "", {}).items():
        fields[name] = Node(Form.LIST, element=fields[name].element, keys=keys)
    element: Node | None = None
    if isinstance(schema.additional_properties, Schema):
        element = _node(schema.additional_properties, structs)
    zeros = {name: zero(schema.properties[name]) for name in zero_fields(schema) if name in fields}
    defaults: dict[str, Any] = {
        name: child.default.json for name, child in schema.properties.items() if child.default is not None
    }
    if schema.ref is not None:  # what Go always writes defaults to its zero
        defaults = {name: value for name, value in zeros.items() if value is not None} | defaults
    return Node(
        Form.MAP,
        fields=fields,
        element=element,
        atomic=schema.x_map_type == "atomic",
        base=base,
        defaults=defaults,
        zeros={
            name: value
            for name, value in zeros.items()
            if name not in _NULLS.get(schema.ref.name if schema.ref else "", ())
        },
        closed=bool(fields) and element is None and not schema.x_preserve_unknown_fields,
    )
