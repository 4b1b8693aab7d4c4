"""Derives opgen's data on the built-in types, and the models of the built-in kinds, from a kube-apiserver.

    python scripts/generate_core.py --openapi openapi-v3-1.36.1.tar.gz   # what a server answered, packed
    python scripts/generate_core.py --openapi http://127.0.0.1:8001      # a running one, `kubectl proxy`
    python scripts/generate_core.py                                      # only the models, from the data

Writes opgen/coretypes/data/ and runtime/opgen_runtime/kinds/. Both are checked in; tests hold them equal to
what this script makes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import shutil
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opgen.coretypes import recognition
from opgen.emit.models.builtin import modules

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "opgen" / "coretypes" / "data"
KINDS = ROOT / "runtime" / "opgen_runtime" / "kinds"

_SCHEMA_NAME = re.compile(
    r"io\.k8s\.(?:api|apimachinery\.pkg\.apis|apiextensions-apiserver\.pkg\.apis|kube-aggregator\.pkg\.apis)"
    r"\.(?P<group>[a-z0-9]+)\.(?P<version>v[0-9a-z]+)\.(?P<name>[A-Za-z0-9]+)"
)
# What lives outside of a group and version, and is spoken of as meta/v1.
_LOOSE = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "Quantity",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "RawExtension",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "IntOrString",
}
_KEPT = {
    "type": "type",
    "format": "format",
    "enum": "enum",
    "required": "required",
    "x-kubernetes-list-type": "list_type",
    "x-kubernetes-list-map-keys": "list_map_keys",
    "x-kubernetes-map-type": "map_type",
    "x-kubernetes-patch-strategy": "patch_strategy",
    "x-kubernetes-patch-merge-key": "patch_merge_key",
}
# Types of the protocol around objects, and lists: no fields of anybody's schema.
_LEFT_OUT = re.compile(
    r"(Status|StatusDetails|StatusCause|WatchEvent|APIGroup.*|APIResource.*|APIVersions|Patch|Info)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--openapi", help="a packed set of /openapi/v3 answers, or the URL of a server")
    arguments = parser.parse_args()
    if arguments.openapi:
        DATA.mkdir(parents=True, exist_ok=True)
        for name, content in derive(read(arguments.openapi)).items():
            (DATA / name).write_bytes(content)
        (DATA / "digests.json.gz").write_bytes(packed(recognition.digests()))
        (DATA / "shapes.json.gz").write_bytes(packed(recognition.shapes()))
    write_models(KINDS)


def write_models(folder: Path) -> None:
    """Writes the package of built-in kinds anew; what is written by hand there stays."""
    for generated in folder.glob("*_v*"):
        if generated.is_dir():
            shutil.rmtree(generated)
    for path, source in modules().items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source, encoding="utf-8")


def read(source: str) -> dict[str, Any]:
    """The server's answers by file name, as the packed set names them."""
    if source.startswith(("http://", "https://")):
        return _fetch(source.rstrip("/"))
    answers = {}
    with tarfile.open(source) as packed:
        for member in packed:
            stream = packed.extractfile(member) if member.name.endswith(".json") else None
            if stream is not None:
                answers[Path(member.name).name] = json.load(stream)
    return answers


def _fetch(server: str) -> dict[str, Any]:
    def get(path: str, accept: str = "application/json") -> Any:
        request = urllib.request.Request(server + path, headers={"Accept": accept})
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    answers = {f"aggregated-discovery-{root}.json": get(f"/{root}", aggregated) for root in ("api", "apis")}
    for path, entry in get("/openapi/v3")["paths"].items():
        if re.fullmatch(r"api/v1|apis/[^/]+/v[0-9a-z]+", path):
            answers[path.replace("/", "_") + ".json"] = get(entry["serverRelativeURL"])
    return answers


def derive(answers: Mapping[str, Any]) -> dict[str, bytes]:
    """The data files: types.json.gz, descriptions.json.gz."""
    schemas: dict[str, Any] = {}
    for name in sorted(answers):
        for full, schema in answers[name].get("components", {}).get("schemas", {}).items():
            if _named(full) is not None:
                schemas.setdefault(full, schema)
    types: dict[str, dict[str, Any]] = {}
    descriptions: dict[str, dict[str, Any]] = {}
    for full, schema in sorted(schemas.items()):
        api, name = _named(full) or ("", "")
        if (name.endswith("List") and "items" in schema.get("properties", {})) or _LEFT_OUT.fullmatch(name):
            continue
        said: dict[str, str] = {}
        types.setdefault(api, {})[name] = trimmed(schema, said, ())
        descriptions.setdefault(api, {})[name] = said
    content = {
        "kubernetes": str(answers["api_v1.json"]["info"]["version"]).removeprefix("v"),
        "types": types,
        "kinds": sorted(
            _kinds(answers, schemas), key=lambda kind: (kind["group"], kind["version"], kind["kind"])
        ),
    }
    return {"types.json.gz": packed(content), "descriptions.json.gz": packed(descriptions)}


def packed(content: Any) -> bytes:
    """The same bytes for the same content, at any time."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def _named(full: str) -> tuple[str, str] | None:
    if full in _LOOSE:
        return "meta/v1", _LOOSE[full]
    match = _SCHEMA_NAME.fullmatch(full)
    return (f"{match['group']}/{match['version']}", match["name"]) if match else None


def trimmed(schema: Mapping[str, Any], said: dict[str, str], path: tuple[str, ...]) -> dict[str, Any]:
    """What the emitters need of a schema; its texts go to `said`, by path."""
    if text := schema.get("description"):
        said["/".join(path)] = text
    reference = schema.get("$ref") or next(
        (part["$ref"] for part in schema.get("allOf", ()) if "$ref" in part), None
    )
    kept = {short: schema[long] for long, short in _KEPT.items() if long in schema}
    if reference is not None:
        api, name = _named(reference.rpartition("/")[2]) or ("", "")
        kept["ref"] = f"{api}.{name}"
    required = schema.get("required", ())
    for wire, value in sorted(schema.get("properties", {}).items()):
        inner = trimmed(value, said, (*path, wire))
        # Go's zero value of a required field, not a default that anybody wrote down.
        if "default" in value and value["default"] != {} and not (wire in required and not value["default"]):
            inner["default"] = value["default"]
        kept.setdefault("properties", {})[wire] = inner
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            kept[key] = trimmed(schema[key], said, (*path, "[]" if key == "items" else "{}"))
    return kept


def _kinds(answers: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    named = {
        (gvk["group"], gvk["version"], gvk["kind"]): full
        for full, schema in schemas.items()
        for gvk in schema.get("x-kubernetes-group-version-kind", ())
        if len(schema["x-kubernetes-group-version-kind"]) == 1
    }
    for root in ("api", "apis"):
        for group in answers[f"aggregated-discovery-{root}.json"]["items"]:
            for version in group["versions"]:
                for resource in version.get("resources", ()):
                    kind = (
                        group["metadata"].get("name", ""),
                        version["version"],
                        resource["responseKind"]["kind"],
                    )
                    if kind in named and (found := _named(named[kind])):
                        yield _kind(kind, resource, ".".join(found))


def _kind(kind: tuple[str, str, str], resource: Mapping[str, Any], type_name: str) -> dict[str, Any]:
    return {
        "group": kind[0],
        "version": kind[1],
        "kind": kind[2],
        "plural": resource["resource"],
        "namespaced": resource["scope"] == "Namespaced",
        "subresources": sorted(item["subresource"] for item in resource.get("subresources", ())),
        "verbs": sorted(resource.get("verbs", ())),
        "type": type_name,
    }


if __name__ == "__main__":
    main()
