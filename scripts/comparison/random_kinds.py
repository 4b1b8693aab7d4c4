"""Random kinds on a live server: their definitions, objects, updates; what the server says of each, and opgen.

In batches: a batch's definitions are created, its objects sent and judged while they are served, and all is deleted.
"""

from __future__ import annotations

import json
import random
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import round_trip

from comparison.cel_answers import plain
from comparison.definitions import GROUP, Definitions, repaired
from comparison.live import DEFINITIONS, PANIC, Answer, Server
from comparison.strategies import drawn
from comparison.table import Tally
from comparison.values import Values
from opgen.apiextensions import (
    decode,
    judge_object,
    prepared_for_update,
    review_definition,
    review_object,
    through_storage,
)
from opgen.apiextensions.complaints import text
from opgen.apiextensions.errors import FieldError, Verdict
from opgen.apiextensions.gotext import in_64_bits, plain_numbers
from opgen.apiextensions.names import path_segment
from opgen.apiextensions.objectmeta import validate_metadata
from opgen.apiextensions.settling import settled
from opgen.apiserver import metadata as meta
from opgen.apiserver.custom import CustomStrategy, resources
from opgen.apiserver.status import StatusError, cause
from opgen.ir.definition import Definition
from opgen.ir.schema import Schema

Raw = dict[str, Any]
BATCH = 50
SERVED_SECONDS = 2.2
"""How long after its definition a kind takes its first object."""
MODES = ("Strict", "Warn", "Ignore")
_SERVERS_OWN = ("managedFields", "uid", "resourceVersion", "creationTimestamp", "generation")
_HEAD = ("apiVersion", "kind", "metadata")
_AGAIN = 4


@dataclass(frozen=True, slots=True)
class Said:
    """An answer in the form in which both sides' are compared."""

    code: int
    errors: tuple[tuple[str, str, str], ...] = ()
    message: str = ""
    stored: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def paths(self) -> list[tuple[str, str]]:
        return sorted({(path, kind) for path, kind, _ in self.errors})


@dataclass
class Kind:
    """A kind on the server."""

    raw: Raw
    definition: Definition
    rng: random.Random
    objects: list[Raw] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"{DEFINITIONS}/{self.raw['metadata']['name']}"

    def collection(self, version: str) -> str:
        spec = self.raw["spec"]
        where = "" if spec["scope"] == "Cluster" else "namespaces/default/"
        return f"/apis/{GROUP}/{version}/{where}{spec['names']['plural']}"


def compare(server: Server, tally: Tally, seed: int, count: int) -> None:
    """Compare `count` random kinds, and take each stored object through its models."""

    def stored(definition: Definition, version: str, obj: Raw) -> None:
        if not review_object(definition, obj, version=version, field_validation="Ignore").allowed:
            return  # its storage version has lost what this one asks for
        served = definition.version(version)
        if served is not None and served.schema is not None and _has_list_for_text(served.schema, obj):
            return  # which the server takes where a format is declared, and a model rightly does not
        case = round_trip.Case("random", definition, version, obj)
        for shared in (False, True):
            became = round_trip.tried(case, shared=shared)
            tally.note("objects through models", (obj, shared), became, "", equal=not became)

    comparison = Comparison(server, tally, stored)
    sources = drawn(seed, count)
    first = (
        int(time.time()) % 1_000_000 * 10_000
    )  # other names than an earlier run's, which may still be going
    for start in range(0, len(sources), BATCH):
        comparison.batch(first + start, sources[start : start + BATCH])
        round_trip.forget()
    comparison.close()


def _has_list_for_text(schema: Schema, value: Any) -> bool:
    if schema.type == "string" and isinstance(value, list):
        return True
    if isinstance(value, dict):
        rest = schema.additional_properties if isinstance(schema.additional_properties, Schema) else Schema()
        return any(_has_list_for_text(schema.properties.get(key, rest), item) for key, item in value.items())
    below = schema.items
    return (
        isinstance(value, list)
        and below is not None
        and any(_has_list_for_text(below, item) for item in value)
    )


class Comparison:
    """Sends what is random to the server and notes where opgen says otherwise.

    `stored` is called with each definition, version and stored object.
    """

    def __init__(
        self, server: Server, tally: Tally, stored: Callable[[Definition, str, Raw], None] = lambda *_: None
    ) -> None:
        self._server = server
        self._tally = tally
        self._stored = stored
        self._leaving: list[Kind] = []

    def batch(self, first: int, sources: Sequence[random.Random], mutations: int = 3) -> None:
        """Compare one batch of kinds, one a source of decisions."""
        kinds: list[Kind] = []
        try:
            for number, rng in enumerate(sources, first):
                kind = self._define(number, rng, mutations)
                if kind is not None:
                    kinds.append(kind)
            self._wait(kinds)
            for kind in kinds:
                self._objects(kind)
                for _ in range(mutations - 1):
                    self._dry_run_update(kind, Definitions(kind.rng).mutated(kind.raw))
            tightened = [
                kind for kind in kinds if kind.objects and kind.rng.random() < 0.4 and self._tighten(kind)
            ]
            if tightened:
                time.sleep(SERVED_SECONDS)
            for kind in tightened:
                for _ in range(3):
                    self._update(kind, "after a tightening")
        finally:
            for kind in kinds:
                self._server.ask("DELETE", kind.path)
            self._gone(self._leaving)
            self._leaving = kinds

    def close(self) -> None:
        """Wait until the last batch is gone."""
        self._gone(self._leaving)

    # definitions

    def _define(self, number: int, rng: random.Random, mutations: int) -> Kind | None:
        makers = Definitions(rng)
        raw = makers.definition(number)
        for _ in range(mutations):
            self._dry_run(makers.mutated(raw), rng.choice(MODES))
        for _ in range(8):
            verdict = self._dry_run(raw, "Strict")
            if verdict.allowed:
                break
            raw = repaired(raw, verdict.errors)
        else:
            return None
        answer = self._server.ask("POST", DEFINITIONS, raw)
        definition = decode(raw).definition
        if answer.code != 201 or definition is None:
            return None
        return Kind(raw, definition, rng)

    def _dry_run_update(self, kind: Kind, wanted: Raw) -> None:
        """Compare what is said of a definition in the place of one that is served."""
        mode = kind.rng.choice(MODES)
        old = self._server.ask("GET", kind.path).body
        raw = {**wanted, "metadata": old["metadata"]}
        before, decoded = decode(old, strict=False).definition, decode(raw, strict=mode == "Strict")
        if before is None:
            return
        if decoded.definition is None or decoded.unknown:
            verdict = Verdict(False, decode=decoded.strict_error)
        else:
            verdict = review_definition(prepared_for_update(decoded.definition, before), before)
        path = f"{kind.path}?dryRun=All&fieldValidation={mode}"
        answer = self._server.ask("PUT", path, raw)
        for _ in range(_AGAIN):
            if answer.code != 422 or _pairs(answer) == _pairs_of(verdict):
                break
            answer = self._server.ask("PUT", path, raw)
        self._definition({"mode": mode, "old": old, "raw": raw}, verdict, answer, 200)

    def _dry_run(self, raw: Raw, mode: str) -> Verdict:
        """Compare what is said of a new definition."""
        verdict = review_definition(raw, field_validation=mode)
        answer = self._server.ask("POST", f"{DEFINITIONS}?dryRun=All&fieldValidation={mode}", raw)
        for _ in range(_AGAIN):
            if answer.code != 422 or _pairs(answer) == _pairs_of(verdict):
                break  # of several things wrong with a default the server tells any
            answer = self._server.ask("POST", f"{DEFINITIONS}?dryRun=All&fieldValidation={mode}", raw)
        self._definition({"mode": mode, "raw": raw}, verdict, answer, 201)
        return verdict

    def _definition(self, case: Raw, verdict: Verdict, answer: Answer, good: int) -> None:
        if answer.code == PANIC:
            self._tally.note("definitions at which the server panics", case, "", "", equal=True)
            return
        code = 400 if verdict.decode else good if verdict.allowed else 422
        what = "definition verdicts"
        if not self._tally.note(
            what, case, (code, _lines(verdict)), (answer.code, answer.body), equal=code == answer.code
        ):
            return
        if code == 422:
            mine, theirs = _pairs_of(verdict), _pairs(answer)
            self._tally.note(
                "definition error sets", case, _lines(verdict), answer.causes, equal=mine == theirs
            )
            details = sorted(_detail(cause(e)["message"]) for e in verdict.errors)
            told = sorted(_detail(message) for _, _, message in answer.causes)
            self._tally.note("definition texts", case, details, told, equal=details == told)
        if code == 400:
            told_once = verdict.decode in answer.body["message"]
            self._tally.note(
                "definition texts", case, verdict.decode, answer.body["message"], equal=told_once
            )
        if code == good and verdict.stored is not None:
            mine_spec, told_spec = in_64_bits(verdict.stored["spec"]), in_64_bits(answer.body["spec"])
            self._tally.note("definitions stored", case, mine_spec, told_spec, equal=mine_spec == told_spec)

    def _tighten(self, kind: Kind) -> bool:
        """Put a stricter definition in a kind's place; whether the server has it now."""
        current = self._server.ask("GET", kind.path).body
        wanted = Definitions(kind.rng).tightened(kind.raw)
        for _ in range(8):
            raw = {**wanted, "metadata": current["metadata"]}
            old, new = decode(current, strict=False).definition, decode(raw).definition
            if old is None or new is None:
                return False
            verdict = review_definition(prepared_for_update(new, old), old)
            answer = self._server.ask("PUT", f"{kind.path}?fieldValidation=Strict", raw)
            if answer.code == 409:
                current = self._server.ask("GET", kind.path).body
                continue
            self._definition({"old": current, "raw": raw}, verdict, answer, 200)
            if answer.code == 200:
                kind.raw, kind.definition = wanted, new
                return True
            wanted = repaired(wanted, verdict.errors)
        return False

    def _wait(self, kinds: Sequence[Kind]) -> None:
        deadline = time.monotonic() + 60
        for kind in kinds:
            while time.monotonic() < deadline:
                conditions = self._server.ask("GET", kind.path).body["status"].get("conditions") or ()
                if any(c["type"] == "Established" and c["status"] == "True" for c in conditions):
                    break
                time.sleep(0.05)
        if kinds:
            time.sleep(SERVED_SECONDS)
        for kind in kinds:
            for version in kind.definition.versions:
                while (
                    time.monotonic() < deadline
                    and self._server.ask("GET", kind.collection(version.name)).code == 404
                ):
                    time.sleep(0.1)

    def _gone(self, kinds: Sequence[Kind]) -> None:
        deadline = time.monotonic() + 60
        for kind in kinds:
            while time.monotonic() < deadline and self._server.ask("GET", kind.path).code != 404:
                time.sleep(0.05)

    # objects

    def _objects(self, kind: Kind) -> None:
        """Six creates and four updates."""
        for body in self._creates(kind):
            self._create(kind, body)
        for _ in range(4):
            self._update(kind, "")

    def _creates(self, kind: Kind) -> Iterator[Raw]:
        values, served = Values(kind.rng), kind.definition.versions
        plain: Raw = {}
        for index, wild in enumerate((0.0, 0.02, 0.1, 0.0, 0.0, 0.25)):
            version = kind.rng.choice(served)
            schema = next(v for v in kind.raw["spec"]["versions"] if v["name"] == version.name)
            schema = schema["schema"]["openAPIV3Schema"]
            body: Raw = {}
            for _ in range(6):
                body = values.resource(schema, wild)
                if index == 3 and plain:
                    changed = values.changed(plain, schema, 0.05)
                    body = changed if isinstance(changed, dict) else {}
                if index == 4:
                    body = nulled(body, kind.rng)
                whole = self._whole(kind, version.name, index, body, values.metadata(wild))
                if (
                    wild > 0.05
                    or index > 2
                    or judged(kind.definition, version.name, whole, None, "", "Ignore").code < 300
                ):
                    break
            if not plain:
                plain = body
            yield whole

    def _whole(self, kind: Kind, version: str, index: int, body: Raw, metadata: Raw) -> Raw:
        body = {key: value for key, value in body.items() if key not in _HEAD}
        head = {"apiVersion": f"{GROUP}/{version}", "kind": kind.definition.names.kind}
        return head | {"metadata": {"name": f"o{index}", **metadata}} | body

    def _create(self, kind: Kind, body: Raw) -> None:
        mode = kind.rng.choice(MODES)
        version = body["apiVersion"].rpartition("/")[2]
        path = f"{kind.collection(version)}?fieldValidation={mode}"
        mine = judged(kind.definition, version, body, None, "", mode)
        self._compare(
            kind, "creates", (mode, body), mine, lambda: self._server.ask("POST", f"{path}&dryRun=All", body)
        )
        if mine.code == 200:
            answer = self._server.ask("POST", path, _without_finalizers(body))
            if answer.code == 201:
                kind.objects.append(answer.body)
                self._stored(kind.definition, version, answer.body)

    def _update(self, kind: Kind, when: str) -> None:
        if not kind.objects:
            return
        values, rng = Values(kind.rng), kind.rng
        version = rng.choice(kind.definition.versions)
        name = rng.choice(kind.objects)["metadata"]["name"]
        path = f"{kind.collection(version.name)}/{name}"
        found = self._server.ask("GET", path)
        if found.code != 200:
            return
        old = found.body
        sub = "status" if version.status_subresource and rng.random() < 0.35 else ""
        schema = next(v for v in kind.raw["spec"]["versions"] if v["name"] == version.name)["schema"][
            "openAPIV3Schema"
        ]
        body = old
        for _ in range(rng.choice([1, 1, 2])):
            fields = {
                key: value for key, value in body.items() if key not in ("apiVersion", "kind", "metadata")
            }
            if not fields or rng.random() < 0.1:
                fields = values.resource(schema, 0.02)
            fields = values.changed(fields, schema, rng.choice([0, 0.02, 0.2]))
            fields = fields if isinstance(fields, dict) else {}
            fields = {
                key: value for key, value in fields.items() if key not in ("apiVersion", "kind", "metadata")
            }
            body = {key: old[key] for key in ("apiVersion", "kind", "metadata")} | fields
        if rng.random() < 0.2:
            body = {**body, "metadata": {**body["metadata"], **values.metadata(0.1)}}
        if sub and "status" not in body and rng.random() < 0.7 and "status" in schema.get("properties", {}):
            body = {**body, "status": values.value(schema["properties"]["status"], 0.02)}
        mode = rng.choice(MODES)
        query = f"{path}/{sub}" if sub else path
        query = f"{query}?fieldValidation={mode}"
        mine = judged(kind.definition, version.name, body, old, sub, mode)
        case = (mode, sub, when, body, "OLD", old)
        answer = self._compare(
            kind, "updates", case, mine, lambda: self._server.ask("PUT", f"{query}&dryRun=All", body)
        )
        if answer.code == 200 and self._server.ask("PUT", query, _without_finalizers(body)).code == 200:
            self._stored(kind.definition, version.name, answer.body)

    def _compare(self, kind: Kind, what: str, case: Any, mine: Said, ask: Callable[[], Answer]) -> Answer:
        """Note what differs; an answer that differs is asked for again, since the server walks maps in no order."""
        answer = ask()
        theirs = heard(answer)
        for _ in range(_AGAIN):
            if mine == theirs:
                break
            time.sleep(0.05)
            answer = ask()
            theirs = heard(answer)
        shown = {"case": case, "definition": kind.raw}
        if self._tally.note(f"{what}: verdict", shown, mine, theirs, equal=mine.code == theirs.code):
            if mine.code < 300:
                self._tally.note(
                    f"{what}: stored", shown, mine.stored, theirs.stored, equal=mine.stored == theirs.stored
                )
            elif mine.code == 422:
                equal = mine.paths == theirs.paths
                self._tally.note(f"{what}: error paths", shown, mine.errors, theirs.errors, equal=equal)
            if mine.code >= 300:
                equal = mine.errors == theirs.errors and mine.message == theirs.message
                mine_told, told = (mine.errors, mine.message), (theirs.errors, theirs.message)
                self._tally.note(f"{what}: texts", shown, mine_told, told, equal=equal)
            self._tally.note(
                f"{what}: warnings",
                shown,
                mine.warnings,
                theirs.warnings,
                equal=mine.warnings == theirs.warnings,
            )
        return answer


def _without_finalizers(body: Raw) -> Raw:
    """As it is really written: an object that nobody finishes would keep its definition for ever."""
    metadata = {key: value for key, value in body["metadata"].items() if key != "finalizers"}
    return {**body, "metadata": metadata}


def judged(definition: Definition, version: str, obj: Raw, old: Raw | None, sub: str, mode: str) -> Said:
    """What opgen says of a write; `old` is the object as the server holds it."""
    served = definition.version(version)
    assert served is not None
    old = None if old is None else in_64_bits(old)
    strategy = CustomStrategy(definition, served)
    try:
        new, warnings = strategy.decode(obj, mode)
    except StatusError as error:
        return Said(error.code, message=_sorted_fields(error.message))
    metadata, repeated = settled(new.get("metadata", {}))
    new["metadata"] = metadata | ({"namespace": "default"} if definition.namespaced else {})
    if old is None:
        new = strategy.prepare_create(
            {**new, "metadata": meta.for_create(new["metadata"], "2024-01-01T00:00:00Z", True)}
        )
    elif not new["metadata"].get("resourceVersion"):
        wrong = "Invalid value: 0: must be specified for an update"  # which is asked before all rules
        return Said(422, (("metadata.resourceVersion", "FieldValueInvalid", wrong),))
    else:
        new = {**new, "metadata": _updated(new["metadata"], old["metadata"])}
        new = strategy.prepare_update(new, old, sub)
    found = judge_object(definition, new, old, version, subresource=sub)
    errors = found.errors
    if old is not None:  # rules of all objects, beside those of an update
        errors += validate_metadata(new["metadata"], namespaced=definition.namespaced, rule=path_segment)
    if errors:
        return Said(422, _errors(errors))
    deprecation = next(info.warning for info in resources(definition) if info.version == version)
    told = tuple(sorted(filter(_can_be_told, {*warnings, *repeated, *found.warnings, deprecation})))
    stored = through_storage(definition, plain_numbers(new), version)
    return Said(200, stored=_stored(stored), warnings=told)


def _can_be_told(warning: str) -> bool:
    """Whether the server can send it: a header takes no control characters."""
    return bool(warning) and not any(unicodedata.category(char) == "Cc" for char in warning)


def _updated(new: Raw, old: Raw) -> Raw:
    """Metadata of an update as it is when the rules see it."""
    kept = {key: old[key] for key in ("generation", "creationTimestamp", "deletionTimestamp") if key in old}
    made = {**old, **new} if "deletionGracePeriodSeconds" not in old else {**new}
    made = {
        key: value
        for key, value in made.items()
        if key in new or key in ("uid", "deletionGracePeriodSeconds")
    }
    return made | kept


def heard(answer: Answer) -> Said:
    """What the server says."""
    if answer.code in (200, 201):
        return Said(200, stored=_stored(answer.body), warnings=tuple(sorted(set(answer.warnings))))
    message = answer.body.get("message", "")
    if answer.code != 422:
        return Said(answer.code, message=_sorted_fields(message))
    return Said(422, tuple(sorted(set(answer.causes))))


def nulled(value: Any, rng: random.Random) -> Any:
    """The value with nulls in it."""
    if isinstance(value, dict):
        return {key: None if rng.random() < 0.2 else nulled(item, rng) for key, item in value.items()}
    if isinstance(value, list):
        return [None if rng.random() < 0.2 else nulled(item, rng) for item in value]
    return value


def _errors(errors: Sequence[FieldError]) -> tuple[tuple[str, str, str], ...]:
    causes = [cause(error) for error in errors]
    return tuple(sorted({(c.get("field", ""), c.get("reason", ""), c.get("message", "")) for c in causes}))


def _stored(obj: Raw) -> str:
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _SERVERS_OWN}
    return json.dumps(in_64_bits({**obj, "metadata": metadata}), sort_keys=True)


def _sorted_fields(message: str) -> str:
    head, found, rest = message.partition("strict decoding error: ")
    return head + found + ", ".join(sorted(rest.split(", "))) if found else message


def _pairs(answer: Answer) -> list[tuple[str, str]]:
    return sorted((path, kind) for path, kind, _ in answer.causes)


def _pairs_of(verdict: Verdict) -> list[tuple[str, str]]:
    return sorted((error.field, str(error.type)) for error in verdict.errors)


def _lines(verdict: Verdict) -> list[str]:
    return [verdict.decode] if verdict.decode else list(map(text, verdict.errors))


def _detail(message: str) -> str:
    """An error without the value of a whole struct, which the server spells as Go does, and without random numbers."""
    message = plain(message)
    for kind in ("Invalid value: ", "Unsupported value: "):
        if message.startswith((f"{kind}{{", f"{kind}[")):
            return kind + message.rpartition(": ")[2]
    return message
