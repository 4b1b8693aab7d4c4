"""Writes the descriptions of kubectl's columns for built-in kinds, as a running API server gives them.

    python scripts/generate_columns.py KUBECONFIG

The texts are those of the Kubernetes API's own documentation (Apache-2.0); see the NOTICE beside the data.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from opgen_runtime.client.connect import open_transport
from opgen_runtime.client.transport import Request

from opgen.apiserver.builtin import REVIEWS, builtin_resources
from opgen.apiserver.kinds import ResourceInfo

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
DATA = Path(__file__).parents[1] / "opgen/apiserver/data/columns.json"


async def main() -> None:
    """Asks for an empty Table of every kind that can be listed."""
    found: dict[str, list[list[object]]] = {}
    transport, _ = await open_transport(sys.argv[1], None)
    for info in builtin_resources():
        if info.group in REVIEWS:
            continue
        answer = await transport.send(Request("GET", path(info), (("limit", "1"),), {"Accept": TABLE}, None))
        columns = json.loads(answer.body)["columnDefinitions"]
        found[f"{info.group}/{info.version}/{info.plural}"] = [
            [c["name"], c["type"], c["format"], c["description"], c["priority"]] for c in columns
        ]
    await transport.close()
    lines = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(found[name], ensure_ascii=False)}" for name in sorted(found)
    )
    DATA.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def path(info: ResourceInfo) -> str:
    """The list of a resource in all namespaces."""
    root = f"/apis/{info.group}/{info.version}" if info.group else f"/api/{info.version}"
    return f"{root}/{info.plural}"


if __name__ == "__main__":
    asyncio.run(main())
