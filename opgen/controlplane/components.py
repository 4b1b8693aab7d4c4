"""How each program of a control plane is called: its flags, from what it is to know. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

ETCD_ADDRESS = "unix://localhost:1"
"""etcd's own form of a socket file in its working folder: no port that others could take or use."""
_PEER_ADDRESS = "unix://localhost:2"


def etcd() -> tuple[str, ...]:
    """etcd for a server that may be lost: nothing is synced to the disk."""
    return (
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD_ADDRESS}",
        f"--advertise-client-urls={ETCD_ADDRESS}",
        f"--listen-peer-urls={_PEER_ADDRESS}",
        f"--initial-advertise-peer-urls={_PEER_ADDRESS}",
        f"--initial-cluster=default={_PEER_ADDRESS}",
        "--log-level=warn",
    )


def kube_apiserver(port: int, *, service_accounts: bool, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """kube-apiserver on loopback. Without `service_accounts` a pod needs none: nobody makes the default ones."""
    key = "service-account.key"
    admission = () if service_accounts else ("--disable-admission-plugins=ServiceAccount",)
    return (
        f"--etcd-servers={ETCD_ADDRESS}",
        *_serving(port),
        "--advertise-address=127.0.0.1",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        "--token-auth-file=tokens.csv",
        "--allow-privileged=true",
        f"--service-account-issuer=https://127.0.0.1:{port}/",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        *admission,
        *extra,
    )


def kube_controller_manager(port: int, kubeconfig: Path) -> tuple[str, ...]:
    """The controllers: Deployments, Jobs, garbage collection, namespaces and the rest."""
    return (
        f"--kubeconfig={kubeconfig}",
        *_serving(port),
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        "--service-account-private-key-file=service-account.key",
        "--root-ca-file=certs/apiserver.crt",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
    )


def kube_scheduler(port: int, kubeconfig: Path) -> tuple[str, ...]:
    """The scheduler: puts pods onto the simulated nodes."""
    return (f"--kubeconfig={kubeconfig}", *_serving(port), "--leader-elect=false")


def kwok(kubeconfig: Path, stages: Path) -> tuple[str, ...]:
    """The nodes' side: pods become Running, and Succeeded where they belong to a Job."""
    return (
        f"--kubeconfig={kubeconfig}",
        f"--config={stages}",
        "--manage-all-nodes=true",
        "--node-ip=127.0.0.1",
        "--cidr=10.244.0.0/16",
        "--node-lease-duration-seconds=40",
    )


def _serving(port: int) -> tuple[str, ...]:
    return ("--bind-address=127.0.0.1", f"--secure-port={port}", "--permit-port-sharing", "--cert-dir=certs")


def node(name: str) -> dict[str, Any]:
    """A simulated node."""
    room: Mapping[str, str] = {"cpu": "32", "memory": "256Gi", "pods": "1000"}
    labels = {
        "type": "kwok",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
    }
    annotations = {"kwok.x-k8s.io/node": "fake", "node.alpha.kubernetes.io/ttl": "0"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": annotations, "labels": labels},
        "status": {"allocatable": dict(room), "capacity": dict(room)},
    }
