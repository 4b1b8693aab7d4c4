"""Names as the user may give them: every rule, all problems at once. kubebuilder's checks, made strict.

What a CRD brings along is not held to these: it may carry whatever the API server takes.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from opgen.errors import Diagnostic, error
from opgen.ir.layout import Layout
from opgen.ir.names import is_builtin, plural_of
from opgen.ir.options import ControllerRequest
from opgen.ir.project import Project, ProjectResource

_LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VERSION = re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?")
_KIND = re.compile(r"[A-Z][A-Za-z0-9]*")


def is_label(value: str) -> bool:
    """A DNS-1123 label, as namespaces and projects are named."""
    return _LABEL_1123.fullmatch(value) is not None


def is_subdomain(value: str) -> bool:
    """A DNS-1123 subdomain of at most 253 characters."""
    return len(value) <= 253 and _SUBDOMAIN.fullmatch(value) is not None


def controller_name(value: str) -> Iterator[Diagnostic]:
    """A controller's name: letters, digits and dashes, since it becomes a field manager and a metric's label."""
    if value and not _LABEL_1035.fullmatch(value):
        yield error(
            f'"{value}" is not a controller name',
            path="--controller-name",
            hint="lower-case letters, digits and dashes, a letter first, at most 63 characters",
        )


def check_options(options: ControllerRequest) -> Iterator[Diagnostic]:
    """What a controller's flags may say."""
    yield from controller_name(options.name)
    for namespace in options.watch_namespaces:
        if not is_label(namespace):
            yield error(
                f'"{namespace}" is not a namespace', path="--watch-namespaces", hint="a,b or given twice"
            )
    if options.label_selector and not is_selector(options.label_selector):
        yield error(
            f'"{options.label_selector}" is not a label selector',
            path="--label-selector",
            hint="app=web,tier in (a, b),!canary",
        )
    base, most = options.rate_limit_base or 0.005, options.rate_limit_max or 1000.0
    if base > most:
        yield error(
            f"--rate-limit-base ({base:g} s) is more than --rate-limit-max ({most:g} s)",
            path="--rate-limit-base",
        )


_LABEL_KEY = r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_LABEL_VALUE = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?"
_REQUIREMENT = re.compile(
    rf"\s*(?:!\s*{_LABEL_KEY}|{_LABEL_KEY}(?:\s*(?:==?|!=)\s*{_LABEL_VALUE}"
    rf"|\s+(?:in|notin)\s*\(\s*{_LABEL_VALUE}(?:\s*,\s*{_LABEL_VALUE})*\s*\))?)\s*"
)


def is_selector(text: str) -> bool:
    """A label selector as kubectl's -l takes it."""
    return all(_REQUIREMENT.fullmatch(part) for part in re.split(r",(?![^()]*\))", text))


def check_group(group: str, domain: str) -> Iterator[Diagnostic]:
    """The parts of a qualified group, as flags give them."""
    qualified = ".".join(part for part in (group, domain) if part)
    if not qualified:
        yield error("the group cannot be empty if the domain is empty", path="--group", hint="give --group")
    elif not is_subdomain(qualified):
        yield error(
            f'"{qualified}" is not a group',
            path="--group",
            hint="lower-case letters, digits, dashes and dots, as in cache.example.com",
        )
    elif "." not in qualified:  # the API server's rule for groups of definitions
        yield error(
            f'"{qualified}" is not a whole group, which has a dot{"" if domain else ", and PROJECT has no domain"}',
            path="--group",
            hint=f"--group {qualified}.example.com",
        )


def check_version(version: str) -> Iterator[Diagnostic]:
    """A version as Kubernetes orders them."""
    if not version:
        yield error("the version is missing", path="--version", hint="--version v1alpha1")
    elif not _VERSION.fullmatch(version):
        yield error(
            f'"{version}" is not a version', path="--version", hint="v1, v1beta2 or v1alpha1 and the like"
        )


def check_kind(kind: str) -> Iterator[Diagnostic]:
    """A kind that can be a class in Python and a resource in Kubernetes."""
    if not kind:
        yield error("the kind is missing", path="--kind", hint="--kind Memcached")
    elif not _KIND.fullmatch(kind) or len(kind) > 63:
        hint = f"--kind {kind[:1].upper()}{kind[1:]}" if _KIND.fullmatch(kind[:1].upper() + kind[1:]) else ""
        yield error(
            f'"{kind}" is not a kind: letters and digits, a capital first, at most 63',
            path="--kind",
            hint=hint,
        )
    elif keyword.iskeyword(kind) or is_builtin(kind):
        yield error(
            f'"{kind}" is a name of Python\'s own, so no class can be called that',
            path="--kind",
            hint="choose another kind; the plural may stay",
        )


def check_plural(plural: str) -> Iterator[Diagnostic]:
    """A resource name."""
    if plural and not _LABEL_1035.fullmatch(plural):
        yield error(
            f'"{plural}" is not a plural',
            path="--plural",
            hint="lower-case letters, digits and dashes, a letter first, at most 63 characters",
        )


def check_gvk(group: str, domain: str, version: str, kind: str, plural: str) -> list[Diagnostic]:
    """All of them at once."""
    return [
        *check_group(group, domain),
        *check_version(version),
        *check_kind(kind),
        *check_plural(plural or (plural_of(kind) if kind else "")),
    ]


def check_fits(project: Project, new: ProjectResource) -> Iterator[Diagnostic]:
    """Whether a new API can live beside those that the project has."""
    owned = [resource for resource in project.resources if resource.has_api and resource.gvk != new.gvk]
    layout = Layout.of(project)
    if not project.multigroup and any(other.qualified_group != new.qualified_group for other in owned):
        yield error(
            f"{new.qualified_group} would be a second group beside {owned[0].qualified_group}",
            path="--group",
            hint="one project holds one group, unless it was made with `opgen init --multigroup`",
        )
        return
    for other in owned:
        same_kind = (other.qualified_group, other.kind) == (new.qualified_group, new.kind)
        if layout.api_module(other) == layout.api_module(new):
            yield error(
                f"{new.gvk} and {other.gvk} would both be the module {layout.api_module(new)}",
                path="--kind",
                hint="choose another kind or version: as Python names these are the same",
            )
        elif not same_kind and (other.qualified_group, other.plural) == (new.qualified_group, new.plural):
            yield error(
                f"{other.kind} has the plural {new.plural} already",
                path="--plural",
                hint="give --plural another name",
            )
        elif same_kind and other.plural != new.plural:
            yield error(
                f"{other.gvk} has the plural {other.plural}, so its other versions have it too",
                path="--plural",
                hint=f"--plural {other.plural}",
            )
        elif same_kind and other.namespaced != new.namespaced:
            scope = "namespaced" if other.namespaced else "cluster-scoped"
            yield error(
                f"{other.gvk} is {scope}, and so are its other versions",
                path="--namespaced",
                hint=f"--namespaced={str(other.namespaced).lower()}",
            )
