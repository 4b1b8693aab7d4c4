"""Reading a CustomResourceDefinition: what the server would lose is said, at its line; a status is the server's."""

from __future__ import annotations

from opgen import schema
from opgen.errors import Level

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {plural: widgets, kind: Widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          tags:
            type: array
            items:
              type: string
              const: x
status:
  storedVersions: [v0]
"""


def test_a_keyword_that_vanishes_without_a_word_is_a_warning_at_its_line() -> None:
    found = schema.load_text(CRD, "widget.yaml")
    (finding,) = found.diagnostics
    assert found.loaded[0].definition.stored_versions == ("v1",)
    assert (finding.level, finding.code, finding.line) == (Level.WARNING, "OPG302", 20)
    assert finding.path.endswith("properties.tags.items.const")
