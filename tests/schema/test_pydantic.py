"""What pydantic's `model_json_schema()` becomes: a definition that is taken, and takes what the models dump."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pydantic_models
import pytest
from live_definitions import refusals
from pydantic import BaseModel

from opgen import schema
from opgen.apiextensions import encode, review_definition, review_object
from opgen.errors import Level
from opgen.ir.definition import Definition
from opgen.schema import Given

if TYPE_CHECKING:
    from envtest import ControlPlane

MODELS = list(pydantic_models.INSTANCES)


def definition_of(model: type[BaseModel]) -> Definition:
    kind = model.__name__.strip("_")
    document = json.dumps(model.model_json_schema(by_alias=True))
    found = schema.load_text(document, f"{kind}.json", Given("models.example.com", "v1", kind))
    assert found.ok, found.diagnostics
    assert all(d.level is Level.WARNING and d.hint for d in found.diagnostics)
    return found.loaded[0].definition


def objects_of(model: type[BaseModel]) -> list[dict[str, Any]]:
    head = {
        "apiVersion": "models.example.com/v1",
        "kind": model.__name__.strip("_"),
        "metadata": {"name": "a"},
    }
    return [
        {**head, "spec": instance.model_dump(mode="json", by_alias=True)}
        for instance in pydantic_models.INSTANCES[model]
    ]


def test_there_are_twenty() -> None:
    assert len(MODELS) == 20


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_become_definitions(model: type[BaseModel]) -> None:
    """Valid, and each instance is stored as it is: nothing pruned, nothing refused."""
    definition = definition_of(model)
    verdict = review_definition(definition)
    assert verdict.allowed, verdict.errors
    for obj in objects_of(model):
        review = review_object(definition, obj)
        assert review.allowed, (obj, review.errors)
        assert review.stored is not None
        assert review.stored["spec"] == obj["spec"]


@pytest.mark.envtest
def test_a_real_server_takes_models_and_instances(control_plane: ControlPlane) -> None:
    kinds = [(encode(definition_of(model)), objects_of(model)) for model in MODELS]
    assert refusals(control_plane, kinds) == []


def test_a_tree_is_refused_with_the_remedy() -> None:
    """A model that holds itself has no counterpart, unless its author cuts it off."""

    class Tree(BaseModel):
        below: list[Tree] = []

    Tree.model_rebuild(_types_namespace={"Tree": Tree})
    document = json.dumps(Tree.model_json_schema())
    found = schema.load_text(document, "tree.json", Given("models.example.com", "v1", "Tree"))
    assert found.diagnostics[0].message == "the schema contains itself: #/$defs/Tree -> #/$defs/Tree"
    assert "x-kubernetes-preserve-unknown-fields" in found.diagnostics[0].hint
