"""Reads the project's Python without running it: which kinds it watches, and what it must be allowed to do."""

from opgen.source.controllers import Needs, read
from opgen.source.modules import Module, Sources

__all__ = ["Module", "Needs", "Sources", "read"]
