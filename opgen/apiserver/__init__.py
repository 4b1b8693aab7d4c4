"""A Kubernetes API server in the process: `ApiServer.handle(request) -> response`, and an HTTP shell in `http`."""

from __future__ import annotations

from opgen.apiserver.message import Request, Response
from opgen.apiserver.server import ApiServer
from opgen.apiserver.status import StatusError

__all__ = ["ApiServer", "Request", "Response", "StatusError"]
