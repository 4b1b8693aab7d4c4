# SPDX-License-Identifier: Apache-2.0
"""The operator as a whole."""

from opgen_runtime import Client, Manager

from memcached._registry import register


async def test_registers_and_starts(client: Client) -> None:
    """Every controller can be added to one manager, which starts, and stops when asked to."""
    manager = Manager(client)  # of the whole cluster: a controller may have chosen namespaces
    register(manager)
    async with manager.running():
        pass
