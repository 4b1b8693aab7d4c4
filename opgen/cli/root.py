"""The tree of commands, by name: what is shown by --help is here, the rest is imported on use."""

from __future__ import annotations

from importlib import import_module

import click

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class LazyGroup(click.Group):
    """A group whose commands live in modules of their own: name -> (module, attribute, short help)."""

    def __init__(self, name: str, help: str, lazy: dict[str, tuple[str, str, str]]) -> None:
        super().__init__(name=name, help=help, context_settings=HELP)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._lazy:
            return None
        module, attribute, _ = self._lazy[cmd_name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As Click's own; a word that is nearly a command gets its name."""
        if args and args[0] not in self._lazy and not args[0].startswith("-"):
            from difflib import get_close_matches

            if close := get_close_matches(args[0], self._lazy, n=1):
                ctx.fail(f"No such command {args[0]!r}. Did you mean {close[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """As Click's own, without importing what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in self._lazy.items()])

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        from click.shell_completion import CompletionItem

        return [
            CompletionItem(name, help=text)
            for name, (_, _, text) in self._lazy.items()
            if name.startswith(incomplete)
        ]


create = LazyGroup(
    "create",
    "Add an API to the project.",
    {
        "api": (
            "opgen.cli.create_api",
            "command",
            "a kind: schema, CRD, models, controller, RBAC, samples, test",
        )
    },
)

imports = LazyGroup(
    "import",
    "Take in somebody else's kinds: models, CRDs for tests, RBAC by use.",
    {
        "crd": ("opgen.cli.import_crd", "crd", "take in a kind from a file, an address or a cluster"),
        "update": ("opgen.cli.import_crd", "update", "fetch again what was imported, and say what changed"),
    },
)

envtest = LazyGroup(
    "envtest",
    "Real Kubernetes binaries for tests: etcd, kube-apiserver, kubectl.",
    {
        "install": ("opgen.cli.envtest", "install", "install a version, and print its folder"),
        "path": ("opgen.cli.envtest", "path", "print the folder of an installed version"),
        "list": ("opgen.cli.envtest", "list_versions", "list versions"),
    },
)

schema = LazyGroup(
    "schema",
    "Begin a schema, and write it with an editor's help.",
    {
        "from-example": (
            "opgen.cli.schema",
            "from_example",
            "a concise schema from example objects, to be edited",
        ),
        "language": ("opgen.cli.schema", "language", "the JSON Schema of the concise language, for editors"),
    },
)


def _show_version(ctx: click.Context, parameter: click.Parameter, given: bool) -> None:
    if given:
        import_module("opgen.cli.version").show("text")
        ctx.exit()


cli = LazyGroup(
    "opgen",
    "opgen makes Kubernetes operators in Python: from a resource schema to an operator that builds, tests and runs.",
    {
        "init": (
            "opgen.cli.init",
            "command",
            "make a project that builds, tests and runs before any API exists",
        ),
        "create": ("opgen.cli.root", "create", "add an API to the project"),
        "import": ("opgen.cli.root", "imports", "take in somebody else's kinds"),
        "generate": (
            "opgen.cli.generate",
            "command",
            "write everything generated again, from schemas/ and the code",
        ),
        "compile": (
            "opgen.cli.compile",
            "command",
            "turn schemas into CRDs, models and samples, without a project",
        ),
        "schema": ("opgen.cli.root", "schema", "begin a schema from an example object"),
        "validate": (
            "opgen.cli.validate",
            "command",
            "say what the API server would say of manifests, offline",
        ),
        "diff": (
            "opgen.cli.diff",
            "command",
            "say what breaks between two states of schemas or CRDs",
        ),
        "dev": (
            "opgen.cli.dev",
            "command",
            "run the operator on an embedded API server, again at each change",
        ),
        "testserver": ("opgen.cli.testserver", "command", "serve a Kubernetes API on a port, for any client"),
        "envtest": ("opgen.cli.root", "envtest", "get real Kubernetes binaries for tests"),
        "quickstart": (
            "opgen.cli.quickstart",
            "command",
            "see it all once, from a schema to a running operator",
        ),
        "version": ("opgen.cli.version", "command", "show the version"),
    },
)
cli.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version and exit.",
    )
)
