"""The public CEL conformance cases, but for what the server's environment for definitions lacks or does otherwise.

Each exception has a cause, by which `scripts/fidelity` counts it.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from corpus import CORPUS

from comparison.table import Tally
from opgen.apiextensions.cel import types
from opgen.apiextensions.cel.ast import Call, Expr, Ident, children
from opgen.apiextensions.cel.checker import check
from opgen.apiextensions.cel.convert import to_duration, to_timestamp
from opgen.apiextensions.cel.declarations import functions
from opgen.apiextensions.cel.environment import Environment
from opgen.apiextensions.cel.operations import equal, is_list, is_map
from opgen.apiextensions.cel.parser import parse
from opgen.apiextensions.cel.plan import plan
from opgen.apiextensions.cel.source import Source
from opgen.apiextensions.cel.types import Type
from opgen.apiextensions.cel.values import (
    CelError,
    ErrorValue,
    ListValue,
    MapValue,
    TypeValue,
    UInt,
    Unsupported,
    Value,
    map_key,
)

CASES = CORPUS / "cel_conformance.jsonl.gz"

# Whole files about what custom resources cannot hold, or functions that the server does not offer to them.
ABSENT = {
    "proto2": "protocol buffer messages",
    "proto2_ext": "protocol buffer messages",
    "proto3": "protocol buffer messages",
    "enums": "protocol buffer messages",
    "wrappers": "protocol buffer messages",
    "dynamic": "protocol buffer messages",
    "bindings_ext": "cel.bind is not in the server's environment",
    "block_ext": "cel.block is not in the server's environment",
    "encoders_ext": "base64 is not in the server's environment",
    "math_ext": "math is not in the server's environment",
}
CONTAINER = "the server has no containers of names"
BACKTICKS = "the server does not enable identifiers in backticks"
FORMAT = "the server has version 2 of the string functions, which formats so"
PRESENCE = "the server does not take the test of a field of a scalar for an error"
FUNCTION = "declares a function of its own"
KEYS = "the server takes such keys"
EXCEPTIONS = {
    ("fields", "map_bad_key_type_or_true"): "the server refuses the constant key when it plans the rule",
    ("fields", "map_bad_key_type_and_false"): "the server refuses the constant key when it plans the rule",
    ("fields", "map_key_float"): KEYS,
    ("fields", "map_value_repeat_key"): KEYS,
    ("fields", "map_value_repeat_key_heterogeneous"): KEYS,
    ("optionals", "map_null_entry_no_such_key"): PRESENCE,
    ("optionals", "map_present_key_invalid_field"): PRESENCE,
    ("string_ext", "indexof_out_of_range"): "the server's version answers -1",
    ("string_ext", "lastindexof_out_of_range"): "the server's version answers -1",
    ("timestamps", "get_milliseconds"): "the server counts the whole duration",
    (
        "type_deduction",
        "null_assignable_to_abstract_parameter_candidate",
    ): "the server takes the later of two types of which neither is the wider",
    ("type_deduction", "function_result_type"): FUNCTION,
    ("type_deduction", "multiple_parameters_generality"): FUNCTION,
    ("type_deduction", "multiple_parameters_generality_2"): FUNCTION,
    ("type_deduction", "multiple_parameters_parameterized_ovl"): FUNCTION,
    ("type_deduction", "multiple_parameters_parameterized_ovl_2"): FUNCTION,
}
_FORMATS_OTHERWISE = {
    "scientific notation formatting clause",
    "scientific notation formatting clause in a string variable",
    "default precision for scientific notation",
    "positive infinity support for scientific notation",
    "negative infinity support for scientific notation",
    "NaN support for decimal",
    "NaN support for scientific notation",
    "positive infinity support for decimal",
    "negative infinity support for decimal",
    "positive infinity support for fixed-point",
    "negative infinity support for fixed-point",
    "list support for string",
    "map support for string",
    "map support (all key types)",
    "dyntype support for scientific notation",
    "dyntype NaN/infinity support",
    "dyntype support for lists",
    "dyntype support for maps",
    "list support for string with default formatting",
}


def read_type(raw: dict[str, Any]) -> Type:
    """A type of the cases' notation."""
    ((kind, value),) = raw.items()
    primitives = {
        "INT64": types.INT, "UINT64": types.UINT, "DOUBLE": types.DOUBLE, "STRING": types.STRING,
        "BYTES": types.BYTES, "BOOL": types.BOOL,
    }  # fmt: skip
    match kind:
        case "primitive":
            return primitives[value]
        case "null":
            return types.NULL
        case "list_type":
            return types.list_of(read_type(value["elem_type"]))
        case "map_type":
            return types.map_of(read_type(value["key_type"]), read_type(value["value_type"]))
        case "well_known":
            return {"TIMESTAMP": types.TIMESTAMP, "DURATION": types.DURATION, "ANY": types.ANY}[value]
        case "type":
            return types.type_of(read_type(value)) if value else types.TYPE
        case "abstract_type":
            return types.optional_of(read_type(value["parameter_types"][0]))
        case "type_param":
            return types.param(value)
        case "message_type":
            return {
                "google.protobuf.Duration": types.DURATION,
                "google.protobuf.Timestamp": types.TIMESTAMP,
            }[value]
        case _:
            return types.DYN


def read_value(raw: dict[str, Any]) -> Value:
    """A value of the cases' notation."""
    ((kind, value),) = raw.items()
    match kind:
        case "null_value":
            return None
        case "int64_value":
            return int(value)
        case "uint64_value":
            return UInt(int(value))
        case "double_value":
            return float(value)
        case "bytes_value":
            return base64.b64decode(value)
        case "list_value":
            return ListValue([read_value(item) for item in value.get("values", [])])
        case "map_value":
            pairs = [(read_value(e["key"]), read_value(e["value"])) for e in value.get("entries", [])]
            return MapValue({map_key(key): (key, item) for key, item in pairs})
        case "type_value":
            return TypeValue(value)
        case "object_value":
            convert = to_timestamp if value["@type"].endswith("Timestamp") else to_duration
            return convert(value["value"])
        case _:
            return value


def same(one: Value, two: Value) -> bool:
    """Equality that tells numbers of different types apart, and takes NaN for itself."""
    if isinstance(one, float) and isinstance(two, float) and one != one and two != two:
        return True
    alike = type(one) is type(two) or (is_list(one) and is_list(two)) or (is_map(one) and is_map(two))
    return alike and equal(one, two)


def unbound(tree: Expr, known: dict[str, Type]) -> None:
    """Let names that nothing declares be variables without a value, as unchecked expressions have them."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Ident) and node.name not in known and Environment().ident(node.name) is None:
            known[node.name] = types.DYN
        waiting += children(node)


def calls_unknown(tree: Expr) -> bool:
    """Whether a function is called that there is not."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Call) and node.function not in functions() and node.function != "_?._":
            return True
        waiting += children(node)
    return False


def outcome(test: dict[str, Any]) -> tuple[Value | CelError, Type]:
    """What comes of an expression, and its type."""
    known = {e["name"]: read_type(e["ident"]["type"]) for e in test.get("type_env", []) if "ident" in e}
    bindings = test.get("bindings", {})
    known |= {name: types.DYN for name in bindings if name not in known}
    source = Source(test["expr"])
    tree = parse(source)
    if source.issues:
        return CelError(source.render()), types.ERROR
    if test.get("disable_check"):
        unbound(tree, known)
    check(source, tree, Environment(known))
    if source.issues and (not test.get("disable_check") or calls_unknown(tree)):
        return CelError(source.render()), types.ERROR
    if test.get("check_only"):
        return None, tree.type
    missing = ErrorValue(CelError("no such attribute"))
    values = [read_value(bindings[name]["value"]) if name in bindings else missing for name in known]
    try:
        result, _ = plan(tree, tuple(known)).evaluate(*values)
    except CelError as error:
        result = error
    return result, tree.type


def passes(test: dict[str, Any]) -> bool:
    """Whether a case comes out as it should."""
    result, deduced = outcome(test)
    typed = test.get("typed_result", {})
    wanted = typed.get("deduced_type")
    if wanted is not None and read_type(wanted) != deduced:
        return False
    if test.get("check_only"):
        return deduced is not types.ERROR
    if "eval_error" in test:
        return isinstance(result, CelError)
    if isinstance(result, CelError):
        return False
    expected = typed.get("result", test.get("value", {"bool_value": True}))
    return same(result, read_value(expected))


def cause(file: str, test: dict[str, Any]) -> str:
    """Why a case does not apply, "" if it does."""
    text = json.dumps(test)
    if file in ABSENT:
        return ABSENT[file]
    if "TestAllTypes" in text or "google.protobuf." in test["expr"] or "Value{" in test["expr"]:
        return "protocol buffer messages"
    if file == "basic" and "f_unknown" in test["expr"] and test["name"] == "unbound_is_runtime_error":
        return FUNCTION
    if (file, test["name"]) in EXCEPTIONS:
        return EXCEPTIONS[file, test["name"]]
    if file == "string_ext" and test["name"] in _FORMATS_OTHERWISE:
        return FORMAT
    if "`" in test["expr"] and file == "fields":
        return BACKTICKS
    if file == "namespace" and "container" in test:
        return CONTAINER
    if file == "parse" and test.get("disable_check") and "()" in test["expr"]:
        return FUNCTION
    return ""


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each case with the file that it is from."""
    with gzip.open(CASES, "rt", encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            yield case["file"], case["test"]


def conformance(tally: Tally) -> Counter[str]:
    """Run every case that applies; how many do not, by cause."""
    excepted: Counter[str] = Counter()
    for file, test in cases():
        why = cause(file, test)
        if why:
            excepted[why] += 1
            continue
        reason = ""
        try:
            good = passes(test)
        except Unsupported as unsupported:
            good, reason = False, str(unsupported)
        tally.note("cases", f"{file} {test['name']}: {test['expr']}", reason, "", equal=good)
    return excepted


def needless() -> list[str]:
    """Exceptions whose case would pass."""
    found = []
    for file, test in cases():
        named = (file, test["name"]) in EXCEPTIONS or (
            file == "string_ext" and test["name"] in _FORMATS_OTHERWISE
        )
        if named and passes(test):
            found.append(f"{file} {test['name']}")
    return found
