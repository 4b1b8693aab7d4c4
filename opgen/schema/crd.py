"""Reads a CustomResourceDefinition, v1 or v1beta1, as raw data. Lossless: what it says is in the definition."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from opgen.apiextensions import decode, default_definition, prepared_for_create
from opgen.apiextensions.lint_codes import DROPPED_KEYWORD
from opgen.apiextensions.lints import finding
from opgen.documents import Document
from opgen.documents.origins import json_path
from opgen.errors import Diagnostic, error, has_errors
from opgen.schema.loaded import Form, Found, Loaded
from opgen.schema.placing import unmarshal_steps

GROUP = "apiextensions.k8s.io"


def is_crd(data: Any) -> bool:
    """Whether the document says that it is a CustomResourceDefinition, of whatever version."""
    return (
        isinstance(data, dict)
        and data.get("kind") == "CustomResourceDefinition"
        and str(data.get("apiVersion", "")).startswith(f"{GROUP}/")
    )


def read_crd(document: Document) -> Found:
    """The definition in one document, with the server's defaults set."""
    raw, file = document.data, document.origins.file
    diagnostics: list[Diagnostic] = []
    api_version = raw["apiVersion"]
    if api_version == f"{GROUP}/v1beta1":
        from opgen.apiextensions.v1beta1 import convert_v1beta1  # rare, so loaded when needed

        raw, said = convert_v1beta1(raw)
        diagnostics.extend(_placed(document, d) for d in said)
        if raw is None or has_errors(diagnostics):
            return Found((), tuple(diagnostics))
    elif api_version != f"{GROUP}/v1":
        line = document.origins.line(("apiVersion",))
        return Found(
            (),
            (
                error(
                    f"{api_version} is not a version of CustomResourceDefinition",
                    file=file,
                    line=line,
                    hint=f"opgen reads {GROUP}/v1, and v1beta1 where it can be converted",
                ),
            ),
        )
    decoded = decode(raw)
    if decoded.definition is None:
        diagnostics.append(_undecodable(document, decoded.error))
        return Found((), tuple(diagnostics))
    diagnostics.extend(_unknown(document, text) for text in decoded.unknown)
    diagnostics.extend(_dropped(document, path) for path in decoded.dropped)
    # A status that came with the file says nothing here: the server gives a definition its own.
    definition = prepared_for_create(default_definition(decoded.definition))
    return Found((Loaded(definition, document.origins, Form.CRD),), tuple(diagnostics))


def _placed(document: Document, said: Diagnostic) -> Diagnostic:
    """What the conversion from v1beta1 says, at the line of its path in the form that the user wrote."""
    path = said.path.removeprefix("$.") or said.message.partition(": ")[0]
    steps = _steps(path)
    spec = document.data.get("spec")
    top = isinstance(spec, dict) and "validation" in spec
    if top and steps[:2] == ("spec", "versions") and steps[3:4] == ("schema",):
        steps = ("spec", "validation", *steps[4:])
    return replace(
        said, file=said.file or document.origins.file, line=said.line or document.origins.line(steps)
    )


def _undecodable(document: Document, text: str) -> Diagnostic:
    """The decoder's message, at the line of the value that it means."""
    place, hint = unmarshal_steps(text, document.data)
    line = document.origins.line(place)
    path = json_path(place) if place else ""
    return error(text, file=document.origins.file, line=line, path=path, hint=hint)


def _unknown(document: Document, text: str) -> Diagnostic:
    """`unknown field "spec.versions[0].foo"`, at its line."""
    path = re.sub(r"\\(.)", r"\1", text[text.find('"') + 1 : text.rfind('"')])
    return error(
        text,
        file=document.origins.file,
        line=document.origins.line(_steps(path)),
        path=f"$.{path}" if path else "",
        hint="the API server drops it, or refuses the definition with fieldValidation=Strict",
    )


def _dropped(document: Document, path: str) -> Diagnostic:
    """A keyword that the server loses without a word, at its line."""
    found = finding(DROPPED_KEYWORD, f"$.{path}", f"the keyword {path.rpartition('.')[2]} is dropped")
    return replace(found, file=document.origins.file, line=document.origins.line(_steps(path)))


def _steps(path: str) -> tuple[str | int, ...]:
    parts = path.replace("[", ".").replace("]", "").split(".")
    return tuple(int(part) if part.isdigit() else part for part in parts if part)
