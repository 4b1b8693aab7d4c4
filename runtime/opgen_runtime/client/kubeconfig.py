"""kubeconfig files, read by the official `kubernetes` package: the one module that touches it.

It is loaded by name and only when a kubeconfig is really read, so that an operator in a Pod needs neither the
package nor its half second of import, and no type checker follows it. What it is used for is described by the
Protocols below. Its loader does files, merging, OIDC and certificates; exec plugins and token files are run
from here, since it turns their failures into log lines and never reads a token file twice.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, cast

from opgen_runtime.client.config import (
    ClusterConfig,
    Credentials,
    StaticCredentials,
    TokenFile,
    checked_proxy,
    checked_server,
    proxy_for,
)
from opgen_runtime.errors import ConfigurationError

DEFAULT_PATH = "~/.kube/config"
EXPIRY_SKEW = timedelta(minutes=2)
"""A plugin's token is replaced this long before it expires."""
RELOAD_SECONDS = 60.0
"""How often the official loader is asked whether a provider's token wants renewing."""


class _Node(Protocol):
    """A part of the merged configuration; knows the file that it came from."""

    value: Any
    path: str | None

    def __contains__(self, key: str) -> bool: ...
    def __getitem__(self, key: str) -> Any: ...
    def get_with_name(self, name: str, safe: bool = False) -> _Node | None: ...


class _Merger(Protocol):
    config: _Node | None

    def save_changes(self) -> None: ...


class _Configuration(Protocol):
    host: str
    ssl_ca_cert: str | None
    cert_file: str | None
    key_file: str | None
    verify_ssl: bool
    tls_server_name: str | None
    api_key: dict[str, str]


class _Loader(Protocol):
    @property
    def current_context(self) -> dict[str, Any]: ...
    def load_and_set(self, client_configuration: _Configuration) -> None: ...


class _ExecProvider(Protocol):
    def run(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Official:
    """What is used of the official package."""

    merger: Callable[[str], _Merger]
    loader: Callable[..., _Loader]
    configuration: Callable[[], _Configuration]
    exec_provider: Callable[[_Node, str, _Node], _ExecProvider]


def load(
    path: str | None = None, context: str | None = None, environ: Mapping[str, str] = os.environ
) -> ClusterConfig:
    """The configuration that kubectl would use. Blocks: files are read and exec plugins run.

    `path` is a file or several joined as in KUBECONFIG, which is the default, before `~/.kube/config`;
    `context` defaults to the current one. Raises ConfigurationError, with one line, on anything unusable.
    """
    paths = path or environ.get("KUBECONFIG") or DEFAULT_PATH
    if not files(paths):
        raise ConfigurationError(f"no kubeconfig at {paths}")
    official = _official()
    with _mapped(paths):
        entry = _select(official, paths, context)
        configuration = official.configuration()
        entry.loader.load_and_set(configuration)
        credentials, cert, key = _credentials(entry, configuration)
        server = checked_server(configuration.host)
        proxy = entry.cluster.value.get("proxy-url")
        return ClusterConfig(
            server=server,
            credentials=credentials,
            ca_file=configuration.ssl_ca_cert,
            client_cert=cert or configuration.cert_file,
            client_key=key or configuration.key_file,
            verify=configuration.verify_ssl,
            tls_server_name=configuration.tls_server_name,
            proxy=checked_proxy(proxy) if proxy else proxy_for(server, environ),
            namespace=entry.namespace,
            context=entry.context,
        )


def files(path: str | None = None, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The kubeconfig files that exist among those that `load` would read."""
    paths = path or environ.get("KUBECONFIG") or DEFAULT_PATH
    candidates = (os.path.expanduser(p) for p in paths.split(os.pathsep) if p)
    return tuple(p for p in candidates if os.path.exists(p))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A chosen context, with what has to be run from here taken out of the user's entry."""

    official: _Official
    paths: str
    context: str
    namespace: str
    cluster: _Node
    loader: _Loader
    user: dict[str, Any]
    folder: str
    plugin: _Node | None


def _select(official: _Official, paths: str, context: str | None) -> _Entry:
    merger = official.merger(paths)
    config = merger.config
    if config is None:
        raise ConfigurationError(f"the kubeconfig {paths} is empty")
    loader = official.loader(
        config_dict=config,
        active_context=context,
        config_base_path=None,
        config_persister=merger.save_changes,
    )
    chosen = loader.current_context
    cluster = config["clusters"].get_with_name(chosen["context"]["cluster"])["cluster"]
    if not cluster.value.get("server"):
        raise ConfigurationError(f"context {chosen['name']!r} in {paths} names a cluster without a server")
    named = (
        config["users"].get_with_name(chosen["context"].get("user", ""), safe=True)
        if "users" in config
        else None
    )
    node = named["user"] if named is not None and named.value.get("user") else None
    user: dict[str, Any] = dict(node.value) if node is not None else {}
    plugin = None
    if node is not None and "auth-provider" not in user and ("exec" in user or "tokenFile" in user):
        # Taken out of the loader's view. It writes files back for auth providers only, so this stays here.
        plugin = node["exec"] if "exec" in user else None
        node.value.pop("exec", None)
        node.value.pop("tokenFile", None)
    folder = os.path.dirname(os.path.abspath(node.path)) if node is not None and node.path else os.getcwd()
    namespace = chosen["context"].get("namespace") or "default"
    return _Entry(official, paths, chosen["name"], namespace, cluster, loader, user, folder, plugin)


def _credentials(entry: _Entry, configuration: _Configuration) -> tuple[Credentials, str | None, str | None]:
    """Credentials, and the files of a client certificate where a plugin gives one."""
    if "tokenFile" in entry.user and "auth-provider" not in entry.user:
        return TokenFile(Path(entry.folder, os.path.expanduser(entry.user["tokenFile"]))), None, None
    header = configuration.api_key.get("BearerToken", "")
    if "auth-provider" in entry.user and not header:
        provider = entry.user["auth-provider"].get("name", "")
        raise ConfigurationError(f"the auth provider {provider!r} in {entry.paths} gave no token")
    if entry.plugin is not None and not header:
        plugin = _Plugin(entry.official.exec_provider(entry.plugin, entry.folder, entry.cluster))
        return plugin, plugin.cert_file, plugin.key_file
    if header:
        return _Reloaded(entry, header), None, None
    return StaticCredentials(), None, None


class _Reloaded:
    """A token from the file or from an OIDC provider: refreshed by the official loader when it is due."""

    def __init__(self, entry: _Entry, header: str) -> None:
        self._entry = entry
        self._header = header
        self._provided = "auth-provider" in entry.user
        self._looked_at: float | None = None
        self._lock = asyncio.Lock()

    async def authorization(self) -> str:
        if self._provided:
            now = asyncio.get_running_loop().time()
            if self._looked_at is None:
                self._looked_at = now
            elif now - self._looked_at >= RELOAD_SECONDS:
                self._looked_at = now
                await self._reload(fresh=False)
        return self._header

    async def renew(self) -> None:
        await self._reload(fresh=True)

    async def _reload(self, *, fresh: bool) -> None:
        async with self._lock:
            self._header = await asyncio.to_thread(self._load, fresh)

    def _load(self, fresh: bool) -> str:
        entry = self._entry
        with _mapped(entry.paths):
            if fresh:
                entry = _select(entry.official, entry.paths, entry.context)
            configuration = entry.official.configuration()
            entry.loader.load_and_set(configuration)
        return configuration.api_key.get("BearerToken", "") or self._header


class _Plugin:
    """An exec plugin: run at once, again shortly before its token expires, and after a 401."""

    def __init__(self, provider: _ExecProvider) -> None:
        self._provider = provider
        self._lock = asyncio.Lock()
        self._folder = ""
        self._expiry: datetime | None = None
        self._header = ""
        self.cert_file: str | None = None
        self.key_file: str | None = None
        self._run()

    async def authorization(self) -> str:
        if self._expired():
            async with self._lock:
                if self._expired():
                    await asyncio.to_thread(self._run)
        return self._header

    async def renew(self) -> None:
        stale = self._header
        async with self._lock:
            if self._header == stale:  # nobody else renewed it while this one waited
                await asyncio.to_thread(self._run)

    def _expired(self) -> bool:
        return self._expiry is not None and datetime.now(UTC) >= self._expiry - EXPIRY_SKEW

    def _run(self) -> None:
        with _mapped("exec plugin"):
            status = self._provider.run()
        token, cert, key = (status.get(k) for k in ("token", "clientCertificateData", "clientKeyData"))
        if not token and not (cert and key):
            raise ConfigurationError("the exec plugin gave neither a token nor a client certificate")
        self._header = f"Bearer {token}" if token else ""
        expiry = status.get("expirationTimestamp")
        self._expiry = datetime.fromisoformat(expiry) if expiry else None
        if cert and key:
            self._write(cert, key)

    def _write(self, cert: str, key: str) -> None:
        if not self._folder:
            self._folder = tempfile.mkdtemp(prefix="opgen-")  # mode 0700
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self.cert_file, self.key_file = (os.path.join(self._folder, n) for n in ("tls.crt", "tls.key"))
        Path(self.cert_file).write_text(cert)
        Path(self.key_file).write_text(key)


def _official() -> _Official:
    try:
        kube_config = importlib.import_module("kubernetes.config.kube_config")
        configuration = importlib.import_module("kubernetes.client.configuration")
        exec_provider = importlib.import_module("kubernetes.config.exec_provider")
    except ImportError as err:
        raise ConfigurationError(
            "reading a kubeconfig needs the official client: install opgen-runtime[kubeconfig]"
        ) from err
    return _Official(
        merger=cast("Callable[[str], _Merger]", kube_config.KubeConfigMerger),
        loader=cast("Callable[..., _Loader]", kube_config.KubeConfigLoader),
        configuration=cast("Callable[[], _Configuration]", configuration.Configuration),
        exec_provider=cast("Callable[[_Node, str, _Node], _ExecProvider]", exec_provider.ExecProvider),
    )


@contextmanager
def _mapped(source: str) -> Iterator[None]:
    """Whatever the official package raises about a configuration becomes a ConfigurationError.

    Its own exception comes beside YAML's, the HTTP library's and plain TypeErrors for odd files, so the
    boundary is drawn around all of them.
    """
    try:
        yield
    except ConfigurationError:
        raise
    except Exception as err:
        text = " ".join(str(err).split()) or type(err).__name__
        raise ConfigurationError(f"{source} cannot be used: {text}") from err
