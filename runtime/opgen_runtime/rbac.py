"""Declares what the code beside it needs to be allowed to do.

`opgen generate` reads these declarations from the source, without running it; at run time they do nothing.
For, Owns and Watches imply their own rules: `@rbac` is for everything else. This module imports nothing,
so that any module of an operator can use it.

    @rbac(groups="apps", resources="deployments/scale", verbs="get;patch")
    async def scale(self, widget: Widget) -> None: ...

    rbac(groups="", resources="configmaps", verbs="get;list")  # for a whole module
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

Words = str | Sequence[str]
"""One word, several joined by `;` as kubebuilder's markers spell them, or a sequence."""


def rbac(
    *,
    verbs: Words,
    groups: Words = (),
    resources: Words = (),
    resource_names: Words = (),
    urls: Words = (),
    namespace: str = "",
    role_name: str = "",
) -> Callable[[T], T]:
    """Declare one rule of the operator's role; also works as a decorator, and returns its target unchanged.

    `groups` and `resources` go together (`""` is the core group; `deployments/scale` names a subresource);
    `urls` stands alone, for paths that are no resources. `resource_names` narrows the rule to objects of
    these names. With `namespace` the rule goes into a Role there instead of the ClusterRole; `role_name`
    names another role than the manager's. All arguments must be literals: they are read from the source.
    """
    return _unchanged


def _unchanged(target: T) -> T:
    return target
