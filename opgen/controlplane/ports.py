"""A TCP port on loopback that stays ours from the moment it is chosen.

The socket is bound and never listens. The server binds beside it (SO_REUSEPORT: `--permit-port-sharing`), and nobody
who asks the kernel for a free port is given this one meanwhile.
"""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


class ReservedPort:
    """Holds one port until `release`, which the server's own binding outlives."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    def release(self) -> None:
        """Give the port back."""
        self._socket.close()
