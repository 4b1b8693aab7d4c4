"""What expressions of admission see: the names of variables, and the types of those that the server declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.types import Type

VARIABLES = (
    "object",
    "oldObject",
    "request",
    "namespaceObject",
    "params",
    "authorizer",
    "authorizer.requestResource",
    "variables",
)
"""In the order in which values are handed to programs."""

_TEXT, _TEXTS = types.STRING, types.list_of(types.STRING)
_TEXT_MAP = types.map_of(types.STRING, types.STRING)
_KIND = {"group": _TEXT, "version": _TEXT, "kind": _TEXT}
_RESOURCE = {"group": _TEXT, "version": _TEXT, "resource": _TEXT}
_kind, _resource = (
    types.struct("kubernetes.GroupVersionKind"),
    types.struct("kubernetes.GroupVersionResource"),
)

_STRUCTS: dict[str, dict[str, Type]] = {
    "kubernetes.GroupVersionKind": _KIND,
    "kubernetes.GroupVersionResource": _RESOURCE,
    "kubernetes.UserInfo": {
        "username": _TEXT,
        "uid": _TEXT,
        "groups": _TEXTS,
        "extra": types.map_of(types.STRING, _TEXTS),
    },
    "kubernetes.AdmissionRequest": {
        "kind": _kind,
        "resource": _resource,
        "subResource": _TEXT,
        "requestKind": _kind,
        "requestResource": _resource,
        "requestSubResource": _TEXT,
        "name": _TEXT,
        "namespace": _TEXT,
        "operation": _TEXT,
        "userInfo": types.struct("kubernetes.UserInfo"),
        "dryRun": types.BOOL,
        "options": types.DYN,
    },
    "kubernetes.Namespace": {
        "metadata": types.struct("kubernetes.NamespaceMetadata"),
        "spec": types.struct("kubernetes.NamespaceSpec"),
        "status": types.struct("kubernetes.NamespaceStatus"),
    },
    "kubernetes.NamespaceMetadata": {
        "name": _TEXT,
        "generateName": _TEXT,
        "namespace": _TEXT,
        "labels": _TEXT_MAP,
        "annotations": _TEXT_MAP,
        "UID": _TEXT,
        "creationTimestamp": types.TIMESTAMP,
        "deletionGracePeriodSeconds": types.INT,
        "deletionTimestamp": types.TIMESTAMP,
        "generation": types.INT,
        "resourceVersion": _TEXT,
        "finalizers": _TEXTS,
    },
    "kubernetes.NamespaceSpec": {"finalizers": _TEXTS},
    "kubernetes.NamespaceStatus": {
        "conditions": types.list_of(types.struct("kubernetes.NamespaceCondition")),
        "phase": _TEXT,
    },
    "kubernetes.NamespaceCondition": {
        "status": _TEXT,
        "type": _TEXT,
        "lastTransitionTime": types.TIMESTAMP,
        "message": _TEXT,
        "reason": _TEXT,
    },
}
_COMPOSITION = "kubernetes.variables"
_AUTHORIZER, _, _, _CHECK, _ = types.AUTHORIZATION

Fields = tuple[tuple[str, Type], ...]


@dataclass(frozen=True, slots=True)
class Sees:
    """What an expression may name beyond the objects and the request.

    `variables` are the names and types of those composed before it; None where there are none at all.
    """

    params: bool = False
    authorizer: bool = True
    patches: bool = False
    variables: Fields | None = None


@lru_cache(maxsize=256)
def environment(sees: Sees) -> Environment:
    """The declarations for an expression."""
    variables: dict[str, Type] = {
        "object": types.DYN,
        "oldObject": types.DYN,
        "namespaceObject": types.struct("kubernetes.Namespace"),
        "request": types.struct("kubernetes.AdmissionRequest"),
    }
    structs: dict[str, Mapping[str, Type]] = dict(_STRUCTS)
    if sees.params:
        variables["params"] = types.DYN
    if sees.authorizer:
        variables |= {"authorizer": _AUTHORIZER, "authorizer.requestResource": _CHECK}
    if sees.variables is not None:
        variables["variables"] = types.struct(_COMPOSITION)
        structs[_COMPOSITION] = dict(sees.variables)
    return Environment(variables, structs, makes_patches=sees.patches)


def composed(found: Type) -> Type:
    """The type that a variable has for others, of what its expression comes to: messages are not known to them."""
    match found.kind:
        case types.Kind.LIST | types.Kind.MAP:
            params = tuple(map(composed, found.params))
            return types.list_of(*params) if len(params) == 1 else types.map_of(params[0], params[1])
        case (
            types.Kind.BOOL
            | types.Kind.BYTES
            | types.Kind.DOUBLE
            | types.Kind.DURATION
            | types.Kind.INT
            | types.Kind.NULL
            | types.Kind.STRING
            | types.Kind.TIMESTAMP
            | types.Kind.UINT
        ):
            return found
        case _:
            return types.DYN
