"""A custom resource definition (apiextensions.k8s.io/v1), decoded and frozen.

`apiextensions.decode` makes it from raw data, `apiextensions.encode` writes it back; the readers in
`schema` and everything that emits work on this form alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opgen.ir.schema import JSON, Schema


@dataclass(frozen=True, slots=True)
class Names:
    """spec.names."""

    plural: str = ""
    singular: str = ""
    kind: str = ""
    list_kind: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """subresources.scale."""

    spec_replicas_path: str = ""
    status_replicas_path: str = ""
    label_selector_path: str | None = None


@dataclass(frozen=True, slots=True)
class PrinterColumn:
    """additionalPrinterColumns[*]; `priority` 0 is shown always, above 0 with `-o wide`."""

    name: str = ""
    type: str = ""
    json_path: str = ""
    format: str = ""
    description: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """spec.versions[*]. `schema` is None where the input has none.

    `has_subresources` tells an empty `subresources` from an absent one: the server stores it.
    """

    name: str = ""
    served: bool = False
    storage: bool = False
    deprecated: bool = False
    deprecation_warning: str | None = None
    schema: Schema | None = None
    status_subresource: bool = False
    scale: Scale | None = None
    has_subresources: bool = False
    printer_columns: tuple[PrinterColumn, ...] = ()
    selectable_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceReference:
    """conversion.webhook.clientConfig.service."""

    namespace: str = ""
    name: str = ""
    path: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookConversion:
    """conversion.webhook; `ca_bundle` is base64 text as on the wire."""

    review_versions: tuple[str, ...] = ()
    url: str | None = None
    service: ServiceReference | None = None
    ca_bundle: str | None = None
    has_client_config: bool = False


@dataclass(frozen=True, slots=True)
class Conversion:
    """spec.conversion."""

    strategy: str = ""
    webhook: WebhookConversion | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """One CustomResourceDefinition: metadata that is kept, spec, and status.storedVersions.

    `metadata` holds the whole raw metadata (name, labels, annotations, ...), for the rules about it.
    """

    name: str = ""
    group: str = ""
    names: Names = field(default_factory=Names)
    scope: str = ""
    versions: tuple[Version, ...] = ()
    conversion: Conversion | None = None
    preserve_unknown_fields: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, JSON] = field(default_factory=dict)
    stored_versions: tuple[str, ...] = ()
    accepted_names: Names | None = None
    established: bool = False

    def version(self, name: str) -> Version | None:
        """The version of that name, or None."""
        return next((v for v in self.versions if v.name == name), None)

    @property
    def storage_version(self) -> Version | None:
        """The version marked as storage, or None."""
        return next((v for v in self.versions if v.storage), None)

    @property
    def namespaced(self) -> bool:
        return self.scope == "Namespaced"
