# SPDX-License-Identifier: Apache-2.0
"""Runs the operator: python -m memcached (--help shows the flags)."""

import sys

from opgen_runtime.main import run

from memcached._registry import register

if __name__ == "__main__":
    sys.exit(run(register))
