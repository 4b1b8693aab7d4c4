"""Which cluster, and as whom: the values that a connection is made from, and the in-cluster way to find them.

`client.kubeconfig` fills the same `ClusterConfig` from kubeconfig files; `client.live` connects with it.
Secrets stay out of `repr`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from opgen_runtime.errors import ConfigurationError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
TOKEN_REREAD_SECONDS = 60.0
"""How old a token read from a file may get; the kubelet replaces it well before it expires."""


class Credentials(Protocol):
    """Knows what goes into the Authorization header, now."""

    async def authorization(self) -> str:
        """The header's value, such as `Bearer …`; empty to send none."""
        ...

    async def renew(self) -> None:
        """Called after a 401: drop what is cached and get it anew. Raises ConfigurationError if it cannot."""
        ...


class StaticCredentials:
    """A header that never changes: a token given by hand, a password, or nothing."""

    __slots__ = ("_header",)

    def __init__(self, header: str = "") -> None:
        self._header = header

    @classmethod
    def token(cls, token: str) -> StaticCredentials:
        """Credentials of one bearer token; of none when it is empty."""
        return cls(f"Bearer {token}" if token else "")

    async def authorization(self) -> str:
        return self._header

    async def renew(self) -> None:
        return None


class TokenFile:
    """A bearer token in a file, read again every minute and after a 401."""

    __slots__ = ("_header", "_path", "_read_at")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header = ""
        self._read_at = float("-inf")

    async def authorization(self) -> str:
        now = asyncio.get_running_loop().time()
        if now - self._read_at >= TOKEN_REREAD_SECONDS:
            self._read(now)
        return self._header

    async def renew(self) -> None:
        self._read_at = float("-inf")

    def _read(self, now: float) -> None:
        # A file on tmpfs: reading it takes microseconds, a thread would take more.
        try:
            token = self._path.read_text().strip()
        except OSError as err:
            if self._header:  # the old token is better than none; tried again on the next request
                return
            raise ConfigurationError(f"cannot read the token in {self._path}: {err.strerror}") from err
        self._header = f"Bearer {token}" if token else ""
        self._read_at = now


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """One API server and an identity there.

    `ca_file`/`ca_data` (PEM) replace the system's authorities; `client_cert`/`client_key` are files.
    `proxy` is a resolved http(s) URL or None: nothing else looks at proxy variables. `namespace` is the
    default of this identity, `context` the name shown to people.
    """

    server: str
    credentials: Credentials = field(default_factory=StaticCredentials, repr=False)
    ca_file: str | None = None
    ca_data: str | None = field(default=None, repr=False)
    client_cert: str | None = None
    client_key: str | None = field(default=None, repr=False)
    verify: bool = True
    tls_server_name: str | None = None
    proxy: str | None = field(default=None, repr=False)
    namespace: str = "default"
    context: str = ""

    def ssl_context(self) -> ssl.SSLContext | None:
        """A context for https servers, None for http. Raises ConfigurationError on unusable files."""
        if not self.server.startswith("https:"):
            return None
        try:
            return self._ssl_context()
        except (OSError, ValueError) as err:  # ssl.SSLError is an OSError
            raise ConfigurationError(f"cannot set up TLS for {self.server}: {err}") from err

    def _ssl_context(self) -> ssl.SSLContext:
        if self.verify:
            context = ssl.create_default_context(cafile=self.ca_file, cadata=self.ca_data)
            # Python 3.13 made RFC 5280's formal rules the default; many clusters' authorities predate them.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.client_cert:
            context.load_cert_chain(self.client_cert, self.client_key)
        return context


def explicit(
    server: str,
    *,
    token: str = "",
    ca_file: str | None = None,
    namespace: str = "default",
    verify: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> ClusterConfig:
    """A configuration given by hand. Raises ConfigurationError if `server` is not an http(s) URL."""
    url = checked_server(server)
    return ClusterConfig(
        server=url,
        credentials=StaticCredentials.token(token),
        ca_file=ca_file,
        verify=verify,
        namespace=namespace,
        proxy=proxy_for(url, environ),
    )


def is_in_cluster(environ: Mapping[str, str] = os.environ, folder: Path = SERVICE_ACCOUNT) -> bool:
    """Whether this process runs in a Pod with a mounted service account."""
    return "KUBERNETES_SERVICE_HOST" in environ and (folder / "token").exists()


def in_cluster(environ: Mapping[str, str] = os.environ, folder: Path = SERVICE_ACCOUNT) -> ClusterConfig:
    """The configuration of a Pod: its service account's token, authority and namespace.

    Raises ConfigurationError where this is not a Pod, or has no service account mounted.
    """
    host, port = environ.get("KUBERNETES_SERVICE_HOST", ""), environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise ConfigurationError("not inside a cluster: KUBERNETES_SERVICE_HOST is not set")
    if not (folder / "token").exists():
        raise ConfigurationError(
            f"no service account token in {folder}: is automountServiceAccountToken false?"
        )
    server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
    ca, namespace = folder / "ca.crt", folder / "namespace"
    return ClusterConfig(
        server=server,
        credentials=TokenFile(folder / "token"),
        ca_file=str(ca) if ca.exists() else None,
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        context="in-cluster",
        proxy=proxy_for(server, environ),
    )


def checked_server(server: str) -> str:
    """The server's URL without a trailing slash. Raises ConfigurationError if it is none."""
    try:
        parts = urlsplit(server)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(f"{server!r} is not the http(s) address of an API server")
    return server.rstrip("/")


def proxy_for(server: str, environ: Mapping[str, str]) -> str | None:
    """The proxy that the environment names for this server: HTTPS_PROXY or HTTP_PROXY, less NO_PROXY.

    As Go's clients do it: loopback is never proxied, NO_PROXY may hold domains, addresses, CIDRs and ports.
    """
    parts = urlsplit(server)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    proxy = _variable(environ, f"{parts.scheme}_proxy")
    if not proxy or _is_loopback(host):
        return None
    for entry in _variable(environ, "no_proxy").split(","):
        if entry.strip() and _matches(entry.strip().lower(), host, port):
            return None
    return checked_proxy(proxy)


def checked_proxy(proxy: str) -> str:
    """The proxy's URL. Raises ConfigurationError on one that cannot be used."""
    url = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError(f"proxies are http or https, not {urlsplit(url).scheme}")
    return url


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name.upper()) or environ.get(name) or ""


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, wanted_port = entry.rpartition(":")
    if colon and wanted_port.isdigit() and _address(entry) is None:
        if int(wanted_port) != port:
            return False
        entry = name
    entry = entry.strip("[]").removeprefix("*")
    if address is not None:
        return address == _address(entry)
    return (host == entry.lstrip(".") and not entry.startswith(".")) or host.endswith("." + entry.lstrip("."))


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
