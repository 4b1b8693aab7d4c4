"""Derives the field numbers of the built-in kinds from Kubernetes' generated.proto files.

    python scripts/generate_protobuf.py $(go env GOMODCACHE)/k8s.io/api@v0.36.1 \\
        $(go env GOMODCACHE)/k8s.io/apimachinery@v0.36.1

Writes opgen/apiserver/data/protobuf.json.gz, which is checked in. Go's typed clients, kubectl's `create` among
them, send their objects in this form.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import Any

from opgen import coretypes
from opgen.ir.schema import CoreRef

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "opgen" / "apiserver" / "data" / "protobuf.json.gz"

_PACKAGE = re.compile(r"^package k8s\.io\.(?:api|apimachinery\.pkg)\.(?P<path>[a-z0-9.]+);", re.M)
_MESSAGE = re.compile(r"^message (?P<name>\w+) \{\n(?P<body>.*?)^\}", re.M | re.S)
_FIELD = re.compile(
    r"^  (?:(?P<label>optional|repeated) (?P<type>[.\w]+)|map<string, (?P<value>[.\w]+)>)"
    r" (?P<name>\w+) = (?P<number>\d+)",
    re.M,
)
_STRUCT = re.compile(r"^type (?P<name>\w+) struct \{\n(?P<body>.*?)^\}", re.M | re.S)
_POINTER = re.compile(r'^\t\w+ +\*(?:string|bool|u?int\d+|float\d+|[A-Z]\w+) +`json:"(?P<name>\w+)', re.M)
_SCALARS = frozenset(("string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double", "float"))
_GROUPS = re.compile(
    r"(core|apps|batch|autoscaling|networking|policy|rbac|storage|coordination|events|discovery|scheduling|node|"
    r"authentication|authorization|certificates)/v\d+|meta/v1"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("modules", nargs="+", type=Path, help="the unpacked Go modules api and apimachinery")
    messages: dict[str, Any] = {}
    for folder in parser.parse_args().modules:
        for path in sorted(folder.rglob("generated.proto")):
            types = path.with_name("types.go")
            pointers = _pointers(types.read_text()) if types.is_file() else {}
            messages |= _messages(path.read_text(), pointers)
    TARGET.parent.mkdir(exist_ok=True)
    content = json.dumps(messages, sort_keys=True, separators=(",", ":")).encode()
    TARGET.write_bytes(gzip.compress(content, mtime=0))
    print(f"{len(messages)} messages, {TARGET.stat().st_size} bytes")


def _api(package: str) -> str:
    """core.v1 -> core/v1, apis.meta.v1 -> meta/v1; "" for what is not an API."""
    parts = package.split(".")
    found = f"{parts[-2]}/{parts[-1]}" if len(parts) > 1 else ""
    return found if _GROUPS.fullmatch(found) else ""


def _pointers(source: str) -> dict[str, set[str]]:
    """The fields of each Go struct that are pointers to scalars: there zero is a value, elsewhere it means unset."""
    return {m["name"]: {f["name"] for f in _POINTER.finditer(m["body"])} for m in _STRUCT.finditer(source)}


def _messages(text: str, pointers: dict[str, set[str]]) -> dict[str, Any]:
    package = _PACKAGE.search(text)
    api = _api(package["path"]) if package else ""
    if not api:
        return {}
    return {
        f"{api}.{m['name']}": _fields(api, m["name"], m["body"], pointers.get(m["name"], set()))
        for m in _MESSAGE.finditer(text)
    }


def _fields(api: str, message: str, body: str, pointers: set[str]) -> dict[str, list[str]]:
    """By number: the JSON name ("" for a struct that JSON inlines), the type, and one|pointer|many|map."""
    known = (coretypes.raw(CoreRef(api, message)) or {}).get("properties")
    fields: dict[str, list[str]] = {}
    for field in _FIELD.finditer(body):
        kind = _type(api, field["type"] or field["value"])
        name = field["name"]
        if known is not None and name not in known:
            if kind in _SCALARS:
                continue
            name = ""
        form = "map" if field["value"] else "many" if field["label"] == "repeated" else "one"
        if form == "one" and name in pointers:
            form = "pointer"
        fields[field["number"]] = [name, kind, form]
    return fields


def _type(api: str, name: str) -> str:
    """A scalar as it is; a message as `api.Name`, those outside of any API by their name alone."""
    if name in _SCALARS:
        return name
    package, _, short = name.rpartition(".")
    if not package:
        return f"{api}.{short}"
    found = _api(re.sub(r"^\.?k8s\.io\.(api|apimachinery\.pkg)\.", "", package))
    return f"{found}.{short}" if found else short


if __name__ == "__main__":
    main()
