"""Frozen data that every stage shares; holds neither Python text nor YAML, and knows no I/O."""
