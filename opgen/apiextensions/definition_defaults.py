"""What the API server fills into a definition before it looks at it: names, conversion, stored versions."""

from __future__ import annotations

from dataclasses import replace

from opgen.apiextensions.gotext import lower
from opgen.ir.definition import Conversion, Definition

DEFAULT_WEBHOOK_PORT = 443


def default_definition(definition: Definition) -> Definition:
    """The definition after the server's defaulting; the same object where nothing was missing."""
    names = definition.names
    if not names.singular and names.kind:
        names = replace(names, singular=lower(names.kind))
    if not names.list_kind and names.kind:
        names = replace(names, list_kind=f"{names.kind}List")
    stored = definition.stored_versions
    storage = definition.storage_version
    if not stored and storage is not None:
        stored = (storage.name,)
    conversion = _default_conversion(definition.conversion)
    if (names, stored, conversion) == (definition.names, definition.stored_versions, definition.conversion):
        return definition
    return replace(definition, names=names, stored_versions=stored, conversion=conversion)


def _default_conversion(conversion: Conversion | None) -> Conversion:
    if conversion is None:
        return Conversion("None")
    hook = conversion.webhook
    if hook is None or hook.service is None or hook.service.port is not None:
        return conversion
    service = replace(hook.service, port=DEFAULT_WEBHOOK_PORT)
    return replace(conversion, webhook=replace(hook, service=service))
