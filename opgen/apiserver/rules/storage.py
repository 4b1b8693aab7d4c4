"""The kinds of storage.k8s.io, beyond types: CSI drivers, classes of attributes."""

from __future__ import annotations

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.names import qualified_name
from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors

_LEAST_TOKEN_SECONDS, _MOST_TOKEN_SECONDS = 600, 2**32
_LEAST_PERIOD_SECONDS = 10
_MOST_PARAMETERS = 512
_MODES = ("Persistent", "Ephemeral")


def driver(new: Data, old: Data | None) -> Errors:
    """A CSIDriver."""
    spec = c.part(new, "spec")
    policies = ("File", "None", "ReadWriteOnceWithFSType")
    if (policy := spec.get("fsGroupPolicy")) not in (None, *policies):
        yield c.unsupported("spec.fsGroupPolicy", policy, policies)
    yield from _token_requests(spec.get("tokenRequests") or ())
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in _MODES:
            yield c.unsupported("spec.volumeLifecycleModes", mode, _MODES)
    period = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < _LEAST_PERIOD_SECONDS:
        path = "spec.nodeAllocatableUpdatePeriodSeconds"
        yield c.invalid(path, period, "must be greater than or equal to 10 seconds")
    in_secrets = spec.get("serviceAccountTokenInSecrets")
    if in_secrets is not None and not spec.get("tokenRequests"):
        text = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        yield c.invalid("spec.serviceAccountTokenInSecrets", in_secrets, text)
    if old is not None:
        before = c.part(old, "spec")
        for key, shown in (
            ("attachRequired", "attachedRequired"),
            ("volumeLifecycleModes", "volumeLifecycleModes"),
        ):
            if spec.get(key) != before.get(key):
                yield c.invalid(f"spec.{shown}", spec.get(key), "field is immutable")


def _token_requests(requests: list[Data] | tuple[Data, ...]) -> Errors:
    seen: set[str] = set()
    for index, request in enumerate(requests):
        path, audience = f"spec.tokenRequests[{index}]", request.get("audience") or ""
        if audience in seen:
            yield c.duplicate(f"{path}.audience", audience)
            continue
        seen.add(audience)
        seconds = request.get("expirationSeconds")
        if seconds is not None and seconds < _LEAST_TOKEN_SECONDS:
            text = "may not specify a duration less than 10 minutes"
            yield c.invalid(f"{path}.expirationSeconds", seconds, text)
        if seconds is not None and seconds > _MOST_TOKEN_SECONDS:
            text = "may not specify a duration larger than 2^32 seconds"
            yield c.invalid(f"{path}.expirationSeconds", seconds, text)


def attributes_class(new: Data, old: Data | None) -> Errors:
    """A VolumeAttributesClass: what it says never changes."""
    if old is not None:
        for key in ("driverName", "parameters"):
            if (new.get(key) or None) != (old.get(key) or None):
                yield c.forbidden(key, f"updates to {key} are forbidden.")
    name = new.get("driverName") or ""
    if not name:
        yield c.required("driverName")
    else:
        yield from c.each("driverName", name, qualified_name(name.lower()))
    yield from parameters(new)
    if not new.get("parameters"):
        yield c.required("parameters", "must contain at least one key/value pair")


def parameters(new: Data) -> Errors:
    """The parameters of a class."""
    given = new.get("parameters") or {}
    if len(given) > _MOST_PARAMETERS:
        yield FieldError("parameters", ErrorType.TOO_LONG, f"may not be more than {_MOST_PARAMETERS} bytes")
    elif "" in given:
        yield c.invalid("parameters", "", "field can not be empty.")
