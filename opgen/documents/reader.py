"""From text to data: one pass over the parser's events, bounded in depth, size and alias expansion.

Problems become Diagnostics; a document with an error is left out of the result, the others are read.
"""

from __future__ import annotations

import json
import math
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from opgen.documents.origins import Origins, Position
from opgen.documents.scalars import key_text, resolve
from opgen.documents.silences import Silences, silences
from opgen.errors import Diagnostic, OpgenError, error, warning

MAX_DEPTH = 200
MAX_VALUES = 2_000_000
MAX_BYTES = 64 * 1024 * 1024
MAX_POSITIONED = 4 * 1024 * 1024
_MOST_PROBLEMS = 200  # of one document
_SURROGATE = re.compile("[\ud800-\udfff]")
_STR_TAGS = {"!", "!!str", "tag:yaml.org,2002:str"}
_PLAIN_TAGS = {f"tag:yaml.org,2002:{t}" for t in ("bool", "int", "float", "null", "timestamp", "map", "seq")}
_BINARY_TAG = "tag:yaml.org,2002:binary"


@dataclass(frozen=True, slots=True)
class Document:
    """One document: plain JSON data and its origins. `index` counts from 0 within the file."""

    data: Any
    origins: Origins
    index: int = 0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What `load` found: the documents that could be read, all diagnostics, and the comments that silence lints."""

    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]
    silences: Silences = field(default_factory=Silences)


class _Refused(Exception):
    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.message, self.hint = line, message, hint


def read(path: str | Path) -> Loaded:
    """Read a file, or standard input for `-`. What cannot be read is a Diagnostic, never an exception."""
    content, diagnostics = contents(path)
    if diagnostics:
        return Loaded((), diagnostics)
    return load(content, "<stdin>" if str(path) == "-" else str(path))


def contents(path: str | Path) -> tuple[bytes, tuple[Diagnostic, ...]]:
    """The bytes of a file, read once (it may be a pipe) and no further than `load` takes; what is wrong instead."""
    name = str(path)
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), ()
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1), ()
    except IsADirectoryError:
        return b"", (error("is a folder, not a file", file=name, hint="name the schema file itself"),)
    except FileNotFoundError:
        return b"", (error("no such file", file=name, hint="paths are relative to the current folder"),)
    except OSError as problem:
        return b"", (error(f"cannot be read: {(problem.strerror or str(problem)).lower()}", file=name),)


def load(content: bytes | str, file: str = "") -> Loaded:
    """Read all YAML or JSON documents of `content`. Empty documents are left out."""
    if isinstance(content, bytes):
        if len(content) > MAX_BYTES:
            return _failed(file, f"is larger than {MAX_BYTES // 2**20} MiB", "")
        if b"\0" in content:
            return _failed(file, "is not a text file (it holds a NUL byte)", "YAML or JSON in UTF-8 is read")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            line = content.count(b"\n", 0, problem.start) + 1
            return _failed(file, "is not UTF-8 text", "YAML or JSON in UTF-8 is read", line)
    else:
        text = content
    if text.lstrip()[:1] in ("{", "["):
        as_json = _load_json(text, file)
        if as_json is not None:
            return as_json
    return _load_yaml(text, file)


def _failed(file: str, message: str, hint: str, line: int = 0) -> Loaded:
    return Loaded((), (error(message, file=file, line=line, hint=hint),))


# JSON ---------------------------------------------------------------------------------------------------


def _load_json(text: str, file: str) -> Loaded | None:
    """Strict JSON, or None where it is not: flow-style YAML may begin with a brace too.

    A key that is set twice is left to the YAML reader as well, which knows its line.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) < len(items):
            raise ValueError("a key is set twice")
        return result

    def constant(name: str) -> NoReturn:
        raise ValueError(name)

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError):
        return None
    if _depth_exceeds(data, MAX_DEPTH):
        return None  # the other reader says where
    return Loaded((Document(data, Origins(file, _json_positions(text))),), ())


def _json_positions(text: str) -> Position | None:
    """The lines of a JSON document, which as YAML says the same but for escapes; None where that fails."""
    if "\n" not in text.strip() or len(text) > MAX_POSITIONED:
        return None
    found = _load_yaml(text, "").documents
    return found[0].origins.root if len(found) == 1 else None


def _depth_exceeds(data: Any, limit: int) -> bool:
    level = [data]
    for _ in range(limit):
        level = [
            child
            for value in level
            if isinstance(value, (dict, list))
            for child in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


# YAML ---------------------------------------------------------------------------------------------------


def _parser(text: str) -> Any:
    """libyaml's event parser: the pure one is ten times slower and differs in details."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # in the module, not in its stub
    except ImportError as problem:
        raise OpgenError(
            "PyYAML was installed without its C part (libyaml)",
            hint="install a PyYAML wheel for this platform",
        ) from problem
    return CParser(text)


def _load_yaml(text: str, file: str) -> Loaded:
    documents: list[Document] = []
    diagnostics: list[Diagnostic] = []
    parser = _parser(text)
    index = 0
    try:
        while True:
            event = parser.get_event()
            if isinstance(event, StreamEndEvent):
                break
            if not isinstance(event, DocumentStartEvent):
                continue
            builder = _Builder(parser, file)
            data, position = builder.value(parser.get_event(), 0)
            diagnostics.extend(builder.diagnostics)
            if data is not None and not any(d.level == "error" for d in builder.diagnostics):
                documents.append(Document(data, Origins(file, position), index))
            index += 1
    except _Refused as refused:
        diagnostics.append(error(refused.message, file=file, line=refused.line, hint=refused.hint))
    except yaml.MarkedYAMLError as problem:
        diagnostics.append(_syntax_error(problem, text, file))
    except yaml.YAMLError as problem:
        diagnostics.append(error(f"cannot be read as YAML: {problem}".split("\n")[0], file=file))
    except RecursionError:
        diagnostics.append(error(f"is nested deeper than {MAX_DEPTH} levels", file=file))
    finally:
        parser.dispose()
    return Loaded(tuple(documents), tuple(diagnostics), silences(text))


def _syntax_error(problem: yaml.MarkedYAMLError, text: str, file: str) -> Diagnostic:
    mark = problem.problem_mark or problem.context_mark
    line = mark.line + 1 if mark else 0
    lines = text.split("\n")
    hint = ""
    source = lines[line - 1] if 0 < line <= len(lines) else ""
    if "\t" in source[: len(source) - len(source.lstrip())] or "'\\t'" in str(problem.problem):
        hint = "YAML is indented with spaces, not tabs"
    elif ": " in source.partition(": ")[2]:
        hint = "put a value that holds `: ` into quotes"
    elif "<" in source or "[" in source or "{" in source:
        hint = "check brackets and quotes on this line; `list<string>` is the way to write a list's type"
    what = str(problem.problem or problem.context or "syntax error")
    return error(f"YAML syntax: {what}", file=file, line=line, hint=hint)


class _Builder:
    """Builds one document from the parser's events."""

    def __init__(self, parser: Any, file: str) -> None:
        self._parser = parser
        self._file = file
        self._anchors: dict[str, tuple[Any, Position, int]] = {}
        self._spent = 0  # values so far, aliases expanded, collections not counted
        self._size = 0  # the same, keys not counted and collections too
        self._words: dict[str, str] = {}  # what was found to be text though no quotes say so
        self.diagnostics: list[Diagnostic] = []

    def value(self, event: Any, depth: int) -> tuple[Any, Position]:
        """The value that `event` begins, and its position."""
        line = event.start_mark.line + 1
        if depth > MAX_DEPTH:
            raise _Refused(line, f"is nested deeper than {MAX_DEPTH} levels")
        if event.__class__ is AliasEvent:
            return self._alias(str(event.anchor), line)
        before = self._size
        self._size += 1
        position = Position(line)
        if event.__class__ is ScalarEvent:
            data: Any = self._scalar(event)
        elif event.__class__ is SequenceStartEvent:
            data = self._sequence(position, depth)
        else:
            data = self._mapping(position, depth)
        if event.anchor:
            self._anchors[event.anchor] = (data, position, self._size - before)
        return data, position

    def _alias(self, anchor: str, line: int) -> tuple[Any, Position]:
        if anchor not in self._anchors:
            raise _Refused(line, f"alias *{anchor} names nothing above it", "an alias cannot contain itself")
        data, position, size = self._anchors[anchor]
        self._size += size
        self._spend(size, line)
        return data, position

    def _spend(self, values: int, line: int) -> None:
        self._spent += values
        if self._spent > MAX_VALUES:
            raise _Refused(line, f"expands to more than {MAX_VALUES:,} values", "remove the nested aliases")

    def _scalar(self, event: Any) -> Any:
        data = event.value
        if event.tag is not None:
            data = self._tagged(event)
        elif event.implicit[0]:
            data = resolve(data)
        if data.__class__ is str:
            if not data.isascii() and _SURROGATE.search(data):
                self._problem(event.start_mark.line + 1, "holds half a surrogate pair, which is not text")
        elif data.__class__ is float and not math.isfinite(data):
            self._problem(event.start_mark.line + 1, f"{event.value} is not a number that JSON can hold")
            data = None
        self._spent += 1
        if self._spent > MAX_VALUES:
            self._spend(0, event.start_mark.line + 1)
        return data

    def _word(self, event: Any) -> str | None:
        """A key without tag and anchor, if it is text in ASCII; such words come again and again."""
        text: str = event.value
        if text.isascii() and (not event.implicit[0] or resolve(text) is text):
            if event.implicit[0]:
                self._words[text] = text
            return text
        return None

    def _tagged(self, event: Any) -> Any:
        if event.tag in _PLAIN_TAGS:
            return resolve(event.value)
        if event.tag in _STR_TAGS or event.tag == _BINARY_TAG:
            return event.value
        line = event.start_mark.line + 1
        self._problem(line, f"YAML tag {event.tag} is not known here", "remove the tag")
        return None

    def _sequence(self, position: Position, depth: int) -> list[Any]:
        result: list[Any] = []
        while (event := self._parser.get_event()).__class__ is not SequenceEndEvent:
            data, child = self.value(event, depth + 1)
            position.children[len(result)] = child
            result.append(data)
        return result

    def _mapping(self, position: Position, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        children = position.children
        merges: list[tuple[Any, Position, int]] = []
        get_event, words, shallow = self._parser.get_event, self._words, depth < MAX_DEPTH
        while (event := get_event()).__class__ is not MappingEndEvent:
            line = event.start_mark.line + 1
            if shallow and event.__class__ is ScalarEvent and event.tag is None and not event.anchor:
                key = words.get(event.value) or self._word(event)
            else:
                key = None
            if key:
                self._spent += 1
            else:
                key = self._key(event, line, depth)
            inner = get_event()
            if shallow and inner.__class__ is ScalarEvent and not inner.anchor:
                data = words.get(inner.value) if inner.tag is None and inner.implicit[0] else None
                if data:
                    self._spent += 1
                else:
                    data = self._scalar(inner)
                child = Position(line, {})
                self._size += 1
            else:
                data, child = self.value(inner, depth + 1)
            if key == "<<" and event.__class__ is ScalarEvent and event.implicit[0]:
                merges.append((data, child, line))
                continue
            if key in result:
                hint = f"it was first set on line {children[key].line}"
                if key == "apiVersion":
                    hint += "; another object begins with a line of ---"
                self._problem(line, f'key "{key}" is set twice', hint)
                continue
            result[key] = data
            # The key's line is where a reader looks for the value.
            children[key] = child if child.line == line else Position(line, child.children)
        self._spend(0, position.line)
        for data, child, line in merges:
            self._merge(result, position, data, child, line)
        return result

    def _key(self, event: Any, line: int, depth: int) -> str:
        if not isinstance(event, (ScalarEvent, AliasEvent)):
            raise _Refused(line, "a key must be text", "quote the key; `{{` begins a YAML mapping")
        if isinstance(event, AliasEvent):
            size = self._size
            value = self._alias(str(event.anchor), line)[0]
            self._size = size
        else:
            size = self._size
            value = self.value(event, depth + 1)[0]
            self._size = size
        key = key_text(value) if not isinstance(value, (dict, list)) else None
        if key is None:
            raise _Refused(line, "a key must be text, not null, a list or a mapping", "quote the key")
        if (
            isinstance(value, bool)
            and isinstance(event, ScalarEvent)
            and event.value not in ("true", "false")
        ):
            self.diagnostics.append(
                warning(
                    f'key {event.value} is read as "{key}", as Kubernetes does',
                    file=self._file,
                    line=line,
                    hint=f'write "{event.value}" in quotes',
                )
            )
        return key

    def _merge(
        self, result: dict[str, Any], position: Position, data: Any, child: Position, line: int
    ) -> None:
        sources = data if isinstance(data, list) else [data]
        for number, source in enumerate(sources):
            if not isinstance(source, dict):
                self._problem(line, "`<<` merges mappings only")
                return
            origin = child.children.get(number, child) if isinstance(data, list) else child
            for key, value in source.items():
                if key not in result:
                    result[key] = value
                    position.children[key] = origin.children.get(key, Position(line))

    def _problem(self, line: int, message: str, hint: str = "") -> None:
        if len(self.diagnostics) < _MOST_PROBLEMS:  # nobody reads on, and a hostile file has a million
            self.diagnostics.append(error(message, file=self._file, line=line, hint=hint))
