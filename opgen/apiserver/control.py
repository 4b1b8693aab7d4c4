"""Paths below /opgen that no real server has: faults and restarts on demand, for tests in any language.

GET, POST, DELETE /opgen/faults      the faults, another one, none any more (answers those that never struck)
POST /opgen/restart                  {"history": "keep" | "lose"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opgen.apiserver import body
from opgen.apiserver.faults import read_fault
from opgen.apiserver.message import RequestLike, Response, json_response
from opgen.apiserver.routing import split
from opgen.apiserver.status import bad_request, method_not_allowed, no_such_resource

if TYPE_CHECKING:
    from opgen.apiserver.server import ApiServer


def respond(server: ApiServer, request: RequestLike) -> Response:
    """The answer to a request below /opgen; raises StatusError."""
    match split(request.path)[1:], request.method:
        case ["faults"], "GET":
            return json_response({"faults": [fault.body() for fault in server.faults.all()]})
        case ["faults"], "POST":
            return json_response(server.faults.add(read_fault(_data(request))).body(), 201)
        case ["faults"], "DELETE":
            return json_response({"left": [fault.body() for fault in server.faults.clear()]})
        case ["restart"], "POST":
            history = _data(request).get("history", "keep")
            if history not in ("keep", "lose"):
                raise bad_request("history must be keep or lose")
            server.restart(keep_history=history == "keep")
            return json_response({"history": history})
        case ["faults" | "restart"], _:
            raise method_not_allowed()
        case _:
            raise no_such_resource()


def _data(request: RequestLike) -> dict[str, Any]:
    try:
        data = body.parse_json(request.body or b"{}")
    except body.ParseError as error:
        raise bad_request(str(error)) from None
    if not isinstance(data, dict):
        raise bad_request("the body must be an object")
    return data
