"""Imports a name of a package from the module that holds it, on first use (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module


def attribute(package: str, name: str, modules: Mapping[str, str]) -> object:
    """The attribute `name` of `package`, which stays there afterwards. Raises AttributeError as Python does."""
    module = modules.get(name)
    if module is None:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{package}.{module}"), name)
    setattr(sys.modules[package], name, value)
    return value
