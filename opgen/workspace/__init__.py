"""The user's folder: the PROJECT file, the plan of what would change, and the one writer.

`disk.snapshot` looks, `plan.plan` decides without touching anything, `apply.apply` writes all of it or
nothing; `lock.hold` keeps other commands out and mends what a killed one left.
"""
