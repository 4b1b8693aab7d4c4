"""opgen validate: inputs of every sort, the server's words at the user's lines, three forms of report."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.commands.init import InitRequest, init

WIDGETS = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1}
              mode: {type: string, default: fast}
              ports:
                type: array
                items:
                  type: object
                  properties:
                    name: {type: string}
                    port: {type: integer, maximum: 65535}
              labels: {type: object, additionalProperties: {type: string, maxLength: 3}}
            x-kubernetes-validations:
            - {rule: "!has(self.ports) || self.ports.size() < 3", message: at most two ports}
            - {rule: self.size >= oldSelf.size, message: never shrinks}
          status: {type: object, properties: {ready: {type: boolean}}}
  - name: v0
    served: false
    storage: false
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: string}}}}
"""
GOOD = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: good}
spec: {size: 2}
"""
BAD = """\
apiVersion: example.com/v1
kind: Widget
metadata:
  name: bad
spec:
  size: 0
  colour: red
  ports:
  - name: http
    port: 70000
  labels:
    a.b: long
"""


class Command:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self.out = self.err = ""

    def __call__(self, *words: str, stdin: str = "") -> int:
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = guarded(cli, ("validate", *words))
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return code

    def json(self, *words: str, stdin: str = "") -> Any:
        self(*words, "--format", "json", stdin=stdin)
        return json.loads(self.out)

    def lines(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith(("error:", "warning:"))]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    for name, text in (("widgets.yaml", WIDGETS), ("good.yaml", GOOD), ("bad.yaml", BAD)):
        (tmp_path / name).write_text(text)
    return Command(capsys, monkeypatch)


def test_a_good_object_is_accepted_in_silence(run: Command) -> None:
    assert run("good.yaml", "--crd", "widgets.yaml") == 0
    assert run.lines() == []
    assert run.err == "1 object in 1 file: 1 accepted, 0 refused\n"


def test_a_definitions_namespace_is_cleared_as_the_server_does(run: Command, tmp_path: Path) -> None:
    named = WIDGETS.replace("metadata: {", "metadata: {namespace: kube-system, ")
    assert named != WIDGETS
    (tmp_path / "named.yaml").write_text(named)
    assert run("named.yaml") == 0
    assert run("named.yaml", "--old", "widgets.yaml") == 0


def test_files_that_hold_a_version_each_are_one_kind(run: Command) -> None:
    head = "group: parts.example.com\nkind: Part\nspec: {size: integer}\n"
    Path("v1.yaml").write_text(f"{head}version: v1\n")
    Path("v1beta1.yaml").write_text(f"{head}version: v1beta1\nstorage: false\n")
    one = "apiVersion: parts.example.com/%s\nkind: Part\nmetadata: {name: a}\nspec: {size: 1}\n"
    Path("parts.yaml").write_text("---\n".join(one % version for version in ("v1", "v1beta1")))
    assert run("parts.yaml", "--crd", "v1.yaml", "--crd", "v1beta1.yaml") == 0
    Path("v1beta1.yaml").write_text(f"{head}version: v1beta1\nstorage: false\nshortNames: [p]\n")
    Path("v1.yaml").write_text(f"{head}version: v1\nshortNames: [pa]\n")
    assert run("parts.yaml", "--crd", "v1.yaml", "--crd", "v1beta1.yaml") == 1
    assert "v1beta1.yaml:6: shortNames is p here and pa in v1.yaml" in run.err


def test_all_that_is_wrong_is_told_at_its_line_in_the_servers_words(run: Command) -> None:
    assert run("bad.yaml", "--crd", "widgets.yaml") == 1
    assert sorted(run.lines(), key=lambda line: int(line.split(":")[2].split()[0])) == [
        "error: bad.yaml:1 Widget/bad <nil>: Invalid value: null: some validation rules were not checked because "
        "the object was invalid; correct the existing errors to complete validation",
        "error: bad.yaml:6 Widget/bad spec.size: Invalid value: 0: spec.size in body should be greater than or "
        "equal to 1",
        'error: bad.yaml:7 Widget/bad spec.colour: strict decoding error: unknown field "spec.colour"',
        "error: bad.yaml:10 Widget/bad spec.ports[0].port: Invalid value: 70000: spec.ports[0].port in body should "
        "be less than or equal to 65535",
        "error: bad.yaml:12 Widget/bad spec.labels.a.b: Too long: may not be more than 3 bytes",
    ]


def test_definitions_among_the_inputs_serve_the_objects(run: Command) -> None:
    assert run("-", stdin=f"{WIDGETS}---\n{GOOD}") == 0
    assert run(".", "--format", "json") == 1
    found = json.loads(run.out)
    assert [(one["name"], one["verdict"]) for one in found["objects"]] == [
        ("bad", "refused"),
        ("good", "accepted"),
        ("widgets.example.com", "accepted"),
    ]


def test_an_object_without_a_definition(run: Command) -> None:
    assert run("good.yaml") == 1
    assert run.lines() == [
        'error: good.yaml:1 Widget/good: no matches for kind "Widget" in version "example.com/v1"'
    ]
    assert "--crd" in run.err
    assert run("good.yaml", "--ignore-missing-schemas") == 0
    assert "1 not judged" in run.err


def test_a_projects_folder_may_hold_objects_of_groups_that_nothing_knows(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "demo"
    init(InitRequest(folder=root, domain="example.com", runtime_source="index"))
    monkeypatch.chdir(root)
    assert run("config") == 0
    (warned,) = run.lines()
    assert warned.startswith("warning: config/prometheus/monitor.yaml:1 ServiceMonitor/")
    assert warned.endswith("not checked: nothing here defines monitoring.coreos.com/v1 ServiceMonitor")
    assert "1 not judged" in run.err
    assert run("config/prometheus/monitor.yaml") == 1
    strange = root / "config" / "strange.yaml"
    for version, kind, says in (
        ("apps/v1", "Deploymnt", "did you mean Deployment?"),
        ("network.k8s.io/v1", "Ingres", "did you mean networking.k8s.io?"),
        ("apps/v2", "Deployment", "there is apps/v1"),
    ):
        strange.write_text(f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n")
        assert run("config") == 1
        assert says in run.err


@pytest.mark.parametrize(
    ("version", "kind", "hint"),
    [
        ("example.com/v0", "Widget", "serves v1"),
        ("example.com/v7", "Widget", "serves v1"),
        ("extensions/v1beta1", "Ingress", "networking.k8s.io/v1"),
        ("batch/v1beta1", "CronJob", "batch/v1"),
    ],
)
def test_a_version_that_is_not_served(run: Command, version: str, kind: str, hint: str) -> None:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n"
    assert run("-", "--crd", "widgets.yaml", stdin=text) == 1
    assert f'no matches for kind "{kind}" in version "{version}"' in run.err
    assert hint in run.err


def test_a_namespace_that_yaml_takes_for_a_truth_value(run: Command) -> None:
    """`no` and `n` are false; that is refused where a namespace would be filled in or cleared too."""
    cluster = WIDGETS.replace("scope: Namespaced", "scope: Cluster")
    assert cluster != WIDGETS
    for kind in (
        "apiVersion: v1\nkind: ConfigMap",
        "apiVersion: v1\nkind: Namespace",
        GOOD.partition("\nmeta")[0],
    ):
        text = f"{kind}\nmetadata: {{name: good, namespace: no}}\n"
        assert run("-", stdin=f"{cluster}\n---\n{text}") == 1
        assert "cannot unmarshal bool into Go struct field ObjectMeta." in run.err


def test_built_in_kinds(run: Command) -> None:
    text = """\
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: -1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: web, imagePullPolice: Never}
---
# Source: shop/templates/nothing.yaml
---
null
---
# Source: shop/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {port: 80}
"""
    assert run("-", stdin=text) == 1
    assert run.lines() == [
        "error: <stdin>:12 Deployment/web spec.template.spec.containers[0].imagePullPolice: strict decoding error: "
        'unknown field "spec.template.spec.containers[0].imagePullPolice"',
        "error: <stdin>:6 Deployment/web spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        "error: <stdin>:22 ConfigMap/web data.port: json: cannot unmarshal number into Go struct field "
        "ConfigMap.data of type string",
    ]
    assert "from: shop/templates/web.yaml" in run.err
    assert "from: shop/templates/config.yaml" in run.err
    assert "put the value into quotes" in run.err


def test_a_definition_is_judged_and_linted(run: Command, tmp_path: Path) -> None:
    text = WIDGETS.replace("minimum: 1", "minimum: 1, maximum: 0").replace(
        "scope: Namespaced", "scope: Nowhere"
    )
    (tmp_path / "widgets.yaml").write_text(text)
    assert run("widgets.yaml", "good.yaml") == 1
    assert run.lines() == [
        "error: widgets.yaml:7 CustomResourceDefinition/widgets.example.com spec.scope: Unsupported value: "
        '"Nowhere": supported values: "Cluster", "Namespaced"',
        "warning: widgets.yaml:21 CustomResourceDefinition/widgets.example.com spec.versions[0].schema."
        "openAPIV3Schema.properties[spec].properties[size].minimum: no number is at least 1 and at most 0 [OPG102]",
        "warning: good.yaml:1 Widget/good: not judged, since its definition is refused: widgets.yaml:1",
    ]
    assert run("good.yaml", "--crd", "widgets.yaml") == 1
    assert "not judged, since its definition is refused" in run.err


@pytest.mark.parametrize(
    "silenced",
    [
        (
            "size: {type: integer, minimum: 1}",
            "size: {type: integer, minimum: 1, maximum: 0} # opgen: ignore OPG102",
        ),
        (
            "              size: {type: integer, minimum: 1}",
            "              # opgen: ignore OPG102 for a reason\n"
            "              size: {type: integer, minimum: 1, maximum: 0}",
        ),
        (
            "size: {type: integer, minimum: 1}",
            "size: # opgen: ignore OPG101, OPG102\n                type: integer\n                minimum: 1\n"
            "                maximum: 0",
        ),
        ("scope:", "# opgen: ignore-file OPG102\n  scope:"),
        ("scope:", "scope:"),
    ],
    ids=["line", "above", "below", "file", "not"],
)
def test_a_comment_silences_a_lint(run: Command, tmp_path: Path, silenced: tuple[str, str]) -> None:
    text = WIDGETS.replace(*silenced)
    if "maximum: 0" not in text:
        text = text.replace("minimum: 1", "minimum: 1, maximum: 0")
    (tmp_path / "widgets.yaml").write_text(text)
    assert run("widgets.yaml") == 0
    assert bool(run.lines()) is (silenced == ("scope:", "scope:"))
    assert run("widgets.yaml", "--ignore", "opg102,OPG101") == 0
    assert run.lines() == []


def test_updates(run: Command, tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(GOOD.replace("size: 2", "size: 3"))
    assert run("good.yaml", "--crd", "widgets.yaml", "--old", "old.yaml") == 1
    assert [line.rpartition(": ")[2] for line in run.lines()] == ["never shrinks"]
    assert run("good.yaml", "--crd", "widgets.yaml", "--old", "good.yaml") == 0
    (tmp_path / "new.yaml").write_text(WIDGETS.replace("scope: Namespaced", "scope: Cluster"))
    assert run("new.yaml", "--old", "widgets.yaml") == 1
    assert run.lines() == [
        "error: new.yaml:7 CustomResourceDefinition/widgets.example.com spec.scope: Invalid value: "
        '"Cluster": field is immutable'
    ]
    assert run("good.yaml", "--crd", "widgets.yaml", "--old", "bad.yaml") == 0
    assert "holds none of the objects" in run.err


def test_updates_of_built_in_kinds(run: Command, tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\n"
    (tmp_path / "old.yaml").write_text(text)
    assert run("-", "--old", "old.yaml", stdin=text.replace("Opaque", "other")) == 1
    assert run.lines() == ['error: <stdin>:4 Secret/a type: Invalid value: "other": field is immutable']


def test_field_validation(run: Command) -> None:
    text = GOOD.replace("size: 2", "size: 2, color: red")
    assert run("-", "--crd", "widgets.yaml", stdin=text) == 1
    for words, count in (
        (["--field-validation", "Warn"], 1),
        (["--strict=false"], 1),
        (["--field-validation", "ignore"], 0),
    ):
        assert run("-", "--crd", "widgets.yaml", *words, stdin=text) == 0
        assert sum(line.startswith("warning:") for line in run.lines()) == count


def test_what_would_be_stored(run: Command) -> None:
    text = GOOD.replace("size: 2", "size: 2, color: red")
    assert run("-", "--crd", "widgets.yaml", "--stored", "--field-validation", "Ignore", stdin=text) == 0
    assert yaml.safe_load(run.out) == {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "good"},
        "spec": {"size": 2, "mode": "fast"},
    }
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}], selector: {a: b}}\n"
    )
    run("-", "--stored", stdin=service)
    assert yaml.safe_load(run.out)["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert run.json("bad.yaml", "--crd", "widgets.yaml", "--stored")["objects"][0]["stored"] is None


def test_the_status_is_judged_too_and_the_hint_says_when_it_counts(run: Command) -> None:
    assert run("-", "--crd", "widgets.yaml", stdin=f"{GOOD}status: {{ready: maybe}}\n") == 1
    assert "status.ready" in run.err
    assert "hint: a create drops the status" in run.err


def test_json_names_everything(run: Command) -> None:
    found = run.json("-", "--crd", "widgets.yaml", stdin=f"# Source: a/b.yaml\n{GOOD.replace('2', '0')}")
    assert found == {
        "accepted": False,
        "files": 1,
        "counts": {"accepted": 0, "refused": 1, "skipped": 0},
        "leftOut": 0,
        "problems": [],
        "objects": [
            {
                "file": "<stdin>",
                "line": 2,
                "source": "a/b.yaml",
                "apiVersion": "example.com/v1",
                "kind": "Widget",
                "namespace": "",
                "name": "good",
                "verdict": "refused",
                "problems": [
                    {
                        "level": "error",
                        "file": "<stdin>",
                        "line": 5,
                        "field": "spec.size",
                        "type": "FieldValueInvalid",
                        "message": "Invalid value: 0: spec.size in body should be greater than or equal to 1",
                        "hint": "",
                        "code": "",
                    }
                ],
            }
        ],
    }


def test_github_annotations(run: Command, tmp_path: Path) -> None:
    (tmp_path / "a,b.yaml").write_text(GOOD.replace("size: 2", 'size: 2, "x%\\ny": 1'))
    assert run("a,b.yaml", "--crd", "widgets.yaml", "--format", "github") == 1
    assert run.out == (
        "::error file=a%2Cb.yaml,line=4,title=Widget/good::spec.x%25%0Ay: strict decoding error: unknown field "
        '"spec.x%25%0Ay"\n'
    )
    run(str(tmp_path / "a,b.yaml"), "--crd", "widgets.yaml", "--format", "github")
    assert run.out.startswith(
        "::error file=a%2Cb.yaml,"
    )  # GitHub knows files from the repository's root only
    run("-", "--format", "github", stdin=GOOD)
    assert run.out.startswith("::error title=Widget/good::no matches for kind")


def test_folders_lists_and_what_is_no_object(run: Command, tmp_path: Path) -> None:
    folder = tmp_path / "all"
    (folder / ".hidden").mkdir(parents=True)
    (folder / ".hidden" / "x.yaml").write_text("apiVersion: v1\nkind: Nothing\n")
    (folder / "sub").mkdir()
    (folder / "sub" / "kustomization.yaml").write_text("resources: [../list.json]\n")
    (folder / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    )
    (folder / "values.yaml").write_text("image: x\nmetadata: {}\n")
    (folder / "schema.json").write_text('{"type": "object", "properties": {}}')
    (folder / "notes.txt").write_text("not read")
    items = [yaml.safe_load(GOOD), {"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(BAD)]}]
    (folder / "list.json").write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1)
    )
    assert run("all", "--crd", ".") == 1
    assert "2 objects in 5 files: 1 accepted, 1 refused, 4 other documents left out" in run.err
    assert all(line.startswith("error: all/list.json:") for line in run.lines())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("image: x\n", "is not an API object"),
        ("- 1\n", "is not an API object"),
        ("kind: Widget\nversions: []\n", "schemas are for `opgen compile`"),
        ("kind: Pod\nmetadata: {name: a}\n", "Object 'ApiVersion' is missing"),
        ("apiVersion: v1\nmetadata: {name: a}\n", "Object 'Kind' is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: 3\n", "cannot unmarshal number"),
        ("apiVersion: v1\nkind: Pod\nkind: Pod\n", 'key "kind" is set twice'),
        ("a: {{ .Values.x }}\n", "render it first"),
        ("", "holds no objects"),
        ("---\n# only a comment\n---\nnull\n", "holds no objects"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A}\n", "a lowercase RFC 1123 subdomain"),
        ("apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\n", "opgen compile"),
        (
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: 3\n",
            "cannot unmarshal",
        ),
    ],
)
def test_input_that_is_none(run: Command, text: str, says: str) -> None:
    code = run("-", stdin=text)
    assert code == (0 if says == "holds no objects" else 1)
    assert says in run.err


def test_files_that_are_not_there(run: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("nowhere.yaml", "empty", "good.yaml", "--crd", "gone.yaml", "--crd", "empty") == 1
    assert "nowhere.yaml: no such file" in run.err
    assert "empty: holds no manifests" in run.err
    assert "gone.yaml: no such file" in run.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-", "--crd", "-"),
        ("x", "--format", "xml"),
        ("x", "--field-validation", "Sometimes"),
        ("x", "--strict", "--field-validation", "Warn"),
        ("x", "--ignore", "OPG999"),
        ("x", "--stored", "--format", "github"),
    ],
)
def test_wrong_usage(run: Command, words: tuple[str, ...]) -> None:
    assert run(*words) == 2


def test_definitions_in_any_form_and_beside_other_things(run: Command, tmp_path: Path) -> None:
    (tmp_path / "release.yaml").write_text(
        f"{WIDGETS}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n"
    )
    (tmp_path / "gadget.yaml").write_text(
        "kind: Gadget\ngroup: example.com\nversions:\n- name: v1\n  spec: {size: integer!}\n"
    )
    gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: a}\nspec: {size: x}\n"
    assert run("-", "--crd", "release.yaml", "--crd", "gadget.yaml", stdin=f"{GOOD}---\n{gadget}") == 1
    assert [line.partition(": Invalid")[0] for line in run.lines()] == ["error: <stdin>:9 Gadget/a spec.size"]


def test_a_projects_own_kinds_serve_by_themselves(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "demo"
    init(InitRequest(folder=root, domain="example.com", runtime_source="index"))
    bases = root / "config" / "crd" / "bases"
    bases.mkdir(parents=True, exist_ok=True)
    (bases / "example.com_widgets.yaml").write_text(WIDGETS)
    external = root / "config" / "crd" / "external"
    external.mkdir()
    (external / "other.example.com_gadgets.yaml").write_text(
        WIDGETS.replace("idget", "adget").replace("Wad", "Gad").replace("wad", "gad")
    )
    (root / "mine.yaml").write_text(f"{GOOD}---\n{GOOD.replace('Widget', 'Gadget')}")
    assert run("demo/mine.yaml") == 0
    monkeypatch.chdir(root)
    assert run("-", stdin=GOOD) == 0
    assert run("-", stdin=BAD) == 1


def test_names_out_of_files_command_no_terminal(run: Command, tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text(
        'apiVersion: v1\nkind: "\\e]0;K\\a\\u202e"\nmetadata: {name: "\\x9b31m\\0"}\n'
    )
    assert run("odd.yaml") == 1
    assert "\\x1b]0;K\\x07\\u202e/\\x9b31m\\x00" in run.err
    assert run.err.replace("\n", "").isprintable()
