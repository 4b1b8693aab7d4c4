"""Installing CustomResourceDefinitions on a real API server, ready for the first object."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from typing import Any

from opgen.controlplane.api import Api, ApiFailure
from opgen.errors import OpgenError

_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_LONG_AGO = "2000-01-01T00:00:00Z"
_SECONDS = 30.0


def install(api: Api, definitions: Iterable[dict[str, Any]]) -> list[str]:
    """Apply the definitions and wait until their kinds are served; returns their names. Raises OpgenError.

    A kube-apiserver lets the first creates after a definition was established wait for two seconds, for the sake of
    other servers behind the same address. There is one here, so the condition is dated back.
    """
    names: list[str] = []
    for definition in definitions:
        name = definition["metadata"]["name"]
        body = {key: value for key, value in definition.items() if key != "status"}
        query = "?fieldManager=opgen&force=true"
        try:
            api("PATCH", f"{_PATH}/{name}{query}", body, "application/apply-patch+yaml")
        except ApiFailure as refused:
            raise OpgenError(f"the API server refuses the definition {name}: {refused}") from refused
        names.append(name)
    for name in names:
        _date_back(api, name, _established(api, name))
    for name in names:
        _served(api, name)
    return names


def missing(api: Api, definitions: Iterable[dict[str, Any]]) -> list[str]:
    """The names of those definitions that the server doesn't have."""
    there = {item["metadata"]["name"] for item in api("GET", _PATH)["items"]}
    return [name for one in definitions if (name := one["metadata"]["name"]) not in there]


def _conditions(definition: dict[str, Any]) -> list[dict[str, Any]]:
    return list(definition.get("status", {}).get("conditions") or ())


def _established(api: Api, name: str) -> dict[str, Any]:
    end = time.monotonic() + _SECONDS
    while True:
        found: dict[str, Any] = api("GET", f"{_PATH}/{name}")
        conditions = {one["type"]: one for one in _conditions(found)}
        if conditions.get("Established", {}).get("status") == "True":
            return found
        if time.monotonic() > end:
            said = conditions.get("NamesAccepted", {}).get("message", "no condition says why")
            raise OpgenError(f"the definition {name} is not established after {_SECONDS:g} s: {said}")
        time.sleep(0.01)


def _date_back(api: Api, name: str, definition: dict[str, Any]) -> None:
    dated = [{**one, "lastTransitionTime": _LONG_AGO} for one in _conditions(definition)]
    patch = {"status": {"conditions": dated}}
    api("PATCH", f"{_PATH}/{name}/status", patch, "application/merge-patch+json")


def _served(api: Api, name: str) -> None:
    """Wait until every served version answers, and the server has seen the condition's date.

    Only a create tells of the date: one that is refused, since it holds nothing, waits here in the caller's stead.
    """
    spec = api("GET", f"{_PATH}/{name}")["spec"]
    group, plural = spec["group"], spec["names"]["plural"]
    end = time.monotonic() + _SECONDS
    for version in spec["versions"]:
        if not version.get("served"):
            continue
        base = f"/apis/{group}/{version['name']}"
        path = f"{base}/{plural}?limit=1"
        while not api.answers(path):
            if time.monotonic() > end:
                raise OpgenError(f"{path} does not answer after {_SECONDS:g} s")
            time.sleep(0.01)
        space = "/namespaces/default" if spec["scope"] == "Namespaced" else ""
        with contextlib.suppress(ApiFailure):
            api("POST", f"{base}{space}/{plural}?dryRun=All", {})
