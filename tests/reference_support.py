"""A kind with one of everything that the reference shows."""

from __future__ import annotations

from opgen.emit.reference import Subject
from opgen.ir.definition import Definition
from opgen.schema import load_text

WIDGET = """\
group: shop.example.com
version: v1
kind: Widget
shortNames: [wdg]
scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
printerColumns:
  Size: {type: integer, jsonPath: .spec.replicas, description: How many <there are>}
description: |
  A widget & its parts, see https://example.com/widgets?a=1&b=2.

  Second paragraph with `code | and` a list:
  - one
  - two
specConstraints:
  rules:
    - {rule: "self.replicas <= self.limit", message: no more than the limit}
spec:
  replicas: {type: int32, minimum: 1, maximum: 9, default: 3}
  limit: {type: int32!, description: "The *most* that <b>may</b> run."}
  mode: {type: string, enum: [Fast, Safe]}
  name: {type: string, pattern: "^[a-z|]+$", maxLength: 63}
  ports:
    type: list
    mapKeys: [name]
    items:
      fields:
        name: string!
        port: {type: int-or-string, description: A port by number or name.}
  tags: {type: map<string>, description: Words by name.}
  nested: {fields: {deep: {fields: {leaf: {type: string, description: Found far below.}}}}}
  template: {ref: core/v1.PodTemplateSpec}
status:
  replicas: int32
"""


def widget() -> Subject:
    """The kind with a sample."""
    return Subject(definition(), {("v1", "minimal"): "kind: Widget\nspec:\n  limit: 3\n"})


def definition() -> Definition:
    """The kind read from its concise form."""
    found = load_text(WIDGET, "widget.yaml")
    assert found.ok, found.diagnostics
    return found.loaded[0].definition
