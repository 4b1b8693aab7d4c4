"""The API reference says what the schema says, and nothing in a schema can write into the page."""

from __future__ import annotations

import html.parser
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from reference_support import definition, widget

from opgen.emit.reference import Field, Subject, by_group, markdown, page
from opgen.emit.reference.fields import root_fields
from opgen.emit.reference.prose import markup, paragraphs
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema, Value

GROUP = "shop.example.com"
HOSTILE = '</script><img src=x onerror="alert(1)"> & `</code><b>` | [a](javascript:alert(1))'


def fields() -> dict[str, Field]:
    return {field.path: field for top in root_fields(definition().versions[0]) for field in top.below()}


def facts(path: str) -> dict[str, str]:
    return {fact.label: fact.text for fact in fields()[path].facts}


def test_lists_and_maps_are_walked_through() -> None:
    found = fields()
    assert found["spec.ports"].type == "list of object"
    assert found["spec.ports[].port"].type == "integer or string"
    assert found["spec.ports[].name"].required
    assert found["spec.tags"].type == "map of string"
    assert found["spec.template"].core == "core/v1.PodTemplateSpec"
    assert found["spec.template.spec.containers[].image"].type == "string"


def test_bounds_are_facts() -> None:
    assert facts("spec.replicas") == {"default": "3", "minimum": "1", "maximum": "9"}
    assert facts("spec.mode") == {"one of": '"Fast", "Safe"'}
    assert facts("spec.name") == {"maximum length": "63", "pattern": "^[a-z|]+$"}
    assert facts("spec.ports")["keys"] == "name"


def test_rules_stand_at_their_object() -> None:
    assert [rule.rule for rule in fields()["spec"].rules] == ["self.replicas <= self.limit"]


def test_what_holds_for_an_item_says_so() -> None:
    item = Schema(type="string", min_length=2)
    deep = Schema(type="array", items=Schema(type="object", additional_properties=item))
    root = replace(definition().versions[0], schema=Schema(type="object", properties={"x": deep}))
    (found,) = root_fields(root)
    assert found.type == "list of map of string"
    assert [(fact.label, fact.text) for fact in found.facts] == [
        ("each item: each value: minimum length", "2")
    ]


def test_junctors_in_words_where_they_only_require() -> None:
    choice = Schema(type="object", one_of=(Schema(required=("a",)), Schema(required=("b", "c"))))
    other = Schema(type="object", not_=Schema(enum=(Value(1),)))
    schema = Schema(type="object", properties={"choice": choice, "other": other})
    found = {field.name: field for field in root_fields(replace(definition().versions[0], schema=schema))}
    assert [(fact.label, fact.text) for fact in found["choice"].facts] == [("exactly one of", "a; b and c")]
    assert [(fact.label, fact.text) for fact in found["other"].facts] == [("not", '{"enum": [1]}')]


class _Tags(html.parser.HTMLParser):
    """Checks that tags nest, and gathers ids, link targets and text."""

    VOID = frozenset({"meta", "input", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "a":
            self.links.append(given.get("href") or "")
        assert not any(name.startswith("on") for name in given), given
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(subjects: list[Subject]) -> _Tags:
    reader = _Tags()
    reader.feed(page(GROUP, subjects))
    reader.close()
    assert reader.stack == []
    return reader


def test_the_page_is_whole_and_its_links_lead_somewhere() -> None:
    reader = parsed([widget()])
    assert len(reader.ids) == len(set(reader.ids))
    inner = {link[1:] for link in reader.links if link.startswith("#")}
    assert {unquote(link) for link in inner} <= set(reader.ids)
    assert "Widget.v1.spec.ports[].port" in reader.ids
    assert "https://example.com/widgets?a=1&b=2" in reader.links
    assert "The *most* that <b>may</b> run." in " ".join(reader.text)


def test_the_page_asks_nothing_of_the_network() -> None:
    text = page(GROUP, [widget()])
    assert "default-src 'none'" in text
    reader = parsed([widget()])
    assert not {"link", "img", "iframe", "object", "embed"} & set(reader.tags)
    assert "src=" not in text


def hostile() -> Definition:
    """Every text of a definition that a schema's author chooses freely, at its worst."""
    leaf = Schema(
        type="string", description=HOSTILE, pattern=HOSTILE, default=Value(HOSTILE), enum=(Value(HOSTILE),)
    )
    root = Schema(type="object", description=HOSTILE, properties={HOSTILE: leaf, "spec": leaf})
    version = replace(definition().versions[0], schema=root, deprecated=True, deprecation_warning=HOSTILE)
    return replace(definition(), versions=(version,))


def test_no_text_of_a_schema_becomes_markup() -> None:
    reader = parsed([Subject(hostile(), {("v1", "full"): HOSTILE})])
    assert "img" not in reader.tags
    assert reader.tags.count("script") == 1
    assert not any(link.startswith("javascript:") for link in reader.links)
    text = markdown(GROUP, [Subject(hostile())])
    assert not re.search(r"(?<!\\)<(?!br>|a id=)|(?<!\\)\]\(javascript", _outside_code(text))


def _outside_code(text: str) -> str:
    """Markdown without its code spans; an escaped backtick begins none."""
    return re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


def test_a_markdown_row_has_its_three_cells() -> None:
    for line in markdown(GROUP, [widget()]).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 4, line


def test_markdown_links_lead_to_headings() -> None:
    text = markdown(GROUP, [widget()])
    targets = set(re.findall(r"\]\(<#([^>]*)>\)", text))
    assert "Widget.v1.spec.ports" in targets
    assert targets <= set(re.findall(r'<a id="([^"]*)">', text))


def test_markdown_names_built_in_types_without_their_fields() -> None:
    text = markdown(GROUP, [widget()])
    assert "core/v1.PodTemplateSpec" in text
    assert "containers" not in text


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("a\nb", ("a b",)),
        ("a\n\n  b ", ("a", "b")),
        ("head:\n- one\n  more\n- two", ("head:\n- one more\n- two",)),
        ("", ()),
        ("\n \n", ()),
        ("as:\n```yaml\na:\n\n  b: |\n```\nthen", ("as:", "a:\n\n  b: |", "then")),
        ("~~~\n```\n~~~", ("```",)),
        ("an open\n```\nfence", ("an open ``` fence",)),
        ("as:\n\n\ta:\n\t  b: 1\n\nthen", ("as:", "a:\n  b: 1", "then")),
    ],
)
def test_paragraphs(given: str, made: tuple[str, ...]) -> None:
    assert paragraphs(given) == made


def test_code_in_descriptions_stays_as_it_is() -> None:
    text = "Such as\n```\n- a: </pre>|`*`\n    b: 1\n```"
    spec = Schema(type="object", description=text, properties={"a": Schema(type="string", description=text)})
    version = replace(definition().versions[0], schema=replace(spec, properties={"spec": spec}))
    subject = Subject(replace(definition(), versions=(version,)))
    assert page(GROUP, [subject]).count("<pre><code>- a: &lt;/pre&gt;|`*`\n    b: 1</code></pre>") == 3
    written = markdown(GROUP, [subject])
    assert "```\n- a: </pre>|`*`\n    b: 1\n```" in written
    assert written.count(r"<pre>- a: \</pre\>\|\`\*\`<br>    b: 1</pre>") == 2


def test_an_address_ends_before_its_sentence_does() -> None:
    assert markup("see https://example.com/a.") == (
        'see <a href="https://example.com/a" rel="noopener noreferrer">https://example.com/a</a>.'
    )


def test_groups_and_kinds_are_in_order() -> None:
    other = replace(definition(), group="a.example.com")
    first = replace(definition(), names=replace(definition().names, kind="Anvil"))
    grouped = by_group([widget(), Subject(other), Subject(first)])
    assert list(grouped) == ["a.example.com", GROUP]
    assert [subject.definition.names.kind for subject in grouped[GROUP]] == ["Anvil", "Widget"]


def test_a_version_without_schema_has_a_section() -> None:
    bare = replace(definition(), versions=(replace(definition().versions[0], schema=None, served=False),))
    assert "Not served any more." in page(GROUP, [Subject(bare)])
    assert "Not served any more." in markdown(GROUP, [Subject(bare)])
