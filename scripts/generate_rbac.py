"""Takes the roles and bindings that a real kube-apiserver begins with.

    kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o json --show-managed-fields \\
        | python scripts/generate_rbac.py

of a server without a controller manager. Writes opgen/apiserver/data/rbac.json.gz, which is checked in.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "opgen" / "apiserver" / "data" / "rbac.json.gz"
_FROM_THE_START = "kubernetes.io/bootstrapping"
_NOT_KEPT = ("uid", "resourceVersion", "creationTimestamp")


def main() -> None:
    found: dict[str, list[dict[str, Any]]] = {}
    for obj in json.load(sys.stdin)["items"]:
        metadata = obj["metadata"]
        if _FROM_THE_START not in (metadata.get("labels") or {}):
            continue
        metadata = {key: value for key, value in metadata.items() if key not in _NOT_KEPT}
        metadata["managedFields"] = [
            {key: value for key, value in entry.items() if key != "time"}
            for entry in metadata["managedFields"]
        ]
        head = {"kind": obj["kind"], "apiVersion": obj["apiVersion"], "metadata": metadata}
        rest = {key: value for key, value in obj.items() if key not in head}
        found.setdefault(f"{obj['kind'].lower()}s", []).append(head | rest)
    content = json.dumps(found, separators=(",", ":")).encode()
    TARGET.write_bytes(gzip.compress(content, mtime=0))
    print(", ".join(f"{len(objects)} {plural}" for plural, objects in found.items()))
    print(f"{TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
