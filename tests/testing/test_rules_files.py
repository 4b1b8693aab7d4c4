"""tests/rules/*.yaml: each case a test, on whichever server; failures that say what the server's rules said."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen.errors import InputError
from opgen.testing.rules import read_rules

pytest_plugins = ["pytester"]

CONFIG = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.rules.example.com}}
spec:
  group: rules.example.com
  scope: {scope}
  names: {{plural: {plural}, kind: {kind}}}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {{status: {{}}}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {{type: integer, minimum: 1, default: 1}}
              limit: {{type: integer}}
              ports: {{type: array, maxItems: 2, items: {{type: integer}}}}
            x-kubernetes-validations:
            - {{rule: "!has(self.limit) || self.size <= self.limit", message: size is above its limit}}
            - {{rule: "self.size >= oldSelf.size", message: size never shrinks}}
          status: {{type: object, properties: {{ready: {{type: boolean}}}}}}
"""
RULES = """
apiVersion: rules.example.com/v1
kind: Widget
cases:
- name: a default is stored
  object: {spec: {}}
  stored: {spec: {size: 1, limit: null}}
- name: the sample
  file: ../../sample.yaml
  accepted: true
- name: a patch takes a field away
  file: ../../sample.yaml
  patch: {spec: {limit: null, size: 9}}
- name: below the minimum
  object: {spec: {size: 0}}
  refused: {field: spec.size, message: greater than or equal to 1}
- name: two reasons
  object: {spec: {size: 0, ports: [1, 2, 3]}}
  refused:
  - {field: spec.size}
  - must have at most 2 items
- name: a rule
  file: ../../sample.yaml
  patch: {spec: {size: 9}}
  refused: size is above its limit
- name: for whatever reason
  object: {spec: {size: text}}
  refused: true
- name: it may grow
  file: ../../sample.yaml
  patch: {spec: {size: 3}}
  old: {patch: {spec: {size: 2}}}
- name: it may not shrink
  file: ../../sample.yaml
  old: {object: {spec: {size: 3}}}
  refused: [{field: spec, message: size never shrinks}]
- name: an unknown field
  object: {spec: {sise: 1}}
  refused: unknown field "spec.sise"
- name: an unknown field in a lenient request
  object: {spec: {sise: 1}}
  fieldValidation: Ignore
  stored: {spec: {sise: null}}
- name: a status
  object: {spec: {}, status: {ready: true}}
  subresource: status
  stored: {status: {ready: true}}
- name: a status of the wrong type
  object: {spec: {}, status: {ready: 1}}
  subresource: status
  refused: {field: status.ready}
- name: a status after another
  object: {spec: {}, status: {ready: false}}
  old: {object: {spec: {}, status: {ready: true}}}
  subresource: status
"""
SAMPLE = """
apiVersion: rules.example.com/v1
kind: Widget
metadata: {name: sample, namespace: elsewhere}
spec: {size: 2, limit: 4}
"""
WRONG = """
apiVersion: rules.example.com/v1
kind: Widget
cases:
- name: was to be accepted
  object: {spec: {size: 0}}
- name: was to be refused
  object: {spec: {size: 1}}
  refused: true
- name: another reason
  object: {spec: {size: 5, limit: 4}}
  refused: no such thing
- name: stored otherwise
  object: {spec: {}}
  stored: {spec: {size: 2, more: 1}}
- name: a bad beginning
  object: {spec: {size: 1}}
  old: {object: {spec: {size: 0}}}
"""
CLUSTER = """
apiVersion: rules.example.com/v1
kind: Gadget
cases:
- {name: created, object: {spec: {}}}
- {name: grows, object: {spec: {size: 2}}, old: {object: {spec: {size: 1}}}}
- {name: grows again, object: {spec: {size: 2}}, old: {object: {spec: {size: 1}}}}
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".ini", pytest=CONFIG)
    bases = pytester.path / "config" / "crd" / "bases"
    bases.mkdir(parents=True)
    (bases / "widgets.yaml").write_text(CRD.format(kind="Widget", plural="widgets", scope="Namespaced"))
    (bases / "gadgets.yaml").write_text(CRD.format(kind="Gadget", plural="gadgets", scope="Cluster"))
    (pytester.path / "sample.yaml").write_text(SAMPLE)
    folder = pytester.path / "tests" / "rules"
    folder.mkdir(parents=True)
    (folder / "widget.yaml").write_text(RULES)
    (folder / "gadget.yaml").write_text(CLUSTER)
    return pytester


def test_each_case_is_a_test(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("-v")
    result.assert_outcomes(passed=17)
    result.stdout.fnmatch_lines(["tests/rules/widget.yaml::test_rule?a default is stored? PASSED*"])
    assert project.runpytest_inprocess("-k", "shrink").parseoutcomes() == {"passed": 1, "deselected": 16}


@pytest.mark.envtest
def test_a_real_server_says_the_same(
    project: pytest.Pytester, envtest_assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(envtest_assets))
    project.runpytest_subprocess("--opgen-server", "envtest").assert_outcomes(passed=17)


def test_a_failure_says_what_the_rules_said(project: pytest.Pytester) -> None:
    (project.path / "tests" / "rules" / "widget.yaml").write_text(WRONG)
    (project.path / "tests" / "rules" / "gadget.yaml").unlink()
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=5)
    result.stdout.fnmatch_lines(
        [
            "tests/rules/widget.yaml:5: was to be accepted",
            "  it was to be accepted",
            "the server refuses the object, created:",
            "  spec.size: Invalid value: 0: *",
            "    size: 0",
            "tests/rules/widget.yaml:7: was to be refused",
            "  it was to be refused",
            "the server accepts the object, created; it would store:",
            "  the server does not say: no such thing",
            "  the case does not expect: spec: Invalid value: size is above its limit",
            "  spec.size is stored as 1, not 2",
            "  spec.more is not stored",
            "  the old object is refused:",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "rules_items.py" not in result.stdout.str()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds 0 documents"),
        ("a: [1", "YAML syntax"),
        ("- 1", "is not a mapping"),
        ("apiVersion: x/v1\nkind: A\ncases: {}", "cases is not a list"),
        ("apiVersion: x/v1\nkind: A\ncases: []\nmore: 1", "more is not known here"),
        ("kind: A\ncases: []", "apiVersion is missing"),
        ("apiVersion: x/v1\nkind: A\ncases: [{objekt: {}}]", "objekt is not known here"),
        ("apiVersion: x/v1\nkind: A\ncases: [{name: a}]", "an object is needed"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, file: a}]", "exclude one another"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: 1}]", "object is not a mapping"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, patch: 1}]", "patch is not a mapping"),
        ("apiVersion: x/v1\nkind: A\ncases: [{file: gone.yaml}]", "gone.yaml: no such file"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, accepted: maybe}]", "accepted is true or false"),
        (
            "apiVersion: x/v1\nkind: A\ncases: [{object: {}, accepted: true, refused: x}]",
            "exclude one another",
        ),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, refused: x, stored: {}}]", "nothing is stored"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, refused: [{why: x}]}]", "why is not known here"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, subresource: scale}]", "subresource is status"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, fieldValidation: Some}]", "Strict, Warn or Ignore"),
        ("apiVersion: x/v1\nkind: A\ncases: [{object: {}, stored: 1}]", "stored is not a mapping"),
        (
            "apiVersion: x/v1\nkind: A\ncases: [{name: a, object: {}}, {name: a, object: {}}]",
            "there is a case 'a' above",
        ),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_rules(path, "tests/rules/a.yaml")
    assert any(says in str(diagnostic) for diagnostic in caught.value.diagnostics)
    assert all(diagnostic.file == "tests/rules/a.yaml" for diagnostic in caught.value.diagnostics)


def test_a_wrong_file_is_told_at_its_line_and_a_foreign_kind_by_name(project: pytest.Pytester) -> None:
    (project.path / "tests" / "rules" / "widget.yaml").write_text(
        "apiVersion: x/v1\nkind: A\ncases:\n- nam: x\n"
    )
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["tests/rules/widget.yaml:4: nam is not known here", "  hint: keys are *"])
    (project.path / "tests" / "rules" / "widget.yaml").write_text(
        "apiVersion: x.example.com/v1\nkind: A\ncases: [{name: x, object: {}}]\n"
    )
    result = project.runpytest_inprocess("tests/rules/widget.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*x.example.com/v1 A is no kind of this project"])
