"""Bad input: everything wrong at once, exit 1, nothing written, nothing lost, never a traceback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from opgen.cli.root import cli
from opgen.cli.run import guarded
from opgen.commands.init import InitRequest, init
from opgen.workspace.lock import hold

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.{group}}}
spec:
  group: {group}
  names: {{kind: {kind}, plural: {plural}, singular: {singular}, listKind: {kind}List}}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {spec}}}}}}}
"""


def crd(kind: str, group: str = "cache.example.com", spec: str = "{type: object}") -> str:
    return CRD.format(kind=kind, group=group, plural=f"{kind.lower()}s", singular=kind.lower(), spec=spec)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad") / "demo"
    init(InitRequest(folder=folder, domain="example.com", runtime_source="index"))
    return folder


class Project:
    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str]:
        code = guarded(cli, words)
        found = self._capsys.readouterr()
        assert "Traceback" not in found.err
        return code, found.out + found.err

    def files(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}

    def refused(self, *words: str) -> str:
        """The command is refused with exit 1 and changes nothing; what it said."""
        before = self.files()
        code, said = self.run(*words)
        assert code == 1, said
        assert self.files() == before
        assert not (self.root / ".opgen").exists()
        return said


@pytest.fixture
def project(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    root = tmp_path / "demo"
    shutil.copytree(made, root)
    monkeypatch.chdir(root)
    return Project(root, capsys)


def api(group: str = "cache", version: str = "v1", kind: str = "Memcached", *more: str) -> tuple[str, ...]:
    return ("create", "api", "--group", group, "--version", version, "--kind", kind, *more)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file"),
        (b"", "holds no schema"),
        (b"\x00\x01\x02", "is not a text file"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"a: [1\n", "YAML syntax"),
        (b"a:\n\tb: 1\n", "spaces, not tabs"),
        (b"kind: A\nkind: B\n", "kind"),
        (b"just text\n", "is not a schema"),
        (b"- 1\n", "a list"),
        (
            b"apiVersion: 1\nkind: CustomResourceDefinition\n",
            "1 is not the apiVersion of a CustomResourceDefinition",
        ),
        (b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n", "is a Pod, not a CustomResourceDefinition"),
        (crd("A").replace("scope: Namespaced", "scope: Namespaced\n  nonsense: 1").encode(), "nonsense"),
        (crd("A", spec="{type: object, default: 3}").encode(), "default"),
        (crd("A", spec="{type: text}").encode(), "type"),
        (b"kind: A\ngroup: x.example.com\nversions:\n- name: v1\n  spec: {a: nosuchtype}\n", "nosuchtype"),
        (b"kind: A\ngroup: x.example.com\nversions:\n- name: v1\n  spec: {a: core/v1.NoSuch}\n", "NoSuch"),
    ],
)
def test_schemas_that_are_none(project: Project, tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    said = project.refused("create", "api", "--schema", str(path))
    assert says in said
    assert "x.yaml" in said


def test_a_folder_as_schema(project: Project, tmp_path: Path) -> None:
    assert "is a folder" in project.refused("create", "api", "--schema", str(tmp_path))


def test_aliases_that_explode(project: Project, tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (tmp_path / "x.yaml").write_text("\n".join(lines))
    assert "expands to more than" in project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))


def test_several_definitions_and_no_choice(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(crd("Alpha") + "---\n" + crd("Beta"))
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))
    assert "Alpha (cache.example.com), Beta (cache.example.com)" in said
    code, _ = project.run("create", "api", "--schema", str(tmp_path / "x.yaml"), "--kind", "Beta")
    assert code == 0
    kept = (project.root / "schemas/cache/beta.yaml").read_text()
    assert "Beta" in kept
    assert "Alpha" not in kept


def test_a_definition_twice_in_one_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(crd("Alpha") + "---\n" + crd("Alpha"))
    for words in (("create", "api", "--schema"), ("compile", "-o", "out")):
        said = project.refused(*words, str(tmp_path / "x.yaml"))
        assert "x.yaml:14: Alpha (cache.example.com) is defined twice" in said
        assert "first on line 1" in said


def test_a_second_group_needs_multigroup_and_then_fits(project: Project, tmp_path: Path) -> None:
    assert project.run(*api())[0] == 0
    assert "opgen init --multigroup" in project.refused(*api(group="web", kind="Site"))
    (tmp_path / "x.yaml").write_text(crd("Site", group="web.example.com"))
    assert "opgen init --multigroup" in project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ('{"type": "object", "if": {}, "then": {}}', "if"),
        (
            '{"$defs": {"A": {"properties": {"b": {"$ref": "#/$defs/A"}}}}, "type": "object", '
            '"properties": {"spec": {"$ref": "#/$defs/A"}}}',
            "A",
        ),
    ],
)
def test_json_schema_that_a_crd_cannot_say(
    project: Project, tmp_path: Path, document: str, says: str
) -> None:
    (tmp_path / "x.json").write_text(document)
    said = project.refused(*api(), "--schema", str(tmp_path / "x.json"))
    assert says in said


V1BETA1 = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: alphas.cache.example.com}
spec:
  group: cache.example.com
  names: {kind: Alpha, plural: alphas}
  version: v1
  preserveUnknownFields: false
  validation:
    openAPIV3Schema:
      type: object
      properties:
        spec: {type: object, properties: {size: {type: integer}}}
"""


def test_a_v1beta1_that_can_be_converted_is_taken_with_a_warning(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(V1BETA1)
    code, said = project.run("create", "api", "--schema", str(tmp_path / "x.yaml"))
    assert code == 0
    assert "x.yaml:1 $.apiVersion: apiextensions.k8s.io/v1beta1 is gone since Kubernetes 1.22" in said
    assert said.count("is gone since") == 1
    assert (
        "apiextensions.k8s.io/v1\n"
        in (project.root / "config/crd/bases/cache.example.com_alphas.yaml").read_text()
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("type: integer", "default: 1", "x.yaml:13: spec.validation.openAPIV3Schema.properties[spec]"),
        (
            "  version: v1\n",
            "  version: v1\n  versions: [{name: v2}]\n",
            "x.yaml:7 $.spec.version: must match",
        ),
        ("v1beta1", "v2", "x.yaml:1: apiextensions.k8s.io/v2 is not a version of CustomResourceDefinition"),
        ("spec:\n  group", "specs:\n  group", "x.yaml:1 $.spec: a definition needs a spec"),
    ],
)
def test_a_v1beta1_that_cannot_be_converted(
    project: Project, tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert old in V1BETA1
    (tmp_path / "x.yaml").write_text(V1BETA1.replace(old, new, 1))
    assert says in project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))


def test_what_the_decoder_and_the_server_refuse_is_said_at_once(project: Project, tmp_path: Path) -> None:
    spec = "{type: object, default: 3,\n properties: {a: {type: text},\n b: {type: array}}}"
    text = crd("Alpha", spec=spec).replace("scope: Namespaced", "scope: Everywhere\n  nonsense: 1")
    (tmp_path / "x.yaml").write_text(text)
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))
    for place in ("x.yaml:7 spec.scope", "x.yaml:8 $.spec.nonsense", "x.yaml:14 ", "x.yaml:15 "):
        assert place in said


def test_names_and_types_of_a_concise_schema_are_said_at_once(project: Project, tmp_path: Path) -> None:
    text = (
        "kind: Alpha\ngroup: Bad_\nscope: Nowhere\nplural: X y\nversions:\n- name: 1x\n  spec: {a: strin}\n"
    )
    (tmp_path / "x.yaml").write_text(text)
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))
    for place in (
        ":2 spec.group",
        ":3 $.scope",
        ":4 spec.names.plural",
        ":6 spec.versions[0].name",
        ":7 $.versions[0]",
    ):
        assert f"x.yaml{place}" in said
    assert said.count("scope") == 2
    assert "metadata.name" not in said


def test_a_value_of_the_wrong_type_is_found_without_its_index(project: Project, tmp_path: Path) -> None:
    spec = "{type: object,\n properties: {a: {type: string},\n b: {type: string, minLength: x}}}"
    (tmp_path / "x.yaml").write_text(crd("Alpha", spec=spec))
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))
    assert (
        "x.yaml:14 $.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.b.minLength" in said
    )
    (tmp_path / "x.yaml").write_text(crd("Alpha").replace("kind: Alpha,", "kind: true,"))
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"))
    assert "x.yaml:6 $.spec.names.kind" in said
    assert "put the value into quotes" in said


def test_a_definition_in_json_has_lines(project: Project, tmp_path: Path) -> None:
    raw = yaml.safe_load(crd("Alpha", spec="{type: object, properties: {a: {type: text}}}"))
    raw["spec"]["nonsense"] = 1
    text = json.dumps(raw, indent=1)
    (tmp_path / "x.json").write_text(text)
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.json"))
    lines = text.split("\n")
    for part in ('"nonsense"', '"text"'):
        assert f"x.json:{next(n for n, line in enumerate(lines, 1) if part in line)} " in said


def test_a_schema_through_a_pipe_is_read_once(project: Project) -> None:
    reading, writing = os.pipe()
    os.write(writing, crd("Alpha").encode())
    os.close(writing)
    try:
        code, said = project.run("create", "api", "--schema", f"/dev/fd/{reading}")
    finally:
        os.close(reading)
    assert code == 0, said
    assert (project.root / "schemas/cache/alpha.yaml").read_text() == crd("Alpha")


def test_compile_says_all_that_is_wrong_with_all_files(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(crd("Alpha", spec="{type: text}"))
    (tmp_path / "b.yaml").write_text("a:\n\tb: 1\n")
    (tmp_path / "c.yaml").write_text(crd("Alpha"))
    files = [str(tmp_path / name) for name in ("a.yaml", "b.yaml", "c.yaml", "none.yaml", "")]
    said = project.refused("compile", *files, "-o", "out")
    for name in (
        "a.yaml:12",
        "b.yaml:2",
        f"version v1 is described in {files[0]} as well",
        "none.yaml: no such",
    ):
        assert name in said
    assert "is a folder, not a file" in said
    assert not (project.root / "out").exists()


NAMES = "class, from, None, self, list, str, model_config, copy, 1a, a.b, a-b, aB, a_b, __x, schema, spec"


@pytest.mark.parametrize(
    "kind", ["None", "Class", "List", "Exception", "Resource", "Import", "dict", "Struct"]
)
def test_a_definition_may_bring_names_of_pythons_own(project: Project, tmp_path: Path, kind: str) -> None:
    """Its models and its controller can be imported, and the wire names stay what they are."""
    fields = ", ".join(f'"{name}": {{type: string}}' for name in NAMES.split(", "))
    (tmp_path / "x.yaml").write_text(crd(kind, spec=f"{{type: object, properties: {{{fields}}}}}"))
    code, said = project.run("create", "api", "--schema", str(tmp_path / "x.yaml"))
    assert code == 0, said
    check = (
        "import demo._registry as r, importlib, sys\n"
        "name = next(n for n in sys.modules if n.startswith('demo.api.v1.'))\n"
        "module = sys.modules[name]\n"
        f"kind = next(v for v in vars(module).values() if getattr(getattr(v, 'KIND', None), 'kind', '') == {kind!r})\n"
        f"raw = {{'apiVersion': 'cache.example.com/v1', 'kind': {kind!r}, 'spec': "
        f"{{name: 'x' for name in {NAMES.split(', ')!r}}}}}\n"
        "assert kind.from_dict(raw).to_dict() == raw\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (api(group="Cache!"), ['"Cache!.example.com" is not a group']),
        (api(version="1.0"), ['"1.0" is not a version']),
        (api(version="v0"), ['"v0" is not a version']),
        (api(version=""), ["the version is missing"]),
        (api(kind="memcached"), ["a capital first", "--kind Memcached"]),
        (api(kind="Mem-cached"), ["is not a kind"]),
        (api(kind="None"), ["a name of Python's own"]),
        (api(kind="Exception"), ["a name of Python's own"]),
        (api(kind=""), ["the kind is missing"]),
        (api("cache", "v1", "Memcached", "--plural", "Mem cached"), ["is not a plural"]),
        (
            api("B@d", "one", "lower", "--plural", "-"),
            ["not a group", "not a version", "not a kind", "not a plural"],
        ),
        (api("cache", "v1", "Memcached", "--controller-name", "My_Controller"), ["is not a controller name"]),
        (api("cache", "v1", "Memcached", "--owns", "apps/v1/Nonsense"), ["apps/v1/Nonsense is neither"]),
        (
            api("cache", "v1", "Memcached", "--owns", "apps/v1/Deploymnt"),
            ["did you mean apps/v1/Deployment?"],
        ),
        (
            api("cache", "v1", "Memcached", "--owns", "apps/v2/Deployment"),
            ["did you mean apps/v1/Deployment?"],
        ),
        (api("cache", "v1", "Memcached", "--watches", "core/v2/Pod"), ["did you mean v1/Pod?"]),
        (api("cache", "v1", "Memcached", "--label-selector", "a in b"), ["is not a label selector"]),
        (api("cache", "v1", "Memcached", "--watch-namespaces", "A,b"), ['"A" is not a namespace']),
        (api("cache", "v1", "Memcached", "--rate-limit-base", "2h"), ["is more than --rate-limit-max"]),
        (
            api("apps", "v1", "Deploymint", "--resource=false"),
            ["neither a kind of this project nor"],
        ),
        (
            api("cache", "v1", "X", "--resource=false", "--controller=false"),
            ["neither a resource nor a controller"],
        ),
        (
            api("apps", "v1", "Deployment", "--resource=false", "--schema", "x"),
            ["a kind of this project's own"],
        ),
    ],
)
def test_names_and_flags_are_checked_all_at_once(
    project: Project, words: tuple[str, ...], says: list[str]
) -> None:
    said = project.refused(*words)
    for text in says:
        assert text in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (api(), "is in this project already"),
        (api(group="web", kind="Site"), "opgen init --multigroup"),
        (api(kind="MemCached"), "plural memcacheds already"),
        (
            api("cache", "v2", "Memcached", "--plural", "mems"),
            "has the plural memcacheds, so its other versions",
        ),
        (
            api("cache", "v2", "Memcached", "--namespaced=false"),
            "is namespaced, and so are its other versions",
        ),
        (api("cache", "v1", "Other", "--plural", "memcacheds"), "has the plural memcacheds already"),
        (api("cache", "v1", "Other", "--controller-name", "memcached"), "has a controller of that name"),
        (api("cache", "v1", "Memcached", "--resource=false"), "has a controller memcached already"),
        (api("cache", "v2", "Memcached"), "the same command with --controller=false adds v2"),
    ],
)
def test_what_clashes_with_the_project(project: Project, words: tuple[str, ...], says: str) -> None:
    assert project.run(*api())[0] == 0
    assert says in project.refused(*words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (api(kind="gadget"), "is not a kind"),
        (api(kind="Memcached"), "is in this project already"),
        (api("apps", "v1", "Deploy", "--resource=false"), "neither a kind of this project"),
        (("create", "api", "--schema", "nowhere.yaml"), "no such file"),
    ],
    ids=["name", "clash", "foreign", "file"],
)
def test_what_is_wrong_with_the_controller_is_told_with_what_is_wrong_with_the_kind(
    project: Project, words: tuple[str, ...], says: str
) -> None:
    assert project.run(*api())[0] == 0
    flags = (
        "--owns",
        "v1/Pood",
        "--watches",
        "v1/Binding",
        "--label-selector",
        "==",
        "--controller-name",
        "X",
    )
    said = project.refused(*words, *flags)
    for part in (
        says,
        "v1/Pood is neither",
        "Binding can't be watched",
        "is not a label selector",
        '"X" is not a',
    ):
        assert part in said, said


def test_kinds_that_are_one_module_in_python(project: Project) -> None:
    assert project.run(*api(kind="HTTPRoute"))[0] == 0
    said = project.refused(*api("cache", "v1", "HttpRoute", "--plural", "others"))
    assert "would both be the module demo.api.v1.http_route" in said


def test_flags_that_contradict_the_file(project: Project, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(crd("Alpha"))
    flags = ("--version", "v2", "--plural", "x", "--namespaced=false", "--group", "web")
    said = project.refused("create", "api", "--schema", str(tmp_path / "x.yaml"), *flags)
    for flag in ("--version", "--plural", "--namespaced", "--group"):
        assert flag in said


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("", "is empty"),
        ("a: [", "YAML syntax"),
        ("- 1\n", "must hold a mapping"),
        ("version: '3'\n", "was not made by opgen"),
        ("a: 1\n---\nb: 2\n", "holds 2 documents"),
        ("version: '3'\nversion: '3'\n", 'PROJECT:2: key "version" is set twice'),
        ("a\0b", "is not a text file"),
        ("version: '3'\nprojectName: x\ncliVersion: 99.0.0\n", "written by a newer opgen"),
    ],
)
def test_a_damaged_project(project: Project, damage: str, says: str) -> None:
    (project.root / "PROJECT").write_text(damage)
    for words in (api(), ("generate",), ("generate", "--check")):
        assert says in project.refused(*words)


def test_a_schema_that_went_missing_or_wrong(project: Project) -> None:
    assert project.run(*api())[0] == 0
    schema = project.root / "schemas/cache/memcached.v1.yaml"
    text = schema.read_text()
    schema.write_text(text.replace("type: integer", "type: text"))
    assert "schemas/cache/memcached.v1.yaml:" in project.refused("generate")
    schema.write_text(text.replace("name: v1", "name: v2"))
    assert "the schema has no version v1" in project.refused("generate")
    schema.unlink()
    assert "no such file, though PROJECT names it" in project.refused("generate")


def test_a_plural_that_project_and_schema_tell_differently(project: Project) -> None:
    assert project.run(*api())[0] == 0
    for path in ("PROJECT", "schemas/cache/memcached.v1.yaml"):
        file = project.root / path
        text = file.read_text()
        file.write_text(re.sub(r"plural: \w+", "plural: others", text))
        assert file.read_text() != text
        assert "the plural of Memcached is" in project.refused("generate")
        file.write_text(text)
    assert project.run("generate") == (0, "up to date\n")


def test_code_that_cannot_be_read(project: Project) -> None:
    assert project.run(*api())[0] == 0
    path = project.root / "src/demo/controller/memcached_controller.py"
    path.write_text(path.read_text().replace("For(Memcached)", "For(pick())"))
    said = project.refused("generate")
    assert "src/demo/controller/memcached_controller.py:" in said
    assert "@rbac" in said
    path.write_text("def broken(:\n")
    assert "memcached_controller.py:1: is not valid Python" in project.refused("generate")


def test_a_file_where_a_folder_should_be(project: Project) -> None:
    shutil.rmtree(project.root / "schemas")
    (project.root / "schemas").write_text("")
    assert "schemas is a file, a folder is needed" in project.refused(*api())


def test_a_folder_where_a_file_should_be(project: Project) -> None:
    (project.root / "tests/test_memcached_controller.py").mkdir()
    assert "is a folder, a file is needed" in project.refused(*api())


def test_two_commands_at_once(project: Project) -> None:
    with hold(project.root):
        code, said = project.run(*api())
    assert code == 1
    assert "another opgen command" in said
    assert not (project.root / "schemas/cache").exists()


# init ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--domain", "no domain"), "is not a domain"),
        (("--project-name", "No_Name"), "is not a project name"),
        (("--license", "mit"), "is no licence"),
        (("--runtime-source", "cloud"), "is no source"),
        (("--domain", "!", "--project-name", "!", "--license", "!", "--owner", "a\nb"), "must be one line"),
    ],
)
def test_init_checks_its_flags(project: Project, words: tuple[str, ...], says: str) -> None:
    assert says in project.refused("init", "new", *words)
    assert not (project.root / "new").exists()


def test_init_refuses_a_project_and_names_what_is_in_the_way(project: Project, tmp_path: Path) -> None:
    assert "this folder holds a project" in project.refused("init")
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    (other / "Makefile").write_text("mine\n")
    (other / "pyproject.toml").write_text("mine\n")
    code, said = project.run("init", str(other))
    assert code == 1
    assert f"{other}/Makefile" in said
    assert f"{other}/pyproject.toml" in said
    assert sorted(p.name for p in other.iterdir()) == ["Makefile", "pyproject.toml", "src"]


def test_init_into_a_file(project: Project) -> None:
    assert "is a file, a folder is needed" in project.refused("init", "README.md")


def test_init_keeps_what_a_fresh_clone_has(project: Project, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / ".git").mkdir(parents=True)
    (clone / "LICENSE").write_text("mine\n")
    (clone / "README.md").write_text("mine\n")
    (clone / ".gitignore").write_text("*.pyc\n")
    assert project.run("init", str(clone), "--runtime-source", "index")[0] == 0
    assert (clone / "README.md").read_text() == "mine\n"
    assert (clone / "LICENSE").read_text() == "mine\n"
    assert (clone / ".gitignore").read_text() == "*.pyc\n"
    assert (clone / "PROJECT").exists()


@pytest.mark.parametrize(
    "name", ["operator", "kubernetes", "class", "import", "json", "3scale", "test", "opgen", "a-b"]
)
def test_any_folder_name_gives_a_package_that_hides_nothing(tmp_path: Path, name: str) -> None:
    init(InitRequest(folder=tmp_path / name, domain="example.com", runtime_source="index"))
    package = next(path for path in (tmp_path / name / "src").iterdir()).name
    assert package.isidentifier()
    done = subprocess.run(
        [sys.executable, "-c", f"import {package}._registry as r; print(r.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / name / "src")},
    )
    assert str(tmp_path) in done.stdout


def test_no_prompt_ever_waits(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from opgen.cli import main; main()", *api()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
