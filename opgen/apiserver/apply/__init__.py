"""Server-side apply: who owns which field, and merging by that. Pure; `rest.apply` calls it."""
