"""What a field of that name usually holds: `hint("spec.image")` is an image, `replicas` a small number.

A hint is only tried; the schema decides whether it stands.
"""

from __future__ import annotations

import re

_TEXTS = {
    "access mode": ("ReadWriteOnce",),
    "address": ("10.0.0.1:8080", "10.0.0.1"),
    "annotations": ("example",),
    "api version": ("v1",),
    "args": ("--verbose",),
    "arn": ("arn:aws:iam::123456789012:role/example",),
    "branch": ("main",),
    "bucket": ("example-bucket",),
    "ca bundle": ("Q0EK",),
    "chart": ("example",),
    "cidr": ("10.0.0.0/16",),
    "class name": ("standard",),
    "cluster": ("example",),
    "command": ("/bin/sh",),
    "cpu": ("100m",),
    "cron": ("*/5 * * * *",),
    "data": ("ZXhhbXBsZQ==", "example"),
    "date": ("2026-01-01T00:00:00Z", "2026-01-01"),
    "description": ("An example",),
    "display name": ("Example",),
    "dns name": ("example.com",),
    "dns policy": ("ClusterFirst",),
    "domain": ("example.com",),
    "duration": ("30s", "1h"),
    "effect": ("NoSchedule",),
    "email": ("user@example.com",),
    "email address": ("user@example.com",),
    "endpoint": ("https://example.com", "example.com:443"),
    "expression": ("true",),
    "fs type": ("ext4",),
    "group": ("example.com",),
    "host": ("example.com",),
    "hostname": ("example.com",),
    "image": ("nginx:1.27",),
    "image pull policy": ("IfNotPresent",),
    "interval": ("30s",),
    "ip": ("10.0.0.1",),
    "ip address": ("10.0.0.1",),
    "ip range": ("10.0.0.0/16",),
    "key": ("key",),
    "kind": ("ConfigMap",),
    "label selector": ("app=example",),
    "locale": ("en",),
    "memory": ("128Mi",),
    "message": ("An example",),
    "mount path": ("/data",),
    "name": ("example",),
    "namespace": ("default",),
    "operator": ("In", "Exists", "Equal"),
    "password": ("change-me",),
    "path": ("/data", "/"),
    "period": ("30s",),
    "port": ("http",),
    "protocol": ("TCP",),
    "query": ("up",),
    "reason": ("Example",),
    "region": ("eu-west-1",),
    "registry": ("registry.example.com",),
    "repo": ("https://example.com/repo",),
    "repository": ("https://example.com/repo",),
    "resource": ("deployments",),
    "restart policy": ("Always",),
    "schedule": ("*/5 * * * *",),
    "scheme": ("HTTP",),
    "server": ("https://example.com",),
    "size": ("1Gi",),
    "storage": ("1Gi",),
    "storage class name": ("standard",),
    "status": ("True",),
    "tag": ("latest",),
    "timeout": ("30s",),
    "time": ("2026-01-01T00:00:00Z",),
    "timestamp": ("2026-01-01T00:00:00Z",),
    "timezone": ("Etc/UTC",),
    "token": ("change-me",),
    "topology key": ("kubernetes.io/hostname",),
    "ttl": ("1h",),
    "uid": ("00000000-0000-4000-8000-000000000001",),
    "uri": ("https://example.com",),
    "url": ("https://example.com",),
    "user": ("example",),
    "username": ("example",),
    "value": ("example",),
    "version": ("v1", "1.0.0"),
    "zone": ("eu-west-1a",),
}

_NUMBERS = {
    "age": 30,
    "limit": 10,
    "max": 10,
    "percent": 50,
    "percentage": 50,
    "port": 8080,
    "replicas": 1,
    "seconds": 30,
    "size": 1,
    "timeout": 30,
    "weight": 1,
}

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def words(name: str) -> list[str]:
    """A field's name as lower-case words."""
    return [word.lower() for word in _WORDS.findall(name)]


def text_hints(name: str) -> tuple[str, ...]:
    """Texts for a field, the one for the longest known end of its name; "example" for all others."""
    parts = words(name)
    for start in range(len(parts)):
        found = _TEXTS.get(" ".join(parts[start:])) or _TEXTS.get(_singular(" ".join(parts[start:])))
        if found is not None:
            return found
    return ("example",)


def number_hint(name: str) -> int | None:
    """A number for a field, or None."""
    parts = words(name)
    return _NUMBERS.get(_singular(parts[-1]), _NUMBERS.get(parts[-1])) if parts else None


def _singular(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
