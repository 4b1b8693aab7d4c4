"""The built-in Kubernetes types, offline: their structural schemas, their kinds, and their models' names.

`inline` makes schemas, `recognition` finds built-in types in a user's schema, `kinds` knows what is an object
of its own. The data come from a kube-apiserver (see data/NOTICE).
"""

from opgen.coretypes.inline import raw
from opgen.coretypes.kinds import CoreKind, kind, kinds
from opgen.coretypes.lookups import MODELS, canonical, has_model, lookup, model, names, problem, with_api
from opgen.coretypes.recognition import recognise

__all__ = [
    "MODELS",
    "CoreKind",
    "canonical",
    "has_model",
    "kind",
    "kinds",
    "lookup",
    "model",
    "names",
    "problem",
    "raw",
    "recognise",
    "with_api",
]
