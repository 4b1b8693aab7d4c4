"""Real Kubernetes binaries on this machine: found or installed, started on loopback, and gone without a trace.

    assets, versions      which versions are installed, and where
    releases, archives    official archives: the index, the download and its checksum, unpacking
    building              the same binaries from the Go module proxy
    plane                 the caller's side of a running control plane
    supervisor, cluster   the process that owns etcd, kube-apiserver and the rest, and outlives its caller by moments

A control plane is owned by a process of its own. When the process that asked for it goes, however it goes, that one
ends the servers and removes their folder; and where it is killed itself, the kernel ends the servers for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen.controlplane.plane import ControlPlane

__all__ = ["ControlPlane"]


def __getattr__(name: str) -> Any:
    # The supervisor's process imports this package too, and needs nothing of it.
    if name != "ControlPlane":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.plane").ControlPlane
