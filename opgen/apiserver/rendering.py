"""From stored objects to bodies in the form that the client asked for."""

from __future__ import annotations

from opgen.apiserver.conversion import prepare, served
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import JSONObject, encode
from opgen.apiserver.negotiation import Form
from opgen.apiserver.reads import Page
from opgen.apiserver.status import StatusError
from opgen.apiserver.storage import Item
from opgen.apiserver.table import columns, row

_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def render_object(item: Item, info: ResourceInfo, form: Form) -> bytes:
    """One object."""
    match form.kind:
        case "Table":
            table = _table([item], info, form, item.obj["metadata"].get("resourceVersion", ""), True)
            return encode(table)
        case "PartialObjectMetadata":
            return encode(_partial(served(item, info), form))
        case "PartialObjectMetadataList":
            raise _not_a_list(info)
        case _:
            return _raw(item, info)


_GO_PACKAGES = {"rbac.authorization.k8s.io": "rbac", "flowcontrol.apiserver.k8s.io": "flowcontrol"}


_CREATED_AT = "Created At"
"""The last column of kinds without columns of their own; the real server makes no list of no rows for them."""


def _go_type(info: ResourceInfo, kind: str) -> str:
    """The name of the real server's own type, which refusals tell."""
    if info.custom:
        return f"*unstructured.Unstructured{'List' if kind == info.list_kind else ''}"
    package = _GO_PACKAGES.get(info.group, info.group.partition(".")[0])
    return f"*{'core' if package in ('', 'events') else package}.{kind}"


def _not_a_list(info: ResourceInfo) -> StatusError:
    if info.custom:
        return StatusError(500, "", "content is not a list")
    what = _go_type(info, info.kind)
    text = f"you requested PartialObjectMetadataList, but the requested object is not a list ({what})"
    return StatusError(406, "NotAcceptable", text)


def _is_a_list(info: ResourceInfo) -> StatusError:
    what = _go_type(info, info.list_kind)
    text = f"you requested PartialObjectMetadata, but the requested object is a list ({what})"
    return StatusError(406, "NotAcceptable", text)


def _partial(obj: JSONObject, form: Form) -> JSONObject:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": _without_template_generation(obj["metadata"]),
    }


def _without_template_generation(metadata: JSONObject) -> JSONObject:
    """A DaemonSet's annotation is made when its own version is written; metadata alone doesn't have it."""
    annotations = metadata.get("annotations")
    if not annotations or _TEMPLATE_GENERATION not in annotations:
        return metadata
    kept = {key: value for key, value in annotations.items() if key != _TEMPLATE_GENERATION}
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    return {**rest, "annotations": kept} if kept else rest


def _list_metadata(page: Page, info: ResourceInfo, form: Form) -> JSONObject:
    metadata: JSONObject = {"resourceVersion": str(page.revision)}
    if page.continue_token or (info.custom and not form.kind):
        metadata["continue"] = page.continue_token
    if page.remaining is not None:
        metadata["remainingItemCount"] = page.remaining
    return metadata


def render_list(page: Page, info: ResourceInfo, form: Form) -> bytes:
    """One page of a list."""
    if form.kind == "PartialObjectMetadata":
        raise _is_a_list(info)
    metadata = _list_metadata(page, info, form)
    prepare(page.items, info)
    if form.kind == "Table":
        table = _table(page.items, info, form, metadata["resourceVersion"], True)
        table["metadata"] = metadata
        return encode(table)
    if form.kind:
        partial = [{**_partial(served(item, info), form)} for item in page.items]
        return encode(
            {
                "kind": "PartialObjectMetadataList",
                "apiVersion": f"meta.k8s.io/{form.version}",
                "metadata": metadata,
                "items": partial,
            }
        )
    head = encode({"apiVersion": info.api_version, "kind": info.list_kind, "metadata": metadata})
    if info.custom:
        items = b",".join(_raw(item, info) for item in page.items)
    else:
        items = b",".join(_bare(item, info) for item in page.items)
    return b'%b,"items":[%b]}' % (head[:-1], items)


def _raw(item: Item, info: ResourceInfo) -> bytes:
    """The object as JSON in the served version; encoded once for each."""
    raw: bytes | None = item.memo.get(info.api_version)
    if raw is None:
        raw = item.memo[info.api_version] = encode(served(item, info))
    return raw


def _bare(item: Item, info: ResourceInfo) -> bytes:
    """A built-in kind's object inside a list: without apiVersion and kind."""
    key = f"bare {info.api_version}"
    raw: bytes | None = item.memo.get(key)
    if raw is None:
        shown = served(item, info)
        raw = item.memo[key] = encode({k: v for k, v in shown.items() if k not in ("apiVersion", "kind")})
    return raw


def render_event(item: Item, info: ResourceInfo, form: Form, *, first: bool) -> bytes:
    """The object of a watch event."""
    if form.kind == "Table":
        version = item.obj["metadata"].get("resourceVersion", "")
        return encode(_table([item], info, form, version, first))
    if form.kind:
        return encode(_partial(served(item, info), form))
    return render_object(item, info, form)


def _table(
    items: list[Item] | tuple[Item, ...] | object,
    info: ResourceInfo,
    form: Form,
    version: str,
    with_columns: bool,
) -> JSONObject:
    shown = columns(info)
    rows: list[JSONObject] = []
    for item in items if isinstance(items, (list, tuple)) else ():
        obj = served(item, info)
        partial = _partial(obj, form)
        rows.append({"cells": row(obj, info, shown), "object": partial})
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [column.definition() for column in shown] if with_columns else None,
        "rows": rows or (None if shown[-1].name == _CREATED_AT else []),
    }
