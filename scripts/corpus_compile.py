"""`opgen compile` on every definition of the corpus that a real API server takes, judged by that server.

    KUBEBUILDER_ASSETS=DIR python scripts/corpus_compile.py [--limit N]

The raw input is discarded after loading. For each definition: the emitted spec, after the server's defaulting, equals
the input's; the emitted definition is accepted with strict field validation; every sample written is accepted by its
own definition. Prints the figures; exit 1 where a spec differs, something is refused, or fewer than 90 % of the kinds
have both samples.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from corpus import CORPUS, accepted

from opgen import schema
from opgen.commands.compile import compile_definition
from opgen.documents import load
from opgen.ir.definition import Definition

STRICT = "dryRun=All&fieldValidation=Strict"
BATCH = 40
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Server:
    """A real API server, spoken to with plain requests."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        config = json.loads(kubeconfig.read_text())
        self.url = config["clusters"][0]["cluster"]["server"]
        self._token = config["users"][0]["user"]["token"]
        self._context = ssl.create_default_context()
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and decoded answer of one request."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60, context=self._context) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            body = refused.read()
            # A path that nothing serves yet is answered in plain text.
            return refused.code, json.loads(body) if body[:1] == b"{" else {"message": body.decode()}


@contextlib.contextmanager
def cluster() -> Iterator[Server]:
    """A control plane of its own, stopped at the end."""
    tool = CORPUS.parent / "tools" / "cluster.py"
    with tempfile.TemporaryDirectory(prefix="opgen-cluster-") as folder:
        subprocess.run([sys.executable, str(tool), "start", folder], check=True, stdout=subprocess.DEVNULL)
        try:
            yield Server(Path(folder) / "admin.kubeconfig")
        finally:
            subprocess.run([sys.executable, str(tool), "stop", folder], check=True, stdout=subprocess.DEVNULL)


class Tally:
    """What was found, and the complaints."""

    def __init__(self) -> None:
        self.definitions = self.equal = self.taken = 0
        self.kinds = self.with_both = self.samples = self.samples_taken = 0
        self.complaints: list[str] = []

    def print(self) -> None:
        for text in self.complaints:
            print(text)
        print(f"definitions: {self.definitions}; equal specs: {self.equal}; accepted: {self.taken}")
        print(f"samples written: {self.samples}; accepted: {self.samples_taken}")
        share = 100 * self.with_both / max(self.kinds, 1)
        print(f"kinds and versions: {self.kinds}; minimal and full sample: {self.with_both} ({share:.1f} %)")

    @property
    def ok(self) -> bool:
        return (
            self.equal == self.taken == self.definitions
            and self.samples == self.samples_taken
            and self.with_both >= 0.9 * self.kinds
        )


def comparable(answer: Any) -> Any:
    """What must be equal: the spec, labels and annotations after the server's defaulting."""
    meta = answer.get("metadata", {})
    return answer.get("spec"), meta.get("labels"), meta.get("annotations")


def judge(
    server: Server, path: str, content: bytes, tally: Tally
) -> tuple[Definition, Any, list[Any]] | None:
    """Compiles one file and compares; returns what is needed to try its samples."""
    tally.definitions += 1
    status, wanted = server.call("POST", f"{CRDS}?{STRICT}", load(content, path).documents[0].data)
    assert status == 201, (path, wanted.get("message"))
    found = schema.load_text(content, path)
    if not found.loaded:
        tally.complaints.append(f"{path}: not read: {'; '.join(map(str, found.diagnostics))}")
        return None
    definition = found.loaded[0].definition
    artifacts, _ = compile_definition(definition, frozenset({"crd", "samples"}))
    emitted = yaml.load(artifacts[0].content, yaml.CSafeLoader)
    status, got = server.call("POST", f"{CRDS}?{STRICT}", emitted)
    if status == 201:
        tally.taken += 1
    else:
        tally.complaints.append(f"{path}: refused: {got.get('message', '')[:300]}")
    if comparable(got) == comparable(wanted):
        tally.equal += 1
    else:
        tally.complaints.append(f"{path}: the emitted spec differs")
    samples = [yaml.load(a.content, yaml.CSafeLoader) for a in artifacts if a.path.parts[0] == "samples"]
    count = {v.name: 0 for v in definition.versions}
    for obj in samples:
        count[obj["apiVersion"].rpartition("/")[2]] += 1
    tally.kinds += len(count)
    tally.with_both += sum(n == 2 for n in count.values())
    tally.complaints.extend(
        f"{path}: {version}: {2 - n} sample(s) not found" for version, n in count.items() if n < 2
    )
    return definition, emitted, samples


def try_samples(server: Server, batch: list[tuple[Definition, Any, list[Any]]], tally: Tally) -> None:
    """Installs a batch of definitions and creates their samples as a dry run."""
    installed = []
    for definition, emitted, _ in batch:
        # No webhook answers here, so each version is tried as the one that is stored.
        emitted["spec"]["conversion"] = {"strategy": "None"}
        status, answer = server.call("POST", CRDS, emitted)
        if status == 201:
            installed.append(definition.name)
        else:
            tally.complaints.append(f"{definition.name}: not installed: {answer.get('message', '')[:200]}")
    time.sleep(3)  # the server takes a kind's first object two seconds after its definition
    for definition, _, samples in batch:
        for obj in samples:
            served = next(
                v for v in definition.versions if v.name == obj["apiVersion"].rpartition("/")[2]
            ).served
            if not served:
                continue
            tally.samples += 1
            scope = "/namespaces/default" if definition.namespaced else ""
            if definition.namespaced:
                obj["metadata"]["namespace"] = "default"
            url = f"/apis/{obj['apiVersion']}{scope}/{definition.names.plural}?{STRICT}"
            for _ in range(50):
                status, answer = server.call("POST", url, obj)
                if status != 404 and not (status == 429 or status >= 500):
                    break
                time.sleep(0.2)
            if status == 201:
                tally.samples_taken += 1
            else:
                tally.complaints.append(
                    f"{obj['apiVersion']} {obj['kind']}: sample refused: {answer.get('message', '')[:400]}"
                )
    for name in installed:
        server.call("DELETE", f"{CRDS}/{name}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, default=0)
    options = parser.parse_args()
    if "KUBEBUILDER_ASSETS" not in os.environ:
        sys.exit("KUBEBUILDER_ASSETS: set it to the folder with etcd and kube-apiserver")
    tally = Tally()
    entries = accepted()[: options.limit or None]
    with cluster() as server:
        batch: list[tuple[Definition, Any, list[Any]]] = []
        names: set[str] = set()
        for entry in entries:
            judged = judge(server, entry.path, entry.content, tally)
            if judged is None:
                continue
            if len(batch) == BATCH or judged[0].name in names:
                try_samples(server, batch, tally)
                batch, names = [], set()
            batch.append(judged)
            names.add(judged[0].name)
        try_samples(server, batch, tally)
    tally.print()
    return 0 if tally.ok else 1


if __name__ == "__main__":
    sys.exit(main())
