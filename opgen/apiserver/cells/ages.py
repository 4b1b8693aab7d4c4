"""How long ago a moment was, and how long something took, as kubectl writes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def age(timestamp: Any, now: datetime | None = None) -> str:
    """How long ago a timestamp was, as kubectl writes ages."""
    if not isinstance(timestamp, str):
        return "<unknown>"
    try:
        then = datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    except ValueError:
        return "<unknown>"
    if then.tzinfo is None:
        return "<unknown>"
    return human_duration(((now or datetime.now(UTC)) - then).total_seconds())


def human_duration(seconds: float) -> str:
    """A duration as kubectl writes it: 5s, 2m30s, 3h5m, 2d3h, 40d, 2y30d."""
    total = int(seconds)
    if total < -1:
        return "<invalid>"
    if total < 0:
        return "0s"
    if total < 120:
        return f"{total}s"
    minutes, hours, days = total // 60, total // 3600, total // 86400
    if minutes < 10:
        return f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 365 * 2:
        return f"{days}d"
    years = days // 365
    if years < 8:
        return f"{years}y{days % 365}d" if days % 365 else f"{years}y"
    return f"{years}y"
