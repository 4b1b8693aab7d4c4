"""GET: one object, lists with pages and selectors, and the beginning of a watch."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from opgen.apiserver import selectors
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import encode
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.status import StatusError, bad_request, expired, too_large_version
from opgen.apiserver.storage import Compacted, Item, key_of
from opgen.apiserver.watch import Scope

_EVENT_ALIASES = {"source": "source.component"}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a list."""

    items: Sequence[Item]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


def scope_of(route: Route, query: Query) -> Scope:
    """What a list, watch or collection delete is about; raises 400 for selectors it doesn't know."""
    labels = selectors.parse_labels(query.get("labelSelector"))
    fields = selectors.parse_fields(query.get("fieldSelector"))
    info = route.info
    if fields:
        _check_fields(info, fields)
    if route.name:
        fields = (*fields, selectors.FieldTerm("metadata.name", route.name, True))
    return Scope(route.namespace, selectors.matcher(labels, fields, _read_field))


def _read_field(obj: dict[str, object], path: str) -> str:
    return selectors.read_path(obj, _EVENT_ALIASES.get(path, path))


def _check_fields(info: ResourceInfo, fields: tuple[selectors.FieldTerm, ...]) -> None:
    known = ("metadata.name", "metadata.namespace", *info.fields)
    for term in fields:
        if term.path in known:
            continue
        if info.custom:
            raise bad_request(f"field label not supported: {term.path}")
        if info.fields:
            raise bad_request(f"field label not supported: {term.path}")
        raise bad_request(
            f'"{term.path}" is not a known field selector: only "metadata.name", "metadata.namespace"'
        )


def number(query: Query, name: str) -> int:
    """An integer parameter, 0 if absent; raises 400."""
    text = query.get(name)
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def check_watch(query: Query) -> None:
    """Raise 400 or 422 for parameters that a watch can't have."""
    number(query, "limit")
    number(query, "timeoutSeconds")
    match = query.get("resourceVersionMatch")
    if query.get("continue"):
        raise _forbidden_match("resourceVersionMatch is forbidden when continue is provided")
    if query.has("sendInitialEvents"):
        if match != "NotOlderThan":
            text = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            unknown = f'Unsupported value: "{match}": supported values: "NotOlderThan"'
            raise _bad_match(text, *([unknown] if match else []))
    elif match:
        raise _forbidden_match(
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        )
    version = query.get("resourceVersion")
    if version and not version.isdigit():
        text = f'resourceVersion: Invalid value: "{version}": strconv.ParseUint: parsing "{version}": invalid syntax'
        raise StatusError(500, "", text)


def parse_version(text: str) -> int:
    """A resourceVersion parameter as a number; raises 400."""
    if not text.isdigit():
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{text}": strconv.ParseUint: '
            f'parsing "{text}": invalid syntax'
        )
    return int(text)


def list_page(context: Context, route: Route, query: Query, scope: Scope) -> Page:
    """The page that a list asks for."""
    store, table = context.store, route.info.table
    limit = number(query, "limit")
    number(query, "timeoutSeconds")
    if query.has("sendInitialEvents"):
        raise _bad_match("Forbidden: sendInitialEvents is forbidden for list", field="sendInitialEvents")
    token = query.get("continue")
    start = ""
    revision = store.revision
    if token:
        revision, start = _decode_token(token)
        if query.get("resourceVersion") not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        if revision < 0:
            revision = store.revision
    else:
        revision = _wanted_revision(store.revision, query)
        if query.get("resourceVersion") == "0":
            limit = 0  # answered from a cache, which has no pages
    try:
        items = store.items_at(table, revision, route.namespace)
    except Compacted:
        raise (
            _page_expired(store.revision, start)
            if token
            else expired("The resourceVersion for the provided list is too old.")
        ) from None
    if start:
        items = [item for item in items if _key(item) >= start]
    if scope.matches is None:
        if limit <= 0 or len(items) <= limit:
            return Page(items, revision)
        return Page(items[:limit], revision, _encode_token(revision, _key(items[limit])), len(items) - limit)
    found: list[Item] = []
    for position, item in enumerate(items):
        if scope.matches(item.obj):
            found.append(item)
            if len(found) == limit and position + 1 < len(items):
                return Page(found, revision, _encode_token(revision, _key(items[position + 1])))
    return Page(found, revision)


def _key(item: Item) -> str:
    return key_of(item.namespace, item.name)


def _wanted_revision(current: int, query: Query) -> int:
    text, match = query.get("resourceVersion"), query.get("resourceVersionMatch")
    if match not in ("", "Exact", "NotOlderThan"):
        raise _bad_match(f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""')
    if match and not text:
        raise _forbidden_match("resourceVersionMatch is forbidden unless resourceVersion is provided")
    if match == "Exact" and text == "0":
        raise _forbidden_match('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if not text or text == "0":
        return current
    wanted = parse_version(text)
    if wanted > current:
        raise too_large_version(wanted, current)
    if match == "Exact" or (not match and query.get("limit") not in ("", "0")):
        return wanted
    return current


def _forbidden_match(text: str) -> StatusError:
    return _bad_match(f"Forbidden: {text}")


def _bad_match(*texts: str, field: str = "resourceVersionMatch") -> StatusError:
    causes = [
        {
            "reason": "FieldValueForbidden" if text.startswith("Forbidden") else "FieldValueNotSupported",
            "message": text,
            "field": field,
        }
        for text in texts
    ]
    shown = [f"{field}: {text}" for text in texts]
    return StatusError(
        422,
        "Invalid",
        f'ListOptions.meta.k8s.io "" is invalid: {shown[0] if len(shown) == 1 else "[" + ", ".join(shown) + "]"}',
        {"group": "meta.k8s.io", "kind": "ListOptions", "causes": causes},
    )


def _encode_token(revision: int, start: str) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": revision, "start": start}
    return base64.urlsafe_b64encode(encode(token)).decode().rstrip("=")


def _decode_token(token: str) -> tuple[int, str]:
    why = "invalid character 'i' looking for beginning of value"
    try:
        if len(token) % 4 == 1:
            why = f"illegal base64 data at input byte {len(token)}"
            raise ValueError(why)
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        data = msgspec.json.decode(raw)
        return int(data["rv"]), str(data["start"])
    except (binascii.Error, ValueError, KeyError, TypeError, msgspec.DecodeError, RecursionError):
        raise bad_request(f"invalid continue token: continue key is not valid: {why}") from None


def _page_expired(revision: int, start: str) -> StatusError:
    return expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new "
        "list without the continue parameter, or use the continue token in this response to retrieve the "
        "remainder of the results. Continuing with the provided token results in an inconsistent list - "
        "objects that were created, modified, or deleted between the time the first chunk was returned and now "
        "may show up in the list.",
        {"continue": _encode_token(-1, start)},
    )
