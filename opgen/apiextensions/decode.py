"""Reads a CustomResourceDefinition of apiextensions.k8s.io/v1 from raw data as the API server's decoder does.

What fits the type becomes a `Definition`, valid or not: `review` judges it. What does not fit is the
decoder's error, in the server's words. `encode` is the way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opgen.apiextensions.gojson import (
    Abort,
    Bool,
    Bytes,
    GoType,
    Int,
    Slice,
    State,
    String,
    Struct,
    unfit,
)
from opgen.apiextensions.metadata_decoding import CONDITION, OBJECT_META
from opgen.apiextensions.schema_decoding import SCHEMA
from opgen.ir.definition import (
    Conversion,
    Definition,
    Names,
    PrinterColumn,
    Scale,
    ServiceReference,
    Version,
    WebhookConversion,
)
from opgen.ir.schema import JSON, Schema


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the decoder made of raw data.

    `definition` is None where `error` is set. `unknown` holds the strict decoder's complaints, each as the
    server words it (`unknown field "spec.subresources"`), in the document's order, 100 at most. `dropped`
    holds the paths of unknown fields that even the strict decoder loses without a word: those below items
    and the like.
    """

    definition: Definition | None
    error: str = ""
    unknown: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def strict_error(self) -> str:
        """The message of a request with fieldValidation=Strict, or ""."""
        if self.error or not self.unknown:
            return self.error
        return f"strict decoding error: {', '.join(self.unknown)}"


def decode(raw: JSON, *, strict: bool = True) -> Decoded:
    """Decodes a whole definition; with `strict` off unknown fields are ignored, as the server does then."""
    state = State()
    definition = None
    state.error = unfit(raw)
    if not state.error:
        try:
            definition = _DEFINITION.decode(state, raw)
        except Abort as abort:
            state.error = str(abort)
    if state.error or definition is None:
        return Decoded(None, state.error or "json: null is not a definition")
    return Decoded(definition, "", tuple(state.unknown) if strict else (), tuple(state.dropped))


def decode_schema(raw: JSON) -> tuple[Schema | None, str]:
    """Decodes one JSONSchemaProps; unknown keywords are ignored. The message is "" where it fits."""
    state = State()
    state.error = unfit(raw)
    schema: Schema | None = None
    if not state.error:
        try:
            schema = SCHEMA.decode(state, raw)
        except Abort as abort:
            state.error = str(abort)
    if state.error:
        return None, state.error
    return schema or Schema(), ""


def _plain(**arguments: Any) -> dict[str, Any]:
    return arguments


def _table(**fields: tuple[str, GoType]) -> dict[str, tuple[str, GoType]]:
    return fields


_STRING = String()
_STRINGS = Slice(_STRING, "")
_BOOL = Bool()
_INT32 = Int(32)

_NAMES = Struct(
    "v1",
    "CustomResourceDefinitionNames",
    _table(
        plural=("plural", _STRING),
        singular=("singular", _STRING),
        shortNames=("short_names", _STRINGS),
        kind=("kind", _STRING),
        listKind=("list_kind", _STRING),
        categories=("categories", _STRINGS),
    ),
    Names,
)

_COLUMN = Struct(
    "v1",
    "CustomResourceColumnDefinition",
    _table(
        name=("name", _STRING),
        type=("type", _STRING),
        format=("format", _STRING),
        description=("description", _STRING),
        priority=("priority", _INT32),
        jsonPath=("json_path", _STRING),
    ),
    PrinterColumn,
)

_SCALE = Struct(
    "v1",
    "CustomResourceSubresourceScale",
    _table(
        specReplicasPath=("spec_replicas_path", _STRING),
        statusReplicasPath=("status_replicas_path", _STRING),
        labelSelectorPath=("label_selector_path", _STRING),
    ),
    Scale,
)

_SUBRESOURCES = Struct(
    "v1",
    "CustomResourceSubresources",
    _table(
        status=("status", Struct("v1", "CustomResourceSubresourceStatus", {}, _plain)),
        scale=("scale", _SCALE),
    ),
    _plain,
)


def _json_path(path: str = "") -> str:
    return path


_SELECTABLE = Struct("v1", "SelectableField", _table(jsonPath=("path", _STRING)), _json_path)


def _version(
    validation: dict[str, Any] | None = None, subresources: dict[str, Any] | None = None, **arguments: Any
) -> Version:
    nested = subresources or {}
    return Version(
        schema=(validation or {}).get("openAPIV3Schema"),
        status_subresource="status" in nested,
        scale=nested.get("scale"),
        has_subresources=subresources is not None,
        **arguments,
    )


_VERSION = Struct(
    "v1",
    "CustomResourceDefinitionVersion",
    _table(
        name=("name", _STRING),
        served=("served", _BOOL),
        storage=("storage", _BOOL),
        deprecated=("deprecated", _BOOL),
        deprecationWarning=("deprecation_warning", _STRING),
        schema=(
            "validation",
            Struct(
                "v1", "CustomResourceValidation", _table(openAPIV3Schema=("openAPIV3Schema", SCHEMA)), _plain
            ),
        ),
        subresources=("subresources", _SUBRESOURCES),
        additionalPrinterColumns=("printer_columns", Slice(_COLUMN, PrinterColumn())),
        selectableFields=("selectable_fields", Slice(_SELECTABLE, "")),
    ),
    _version,
)

_CLIENT_CONFIG = Struct(
    "v1",
    "WebhookClientConfig",
    _table(
        url=("url", _STRING),
        service=(
            "service",
            Struct(
                "v1",
                "ServiceReference",
                _table(
                    namespace=("namespace", _STRING),
                    name=("name", _STRING),
                    path=("path", _STRING),
                    port=("port", _INT32),
                ),
                ServiceReference,
            ),
        ),
        caBundle=("ca_bundle", Bytes()),
    ),
    _plain,
)


def _webhook(
    client_config: dict[str, Any] | None = None, review_versions: tuple[str, ...] = ()
) -> WebhookConversion:
    return WebhookConversion(
        review_versions=review_versions, has_client_config=client_config is not None, **(client_config or {})
    )


_CONVERSION = Struct(
    "v1",
    "CustomResourceConversion",
    _table(
        strategy=("strategy", String("v1.ConversionStrategyType")),
        webhook=(
            "webhook",
            Struct(
                "v1",
                "WebhookConversion",
                _table(
                    clientConfig=("client_config", _CLIENT_CONFIG),
                    conversionReviewVersions=("review_versions", _STRINGS),
                ),
                _webhook,
            ),
        ),
    ),
    Conversion,
)

_SPEC = Struct(
    "v1",
    "CustomResourceDefinitionSpec",
    _table(
        group=("group", _STRING),
        names=("names", _NAMES),
        scope=("scope", String("v1.ResourceScope")),
        versions=("versions", Slice(_VERSION, Version())),
        conversion=("conversion", _CONVERSION),
        preserveUnknownFields=("preserve_unknown_fields", _BOOL),
    ),
    _plain,
)

_STATUS = Struct(
    "v1",
    "CustomResourceDefinitionStatus",
    _table(
        conditions=("conditions", Slice(CONDITION, {})),
        acceptedNames=("acceptedNames", _NAMES),
        storedVersions=("storedVersions", _STRINGS),
        observedGeneration=("observedGeneration", Int(64)),
    ),
    _plain,
)


def _definition(
    metadata: dict[str, Any] | None = None,
    spec: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
    **_type_meta: str,
) -> Definition:
    meta, state = metadata or {}, status or {}
    return Definition(
        name=meta.get("name", ""),
        labels=meta.get("labels", {}),
        annotations=meta.get("annotations", {}),
        metadata={key: _mutable(value) for key, value in meta.items()},
        stored_versions=state.get("storedVersions", ()),
        accepted_names=state.get("acceptedNames"),
        established=any(
            c.get("type") == "Established" and c.get("status") == "True" for c in state.get("conditions", ())
        ),
        **(spec or {}),
    )


def _mutable(value: Any) -> Any:
    """Raw data again: the decoder's tuples as lists."""
    if isinstance(value, tuple):
        return [_mutable(item) for item in value]
    if isinstance(value, dict):
        return {key: _mutable(item) for key, item in value.items()}
    return value


_DEFINITION = Struct(
    "v1",
    "CustomResourceDefinition",
    _table(
        apiVersion=("apiVersion", _STRING),
        kind=("kind", _STRING),
        metadata=("metadata", OBJECT_META),
        spec=("spec", _SPEC),
        status=("status", _STATUS),
    ),
    _definition,
    inline={"apiVersion": "TypeMeta", "kind": "TypeMeta"},
)
