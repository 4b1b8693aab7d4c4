"""What the verbs of a client share: its connection and defaults, names to paths, answers to objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from opgen_runtime.client.apply import Applier
from opgen_runtime.client.bodies import key_of, namespace_of, write_query
from opgen_runtime.client.discovery import Discovery
from opgen_runtime.client.exchange import MERGE_PATCH, Exchange, Query, WriteGate
from opgen_runtime.client.paths import object_path
from opgen_runtime.client.raw import RawClient, metadata_of
from opgen_runtime.client.reader import LiveReader, Reader, WriteListener
from opgen_runtime.client.transport import Metadata, Response, Transport
from opgen_runtime.errors import NotFound, Target
from opgen_runtime.objects import ObjectKey, Resource, ResourceType, Unstructured

if TYPE_CHECKING:
    from typing import Self


class ClientBase:
    """A client without its verbs: see Client."""

    def __init__(
        self,
        transport: Transport,
        *,
        namespace: str = "default",
        namespaces: Sequence[str] = (),
        field_owner: str = "opgen",
        field_validation: str = "",
        managed_by: str = "",
        gate: WriteGate | None = None,
        host: str = "",
    ) -> None:
        """`namespace` is used where a namespaced object names none; `namespaces` is what `list` looks through
        by default (all when empty). `field_owner` names the owner of written fields; `field_validation` is
        Strict, Warn or Ignore (the server's default, Warn, when empty). `managed_by` is stamped as the label
        app.kubernetes.io/managed-by on applied objects that have an owner."""
        self.exchange = Exchange(transport, gate, host=host)
        self._discovery = Discovery(self.exchange)
        self._reader: Reader = LiveReader(self.exchange)
        self._listener: WriteListener | None = None
        self._without_status: set[ResourceType] = set()
        self.namespace = namespace
        self.namespaces = tuple(namespaces)
        self.field_owner = field_owner
        self.field_validation = field_validation
        self.managed_by = managed_by
        self.raw = RawClient(self.exchange)
        self._applier = Applier()

    def derive(
        self,
        *,
        field_owner: str | None = None,
        reader: Reader | None = None,
        listener: WriteListener | None = None,
        managed_by: str | None = None,
        namespace: str | None = None,
    ) -> Self:
        """Another client on the same connection and write gate, with what is given replaced."""
        derived = object.__new__(type(self))
        derived.__dict__.update(self.__dict__)
        derived._applier = Applier()
        derived._reader = reader if reader is not None else self._reader
        derived._listener = listener if listener is not None else self._listener
        derived.field_owner = self.field_owner if field_owner is None else field_owner
        derived.managed_by = self.managed_by if managed_by is None else managed_by
        derived.namespace = self.namespace if namespace is None else namespace
        return derived

    @property
    def gate(self) -> WriteGate:
        """What every write passes: put a fence or dry run there."""
        return self.exchange.gate

    @property
    def reader(self) -> Reader:
        """Where reads come from: what a cache falls back on."""
        return self._reader

    @property
    def live(self) -> Self:
        """The same client reading from the server only."""
        return self.derive(reader=LiveReader(self.exchange))

    def peek(self, kind: ResourceType, key: ObjectKey) -> Any:
        """What the reader knows of an object without asking the server: an Item, or None."""
        return self._reader.peek(kind, key)

    async def send_apply(
        self, kind: ResourceType, key: ObjectKey, query: Query, body: bytes, content_type: str
    ) -> Response:
        """One server-side apply, already rendered; `client.apply` decides whether and what."""
        target, path = self.at("patch", kind, key)
        response = await self.exchange.call(target, path, query, body, content_type)
        self._heard(kind, response)
        return response

    async def kind_of(self, obj: Resource) -> ResourceType:
        """The object's kind: its class's, or what discovery says of its apiVersion and kind."""
        return await self._kind_of(obj)

    def at(self, verb: str, kind: ResourceType, key: ObjectKey, sub: str = "") -> tuple[Target, str]:
        """What RBAC judges a request by, and its path."""
        target = Target(verb, kind.group, kind.plural, sub, key.namespace, key.name)
        return target, object_path(kind, key.namespace, key.name, sub)

    def _key(self, kind: ResourceType, name: str, namespace: str | None) -> ObjectKey:
        return ObjectKey(namespace_of(kind, namespace, self.namespace), name)

    def _write_query(self, dry_run: bool, field_validation: str | None, owner: str | None = None) -> Query:
        validation = self.field_validation if field_validation is None else field_validation
        return write_query(self.field_owner if owner is None else owner, validation, dry_run=dry_run)

    async def _patch_status(self, kind: ResourceType, key: ObjectKey, body: bytes) -> Response:
        query = write_query(self.field_owner, self.field_validation)
        if kind not in self._without_status:
            target, path = self.at("patch", kind, key, "status")
            try:
                return await self.exchange.call(target, path, query, body, MERGE_PATCH)
            except NotFound as err:
                if "could not find the requested resource" not in err.message:
                    raise
        # The kind has no status subresource: its status is an ordinary field.
        target, path = self.at("patch", kind, key)
        response = await self.exchange.call(target, path, query, body, MERGE_PATCH)
        self._without_status.add(kind)
        return response

    async def _kind_of(self, obj: Resource) -> ResourceType:
        kind: ResourceType | None = getattr(type(obj), "KIND", None)
        if kind is not None:
            return kind
        return await self._discovery.find(obj.api_version or "", obj.kind or "")

    async def _locate(
        self, target: Resource | type[Resource], name: str, namespace: str | None
    ) -> tuple[ResourceType, ObjectKey]:
        if isinstance(target, Resource):
            kind = await self._kind_of(target)
            return kind, key_of(target, kind, self.namespace)
        return target.KIND, self._key(target.KIND, name, namespace)

    def _heard(self, kind: ResourceType, response: Response) -> Metadata | None:
        if self._listener is None:
            return None
        metadata = metadata_of(response.body)
        if metadata.resource_version and not self.gate.dry_run:
            self._listener.wrote(kind, metadata)
        return metadata


def class_of(target: Resource | type[Resource], kind: ResourceType) -> type[Resource]:
    """The class that reads the object: the target's own, or that of a kind without a model."""
    if not isinstance(target, Resource):
        return target
    return type(target) if getattr(type(target), "KIND", None) is not None else Unstructured.of(kind)
