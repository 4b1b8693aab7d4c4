"""opgen diff as its users meet it: files, folders, revisions, a cluster, the project; lines, JSON, annotations."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_support import Cli

from opgen.apiextensions.compare import CODES
from opgen.apiserver import ApiServer
from opgen.apiserver.http import RunningServer, serve_in_thread
from opgen.emit.yaml import dump

STRING = {"type": "string"}


@pytest.fixture
def opgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    return Cli(tmp_path, monkeypatch, capsys)


def crd(kind: str = "Widget", **properties: Any) -> dict[str, Any]:
    """A definition whose spec has these fields."""
    plural = f"{kind.lower()}s"
    spec = {"type": "object", "properties": properties or {"a": STRING}}
    schema = {"type": "object", "properties": {"spec": spec}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
            ],
        },
    }


def put(folder: Path, **files: Any) -> None:
    """Files of YAML, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}.yaml").write_text(data if isinstance(data, str) else dump(data))


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_two_files(opgen: Cli) -> None:
    put(opgen.folder, old=crd(a=STRING, b=STRING), new=crd(b=STRING, c=STRING))
    assert opgen("diff", "old.yaml", "new.yaml") == 1
    assert opgen.out == "breaking  v1 spec.a: is gone [field-removed]\n"
    assert opgen.err == (
        "hint [field-removed]: if it is c now, keep both for a while: nothing carries the old value over\n"
        "1 definition compared: 1 breaking, 0 dangerous, 1 safe\n"
    )
    assert opgen("diff", "old.yaml", "old.yaml") == 0
    assert opgen.out == ""


def test_all_shows_what_is_safe_too(opgen: Cli) -> None:
    put(opgen.folder, old=crd(a=STRING), new=crd(a=STRING, b=STRING))
    assert opgen("diff", "old.yaml", "new.yaml", "--all") == 0
    assert opgen.out == "safe      v1 spec.b: is new, of type string [field-added]\n"


def test_what_fails_can_be_chosen(opgen: Cli) -> None:
    put(opgen.folder, old=crd(a=STRING), new=crd(a={**STRING, "nullable": True}))
    assert opgen("diff", "old.yaml", "new.yaml") == 0
    assert "[nullable-added]" in opgen.out
    assert opgen("diff", "old.yaml", "new.yaml", "--fail-on", "dangerous") == 1
    put(opgen.folder, new=crd(b=STRING))
    assert opgen("diff", "old.yaml", "new.yaml", "--fail-on", "none") == 0
    assert opgen("diff", "old.yaml", "new.yaml", "--ignore", "field-removed") == 0
    assert opgen("diff", "old.yaml", "new.yaml", "--ignore", "nonsense") == 1
    assert "there is no reason nonsense" in opgen.err


def test_folders_pair_by_name_and_pass_over_what_is_no_schema(opgen: Cli) -> None:
    old, new = opgen.folder / "old", opgen.folder / "new"
    put(old, widget=crd(a=STRING), gadget=crd("Gadget"), kustomization="resources: [widget.yaml]\n")
    put(old / "deep", thing=crd("Thing"))
    put(new, widget=crd(a={"type": "integer"}), thing=crd("Thing"), other=crd("Other"))
    put(new, deployment={"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}})
    assert opgen("diff", "old", "new", "--all") == 1
    assert opgen.out.splitlines() == [
        "breaking  widgets.example.com v1 spec.a: the type was string and is integer [type-changed]",
        "breaking  gadgets.example.com: Gadget is gone [kind-removed]",
        "safe      others.example.com: Other is new [kind-added]",
    ]
    assert "2 definitions compared" in opgen.err


def test_a_folder_and_one_file_of_it(opgen: Cli) -> None:
    """What the file does not hold is out of sight, not gone."""
    put(opgen.folder / "old", widget=crd(a=STRING), gadget=crd("Gadget"))
    put(opgen.folder, new=crd(a=STRING))
    assert opgen("diff", "old", "new.yaml") == 0
    assert opgen.out == ""


def test_concise_schemas_and_versions_in_files_of_their_own(opgen: Cli) -> None:
    head = "kind: Widget\ngroup: example.com\nversion: {}\n{}spec:\n  a: {}\n"
    put(
        opgen.folder / "old",
        v1=head.format("v1", "", "string"),
        v2=head.format("v2", "storage: true\n", "string"),
    )
    put(
        opgen.folder / "new",
        v1=head.format("v1", "", "string"),
        v2=head.format("v2", "storage: true\n", "integer"),
    )
    assert opgen("diff", "old", "new") == 1
    assert "breaking  v2 spec.a: the type was string and is integer [type-changed]" in opgen.out
    assert "1 definition compared" in opgen.err


def test_versions_that_say_the_same_share_a_line(opgen: Cli) -> None:
    old, new = crd(a=STRING), crd(b=STRING)
    for raw in (old, new):
        raw["spec"]["versions"].append({**raw["spec"]["versions"][0], "name": "v1beta1", "storage": False})
    put(opgen.folder, old=old, new=new)
    assert opgen("diff", "old.yaml", "new.yaml") == 1
    assert opgen.out == "breaking  v1, v1beta1 spec.a: is gone [field-removed]\n"


def test_json_and_annotations_name_the_line(opgen: Cli) -> None:
    put(opgen.folder, old=crd(a=STRING), new=crd(a={"type": "string", "maxLength": 3}))
    assert opgen("diff", "old.yaml", "new.yaml", "--format", "json") == 1
    found = json.loads(opgen.out)
    line = (opgen.folder / "new.yaml").read_text().splitlines().index("                maxLength: 3") + 1
    assert found["breaking"] == 1
    assert found["compared"] == ["widgets.example.com"]
    assert found["reasons"] == [
        {
            "definition": "widgets.example.com",
            "kind": "Widget",
            "severity": "breaking",
            "code": "bound-tightened",
            "versions": ["v1"],
            "path": "spec.a",
            "text": "maxLength 3 is new",
            "hint": CODES["bound-tightened"].hint,
            "file": "new.yaml",
            "line": line,
        }
    ]
    assert opgen("diff", "old.yaml", "new.yaml", "--format", "github") == 1
    assert opgen.out.startswith(
        f"::error title=widgets.example.com [bound-tightened],file=new.yaml,line={line}::"
        "v1 spec.a: maxLength 3 is new%0Ahint: "
    )


def test_stored_objects(opgen: Cli) -> None:
    put(opgen.folder, old=crd(a=STRING, b=STRING), new=crd(a={"type": "string", "maxLength": 3}))
    obj = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "n"}}
    put(
        opgen.folder / "objects",
        w={**obj, "spec": {"a": "long", "b": "x"}},
        pod={"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}},
    )
    assert opgen("diff", "old.yaml", "new.yaml", "--objects", "objects") == 1
    assert opgen.out.splitlines()[2:] == [
        "breaking  v1 spec.a: n/w: refused anew: spec.a: may not be more than 3 bytes [object-refused]",
        "breaking  v1 spec.b: n/w: loses spec.b [object-pruned]",
    ]
    assert "1 object tried" in opgen.err
    assert opgen("diff", "old.yaml", "new.yaml", "--objects", "objects", "--format", "github") == 1
    assert "file=objects/w.yaml,line=1::" in opgen.out
    assert opgen("diff", "old.yaml", "new.yaml", "--objects", "objects/pod.yaml") == 1
    assert "none of the objects is a Widget" in opgen.err


def test_revisions(opgen: Cli) -> None:
    put(opgen.folder / "sub" / "crds", widget=crd(a=STRING), gadget=crd("Gadget"))
    git(opgen.folder, "init", "-q")
    git(opgen.folder, "add", ".")
    git(opgen.folder, "commit", "-qm", "one")
    put(opgen.folder / "sub" / "crds", widget=crd(b=STRING))
    assert opgen("diff", "HEAD:sub/crds", "sub/crds") == 1
    assert opgen.out == "breaking  widgets.example.com v1 spec.a: is gone [field-removed]\n"
    assert opgen("diff", "HEAD:sub/crds/widget.yaml", "sub/crds/widget.yaml") == 1
    assert opgen.out == "breaking  v1 spec.a: is gone [field-removed]\n"
    inside = opgen.inside("sub")
    assert inside("diff", "HEAD:crds", "crds") == 1  # from where one stands, too
    git(opgen.folder, "commit", "-qam", "two")
    assert opgen("diff", "HEAD~1:sub/crds", "HEAD:sub/crds") == 1
    assert opgen("diff", "HEAD:sub/crds", "sub/crds") == 0
    assert opgen("diff", "HEAD:nowhere", "sub/crds") == 1
    assert "the revision has no such file or folder" in opgen.err
    assert opgen("diff", "nonsense:sub", "sub/crds") == 1
    assert "no revision nonsense here" in opgen.err


def test_what_is_not_there(opgen: Cli) -> None:
    put(opgen.folder, new=crd(), empty="", broken="a: [\n", pod={"apiVersion": "v1", "kind": "Pod"})
    assert opgen("diff", "HEAD", "new.yaml") == 1
    assert "HEAD: no such file or folder, and there is no Git repository here" in opgen.err
    for word, said in (
        ("missing.yaml", "missing.yaml: no such file or folder"),
        ("empty.yaml", "empty.yaml: holds no schema: the file is empty"),
        ("broken.yaml", "broken.yaml:2"),
        ("pod.yaml", "pod.yaml: holds no definition"),
    ):
        assert opgen("diff", word, "new.yaml") == 1
        assert said in opgen.err
        assert opgen.out == ""


def test_usage(opgen: Cli) -> None:
    put(opgen.folder, new=crd())
    assert opgen("diff") == 2
    assert opgen("diff", "-", "-") == 2
    assert opgen("diff", "cluster:", "new.yaml") == 2
    assert "a cluster is never chosen in silence" in opgen.err
    assert opgen("diff", "new.yaml") == 1  # NEW is the project around
    assert "no PROJECT here nor in a folder above" in opgen.err


# A cluster --------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[RunningServer]:
    running = serve_in_thread(ApiServer())
    yield running
    running.stop()


def test_a_cluster_with_the_versions_that_it_has_stored(opgen: Cli, server: RunningServer) -> None:
    kubeconfig = opgen.folder / "kubeconfig"
    kubeconfig.write_text(server.kubeconfig)
    context = _context(server.kubeconfig)
    server.server.install(crd(a=STRING))
    server.server.install(crd("Gadget"))
    put(opgen.folder, new=crd(b=STRING))
    reach = ("--context", context, "--kubeconfig", str(kubeconfig))
    assert opgen("diff", "cluster:", "new.yaml", *reach) == 1
    assert opgen.out == "breaking  v1 spec.a: is gone [field-removed]\n"
    assert opgen("diff", "new.yaml", "--from-cluster", *reach) == 1
    assert opgen.out == "breaking  v1 spec.a: is gone [field-removed]\n"
    assert opgen("diff", "new.yaml", "cluster:gadgets.example.com", *reach) == 1
    assert "the kind was Widget and is Gadget" in opgen.out
    assert opgen("diff", "cluster:none.example.com", "new.yaml", *reach) == 1
    assert f"the cluster of the context {context} has no definition none.example.com" in opgen.err
    assert opgen("diff", "cluster:", "new.yaml", "--context", "nowhere", "--kubeconfig", str(kubeconfig)) == 1
    assert "nowhere" in opgen.err


def _context(kubeconfig: str) -> str:
    from opgen import documents

    data = documents.load(kubeconfig).documents[0].data
    return str(data["current-context"])


# The page ---------------------------------------------------------------------------------------------------


def test_the_page_has_every_reason() -> None:
    page = (Path(__file__).parents[2] / "docs" / "diff.md").read_text()
    rows = [f"| `{code}` | {reason.severity} | {reason.meaning} |" for code, reason in CODES.items()]
    assert [row for row in rows if row not in page] == []
    assert sum(line.startswith("| `") and " | " in line for line in page.splitlines()) >= len(rows)
