"""Random histories on the in-process API server and on a real one: the same answers, objects and events.

    python scripts/api_histories.py URL TOKEN CA_FILE [--count N] [--steps N] [--seed N]

A history is equal if every answer on the way, the objects in the end, managedFields included, and the events that a
watch tells are. Prints the seed of each that isn't, with its first differences; exit code 1 if there is one.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from apiserver_matrix.compare import Ask, Result, Side, compare
from apiserver_matrix.histories import DEFINITION, History
from apiserver_matrix.known import unknown
from apiserver_matrix.request import post
from apiserver_matrix.servers import in_process, live

from opgen.apiserver import ApiServer

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def run(seed: int, steps: int, asked: Ask, tag: str) -> Result:
    """One history on both servers."""
    ours = in_process(ApiServer([DEFINITION], controllers=False))
    history = History(seed, f"h{seed}-{tag}")
    return compare(history.requests(steps), Side(asked), Side(ours))


def main() -> int:
    """Runs them and prints what differs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("ca_file")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    given = parser.parse_args()
    asked, tag = live(given.url, given.token, given.ca_file), secrets.token_hex(2)
    if Side(asked)(post(DEFINITIONS, DEFINITION)).status == 201:
        threading.Event().wait(3.0)
    different = 0
    seeds = range(given.seed, given.seed + given.count)
    with ThreadPoolExecutor(8) as pool:  # a watch on the real server lasts a second
        results = pool.map(lambda seed: run(seed, given.steps, asked, tag), seeds)
    for seed, result in zip(seeds, results, strict=True):
        found = unknown(result.found)
        if found:
            different += 1
            for difference in found[:3]:
                sys.stdout.write(f"seed {seed}: {str(difference)[:600]}\n")
    sys.stdout.write(f"{given.count - different} of {given.count} histories equal (seed {given.seed})\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
