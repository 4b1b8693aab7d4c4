"""Kubernetes' own types by their looks: the name of a field and the fields below it suggest one, the values decide.

A type is taken only where every value seen is valid under it and nothing of it would be dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from opgen.apiextensions import review_object
from opgen.coretypes import lookup
from opgen.ir.definition import Definition, Names, Version
from opgen.ir.schema import CoreRef, Schema
from opgen.schema.example.shapes import Shape

# A field's name at its end, what one of its objects must hold, and the type that it then may be.
_SUGGESTED: tuple[tuple[str, frozenset[str], str], ...] = tuple(
    (name, frozenset(keys.split()), type_)
    for name, keys, type_ in (
        ("template", "spec", "core/v1.PodTemplateSpec"),
        ("(pod)?spec", "containers", "core/v1.PodSpec"),
        ("template", "containers", "core/v1.PodSpec"),
        ("jobtemplate", "spec", "batch/v1.JobTemplateSpec"),
        ("containers|sidecars", "name image", "core/v1.Container"),
        ("resources", "", "core/v1.ResourceRequirements"),
        (".*selector", "matchLabels", "meta/v1.LabelSelector"),
        (".*selector", "matchExpressions", "meta/v1.LabelSelector"),
        (".*selector", "nodeSelectorTerms", "core/v1.NodeSelector"),
        (".*affinity", "", "core/v1.Affinity"),
        ("tolerations?", "", "core/v1.Toleration"),
        ("topologyspreadconstraints?", "topologyKey", "core/v1.TopologySpreadConstraint"),
        (".*env(ironment)?|.*envvars?", "name", "core/v1.EnvVar"),
        (".*envfrom", "", "core/v1.EnvFromSource"),
        (".*volumes", "name", "core/v1.Volume"),
        (".*volumemounts?", "name mountPath", "core/v1.VolumeMount"),
        (".*volumeclaimtemplates?", "spec", "core/v1.PersistentVolumeClaim"),
        (".*(volume|storage|data|pvc).*", "accessModes", "core/v1.PersistentVolumeClaimSpec"),
        (".*volumesource|.*volume", "", "core/v1.VolumeSource"),
        (".*ports?", "containerPort", "core/v1.ContainerPort"),
        (".*ports?", "port targetPort", "core/v1.ServicePort"),
        (".*securitycontext", "fsGroup", "core/v1.PodSecurityContext"),
        (".*securitycontext", "", "core/v1.SecurityContext"),
        (".*probe", "", "core/v1.Probe"),
        (".*lifecycle", "", "core/v1.Lifecycle"),
        (".*imagepullsecrets?", "name", "core/v1.LocalObjectReference"),
        (".*secret(key)?(ref|selector)?", "name key", "core/v1.SecretKeySelector"),
        (".*configmap(key)?(ref|selector)?", "name key", "core/v1.ConfigMapKeySelector"),
        ("valuefrom", "", "core/v1.EnvVarSource"),
        ("conditions", "type status", "meta/v1.Condition"),
        ("ownerreferences?", "uid", "meta/v1.OwnerReference"),
        ("(involved|target)?object(ref|reference)?", "kind name", "core/v1.ObjectReference"),
        ("strategy|updatestrategy", "rollingUpdate", "apps/v1.DeploymentStrategy"),
        ("behavior", "", "autoscaling/v2.HorizontalPodAutoscalerBehavior"),
    )
)


def core_type(name: str, shape: Shape) -> CoreRef | None:
    """The built-in type of the objects at a place, or None. `name` is the field's, of the list for its items."""
    values = shape.objects
    if shape.kinds != {"object"} or shape.nullable or not any(values):
        return None
    for ref in _suggested(name.lower(), shape):
        schema = lookup(ref)
        if schema is not None and _fits(ref, schema, values):
            return ref
    return None


def _suggested(name: str, shape: Shape) -> Iterator[CoreRef]:
    for pattern, keys, type_ in _SUGGESTED:
        if re.fullmatch(pattern, name) and keys <= shape.fields.keys():
            api, _, short = type_.partition(".")
            yield CoreRef(api, short)


def _fits(ref: CoreRef, schema: Schema, values: list[dict[str, Any]]) -> bool:
    if not schema.properties or any(value.keys() - schema.properties.keys() for value in values):
        return False
    definition = _definition(ref)
    head: dict[str, Any] = {
        "apiVersion": "example.com/v1",
        "kind": "Example",
        "metadata": {"name": "example"},
    }
    return all(review_object(definition, {**head, "spec": value}).allowed for value in values)


@cache
def _definition(ref: CoreRef) -> Definition:
    """A kind whose spec is of the type."""
    schema = Schema(type="object", properties={"spec": lookup(ref) or Schema()})
    version = Version(name="v1", served=True, storage=True, schema=schema)
    names = Names("examples", "example", "Example", "ExampleList")
    return Definition("examples.example.com", "example.com", names, "Namespaced", (version,))
