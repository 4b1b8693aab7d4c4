"""The table of built-in objects: what a server says of each, and what opgen says, in one form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opgen import documents
from opgen.apiserver import offline
from opgen.apiserver.status import describe

FOLDER = Path(__file__).parent / "validate"
OBJECTS = FOLDER / "core_objects.yaml"
ANSWERS = FOLDER / "core_answers.json"

Answer = list[str]
"""What is wrong, one text each, sorted, uids masked; empty for an object that is accepted."""

_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def objects() -> dict[str, dict[str, Any]]:
    """The objects by case."""
    found = documents.read(OBJECTS)
    assert not found.diagnostics
    return {_case(document.data): document.data for document in found.documents}


def _case(obj: dict[str, Any]) -> str:
    metadata = obj["metadata"]
    return str(metadata.get("name") or metadata.get("generateName") or metadata["labels"]["case"])


def recorded() -> dict[str, Answer]:
    """What a real server said."""
    answers: dict[str, Answer] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return answers


def opgens_answer(obj: dict[str, Any]) -> Answer:
    """What `opgen validate` says, as a server asked with fieldValidation=Strict would say it."""
    group, _, version = obj["apiVersion"].rpartition("/")
    info = offline.builtin(group, version, obj["kind"])
    assert info is not None, obj
    review = offline.review(info, obj)
    if review.decode:
        return [review.decode]
    if review.unknown:
        return sorted(f'unknown field "{path}"' for path in review.unknown)
    return sorted({_UID.sub("UID", f"{error.field}: {describe(error)}") for error in review.errors})


def server_answer(status: int, body: dict[str, Any]) -> Answer:
    """The same from a server's answer to a dry run."""
    if status < 300:
        return []
    causes = (body.get("details") or {}).get("causes")
    if causes:
        return sorted({_UID.sub("UID", f"{cause['field']}: {cause['message']}") for cause in causes})
    text = body["message"].partition("cannot be handled as a ")[2].partition(": ")[2] or body["message"]
    if text.startswith("strict decoding error: "):
        return sorted(text.removeprefix("strict decoding error: ").split(", "))
    return [text]


Post = Callable[[str, dict[str, Any]], tuple[int, dict[str, Any]]]


def ask(post: Post) -> dict[str, Answer]:
    """Each object posted as a dry run, with strict field validation."""
    return {case: ask_one(post, obj) for case, obj in objects().items()}


def ask_one(post: Post, obj: dict[str, Any]) -> Answer:
    """One of them."""
    group, _, version = obj["apiVersion"].rpartition("/")
    info = offline.builtin(group, version, obj["kind"])
    assert info is not None, obj
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    place = f"/namespaces/default/{info.plural}" if info.namespaced else f"/{info.plural}"
    return server_answer(*post(f"{root}{place}?dryRun=All&fieldValidation=Strict", obj))
