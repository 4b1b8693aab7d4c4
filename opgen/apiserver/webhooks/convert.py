"""Conversion webhooks: objects of a custom resource from one version to another, as their definition's webhook says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opgen.apiserver.call import Call
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import StatusError
from opgen.apiserver.webhooks.ask import Answer, Question
from opgen.ir.definition import Definition, WebhookConversion

_TIMEOUT = 30.0
_OWN = ("labels", "annotations")
"""What of metadata a webhook may change."""


def webhook_of(info: ResourceInfo) -> WebhookConversion | None:
    """The webhook that converts a resource; None where only the apiVersion changes."""
    conversion = info.definition.conversion if info.definition is not None else None
    if conversion is None or conversion.strategy != "Webhook":
        return None
    return conversion.webhook


def convert(
    call: Call,
    hook: WebhookConversion,
    objects: Sequence[JSONObject],
    info: ResourceInfo,
    version: str,
) -> list[JSONObject]:
    """The objects in another version, all in one question; errors are worded as if about one of them.

    Raises Outside until it is answered, and StatusError where the answer is no good.
    """
    assert info.definition is not None
    review_version = next((name for name in hook.review_versions if name in ("v1", "v1beta1")), "")
    subject = f"{objects[0].get('apiVersion')}, Kind={objects[0].get('kind')}"
    if not review_version:
        raise _failed("no supported conversion review versions")
    review = {
        "kind": "ConversionReview",
        "apiVersion": f"apiextensions.k8s.io/{review_version}",
        "request": {"desiredAPIVersion": version, "objects": list(objects)},
    }
    title = f"conversion {info.definition.name}"
    question = Question(title, _client(info.definition, hook), review, _TIMEOUT, shows_timeout=True)
    converted = _converted(call.answer(question), review_version, subject)
    if len(converted) != len(objects):
        count = max(0, len(converted) - len(objects) + 1)
        raise _failed(f"conversion webhook for {subject} returned {count} objects, expected 1")
    return [_checked(*pair, version, subject) for pair in zip(objects, converted, strict=True)]


def _failed(why: str) -> StatusError:
    return StatusError(500, "", why)


def _client(definition: Definition, hook: WebhookConversion) -> JSONObject:
    client: JSONObject = {"caBundle": hook.ca_bundle or ""}
    if hook.service is not None:
        service = hook.service
        client["service"] = {
            "namespace": service.namespace,
            "name": service.name,
            "path": service.path or "",
            "port": service.port or 443,
        }
    else:
        client["url"] = hook.url
    return client


def _converted(answer: Answer, version: str, subject: str) -> list[Any]:
    try:
        return _objects(answer, version)
    except ValueError as error:
        raise _failed(f"conversion webhook for {subject} failed: {error}") from None


def _objects(answer: Answer, version: str) -> list[Any]:
    if answer.error:
        raise ValueError(answer.error)
    data: JSONObject = answer.data
    if version == "v1":
        found = f"{data.get('apiVersion')}, Kind={data.get('kind')}"
        wanted = "apiextensions.k8s.io/v1, Kind=ConversionReview"
        if found != wanted:
            raise ValueError(f"expected webhook response of {wanted}, got {found}")
    response = data.get("response")
    if not isinstance(response, dict):
        raise ValueError("no response provided")
    if version == "v1" and response.get("uid") != answer.uid:
        raise ValueError(f'expected response.uid="{answer.uid}", got "{response.get("uid") or ""}"')
    result = response.get("result") or {}
    if result.get("status") != "Success":
        text = (
            result.get("message")
            or f"response.result.status was '{result.get('status') or ''}', not 'Success'"
        )
        raise ValueError(text)
    return list(response.get("convertedObjects") or ())


def _checked(original: JSONObject, converted: Any, version: str, subject: str) -> JSONObject:
    """The converted object with what it may not change put back."""

    def wrong(why: str, where: str = "object at index 0") -> StatusError:
        return _failed(f"conversion webhook for {subject} returned invalid {where}: {why}")

    if not isinstance(converted, dict):
        raise wrong("not an object")
    found = converted.get("apiVersion") or ""
    if found != version:
        raise wrong(f"invalid groupVersion (expected {version}, received {found})")
    if converted.get("kind") != original.get("kind"):
        kinds = f"expected {original.get('kind')}, received {converted.get('kind') or ''}"
        raise wrong(f"invalid kind ({kinds})")
    metadata, held = converted.get("metadata"), original["metadata"]
    given = metadata if isinstance(metadata, dict) else {}
    for title, name in (("name", "name"), ("namespace", "namespace"), ("UID", "uid")):
        if (given.get(name) or "") != (held.get(name) or ""):
            pair = f"{held.get(name) or ''} != {given.get(name) or ''}"
            raise wrong(f"must have the same {title}: {pair}", "object")
    kept = {key: value for key, value in held.items() if key not in _OWN}
    return {**converted, "metadata": kept | {key: given[key] for key in _OWN if given.get(key)}}
