"""How opgen's answers are compared with the API server's: questions, the server's answers, what differs.

`scripts/fidelity` runs the parts and prints their table; tests use the same functions.
"""
