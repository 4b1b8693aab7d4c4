"""The one version number of both distributions, opgen and opgen-runtime."""

__version__ = "0.1.0"
