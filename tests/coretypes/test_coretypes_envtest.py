"""A real API server takes every built-in type within a CRD."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from opgen import coretypes
from opgen.apiextensions import encode_schema
from opgen.coretypes.lookups import apis
from opgen.ir.schema import CoreRef

if TYPE_CHECKING:
    from envtest import ControlPlane

# Few enough that a CRD stays below the size that the server takes.
TOGETHER = 20


def definition(schemas: dict[str, Any]) -> dict[str, Any]:
    spec = {"type": "object", "properties": schemas}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
    }
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.coretypes.example.com"},
        "spec": {
            "group": "coretypes.example.com",
            "scope": "Namespaced",
            "names": names,
            "versions": [version],
        },
    }


@pytest.mark.envtest
def test_a_real_server_takes_every_type(control_plane: ControlPlane) -> None:
    found = (coretypes.lookup(CoreRef(api, name)) for api in apis() for name in coretypes.names(api))
    schemas = {
        f"t{number}": encode_schema(schema) for number, schema in enumerate(found) if schema is not None
    }
    assert len(schemas) > 450
    names = sorted(schemas)
    for first in range(0, len(names), TOGETHER):
        crd = definition({name: schemas[name] for name in names[first : first + TOGETHER]})
        request = urllib.request.Request(
            f"{control_plane.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            "?dryRun=All&fieldValidation=Strict",
            data=json.dumps(crd).encode(),
            headers={"Authorization": f"Bearer {control_plane.token}", "Content-Type": "application/json"},
        )
        context = ssl.create_default_context(cafile=str(control_plane.ca_file))
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                assert answer.status == 201
        except urllib.error.HTTPError as err:
            pytest.fail(json.loads(err.read())["message"])
