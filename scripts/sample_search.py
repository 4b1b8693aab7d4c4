"""How often `opgen.emit.samples` finds samples of random hard kinds, whether they are right, and what they cost.

    python scripts/sample_search.py [--count N] [--seed S] [--live]

Each kind has an object that satisfies it, so each should have a minimal and a full sample. Prints what was found, not
found and wrong, and the CPU time of a kind; with `--live` a real API server judges the samples too
(KUBEBUILDER_ASSETS). Exit 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from hard_schemas import Hard, hard_schemas

from opgen.apiextensions import encode, review_object
from opgen.emit.samples import sample


def measured(kinds: list[Hard], *, shown: int) -> tuple[int, int, list[tuple[Hard, Any]], list[float]]:
    """Counts of samples not found and wrong, those found, and the CPU seconds of each kind."""
    missed = wrong = 0
    found: list[tuple[Hard, Any]] = []
    times = []
    for number, kind in enumerate(kinds):
        start = time.process_time()
        samples = [sample(kind.definition, "v1", full=full) for full in (False, True)]
        times.append(time.process_time() - start)
        for one, which in zip(samples, ("minimal", "full"), strict=True):
            if one.obj is None:
                missed += 1
                if missed <= shown:
                    print(
                        f"{number} {which}: {one.reason}\n    rules: {kind.rules}\n    one: {kind.witness['spec']}"
                    )
            elif review_object(kind.definition, one.obj).allowed:
                found.append((kind, one.obj))
            else:
                wrong += 1
                print(f"{number} {which}: wrong: {one.obj}")
    return missed, wrong, found, times


def live(found: list[tuple[Hard, Any]]) -> int:
    """How many samples a real server refuses."""
    from corpus_compile import CRDS, STRICT, cluster

    refused = 0
    with cluster() as server:
        for first in range(0, len(found), 80):
            batch = []
            for number, (kind, obj) in enumerate(found[first : first + 80]):
                crd: Any = encode(kind.definition)
                text = f"hard{number}"
                crd["metadata"] = {"name": f"{text}s.hard.example.com"}
                crd["spec"]["names"] = {
                    "plural": f"{text}s",
                    "singular": text,
                    "kind": text.title(),
                    "listKind": f"{text.title()}List",
                }
                status, answer = server.call("POST", CRDS, crd)
                assert status == 201, answer
                batch.append((text, {**obj, "kind": text.title()}))
            time.sleep(3)
            for text, obj in batch:
                path = f"/apis/hard.example.com/v1/namespaces/default/{text}s?{STRICT}"
                for _ in range(50):
                    status, answer = server.call("POST", path, obj)
                    if status not in (404, 429):
                        break
                    time.sleep(0.2)
                if status != 201:
                    refused += 1
                    print(f"refused by the server: {answer.get('message')}")
                server.call("DELETE", f"{CRDS}/{text}s.hard.example.com")
            time.sleep(2)
    return refused


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shown", type=int, default=10)
    parser.add_argument("--live", action="store_true")
    options = parser.parse_args()
    kinds = hard_schemas(options.count, options.seed)
    missed, wrong, found, times = measured(kinds, shown=options.shown)
    times.sort()
    total = 2 * len(kinds)
    print(f"kinds: {len(kinds)} (seed {options.seed}); rules: {sum(len(kind.rules) for kind in kinds)}")
    print(
        f"samples: {total}; found: {len(found)} ({100 * len(found) / total:.1f} %); not found: {missed}; wrong: {wrong}"
    )
    p50, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    print(f"CPU of a kind: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, most {times[-1] * 1000:.0f} ms")
    if options.live:
        wrong += (refused := live(found))
        print(f"refused by the server: {refused}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
