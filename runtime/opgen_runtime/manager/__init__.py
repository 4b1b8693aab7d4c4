"""The manager: starts and stops everything in order, answers probes and scrapes, and listens to signals."""

from opgen_runtime.manager.manager import Manager, ManagerOptions, StopTimeout

__all__ = ["Manager", "ManagerOptions", "StopTimeout"]
