"""opgen: from a resource schema to a Kubernetes operator in Python.

The command line is `opgen.cli`; each command is a plain function in `opgen.commands`.
"""
