"""Metadata for random objects: usual, and at the edges of what ObjectMeta's decoder and its rules take."""

from __future__ import annotations

from typing import Any

Entries = list[tuple[str, Any]]
"""Fields of metadata with a value each."""


def _each(name: str, *values: Any) -> Entries:
    return [(name, value) for value in values]


_OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
META: Entries = [
    *_each("labels", {"a": "b"}, {"a b": "c"}, {"a": "x" * 64}, {"a": 1}, {"a": None}, None, {}),
    *_each("annotations", {"A/b": "c"}, {"-": ""}),
    *_each("finalizers", ["a.b/c"], ["x"], ["a b/c", "a.b/c"], []),
    *_each("ownerReferences", [_OWNER], [dict.fromkeys(_OWNER, "")], [{**_OWNER, "kind": "Event"}]),
    ("generateName", "x-"), ("zz", 1), ("generation", 7), ("generation", "7"), ("selfLink", "/x"),
    *_each("creationTimestamp", None, "2024-01-01T00:00:00Z", "x"),
    ("deletionGracePeriodSeconds", 5), ("managedFields", []), ("Labels", {"a": "b"}),
]  # fmt: skip
PLAIN_META: Entries = [
    ("labels", {"a": "b"}), ("annotations", {"A/b": "c"}), ("finalizers", ["a.b/c"]), ("ownerReferences", [_OWNER]),
]  # fmt: skip
_KEYS = (
    "",
    "/a",
    "a/",
    "a/b/c",
    "A.b/c",
    "x" * 64,
    "a" * 254 + "/b",
    "ä",
    "a_.-b",
    "-a",
    "a b",
    "kubernetes.io/x",
)
_VALUES: tuple[Any, ...] = ("", "-", "a b", "ä", "A_b.c-d", "x" * 63, 1.5, True, [], {}, "\n", None)
ODD_META: Entries = [
    *_each("labels", *({key: "v"} for key in _KEYS), *({"a": value} for value in _VALUES)),
    *_each("labels", [], "a", 5, {"a": "b", "a ": "c", "c/": "d"}),
    *_each("annotations", *({key: "v"} for key in _KEYS), *({"a": value} for value in _VALUES), None, {}, [], "x"),
    *_each(
        "finalizers", None, "a.b/c", [None], [1], [""], ["a.b/c", "a.b/c"], ["orphan"], ["foregroundDeletion"],
        ["orphan", "foregroundDeletion"], ["kubernetes"], ["A.b/c"], ["a/b/c"], ["a.b/"], ["/c"], ["x" * 70],
        ["a.b/" + "x" * 70],
    ),
    *_each(
        "ownerReferences", None, [], {}, [None], [{}], "x", [5], [_OWNER, _OWNER],
        *([{**_OWNER, "controller": value}] for value in (True, False, None, "x")),
        [{**_OWNER, "controller": True}] * 2,
        [{**_OWNER, "controller": True}, {**_OWNER, "uid": "w", "controller": True}],
        *([{**_OWNER, "apiVersion": value}] for value in ("a/b/c", "a/b", "/", "", "a/")),
        *([{**_OWNER, key: value}] for key in ("zz", "Name", "name", "uid",
        "blockOwnerDeletion") for value in (None, 1)),
        [{**_OWNER, "kind": "Event", "apiVersion": "events.k8s.io/v1"}],
        [{"apiVersion": "v1", "kind": "Pod", "name": "p"}],
    ),
    *_each("generateName", "A-", "", "a.", "x" * 64, "x" * 254, 5, None, "a/b", "a-b", "ä", "-", "--"),
    *_each(
        "creationTimestamp", 5, "", {}, "2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00.5Z",
        "2024-13-01T00:00:00Z",
        "2024-02-30T00:00:00Z", "2024-01-01t00:00:00Z", "2024-01-01T00:00:00z", "2024-01-01", "2024-01-01T1:00:00Z",
        "2024-01-01T24:00:00Z", "0001-01-01T00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00,25Z", "24-01-01T00:00:00Z", "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+25:00",
        "2024-01-01T00:00:00+23:61", "2024-01-01T00:00:00Zx", "2024-01-01T00:00:00 Z", "2024-01-01T00:00:00+0200",
        "2024-01-01T00:00:00.Z", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        "2024-01-01T00:00:00ä\"\\",
        "٢٠٢٤-01-01T00:00:00Z", "2024-1-01T00:00:00Z", "2024-01-01T00:00:00.123456789123Z",
    ),
    *_each("deletionTimestamp", "2024-01-01T00:00:00Z", None, "x", 1, "0001-01-01T00:00:00Z"),
    *_each("generation", -1, 0, 1.0, 1.5, 2**63, None, True, 2**31),
    *_each("deletionGracePeriodSeconds", -1, 0, 5.0, "5", None, 2**63),
    *_each(
        "managedFields", None, {}, [None], [{}], "x", [{"operation": "x"}], [{"manager": 5}], [{"time": "x"}],
        [{"manager": "m" * 129, "operation": "Update"}],
        [{"manager": "m", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": {}}}],
        [{"fieldsV1": "x"}], [{"zz": 1}],
    ),
    *_each("selfLink", 5, "", None), *_each("uid", 5, None), *_each("resourceVersion", 5, ""),
    ("clusterName", "x"), ("initializers", {}), ("NAME", "q"), ("", 1), ("a.b", 1), ("x" * 300, {"a": [1]}),
]  # fmt: skip
_OWN_NAMES: Entries = [
    *_each("name", "x", "A/", 5), *_each("namespace", "d", ""), ("uid", "u"),
]  # fmt: skip
EMBEDDED_META: Entries = [*META, *_OWN_NAMES]
ODD_EMBEDDED_META: Entries = [
    *ODD_META,
    *_each("name", "", ".", "..", "a/b", "a%b", None, "ä", "x" * 300),
    *_each("namespace", "A", "a.b", 5, None, "x" * 64), ("resourceVersion", "x"),
]  # fmt: skip
