"""Questions that are created and answered, never stored: who am I, whose token is this, may they."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError, GoStruct
from opgen.apiserver.access.attributes import Attributes
from opgen.apiserver.access.identity import User
from opgen.apiserver.access.tokens import AUDIENCES, InvalidToken
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Writer
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import StatusError, bad_request, invalid


def answer(context: Context, info: ResourceInfo, obj: JSONObject, namespace: str, manager: str) -> JSONObject:
    """The review with its status. `obj` has been decoded."""
    obj = _tracked(context, info, obj, namespace, manager)
    return _ANSWERS[info.kind](context, obj)


def _tracked(
    context: Context, info: ResourceInfo, obj: JSONObject, namespace: str, manager: str
) -> JSONObject:
    """With managedFields, as the real server gives them to everything that is created."""
    node = context.strategy(info).node
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "managedFields"}
    if namespace:
        metadata["namespace"] = namespace
    obj = {**obj, "metadata": metadata}
    writer = Writer(manager, info.api_version, "", context.timestamp())
    bare = {key: value for key, value in obj.items() if key != "status"}
    managers = managed.update(node, None, bare, writer, {})
    entries = managed.encode(managers) if managers else []
    return {**obj, "metadata": {**metadata, "managedFields": entries}} if entries else obj


def _self_subject(context: Context, obj: JSONObject) -> JSONObject:
    metadata = {**obj["metadata"], "creationTimestamp": context.timestamp()}
    return {**_headed(obj), "metadata": metadata, "status": {"userInfo": context.call.user.info()}}


def _headed(obj: JSONObject) -> JSONObject:
    return {"kind": obj["kind"], "apiVersion": obj["apiVersion"]}


def _token(context: Context, obj: JSONObject) -> JSONObject:
    spec: JSONObject = obj.get("spec") or {}
    token = spec.get("token") or ""
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    audiences = spec.get("audiences") or AUDIENCES
    try:
        user = context.tokens.user(token, audiences)
    except InvalidToken as error:
        return {**obj, "status": {"user": {}, "error": str(error)}}
    status = {"authenticated": True, "user": user.info(), "audiences": list(audiences)}
    return {**obj, "status": status}


def _check_access(obj: JSONObject, *, other: bool, local: bool = False) -> None:
    spec: JSONObject = obj.get("spec") or {}
    resource, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    shown = path and {"Path": path.get("path") or "", "Verb": path.get("verb") or ""}
    errors: list[FieldError] = []

    def wrong(field: str, value: Any, text: str) -> None:
        errors.append(FieldError(field, ErrorType.INVALID, text, value))

    if resource is not None and path is not None:
        wrong(
            "spec.nonResourceAttributes", shown, "cannot be specified in combination with resourceAttributes"
        )
    if resource is None and path is None:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        wrong("spec.resourceAttributes", None, text)
    if other and not spec.get("user") and not spec.get("groups"):
        wrong("spec.user", "", "at least one of user or group must be specified")
    metadata: JSONObject = obj["metadata"]
    if set(metadata) - ({"managedFields", "namespace"} if local else {"managedFields"}):
        shown_metadata = GoStruct(metadata)
        if "managedFields" in metadata:
            shown_metadata["managedFields"] = [GoStruct(entry) for entry in metadata["managedFields"]]
        text = "must be empty except for namespace" if local else "must be empty"
        wrong("metadata", shown_metadata, text)
    if local and resource is not None and (resource.get("namespace") or "") != metadata.get("namespace"):
        where = "spec.resourceAttributes.namespace"
        wrong(where, resource.get("namespace") or "", "must match metadata.namespace")
    if local and path is not None:
        wrong("spec.nonResourceAttributes", shown, "disallowed on this kind of request")
    if errors:
        raise _invalid(errors)


def _invalid(errors: list[FieldError]) -> StatusError:
    error = invalid("authorization.k8s.io", "", "", errors)
    error.details = {"group": "authorization.k8s.io", "causes": (error.details or {})["causes"]}
    return error


def _attributes(spec: JSONObject) -> Attributes:
    resource = spec.get("resourceAttributes")
    if resource is None:
        path = spec["nonResourceAttributes"]
        return Attributes(path.get("verb") or "", path=path.get("path") or "", on_resource=False)
    names = ("verb", "group", "version", "resource", "subresource", "namespace", "name")
    verb, group, version, plural, sub, namespace, name = (str(resource.get(key) or "") for key in names)
    return Attributes(verb, group, version, plural, sub, namespace, name)


def _decided(context: Context, obj: JSONObject, user: User) -> JSONObject:
    decision = context.authorizer.decide(user, _attributes(obj["spec"]))
    status: JSONObject = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return {**obj, "status": status}


def _self_access(context: Context, obj: JSONObject) -> JSONObject:
    _check_access(obj, other=False)
    return _decided(context, obj, context.call.user)


def _access(context: Context, obj: JSONObject) -> JSONObject:
    _check_access(obj, other=True)
    return _decided(context, obj, _user(obj["spec"]))


def _local_access(context: Context, obj: JSONObject) -> JSONObject:
    _check_access(obj, other=True, local=True)
    return _decided(context, obj, _user(obj["spec"]))


def _user(spec: JSONObject) -> User:
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return User(spec.get("user") or "", spec.get("uid") or "", tuple(spec.get("groups") or ()), extra)


def _rules(context: Context, obj: JSONObject) -> JSONObject:
    namespace = (obj.get("spec") or {}).get("namespace") or ""
    if not namespace:
        raise bad_request("no namespace on request")
    rules, error = context.authorizer.rules(context.call.user, namespace)
    resources: list[JSONObject] = []
    paths: list[JSONObject] = []
    for rule in rules:
        if rule.resources:
            entry: JSONObject = {
                "verbs": list(rule.verbs),
                "apiGroups": list(rule.groups),
                "resources": list(rule.resources),
            }
            if rule.names:
                entry["resourceNames"] = list(rule.names)
            resources.append(entry)
        if rule.paths:
            paths.append({"verbs": list(rule.verbs), "nonResourceURLs": list(rule.paths)})
    status: JSONObject = {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
    if error:
        status["evaluationError"] = error
    return {**_headed(obj), "metadata": {}, "spec": {}, "status": status}


_ANSWERS: dict[str, Callable[[Context, JSONObject], JSONObject]] = {
    "SelfSubjectReview": _self_subject,
    "TokenReview": _token,
    "SelfSubjectAccessReview": _self_access,
    "SubjectAccessReview": _access,
    "LocalSubjectAccessReview": _local_access,
    "SelfSubjectRulesReview": _rules,
}
