"""The first test of a controller, written once: its reconciler runs against an API server and is seen to."""

from __future__ import annotations

from opgen.emit.conditions import takes_observed_generation, takes_ready_condition
from opgen.emit.python import call, render
from opgen.emit.reconciler import Subject, article, title_of
from opgen.ir.options import ControllerRequest

_TAKEN = frozenset(("Client", "Eventually", "Manager", "MonkeyPatch"))


def controller_test_source(
    subject: Subject, options: ControllerRequest, module: str, *, has_sample: bool, notice: str = ""
) -> str:
    """The test of the controller in `module`; without a sample it only starts and stops it."""
    kind = subject.kind
    controller = module.rpartition(".")[2]
    narrowed = _narrowed(options, kind.namespaced)
    name = _local_name(kind.class_name)
    check = _check(subject)
    third, first = _imports(subject, module, name, has_sample=has_sample, narrowed=bool(narrowed))
    title = title_of(kind)
    return render(
        "controller_test.py",
        {
            "notice": notice,
            "doc": f"The controller {options.name} on an API server.",
            "title": title,
            "article": article(title),
            "kind": name,
            "name": options.name,
            "namespaced": kind.namespaced,
            "controller": controller,
            "setup": "setup",
            "stdlib": {"dataclasses": ["replace"]} if narrowed else {},
            "third_party": third,
            "first_party": first,
            "has_sample": has_sample,
            "test": "test_reconciles" if has_sample else "test_starts",
            "parameters": _fixtures(kind.namespaced, has_sample=has_sample, narrowed=narrowed),
            "purpose": _purpose(subject) if has_sample else "The controller starts, and stops when asked to.",
            "narrowed": narrowed,
            "create": _create(kind.namespaced, check, name),
            "get": _get(kind.namespaced, name),
            "check": check,
            "result": "requeue_after" if options.requeue_after else "success",
        },
    )


def _local_name(class_name: str) -> str:
    """What the test calls the class: as the model does, unless that is taken or pytest would collect it as tests."""
    if class_name in _TAKEN:
        return f"{class_name}Object"
    return f"A{class_name}" if class_name.startswith("Test") else class_name


def _check(subject: Subject) -> str:
    """By what the test sees a reconcile: `ready` a condition, `observed` a generation, `counted` the metrics."""
    if takes_ready_condition(subject.version):
        return "ready"
    return "observed" if takes_observed_generation(subject.version) else "counted"


def _imports(
    subject: Subject, module: str, name: str, *, has_sample: bool, narrowed: bool
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What the test imports: of others, and of the project."""
    kind = subject.kind
    third: dict[str, list[str]] = {"opgen_runtime": ["Manager"]}
    first: dict[str, list[str]] = {module: ["setup"]}
    if has_sample:
        third["opgen.testing"] = ["Eventually", "sample"]
        third["opgen_runtime"].append("Client")
        place = third if kind.module.startswith("opgen_runtime.") else first
        place[kind.module] = [kind.class_name if name == kind.class_name else f"{kind.class_name} as {name}"]
        first[module].append("desired")
        check = _check(subject)
        if check == "ready":
            third["opgen_runtime"].append("find_condition")
            third["opgen.testing"].append("make_ready")
        elif check == "counted":
            third["prometheus_client"] = ["REGISTRY"]
    if narrowed:
        package, _, controller = module.rpartition(".")
        third["pytest"] = ["MonkeyPatch"]
        first[package] = [controller]
        first[module].append("OPTIONS")
    return third, first


def _fixtures(namespaced: bool, *, has_sample: bool, narrowed: list[str]) -> list[str]:
    """The test's parameters. A cluster-scoped kind is run by a manager of the whole cluster."""
    fixtures = ["manager: Manager"] if namespaced or not has_sample else []
    if has_sample:
        fixtures += ["client: Client", "namespace: str", "eventually: Eventually"]
        if not namespaced:
            fixtures.remove("namespace: str")
    if narrowed:
        fixtures.append("monkeypatch: MonkeyPatch")
        if any("[namespace]" in option for option in narrowed) and "namespace: str" not in fixtures:
            fixtures.append("namespace: str")
    return fixtures


def _narrowed(options: ControllerRequest, namespaced: bool) -> list[str]:
    """The options that would keep the controller from the test's own object, as the test replaces them."""
    found = []
    if options.watch_namespaces:
        found.append("namespaces=[namespace]" if namespaced else "namespaces=None")
    if options.label_selector:
        found.append('label_selector=""')
    return found


def _create(namespaced: bool, check: str, name: str) -> str:
    """The statement that creates the sample, its result kept where it is looked at."""
    head = "await client.create" if check == "counted" else "created = await client.create"
    made = call("sample", [name, "namespace=namespace" if namespaced else ""], indent=12)
    return call(head, [made], indent=8)


def _get(namespaced: bool, name: str) -> str:
    """The statement that reads the object again."""
    arguments = [name, 'created.metadata.name or ""', "namespace" if namespaced else ""]
    return call("found = await client.get", arguments, indent=12)


def _purpose(subject: Subject) -> str:
    title = title_of(subject.kind)
    lead = f"{article(title).capitalize()} {title} is reconciled"
    match _check(subject):
        case "ready":
            return f"{lead}, and is Ready once everything that it owns is."
        case "observed":
            return f"{lead}: its status says which generation was seen."
    return f"{lead}, as the metrics tell."
