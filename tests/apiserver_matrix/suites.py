"""The suites, by name: each a function from a namespace's name to its requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apiserver_matrix.custom import custom
from apiserver_matrix.doubles import doubles
from apiserver_matrix.policies import policies
from apiserver_matrix.policies_judged import judgements
from apiserver_matrix.policies_mutating import mutations, parameters
from apiserver_matrix.request import Request
from apiserver_matrix.sequences import bodies, discovery, ownership, paging, watching
from apiserver_matrix.subresources import subresources
from apiserver_matrix.system_fields import system_fields
from apiserver_matrix.verbs import cluster, namespaced
from apiserver_matrix.versions import forgiven, versions

Suite = Callable[[str], Iterator[Request]]

SUITES: dict[str, Suite] = {
    "namespaced": namespaced,
    "cluster": cluster,
    "custom": custom,
    "paging": paging,
    "watching": watching,
    "ownership": ownership,
    "bodies": bodies,
    "discovery": discovery,
    "doubles": doubles,
    "versions": versions,
    "forgiven": forgiven,
    "subresources": subresources,
    "system_fields": system_fields,
    "policies": policies,
    "judgements": judgements,
    "mutations": mutations,
    "parameters": parameters,
}
