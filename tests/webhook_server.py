"""A webhook server for tests: HTTPS on loopback, in a thread; the path says how it behaves.

Its certificate, for 127.0.0.1 and hooks.default.svc, was made once by openssl and signs itself.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CERTIFICATE = Path(__file__).with_name("webhook_certificate.pem")
MASKS = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
    (r'"resourceVersion": ?"\d+"', '"resourceVersion":"RV"'),
)


def ca_bundle() -> str:
    """The certificate as a clientConfig carries it."""
    text = CERTIFICATE.read_text()
    return base64.b64encode(text[text.index("-----BEGIN CERTIFICATE") :].encode()).decode()


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """The part of a response that changes the object."""
    return {"patch": base64.b64encode(json.dumps(operations).encode()).decode(), "patchType": "JSONPatch"}


def annotated(request: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    """A patch that sets an annotation."""
    annotations = {**(request["object"]["metadata"].get("annotations") or {}), name: value}
    return patch({"op": "add", "path": "/metadata/annotations", "value": annotations})


def seen(request: dict[str, Any]) -> str:
    """A review's request as text that two servers must send alike."""
    request = json.loads(json.dumps({key: value for key, value in request.items() if key != "uid"}))
    for name in ("object", "oldObject"):
        if request.get(name):
            metadata = request[name]["metadata"]
            metadata.get("annotations", {}).pop("seen", None)
            metadata.get("managedFields", []).sort(key=json.dumps)
    text = json.dumps(request, sort_keys=True)
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return text


def place(path: str, **parameters: str) -> str:
    """A path with parameters; a webhook's URL may have no query, so they are part of it."""
    packed = base64.urlsafe_b64encode(json.dumps(parameters).encode()).decode().rstrip("=")
    return f"{path}/-/{packed}"


def _parameters(path: str) -> tuple[str, dict[str, str]]:
    found, _, packed = urlsplit(path).path.partition("/-/")
    if not packed:
        return found, {}
    given: dict[str, str] = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return found, given


def respond(path: str, request: dict[str, Any]) -> dict[str, Any]:
    """The response of an admission webhook; parameters of the path fill it in."""
    found, given = _parameters(path)
    match found:
        case "/deny":
            status: dict[str, Any] = {key: given[key] for key in ("message", "reason") if key in given}
            if "code" in given:
                status["code"] = int(given["code"])
            return {"allowed": False, **({"status": status} if status else {})}
        case "/warn":
            return {"allowed": True, "warnings": ["be careful", 'with "quotes"']}
        case "/echo":
            return {"allowed": True, **annotated(request, "seen", seen(request))}
        case "/tell":
            return {"allowed": False, "status": {"message": seen(request)}}
        case "/mark":
            had = (request["object"]["metadata"].get("annotations") or {}).get("marks", "")
            return {"allowed": True, **annotated(request, "marks", had + given["mark"])}
        case "/once":
            if (request["object"]["metadata"].get("annotations") or {}).get("once"):
                return {"allowed": True}
            return {"allowed": True, **annotated(request, "once", "yes")}
        case "/patch":
            return {"allowed": True, **patch(*json.loads(given["patch"]))}
        case "/raw":
            return {"allowed": True, **json.loads(given["raw"])}
        case _:
            return {"allowed": True}


class _Server(ThreadingHTTPServer):
    """`over` ends what slow answers wait for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hooks)
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or doesn't trust the certificate, is no trouble."""


class _Hooks(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for an answer
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        review = json.loads(body)
        trouble, _ = _parameters(self.path)
        if trouble == "/slow":
            self.server.over.wait(5)
        status, answer = 200, b""
        if trouble.startswith("/status/"):
            status, answer = int(trouble.rpartition("/")[2]), b"out of order"
        elif trouble == "/garbage":
            answer = b"<html>"
        elif trouble == "/empty":
            answer = b"{}"
        elif trouble == "/convert":
            answer = json.dumps(converted(self.path, review)).encode()
        else:
            response = {"uid": review["request"]["uid"], **respond(self.path, review["request"])}
            version = "admission.k8s.io/v2" if trouble == "/version" else review["apiVersion"]
            whole: dict[str, Any] = {"kind": "AdmissionReview", "apiVersion": version, "response": response}
            if trouble == "/absent":
                del whole["response"]
            if trouble == "/uid":
                response["uid"] = "other"
            answer = json.dumps(whole).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        """Be quiet."""


def converted(path: str, review: dict[str, Any]) -> dict[str, Any]:
    """The answer of a conversion webhook: v1 has `size`, v2 `sizes`, a list."""
    _, given = _parameters(path)
    request = review["request"]
    objects = [_converted(obj, request["desiredAPIVersion"]) for obj in request["objects"]]
    result: dict[str, Any] = {"status": "Success"}
    match given.get("wrong"):
        case "fail":
            result = {"status": "Failure", "message": "no way"}
        case "few":
            objects = objects[1:]
        case "name":
            objects = [{**obj, "metadata": {**obj["metadata"], "name": "other"}} for obj in objects]
        case "version":
            objects = request["objects"]
        case _:
            pass
    response = {"uid": request["uid"], "result": result, "convertedObjects": objects}
    return {"kind": "ConversionReview", "apiVersion": review["apiVersion"], "response": response}


def _converted(obj: dict[str, Any], version: str) -> dict[str, Any]:
    obj = json.loads(json.dumps({**obj, "apiVersion": version}))
    spec = obj.get("spec") or {}
    if version.endswith("/v2") and "size" in spec:
        spec["sizes"] = [spec.pop("size")]
    elif version.endswith("/v1") and "sizes" in spec:
        spec["size"] = spec.pop("sizes")[0]
    labels = obj["metadata"].setdefault("labels", {})
    labels["converted-to"] = version.rpartition("/")[2]
    return obj


@contextmanager
def serving() -> Iterator[str]:
    """A running server: its URL."""
    server = _Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
