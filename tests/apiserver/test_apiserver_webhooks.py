"""Webhooks of the in-process server that `test_apiserver_recorded` doesn't reach: functions, services, watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from apiserver_webhook_requests import gadgets
from opgen_runtime.testing import VirtualClock
from webhook_server import ca_bundle, respond, serving

from opgen.apiserver import ApiServer, Request, Response

MAPS = "/api/v1/namespaces/default/configmaps"
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
RULE = {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["CREATE"]}


def hook(**client: Any) -> dict[str, Any]:
    """A configuration of one webhook for new ConfigMaps."""
    one = {
        "name": "h.example.com",
        "clientConfig": {
            "service": {"name": "hooks", "namespace": "default", **client},
            "caBundle": ca_bundle(),
        },
        "rules": [RULE],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    return {"metadata": {"name": "c"}, "webhooks": [one]}


async def ask(server: ApiServer, method: str, path: str, body: Any = None, **query: str) -> Response:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "t/1"}
    return await server.handle(Request(method, path, tuple(query.items()), headers, data))


def run(test: Callable[[], Any]) -> None:
    VirtualClock().run(test())


async def answering(path: str, body: bytes) -> tuple[int, bytes]:
    """An admission webhook as a function."""
    review = json.loads(body)
    response = {"uid": review["request"]["uid"], **respond(path, review["request"])}
    return 200, json.dumps({**review, "response": response}).encode()


def test_a_function_is_a_webhook_under_virtual_time() -> None:
    async def test() -> None:
        server = ApiServer()
        server.context.services["default/hooks"] = answering
        assert (await ask(server, "POST", CONFIGURATIONS, hook(path="/once"))).status == 201
        made = await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
        assert made.json()["metadata"]["annotations"] == {"once": "yes"}

    run(test)


def test_a_webhook_may_ask_the_server_that_asks_it() -> None:
    async def test() -> None:
        server = ApiServer()

        async def curious(path: str, body: bytes) -> tuple[int, bytes]:
            listed = await ask(server, "GET", MAPS)
            assert listed.status == 200
            await ask(server, "POST", "/api/v1/namespaces/default/secrets", {"metadata": {"name": "seen"}})
            return await answering(path, body)

        server.context.services["default/hooks"] = curious
        await ask(server, "POST", CONFIGURATIONS, hook(path="/"))
        assert (await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})).status == 201
        assert (await ask(server, "GET", "/api/v1/namespaces/default/secrets/seen")).status == 200

    run(test)


def test_a_write_in_between_is_seen_and_the_webhook_asked_again() -> None:
    """The object changes while the webhook thinks about an update: it is asked about the newer one."""

    async def test() -> None:
        server = ApiServer()
        asked: list[str] = []

        async def slow(path: str, body: bytes) -> tuple[int, bytes]:
            asked.append(json.loads(body)["request"]["oldObject"]["metadata"]["resourceVersion"])
            if len(asked) == 1:
                patch = Request("PATCH", f"{MAPS}/a", (), {"Content-Type": "application/merge-patch+json"})
                other = b'{"data": {"other": "x"}}'
                request = Request(patch.method, patch.path, (("fieldManager", "o"),), patch.headers, other)
                await server.handle(request)
            return await answering(path, body)

        await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
        configuration = hook(path="/")
        configuration["webhooks"][0]["rules"] = [{**RULE, "operations": ["UPDATE"]}]
        server.context.services["default/hooks"] = slow
        await ask(server, "POST", CONFIGURATIONS, configuration)
        headers = {"Content-Type": "application/merge-patch+json", "User-Agent": "t/1"}
        answer = await server.handle(Request("PATCH", f"{MAPS}/a", (), headers, b'{"data": {"own": "y"}}'))
        assert answer.json()["data"] == {"other": "x", "own": "y"}
        assert len(set(asked)) == 2

    run(test)


def test_a_function_that_takes_too_long_is_a_failure() -> None:
    async def test() -> None:
        server = ApiServer()

        async def sleeping(path: str, body: bytes) -> tuple[int, bytes]:
            await asyncio.sleep(60)
            raise AssertionError("nobody waits that long")

        server.context.services["default/hooks"] = sleeping
        await ask(server, "POST", CONFIGURATIONS, hook(path="/x"))
        answer = await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
        assert answer.status == 500
        wanted = 'Post "https://hooks.default.svc:443/x?timeout=5s": context deadline exceeded'
        assert wanted in answer.json()["message"]

    run(test)


def test_a_service_is_reached_where_it_is_said_to_be() -> None:
    with serving() as url:
        server = ApiServer()
        server.context.services["default/hooks"] = url

        async def test() -> None:
            await ask(server, "POST", CONFIGURATIONS, hook(path="/once", port=8443))
            made = await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
            assert made.json()["metadata"]["annotations"] == {"once": "yes"}

        asyncio.run(test())


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with serving() as url:
        server = ApiServer()
        server.context.services["default/hooks"] = url

        async def test() -> None:
            configuration = hook(path="/once")
            del configuration["webhooks"][0]["clientConfig"]["caBundle"]
            await ask(server, "POST", CONFIGURATIONS, configuration)
            answer = await ask(server, "POST", MAPS, {"metadata": {"name": "a"}})
            assert "x509: certificate signed by unknown authority" in answer.json()["message"]

        asyncio.run(test())


def test_a_watch_shows_the_version_that_it_asks_for(widgets: dict[str, Any]) -> None:
    with serving() as url:
        server = ApiServer([gadgets(widgets, f"{url}/convert")])
        path = "/apis/example.com/{}/namespaces/default/gadgets"

        async def test() -> None:
            kind = {"kind": "Gadget", "apiVersion": "example.com/v2"}
            first = {**kind, "metadata": {"name": "a"}, "spec": {"sizes": [4]}}
            assert (await ask(server, "POST", path.format("v2"), first)).status == 201
            watch = await ask(server, "GET", path.format("v1"), watch="1", timeoutSeconds="5")
            assert watch.chunks is not None
            second = {**first, "metadata": {"name": "b"}, "spec": {"sizes": [7, 8]}}
            await ask(server, "POST", path.format("v2"), second)
            events: list[Any] = []
            async for chunk in watch.chunks:
                events += [json.loads(line) for line in chunk.splitlines()]
                if len(events) == 2:
                    break
            await watch.close()
            assert [event["object"]["spec"] for event in events] == [{"size": 4}, {"size": 7}]

        asyncio.run(test())


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("name", "short", "webhooks[0].name: Invalid value"),
        (
            "sideEffects",
            None,
            "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
        ),
        ("sideEffects", "Some", 'webhooks[0].sideEffects: Unsupported value: "Some"'),
        ("timeoutSeconds", 31, "the timeout value must be between 1 and 30 seconds"),
        ("failurePolicy", "Maybe", "webhooks[0].failurePolicy: Unsupported value"),
        ("admissionReviewVersions", ["v9"], "must include at least one of v1, v1beta1"),
        (
            "rules",
            [{**RULE, "operations": ["READ"]}],
            "webhooks[0].rules[0].operations[0]: Unsupported value",
        ),
        ("clientConfig", {}, "webhooks[0].clientConfig: Required value: exactly one of url or service"),
        ("clientConfig", {"url": "http://x"}, "'https' is the only allowed URL scheme"),
    ],
)
def test_what_is_no_webhook_is_refused(api: Any, field: str, value: Any, complaint: str) -> None:
    configuration = hook(path="/")
    configuration["webhooks"][0][field] = value
    assert complaint in api.fails(422, "POST", CONFIGURATIONS, configuration)["message"]
