"""Admission webhooks: the mutating ones in turn, then the validating ones.

`opgen.apiserver.admission` calls `mutate` and `validate`; what the webhooks said is in the request's `Call`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from opgen.apiserver.access.authorizer import Authorizer
from opgen.apiserver.call import Call
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.patch.json_patch import PatchError, PatchSyntaxError, json_patch
from opgen.apiserver.policies.authorization import decider, own_resource
from opgen.apiserver.policies.expressions import Inputs
from opgen.apiserver.status import StatusError, bad_request, internal_error
from opgen.apiserver.storage import Change, Store
from opgen.apiserver.webhooks.ask import Answer, Question
from opgen.apiserver.webhooks.conditions import ConditionsFailed, all_hold
from opgen.apiserver.webhooks.matching import Write, fitting, selected
from opgen.apiserver.webhooks.reinvocation import Rounds
from opgen.apiserver.webhooks.request import forbidden, review_request

_GROUP = "admissionregistration.k8s.io"
_VERSIONS = ("v1", "v1beta1")


class _CallFailed(Exception):
    """The webhook gave no usable answer: its failurePolicy decides."""


@dataclass(frozen=True, slots=True)
class _Hook:
    """One webhook of a configuration. `key` tells it from all others."""

    key: str
    spec: JSONObject

    @property
    def name(self) -> str:
        return str(self.spec.get("name") or "")


class Webhooks:
    """Knows the webhooks that are configured, and asks them."""

    def __init__(self, store: Store, registry: Registry, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer
        self._registry = registry
        self._hooks: dict[str, tuple[_Hook, ...]] = {}
        for kind in ("mutating", "validating"):
            store.subscribe(f"{_GROUP}/{kind}webhookconfigurations", self._changed)

    def _changed(self, change: Change) -> None:
        self._hooks.clear()

    def _configured(self, kind: str) -> tuple[_Hook, ...]:
        found = self._hooks.get(kind)
        if found is None:
            found = self._hooks[kind] = tuple(
                _Hook(f"{item.name}/{index}", spec)
                for item in self._store.items(f"{_GROUP}/{kind}webhookconfigurations")
                for index, spec in enumerate(item.obj.get("webhooks") or ())
            )
        return found

    def concerns(self, kind: str, call: Call, info: ResourceInfo) -> bool:
        """Whether any webhook (mutating or validating) could be asked about a write of this resource."""
        return bool(call.admits and self._configured(kind) and info.group != _GROUP)

    def _concerned(self, kind: str, call: Call, write: Write) -> Sequence[_Hook]:
        return self._configured(kind) if self.concerns(kind, call, write.info) else ()

    def mutate(self, call: Call, write: Write, rounds: Rounds) -> Write:
        """The write with the object as the webhooks leave it. Raises StatusError and Outside."""
        hooks = self._concerned("mutating", call, write)
        if hooks:
            turns = rounds.webhooks
            rounds.begin(turns, write.obj)
            for hook in hooks:
                info = self._admits(hook, call, write)
                if info is None or rounds.skips(turns, hook.key):
                    continue
                before = write.obj
                write = self._mutated(call, hook, write, info)
                if write.obj != before:
                    rounds.changed(turns)
                if hook.spec.get("reinvocationPolicy") == "IfNeeded":
                    turns.asked.add(hook.key)
            turns.left = write.obj
        return write

    def validate(self, call: Call, write: Write) -> None:
        """Ask all validating webhooks. Raises StatusError and Outside."""
        for hook in self._concerned("validating", call, write):
            info = self._admits(hook, call, write)
            if info is not None:
                try:
                    self._asked(call, hook, write, info, mutating=False)
                except _CallFailed as failed:
                    _fail(hook, failed)

    def _mutated(self, call: Call, hook: _Hook, write: Write, info: ResourceInfo) -> Write:
        """The write after one hook that is asked."""
        try:
            response = self._asked(call, hook, write, info, mutating=True)
            patched = _patched(hook, response, write, info)
        except _CallFailed as failed:
            _fail(hook, failed)
            return write
        return write if patched is None else replace(write, obj=write.seen(patched, write.info))

    def _admits(self, hook: _Hook, call: Call, write: Write) -> ResourceInfo | None:
        """The resource in whose version the hook is to be asked; None where it isn't."""
        info = fitting(hook.spec, write, self._others(write.info))
        if info is None or not selected(hook.spec, write, self._store):
            return None
        conditions = hook.spec.get("matchConditions")
        if not conditions:
            return info
        request = review_request(call, write, info)
        inputs = Inputs(
            request["object"],
            request["oldObject"],
            request,
            decide=decider(self._authorizer, call.user),
            own=own_resource(write),
        )
        try:
            return info if all_hold(conditions, inputs) else None
        except ConditionsFailed as failed:
            if hook.spec.get("failurePolicy") == "Ignore":
                return None
            raise forbidden(write, str(failed)) from None

    def _others(self, info: ResourceInfo) -> Iterator[ResourceInfo]:
        for other in self._registry:
            if other.table == info.table and other.group == info.group and other.version != info.version:
                yield other

    def _asked(
        self, call: Call, hook: _Hook, write: Write, info: ResourceInfo, *, mutating: bool
    ) -> JSONObject:
        """The response of a webhook that allows the write. Raises StatusError for one that doesn't."""
        if write.dry_run and hook.spec.get("sideEffects") not in ("None", "NoneOnDryRun"):
            raise bad_request(f'admission webhook "{hook.name}" does not support dry run')
        versions = hook.spec.get("admissionReviewVersions") or ()
        version = next((name for name in versions if name in _VERSIONS), "")
        if not version:
            why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)"
            raise _CallFailed(f"could not create admission objects: {why}")
        review = {
            "kind": "AdmissionReview",
            "apiVersion": f"admission.k8s.io/{version}",
            "request": review_request(call, write, info),
        }
        client: JSONObject = hook.spec.get("clientConfig") or {}
        timeout = float(hook.spec.get("timeoutSeconds") or 10)
        answer = call.answer(Question(f"{hook.key} {mutating}", client, review, timeout))
        response = _verified(answer, version, mutating=mutating)
        call.warnings.extend(map(str, response.get("warnings") or ()))
        if not response.get("allowed"):
            raise _denied(hook, response.get("status"))
        return response


def _verified(answer: Answer, version: str, *, mutating: bool) -> JSONObject:
    if answer.error:
        raise _CallFailed(f"failed to call webhook: {answer.error}")
    _check_kind(answer.data)
    try:
        return _response(answer, version, mutating=mutating)
    except _CallFailed as failed:
        raise _CallFailed(f"received invalid webhook response: {failed}") from None


def _check_kind(data: JSONObject) -> None:
    """Whether it can be decoded at all; what says no kind is taken for a review."""
    kind, version = data.get("kind"), data.get("apiVersion")
    if kind and (
        kind != "AdmissionReview" or version not in [f"admission.k8s.io/{name}" for name in _VERSIONS]
    ):
        why = f'no kind "{kind}" is registered for version "{version or ""}" in scheme "pkg/runtime/scheme.go:111"'
        raise _CallFailed(f"failed to call webhook: {why}")
    patch = (data.get("response") or {}).get("patch")
    if patch:
        try:
            base64.b64decode(str(patch), validate=True)
        except binascii.Error:
            bad = next((i for i, c in enumerate(str(patch)) if not (c.isalnum() or c in "+/=")), 0)
            why = f"illegal base64 data at input byte {bad}"
            raise _CallFailed(f"failed to call webhook: {why}") from None


def _response(answer: Answer, version: str, *, mutating: bool) -> JSONObject:
    data: JSONObject = answer.data
    response = data.get("response")
    if not isinstance(response, dict):
        raise _CallFailed("webhook response was absent")
    if version == "v1":
        if response.get("uid") != answer.uid:
            raise _CallFailed(f'expected response.uid="{answer.uid}", got "{response.get("uid") or ""}"')
        found = data.get("apiVersion") or "admission.k8s.io/v1"
        if found != "admission.k8s.io/v1":
            shown = f"{found}, Kind={data.get('kind')}"
            wanted = "admission.k8s.io/v1, Kind=AdmissionReview"
            raise _CallFailed(f"expected webhook response of {wanted}, got {shown}")
        patch, kind = response.get("patch"), response.get("patchType")
        if not mutating and patch:
            raise _CallFailed("validating webhook may not return response.patch")
        if not mutating and kind is not None:
            raise _CallFailed("validating webhook may not return response.patchType")
        if patch and kind is None:
            raise _CallFailed("webhook returned response.patch but not response.patchType")
        if not patch and kind is not None:
            raise _CallFailed("webhook returned response.patchType but not response.patch")
        if kind == "":
            raise _CallFailed('webhook returned invalid response.patchType of ""')
    return response


def _patched(hook: _Hook, response: JSONObject, write: Write, info: ResourceInfo) -> JSONObject | None:
    """The object after the hook's patch; None where there is none."""
    raw = response.get("patch")
    if not raw:
        return None
    try:
        patch: Any = msgspec.json.decode(base64.b64decode(raw))
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise _CallFailed(f"received undecodable patch in webhook response: {error}") from None
    if not isinstance(patch, list):
        kind = {dict: "object", str: "string", bool: "bool"}.get(type(patch), "number")
        why = f"json: cannot unmarshal {kind} into Go value of type jsonpatch.Patch"
        raise _CallFailed(f"received undecodable patch in webhook response: {why}")
    if not patch:
        return None
    if write.obj is None:
        why = "attempted to modify the object, which is not supported for this operation"
        raise internal_error(f'admission webhook "{hook.name}" {why}')
    if response.get("patchType") not in ("JSONPatch", None):
        raise _CallFailed(f'unsupported patch type "{response.get("patchType")}"')
    try:
        result = json_patch(write.seen(write.obj, info), patch)
    except (PatchError, PatchSyntaxError) as error:
        raise internal_error(str(error)) from None
    if not isinstance(result, dict) or not isinstance(result.get("metadata"), dict):
        raise internal_error("the patched object is no object")
    return result


def _denied(hook: _Hook, status: Any) -> StatusError:
    """The refusal of a webhook, as the client gets it."""
    given: JSONObject = dict(status) if isinstance(status, dict) else {}
    code = given.get("code") or 0
    denied = f'admission webhook "{hook.name}" denied the request'
    reason = str(given.get("reason") or "")
    if given.get("message"):
        text = f"{denied}: {given['message']}"
    elif reason:
        text = f"{denied}: {reason}"
    else:
        text = f"{denied} without explanation"
    error = StatusError(code if code >= 400 else 400, reason, text, given.get("details"))
    error.metadata = given.get("metadata") or {}
    return error


def _fail(hook: _Hook, failed: _CallFailed) -> None:
    """Raise where the failurePolicy doesn't let it pass."""
    if hook.spec.get("failurePolicy") != "Ignore":
        raise internal_error(f'failed calling webhook "{hook.name}": {failed}') from None
