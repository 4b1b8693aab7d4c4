"""RBAC is read from the source, never by running it; what can't be read is an error with its line."""

from __future__ import annotations

import textwrap

import pytest

from opgen.ir.layout import KindRef
from opgen.ir.names import GroupVersionKind
from opgen.ir.rbac import Rule, merge
from opgen.source import Needs, Sources, read

KINDS = {
    ("w.api.v1.widget", "Widget"): KindRef(
        GroupVersionKind("x.io", "v1", "Widget"), "widgets", True, "w.api.v1.widget", "Widget"
    ),
    ("w.api.v1.bare", "Bare"): KindRef(
        GroupVersionKind("x.io", "v1", "Bare"), "bares", False, "w.api.v1.bare", "Bare", has_status=False
    ),
    ("opgen_runtime.kinds.apps_v1", "Deployment"): KindRef(
        GroupVersionKind("apps", "v1", "Deployment"),
        "deployments",
        True,
        "opgen_runtime.kinds.apps_v1",
        "Deployment",
    ),
}
HEAD = """\
from opgen_runtime import Controller, For, Owns, Reconciler, Watches, rbac
from opgen_runtime.kinds.apps_v1 import Deployment
from w.api.v1.bare import Bare
from w.api.v1.widget import Widget
"""
PLAIN = """
class R(Reconciler[Widget]):
    async def reconcile(self, obj):
        {body}

def setup(manager):
    manager.add(Controller("widget", R, {sources}))
"""
EVENTS = Rule(("events.k8s.io",), ("events",), ("create", "patch"))


def needs(code: str, **others: str) -> Needs:
    files = {"src/w/controller/c.py": HEAD + textwrap.dedent(code)}
    files |= {f"src/w/{name}.py": textwrap.dedent(text) for name, text in others.items()}
    return read(Sources.parse(files), lambda module, name: KINDS.get((module, name)))


def rules(code: str, **others: str) -> set[Rule]:
    found = needs(code, **others)
    assert found.diagnostics == ()
    return set(found.rules) - {EVENTS}


def faults(code: str, **others: str) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in needs(code, **others).diagnostics]


def test_for_alone_reads_and_writes_the_status() -> None:
    found = needs(PLAIN.format(body="pass", sources="For(Widget)"))
    assert found.controllers == ("widget",)
    assert set(found.rules) == {
        Rule(("x.io",), ("widgets",), ("get", "list", "watch")),
        Rule(("x.io",), ("widgets/status",), ("get", "patch")),
        EVENTS,
    }


def test_without_controllers_nothing_is_needed() -> None:
    assert needs("x = 1").rules == ()


def test_owns_adds_delete_only_where_apply_all_prunes() -> None:
    sources = "For(Widget), Owns(Deployment)"
    deployments = [r for r in rules(PLAIN.format(body="pass", sources=sources)) if r.groups == ("apps",)]
    assert deployments == [Rule(("apps",), ("deployments",), ("get", "list", "watch", "create", "patch"))]
    pruned = rules(PLAIN.format(body="await self.client.apply_all(obj, [])", sources=sources))
    assert Rule(("apps",), ("deployments",), ("get", "list", "watch", "create", "patch", "delete")) in pruned
    assert Rule(("x.io",), ("widgets",), ("get", "list", "watch", "patch")) in pruned


def test_watches_only_reads() -> None:
    found = rules(PLAIN.format(body="pass", sources="For(Widget), Watches(Deployment, lambda d: [])"))
    assert Rule(("apps",), ("deployments",), ("get", "list", "watch")) in found


def test_a_finalizer_patches_the_object() -> None:
    code = PLAIN.format(body="pass", sources="For(Widget)").replace(
        "def setup", "    async def finalize(self, obj): ...\n\ndef setup"
    )
    assert Rule(("x.io",), ("widgets",), ("get", "list", "watch", "patch")) in rules(code)


def test_who_owns_or_finalizes_may_block_the_deletion_of_its_object() -> None:
    right = Rule(("x.io",), ("widgets/finalizers",), ("update",))
    assert right in rules(PLAIN.format(body="pass", sources="For(Widget), Owns(Deployment)"))
    assert right in rules(PLAIN.format(body="await self.client.apply_all(obj, [])", sources="For(Widget)"))
    watching = PLAIN.format(body="pass", sources="For(Widget), Watches(Deployment, lambda d: [])")
    assert right not in rules(watching)
    finalizes = watching.replace("def setup", "    async def finalize(self, obj): ...\n\ndef setup")
    assert right in rules(finalizes)


def test_a_reconciler_from_another_module_is_looked_up() -> None:
    code = """
    from w.logic import R as Mine
    def setup(manager):
        manager.add(Controller("widget", Mine, For(Widget)))
    """
    other = "class R:\n    async def finalize(self, obj): ..."
    assert Rule(("x.io",), ("widgets",), ("get", "list", "watch", "patch")) in rules(code, logic=other)


def test_a_kind_without_status_and_namespace() -> None:
    found = needs(PLAIN.format(body="pass", sources="For(Bare)"))
    assert set(found.rules) == {Rule(("x.io",), ("bares",), ("get", "list", "watch")), EVENTS}
    assert found.cluster_scoped == frozenset({("x.io", "bares")})


def test_kinds_are_found_through_aliases_modules_and_re_exports() -> None:
    code = """
    import opgen_runtime as o
    from opgen_runtime.kinds import apps_v1
    from ..shared import W
    def setup(manager):
        manager.add(o.Controller("widget", None, o.For(W), *[o.Owns(apps_v1.Deployment)]))
    """
    found = rules(code, shared="from w.api.v1.widget import Widget as W")
    assert {rule.resources[0] for rule in found} == {
        "widgets",
        "widgets/finalizers",
        "widgets/status",
        "deployments",
    }


def test_rbac_takes_words_lists_and_imported_names() -> None:
    code = """
    from w.shared import VERBS
    GROUPS = "core;apps"
    @rbac(groups=GROUPS, resources=["pods", "pods/log"], verbs=VERBS, namespace="kube-system")
    def f(): ...
    rbac(urls="/metrics", verbs="get")
    """
    assert rules(code, shared='VERBS = ("get", "list")') == {
        Rule(("", "apps"), ("pods", "pods/log"), ("get", "list"), namespace="kube-system"),
        Rule((), (), ("get",), urls=("/metrics",)),
    }


@pytest.mark.parametrize(
    ("code", "line", "message"),
    [
        ("rbac(groups=f(), resources='pods', verbs='get')", 5, "groups is not a literal"),
        ("rbac(group='', resources='pods', verbs='get')", 5, "no argument group"),
        ("rbac(groups='', verbs='get')", 5, "either resources (with groups) or urls"),
        ("rbac(groups='', resources='pods')", 5, "takes verbs"),
        ("rbac(resources='pods', urls='/x', verbs='get')", 5, "either resources (with groups) or urls"),
        ("Controller(name(), R, For(Widget))", 5, "name is not a literal string"),
        ("Controller('a', R, For(pick()))", 5, "the kind in For(...) can't be read"),
        ("Controller('a', R, For(Reconciler))", 5, "the kind in For(...) can't be read"),
        ("Controller('a', R, For(Widget), *more())", 5, "an argument of Controller can't be read"),
        ("Controller('a', R, For(Widget))\nController('a', R, For(Widget))", 6, 'name "a" is used in'),
        ("def f(:", 5, "is not valid Python"),
        ("A = ''\nA += 'y'\nrbac(groups=A, resources='pods', verbs='get')", 7, "groups is not a literal"),
        (
            "A = ''\nif f():\n    A = 'y'\nrbac(groups=A, resources='pods', verbs='get')",
            8,
            "groups is not a literal",
        ),
        ("make = Controller\nmake('a', R, For(Widget))", 5, "handed on"),
        ("partial(Controller, 'a')(R, For(Widget))", 5, "handed on"),
        ("class Mine(Controller[Widget]): ...", 5, "handed on"),
        ("rbac(groups='', resources='pods', verbs='get', resource_names=1)", 5, "must be a string or a list"),
        ("rbac(groups='', resources='pods', verbs='get', resource_names=[])", 5, "names nothing"),
        ("rbac(groups='', resources=['pods', 5], verbs='get')", 5, "must be a string or a list"),
        ("rbac(groups='', resources='pods', verbs='get', namespace='Not One')", 5, "can't be 'Not One'"),
        ("rbac(groups='', resources='pods', verbs='get', role_name='a/b')", 5, "can't be 'a/b'"),
        ("rbac(urls='/x', verbs='get', namespace='a')", 5, "lie in no namespace"),
        ("A = 'x'\nA = 'y'\nrbac(groups=A, resources='pods', verbs='get')", 7, "groups is not a literal"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(code: str, line: int, message: str) -> None:
    found = faults(code)
    assert len(found) == 1, found
    assert found[0][0] == line
    assert message in found[0][1]


def test_the_remedy_silences_the_error() -> None:
    code = """
    @rbac(groups="x.io", resources="widgets", verbs="get;list;watch")
    def setup(manager):
        manager.add(Controller("widget", R, For(pick())))
    """
    assert Rule(("x.io",), ("widgets",), ("get", "list", "watch")) in rules(code)
    module = (
        "rbac(groups='x.io', resources='widgets', verbs='get')\ndef f():\n    Controller('a', R, For(pick()))"
    )
    assert faults(module) == []


def test_a_controller_that_is_named_and_not_handed_on_is_no_error() -> None:
    code = """
    def find(made: list[Controller[Widget]]) -> Controller[Widget]:
        return next(c for c in made if isinstance(c, Controller))
    @rbac(groups="x.io", resources="widgets", verbs="get;list;watch")
    class Mine(Controller[Widget]): ...
    """
    assert faults(code) == []


def test_a_byte_order_mark_is_no_fault() -> None:
    found = read(Sources.parse({"src/w/controller/c.py": "\ufeff" + HEAD}), lambda module, name: None)
    assert found.diagnostics == ()


def test_what_a_reconciler_inherits_counts() -> None:
    code = """
    from w.base import Base
    class R(Base[Widget]): ...
    Controller("widget", R, For(Widget), Owns(Deployment))
    """
    base = """
    from opgen_runtime import Reconciler
    class Base(Reconciler[T]):
        async def reconcile(self, obj):
            await self.client.apply_all(obj, ())
        async def finalize(self, obj): ...
    """
    found = {rule.resources[0]: rule.verbs for rule in rules(code, base=base)}
    assert found["widgets"] == ("get", "list", "watch", "patch")
    assert "delete" in found["deployments"]


def test_names_of_others_are_no_ones_business() -> None:
    assert needs("from else_where import Controller, For\nController(x, y, For(z))").diagnostics == ()


def test_rules_are_merged_sorted_and_absorbed() -> None:
    merged = merge(
        [
            Rule(("apps",), ("deployments",), ("watch",)),
            Rule(("apps",), ("deployments",), ("get",)),
            Rule(("apps",), ("statefulsets",), ("get", "watch")),
            Rule(("",), ("pods",), ("*", "get")),
            Rule(("", "events.k8s.io"), ("events",), ("create",)),
            Rule((), (), ("get",), urls=("/metrics",)),
            Rule(("",), ("secrets",), ("get",), resource_names=("b", "a")),
        ]
    )
    assert merged == (
        Rule(("",), ("pods",), ("*",)),
        Rule(("",), ("secrets",), ("get",), ("a", "b")),
        Rule(("", "events.k8s.io"), ("events",), ("create",)),
        Rule(("apps",), ("deployments", "statefulsets"), ("get", "watch")),
        Rule((), (), ("get",), (), ("/metrics",)),
    )
