"""Custom resource definitions as objects: reviewed on a write, then served, with the status that says so."""

from __future__ import annotations

from typing import Any

from opgen.apiextensions import decode, default_definition, encode, read_object, review_definition
from opgen.apiserver.apply import managed
from opgen.apiserver.apply.managed import Writer
from opgen.apiserver.apply.types import OBJECT_META, Form, Node
from opgen.apiserver.context import Context
from opgen.apiserver.core import CoreStrategy
from opgen.apiserver.custom import resources
from opgen.apiserver.deletes import DEFINITIONS
from opgen.apiserver.message import JSONObject
from opgen.apiserver.status import bad_request
from opgen.apiserver.storage import Change, Item
from opgen.apiserver.strategy import Reviewed
from opgen.apiserver.tracking import managers_of
from opgen.ir.definition import Definition

TABLE = DEFINITIONS
_KIND = "CustomResourceDefinition"


_NAMES = Node(Form.MAP, base=True)
NODE = Node(
    Form.MAP,
    fields={
        "metadata": OBJECT_META,
        "spec": Node(Form.MAP, base=True, fields={"names": _NAMES}),
        "status": Node(
            Form.MAP,
            base=True,
            fields={
                "acceptedNames": _NAMES,
                "conditions": Node(Form.LIST, keys=("type",), element=Node(Form.MAP)),
            },
        ),
    },
)
"""A definition's shape for comparing and merging; its versions are one value."""


class DefinitionStrategy(CoreStrategy):
    """CustomResourceDefinition of apiextensions.k8s.io/v1."""

    @property
    def node(self) -> Node:
        """The kind's shape for comparing and merging."""
        return NODE

    def decode(self, obj: JSONObject, field_validation: str) -> tuple[JSONObject, tuple[str, ...]]:
        """The definition with the server's defaults; 400 where it doesn't fit the type."""
        decoded = decode(obj)
        if decoded.definition is None:
            raise bad_request(f'{_KIND} in version "v1" cannot be handled as a {_KIND}: {decoded.error}')
        if decoded.unknown and field_validation == "Strict":
            raise bad_request(
                f'{_KIND} in version "v1" cannot be handled as a {_KIND}: {decoded.strict_error}'
            )
        spec: Any = encode(default_definition(decoded.definition))["spec"]
        status = obj.get("status")
        if isinstance(status, dict) and not status.get("storedVersions"):
            stored = [version["name"] for version in spec.get("versions") or () if version.get("storage")]
            obj = {**obj, "status": {**status, "storedVersions": stored}}
        return {**obj, "spec": spec}, decoded.unknown if field_validation == "Warn" else ()

    def prepare_create(self, obj: JSONObject) -> JSONObject:
        """With the finalizer that keeps it until its objects are gone, and the first status."""
        storage = [version["name"] for version in obj["spec"].get("versions") or () if version.get("storage")]
        status: JSONObject = {
            "conditions": None,
            "acceptedNames": {"plural": "", "kind": ""},
            "storedVersions": storage,
        }
        return {**obj, "status": status}

    def review(self, new: JSONObject, old: JSONObject | None, subresource: str) -> Reviewed:
        """What `review_definition` says."""
        if subresource:
            return Reviewed(new)
        verdict = review_definition(new, old, field_validation="Ignore")
        return Reviewed(new, verdict.errors, verdict.warnings)


def definition_of(item: Item) -> Definition | None:
    """A stored definition, decoded; kept with it."""
    if "definition" not in item.memo:
        item.memo["definition"] = decode(item.obj, strict=False).definition
    found: Definition | None = item.memo["definition"]
    return found


class Definitions:
    """Follows the stored definitions: serves what they define, and writes their status."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pending: list[Change] = []
        context.store.subscribe(TABLE, self._pending.append)

    def run(self) -> None:
        """Take up the changes since the last call: of several to one definition, the last is followed."""
        before: dict[str, Item | None] = {}
        while self._pending:
            change = self._pending.pop(0)
            previous = before.setdefault(change.key, change.previous)
            held = self._context.store.table(TABLE).items.get(change.key)
            if change.deleted:
                spec = change.item.obj["spec"]
                self._context.registry.remove(spec["group"], spec["names"]["plural"])
                del before[change.key]
            elif held is not None and held.revision == change.revision:
                del before[change.key]
                self._follow(held, previous)

    def _follow(self, held: Item, previous: Item | None) -> None:
        definition = definition_of(held)
        if definition is None:
            return
        if previous is None or previous.obj["spec"] != held.obj["spec"]:
            self._serve(definition)
            if previous is not None:
                self._read_again(definition)
        obj = self._with_status(held.obj, definition)
        if obj != held.obj:
            writer = Writer("kube-apiserver", "apiextensions.k8s.io/v1", "status", self._context.timestamp())
            managers = managed.update(NODE, held.obj, obj, writer, managers_of(held))
            metadata = {**obj["metadata"], "managedFields": managed.encode(managers)}
            self._context.store.put(TABLE, "", {**obj, "metadata": metadata})

    def _serve(self, definition: Definition) -> None:
        registry = self._context.registry
        registry.remove(definition.group, definition.names.plural)
        for info in resources(definition):
            registry.add(info)

    def _read_again(self, definition: Definition) -> None:
        """Stored objects as the new schema reads them: pruned and with its defaults, under their old versions."""
        for item in self._context.store.items(f"{definition.group}/{definition.names.plural}"):
            version = (
                definition.version(item.obj["apiVersion"].rpartition("/")[2]) or definition.storage_version
            )
            if version is not None:
                reading = read_object(
                    definition, {**item.obj, "apiVersion": f"{definition.group}/{version.name}"}
                )
                if not reading.error:
                    item.obj = reading.obj
                    item.memo.clear()

    def _with_status(self, obj: JSONObject, definition: Definition) -> JSONObject:
        """The definition with names accepted and established."""
        status = dict(obj.get("status") or {})
        stored = list(status.get("storedVersions") or ())
        storage = definition.storage_version
        if storage is not None and storage.name not in stored:
            stored.append(storage.name)
        status["storedVersions"] = stored
        status["acceptedNames"] = obj["spec"]["names"]
        if not status.get("conditions"):
            status["conditions"] = self._conditions()
        return {**obj, "status": status}

    def _conditions(self) -> list[JSONObject]:
        now = self._context.timestamp()
        return [
            {
                "type": "NamesAccepted",
                "status": "True",
                "lastTransitionTime": now,
                "reason": "NoConflicts",
                "message": "no conflicts found",
            },
            {
                "type": "Established",
                "status": "True",
                "lastTransitionTime": now,
                "reason": "InitialNamesAccepted",
                "message": "the initial names have been accepted",
            },
        ]
