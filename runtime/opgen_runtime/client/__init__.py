"""Talking to the API server: typed verbs above, one transport below.

`transport` is the seam, `live` the one implementation that does I/O, `client` what users hold.
"""
