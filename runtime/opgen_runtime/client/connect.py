"""Finds the cluster that is meant and opens a transport to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from opgen_runtime.client import kubeconfig as kubeconfigs
from opgen_runtime.client.config import ClusterConfig, in_cluster, is_in_cluster
from opgen_runtime.client.live import LiveTransport
from opgen_runtime.client.transport import Request
from opgen_runtime.errors import ConfigurationError, ConnectionFailed


def find_config(
    kubeconfig: str | None = None, context: str | None = None, environ: Mapping[str, str] = os.environ
) -> ClusterConfig:
    """The configuration to use. Blocks. Raises ConfigurationError with one line.

    In order: what is given, KUBECONFIG, the Pod that this runs in, ~/.kube/config.
    """
    if kubeconfig or context or environ.get("KUBECONFIG"):
        return kubeconfigs.load(kubeconfig, context, environ)
    if is_in_cluster(environ):
        return in_cluster(environ)
    if kubeconfigs.files(None, environ):
        return kubeconfigs.load(None, None, environ)
    raise ConfigurationError(
        f"no cluster is configured: not in a Pod, KUBECONFIG is not set, no {kubeconfigs.DEFAULT_PATH}"
    )


async def open_transport(
    kubeconfig: str | None = None, context: str | None = None
) -> tuple[LiveTransport, ClusterConfig]:
    """A transport to the cluster found, which has answered once.

    Raises ConfigurationError where none is configured and ConnectionFailed where it does not answer.
    """
    config = await asyncio.to_thread(find_config, kubeconfig, context)
    transport = LiveTransport(config)
    try:
        await transport.send(Request("GET", "/version", timeout=10.0))
    except ConnectionFailed as err:
        await transport.close()
        named = f" (context {config.context})" if config.context else ""
        raise ConnectionFailed(f"no API server answers at {config.server}{named}: {_reason(err)}") from err
    except BaseException:
        await transport.close()
        raise
    return transport, config


def _reason(err: ConnectionFailed) -> str:
    return str(err).rpartition("/version: ")[2]
