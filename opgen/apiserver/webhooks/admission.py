"""Admission webhooks: the mutating ones in turn, with a second round where asked, then the validating ones.

`writes` and `deletes` call `mutate` and `validate`; what the webhooks said is in the request's `Call`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from opgen.apiserver.call import Call
from opgen.apiserver.conversion import to_served
from opgen.apiserver.kinds import Registry, ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.patch.json_patch import PatchError, PatchSyntaxError, json_patch
from opgen.apiserver.status import StatusError, bad_request, internal_error
from opgen.apiserver.storage import Change, Store
from opgen.apiserver.webhooks.ask import Answer, Question
from opgen.apiserver.webhooks.conditions import ConditionError, holds
from opgen.apiserver.webhooks.matching import Write, fitting, selected

_GROUP = "admissionregistration.k8s.io"
_VERSIONS = ("v1", "v1beta1")
_OPTIONS = {"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}


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


class Admission:
    """Knows the webhooks that are configured, and asks them."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
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
        return bool(call.admits and self._configured(kind) and info.group != _GROUP and info.stored)

    def _concerned(self, kind: str, call: Call, write: Write) -> Sequence[_Hook]:
        return self._configured(kind) if self.concerns(kind, call, write.info) else ()

    def mutate(self, call: Call, write: Write) -> JSONObject | None:
        """The object as the webhooks leave it; None where no webhook changed it. Raises StatusError and Outside."""
        hooks = self._concerned("mutating", call, write)
        if not hooks:
            return None
        current, again = write, False
        asked: list[tuple[_Hook, int]] = []  # with how often the object had changed until then
        changes = 0
        for hook in hooks:
            done, current = self._mutated(call, hook, current)
            if done is not None:
                changes += done
                if hook.spec.get("reinvocationPolicy") == "IfNeeded":
                    asked.append((hook, changes))
        again = any(seen != changes for _, seen in asked)
        if again:
            for hook, seen in asked:
                if seen != changes:
                    _, current = self._mutated(call, hook, current)
        return current.obj if current.obj is not write.obj else None

    def validate(self, call: Call, write: Write) -> None:
        """Ask all validating webhooks. Raises StatusError and Outside."""
        for hook in self._concerned("validating", call, write):
            info = self._admits(hook, call, write)
            if info is not None:
                try:
                    self._asked(call, hook, write, info, mutating=False)
                except _CallFailed as failed:
                    _fail(hook, failed)

    def _mutated(self, call: Call, hook: _Hook, write: Write) -> tuple[int | None, Write]:
        """Whether the hook was asked (and changed the object: 1), and the write afterwards."""
        info = self._admits(hook, call, write)
        if info is None:
            return None, write
        try:
            response = self._asked(call, hook, write, info, mutating=True)
            patched = _patched(hook, response, write, info)
        except _CallFailed as failed:
            _fail(hook, failed)
            return 0, write
        if patched is None:
            return 0, write
        obj = to_served(patched, write.info)
        return int(obj != write.obj), replace(write, obj=obj)

    def _admits(self, hook: _Hook, call: Call, write: Write) -> ResourceInfo | None:
        """The resource in whose version the hook is to be asked; None where it isn't."""
        info = fitting(hook.spec, write, self._others(write.info))
        if info is None or not selected(hook.spec, write, self._store):
            return None
        request = _request(call, write, info)
        failed: list[str] = []
        for condition in hook.spec.get("matchConditions") or ():
            try:
                if not holds(condition["expression"], request["object"], request["oldObject"], request):
                    return None
            except ConditionError as error:
                failed.append(str(error))
        if not failed:
            return info
        if hook.spec.get("failurePolicy") == "Ignore":
            return None
        text = failed[0] if len(failed) == 1 else f"[{', '.join(failed)}]"
        raise StatusError(403, "Forbidden", f"{_titled(write)} is forbidden: {text}", _about(write))

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
            "request": _request(call, write, info),
        }
        client: JSONObject = hook.spec.get("clientConfig") or {}
        timeout = float(hook.spec.get("timeoutSeconds") or 10)
        answer = call.answer(Question(f"{hook.key} {mutating}", client, review, timeout))
        response = _verified(answer, version, mutating=mutating)
        call.warnings.extend(map(str, response.get("warnings") or ()))
        if not response.get("allowed"):
            raise _denied(hook, response.get("status"))
        return response


def _request(call: Call, write: Write, info: ResourceInfo) -> JSONObject:
    """The request of a review, without its uid."""
    own = write.info
    found: JSONObject = {
        "kind": {"group": info.group, "version": info.version, "kind": info.kind},
        "resource": {"group": info.group, "version": info.version, "resource": info.plural},
    }
    if write.subresource:
        found["subResource"] = write.subresource
    found["requestKind"] = {"group": own.group, "version": own.version, "kind": own.kind}
    found["requestResource"] = {"group": own.group, "version": own.version, "resource": own.plural}
    if write.subresource:
        found["requestSubResource"] = write.subresource
    if write.name:
        found["name"] = write.name
    if write.namespace:
        found["namespace"] = write.namespace
    found["operation"] = write.operation
    found["userInfo"] = call.user.info()
    found["object"] = None if write.obj is None else to_served(write.obj, info)
    found["oldObject"] = None if write.old is None else to_served(write.old, info)
    found["dryRun"] = write.dry_run
    found["options"] = _options(call, write)
    return found


def _options(call: Call, write: Write) -> JSONObject:
    options: JSONObject = {"kind": _OPTIONS[write.operation], "apiVersion": "meta.k8s.io/v1"}
    if write.dry_run:
        options["dryRun"] = ["All"]
    options |= write.options
    if write.operation != "DELETE":
        for name in ("fieldManager", "fieldValidation"):
            if call.query.get(name):
                options[name] = call.query[name]
    return options


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
        result = json_patch(to_served(write.obj, info), patch)
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


def _titled(write: Write) -> str:
    name = f' "{write.name}"' if write.name else ""
    return f"{write.info.qualified}{name}"


def _about(write: Write) -> JSONObject:
    details = {"name": write.name, "group": write.info.group, "kind": write.info.plural}
    return {key: value for key, value in details.items() if value}
