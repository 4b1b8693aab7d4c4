"""Several files, one version each, make one definition."""

from __future__ import annotations

import pytest

from opgen import schema
from opgen.schema import Loaded, merge


def part(version: str, extra: str = "", storage: str = "") -> Loaded:
    text = f"group: g.io\nkind: Widget\n{extra}versions:\n- name: {version}\n{storage}  spec: {{a: string}}\n"
    found = schema.load_text(text, f"widget.{version}.yaml")
    assert found.ok, found.diagnostics
    return found.loaded[0]


def test_the_silent_file_holds_the_storage_version() -> None:
    """A new version that says `storage: false` changes nothing in the old file."""
    found = merge([part("v1alpha1"), part("v1", storage="  storage: false\n")])
    assert [(v.name, v.storage) for v in found.loaded[0].definition.versions] == [
        ("v1", False),
        ("v1alpha1", True),
    ]


def test_an_explicit_storage_version_wins() -> None:
    """`storage: true` beats silence."""
    found = merge([part("v1alpha1"), part("v1", storage="  storage: true\n")])
    assert [(v.name, v.storage) for v in found.loaded[0].definition.versions] == [
        ("v1", True),
        ("v1alpha1", False),
    ]


def test_two_silent_files_are_asked_to_choose() -> None:
    """Nothing is guessed."""
    found = merge([part("v1alpha1"), part("v1")])
    assert "are all the storage version" in found.diagnostics[0].message


def test_files_must_agree() -> None:
    """Scope and names are one kind's, not one version's."""
    found = merge([part("v1alpha1"), part("v1", "scope: Cluster\n", "  storage: false\n")])
    assert found.diagnostics[0].message == "scope is 'Cluster' here and 'Namespaced' in widget.v1alpha1.yaml"


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("shortNames: [wi]", "shortNames: [wg, wi]", "shortNames is wg, wi here and wi"),
        ("categories: [all]", "categories: [ours]", "categories is ours here and all"),
        ("labels: {a: b, c: d}", "labels: {a: x}", "label a is 'x' here and 'b'"),
        ("annotations: {a: b}", "annotations: {a: x}", "annotation a is 'x' here and 'b'"),
        ("singular: wid", "singular: widg", "singular is 'widg' here and 'wid'"),
        ("listKind: Wids", "listKind: Widgs", "listKind is 'Widgs' here and 'Wids'"),
    ],
)
def test_no_file_loses_what_it_says_to_another(first: str, second: str, says: str) -> None:
    """Whatever is one kind's is told at its line where two files disagree."""
    parts = [part("v1alpha1", f"{first}\n"), part("v1", f"{second}\n", "  storage: false\n")]
    (found,) = merge(parts).diagnostics
    assert str(found) == f"widget.v1.yaml:3: {says} in widget.v1alpha1.yaml"
    assert found.hint == "all files of one kind must agree"


def test_what_one_file_says_holds_for_all() -> None:
    """Files that are silent, or say the same in another order, agree."""
    parts = [
        part("v1", "labels: {a: b}\n", "  storage: false\n"),
        part("v1beta1", "shortNames: [w, wi]\nlabels: {a: b, c: d}\n"),
        part("v2", "shortNames: [wi, w]\ncategories: [all]\n", "  storage: false\n"),
    ]
    (merged,) = merge(parts).loaded
    names = merged.definition.names
    assert (names.short_names, names.categories) == (("w", "wi"), ("all",))
    assert merged.definition.labels == {"a": "b", "c": "d"}


def test_a_version_described_twice() -> None:
    """The same version in two files is named with both."""
    found = merge([part("v1"), part("v1")])
    assert found.diagnostics[0].message == "version v1 is described in widget.v1.yaml as well"


def test_lines_lead_to_the_right_file() -> None:
    """After merging, a version's place is still its own file."""
    merged = merge([part("v1alpha1"), part("v1", storage="  storage: false\n")]).loaded[0]
    steps = ("spec", "versions", 1, "schema", "openAPIV3Schema", "properties", "spec", "properties", "a")
    assert merged.origins.locate(steps) == ("widget.v1alpha1.yaml", 5)
