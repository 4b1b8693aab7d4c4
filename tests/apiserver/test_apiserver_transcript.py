"""One long session of kubectl on the in-process server and on a real one: the same words, but for ages, uids and ports.

No controllers run on either; what needs them is tested with the simple ones.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiserver_matrix.custom import definition
from envtest import ControlPlane, within

from opgen.apiserver import ApiServer
from opgen.apiserver.http import serve_in_thread

pytestmark = pytest.mark.envtest

GROUP = "talk.example.com"
CONTAINERS = [{"name": "c", "image": "x:1", "ports": [{"containerPort": 80}]}]
POD = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": CONTAINERS}}


def kind_of_its_own() -> dict[str, Any]:
    """Names that no other test's kind has: kubectl finds a kind by any of them."""
    crd = definition(GROUP, namespaced=True)
    crd["metadata"]["name"] = f"trinkets.{GROUP}"
    crd["spec"]["names"] = {
        "plural": "trinkets",
        "kind": "Trinket",
        "shortNames": ["tk"],
        "categories": ["all"],
    }
    return crd


def trinket(name: str, size: int, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "talk"}
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Trinket",
        "metadata": metadata,
        "spec": {"size": size, **spec},
    }


FILES: dict[str, Any] = {
    "crd.json": kind_of_its_own(),
    "one.json": trinket("one", 1, parts=[{"name": "a"}, {"name": "b", "n": 2}]),
    "one-b.json": trinket("one", 2, tags=["x"]),
    "bad.json": trinket("bad", -1, mode="Slow"),
    "typo.json": trinket("typo", 1, sise=3),
    "deploy.json": {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "talk"},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": POD},
    },
    "more.yaml": {
        "apiVersion": "v1",
        "kind": "List",
        "items": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c1"}, "data": {"a": "1"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s1"}, "stringData": {"p": "w"}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}},
        ],
    },
    "editor.sh": "#!/bin/sh\nsed -i 's/size: 2/size: 8/' \"$1\"\n",
}

COMMANDS = """
create namespace talk
create namespace talk
get namespace talk
get ns talk -o jsonpath={.status.phase}
apply -f crd.json
wait --for=condition=Established crd/trinkets.talk.example.com --timeout=20s
get crd trinkets.talk.example.com -o jsonpath={.spec.group}
api-resources --api-group=talk.example.com
api-resources --api-group=apps -o name
api-versions
explain trinkets
explain trinkets.spec.parts
explain trinkets --recursive
explain deployments.spec.strategy
get trinkets -n talk
apply -f one.json
apply -f one.json
get trinkets -n talk
get trinket one -n talk -o wide
get trinkets -A
get tk -n talk --no-headers
get trinket one -n talk -o name
get trinket one -n talk -o yaml
get trinket one -n talk -o json --show-managed-fields
get trinkets -n talk -o custom-columns=N:.metadata.name,S:.spec.size
get trinket one -n talk -o go-template={{.spec.size}}
get trinkets -n talk --show-labels
get trinkets -n talk -l none=such
get trinkets -n talk --field-selector spec.size=1
get trinkets -n talk --field-selector spec.max=1
get trinkets none -n talk
get nothings -n talk
apply -f bad.json
apply -f typo.json
apply -f typo.json --validate=false
create -f one.json
diff -f one-b.json
apply -f one-b.json
apply -f one-b.json --dry-run=server -o yaml
apply --server-side -f one.json --field-manager=ops
apply --server-side -f one.json --field-manager=ops --force-conflicts
get trinket one -n talk -o jsonpath={.metadata.managedFields[*].manager}
edit trinket one -n talk
replace -f one-b.json
edit trinket one -n talk
get trinket one -n talk -o jsonpath={.spec.size}
patch trinket one -n talk --type=merge -p {"spec":{"size":3}}
patch trinket one -n talk --type=merge -p {"spec":{"size":300}}
patch trinket one -n talk --type=json -p [{"op":"replace","path":"/spec/size","value":4}]
patch trinket one -n talk --type=strategic -p {"spec":{"size":4}}
patch trinket one -n talk --type=merge --subresource=status -p {"status":{"phase":"Up","size":4}}
get trinket one -n talk --subresource=status
describe trinket one -n talk
label trinket one -n talk tier=front
label trinket one -n talk tier=back
label trinket one -n talk tier=back --overwrite
label trinket one -n talk tier-
annotate trinket one -n talk note=x
annotate trinket one -n talk note-
scale trinket one -n talk --replicas=9
scale trinket one -n talk --replicas=5 --current-replicas=1
wait trinket/one -n talk --for=jsonpath={.status.phase}=Up --timeout=5s
apply -f deploy.json
get deployments -n talk
get deploy web -n talk -o wide
describe deployment web -n talk
set image deployment/web c=x:2 -n talk
set env deployment/web A=b -n talk
scale deployment web -n talk --replicas=3
rollout restart deployment/web -n talk
rollout status deployment/web -n talk --timeout=1s
rollout history deployment/web -n talk
autoscale deployment web -n talk --min=1 --max=3
get hpa -n talk
expose deployment web -n talk --port=80 --dry-run=client -o name
create -f more.yaml -n talk
get cm,secret,sa -n talk
get secret s1 -n talk -o jsonpath={.data.p}
create configmap c2 -n talk --from-literal=k=v --dry-run=server -o yaml
create role reader -n talk --verb=get,list --resource=trinkets.talk.example.com
create rolebinding reader -n talk --role=reader --serviceaccount=talk:robot
auth can-i list trinkets.talk.example.com -n talk --as=system:serviceaccount:talk:robot
auth can-i delete trinkets.talk.example.com -n talk --as=system:serviceaccount:talk:robot
auth can-i create pods -n talk
get trinkets -n talk --as=system:serviceaccount:talk:robot
delete trinket one -n talk --as=system:serviceaccount:talk:robot
create quota q -n talk --hard=pods=2
run p -n talk --image=x --restart=Never
get pod p -n talk
delete pod p -n talk --now
create job j -n talk --image=x -- true
create cronjob cj -n talk --image=x --schedule=@daily
get job,cronjob -n talk
delete trinket none -n talk
delete trinket one -n talk
delete trinkets --all -n talk
delete -f deploy.json
delete deployment web -n talk --ignore-not-found
get events -n talk
get talks -n talk
get deploy,job,cronjob,hpa -n talk
create namespace talk2
auth whoami
auth can-i --list -n talk2 --as=system:serviceaccount:talk2:nobody
create deployment web --image=x:1 --replicas=2 -n talk2
create deployment web --image=x:1 -n talk2
get deployment web -n talk2 -o yaml
set resources deployment web -n talk2 --limits=cpu=200m,memory=64Mi
set serviceaccount deployment web default -n talk2
rollout pause deployment/web -n talk2
rollout pause deployment/web -n talk2
rollout restart deployment/web -n talk2
rollout resume deployment/web -n talk2
rollout undo deployment/web -n talk2
label deployment web -n talk2 bad=a_b!
expose deployment web -n talk2 --port=80 --target-port=8080
describe svc web -n talk2
create service nodeport np --tcp=80:8080 -n talk2
get endpoints -n talk2
create ingress i --rule=x.example.com/a=web:80 -n talk2
describe ingress i -n talk2
create secret docker-registry d --docker-server=x --docker-username=u --docker-password=p -n talk2
create secret tls t --cert=none --key=none -n talk2
describe secret d -n talk2
create configmap c --from-literal=k=v -n talk2
describe configmap c -n talk2
patch configmap c -n talk2 -p {"data":{"k":null,"z":"1"}}
patch configmap c -n talk2 --type=json -p [{"op":"test","path":"/data/z","value":"2"}]
create token nobody -n talk2
create clusterrole talk2 --verb=get --resource=pods,pods/log --dry-run=server
create clusterrolebinding talk2 --clusterrole=view --serviceaccount=talk2:robot
auth can-i get secrets --as=system:serviceaccount:talk2:robot -n talk2
describe clusterrolebinding talk2
delete clusterrolebinding talk2
create poddisruptionbudget p --selector=app=web --min-available=1 -n talk2
describe pdb p -n talk2
create priorityclass talk2 --value=5 --dry-run=server -o yaml
create quota q --hard=count/secrets=9 -n talk2
describe quota q -n talk2
run p --image=x --labels=app=web --env=A=b -n talk2
get pods -n talk2 -o wide
describe pod p -n talk2
set image pod/p p=y -n talk2
label pods --all -n talk2 new=1
get pods -n talk2 --sort-by=.metadata.name --chunk-size=1
wait pod/p -n talk2 --for=condition=Ready --timeout=1s
events -n talk2 --for pod/p
create job j --image=x -n talk2
create cronjob cj --image=x --schedule=*/1_*_*_*_* -n talk2
create job j2 --from=cronjob/none -n talk2
describe job j -n talk2
delete job j -n talk2 --cascade=orphan --wait=false
delete pods -l app=web -n talk2 --now
drain none
taint nodes none a=b:NoSchedule
certificate approve none
api-resources --api-group=policy -o wide
explain pod.spec.containers.resources
explain nothing
get pods,services -n none-such
get --raw /apis/none
delete ns talk2 --wait=false
get ns talk2 -o jsonpath={.status.phase}
create cm late --from-literal=a=b -n talk2
delete crd trinkets.talk.example.com --wait=false
"""

MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}", "TIME"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
    (r"(Resource Version:\s+|resourceVersion\"?: \"?)\d+", r"\1N"),
    (r"(?<=\s)\d+[smh](\d+s)?(?=\s|$)", "AGE"),
    (r" +AGE", " AGE"),
    (r"10\.\d+\.\d+\.\d+", "ADDRESS"),
    (r"https?://127\.0\.0\.1:\d+(/[0-9a-zA-Z_-]{20,})?", "SERVER"),
    (r"/tmp/(LIVE|MERGED)-\d+", r"\1"),
    (r"trinkets-edit-\w+|kubectl-edit-\w+", "edited"),
    (r"\t+", " "),
    (r"(?m)^(?!talk\.)\S+\.example\.com/v\w+\n", ""),
)
UNLIKE = {
    "explain deployments.spec.strategy": "the values of a built-in enum are not listed",
}
"""Commands whose answers differ, and why."""


def session(binary: Path, kubeconfig: Path, folder: Path) -> Callable[[str], str]:
    """Runs kubectl in a folder of its own; what it wrote, and its exit code."""
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    (folder / "editor.sh").chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "KUBE_EDITOR": str(folder / "editor.sh"),
        "TMPDIR": "/tmp",
    }

    def run(line: str) -> str:
        arguments = shlex.split(line.replace('"', "\x01").replace("'", "\x02"))
        arguments = [part.replace("\x01", '"').replace("\x02", "'") for part in arguments]
        done = subprocess.run(
            [str(binary), "--cache-dir", str(folder / "cache"), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            cwd=folder,
            env=environment,
            check=False,
        )
        text = f"{done.stdout}{done.stderr}(exit {done.returncode})".replace(str(folder), "FOLDER")
        for pattern, replacement in MASKS:
            text = re.sub(pattern, replacement, text)
        return (
            "\n".join(sorted(text.split("\n"))) if "* spec." in text else text
        )  # a map's order, each time another

    return run


def test_a_session_reads_alike(control_plane: ControlPlane, envtest_assets: Path, tmp_path: Path) -> None:
    binary = envtest_assets / "kubectl"
    assert binary.is_file(), "no kubectl beside kube-apiserver"
    commands = [line for line in COMMANDS.strip().splitlines() if line]
    assert len(commands) >= 60
    with serve_in_thread(ApiServer(controllers=False)) as running:
        config = tmp_path / "kubeconfig"
        config.write_text(running.kubeconfig)
        ours = session(binary, config, tmp_path / "ours")
        real = session(binary, control_plane.kubeconfig, tmp_path / "real")
        different = []
        for line in commands:
            if line == "explain trinkets":
                # The real server tells of a kind's schema some time after it serves the kind.
                assert within(60, lambda: f"apis/{GROUP}/v1" in real("get --raw /openapi/v3"))
            expected, found = real(line), ours(line)
            if line == "api-versions":  # the real server is other tests' too, with their kinds
                ours_too = found.splitlines(keepends=True)
                told = expected.splitlines(keepends=True)
                expected = "".join(name for name in told if name in ours_too or "example.com/" not in name)
            if expected != found and line not in UNLIKE:
                different.append(f"$ kubectl {line}\n--- real\n{expected}\n--- ours\n{found}\n")
    assert not different, f"{len(different)} of {len(commands)} differ\n" + "\n".join(different)
