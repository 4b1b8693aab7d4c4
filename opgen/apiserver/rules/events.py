"""Events: where one may be recorded."""

from __future__ import annotations

from opgen.apiserver.rules import common as c
from opgen.apiserver.rules.common import Data, Errors

_OF_THE_CLUSTER = ("default", "kube-system")


def event(new: Data, old: Data | None) -> Errors:
    """An Event, in core's form: it stands in the namespace of what it is about."""
    namespace = c.part(new, "metadata").get("namespace") or ""
    about = c.part(new, "involvedObject").get("namespace") or ""
    if about != namespace and (about or namespace not in _OF_THE_CLUSTER):
        yield c.invalid("involvedObject.namespace", about, "does not match event.namespace")
