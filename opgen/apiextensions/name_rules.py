"""The names of a kind, its group, and the approval that protected groups ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.apiextensions.complaints import invalid, required
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.gotext import lower
from opgen.apiextensions.gourl import is_request_uri
from opgen.apiextensions.names import dns1035_label, dns1123_subdomain
from opgen.ir.definition import Names

APPROVAL = "api-approved.kubernetes.io"
_SEE = "see https://github.com/kubernetes/enhancements/pull/1111"


def names_errors(names: Names, path: str) -> Iterator[FieldError]:
    """Names of spec.names or status.acceptedNames; empty ones are somebody else's complaint."""
    for wire, name in (("plural", names.plural), ("singular", names.singular)):
        wrong = dns1035_label(name) if name else []
        if wrong:
            yield invalid(f"{path}.{wire}", name, ",".join(wrong))
    for wire, name in (("kind", names.kind), ("listKind", names.list_kind)):
        wrong = dns1035_label(lower(name)) if name else []
        if wrong:
            detail = f"may have mixed case, but should otherwise match: {','.join(wrong)}"
            yield invalid(f"{path}.{wire}", name, detail)
    yield from _labels(names.short_names, f"{path}.shortNames")
    if names.kind and names.kind == names.list_kind:
        yield invalid(f"{path}.listKind", names.list_kind, "kind and listKind may not be the same")
    yield from _labels(names.categories, f"{path}.categories")


def _labels(labels: tuple[str, ...], path: str) -> Iterator[FieldError]:
    for index, label in enumerate(labels):
        wrong = dns1035_label(label)
        if wrong:
            yield invalid(f"{path}[{index}]", label, ",".join(wrong))


def required_names(names: Names, path: str) -> Iterator[FieldError]:
    """The names that a definition must have."""
    for wire, name in (
        ("plural", names.plural),
        ("singular", names.singular),
        ("kind", names.kind),
        ("listKind", names.list_kind),
    ):
        if not name:
            yield required(f"{path}.{wire}")


def group_errors(group: str, path: str) -> Iterator[FieldError]:
    """The group: a domain with a dot."""
    if not group:
        yield required(path)
        return
    wrong = dns1123_subdomain(group)
    if wrong:
        yield invalid(path, group, ",".join(wrong))
    elif "." not in group:
        yield invalid(path, group, "should be a domain with at least one dot")


def is_protected(group: str) -> bool:
    """Whether the group belongs to the Kubernetes community."""
    return any(group == domain or group.endswith(f".{domain}") for domain in ("k8s.io", "kubernetes.io"))


def approval_errors(
    group: str, annotations: Mapping[str, str], old: Mapping[str, str] | None
) -> Iterator[FieldError]:
    """The approval annotation of a protected group; an unchanged state of it is never a reason to refuse."""
    if not is_protected(group):
        return
    state = _approval(annotations.get(APPROVAL, ""))
    if old is not None and _approval(old.get(APPROVAL, "")) == state:
        return
    where = f"metadata.annotations[{APPROVAL}]"
    needed = f'protected groups must have approval annotation "{APPROVAL}"'
    if state == "missing":
        yield required(where, f"{needed}, {_SEE}")
    elif state == "invalid":
        detail = f'{needed} with either a URL or a reason starting with "unapproved", {_SEE}'
        yield invalid(where, annotations[APPROVAL], detail)


def _approval(annotation: str) -> str:
    if not annotation:
        return "missing"
    if annotation.startswith("unapproved"):
        return "bypassed"
    scheme, separator, rest = annotation.partition("://")
    host = rest.split("/")[0].split("?")[0].rpartition("@")[2]
    if separator and scheme and host and is_request_uri(annotation):
        return "approved"
    return "invalid"
