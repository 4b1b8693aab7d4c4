"""GET: one object, lists with pages and selectors, and the beginning of a watch."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiserver import selectors
from opgen.apiserver.context import Context
from opgen.apiserver.kinds import ResourceInfo
from opgen.apiserver.message import encode
from opgen.apiserver.routing import Query, Route
from opgen.apiserver.status import StatusError, bad_request, expired, invalid, too_large_version
from opgen.apiserver.storage import Compacted, Item, key_of
from opgen.apiserver.watch import Scope

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_EVENT_ALIASES = {"source": "source.component"}


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a list."""

    items: Sequence[Item]
    revision: int
    continue_token: str = ""
    remaining: int | None = None


def scope_of(route: Route, query: Query) -> Scope:
    """What a list, watch or collection delete is about; raises 400 and 422 for parameters that it can't have."""
    integer(query.get("timeoutSeconds"))
    integer(query.get("limit"))
    labels = selectors.parse_labels(query.get("labelSelector"))
    fields = selectors.parse_fields(query.get("fieldSelector"))
    errors = _watch_errors(query) if route.verb == "watch" else _list_errors(query)
    if errors:
        raise invalid("meta.k8s.io", "ListOptions", "", errors)
    info = route.info
    if fields:
        _check_fields(info, fields)
    if route.name:
        named = next((term.value for term in fields if term.path == "metadata.name" and term.equal), None)
        if fields and named != route.name:
            raise bad_request("fieldSelector metadata.name doesn't match requested name")
        fields = (*fields, selectors.FieldTerm("metadata.name", route.name, True))
    return Scope(route.namespace, selectors.matcher(labels, fields, _read_field))


def _read_field(obj: dict[str, object], path: str) -> str:
    return selectors.read_path(obj, _EVENT_ALIASES.get(path, path))


_FIELD_REFUSALS = {
    "batch/jobs": 'field label "{}" not supported for Job',
    "resource.k8s.io/resourceslices": (
        "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: {}"
    ),
}


def _check_fields(info: ResourceInfo, fields: tuple[selectors.FieldTerm, ...]) -> None:
    known = ("metadata.name", *info.fields)
    if info.namespaced or not (info.custom or info.fields):
        known = ("metadata.namespace", *known)
    for term in fields:
        if term.path in known:
            continue
        if info.fields or info.custom:
            text = _FIELD_REFUSALS.get(info.table, "field label not supported: {}")
            raise bad_request(text.format(term.path))
        raise bad_request(
            f'"{term.path}" is not a known field selector: only "metadata.name", "metadata.namespace"'
        )


def integer(text: str) -> int:
    """An integer parameter, 0 if absent; raises 400."""
    if not text:
        return 0
    if not _INTEGER.match(text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return number


_MATCH = "resourceVersionMatch"


def _forbidden(text: str, field: str = _MATCH) -> FieldError:
    return FieldError(field, ErrorType.FORBIDDEN, text)


def _unsupported_match(match: str, known: str) -> FieldError:
    return FieldError(_MATCH, ErrorType.NOT_SUPPORTED, f"supported values: {known}", match)


def _list_errors(query: Query) -> list[FieldError]:
    match, version = query.get(_MATCH), query.get("resourceVersion")
    errors: list[FieldError] = []
    if match:
        if not version:
            errors.append(_forbidden(f"{_MATCH} is forbidden unless resourceVersion is provided"))
        if query.get("continue"):
            errors.append(_forbidden(f"{_MATCH} is forbidden when continue is provided"))
        if match not in ("Exact", "NotOlderThan"):
            errors.append(_unsupported_match(match, '"Exact", "NotOlderThan", ""'))
        if match == "Exact" and version == "0":
            errors.append(_forbidden(f'{_MATCH} "exact" is forbidden for resourceVersion "0"'))
    if query.has("sendInitialEvents"):
        errors.append(_forbidden("sendInitialEvents is forbidden for list", "sendInitialEvents"))
    return errors


def _watch_errors(query: Query) -> list[FieldError]:
    match, sends = query.get(_MATCH), query.has("sendInitialEvents")
    if not sends and not match and query.get("resourceVersion") in ("", "0"):
        match, sends = "NotOlderThan", True  # what a watch from no version asks for
    errors: list[FieldError] = []
    if sends and match != "NotOlderThan":
        errors.append(_forbidden(f"sendInitialEvents requires setting {_MATCH} to NotOlderThan"))
    if match:
        if not sends:
            errors.append(_forbidden(f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided"))
        if match != "NotOlderThan":
            errors.append(_unsupported_match(match, '"NotOlderThan"'))
        if query.get("continue"):
            errors.append(_forbidden(f"{_MATCH} is forbidden when continue is provided"))
    return errors


def check_version(query: Query) -> None:
    """Raise what a GET and a watch say of a resourceVersion that is none."""
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
    limit = integer(query.get("limit"))
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
        revision = _wanted_revision(
            store.revision, query, paged=limit > 0 or route.verb == "deletecollection"
        )
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


def _wanted_revision(current: int, query: Query, *, paged: bool) -> int:
    text, match = query.get("resourceVersion"), query.get(_MATCH)
    if not text or text == "0":
        return current
    wanted = parse_version(text)
    if wanted > current:
        raise too_large_version(wanted, current)
    if match == "Exact" or (not match and paged):
        return wanted
    return current


def _encode_token(revision: int, start: str) -> str:
    token = {"v": "meta.k8s.io/v1", "rv": revision, "start": start}
    return base64.urlsafe_b64encode(encode(token)).decode().rstrip("=")


def _decode_token(token: str) -> tuple[int, str]:
    why = "invalid character 'i' looking for beginning of value"
    try:
        if len(token) % 4 == 1:
            why = f"illegal base64 data at input byte {len(token) - 1}"
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
