"""Keywords that are present and empty, such as `enum: []` or `definitions: {}`.

The decoded form has no room for them, nor do they mean anything; yet the server counts them as used where it
looks at which keywords a root has under the status subresource.
"""

from __future__ import annotations

from opgen.ir.schema import JSON

_KEYWORDS = (
    "enum",
    "allOf",
    "oneOf",
    "anyOf",
    "patternProperties",
    "dependencies",
    "definitions",
    "x-kubernetes-list-map-keys",
)


def versions_with_bare_roots(raw: JSON) -> frozenset[int]:
    """The indexes of the versions whose schema has such a keyword at its root; `raw` has been decoded before."""
    spec = raw.get("spec") if isinstance(raw, dict) else None
    versions = spec.get("versions") if isinstance(spec, dict) else None
    found = set()
    for index, version in enumerate(versions if isinstance(versions, list) else ()):
        holder = version.get("schema") if isinstance(version, dict) else None
        root = holder.get("openAPIV3Schema") if isinstance(holder, dict) else None
        if isinstance(root, dict) and any(root.get(keyword) in ([], {}) for keyword in _KEYWORDS):
            found.add(index)
    return frozenset(found)
