"""Admission policies: CEL that judges writes (validating) or changes them (mutating); bindings and parameters."""
