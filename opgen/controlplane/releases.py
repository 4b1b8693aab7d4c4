"""The index of official envtest archives: which versions there are for which machine, with their checksums."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import yaml

from opgen.controlplane import versions
from opgen.controlplane.versions import Version
from opgen.errors import OpgenError

INDEX = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml"
_SHA512 = re.compile(r"[0-9a-f]{128}")
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Release:
    """One archive: `sha512` in hexadecimal digits."""

    version: Version
    url: str
    sha512: str


def machine() -> str:
    """This machine as archives name it, such as `linux-amd64`."""
    arch = platform.machine().lower()
    return f"{platform.system().lower()}-{_MACHINES.get(arch, arch)}"


def read(text: str, index_url: str, where: str) -> list[Release]:
    """The archives for the machine `where`, newest first. A relative link counts from the index.

    Raises OpgenError where the text isn't such an index. An entry without a usable checksum is an error, too: what
    can't be checked is never offered.
    """
    try:
        document = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as problem:
        raise OpgenError(f"{index_url} is not YAML: {str(problem).splitlines()[0]}") from problem
    listed = document.get("releases") if isinstance(document, Mapping) else None
    if not isinstance(listed, Mapping):
        raise OpgenError(f"{index_url} is not an index of envtest releases: it has no map `releases`")
    found: list[Release] = []
    for tag, archives in listed.items():
        version = versions.parse(str(tag))
        name = f"envtest-{tag}-{where}.tar.gz"
        entry = archives.get(name) if isinstance(archives, Mapping) else None
        if version is None or entry is None:
            continue
        checksum, link = (str(entry.get(key, "")) for key in ("hash", "selfLink"))
        if not _SHA512.fullmatch(checksum.lower()) or not link:
            raise OpgenError(f"{index_url}: {name} has no SHA-512 or no link")
        found.append(Release(version, urljoin(index_url, link), checksum.lower()))
    return sorted(found, key=lambda one: one.version, reverse=True)
