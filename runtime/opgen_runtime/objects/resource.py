"""The base of every kind, and `Unstructured`, a kind without a model."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from pydantic import Field

from opgen_runtime.objects.identity import ObjectKey, ResourceType
from opgen_runtime.objects.meta import ObjectMeta
from opgen_runtime.objects.struct import OpenStruct, Struct


class Resource(Struct):
    """An object with apiVersion, kind and metadata. Each kind names its `KIND`.

    A constructed object writes apiVersion and kind; one that was read keeps what was there.
    """

    KIND: ClassVar[ResourceType]

    api_version: str | None = None
    kind: str | None = None
    metadata: ObjectMeta = Field(default_factory=ObjectMeta)

    @property
    def key(self) -> ObjectKey:
        """Namespace and name; empty where metadata does not say them."""
        return ObjectKey(self.metadata.namespace or "", self.metadata.name or "")

    def to_dict(self) -> dict[str, Any]:
        """Plain data with wire names: what was read or set, nothing else. Never shared with the object."""
        if "metadata" not in self.__pydantic_fields_set__ and self.metadata.to_dict():
            # Absent when read, so an empty one stood there; it has been filled since.
            self.__pydantic_fields_set__.add("metadata")
            if self.__pydantic_extra__:
                self.__pydantic_extra__.pop("metadata", None)
        return super().to_dict()

    def _constructed(self, context: Any) -> None:
        """After the constructor: what is made here says what it is."""
        kind: ResourceType | None = getattr(type(self), "KIND", None)
        if kind is None:
            raise TypeError(f"{type(self).__name__} has no KIND; Unstructured.of(...) makes a class that has")
        for name, value in (("api_version", kind.api_version), ("kind", kind.kind)):
            if name not in self.__pydantic_fields_set__:
                self.__dict__[name] = value
                self.__pydantic_fields_set__.add(name)


class Unstructured(Resource, OpenStruct):
    """An object of a kind without a model: plain data under `[]`, metadata as everywhere.

    `Unstructured.of(...)` makes the class of one kind, to hand to a client.
    """

    @staticmethod
    def of(kind: ResourceType) -> type[Unstructured]:
        """The class of one kind; the same class each time."""
        return _unstructured(kind)

    def __getitem__(self, key: str) -> Any:
        """A top-level field's data, by wire name. Raises KeyError where it is absent."""
        return self._data()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        """Sets a top-level field other than metadata."""
        if key in _TYPED:
            setattr(self, _TYPED[key], value)
        else:
            self._data()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._data()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._data()

    def get(self, key: str, default: Any = None) -> Any:
        """A top-level field's data, by wire name, or `default`."""
        return self._data().get(key, default)

    def _data(self) -> dict[str, Any]:
        extra = self.__pydantic_extra__
        return {} if extra is None else extra

    def __reduce__(self) -> tuple[Any, ...]:
        kind: ResourceType | None = getattr(type(self), "KIND", None)
        return _restored, (kind, self.to_dict())


_TYPED: Mapping[str, str] = {"apiVersion": "api_version", "kind": "kind"}


@cache
def _unstructured(kind: ResourceType) -> type[Unstructured]:
    return type(kind.kind, (Unstructured,), {"KIND": kind, "__module__": __name__, "__annotations__": {}})


def _restored(kind: ResourceType | None, data: dict[str, Any]) -> Unstructured:
    cls = Unstructured if kind is None else Unstructured.of(kind)
    return cls.from_dict(data)
