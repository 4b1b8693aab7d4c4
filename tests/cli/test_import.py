"""opgen import: somebody else's kind in a project, from a file, an address or a cluster, and its newer versions."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cli_support import Cli

from opgen import documents
from opgen.apiserver import ApiServer
from opgen.apiserver.http import serve_in_thread
from opgen.apiserver.message import Request
from opgen.commands.fetch import fetch
from opgen.emit.yaml import dump, dump_all
from opgen.errors import OpgenError
from opgen.testing.backends import start_builtin
from opgen.testing.project import definitions_of

STRING = {"type": "string"}
CRD = "config/crd/external/certs.example.org_certificates.yaml"
MODULE = "src/demo/imported/certs_example_org/v1/certificate.py"


def certificate(**properties: Any) -> dict[str, Any]:
    """Somebody's definition, as it lies in a release or comes out of a cluster."""
    spec = {"type": "object", "properties": properties or {"secretName": STRING}, "required": ["secretName"]}
    status = {"type": "object", "properties": {"ready": {"type": "boolean"}}}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    versions: list[dict[str, Any]] = [
        {
            "name": name,
            "served": name != "v1alpha1",
            "storage": name == "v1",
            "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": deepcopy(schema)},
        }
        for name in ("v1", "v1beta1", "v1alpha1")
    ]
    webhook = {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://example.org/convert"}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "certificates.certs.example.org",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "by": "them"},
        },
        "spec": {
            "group": "certs.example.org",
            "names": {"kind": "Certificate", "plural": "certificates"},
            "scope": "Namespaced",
            "conversion": {"strategy": "Webhook", "webhook": webhook},
            "versions": versions,
        },
    }


def issuer() -> dict[str, Any]:
    """A second kind of theirs."""
    raw = certificate()
    raw["metadata"]["name"] = "issuers.certs.example.org"
    raw["spec"]["names"] = {"kind": "Issuer", "plural": "issuers"}
    return raw


def release() -> str:
    """A release's manifest: definitions among other things."""
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "theirs"}}
    return dump_all([deployment, certificate(), issuer()])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from opgen.commands.init import InitRequest, init

    folder = tmp_path_factory.mktemp("importing") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    (folder / "theirs.yaml").write_text(dump(certificate()))
    return folder


@pytest.fixture
def project(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    folder = tmp_path / "demo"
    shutil.copytree(made, folder)
    return Cli(folder, monkeypatch, capsys)


def read(project: Cli, path: str) -> str:
    return (project.folder / path).read_text()


def imports(project: Cli) -> list[dict[str, Any]]:
    data = documents.load(read(project, "PROJECT")).documents[0].data
    found: list[dict[str, Any]] = data["plugins"]["python.opgen.dev/v1"].get("imports", [])
    return found


def test_a_file(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    digest = hashlib.sha256((project.folder / "theirs.yaml").read_bytes()).hexdigest()
    assert f"certificates.certs.example.org imported: theirs.yaml sha256:{digest}" in project.out
    assert imports(project) == [
        {
            "group": "certs.example.org",
            "kind": "Certificate",
            "plural": "certificates",
            "sha256": digest,
            "source": "theirs.yaml",
        }
    ]
    assert "class Certificate(Resource)" in read(project, MODULE)
    assert (project.folder / "src/demo/imported/certs_example_org/v1beta1/certificate.py").is_file()
    assert not (project.folder / "src/demo/imported/certs_example_org/v1alpha1").exists()  # not served
    text = read(project, CRD)
    assert "not for deployment" in text
    assert "last-applied" not in text
    assert "by: them" in text
    assert "Webhook" not in text  # whoever converts is not there in tests
    assert "external" not in read(project, "config/crd/kustomization.yaml")
    assert [d["metadata"]["name"] for d in definitions_of(project.folder)] == [
        "certificates.certs.example.org"
    ]
    assert project("generate", "--check") == 0


def test_owned_watched_and_reconciled(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    words = ("create", "api", "--group", "app", "--version", "v1", "--kind", "Site")
    assert project(*words, "--owns", "certs.example.org/v1/Certificate") == 0
    assert "from demo.imported.certs_example_org.v1.certificate import Certificate" in read(
        project, "src/demo/controller/site_controller.py"
    )
    theirs = ("--group", "certs.example.org", "--version", "v1", "--kind", "Certificate")
    assert project("create", "api", "--resource=false", *theirs) == 0
    assert "For(Certificate)" in read(project, "src/demo/controller/certificate_controller.py")
    role = read(project, "config/rbac/generated/role.yaml")
    assert "- certs.example.org\n  resources:\n  - certificates\n  verbs:\n  - create\n" in role
    assert "  - certificates/status\n" in role
    assert "external: true" in read(project, "PROJECT")
    assert project("generate", "--check") == 0
    assert project("create", "api", "--resource=false", *theirs[:-1], "Nonsense") == 1
    assert "neither a kind of this project nor imported" in project.err
    assert (
        project("create", "api", "--resource=false", *theirs[:2], "--version", "v1alpha1", *theirs[4:]) == 1
    )
    assert "Certificate was not imported in v1alpha1, but in v1, v1beta1" in project.err


def test_who_watches_it_in_code_gets_the_rights_by_its_class(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    (project.folder / "src/demo/controller/watcher.py").write_text(
        "from opgen_runtime import Controller, For, Manager, Watches\n"
        "from opgen_runtime.kinds.core_v1 import ConfigMap\n\n"
        "from demo.imported.certs_example_org.v1beta1.certificate import Certificate as Theirs\n\n\n"
        "def setup(manager: Manager, reconciler, requests) -> None:\n"
        '    manager.add(Controller("watcher", reconciler, For(ConfigMap), Watches(Theirs, requests)))\n'
    )
    assert project("generate") == 0
    role = read(project, "config/rbac/generated/role.yaml")
    assert (
        "- apiGroups:\n  - certs.example.org\n  resources:\n  - certificates\n  verbs:\n  - get\n  - list\n  - watch\n"
        in role
    )


def test_the_project_s_own_tests_have_the_kind(project: Cli) -> None:
    """The server of the fixtures serves it, and the model writes what it takes."""
    assert project("import", "crd", "theirs.yaml") == 0
    spec = importlib.util.spec_from_file_location("imported_certificate", project.folder / MODULE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    obj = module.Certificate.from_dict({"metadata": {"name": "x"}, "spec": {"secretName": "s"}})
    assert obj.spec.secret_name == "s"
    backend = start_builtin(project.folder)
    try:
        path = "/apis/certs.example.org/v1beta1/namespaces/default/certificates"
        head = {"apiVersion": "certs.example.org/v1beta1", "kind": "Certificate"}
        body = json.dumps({**obj.to_dict(), **head}).encode()
        made = backend.server.respond(Request("POST", path, (), {"Content-Type": "application/json"}, body))
        assert made.status == 201, made.body
    finally:
        backend.stop()


def test_what_is_chosen(project: Cli) -> None:
    (project.folder / "release.yaml").write_text(release())
    assert project("import", "crd", "release.yaml") == 1
    assert "holds 2 definitions" in project.err
    assert "Certificate (certs.example.org), Issuer (certs.example.org)" in project.err
    assert imports(project) == []
    assert project("import", "crd", "release.yaml", "--kind", "Issuer", "--kind", "Nothing") == 1
    assert "holds no kind Nothing" in project.err
    assert project("import", "crd", "release.yaml", "--kind", "Issuer", "--kind", "Certificate") == 0
    assert [kind["kind"] for kind in imports(project)] == ["Certificate", "Issuer"]


def test_versions(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml", "--version", "v2") == 1
    assert "Certificate has no version v2, but v1, v1beta1, v1alpha1" in project.err
    assert project("import", "crd", "theirs.yaml", "--version", "v1alpha1") == 0
    assert imports(project)[0]["versions"] == ["v1alpha1"]
    assert (project.folder / "src/demo/imported/certs_example_org/v1alpha1/certificate.py").is_file()
    assert not (project.folder / MODULE).exists()


def test_what_is_refused(project: Cli) -> None:
    before = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    own = certificate()
    own["spec"]["scope"] = "Nowhere"
    own["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["type"] = "thing"
    (project.folder / "theirs.yaml").write_text(dump(own))
    before[project.folder / "theirs.yaml"] = (project.folder / "theirs.yaml").read_bytes()
    for words, texts in (
        (
            ["theirs.yaml"],
            ["the API server refuses it", 'supported values: "Cluster"', 'supported values: "array"'],
        ),
        (["missing.yaml"], ["missing.yaml: no such file"]),
        (["pyproject.toml"], ["pyproject.toml:"]),
        (["theirs.yaml", "--sha256", "00"], ["not 00", "it is another file"]),
        (["http://example.org/crd.yaml"], ["is not fetched, since anybody on the way could change it"]),
        (["https://user:pw@example.org/crd.yaml"], ["an address with a password in it is not fetched"]),
    ):
        assert project("import", "crd", *words) == 1, words
        for text in texts:
            assert text in project.err, (words, project.err)
    assert project("import", "crd", "certificates", "--from-cluster") == 2
    assert project("import", "crd", "theirs.yaml", "--context", "x") == 2
    assert {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()} == before


def test_a_file_that_can_not_be_read_is_not_called_empty(project: Cli) -> None:
    (project.folder / "theirs.yaml").write_text(dump(certificate()) * 2)
    assert project("import", "crd", "theirs.yaml") == 1
    assert "another object begins with a line of ---" in project.err
    assert "empty" not in project.err


def test_an_own_kind_is_not_imported(project: Cli) -> None:
    schema = dump(certificate()).replace("certs.example.org", "app.example.com")
    (project.folder / "mine.yaml").write_text(schema)
    assert project("create", "api", "--schema", "mine.yaml", "--controller=false") == 0
    assert project("import", "crd", "mine.yaml") == 1
    assert "Certificate (app.example.com) is a kind of this project" in project.err


def test_the_same_again_is_unchanged(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    assert "certificates.certs.example.org imported:" in project.out
    assert project("import", "crd", "theirs.yaml") == 0
    assert "certificates.certs.example.org unchanged:" in project.out
    assert project.out.endswith("up to date\n")


def test_dry_run_and_json(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml", "--dry-run") == 0
    assert "+++ b/src/demo/imported/certs_example_org/v1/certificate.py" in project.out
    assert imports(project) == []
    assert project("import", "crd", "theirs.yaml", "--format", "json") == 0
    found = json.loads(project.out)
    assert found["applied"] is True
    assert found["imports"][0]["name"] == "certificates.certs.example.org"
    assert {"path": MODULE, "action": "create"} in found["changes"]


def test_a_hand_edit_is_seen_and_undone_by_an_update(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    text = read(project, CRD)
    (project.folder / CRD).write_text(text.replace("secretName", "secretNames"))
    assert project("generate") == 1
    assert f"{CRD}: was edited by hand" in project.err
    assert "opgen import update certificates.certs.example.org" in project.err
    assert project("import", "update") == 0
    assert read(project, CRD) == text
    (project.folder / CRD).unlink()
    assert project("generate", "--check") == 1
    assert "no such file, though PROJECT names it" in project.err
    assert project("import", "update") == 0
    assert read(project, CRD) == text


def test_generate_drops_what_is_taken_out_of_project(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    text = read(project, "PROJECT")
    start = text.index("    imports:")
    (project.folder / "PROJECT").write_text(text[:start] + text[text.index("    license:") :])
    assert project("generate") == 0
    assert not (project.folder / CRD).exists()
    assert not (project.folder / MODULE).exists()


def test_an_update_that_breaks_nothing(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    assert project("import", "update") == 0
    assert project.out == "up to date\n"
    assert project("import", "update", "--check") == 0
    (project.folder / "theirs.yaml").write_text(dump(certificate(secretName=STRING, more=STRING)))
    assert project("import", "update", "--check") == 1
    assert "out of date: run `opgen import update`" in project.err
    assert "more" not in read(project, MODULE)
    assert project("import", "update", "Certificate") == 0
    assert "certificates.certs.example.org changed: theirs.yaml sha256:" in project.out
    assert "more: str" in read(project, MODULE)
    assert project("generate", "--check") == 0


def test_an_update_that_breaks_something_wants_a_yes(project: Cli) -> None:
    assert project("import", "crd", "theirs.yaml") == 0
    (project.folder / "theirs.yaml").write_text(
        dump(certificate(secretName={"type": "string", "maxLength": 3}))
    )
    files = {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()}
    assert project("import", "update") == 1
    assert (
        "breaking  v1, v1beta1, v1alpha1 spec.secretName: maxLength 3 is new [bound-tightened]" in project.out
    )
    assert "nothing was written: --yes takes what breaks" in project.err
    assert {path: path.read_bytes() for path in project.folder.rglob("*") if path.is_file()} == files
    assert project("import", "crd", "theirs.yaml") == 1  # the same by its other name
    assert project("import", "update", "--yes") == 0
    assert "max_length=3" in read(project, MODULE) or "maxLength: 3" in read(project, CRD)


def test_updates_name_everything_that_is_wrong(project: Cli) -> None:
    (project.folder / "release.yaml").write_text(release())
    assert project("import", "crd", "release.yaml", "--kind", "Issuer", "--kind", "Certificate") == 0
    assert project("import", "update", "Nothing", "Neither") == 1
    assert "Nothing was not imported" in project.err
    assert "Neither was not imported" in project.err
    (project.folder / "release.yaml").write_text(dump(certificate()))
    assert project("import", "update") == 1
    assert "holds no kind issuers.certs.example.org" in project.err
    (project.folder / "release.yaml").unlink()
    assert project("import", "update") == 1
    assert "release.yaml: no such file" in project.err


def test_diff_against_the_last_commit(project: Cli) -> None:
    """`opgen diff HEAD` is about the project's own kinds."""
    assert project("import", "crd", "theirs.yaml") == 0
    words = ("create", "api", "--group", "app", "--version", "v1", "--kind", "Site", "--controller=false")
    assert project(*words) == 0
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    for step in (("init", "-q"), ("add", "."), ("commit", "-qm", "one")):
        subprocess.run(["git", *identity, *step], cwd=project.folder, check=True, capture_output=True)
    assert project("diff", "HEAD") == 0
    assert project.out == ""
    schema = project.folder / "schemas/app/site.v1.yaml"
    schema.write_text("group: app.example.com\nkind: Site\nversion: v1\nspec:\n  other: string!\n")
    assert project("diff", "HEAD") == 1
    assert "breaking  v1 spec.other: is new and required [required-added]" in project.out
    assert project("diff", "HEAD", "--format", "github") == 1
    assert "[required-added],file=schemas/app/site.v1.yaml,line=4::" in project.out


# From elsewhere ---------------------------------------------------------------------------------------------


class _Files(BaseHTTPRequestHandler):
    """What the tests' web server serves."""

    content: ClassVar[dict[str, bytes]] = {}

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/crd.yaml")
            self.end_headers()
            return
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://example.org/crd.yaml")
            self.end_headers()
            return
        body = self.content.get(self.path)
        self.send_response(404 if body is None else 200)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on standard error."""


@pytest.fixture
def web() -> Iterator[str]:
    _Files.content = {"/crd.yaml": dump(certificate()).encode(), "/large": b"x" * 5000}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address(project: Cli, web: str) -> None:
    assert project("import", "crd", f"{web}/moved") == 0
    assert imports(project)[0]["source"] == f"{web}/moved"
    assert project("import", "update", "--check") == 0
    _Files.content["/crd.yaml"] = dump(certificate(secretName=STRING, more=STRING)).encode()
    assert project("import", "update") == 0
    assert imports(project)[0]["sha256"] == hashlib.sha256(_Files.content["/crd.yaml"]).hexdigest()
    assert project("import", "crd", f"{web}/nothing") == 1
    assert "answers 404 Not Found" in project.err


def test_what_is_fetched_is_bounded(web: str) -> None:
    assert fetch(f"{web}/large").content == b"x" * 5000
    with pytest.raises(OpgenError, match="is too large"):
        fetch(f"{web}/large", most=4999)
    with pytest.raises(OpgenError, match=r"example\.org/crd\.yaml is not fetched"):
        fetch(f"{web}/elsewhere")
    with pytest.raises(OpgenError, match=r"can't fetch http://127\.0\.0\.1:1/x: connection refused"):
        fetch("http://127.0.0.1:1/x")
    with pytest.raises(OpgenError, match="names no host"):
        fetch("https:///x")


def test_a_cluster(project: Cli, tmp_path: Path) -> None:
    running = serve_in_thread(ApiServer())
    try:
        raw = certificate()
        raw["spec"].pop("conversion")
        running.server.install(raw)
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(running.kubeconfig)
        context = documents.load(running.kubeconfig).documents[0].data["current-context"]
        reach = ("--context", context, "--kubeconfig", str(kubeconfig))
        name = "certificates.certs.example.org"
        assert project("import", "crd", name, "--from-cluster", *reach) == 0
        assert imports(project)[0]["source"] == f"cluster:{name}"
        assert "resourceVersion" not in read(project, CRD)
        assert project("import", "update") == 0
        assert "is left out: it came from a cluster (give --context)" in project.err
        assert project("import", "update", *reach) == 0
        assert project.out == "up to date\n"
        assert project("import", "crd", "none.example.org", "--from-cluster", *reach) == 1
        assert "has no definition none.example.org" in project.err
    finally:
        running.stop()
