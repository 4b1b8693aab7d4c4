"""Numbers of bytes as people write them: 200KiB, 1MiB, 4096."""

from __future__ import annotations

import re

_FORM = re.compile(r"([0-9]{1,12})\s*((?:[kKmM](?:i?[bB]|i)?)?)")
_UNITS = {"": 1, "k": 1024, "m": 1024**2}


def parse_size(text: str) -> int | None:
    """The bytes, above zero; None where the text is no size. K and M count in 1,024s, whatever follows them."""
    found = _FORM.fullmatch(text.strip())
    if found is None or int(found[1]) == 0:
        return None
    return int(found[1]) * _UNITS[found[2].lower()[:1]]


def size_text(size: int) -> str:
    """The shortest way to write it: 200KiB for 204800."""
    for unit, name in ((1024**2, "MiB"), (1024, "KiB")):
        if size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)
