"""The Pods that controllers make of templates, as data: names, labels, owners, and what a place in a row adds."""

from __future__ import annotations

from opgen.apiserver.message import JSONObject
from opgen.apiserver.metadata import generate_name
from opgen.apiserver.storage import Item

_INDEX = "batch.kubernetes.io/job-completion-index"


def owner_of(item: Item) -> JSONObject:
    """The reference by which an object is its controller's."""
    return {
        "apiVersion": item.obj["apiVersion"],
        "kind": item.obj["kind"],
        "name": item.name,
        "uid": item.obj["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def labelled(template: JSONObject, labels: dict[str, str]) -> JSONObject:
    """The template with more labels."""
    metadata: JSONObject = template.get("metadata") or {}
    return {**template, "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), **labels}}}


def pod_of(owner: Item, prefix: str, name: str = "", labels: dict[str, str] | None = None) -> JSONObject:
    """A Pod of the owner's template; with a random name where none is given."""
    template = labelled(owner.obj["spec"]["template"], labels or {})
    given = template.get("metadata") or {}
    metadata = {key: given[key] for key in ("labels", "annotations") if given.get(key)}
    metadata |= {
        "name": name or generate_name(prefix),
        "generateName": prefix,
        "namespace": owner.namespace,
        "ownerReferences": [owner_of(owner)],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": dict(template.get("spec") or {})}


def stateful(owner: Item, name: str, labels: dict[str, str]) -> JSONObject:
    """A StatefulSet's Pod, which has a host name of its own."""
    pod = pod_of(owner, f"{owner.name}-", name, labels)
    pod["spec"]["hostname"] = name
    if owner.obj["spec"].get("serviceName"):
        pod["spec"]["subdomain"] = owner.obj["spec"]["serviceName"]
    return pod


def indexed(owner: Item, index: int) -> JSONObject:
    """An Indexed Job's Pod, which knows its number."""
    pod = pod_of(owner, f"{owner.name}-{index}-", labels={_INDEX: str(index)})
    metadata, spec = pod["metadata"], pod["spec"]
    metadata["annotations"] = {**(metadata.get("annotations") or {}), _INDEX: str(index)}
    spec["hostname"] = f"{owner.name}-{index}"
    field = {"apiVersion": "v1", "fieldPath": f"metadata.labels['{_INDEX}']"}
    variable = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": field}}
    for key in ("containers", "initContainers"):
        if spec.get(key):
            spec[key] = [{**one, "env": [*(one.get("env") or ()), variable]} for one in spec[key]]
    return pod


def index_of(pod: JSONObject) -> int | None:
    """An Indexed Job's Pod's number."""
    text = str((pod["metadata"].get("annotations") or {}).get(_INDEX, ""))
    return int(text) if text.isdigit() else None


def ranges(numbers: set[int]) -> str:
    """Numbers as an Indexed Job's status writes them: `0-2,4`."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ",".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}{'-' if len(run) > 2 else ','}{run[-1]}" for run in found
    )
