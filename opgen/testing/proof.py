"""Proof of RBAC: an operator that runs as its own ServiceAccount, with its generated roles and nothing else.

`Proof` belongs to a run and knows which rights were used; `Proving` is a transport that notes what was allowed and
what was refused, with the line of the project's code that asked. The API server's RBAC decides, not this module.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from opgen_runtime.client.transport import Request, Response, Transport

from opgen.apiserver.access.attributes import attributes_of
from opgen.apiserver.access.rules import Rule
from opgen.apiserver.builtin import builtin_resources
from opgen.apiserver.routing import Query
from opgen.testing import project
from opgen.testing.roles import Bound

_REFUSED = re.compile(
    r'cannot (?P<verb>\S+) (?:resource \\?"(?P<resource>[^"\\]+)\\?" in API group \\?"(?P<group>[^"\\]*)\\?"|'
    r'path \\?"(?P<path>[^"\\]+)\\?")'
)


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One verb on one resource (`pods/status`) of a group, or on a path."""

    group: str
    resource: str
    verb: str
    path: str = ""


@dataclass(slots=True)
class Proof:
    """What a test run knows of the operator's rights."""

    root: Path
    bound: list[Bound]
    used: set[Right] = field(default_factory=set)

    def unused(self) -> list[str]:
        """The rights that no test used, a line for each resource of a rule; empty where nothing was proved."""
        if not self.used:
            return []
        lines: dict[str, None] = {}
        for role in self.bound:
            for rule in role.parsed:
                for text in _unused(rule, self.used):
                    lines[f"{role.file}: {text}"] = None
        return list(lines)


def _unused(rule: Rule, used: set[Right]) -> Iterable[str]:
    for path in rule.paths:
        if not any(right.path == path for right in used):
            yield f"{path} ({', '.join(rule.verbs)})"
    for group in rule.groups:
        for resource in rule.resources:
            if resource.endswith("/finalizers"):
                continue  # no request asks for it: the server looks at it when an owner reference is written
            verbs = {right.verb for right in used if _concerns(group, resource, right)}
            if verbs & {"list", "watch"}:
                verbs |= {"get", "list", "watch"}  # one right in three verbs: whoever watches may look
            wide = "*" in (group, resource, *rule.verbs)
            left = [verb for verb in rule.verbs if verb not in verbs and not (verb == "*" and verbs)]
            name = f"{resource}.{group}" if group else resource
            if wide and verbs:
                yield f"{name} ({', '.join(rule.verbs)}): only {', '.join(sorted(verbs))} was used"
            elif left:
                yield f"{name} ({', '.join(left)})"


def _concerns(group: str, resource: str, right: Right) -> bool:
    if right.path or group not in ("*", right.group):
        return False
    return resource in ("*", right.resource)


@dataclass(frozen=True, slots=True)
class Missing:
    """A right that was refused, and the line of code that asked for it ("" if no line of the project did)."""

    right: Right
    line: str

    def __str__(self) -> str:
        right = self.right
        if right.path:
            rule = f'@rbac(urls="{right.path}", verbs="{right.verb}")'
        else:
            rule = f'@rbac(groups="{right.group}", resources="{right.resource}", verbs="{right.verb}")'
        return f"{rule}  # {self.line}" if self.line else rule


@dataclass(slots=True)
class Proving:
    """A transport with the operator's identity. `missing` holds what it was refused, each right once."""

    proof: Proof
    inner: Transport
    missing: list[Missing] = field(default_factory=list)

    async def send(self, request: Request) -> Response:
        """Send, and note."""
        line = project_line(self.proof.root)
        response = await self.inner.send(request)
        asked = attributes_of(request.method, request.path, Query(request.query))
        if response.status == 403:
            self._refused(response.body, line)
        elif response.status != 401:
            path = "" if asked.on_resource else asked.path
            right = Right(asked.group, asked.combined, asked.verb, path)
            self.proof.used.add(right)
            if asked.verb == "patch" and response.status == 201:
                self.proof.used.add(Right(asked.group, asked.combined, "create"))
        return response

    async def close(self) -> None:
        """Close the connection."""
        await self.inner.close()

    def _refused(self, body: bytes, line: str) -> None:
        found = _REFUSED.search(body.decode("utf-8", "replace"))
        if found is None:
            return
        right = Right(found["group"] or "", found["resource"] or "", found["verb"], found["path"] or "")
        if all(held.right != right for held in self.missing):
            self.missing.append(Missing(right, line or declared_line(self.proof.root, right)))

    def complaint(self) -> str:
        """What to add, as a text; empty where nothing was refused."""
        if not self.missing:
            return ""
        lines = "\n".join(f"  {missing}" for missing in self.missing)
        return (
            f"the operator was refused what its roles in config/rbac don't allow:\n{lines}\n"
            "Declare it beside the code that needs it, and run opgen generate. For, Owns and Watches imply their own "
            "rules: if one of those is named here, the roles are older than the code."
        )


def project_line(root: Path) -> str:
    """The innermost line of the project that is being executed: `src/….py:12 in reconcile`. Tests don't count."""
    base = f"{root}/"
    frame = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(base):
            inside = path[len(base) :]
            if not inside.startswith(("tests/", ".venv/")) and "site-packages" not in inside:
                return f"{inside}:{frame.f_lineno} in {frame.f_code.co_name}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return ""


def declared_line(root: Path, right: Right) -> str:
    """The line where the code names the kind to a controller: For, Owns, Watches or References."""
    kind = _kind(root, right)
    if not kind:
        return ""
    wanted = re.compile(rf"\b(?:For|Owns|Watches|References)\(\s*(?:\w+\.)*{kind}\b")
    for path in sorted((root / "src").rglob("*.py")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if wanted.search(text):
                return f"{path.relative_to(root)}:{number} {text.strip()}"
    return ""


def _kind(root: Path, right: Right) -> str:
    plural = right.resource.partition("/")[0]
    for definition in project.definitions_of(root):
        spec = definition["spec"]
        if (spec["group"], spec["names"]["plural"]) == (right.group, plural):
            return str(spec["names"]["kind"])
    found = (info.kind for info in builtin_resources() if (info.group, info.plural) == (right.group, plural))
    return next(found, "")
