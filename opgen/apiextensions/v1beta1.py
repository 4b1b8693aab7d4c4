"""Turns a CustomResourceDefinition of apiextensions.k8s.io/v1beta1, gone since Kubernetes 1.22, into v1.

What v1beta1 filled in or allowed and v1 doesn't is made explicit, each time with a warning. A definition that
stays invalid in v1 is refused with the reasons.
"""

from __future__ import annotations

from typing import Any

from opgen.apiextensions.complaints import text
from opgen.apiextensions.defaulting import copy_json
from opgen.apiextensions.gojson import unfit
from opgen.apiextensions.review import review_definition
from opgen.errors import Diagnostic, error, warning
from opgen.ir.schema import JSON

OLD_VERSION = "apiextensions.k8s.io/v1beta1"
NEW_VERSION = "apiextensions.k8s.io/v1"

# What v1beta1 may have at the top for all versions, and the name of the same below a version.
_SHARED = (
    ("validation", "schema"),
    ("subresources", "subresources"),
    ("additionalPrinterColumns", "additionalPrinterColumns"),
)
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


def convert_v1beta1(raw: JSON) -> tuple[dict[str, JSON] | None, tuple[Diagnostic, ...]]:
    """The definition as v1 raw data, None where that is impossible; diagnostics say what changed, or why not."""
    wrong = unfit(raw)
    if wrong or not isinstance(raw, dict) or raw.get("apiVersion") != OLD_VERSION:
        return None, (error(wrong or f"not a definition of {OLD_VERSION}", path="$.apiVersion"),)
    spec = raw.get("spec")
    if not isinstance(spec, dict):
        return None, (error("a definition needs a spec", path="$.spec"),)
    conversion = _Conversion(copy_json(spec))
    conversion.run()
    if conversion.errors:
        return None, tuple(conversion.errors)
    converted: dict[str, JSON] = {
        "apiVersion": NEW_VERSION,
        "kind": raw.get("kind", "CustomResourceDefinition"),
        "metadata": copy_json(raw.get("metadata") or {}),
        "spec": conversion.spec,
    }
    verdict = review_definition(converted, field_validation="Ignore")
    if verdict.allowed:
        return converted, tuple(conversion.warnings)
    reasons = [verdict.decode] if verdict.decode else list(map(text, verdict.errors))
    refused = [
        error(reason, hint=f"{NEW_VERSION} does not take what {OLD_VERSION} took; mend the definition")
        for reason in reasons
    ]
    return None, (*conversion.warnings, *refused)


class _Conversion:
    """Rewrites `spec` in place."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = [
            warning(
                f"{OLD_VERSION} is gone since Kubernetes 1.22; read as {NEW_VERSION}",
                path="$.apiVersion",
                hint=f"write apiVersion: {NEW_VERSION}",
            )
        ]

    def run(self) -> None:
        versions = self._versions()
        if self.errors:
            return
        for shared, own in _SHARED:
            self._distribute(shared, own, versions)
        for version in versions:
            self._columns(version)
        self._schemas(versions)
        self._webhook()
        self.spec["scope"] = self.spec.get("scope") or "Namespaced"

    def _versions(self) -> list[dict[str, Any]]:
        name = self.spec.pop("version", None) or ""
        versions = self.spec.get("versions") or []
        if not isinstance(versions, list) or not all(isinstance(version, dict) for version in versions):
            self.errors.append(error("must be a list of objects", path="$.spec.versions"))
            return []
        if not versions and name:
            versions = [{"name": name, "served": True, "storage": True}]
            self._warn("$.spec.version", "version became the only entry of versions")
        elif versions and name and versions[0].get("name") != name:
            self.errors.append(error("must match the first version in spec.versions", path="$.spec.version"))
        self.spec["versions"] = versions
        return versions

    def _distribute(self, shared: str, own: str, versions: list[dict[str, Any]]) -> None:
        value = self.spec.pop(shared, None)
        if not value:
            return
        if any(version.get(own) for version in versions):
            plural = {"schema": "schemas"}.get(own, own)
            message = f"top-level and per-version {plural} are mutually exclusive"
            self.errors.append(error(message, path=f"$.spec.{shared}"))
            return
        for version in versions:
            version[own] = copy_json(value)

    def _columns(self, version: dict[str, Any]) -> None:
        for column in version.get("additionalPrinterColumns") or []:
            if isinstance(column, dict) and "JSONPath" in column:
                column["jsonPath"] = column.pop("JSONPath")

    def _schemas(self, versions: list[dict[str, Any]]) -> None:
        preserve = self.spec.pop("preserveUnknownFields", None) is not False
        for index, version in enumerate(versions):
            holder = version.get("schema")
            where = f"$.spec.versions[{index}].schema"
            if not isinstance(holder, dict) or not isinstance(holder.get("openAPIV3Schema"), dict):
                version["schema"] = {"openAPIV3Schema": {"type": "object", _PRESERVE: True}}
                self._warn(where, f"a schema that takes everything ({_PRESERVE}) stands for the missing one")
                continue
            schema = holder["openAPIV3Schema"]
            if "type" not in schema:
                schema["type"] = "object"
                self._warn(where, "the schema's root became an object")
            if preserve and schema.get(_PRESERVE) is not True:
                schema[_PRESERVE] = True
                self._warn(
                    where,
                    f"preserveUnknownFields, which {OLD_VERSION} assumes, became {_PRESERVE} at the root",
                    hint="set preserveUnknownFields: false if unknown fields need not be kept",
                )

    def _webhook(self) -> None:
        conversion = self.spec.get("conversion")
        if not isinstance(conversion, dict):
            return
        client = conversion.pop("webhookClientConfig", None)
        versions = conversion.pop("conversionReviewVersions", None)
        if conversion.get("strategy") == "Webhook":
            conversion["webhook"] = {"conversionReviewVersions": versions or ["v1beta1"]}
            if client is not None:
                conversion["webhook"]["clientConfig"] = client
        elif client is not None or versions:
            self._warn("$.spec.conversion", "a webhook without the strategy Webhook is left out")

    def _warn(self, path: str, message: str, hint: str = "") -> None:
        self.warnings.append(warning(message, path=path, hint=hint))
