"""Asks the in-process API server and a real one the same 1,900 requests and prints how many answers are equal.

    python scripts/api_matrix.py URL TOKEN CA_FILE [SUITE...]

The requests are those of tests/apiserver_matrix. Every difference is printed, the known ones with their reason.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from apiserver_matrix import SUITES, requests
from apiserver_matrix.compare import Side, compare
from apiserver_matrix.known import unknown
from apiserver_matrix.servers import in_process, live

from opgen.apiserver import ApiServer


def main() -> int:
    """Exit code 1 where a difference has no reason or fewer than 99 of 100 answers are equal."""
    url, token, ca_file, *chosen = sys.argv[1:]
    tag, sent, equal, left = secrets.token_hex(2), 0, 0, 0
    for suite in chosen or SUITES:
        ours = Side(in_process(ApiServer(controllers=False)))
        result = compare(requests(suite, f"{suite}{tag}"), Side(live(url, token, ca_file)), ours)
        unexplained = unknown(result.found)
        for difference in result.found:
            mark = "unknown" if difference in unexplained else "known"
            sys.stdout.write(f"{mark:8}{str(difference)[:300]}\n")
        sys.stdout.write(f"{suite:12}{result.equal:5} of {result.sent:5} equal\n")
        sent, equal, left = sent + result.sent, equal + result.equal, left + len(unexplained)
    sys.stdout.write(
        f"{'all':12}{equal:5} of {sent:5} equal ({100 * equal / sent:.2f} %), {left} unexplained\n"
    )
    return 1 if left or equal < 0.99 * sent else 0


if __name__ == "__main__":
    sys.exit(main())
