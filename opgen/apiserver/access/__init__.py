"""Who asks, and may they: tokens, impersonation, RBAC, and the reviews that answer these questions."""
