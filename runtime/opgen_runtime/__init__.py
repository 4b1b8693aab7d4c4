"""A controller runtime for Kubernetes operators. What users import is re-exported here lazily."""
