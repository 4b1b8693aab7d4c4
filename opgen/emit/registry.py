"""`_registry.py`: which controllers the operator runs, built from PROJECT each time."""

from __future__ import annotations

from opgen.emit.python import render
from opgen.ir.layout import Layout
from opgen.ir.project import Project


def registry_source(project: Project) -> str:
    """The module whose `register` calls each controller's `setup`."""
    layout = Layout.of(project)
    modules = {
        layout.controller_module(resource, controller)
        for resource in project.resources
        for controller in resource.controllers
    }
    return render("registry.py", {"modules": sorted(modules), "project": project.name})
