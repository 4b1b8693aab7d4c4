"""Compares every two neighbouring releases in a folder of histories, and prints what each upgrade breaks.

    python scripts/diff_histories.py FOLDER [--dangerous] [--json FILE]

FOLDER holds one folder a project, each with one folder a release (`cert-manager/v1.9.1/...yaml`), read in the
order of their version numbers. Every line is to be judged by a reader: a change that breaks nobody is a false
alarm. The histories themselves are not kept in the repository.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from opgen.apiextensions import convert_v1beta1, decode
from opgen.apiextensions.compare import Reason, Severity, compare
from opgen.apiserver.yaml import load_documents
from opgen.ir.definition import Definition


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dangerous", action="store_true", help="print dangerous changes too")
    parser.add_argument("--json", type=Path, help="write all reasons to this file")
    given = parser.parse_args()
    shown = {Severity.BREAKING, Severity.DANGEROUS} if given.dangerous else {Severity.BREAKING}
    codes: Counter[str] = Counter()
    upgrades = changed = alarmed = 0
    records = []
    started = time.perf_counter()
    for project in sorted(path for path in given.folder.iterdir() if path.is_dir()):
        releases = sorted((path for path in project.iterdir() if path.is_dir()), key=_order)
        before: dict[str, Definition] = {}
        for release in releases:
            after = dict(_definitions(release))
            for name in sorted(before.keys() & after.keys()):
                reasons = compare(before[name], after[name])
                upgrades += 1
                changed += before[name] != after[name]
                codes.update(reason.code for reason in reasons)
                lines = [reason for reason in reasons if reason.severity in shown]
                alarmed += any(reason.severity is Severity.BREAKING for reason in reasons)
                if lines:
                    print(f"{project.name} {release.name} {name}")
                for reason in lines:
                    print(f"  {_line(reason)}")
                records += [
                    {"to": f"{project.name} {release.name}", "crd": name, "code": r.code, "line": _line(r)}
                    for r in reasons
                ]
            before = after
    if given.json:
        given.json.write_text(json.dumps(records, indent=1))
    print(f"{upgrades} upgrades of a definition, {changed} of them changed, {alarmed} with a breaking change")
    print(f"{time.perf_counter() - started:.1f} s with reading")
    for code, count in codes.most_common():
        print(f"{count:7} {code}")
    return 0 if upgrades else 1


def _line(reason: Reason) -> str:
    place = " ".join(part for part in (reason.version, reason.path) if part)
    return f"{reason.severity:9} {place}: {reason.text} [{reason.code}]"


def _order(path: Path) -> tuple[list[int], str]:
    return [int(number) for number in re.findall(r"\d+", path.name)], path.name


def _definitions(release: Path) -> Iterator[tuple[str, Definition]]:
    for path in sorted(release.rglob("*.yaml")):
        for raw in load_documents(path.read_bytes()):
            if not isinstance(raw, dict) or raw.get("kind") != "CustomResourceDefinition":
                continue
            if str(raw.get("apiVersion", "")).endswith("/v1beta1"):
                raw, _ = convert_v1beta1(raw)
            found = decode(raw, strict=False)
            if found.definition is None:
                print(f"{path}: {found.error}", file=sys.stderr)
            else:
                yield f"{found.definition.names.plural}.{found.definition.group}", found.definition


if __name__ == "__main__":
    sys.exit(main())
