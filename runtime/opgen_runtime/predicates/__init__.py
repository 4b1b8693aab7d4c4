"""Predicates decide which events reach the queue. Pure: an event in, a yes or no out.

They combine: `GenerationChanged() | AnnotationsChanged()`, `~LabelSelector("tier=test")`.
"""

from opgen_runtime.predicates.base import Event, EventType, Predicate, Seen, SeenMetadata
from opgen_runtime.predicates.changes import (
    AnnotationsChanged,
    FieldsChanged,
    GenerationChanged,
    LabelsChanged,
    ResourceVersionChanged,
)
from opgen_runtime.predicates.selector import LabelSelector, Selector

__all__ = [
    "AnnotationsChanged",
    "Event",
    "EventType",
    "FieldsChanged",
    "GenerationChanged",
    "LabelSelector",
    "LabelsChanged",
    "Predicate",
    "ResourceVersionChanged",
    "Seen",
    "SeenMetadata",
    "Selector",
]
