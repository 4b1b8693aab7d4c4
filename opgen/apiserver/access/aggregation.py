"""What a controller does on a real cluster: a ClusterRole with an aggregationRule gets the rules that it selects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opgen.apiserver.access.authorizer import CLUSTER_ROLES
from opgen.apiserver.message import JSONObject
from opgen.apiserver.selectors import selects
from opgen.apiserver.storage import Change, Store


class Aggregator:
    """Follows the ClusterRoles."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dirty = False
        store.subscribe(CLUSTER_ROLES, self._note)

    def _note(self, change: Change) -> None:
        self._dirty = True

    def run(self) -> None:
        """Write the rules of all that aggregate, until none changes."""
        while self._dirty:
            self._dirty = False
            for item in self._store.items(CLUSTER_ROLES):
                rule: Any = item.obj.get("aggregationRule")
                if not rule:
                    continue
                wanted = self._gathered(item.name, rule.get("clusterRoleSelectors") or ())
                if wanted != (item.obj.get("rules") or []):
                    self._store.put(CLUSTER_ROLES, "", {**item.obj, "rules": wanted})

    def _gathered(self, name: str, selectors: Sequence[JSONObject]) -> list[JSONObject]:
        found: list[JSONObject] = []
        for selector in selectors:
            for other in self._store.items(CLUSTER_ROLES):
                labels = other.obj["metadata"].get("labels") or {}
                if other.name != name and selects(selector, labels):
                    found.extend(rule for rule in other.obj.get("rules") or () if rule not in found)
        return found
