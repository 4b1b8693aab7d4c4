"""Names of children, and the references by which the garbage collector knows them."""

from __future__ import annotations

import hashlib
import re

from opgen_runtime.errors import OwnershipError
from opgen_runtime.objects.meta import OwnerReference
from opgen_runtime.objects.resource import Resource

_MAX_NAME = 63
_HASH_LENGTH = 10
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def child_name(owner: Resource, suffix: str) -> str:
    """`<owner>-<suffix>`, or that cut and hashed where it would not be a DNS label of 63 characters at most.

    The same owner and suffix always give the same name; different ones that are cut differ by their hash.
    Raises ValueError if the owner has no name.
    """
    if not owner.metadata.name:
        raise ValueError("the owner has no name")
    whole = f"{owner.metadata.name}-{suffix}" if suffix else owner.metadata.name
    if len(whole) <= _MAX_NAME and _LABEL.fullmatch(whole):
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:_HASH_LENGTH]
    readable = (
        re.sub(r"[^a-z0-9]+", "-", whole.lower()).strip("-")[: _MAX_NAME - _HASH_LENGTH - 1].rstrip("-")
    )
    return f"{readable}-{digest}" if readable else digest


def owner_reference(
    owner: Resource, *, controller: bool = True, block_owner_deletion: bool = True
) -> OwnerReference:
    """The reference that makes `owner` an owner. Raises ValueError if it has no UID yet."""
    if not owner.metadata.name or not owner.metadata.uid:
        raise ValueError(f"{owner.KIND.kind} has no name or uid: only an object read from the server can own")
    return OwnerReference(
        api_version=owner.KIND.api_version,
        kind=owner.KIND.kind,
        name=owner.metadata.name,
        uid=owner.metadata.uid,
        controller=controller or None,
        block_owner_deletion=block_owner_deletion or None,
    )


def set_controller_reference(owner: Resource, child: Resource) -> None:
    """Makes `owner` the one controller of `child`. Raises OwnershipError where Kubernetes can't hold that."""
    check_ownership(owner, child)
    current = controller_of(child)
    if current is not None and current.uid != owner.metadata.uid:
        raise OwnershipError(
            f"{_said(child)} is controlled by {current.kind} {current.name} already, not by {_said(owner)}"
        )
    _put(owner, child, owner_reference(owner))


def set_owner_reference(owner: Resource, child: Resource) -> None:
    """Makes `owner` one of the owners of `child`. Raises OwnershipError where Kubernetes can't hold that."""
    check_ownership(owner, child)
    _put(owner, child, owner_reference(owner, controller=False, block_owner_deletion=False))


def check_ownership(owner: Resource, child: Resource) -> None:
    """Raises OwnershipError if the garbage collector would delete `child` at once."""
    if not owner.KIND.namespaced:
        return
    remedy = "mark it with a label of the owner and delete it in finalize"
    if not child.KIND.namespaced:
        raise OwnershipError(
            f"{_said(owner)} is namespaced and can't own {_said(child)}, which is cluster-scoped: {remedy}"
        )
    namespace = child.metadata.namespace
    if namespace and owner.metadata.namespace and namespace != owner.metadata.namespace:
        raise OwnershipError(f"{_said(owner)} can't own {_said(child)} in another namespace: {remedy}")


def controller_of(child: Resource) -> OwnerReference | None:
    """The reference marked as controller, or None."""
    return next((ref for ref in child.metadata.owner_references or () if ref.controller), None)


def is_owned_by(child: Resource, owner: Resource) -> bool:
    """Whether `child` names `owner` among its owners, by UID."""
    uid = owner.metadata.uid
    return uid is not None and any(ref.uid == uid for ref in child.metadata.owner_references or ())


def _put(owner: Resource, child: Resource, reference: OwnerReference) -> None:
    others = [ref for ref in child.metadata.owner_references or () if ref.uid != owner.metadata.uid]
    child.metadata.owner_references = [*others, reference]


def _said(obj: Resource) -> str:
    return f"{obj.KIND.kind} {obj.key}"
