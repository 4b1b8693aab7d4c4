"""Random requests to the in-process API server and to a real one: the share of equal answers, and what differs.

    python scripts/api_requests.py URL TOKEN CA_FILE [--count N] [--steps N] [--seed N] [--show N]

A seed is a scenario about one kind: bodies made of its schema, every verb, option, media type, patch and subresource.
Differences that `apiserver_matrix.known` doesn't name are printed with their seed; exit code 1 where fewer than 99
of 100 answers are equal.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from apiserver_matrix.compare import Ask, Result, Side, compare
from apiserver_matrix.custom import DEFINITIONS as PATH
from apiserver_matrix.known import unknown
from apiserver_matrix.random_requests import DEFINITIONS, Scenario, show
from apiserver_matrix.request import post
from apiserver_matrix.servers import in_process, live

from opgen.apiserver import ApiServer


def run(seed: int, steps: int, asked: Ask, tag: str) -> tuple[str, Result]:
    """One scenario on both servers."""
    ours = in_process(ApiServer(DEFINITIONS, controllers=False))
    scenario = Scenario(seed, f"q{seed}-{tag}")
    return scenario.kind.kind, compare(scenario.requests(steps), Side(asked), Side(ours))


def main() -> int:
    """Runs them and prints what differs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("ca_file")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--show", type=int, default=600, help="characters of each difference")
    given = parser.parse_args()
    asked, tag = live(given.url, given.token, given.ca_file), secrets.token_hex(2)
    if 201 in [Side(asked)(post(PATH, definition)).status for definition in DEFINITIONS]:
        threading.Event().wait(3.0)
    sent = equal = left = 0
    kinds: Counter[str] = Counter()
    seeds = range(given.seed, given.seed + given.count)
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda seed: run(seed, given.steps, asked, tag), seeds)
        for seed, (kind, result) in zip(seeds, results, strict=True):
            found = unknown(result.found)
            sent, equal = sent + result.sent, equal + result.equal
            different = {id(difference.request) for difference in found}
            left += len(different)
            kinds[kind] += len(different)
            for difference in found:
                sys.stdout.write(
                    f"seed {seed} {kind}: {difference.path}: {difference.text}"[: given.show] + "\n"
                )
                sys.stdout.write(f"    {show(difference.request)}\n")
    listed = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common() if count)
    sys.stdout.write(f"by kind: {listed}\n")
    sys.stdout.write(
        f"{equal} of {sent} answers equal ({100 * equal / sent:.2f} %), {left} of the rest unexplained "
        f"(seed {given.seed})\n"
    )
    return 1 if equal < 0.99 * sent else 0


if __name__ == "__main__":
    sys.exit(main())
