"""Which status the skeleton may write: only one that the API server takes."""

from __future__ import annotations

import pytest

from opgen import schema
from opgen.emit.conditions import takes_observed_generation, takes_ready_condition
from opgen.ir.definition import Version

CONDITIONS = "    conditions: list<meta/v1.Condition>\n"
OBSERVED = "    observedGeneration: int64\n"


def version(status: str) -> Version:
    text = f"group: g.io\nkind: Widget\nversions:\n- name: v1\n  spec: {{}}\n  status:\n{status}"
    found = schema.load_text(text, "w.yaml")
    assert found.ok, found.diagnostics
    return found.loaded[0].definition.versions[0]


@pytest.mark.parametrize(
    ("status", "observed", "ready"),
    [
        (OBSERVED + CONDITIONS, True, True),
        (CONDITIONS, False, True),
        (OBSERVED, True, False),
        (OBSERVED + CONDITIONS + "    podName: string!\n", False, False),
        (OBSERVED + "    podName: string!\n", False, False),
        (OBSERVED.replace("int64", "string"), False, False),
        (OBSERVED + CONDITIONS + "  statusConstraints: {rules: [has(self.conditions)]}\n", True, True),
        (
            OBSERVED + CONDITIONS + "  statusConstraints: {rules: [self.observedGeneration > 5]}\n",
            False,
            False,
        ),
        (OBSERVED + "  statusConstraints: {rules: [self == oldSelf]}\n", False, False),
    ],
)
def test_what_the_skeleton_writes(status: str, observed: bool, ready: bool) -> None:
    """Another required field, or a rule, and the status is left to the user."""
    made = version(status)
    assert (takes_observed_generation(made), takes_ready_condition(made)) == (observed, ready)
