"""Create, read, update, patch and delete of built-in and custom objects, and how the server words a refusal."""

from __future__ import annotations

from typing import Any

import pytest

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
JSON_PATCH = "application/json-patch+json"

MAPS = "/api/v1/namespaces/n/configmaps"
WIDGET = "/apis/example.com/v1/namespaces/n/widgets"
DEPLOYMENTS = "/apis/apps/v1/namespaces/n/deployments"


def widget(name: str = "w", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def deployment(name: str = "d") -> dict[str, Any]:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
    return {
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }


def test_a_created_object_has_what_only_the_server_sets(api: Any) -> None:
    made = api(
        "POST", MAPS, {"metadata": {"name": "a", "uid": "mine", "labels": {"l": "1"}}, "data": {"k": "v"}}
    )
    metadata = made["metadata"]
    assert made["kind"] == "ConfigMap"
    assert metadata["namespace"] == "n"
    assert len(metadata["uid"]) == 36
    assert metadata["creationTimestamp"].endswith("Z")
    assert metadata["resourceVersion"].isdigit()
    assert api("GET", f"{MAPS}/a") == made


def test_generate_name_gives_each_object_its_own(api: Any) -> None:
    names = {api("POST", MAPS, {"metadata": {"generateName": "x-"}})["metadata"]["name"] for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("x-") and len(name) == 7 for name in names)


@pytest.mark.parametrize(
    ("body", "status", "reason", "message"),
    [
        ("{bad", 400, "BadRequest", "invalid character 'b' looking for beginning of object key string"),
        ("", 400, "BadRequest", "unexpected end of JSON input"),
        ("[]", 400, "BadRequest", "json: cannot unmarshal array into Go value"),
        ({"metadata": {}}, 422, "Invalid", "metadata.name: Required value: name or generateName is required"),
        ({"metadata": {"name": "A"}}, 422, "Invalid", "a lowercase RFC 1123 subdomain must consist of"),
        (
            {"metadata": {"name": "x", "namespace": "o"}},
            400,
            "BadRequest",
            "does not match the namespace sent",
        ),
        (
            {"metadata": {"name": "x"}, "data": {"k": 1}},
            400,
            "BadRequest",
            "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
        ),
        (
            {"metadata": {"name": "x", "labels": {"a b": "c"}}},
            422,
            "Invalid",
            "metadata.labels: Invalid value",
        ),
        (
            {"kind": "Secret", "apiVersion": "v1"},
            400,
            "BadRequest",
            'Secret in version "v1" cannot be handled',
        ),
    ],
)
def test_bad_bodies_are_refused_as_the_real_server_does(
    api: Any, body: Any, status: int, reason: str, message: str
) -> None:
    refused = api.fails(status, "POST", MAPS, body)
    assert refused["reason"] == reason
    assert message in refused["message"]


def test_unknown_fields_warn_or_are_refused(api: Any) -> None:
    body = {"metadata": {"name": "x"}, "datum": 1}
    refused = api.fails(400, "POST", f"{MAPS}?fieldValidation=Strict", body)
    assert refused["message"].endswith('strict decoding error: unknown field "datum"')
    warned = api.request("POST", MAPS, body)
    assert warned.headers["Warning"] == '299 - "unknown field \\"datum\\""'
    assert "datum" not in warned.json()
    silent = api.request("PUT", f"{MAPS}/x?fieldValidation=Ignore", body)
    assert "Warning" not in silent.headers


def test_conflicts_name_the_object(api: Any) -> None:
    made = api("POST", MAPS, {"metadata": {"name": "a"}})
    assert api.fails(409, "POST", MAPS, {"metadata": {"name": "a"}})["reason"] == "AlreadyExists"
    api("PATCH", f"{MAPS}/a", {"data": {"x": "1"}}, MERGE)
    stale = {"metadata": {"name": "a", "resourceVersion": made["metadata"]["resourceVersion"]}}
    refused = api.fails(409, "PUT", f"{MAPS}/a", stale)
    assert refused["reason"] == "Conflict"
    assert refused["details"] == {"name": "a", "kind": "configmaps"}
    assert "the object has been modified" in refused["message"]


def test_a_write_that_changes_nothing_keeps_the_version(api: Any) -> None:
    made = api("POST", WIDGET, widget(size=5))
    again = api("PATCH", f"{WIDGET}/w", {"spec": {"size": 5}}, MERGE)
    assert again == made


def test_a_dry_run_stores_nothing(api: Any) -> None:
    api("POST", f"{MAPS}?dryRun=All", {"metadata": {"name": "a"}})
    api.fails(404, "GET", f"{MAPS}/a")
    api("POST", MAPS, {"metadata": {"name": "a"}, "data": {"x": "1"}})
    changed = api("PATCH", f"{MAPS}/a?dryRun=All", {"data": {"x": "2"}}, MERGE)
    assert changed["data"] == {"x": "2"}
    assert api("GET", f"{MAPS}/a")["data"] == {"x": "1"}
    api("DELETE", f"{MAPS}/a?dryRun=All")
    api("GET", f"{MAPS}/a")


def test_custom_objects_are_pruned_defaulted_and_validated(api: Any) -> None:
    made = api.request("POST", WIDGET, widget(extra=1))
    assert made.json()["spec"] == {"size": 3}
    assert made.headers["Warning"] == '299 - "unknown field \\"spec.extra\\""'
    refused = api.fails(422, "PATCH", f"{WIDGET}/w", {"spec": {"size": 0}}, MERGE)
    assert refused["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": "Invalid value: 0: spec.size in body should be greater than or equal to 1",
            "field": "spec.size",
        }
    ]


def test_generation_counts_changes_of_the_spec_alone(api: Any) -> None:
    api("POST", WIDGET, widget())
    for patch, path, generation in (
        ({"metadata": {"labels": {"a": "b"}}}, "", 1),
        ({"status": {"ready": True}}, "/status", 1),
        ({"spec": {"size": 9}}, "", 2),
    ):
        changed = api("PATCH", f"{WIDGET}/w{path}", patch, MERGE)
        assert changed["metadata"]["generation"] == generation


def test_status_and_spec_are_written_through_different_doors(api: Any) -> None:
    api("POST", WIDGET, {**widget(size=2), "status": {"ready": True}})
    assert "status" not in api("GET", f"{WIDGET}/w")
    changed = api("PATCH", f"{WIDGET}/w/status", {"spec": {"size": 8}, "status": {"ready": True}}, MERGE)
    assert (changed["spec"], changed["status"]) == ({"size": 2}, {"ready": True})
    kept = api("PATCH", f"{WIDGET}/w", {"status": {"ready": False}}, MERGE)
    assert kept["status"] == {"ready": True}


def test_scale_reads_and_writes_the_replicas(api: Any) -> None:
    api("POST", WIDGET, widget(size=2))
    scale = api("GET", f"{WIDGET}/w/scale")
    assert (scale["kind"], scale["spec"], scale["status"]) == ("Scale", {"replicas": 2}, {"replicas": 0})
    api("PATCH", f"{WIDGET}/w/scale", {"spec": {"replicas": 6}}, MERGE)
    assert api("GET", f"{WIDGET}/w")["spec"]["size"] == 6
    api("POST", DEPLOYMENTS, deployment())
    api("PUT", f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": 4}, "metadata": {"name": "d"}})
    scaled = api("GET", f"{DEPLOYMENTS}/d/scale")
    assert (scaled["spec"]["replicas"], scaled["status"]["selector"]) == (4, "a=b")
    refused = api.fails(422, "PATCH", f"{DEPLOYMENTS}/d/scale", {"spec": {"replicas": -1}}, MERGE)
    assert refused["details"]["kind"] == "Scale"


def test_built_in_kinds_get_the_servers_defaults(api: Any) -> None:
    made = api("POST", DEPLOYMENTS, deployment())
    assert made["spec"]["replicas"] == 1
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": "25%"}
    container = made["spec"]["template"]["spec"]["containers"][0]
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert made["status"] == {}
    service = api(
        "POST",
        "/api/v1/namespaces/n/services",
        {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}},
    )
    assert service["spec"]["clusterIP"].startswith("10.0.")
    assert service["spec"]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"spec": {"selector": {"matchLabels": {"z": "z"}}}}, "spec.selector"),
        ({"spec": {"replicas": -1}}, "spec.replicas"),
        ({"spec": {"template": {"spec": {"restartPolicy": "Never"}}}}, "spec.template.spec.restartPolicy"),
        (
            {"spec": {"template": {"metadata": {"labels": {"a": "other"}}}}},
            "spec.template.metadata.labels",
        ),
    ],
)
def test_workloads_are_checked(api: Any, patch: Any, field: str) -> None:
    api("POST", DEPLOYMENTS, deployment())
    causes = api.fails(422, "PATCH", f"{DEPLOYMENTS}/d", patch, MERGE)["details"]["causes"]
    assert field in [cause["field"] for cause in causes]


def test_a_secret_takes_text_and_keeps_bytes(api: Any) -> None:
    secrets = "/api/v1/namespaces/n/secrets"
    made = api("POST", secrets, {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"c": "ZA=="}})
    assert (made["type"], made["data"]) == ("Opaque", {"a": "Yg==", "c": "ZA=="})
    assert "stringData" not in made
    refused = api.fails(400, "POST", secrets, {"metadata": {"name": "t"}, "data": {"c": "!!"}})
    assert "illegal base64 data at input byte 0" in refused["message"]


def test_events_are_the_same_objects_in_both_groups(api: Any) -> None:
    new = "/apis/events.k8s.io/v1/namespaces/n/events"
    about = {"kind": "Pod", "name": "p", "namespace": "n"}
    api("POST", new, {"metadata": {"name": "e"}, "regarding": about, "note": "hello", "reason": "R"})
    old = api("GET", "/api/v1/namespaces/n/events/e")
    assert (old["kind"], old["apiVersion"], old["message"]) == ("Event", "v1", "hello")
    assert old["involvedObject"] == about
    changed = api("PATCH", f"{new}/e", {"note": "bye"}, MERGE)
    assert (changed["apiVersion"], changed["note"]) == ("events.k8s.io/v1", "bye")
    assert api("GET", "/api/v1/namespaces/n/events/e")["message"] == "bye"


@pytest.mark.parametrize(
    ("operations", "data"),
    [
        ([{"op": "add", "path": "/data/b", "value": "2"}], {"a": "1", "b": "2"}),
        ([{"op": "remove", "path": "/data/a"}], None),
        ([{"op": "replace", "path": "/data", "value": {"z": "9"}}], {"z": "9"}),
        ([{"op": "move", "from": "/data/a", "path": "/data/b"}], {"b": "1"}),
        ([{"op": "copy", "from": "/data/a", "path": "/data/b"}], {"a": "1", "b": "1"}),
        ([{"op": "test", "path": "/data/a", "value": "1"}], {"a": "1"}),
    ],
)
def test_json_patch(api: Any, operations: Any, data: Any) -> None:
    api("POST", MAPS, {"metadata": {"name": "a"}, "data": {"a": "1"}})
    assert api("PATCH", f"{MAPS}/a", operations, JSON_PATCH).get("data") == data


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "test", "path": "/data/a", "value": "2"}],
        [{"op": "remove", "path": "/data/none"}],
        [{"op": "add", "path": "/none/none/none", "value": 1}],
        [{"op": "dance", "path": "/data"}],
    ],
)
def test_json_patches_that_cannot_be_applied(api: Any, operations: Any) -> None:
    api("POST", MAPS, {"metadata": {"name": "a"}, "data": {"a": "1"}})
    refused = api.fails(422, "PATCH", f"{MAPS}/a", operations, JSON_PATCH)
    assert refused["message"] == "the server rejected our request due to an error in our request"


def test_strategic_patches_merge_lists_by_key(api: Any) -> None:
    api("POST", DEPLOYMENTS, deployment())

    def containers(*patch: dict[str, Any], **more: Any) -> list[Any]:
        body = {"spec": {"template": {"spec": {"containers": list(patch), **more}}}}
        changed = api("PATCH", f"{DEPLOYMENTS}/d", body, STRATEGIC)
        return [(c["name"], c["image"]) for c in changed["spec"]["template"]["spec"]["containers"]]

    assert containers({"name": "c", "image": "x:2"}) == [("c", "x:2")]
    order = {"$setElementOrder/containers": [{"name": "c"}, {"name": "side"}]}
    assert containers({"name": "side", "image": "s"}, **order) == [("c", "x:2"), ("side", "s")]
    assert containers({"name": "side", "$patch": "delete"}) == [("c", "x:2")]
    recreate = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert api("PATCH", f"{DEPLOYMENTS}/d", recreate, STRATEGIC)["spec"]["strategy"] == {"type": "Recreate"}


def test_custom_kinds_take_no_strategic_patch(api: Any) -> None:
    api("POST", WIDGET, widget())
    refused = api.fails(415, "PATCH", f"{WIDGET}/w", {}, STRATEGIC)
    assert refused["reason"] == "UnsupportedMediaType"
    assert "application/apply-patch+yaml" in refused["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", MAPS, 405),
        ("POST", f"{MAPS}/a", 405),
        ("POST", "/api/v1/configmaps", 405),
        ("GET", "/api/v1/configmaps/a", 404),
        ("GET", "/api/v1/nothings", 404),
        ("GET", "/apis/nothing.io/v1/things", 404),
        ("GET", f"{MAPS}/a/status", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/api/v1/namespaces", 405),
    ],
)
def test_paths_that_lead_nowhere(api: Any, method: str, path: str, status: int) -> None:
    assert api.request(method, path, {} if method in ("PUT", "POST") else None).status == status


def test_a_namespace_must_exist(api: Any) -> None:
    refused = api.fails(404, "POST", "/api/v1/namespaces/none/configmaps", {"metadata": {"name": "a"}})
    assert refused["message"] == 'namespaces "none" not found'
