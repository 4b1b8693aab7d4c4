"""The built-in kinds: found, imported only as far as needed, and able to read and write."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest
from opgen_runtime import kinds
from opgen_runtime.kinds._index import KINDS
from opgen_runtime.objects import Resource, Struct
from opgen_runtime.objects.struct import field_shapes


def test_every_kind_is_found() -> None:
    for (api_version, name), module in KINDS.items():
        kind = kinds.lookup(api_version, name)
        assert kind is not None
        assert issubclass(kind, Resource)
        assert (kind.KIND.api_version, kind.KIND.kind) == (api_version, name)
        assert kind is getattr(importlib.import_module(f"opgen_runtime.kinds.{module}"), name)
    assert kinds.lookup("apps/v1", "Nothing") is None
    assert kinds.lookup("v1", "Deployment") is None


def test_every_class_can_be_built_and_read() -> None:
    seen: dict[str, type[Struct]] = {}
    for found in pkgutil.iter_modules(kinds.__path__):
        if found.name.startswith("_"):
            continue
        module = importlib.import_module(f"opgen_runtime.kinds.{found.name}")
        assert dir(module) == sorted(module.__all__)
        for name in module.__all__:
            cls = getattr(module, name)
            assert cls.__name__ == name
            cls.model_rebuild()
            required = {shape.wire for shape in field_shapes(cls).values() if shape.required}
            if not required:
                assert cls.from_dict({}).to_dict() == {}
            seen[f"{found.name}.{name}"] = cls
        with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
            module.Nothing  # noqa: B018
    assert len(seen) > 450
    assert len(set(seen.values())) == len(seen)


def test_importing_a_deployment_does_not_import_all_of_core() -> None:
    code = (
        "import sys\n"
        "from opgen_runtime.kinds.apps_v1 import Deployment\n"
        "print(*(name for name in sys.modules if name.startswith('opgen_runtime.kinds')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "opgen_runtime.kinds.core_v1._pod_spec" in loaded
    assert not {"opgen_runtime.kinds.core_v1._node", "opgen_runtime.kinds.core_v1._service"} & loaded
    assert len(loaded) < 25


def test_a_pod_round_trips() -> None:
    from opgen_runtime.kinds.core_v1 import Pod

    data = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "creationTimestamp": None},
        "spec": {
            "containers": [
                {
                    "name": "c",
                    "image": "i",
                    "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                    "ports": [{"containerPort": 80, "protocol": "QUIC"}],
                    "resources": {"limits": {"cpu": 1, "memory": "1Gi"}},
                    "livenessProbe": {"httpGet": {"port": "http"}},
                    "newer": {"x": 1},
                }
            ],
            "hostIPC": False,
        },
        "status": {"podIPs": [{"ip": "10.0.0.1"}], "hostIP": "10.0.0.2"},
    }
    pod = Pod.from_dict(data)
    assert pod.to_dict() == data
    assert pod.spec is not None
    assert pod.spec.host_ipc is False
    ports = pod.spec.containers[0].ports
    assert ports is not None
    assert ports[0].protocol == "QUIC"
    assert pod.status is not None
    assert [ip.ip for ip in pod.status.pod_ips or ()] == ["10.0.0.1"]


def test_a_required_list_may_be_null_as_go_writes_it() -> None:
    from opgen_runtime.kinds.discovery_v1 import EndpointSlice

    data = {"addressType": "IPv4", "endpoints": None, "ports": None}
    read = EndpointSlice.from_dict(data)
    assert read.to_dict() == data
    assert list(read.endpoints or ()) == []
