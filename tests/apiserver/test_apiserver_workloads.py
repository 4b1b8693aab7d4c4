"""The workload controllers of the in-process server: what they make, and the statuses that operators wait for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

MERGE = "application/merge-patch+json"
APPS = "/apis/apps/v1/namespaces/default"
TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "a"}},
    "spec": {"containers": [{"name": "c", "image": "i:1"}]},
}


@pytest.fixture
def api(make_api: Callable[..., Any]) -> Any:
    return make_api(workloads=True)


def spec(**more: Any) -> dict[str, Any]:
    return {"selector": {"matchLabels": {"app": "a"}}, "template": TEMPLATE, **more}


def pods(api: Any, **labels: str) -> list[dict[str, Any]]:
    selector = ",".join(f"{key}={value}" for key, value in labels.items())
    found: list[dict[str, Any]] = api("GET", f"/api/v1/namespaces/default/pods?labelSelector={selector}")[
        "items"
    ]
    return found


def conditions(obj: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {c["type"]: (c["status"], c["reason"]) for c in obj["status"]["conditions"]}


def test_a_deployment_becomes_available(api: Any) -> None:
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=3)})
    found = api("GET", f"{APPS}/deployments/d")
    status = {key: value for key, value in found["status"].items() if key != "conditions"}
    assert status == {
        "observedGeneration": 1,
        "replicas": 3,
        "updatedReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
    }
    assert conditions(found) == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    assert found["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    (made,) = api("GET", f"{APPS}/replicasets")["items"]
    assert made["metadata"]["ownerReferences"][0]["name"] == "d"
    assert made["status"]["readyReplicas"] == 3
    assert {pod["status"]["phase"] for pod in pods(api, app="a")} == {"Running"}
    assert all(pod["spec"]["nodeName"] for pod in pods(api))


def test_a_new_template_rolls_out_and_an_old_one_comes_back(api: Any) -> None:
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=2)})

    def image(name: str) -> dict[str, Any]:
        containers = [{"name": "c", "image": name}]
        patch = {"spec": {"template": {"spec": {"containers": containers}}}}
        api("PATCH", f"{APPS}/deployments/d", patch, MERGE)
        found: dict[str, Any] = api("GET", f"{APPS}/deployments/d")
        assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
        assert found["status"]["updatedReplicas"] == found["status"]["replicas"] == 2
        return found

    image("i:2")
    assert sorted(s["spec"]["replicas"] for s in api("GET", f"{APPS}/replicasets")["items"]) == [0, 2]
    assert {pod["spec"]["containers"][0]["image"] for pod in pods(api)} == {"i:2"}
    back = image("i:1")
    assert len(api("GET", f"{APPS}/replicasets")["items"]) == 2
    assert back["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"
    assert {pod["spec"]["containers"][0]["image"] for pod in pods(api)} == {"i:1"}


def test_pods_come_back_and_go_with_their_owner(api: Any) -> None:
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=2)})
    first = pods(api)[0]["metadata"]["name"]
    api("DELETE", f"/api/v1/namespaces/default/pods/{first}")
    assert len(pods(api)) == 2
    assert first not in {pod["metadata"]["name"] for pod in pods(api)}
    api("PATCH", f"{APPS}/deployments/d/scale", {"spec": {"replicas": 0}}, MERGE)
    assert pods(api) == []
    assert "readyReplicas" not in api("GET", f"{APPS}/deployments/d")["status"]
    api("PATCH", f"{APPS}/deployments/d/scale", {"spec": {"replicas": 1}}, MERGE)
    api("DELETE", f"{APPS}/deployments/d")
    assert pods(api) == api("GET", f"{APPS}/replicasets")["items"] == []


def test_unready_pods_keep_a_deployment_waiting_until_they_may_run(api: Any) -> None:
    api.server.workloads.switch(True, ready=False)
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=1)})
    waiting = api("GET", f"{APPS}/deployments/d")
    assert waiting["status"]["unavailableReplicas"] == 1
    assert conditions(waiting)["Available"] == ("False", "MinimumReplicasUnavailable")
    assert pods(api)[0]["status"]["phase"] == "Pending"
    api.server.workloads.switch(True)
    api.server.settle()
    assert conditions(api("GET", f"{APPS}/deployments/d"))["Available"][0] == "True"


def test_a_stateful_set_and_a_daemon_set_have_their_pods(api: Any) -> None:
    api(
        "POST", f"{APPS}/statefulsets", {"metadata": {"name": "s"}, "spec": spec(replicas=2, serviceName="s")}
    )
    found = api("GET", f"{APPS}/statefulsets/s")["status"]
    assert (found["readyReplicas"], found["updatedReplicas"], found["currentRevision"]) == (
        2,
        2,
        found["updateRevision"],
    )
    assert [pod["metadata"]["name"] for pod in pods(api)] == ["s-0", "s-1"]
    api("PATCH", f"{APPS}/statefulsets/s", {"spec": {"replicas": 1}}, MERGE)
    assert [pod["metadata"]["name"] for pod in pods(api)] == ["s-0"]
    template = {**TEMPLATE, "metadata": {"labels": {"app": "b"}}}
    own = {"selector": {"matchLabels": {"app": "b"}}, "template": template}
    api("POST", f"{APPS}/daemonsets", {"metadata": {"name": "e"}, "spec": own})
    status = api("GET", f"{APPS}/daemonsets/e")["status"]
    assert (status["numberReady"], status["desiredNumberScheduled"], status["numberAvailable"]) == (1, 1, 1)


def test_a_job_completes(api: Any) -> None:
    template = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    job = {"metadata": {"name": "j"}, "spec": {"completions": 3, "parallelism": 2, "template": template}}
    api("POST", jobs, job)
    found = api("GET", f"{jobs}/j")
    assert found["status"]["succeeded"] == 3
    assert conditions(found)["Complete"] == ("True", "CompletionsReached")
    assert {pod["status"]["phase"] for pod in pods(api)} == {"Succeeded"}
    api("DELETE", f"{jobs}/j?propagationPolicy=Background")
    assert pods(api) == []


def test_what_the_server_refuses_is_noted_and_stops_nothing(api: Any) -> None:
    bad = {**TEMPLATE, "spec": {"containers": [{"name": "c", "image": "i"}], "nodeSelector": {"a b": "c"}}}
    api.request(
        "POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": {**spec(), "template": bad}}
    )
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "e"}, "spec": spec(replicas=1)})
    assert api("GET", f"{APPS}/deployments/e")["status"]["readyReplicas"] == 1


def test_off_by_default(make_api: Callable[..., Any]) -> None:
    api = make_api()
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec()})
    assert pods(api) == []
    assert "observedGeneration" not in api("GET", f"{APPS}/deployments/d")["status"]


def events(api: Any, name: str) -> list[tuple[str, str]]:
    found = api("GET", f"/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D{name}")
    return sorted((event["reason"], event["message"]) for event in found["items"])


def test_what_controllers_do_is_told_by_events(api: Any) -> None:
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=2)})
    (made,) = api("GET", f"{APPS}/replicasets")["items"]
    name = made["metadata"]["name"]
    api("PATCH", f"{APPS}/deployments/d", {"spec": {"replicas": 1}}, MERGE)
    assert events(api, "d") == [
        ("ScalingReplicaSet", f"Scaled down replica set {name} from 2 to 1"),
        ("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 2"),
    ]
    assert [reason for reason, _ in events(api, name)] == ["SuccessfulCreate"] * 2 + ["SuccessfulDelete"]


def test_a_paused_deployment_says_so(api: Any) -> None:
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(paused=True)})
    found = api("GET", f"{APPS}/deployments/d")
    assert conditions(found)["Progressing"] == ("Unknown", "DeploymentPaused")
    assert api("GET", f"{APPS}/replicasets")["items"] == []
    found = api("PATCH", f"{APPS}/deployments/d", {"spec": {"paused": False}}, MERGE)
    assert conditions(api("GET", f"{APPS}/deployments/d"))["Progressing"] == (
        "True",
        "NewReplicaSetAvailable",
    )


def test_pods_of_an_indexed_job_know_their_numbers(api: Any) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": TEMPLATE["spec"]["containers"]}}
    counts = {"completions": 3, "parallelism": 2, "completionMode": "Indexed"}
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    api("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": template, **counts}})
    assert api("GET", f"{jobs}/j")["status"]["completedIndexes"] == "0-2"
    assert sorted(pod["spec"]["hostname"] for pod in pods(api)) == ["j-0", "j-1", "j-2"]
    assert ("Completed", "Job completed") in events(api, "j")


def test_a_suspended_job_says_so_and_goes_on(api: Any) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": TEMPLATE["spec"]["containers"]}}
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    api("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": template, "suspend": True}})
    assert conditions(api("GET", f"{jobs}/j")) == {"Suspended": ("True", "JobSuspended")}
    api("PATCH", f"{jobs}/j", {"spec": {"suspend": False}}, MERGE)
    assert conditions(api("GET", f"{jobs}/j"))["Complete"] == ("True", "CompletionsReached")


def test_a_budget_counts_its_pods(api: Any) -> None:
    path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    selector = {"matchLabels": {"app": "a"}}
    api("POST", path, {"metadata": {"name": "p"}, "spec": {"minAvailable": "50%", "selector": selector}})
    assert conditions(api("GET", f"{path}/p")) == {"DisruptionAllowed": ("False", "InsufficientPods")}
    api("POST", f"{APPS}/deployments", {"metadata": {"name": "d"}, "spec": spec(replicas=3)})
    status = api("GET", f"{path}/p")["status"]
    assert [status[name] for name in ("expectedPods", "currentHealthy", "desiredHealthy")] == [3, 3, 2]
    assert status["disruptionsAllowed"] == 1


def test_a_namespace_says_what_is_left_in_it(api: Any) -> None:
    api("POST", "/api/v1/namespaces", {"metadata": {"name": "gone"}})
    maps = "/api/v1/namespaces/gone/configmaps"
    api("POST", maps, {"metadata": {"name": "held", "finalizers": ["example.com/x"]}})
    api("DELETE", "/api/v1/namespaces/gone")
    found = {c["type"]: c["message"] for c in api("GET", "/api/v1/namespaces/gone")["status"]["conditions"]}
    assert found["NamespaceContentRemaining"] == (
        "Some resources are remaining: configmaps. has 1 resource instances"
    )
    assert found["NamespaceFinalizersRemaining"].endswith("example.com/x in 1 resource instances")
    assert len(found) == 5
