"""What names mean in an expression: variables, the fields of object types, names of types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.apiextensions.cel import dynamic, types
from opgen.apiextensions.cel.declarations import Overload, functions
from opgen.apiextensions.cel.escaping import RESERVED
from opgen.apiextensions.cel.types import Type, type_of
from opgen.apiextensions.cel.values import Unsupported

# Identifiers that stand for a type: what the checker infers for them and what they are called at run time.
_TYPE_IDENTS: dict[str, tuple[Type, str]] = {
    "bool": (type_of(types.BOOL), "bool"),
    "bytes": (type_of(types.BYTES), "bytes"),
    "double": (type_of(types.DOUBLE), "double"),
    "int": (type_of(types.INT), "int"),
    "uint": (type_of(types.UINT), "uint"),
    "string": (type_of(types.STRING), "string"),
    "null_type": (type_of(types.NULL), "null_type"),
    "type": (type_of(types.TYPE), "type"),
    "list": (type_of(types.list_of(types.param("A"))), "list"),
    "map": (type_of(types.map_of(types.param("A"), types.param("B"))), "map"),
    "google.protobuf.Duration": (type_of(types.DURATION), "google.protobuf.Duration"),
    "google.protobuf.Timestamp": (type_of(types.TIMESTAMP), "google.protobuf.Timestamp"),
    # The checker knows these two, the server's planner does not.
    "duration": (type_of(types.DURATION), ""),
    "timestamp": (type_of(types.TIMESTAMP), ""),
    "net.IP": (type_of(types.IP), "net.IP"),
    "net.CIDR": (type_of(types.CIDR), "net.CIDR"),
    "optional_type": (type_of(types.BARE_OPTIONAL), "optional_type"),
}


@dataclass(frozen=True, slots=True)
class Environment:
    """Declarations that a rule sees beyond the function table.

    `structs` maps the name of each object type to its fields, as CEL names them (escaped). `makes_patches` says
    whether `Object{...}` and `JSONPatch{...}` can be made.
    """

    variables: Mapping[str, Type] = field(default_factory=dict)
    structs: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    makes_patches: bool = False

    def overloads(self, function: str) -> tuple[Overload, ...] | None:
        """The signatures of a function; None if there is none of that name."""
        found = functions().get(function)
        return dynamic.FUNCTIONS.get(function) if found is None and self.makes_patches else found

    def ident(self, name: str) -> tuple[str, Type, str] | None:
        """Resolved name, type and, for the name of a type, its run-time name."""
        name = name.removeprefix(".")
        if name in self.variables:
            return name, self.variables[name], ""
        if name in _TYPE_IDENTS:
            found, runtime = _TYPE_IDENTS[name]
            return name, found, runtime
        if self.makes_patches and dynamic.is_message(name):
            return name, types.type_of(types.struct(name)), name
        if name.startswith("google.protobuf."):
            raise Unsupported(f"the protocol buffer type {name}")
        return None

    def has_struct(self, name: str) -> bool:
        """Whether an object type is known."""
        return name in self.structs or (self.makes_patches and dynamic.is_message(name))

    def field(self, struct: str, name: str) -> Type | None:
        """The type of an object's field, by its identifier; reserved words go by their own names too."""
        if self.makes_patches and dynamic.is_message(struct):
            return dynamic.field_type(struct, name)
        fields = self.structs.get(struct, {})
        found = fields.get(name)
        return fields.get(f"__{name}__") if found is None and name in RESERVED else found
