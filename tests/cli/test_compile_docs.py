"""`opgen compile --only docs`: a page and a Markdown file for every group, with the samples in them."""

from __future__ import annotations

from pathlib import Path

from opgen.commands.compile import CompileRequest, compile_schemas

SCHEMA = "group: {group}\nversion: v1\nkind: {kind}\nspec:\n  replicas: {{type: int32!, minimum: 7}}\n"


def test_a_group_has_one_page_for_all_its_kinds(tmp_path: Path) -> None:
    paths = []
    for group, kind in (
        ("shop.example.com", "Widget"),
        ("shop.example.com", "Anvil"),
        ("b.example.com", "Cog"),
    ):
        path = tmp_path / f"{kind.lower()}.yaml"
        path.write_text(SCHEMA.format(group=group, kind=kind))
        paths.append(str(path))
    compiled = compile_schemas(CompileRequest(paths, frozenset({"docs"})))
    made = {str(artifact.path): artifact.content.decode() for artifact in compiled.artifacts}
    assert sorted(made) == [
        "docs/b.example.com.html",
        "docs/b.example.com.md",
        "docs/shop.example.com.html",
        "docs/shop.example.com.md",
    ]
    page = made["docs/shop.example.com.html"]
    assert page.index('<section id="Anvil.v1">') < page.index('<section id="Widget.v1">')
    assert "replicas: 7" in page
    assert "replicas: 7" in made["docs/b.example.com.md"]
