"""The first test of a controller, written once: its reconciler runs against an API server and is seen to."""

from __future__ import annotations

from opgen.emit.conditions import takes_observed_generation, takes_ready_condition
from opgen.emit.python import call, render
from opgen.emit.reconciler import Subject, article, title_of
from opgen.ir.options import ControllerRequest

_METRIC = "controller_runtime_reconcile_total"


def controller_test_source(
    subject: Subject, options: ControllerRequest, module: str, *, has_sample: bool, notice: str = ""
) -> str:
    """The test of the controller in `module`; without a sample it only starts and stops it."""
    kind = subject.kind
    package, _, controller = module.rpartition(".")
    narrowed = _narrowed(options)
    third: dict[str, list[str]] = {"opgen_runtime": ["Manager"]}
    first: dict[str, list[str]] = {}
    names = ["setup"]
    name = f"{kind.class_name}Object" if kind.class_name in _TAKEN else kind.class_name
    if has_sample:
        third["opgen.testing"] = ["Eventually", "sample"]
        third["opgen_runtime"].append("Client")
        place = third if kind.module.startswith("opgen_runtime.") else first
        place[kind.module] = [kind.class_name if name == kind.class_name else f"{kind.class_name} as {name}"]
        names.append("desired")
    if narrowed:
        third["pytest"] = ["MonkeyPatch"]
        first[package] = [controller]
        names.append("OPTIONS")
    first[module] = names
    asserts, extra = _asserts(subject, options, name)
    if has_sample:
        third |= extra
    fixtures = ["manager: Manager"]
    if has_sample:
        fixtures += ["client: Client", "namespace: str", "eventually: Eventually"]
        if not kind.namespaced:
            fixtures.remove("namespace: str")
    if narrowed:
        fixtures.append("monkeypatch: MonkeyPatch")
        if "namespace: str" not in fixtures:
            fixtures.append("namespace: str")
    title = title_of(kind)
    return render(
        "controller_test.py",
        {
            "notice": notice,
            "doc": f"The controller {options.name} on an API server.",
            "title": title,
            "article": article(title),
            "kind": name,
            "controller": controller,
            "setup": "setup",
            "stdlib": {"dataclasses": ["replace"]} if narrowed else {},
            "third_party_plain": "",
            "third_party": third,
            "first_party": first,
            "has_sample": has_sample,
            "test": "test_reconciles" if has_sample else "test_starts",
            "parameters": fixtures,
            "purpose": _purpose(subject) if has_sample else "The controller starts, and stops when asked to.",
            "narrowed": narrowed,
            "create": _create(subject, name),
            "asserts": asserts,
        },
    )


_TAKEN = frozenset(("Client", "Eventually", "Manager", "MonkeyPatch"))


def _narrowed(options: ControllerRequest) -> list[str]:
    """The options that would keep the controller from the test's own object."""
    found = []
    if options.watch_namespaces:
        found.append("namespaces=[namespace]")
    if options.label_selector:
        found.append('label_selector=""')
    return found


def _reads_object(subject: Subject) -> bool:
    return takes_ready_condition(subject.version) or takes_observed_generation(subject.version)


def _create(subject: Subject, name: str) -> str:
    """The statement that creates the sample, its result kept where it is looked at."""
    head = "created = await client.create" if _reads_object(subject) else "await client.create"
    made = call("sample", [name, "namespace=namespace" if subject.kind.namespaced else ""], indent=12)
    return call(head, [made], indent=8)


def _purpose(subject: Subject) -> str:
    title = title_of(subject.kind)
    lead = f"{article(title).capitalize()} {title} is reconciled"
    if takes_ready_condition(subject.version):
        return f"{lead}: its status says that it is ready."
    if takes_observed_generation(subject.version):
        return f"{lead}: its status says which generation was seen."
    return f"{lead}, as the metrics tell."


def _asserts(
    subject: Subject, options: ControllerRequest, name: str
) -> tuple[list[str], dict[str, list[str]]]:
    """The body of the condition that is waited for, and what it imports."""
    arguments = [name, 'created.metadata.name or ""', "namespace" if subject.kind.namespaced else ""]
    found = call("found = await client.get", arguments, indent=12)
    if takes_ready_condition(subject.version):
        return [found, 'assert is_condition_true(found.status, "Ready")'], {
            "opgen_runtime": ["Client", "Manager", "is_condition_true"]
        }
    if takes_observed_generation(subject.version):
        return [
            found,
            "assert found.status is not None",
            "assert found.status.observed_generation == found.metadata.generation",
        ], {}
    result = "requeue_after" if options.requeue_after else "success"
    labels = f'labels = {{"controller": "{options.name}", "result": "{result}"}}'
    return [labels, f'assert REGISTRY.get_sample_value("{_METRIC}", labels)'], {
        "prometheus_client": ["REGISTRY"]
    }
