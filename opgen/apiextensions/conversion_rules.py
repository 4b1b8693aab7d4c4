"""spec.conversion: the strategy, and the webhook that goes with it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from opgen.apiextensions.complaints import forbidden, invalid, not_supported, required
from opgen.apiextensions.errors import FieldError
from opgen.apiextensions.names import dns1035_label, dns1123_subdomain
from opgen.apiextensions.webhook_url import parse
from opgen.ir.definition import Conversion, ServiceReference, WebhookConversion

STRATEGIES = ("None", "Webhook")
KNOWN_VERSIONS = ("v1", "v1beta1")
_FORM = "; desired format: https://host[/path]"


def conversion_errors(
    conversion: Conversion | None, path: str, *, known_version: bool = True, sound_bundle: bool = False
) -> Iterator[FieldError]:
    """The errors of spec.conversion.

    `known_version` asks for a ConversionReview version that the server speaks, `sound_bundle` for certificates
    that can be read: both don't hold on an update of what broke them before, the latter not on creation.
    """
    if conversion is None:
        return
    if not conversion.strategy:
        yield required(f"{path}.strategy")
    elif conversion.strategy not in STRATEGIES:
        yield not_supported(f"{path}.strategy", conversion.strategy, STRATEGIES)
    hook = conversion.webhook
    client = f"{path}.webhookClientConfig"
    versions = hook.review_versions if hook is not None else ()
    if conversion.strategy != "Webhook":
        detail = "should not be set when strategy is not set to Webhook"
        if hook is not None and hook.has_client_config:
            yield forbidden(client, detail)
        if versions:
            yield forbidden(f"{path}.conversionReviewVersions", detail)
        return
    if hook is None or not hook.has_client_config:
        yield required(client, "required when strategy is set to Webhook")
    else:
        yield from client_errors(hook, client)
        if sound_bundle and hook.ca_bundle:
            yield from bundle_errors(hook.ca_bundle, f"{client}.caBundle")
    yield from _version_errors(versions, f"{path}.conversionReviewVersions", known_version)


def client_errors(hook: WebhookConversion, path: str) -> Iterator[FieldError]:
    if (hook.url is None) == (hook.service is None):
        yield required(path, "exactly one of url or service is required")
    elif hook.url is not None:
        yield from _url_errors(hook.url, f"{path}.url")
    elif hook.service is not None:
        yield from _service_errors(hook.service, f"{path}.service")


def _url_errors(text: str, path: str) -> Iterator[FieldError]:
    parsed = parse(text)
    if isinstance(parsed, str):
        yield required(path, f"url must be a valid URL: {parsed}{_FORM}")
        return
    if parsed.scheme != "https":
        yield invalid(path, parsed.scheme, f"'https' is the only allowed URL scheme{_FORM}")
    if not parsed.host:
        yield invalid(path, parsed.host, f"host must be specified{_FORM}")
    if parsed.user is not None:
        yield invalid(path, parsed.user, "user information is not permitted in the URL")
    if parsed.fragment:
        yield invalid(path, parsed.fragment, "fragments are not permitted in the URL")
    if parsed.query:
        yield invalid(path, parsed.query, "query parameters are not permitted in the URL")


def _service_errors(service: ServiceReference, path: str) -> Iterator[FieldError]:
    # The server hands name and namespace over in each other's place, so an empty one is blamed on the other.
    if not service.namespace:
        yield required(f"{path}.name")
    if not service.name:
        yield required(f"{path}.namespace")
    port = 443 if service.port is None else service.port
    if not 1 <= port <= 65535:
        yield invalid(f"{path}.port", port, "port is not valid: must be between 1 and 65535, inclusive")
    if service.path is not None:
        yield from _path_errors(service.path, f"{path}.path")


def _path_errors(text: str, path: str) -> Iterator[FieldError]:
    if text in ("", "/"):
        return
    if text == "//":
        yield invalid(path, text, "segment[0] may not be empty")
        return
    if not text.startswith("/"):
        yield invalid(path, text, "must start with a '/'")
    for index, step in enumerate(text[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid(path, text, f"segment[{index}] may not be empty")
            continue
        for wrong in dns1123_subdomain(step):
            yield invalid(path, text, f"segment[{index}]: {wrong}")


def _version_errors(versions: tuple[str, ...], path: str, known_version: bool) -> Iterator[FieldError]:
    if not versions:
        yield required(path)
        return
    seen: set[str] = set()
    for index, version in enumerate(versions):
        if version in seen:
            yield invalid(f"{path}[{index}]", version, "duplicate version")
            continue
        seen.add(version)
        for wrong in dns1035_label(version):
            yield invalid(f"{path}[{index}]", version, wrong)
    if known_version and not seen.intersection(KNOWN_VERSIONS):
        yield invalid(path, list(versions), f"must include at least one of {', '.join(KNOWN_VERSIONS)}")


def has_known_version(conversion: Conversion | None) -> bool:
    """Whether the versions are fit for the server, or not given at all."""
    versions = conversion.webhook.review_versions if conversion is not None and conversion.webhook else ()
    return not versions or bool(set(versions).intersection(KNOWN_VERSIONS))


_BLOCK = re.compile(rb"-----BEGIN ([^\n-]*)-----[ \t\r]*\n(.*?)\n?-----END \1-----", re.DOTALL)


def bundle_errors(bundle: str, path: str) -> Iterator[FieldError]:
    """Whether the bundle, base64 as on the wire, holds a certificate in PEM; its contents aren't parsed in full."""
    found = _BLOCK.findall(base64.b64decode(bundle))
    bodies = [body for kind, body in found if kind == b"CERTIFICATE" and b":" not in body]
    if any(map(_is_certificate, bodies)):
        return
    if bodies:
        reason = "failed to parse certificate: x509: malformed certificate"
    elif found:
        reason = "no valid certificate authority data seen"
    else:
        reason = "unable to parse bytes as PEM block"
    yield invalid(path, bundle, f"unable to load root certificates: {reason}")


def _is_certificate(body: bytes) -> bool:
    """Whether a PEM block's body is base64 of one DER sequence."""
    try:
        der = base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        return False
    if len(der) < 2 or der[0] != 0x30:
        return False
    if der[1] < 0x80:
        return len(der) == 2 + der[1]
    size = der[1] & 0x7F
    return 0 < size <= 4 and len(der) == 2 + size + int.from_bytes(der[2 : 2 + size], "big")
