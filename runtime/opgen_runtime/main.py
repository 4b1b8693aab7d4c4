"""What the generated `__main__` calls: flags, logs, a cluster, a manager, an exit code.

The flags are kubebuilder's, so that manifests written for it work; each one offered has an effect. They are in
the library, not in the project, so that new ones reach old projects.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from opgen_runtime import logs
from opgen_runtime.errors import ConfigurationError, ConnectionFailed, OpgenRuntimeError
from opgen_runtime.manager import Manager, ManagerOptions

log = logging.getLogger("opgen_runtime")

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "panic": logging.CRITICAL,
}


def _level(text: str) -> int:
    if text.isdigit():  # zap's numbers: the higher, the more is said
        return logging.DEBUG if int(text) > 0 else logging.INFO
    try:
        return _LEVELS[text.lower()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"not one of {', '.join(_LEVELS)} or a number: {text!r}") from None


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in ("true", "t", "1"):
        return True
    if lowered in ("false", "f", "0"):
        return False
    raise argparse.ArgumentTypeError(f"not true or false: {text!r}")


def parser() -> argparse.ArgumentParser:
    """The flags of every operator."""
    flags = argparse.ArgumentParser(description="Runs the operator's controllers.", allow_abbrev=False)
    flags.add_argument(
        "--metrics-bind-address",
        default="0",
        metavar="ADDRESS",
        help="where /metrics is served, such as :8080; 0 for nowhere (default)",
    )
    flags.add_argument(
        "--health-probe-bind-address",
        default=":8081",
        metavar="ADDRESS",
        help="where /healthz and /readyz are served; 0 for nowhere (default :8081)",
    )
    flags.add_argument("--kubeconfig", metavar="FILE", help="the kubeconfig to use")
    flags.add_argument("--context", help="the context of the kubeconfig to use")
    flags.add_argument(
        "--graceful-shutdown-timeout",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="how long running reconciles may take at the end; negative: as long as they need (default 30)",
    )
    flags.add_argument(
        "--log-level",
        "--zap-log-level",
        dest="log_level",
        type=_level,
        metavar="LEVEL",
        help="debug, info, warn, error, or a number (default info)",
    )
    flags.add_argument(
        "--log-encoding",
        "--zap-encoder",
        dest="log_encoding",
        choices=("console", "json"),
        help="how lines look (default: console on a terminal, json otherwise)",
    )
    flags.add_argument(
        "--zap-devel",
        dest="devel",
        nargs="?",
        const=True,
        default=False,
        type=_boolean,
        metavar="BOOL",
        help="console lines at level debug, unless the other flags say otherwise",
    )
    return flags


def watched_namespaces(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """WATCH_NAMESPACE as a list; None (the whole cluster) where it is unset or empty."""
    names = [name.strip() for name in environ.get("WATCH_NAMESPACE", "").split(",")]
    return tuple(dict.fromkeys(name for name in names if name)) or None


def shown_server(server: str) -> str:
    """The address without user and path: on the embedded server of `opgen dev` the path is the token."""
    parts = urlsplit(server)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port}" if parts.port else f"{parts.scheme}://{host}"


def run(register: Callable[[Manager], None], argv: Sequence[str] | None = None) -> int:
    """Run an operator until it is told to stop; returns the exit code.

    `register` adds the controllers. `argv` defaults to the command line. Exit codes: 0 after an orderly stop, 1
    when the cluster can't be reached or something failed; wrong flags end the process with 2.
    """
    flags = parser().parse_args(argv)
    level = flags.log_level if flags.log_level is not None else logging.DEBUG if flags.devel else logging.INFO
    logs.configure(level=level, encoding=flags.log_encoding or ("console" if flags.devel else None))
    try:
        with asyncio.Runner() as runner:
            runner.run(_operate(register, flags))
    except (ConfigurationError, ConnectionFailed) as err:
        sys.stderr.write(f"error: {err}\n")
        return 1
    except OpgenRuntimeError as err:
        log.error("%s", err)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _operate(register: Callable[[Manager], None], flags: argparse.Namespace) -> None:
    from opgen_runtime.client.client import Client
    from opgen_runtime.client.connect import open_transport  # aiohttp: not before the flags are read

    namespaces = watched_namespaces(os.environ)
    transport, config = await open_transport(flags.kubeconfig, flags.context)
    try:
        log.info(
            "context %s, server %s, namespaces %s",
            config.context or "(in cluster)",
            shown_server(config.server),
            ", ".join(namespaces) if namespaces else "all",
        )
        client = Client(transport, namespace=config.namespace, host=config.server)
        options = ManagerOptions(
            namespaces=namespaces,
            metrics_bind_address=flags.metrics_bind_address,
            health_probe_bind_address=flags.health_probe_bind_address,
            graceful_shutdown_timeout=flags.graceful_shutdown_timeout,
        )
        manager = Manager(client, options=options)
        register(manager)
        gc.collect()
        gc.freeze()  # what is loaded now lives as long as the process: no collection need look at it
        await manager.run()
    finally:
        await transport.close()
