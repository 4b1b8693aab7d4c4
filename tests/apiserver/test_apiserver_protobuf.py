"""Bodies in Kubernetes' protobuf form, written here by hand."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.apiserver import protobuf


def varint(number: int) -> bytes:
    out = bytearray()
    number &= 2**64 - 1
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def data(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def pair(field: int, key: str, value: bytes | str) -> bytes:
    return data(field, data(1, key) + data(2, value))


def body(version: str, kind: str, message: bytes) -> bytes:
    return b"k8s\x00" + data(1, data(1, version) + data(2, kind)) + data(2, message)


META = data(1, "a") + data(2, "") + number(7, 0) + data(8, b"") + pair(11, "l", "1")


def test_maps_bytes_and_metadata() -> None:
    raw = body("v1", "Secret", data(1, META) + pair(2, "k", b"\x00\x01") + data(3, "Opaque"))
    assert protobuf.read(raw) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "a", "labels": {"l": "1"}},
        "data": {"k": "AAE="},
        "type": "Opaque",
    }


def test_zero_behind_a_pointer_is_a_value() -> None:
    container = data(1, "c") + data(2, "x") + data(6, number(3, 80) + number(2, 0))
    template = data(2, data(2, container) + number(5, -1))
    spec = number(1, 0) + number(5, 0) + data(3, template)
    read = protobuf.read(body("apps/v1", "Deployment", data(1, META) + data(2, spec)))
    assert read["spec"]["replicas"] == 0
    assert "minReadySeconds" not in read["spec"]
    pod = read["spec"]["template"]["spec"]
    assert pod["activeDeadlineSeconds"] == -1
    assert pod["containers"][0]["ports"] == [{"containerPort": 80}]


def test_structs_that_json_inlines() -> None:
    volume = data(1, "v") + data(2, data(19, data(1, data(1, "cm"))))
    read = protobuf.read(body("v1", "Pod", data(1, META) + data(2, data(1, volume))))
    assert read["spec"]["volumes"] == [{"name": "v", "configMap": {"name": "cm"}}]


def test_times_and_numbers_or_text() -> None:
    micro = number(1, 1_700_000_000) + number(2, 5_000)
    lease = protobuf.read(body("coordination.k8s.io/v1", "Lease", data(1, META) + data(2, data(3, micro))))
    assert lease["spec"] == {"acquireTime": "2023-11-14T22:13:20.000005Z"}
    port = number(3, 80) + data(4, number(1, 1) + data(3, "http"))
    service = protobuf.read(body("v1", "Service", data(1, META) + data(2, data(1, port))))
    assert service["spec"]["ports"] == [{"port": 80, "targetPort": "http"}]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"k8s\x00\xff",
        b"k8s\x00" + varint(1 << 3 | 2) + b"\x7f",
        b"k8s\x00" + b"\xff" * 12,
        body("v1", "Nothing", b""),
        body("v1", "Secret", data(1, b"\x0b")),
        body("v1", "Secret", number(1, 5)),
    ],
)
def test_bytes_that_are_no_object(api: Any, raw: bytes) -> None:
    from opgen.apiserver import Request

    headers = {"Content-Type": protobuf.MEDIA_TYPE}
    response = api.server.respond(Request("POST", "/api/v1/namespaces/n/secrets", (), headers, raw))
    assert response.status == 400, response.body


def test_a_created_object_is_like_any_other(api: Any) -> None:
    from opgen.apiserver import Request

    raw = body("v1", "ConfigMap", data(1, META) + pair(2, "k", "v"))
    headers = {"Content-Type": protobuf.MEDIA_TYPE, "Accept": f"{protobuf.MEDIA_TYPE},application/json"}
    response = api.server.respond(Request("POST", "/api/v1/namespaces/n/configmaps", (), headers, raw))
    assert (response.status, response.json()["data"]) == (201, {"k": "v"})
