"""Keys that a body has twice: JSON and YAML, created, replaced, patched and applied, under each field validation."""

from __future__ import annotations

from collections.abc import Iterator

from apiserver_matrix.custom import DEFINITIONS, definition
from apiserver_matrix.request import APPLY, JSON_PATCH, MERGE, STRATEGIC, Request, patch, post, put

_HEAD = '{"apiVersion":"v1","kind":"ConfigMap",'
_MAPS = (
    _HEAD + '"metadata":{"name":"NAME","name":"NAME"}}',
    _HEAD + '"kind":"ConfigMap","metadata":{"name":"NAME"}}',
    _HEAD + '"metadata":{"name":"NAME"},"data":{"a":"1","a":"2","b:c":"d"}}',
    _HEAD + '"metadata":{"name":"NAME"},"data":{"a":"1"},"data":{"b":"2"}}',
    _HEAD + '"metadata":{"name":"NAME"},"data":{"a":"1","a":"2","a":"3"},"data":{"a":"4"}}',
    _HEAD + '"metadata":{"name":"NAME","labels":{"a":"b"}},"metadata":{"labels":{"c":"d"}}}',
    _HEAD + '"metadata":{"name":"NAME","labels":{"a":"b"},"labels":{"a":"c"}}}',
    _HEAD + '"metadata":{"name":"NAME"},"nonsense":1,"nonsense":2,"data":{"a":"1","a":"2"},"other":{"a":1,"a":2}}',
    _HEAD + '"metadata":{"name":"NAME"},"immutable":false,"immutable":null,"data":null,"data":{"a":"b"}}',
    _HEAD + '"metadata":{"name":"NAME","finalizers":["a.b/c"],"finalizers":["a.b/d"]}}',
    _HEAD + '"metadata":{"name":"NAME"},"data":{"a":"1"},"data":{"a":2}}',
)  # fmt: skip
_TEMPLATE = (
    '"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":'
)
_DEPLOYMENT = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"NAME"},"spec":{%s%s}}}}'
_DEPLOYMENTS = (
    _DEPLOYMENT % (_TEMPLATE, '[{"name":"c","image":"i","image":"j"}]'),
    _DEPLOYMENT
    % (
        _TEMPLATE,
        '[{"name":"c","image":"i","ports":[{"containerPort":1}],"ports":[{"containerPort":2,"x":1}]}]',
    ),
    _DEPLOYMENT % ('"replicas":1,"replicas":2,' + _TEMPLATE, '[{"name":"c","image":"i"}]'),
    _DEPLOYMENT % ('"strategy":{"type":"Recreate"},"strategy":{},' + _TEMPLATE, '[{"name":"c","image":"i"}]'),
    _DEPLOYMENT
    % (
        _TEMPLATE,
        '[{"name":"c","image":"i","env":[{"name":"A"},{"name":"B","name":"C"}]}],"containers":[{"name":"d","image":"i"}]',
    ),
    _DEPLOYMENT
    % (
        _TEMPLATE,
        '[{"name":"c","image":"i","resources":{"limits":{"cpu":"1","cpu":"2"},"limits":{"memory":"1Gi"}}}]',
    ),
)
_GADGETS = (
    '{"apiVersion":"GROUP/v1","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1,"size":2}}',
    '{"apiVersion":"GROUP/v1","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1},"spec":{"size":2,"max":5}}',
    '{"apiVersion":"GROUP/v1","kind":"Gadget","metadata":{"name":"NAME","labels":{"a":"b","a":"c"}},"spec":{"size":1}}',
    '{"apiVersion":"GROUP/v1","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1,"nonsense":{"a":1,"a":2}}}',
    '{"apiVersion":"GROUP/v1","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1,"parts":[{"name":"a","n":1,"n":2}]}}',
    '{"apiVersion":"GROUP/v1","kind":"Gadget","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1},"x":1}',
)  # fmt: skip
_YAML = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n  name: NAME\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n"
    'data:\n  a: "1"\n  a: "2"\n  b: |\n    x\n  b: y\ndata:\n  c: d\n',
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME, labels: {a: b, a: c}}\nnonsense: 1\n",
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\ndata: {1: "x", 1: "y", true: "z"}\n',
)
_MERGES = (
    '{"data":{"a":"1","a":"2"}}',
    '{"data":{"a":"1"},"data":{"b":"2"}}',
    '{"metadata":{"labels":{"a":"b","a":"c"}},"nonsense":1,"data":{"x":"1","x":null}}',
)
_WITHIN = '[{"op":"add","path":"/metadata/labels","value":{"a":"b","a":"c"}}]'
_OPERATIONS = (
    '[{"op":"add","op":"add","path":"/data/x","value":"y"}]',
    '[{"op":"add","path":"/data/x","path":"/data/y","value":"z","more":1}]',
    '[{"op":"add","path":"/data/x","value":"y","more":1}]',
    '[{"op":"add","path":"/nonsense","value":1,"value":2}]',
)


def doubles(ns: str) -> Iterator[Request]:
    """ConfigMaps, Deployments and a custom resource."""
    yield post("/api/v1/namespaces", {"metadata": {"name": ns}})
    group = f"{ns}.example.com"
    yield post(DEFINITIONS, definition(group, namespaced=True))
    maps = f"/api/v1/namespaces/{ns}/configmaps"
    deployments = f"/apis/apps/v1/namespaces/{ns}/deployments"
    gadgets = f"/apis/{group}/v1/namespaces/{ns}/gadgets"
    yield post(maps, {"metadata": {"name": "m"}, "data": {"z": "1"}})
    yield from _sent(maps, _MAPS, "application/json")
    yield from _sent(maps, _YAML, "application/yaml")
    yield from _sent(deployments, _DEPLOYMENTS, "application/json")
    for validation in ("Warn", "Strict", "Ignore"):
        for kind in (MERGE, STRATEGIC):
            for text in _MERGES:
                yield patch(f"{maps}/m?dryRun=All&fieldValidation={validation}", text, kind)
        for text in _OPERATIONS:
            yield patch(f"{maps}/m?dryRun=All&fieldValidation={validation}", text, JSON_PATCH)
        yield patch(
            f"{maps}/m?dryRun=All&fieldManager=within&fieldValidation={validation}", _WITHIN, JSON_PATCH
        )
        for text in (*_MAPS, *_YAML):
            path = f"{maps}/m?dryRun=All&fieldManager=f&force=true&fieldValidation={validation}"
            yield patch(path, text.replace("NAME", "m"), APPLY)
    first = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"size": 1}}
    yield Request("POST", gadgets, first, wait=3.0)
    yield from _sent(gadgets, [text.replace("GROUP", group) for text in _GADGETS], "application/json")
    for validation in ("Warn", "Strict", "Ignore"):
        for text in (
            '{"spec":{"size":1,"size":2}}',
            '{"spec":{"nonsense":1,"size":3,"size":4},"x":{"y":1,"y":2}}',
        ):
            yield patch(f"{gadgets}/g?dryRun=All&fieldValidation={validation}", text)
        text = (
            '[{"op":"add","path":"/spec/size","value":3,"value":4},'
            '{"op":"add","path":"/spec/max","path":"/spec/max","value":5}]'
        )
        yield patch(f"{gadgets}/g?dryRun=All&fieldValidation={validation}", text, JSON_PATCH)
        for text in _GADGETS:
            path = f"{gadgets}/g?dryRun=All&fieldManager=f&force=true&fieldValidation={validation}"
            yield patch(path, text.replace("GROUP", group).replace("NAME", "g"), APPLY)


def _sent(path: str, texts: tuple[str, ...] | list[str], kind: str) -> Iterator[Request]:
    for validation in ("Warn", "Strict", "Ignore"):
        for text in texts:
            body = text.replace("NAME", "new")
            yield post(f"{path}?dryRun=All&fieldValidation={validation}", body, content_type=kind)
    for text in texts:
        name = "g" if "Gadget" in text else "m"
        yield put(f"{path}/{name}?dryRun=All", text.replace("NAME", name), content_type=kind)
