"""opgen create api."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opgen.cli.options import BooleanCommand, Duration, Kind, Size, boolean, dry_run, output_format
from opgen.ir.names import GroupVersionKind
from opgen.ir.options import PREDICATES, ControllerRequest

if TYPE_CHECKING:
    from opgen.commands.workspace import Outcome


@click.command(
    "api",
    cls=BooleanCommand,
    short_help="add a kind and its controller",
    epilog="A DURATION is 90s, 10h, 1h30m, 100ms, or a number of seconds.",
)
@click.option("--group", default="", help="API group without the domain, e.g. cache.")
@click.option("--version", default="", help="API version, e.g. v1alpha1.")
@click.option("--kind", default="", help="Kind, e.g. Memcached.")
@click.option("--plural", default="", help="Resource name.  [default: guessed from the kind]")
@boolean("--namespaced", "Whether objects lie in a namespace.  [default: as the schema says, else true]")
@click.option("--schema", default="", help="CRD, OpenAPI or concise schema file, - for standard input.")
@click.option("--pointer", default="", help="JSON pointer to the schema in an OpenAPI document.")
@click.option(
    "--size-budget",
    type=Size(),
    help="How large the CRD may be, such as 200KiB: kept in PROJECT for every generate.",
)
@boolean(
    "--resource", "Make the kind: schema, CRD, models. =false for a kind that exists already.", default=True
)
@boolean("--controller", "Make a controller for it.", default=True)
@click.option(
    "--controller-name", default="", help="Name of the controller.  [default: the kind in lower case]"
)
@boolean(
    "--force", "Start over: overwrite the schema, controller, test and samples of this API.", default=False
)
@click.option("--max-concurrent-reconciles", type=click.IntRange(min=1), help="Objects reconciled at once.")
@click.option(
    "--predicate",
    "predicates",
    multiple=True,
    type=click.Choice(PREDICATES),
    help="Reconcile on such a change only.",
)
@click.option("--label-selector", default="", help="Reconcile only objects with these labels.")
@click.option("--watch-namespaces", multiple=True, help="Reconcile in these namespaces only (comma list).")
@click.option(
    "--owns", multiple=True, type=Kind(), help="Kind that the controller creates: apps/v1/Deployment."
)
@click.option("--watches", multiple=True, type=Kind(), help="Kind whose changes matter too: v1/ConfigMap.")
@click.option("--resync-period", type=Duration(), help="Reconcile every object this often.")
@click.option("--requeue-after", type=Duration(), help="Come back this long after each success.")
@click.option("--rate-limit-base", type=Duration(), help="Delay after a first failure; doubles each time.")
@click.option("--rate-limit-max", type=Duration(), help="Longest delay after failures.")
@click.option("--reconcile-timeout", type=Duration(), help="A reconcile that takes longer is cancelled.")
@click.option("--cache-sync-timeout", type=Duration(), help="How long the start waits for the first listing.")
@boolean("--finalizer", "Clean up in a `finalize` before an object goes.", default=False)
@dry_run
@output_format
def command(output: str, dry_run: bool, **flags: Any) -> None:
    """Add a kind, its controller, or both to the project.

    With a CRD or a concise schema, group, version and kind come from the file. Without --schema, a commented
    schema is written for you to fill in.
    """
    from opgen.cli.outcome import report_outcome
    from opgen.commands.create_api import CreateApiRequest, create_api

    namespaces = tuple(name.strip() for given in flags["watch_namespaces"] for name in given.split(","))
    if namespaces and not any(namespaces):
        raise click.UsageError("--watch-namespaces: names no namespace; leave it out for all of them")
    options = ControllerRequest(
        name=flags["controller_name"],
        max_concurrent_reconciles=flags["max_concurrent_reconciles"],
        predicates=tuple(dict.fromkeys(flags["predicates"])),
        label_selector=flags["label_selector"],
        watch_namespaces=namespaces,
        owns=tuple(GroupVersionKind(*kind) for kind in flags["owns"]),
        watches=tuple(GroupVersionKind(*kind) for kind in flags["watches"]),
        resync_period=flags["resync_period"],
        requeue_after=flags["requeue_after"],
        rate_limit_base=flags["rate_limit_base"],
        rate_limit_max=flags["rate_limit_max"],
        reconcile_timeout=flags["reconcile_timeout"],
        cache_sync_timeout=flags["cache_sync_timeout"],
        finalizer=flags["finalizer"],
    )
    given = given_flags(options)
    if not flags["controller"] and (given or options.name):
        unused = ", ".join(map(_spelled, given)) or "--controller-name"
        raise click.UsageError(f"{unused}: without effect beside --controller=false")
    if not flags["resource"]:
        kept = ("plural", "namespaced", "pointer", "size_budget")
        names = [f"--{name.replace('_', '-')}" for name in kept if flags[name] not in (None, "")]
        if names:
            raise click.UsageError(f"{', '.join(names)}: without effect beside --resource=false")
    if flags["pointer"] and not flags["schema"]:
        raise click.UsageError("--pointer: without effect unless --schema names an OpenAPI document")
    request = CreateApiRequest(
        start=Path.cwd(),
        group=flags["group"],
        version=flags["version"],
        kind=flags["kind"],
        plural=flags["plural"],
        namespaced=flags["namespaced"],
        schema=flags["schema"],
        stdin=sys.stdin.buffer.read() if flags["schema"] == "-" else b"",
        pointer=flags["pointer"],
        size_budget=flags["size_budget"],
        resource=flags["resource"],
        controller=flags["controller"],
        force=flags["force"],
        write=not dry_run,
        options=options,
        flags=tuple(given.items()),
    )
    outcome = create_api(request)
    report_outcome(outcome, output, show_diff=dry_run)
    if output == "text" and not dry_run:
        _next(outcome, given=bool(request.schema))


def _next(outcome: Outcome, *, given: bool) -> None:
    """The files that wait for the user, and the commands after that; a schema that was `given` waits for nothing."""
    yours = [str(change.path) for change in outcome.plan.changes if change.new]
    click.echo("\nNext:")
    for path in yours:
        if path.startswith("schemas/") and not given:
            click.echo(f"  edit {path}, then: make manifests generate")
    for path in yours:
        if path.endswith("_controller.py") and not path.startswith("tests/"):
            click.echo(f"  edit {path}")
    click.echo("  make lint test\n  uv run opgen dev")


def given_flags(options: ControllerRequest) -> dict[str, Any]:
    """The controller flags that were given, as PROJECT keeps them for `opgen update`."""
    found: dict[str, Any] = {
        "maxConcurrentReconciles": options.max_concurrent_reconciles,
        "predicates": list(options.predicates),
        "labelSelector": options.label_selector,
        "watchNamespaces": list(options.watch_namespaces),
        "owns": [f"{kind.api_version}/{kind.kind}" for kind in options.owns],
        "watches": [f"{kind.api_version}/{kind.kind}" for kind in options.watches],
        "resyncPeriod": options.resync_period,
        "requeueAfter": options.requeue_after,
        "rateLimitBase": options.rate_limit_base,
        "rateLimitMax": options.rate_limit_max,
        "reconcileTimeout": options.reconcile_timeout,
        "cacheSyncTimeout": options.cache_sync_timeout,
        "finalizer": options.finalizer,
    }
    return {key: value for key, value in sorted(found.items()) if value}


def _spelled(key: str) -> str:
    """The flag that PROJECT keeps under this key."""
    return "--predicate" if key == "predicates" else "--" + re.sub("([A-Z])", r"-\1", key).lower()
