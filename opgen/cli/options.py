"""Option types that commands share: booleans as kubebuilder spells them, durations, kinds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from opgen.ir.sizes import parse_size

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    BooleanType = click.ParamType[bool | None]
    FloatType = click.ParamType[float]
    SizeType = click.ParamType[int]
    KindType = click.ParamType[tuple[str, str, str]]
else:  # generic for type checkers in newer releases of Click only
    BooleanType = FloatType = SizeType = KindType = click.ParamType

_TRUE, _FALSE = ("true", "1", "t", "yes"), ("false", "0", "f", "no")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d)")


class Boolean(BooleanType):
    """true or false; `BooleanCommand` gives a bare flag the value true."""

    name = "true|false"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in _TRUE + _FALSE:
            self.fail(f"{value!r} is neither true nor false", param, ctx)
        return word in _TRUE


class Duration(FloatType):
    """90s, 10h, 1h30m, or a number of seconds; gives seconds as a float above zero."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        text = str(value).strip()
        try:
            seconds = float(text)
        except ValueError:
            parts = _PART.findall(text)
            if not parts or "".join(number + unit for number, unit in parts) != text:
                self.fail(f"{value!r} is not a duration such as 90s, 10h or 1h30m", param, ctx)
            seconds = round(sum(float(number) * _UNITS[unit] for number, unit in parts), 9)
        if not 0 < seconds < 1e12:
            self.fail(f"{value!r} is not a duration above zero", param, ctx)
        return seconds


class Size(SizeType):
    """200KiB, 1MiB, or a number of bytes; gives bytes above zero."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = parse_size(str(value))
        if found is None:
            self.fail(f"{value!r} is not a size such as 200KiB, 1MiB or a number of bytes", param, ctx)
        return found


class Kind(KindType):
    """group/version/Kind, or version/Kind for the core group; gives (group, version, kind)."""

    name = "group/version/kind"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str, str]:
        if isinstance(value, tuple):
            return value
        parts = str(value).split("/")
        if not 2 <= len(parts) <= 3 or not all(parts):
            self.fail(f"{value!r} is not a kind such as apps/v1/Deployment or v1/ConfigMap", param, ctx)
        group, version, kind = ("", *parts)[-3:]
        return group, version, kind


class BooleanCommand(click.Command):
    """A command whose boolean options stand alone, or with =true or =false, and never take the next word.

    A value that is itself an option of the command is refused: `--group --version v1` forgot the group.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._spelled(ctx, args))

    def _spelled(self, ctx: click.Context, args: list[str]) -> list[str]:
        booleans: set[str] = set()
        valued: dict[str, int] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option):
                names = (*parameter.opts, *parameter.secondary_opts)
                if isinstance(parameter.type, Boolean):
                    booleans.update(names)
                elif not parameter.is_flag:
                    valued |= dict.fromkeys(names, parameter.nargs)
        spelled: list[str] = []
        rest = iter(args)
        before = ""
        for word in rest:
            if word == "--":
                return [*spelled, word, *rest]
            if before in booleans and word.lower() in _TRUE + _FALSE:
                raise click.UsageError(
                    f"Write {before}={word}: {before} alone is true, and takes no next word.", ctx
                )
            before = word
            spelled.append(f"{word}=true" if word in booleans else word)
            if word in valued:
                for _ in range(valued[word]):
                    value = next(rest, None)
                    if value is None:
                        break
                    if value.split("=")[0] in booleans or value.split("=")[0] in valued:
                        raise click.UsageError(
                            f"Option {word!r} needs a value, {value!r} is the next option.", ctx
                        )
                    spelled.append(value)
        return spelled


def boolean(name: str, help: str, *names: str, default: bool | None = None) -> Callable[[F], F]:
    """A boolean option; None where it was not given and has no default."""
    shown = f"  [default: {str(default).lower()}]" if default is not None else ""
    return click.option(
        name, *names, type=Boolean(), default=default, help=help + shown, metavar="[=true|false]"
    )


dry_run = boolean("--dry-run", "Show what would be written as a diff, and write nothing.", default=False)
output_format = click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to report.",
    show_default=True,
)
size_budget = click.option(
    "--size-budget",
    type=Size(),
    help="Fail where a CRD has more bytes, such as 200KiB.  [default: warn over 256KiB]",
)
ignore_lints = click.option(
    "--ignore", "ignored", multiple=True, help="Lint codes not to tell (comma list).  [repeatable]"
)


def lint_codes(given: tuple[str, ...]) -> frozenset[str]:
    """The codes of `--ignore`, checked."""
    from opgen.apiextensions.lint_codes import LINTS

    codes = frozenset(code.strip().upper() for words in given for code in words.split(",") if code.strip())
    if unknown := sorted(codes - LINTS.keys()):
        raise click.BadParameter(f"{', '.join(unknown)}: no such lint", param_hint="--ignore")
    return codes
