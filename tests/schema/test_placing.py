"""From the server's words to places in the user's data."""

from __future__ import annotations

from typing import Any

import pytest

from opgen.schema.placing import object_steps, unmarshal_steps

DATA: Any = {
    "metadata": {"labels": {"a.b/c": "x", "n": 1}},
    "spec": {
        "ports": [{"name": "http", "port": "80"}, {"port": 81}],
        "map": {"k[0]": {"v": 1}, "k": {"v": 2}, "": 3},
    },
}


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("spec.ports[1].port", ("spec", "ports", 1, "port")),
        ("spec.ports[7].port", ("spec", "ports")),
        ("metadata.labels.a.b/c", ("metadata", "labels", "a.b/c")),
        ("metadata.labels[a.b/c]", ("metadata", "labels", "a.b/c")),
        ("spec.map[k[0]].v", ("spec", "map", "k[0]", "v")),
        ("spec.map[k].v", ("spec", "map", "k", "v")),
        ("spec.nothing.else", ("spec",)),
        ("<nil>", ()),
        ("", ()),
    ],
)
def test_the_steps_of_a_field_path(path: str, steps: tuple[str | int, ...]) -> None:
    assert object_steps(path, DATA) == steps


@pytest.mark.parametrize(
    ("text", "steps", "hint"),
    [
        (
            "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
            ("spec", "ports", 0, "port"),
            "",
        ),
        (
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
            ("metadata", "labels", "n"),
            "put the value into quotes",
        ),
        (
            "json: cannot unmarshal number 1 into Go struct field ObjectMeta.metadata.labels of type string",
            ("metadata", "labels", "n"),
            "put the value into quotes",
        ),
        ("json: cannot unmarshal bool into Go struct field A.spec.ports of type string", (), ""),
        ("quantities must match the regular expression", (), ""),
    ],
)
def test_where_the_decoder_stopped(text: str, steps: tuple[str | int, ...], hint: str) -> None:
    place, said = unmarshal_steps(text, DATA)
    assert place == steps
    assert said == hint or not place
