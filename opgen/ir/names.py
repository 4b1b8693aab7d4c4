"""How wire names become Python names, and kinds become plurals: one function each, used by every emitter.

`attributes` names the fields of one class, `class_name` spells a kind, `identifier` anything else. What must
not be shadowed is written down here, frozen: a release of pydantic that adds a method must not rename a
field in a user's code (a test fails when it does, and somebody decides).
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_LOWER_TO_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# The last capital of a run begins the next word, unless what follows is just the run's plural s: IPs, CIDRs.
_RUN_END = re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_OTHER = re.compile(r"[^0-9A-Za-z]+")
_KEPT = 2048  # names are few and come again: name, namespace, key

# Evaluated in the class body, so a field of that name would change the annotations below it.
ANNOTATION_NAMES = frozenset({"bool", "dict", "float", "int", "list", "str"})
# pydantic's, as of 2.14, and opgen_runtime.objects.Struct's.
# fmt: off
STRUCT_NAMES = ANNOTATION_NAMES | frozenset(
    {
        "construct", "copy", "from_orm", "json", "model_computed_fields", "model_config", "model_construct",
        "model_copy", "model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set",
        "model_json_schema", "model_parametrized_name", "model_post_init", "model_rebuild",
        "model_validate", "model_validate_json", "model_validate_strings", "parse_file", "parse_obj",
        "parse_raw", "schema", "schema_json", "update_forward_refs", "validate", "from_dict", "from_json",
        "to_dict", "to_json",
    }
)
# fmt: on
# opgen_runtime.objects.Resource's: what every kind declares, and its own properties.
RESOURCE_NAMES = STRUCT_NAMES | frozenset({"api_version", "key", "kind", "metadata"})


@dataclass(frozen=True, slots=True, order=True)
class GroupVersionKind:
    """`group` is the whole group, "" for core."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


def words(name: str) -> list[str]:
    """The words of a wire name: externalIPs -> external, IPs; HTTPRoute -> HTTP, Route.

    Split before a capital that follows a lower-case letter or digit, and before the last capital of a run
    that is followed by lower case; a plural s belongs to its run (podCIDRs -> pod, CIDRs).
    """
    parts: list[str] = []
    for chunk in _OTHER.split(name):
        if chunk:
            for boundary in (_LOWER_TO_UPPER, _RUN_END):
                chunk = boundary.sub("\0", chunk)
            parts.extend(word for word in chunk.split("\0") if word)
    return parts


@lru_cache(maxsize=_KEPT)
def snake_case(name: str) -> str:
    """external_ips, http_route, pod_cidrs; may be empty or start with a digit (see `identifier`)."""
    return "_".join(words(name)).lower()


@lru_cache(maxsize=_KEPT)
def pascal_case(name: str) -> str:
    """A class name's part: tls -> Tls, externalIPs -> ExternalIPs, foo-bar -> FooBar."""
    return "".join(w[:1].upper() + w[1:] for w in words(name))


@lru_cache(maxsize=_KEPT)
def camel_case(attribute: str) -> str:
    """The wire name that an attribute stands for when its model says nothing else: secret_name -> secretName.

    `opgen_runtime.objects` has the same rule, since generated models leave such aliases out.
    """
    head, *tail = attribute.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


def identifier(name: str, reserved: frozenset[str] = frozenset()) -> str:
    """A Python attribute or module name for a wire name: never a keyword, never in `reserved`.

    An unusable name gets a trailing underscore (class_), one that starts with a digit a leading `field_`,
    one without any letter or digit is `field`.
    """
    result = snake_case(name)
    if not result:
        result = "field"
    if result[0].isdigit():
        result = f"field_{result}"
    if keyword.iskeyword(result) or result in reserved:
        result += "_"
    return result


def attributes(wire_names: Iterable[str], reserved: frozenset[str] = STRUCT_NAMES) -> dict[str, str]:
    """The attribute of each wire name of one class, all different.

    Of names that would be one attribute (fooBar, foo-bar) the one that the attribute spells by itself gets it
    plain, then in alphabetical order; each further one has one more underscore at its end.
    """
    taken: set[str] = set()
    chosen: dict[str, str] = {}
    candidates = {wire: identifier(wire, reserved) for wire in wire_names}
    for wire in sorted(candidates, key=lambda name: (camel_case(candidates[name]) != name, name)):
        attribute = candidates[wire]
        while attribute in taken:
            attribute += "_"
        taken.add(attribute)
        chosen[wire] = attribute
    return dict(sorted(chosen.items()))


def class_name(kind: str) -> str:
    """The class of a kind: its own name where Python allows it, else FooBar for foo-bar, None_ for None."""
    result = kind if kind.isidentifier() and kind[:1].isupper() else pascal_case(kind)
    if not result[:1].isalpha():
        result = f"Kind{result}"
    return f"{result}_" if keyword.iskeyword(result) else result


def is_builtin(name: str) -> bool:
    """Whether `name` is one of Python's builtins."""
    return hasattr(builtins, name)


def plural_of(kind: str) -> str:
    """The plural as apimachinery guesses it: s, x, ch, sh -> es; y -> ies; anything else -> s."""
    lower = kind.lower()
    if lower.endswith(("s", "x", "ch", "sh")):
        return f"{lower}es"
    if lower.endswith("y"):
        return f"{lower[:-1]}ies"
    return f"{lower}s"
