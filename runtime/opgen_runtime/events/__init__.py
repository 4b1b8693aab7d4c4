"""Events about objects, as kubectl describe shows them. Recording never fails and never waits."""

from opgen_runtime.events.recorder import DiscardSink, EventRecorder, EventSink, Sink

__all__ = ["DiscardSink", "EventRecorder", "EventSink", "Sink"]
