"""Where the in-process server is known to answer otherwise than a kube-apiserver; docs/api-server.md says it too."""

from __future__ import annotations

import re

from apiserver_matrix.compare import Difference

KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"PUT .*/jobs/", r"message$", "an immutable template is quoted in the names of Go's internal type"),
    (r"POST .*/customresourcedefinitions", r"message$", "an empty list of versions is quoted as null"),
    (r"PATCH .*/scale$", r"message$", "a scale that is refused is quoted without its managedFields"),
    (r"PATCH .*/deployments/d$", r"message$", "a patched object is quoted with its keys in another order"),
    (r"GET .*continue=\{token\}x", r"message$", "a broken continue token is another token"),
    (
        r"PATCH .*fieldManager=within",
        r"(^warnings|message)$",
        "what a JSON patch's value has twice is told of where it stands, not again where it goes",
    ),
    (
        r"PATCH .*/configmaps/m\?.*force=true",
        r"message$",
        "of two undeclared fields Go's map order tells one",
    ),
    (r"PUT .*/configmaps/m", r"message$", "a number beyond all floats is found after a missing name"),
    (r"GET .*/pods$", r"^$", "the version of the server's state is a number of its own"),
    (
        r"GET /api(/v1)?$",
        r"resources",
        "no exec, attach, log, proxy and port forwarding, for there are no nodes",
    ),
    (r"GET .*resourceVersion=1&", r"", "the real server has forgotten its first version"),
    (r"GET /version", r"(compiler|gitCommit|goVersion)$", "what built the server"),
)
"""Request, place in the answer, and why."""


def unknown(found: list[Difference]) -> list[Difference]:
    """The differences that have no reason."""
    return [
        difference
        for difference in found
        if not any(
            re.match(request, str(difference.request)) and re.search(place, difference.path)
            for request, place, _ in KNOWN
        )
    ]
