"""The checks of built-in kinds beyond types, in the real server's words: one module for each family of kinds.

Each rule takes an object after decoding and defaulting, and the one before on an update, and yields errors. They are
those that people who write manifests meet; `docs/validate.md` names what is left out.
"""
