"""The command line: argv becomes a request, a result becomes text and an exit code.

Exit codes: 0 done, 1 wrong input or a broken environment (or, with --check, something to do), 2 wrong usage.
Commands are imported when they are called, so that `opgen --help` stays fast.
"""

from __future__ import annotations

import sys


def main() -> None:
    """The console script."""
    try:
        import gc

        # What a command builds mostly stays to its end: looking for garbage so seldom saves a tenth of its time.
        gc.set_threshold(200_000, 20, 20)
        from opgen.cli.root import cli
        from opgen.cli.run import guarded

        code = guarded(cli, sys.argv[1:])
    except KeyboardInterrupt:  # before Click looks after it, or after
        sys.stderr.write("stopped\n")
        code = 130
    sys.exit(code)
