"""Trees to programs."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.apiextensions.cel.ast import Expr


@dataclass
class Program:
    tree: Expr


def plan(tree: Expr) -> Program:
    return Program(tree)
