"""The first rules file of a kind: its samples, and a refused case as a comment."""

from __future__ import annotations

from pathlib import Path

import yaml

from opgen.emit.rules import rules_source
from opgen.ir.project import ProjectResource
from opgen.ir.schema import Schema, ValidationRule
from opgen.testing.rules import read_rules

WIDGET = ProjectResource("shop", "example.com", "v1", "Widget", "widgets")
SAMPLES = {"minimal": "../../a.yaml", "full": "../../a_full.yaml"}


def with_rules(*rules: ValidationRule) -> Schema:
    item = Schema(type="object", x_validations=rules)
    spec = Schema(type="object", properties={"ports": Schema(type="array", items=item)})
    status = Schema(type="object", x_validations=(ValidationRule("true"),))
    return Schema(type="object", properties={"spec": spec, "status": status})


def uncommented(text: str) -> str:
    """The file with its example as a case."""
    head, _, example = text.partition("# This one is to be refused")
    return head + "\n".join(line.removeprefix("# ") for line in example.splitlines()[1:])


def test_without_rules_the_samples_are_all() -> None:
    text = rules_source(WIDGET, with_rules(), SAMPLES)
    assert yaml.safe_load(text) == {
        "apiVersion": "shop.example.com/v1",
        "kind": "Widget",
        "cases": [
            {"name": "the minimal sample is accepted", "file": "../../a.yaml"},
            {"name": "the full sample is accepted", "file": "../../a_full.yaml"},
        ],
    }
    assert "refused" not in text


def test_the_first_rule_is_shown_where_it_holds() -> None:
    rule = ValidationRule("self.a <= self.b", message='a is: at most "b"', field_path=".a")
    text = rules_source(WIDGET, with_rules(rule), SAMPLES)
    assert "the rule `self.a <= self.b`" in text
    cases = yaml.safe_load(uncommented(text))["cases"]
    assert cases[2] == {
        "name": 'refused: a is: at most "b"',
        "file": "../../a.yaml",
        "patch": {"spec": {}},
        "refused": [{"field": "spec.ports[0].a", "message": 'a is: at most "b"'}],
    }


def test_a_rule_about_a_change_gets_an_old_object(tmp_path: Path) -> None:
    text = rules_source(WIDGET, with_rules(ValidationRule("self ==\n  oldSelf")), {})
    cases = yaml.safe_load(uncommented(text.replace("cases: []", "cases:")))["cases"]
    assert cases[0]["old"] == {"patch": {"spec": {}}}
    assert cases[0]["refused"][0]["message"] == "failed rule: self =="
    (tmp_path / "widget.yaml").write_text(uncommented(text.replace("cases: []", "cases:")))
    (case,) = read_rules(tmp_path / "widget.yaml")
    assert case.object == case.old == {"spec": {}}
