# SPDX-License-Identifier: Apache-2.0
"""The operator as a whole."""

from opgen_runtime import Manager

from memcached._registry import register


async def test_registers_and_starts(manager: Manager) -> None:
    """Every controller can be added to one manager, which starts, and stops when asked to."""
    register(manager)
    async with manager.running():
        pass
