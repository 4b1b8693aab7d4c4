"""The lints by code: stable names for what the API server takes though it is broken. docs/lint.md explains each.

A code is never given to another lint. The hundreds tell the harm: 1 a value that can never be given, 2 data that
get lost, 3 a check that is not made, 4 what others (kubectl, scale, status writers) do not get.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lint:
    """One lint: its short name, the harm that it prevents, and a remedy that fits most cases ("" if none does)."""

    name: str
    harm: str
    hint: str = ""


BOUND_OUT_OF_FORMAT = "OPG101"
EMPTY_RANGE = "OPG102"
NEGATIVE_BOUND = "OPG103"
ENUM_TYPE = "OPG104"
ENUM_REFUSED = "OPG105"
REQUIRED_UNDECLARED = "OPG106"
NULLABLE_ENUM = "OPG107"
ENUM_TWICE = "OPG108"
PRUNES_EVERYTHING = "OPG201"
PRUNES_METADATA = "OPG202"
LOST_IN_STORAGE = "OPG203"
UNDECLARED_IN_JUNCTOR = "OPG301"
DROPPED_KEYWORD = "OPG302"
UNKNOWN_FORMAT = "OPG303"
REMOVABLE = "OPG304"
UNFIT_KEYWORD = "OPG305"
TOO_LARGE = "OPG401"
STATUS_WITHOUT_SUBRESOURCE = "OPG402"
EMPTY_COLUMN = "OPG403"
SCALE_UNDECLARED = "OPG404"
NOT_SERVED = "OPG405"
EXAMPLE_TYPE = "OPG406"

LINTS: Mapping[str, Lint] = {
    BOUND_OUT_OF_FORMAT: Lint(
        "bound-out-of-format",
        "A bound that its own type and format cannot hold refuses every value of the field.",
        "use a wider format such as int64, or a bound that fits",
    ),
    EMPTY_RANGE: Lint(
        "empty-range",
        "Bounds that no value satisfies refuse every value of the field.",
        "correct the bounds, or take one of them away",
    ),
    NEGATIVE_BOUND: Lint(
        "negative-bound",
        "Lengths and counts are never negative: a negative maximum refuses every value, a negative minimum has no "
        "effect.",
        "write 0 or more, or leave the bound out",
    ),
    ENUM_TYPE: Lint(
        "enum-type",
        "A value of an enum that is not of the field's type can never be given.",
        "write the value as the type has it: quote it, or take the quotes away",
    ),
    ENUM_REFUSED: Lint(
        "enum-refused",
        "A value of an enum that the field's own bounds, pattern or format refuse can never be given.",
        "take the value out of the enum, or loosen what refuses it",
    ),
    REQUIRED_UNDECLARED: Lint(
        "required-undeclared",
        "A required field that the schema does not declare is pruned before it is looked for, so every object is "
        "refused.",
        "declare the field under properties",
    ),
    NULLABLE_ENUM: Lint(
        "nullable-enum",
        "An enum refuses null, even where it lists null, so nullable has no effect beside it.",
        "leave nullable out, or write the values as a pattern",
    ),
    ENUM_TWICE: Lint(
        "enum-twice",
        "A value that an enum lists twice adds nothing; where it was meant to be another, that one is refused.",
        "take one of them away, or write what was meant",
    ),
    PRUNES_EVERYTHING: Lint(
        "prunes-everything",
        "An object that declares nothing loses all its content when it is stored, without a word.",
        "declare its properties, or set x-kubernetes-preserve-unknown-fields: true",
    ),
    PRUNES_METADATA: Lint(
        "prunes-metadata",
        "Labels and annotations of embedded metadata that declares nothing are dropped without a word, and what is "
        "made of it, such as pods, lacks them.",
        "declare name, labels and annotations, or make the parent an embedded resource",
    ),
    LOST_IN_STORAGE: Lint(
        "lost-in-storage",
        "An object is stored as its storage version has it: with strategy None, fields that only another version "
        "declares are dropped when an object of that version is written.",
        "declare the field in the storage version too, or convert by a webhook, which may be patched in later",
    ),
    UNDECLARED_IN_JUNCTOR: Lint(
        "undeclared-in-junctor",
        "Below the root the server does not check that a field which only allOf, anyOf, oneOf or not speak of is "
        "declared: it is pruned before they see it.",
        "declare the field under properties of the schema itself",
    ),
    DROPPED_KEYWORD: Lint(
        "dropped-keyword",
        "Below items, additionalProperties and the like unknown keywords vanish even in strict requests, so what "
        "they were to enforce is not.",
        "use what a structural schema has instead: enum for const, a rule for the rest",
    ),
    UNKNOWN_FORMAT: Lint(
        "unknown-format",
        "A format that the server does not know is not checked.",
        "use a pattern, or a format that the server knows",
    ),
    REMOVABLE: Lint(
        "removable",
        "A rule that compares with oldSelf is not asked when an optional field is removed or set again, so a value "
        "that was to be fixed can be changed in two steps.",
        "make the field required, or forbid its removal by a rule on the parent: `has(self.a) == has(oldSelf.a)`",
    ),
    UNFIT_KEYWORD: Lint(
        "unfit-keyword",
        "A bound or pattern for values of another type than the field's is never looked at.",
        "write what the type has (minimum for numbers, minLength and pattern for texts), or change the type",
    ),
    TOO_LARGE: Lint(
        "too-large",
        "`kubectl apply` without --server-side keeps the whole object in an annotation of 256 KiB, and fails.",
        "shorten descriptions, or apply it with --server-side",
    ),
    STATUS_WITHOUT_SUBRESOURCE: Lint(
        "status-without-subresource",
        "Without the status subresource writes to it answer 404, users can write the status, and each status write "
        "moves metadata.generation.",
        "add `subresources: {status: {}}` to the version",
    ),
    EMPTY_COLUMN: Lint(
        "empty-column",
        "A printer column whose path the schema does not declare is always empty.",
        "correct the jsonPath, or declare the field",
    ),
    SCALE_UNDECLARED: Lint(
        "scale-undeclared",
        "A scale subresource whose paths the schema does not declare scales nothing: what it writes is pruned, what "
        "it reads is 0.",
        "correct the path, or declare the field as an integer (the selector as a string)",
    ),
    NOT_SERVED: Lint(
        "not-served",
        "A kind of which no version is served can't be used at all.",
        "set `served: true` on a version",
    ),
    EXAMPLE_TYPE: Lint(
        "example-type",
        "An example that is not of the field's type misleads whoever copies it: the server refuses such a value.",
        "write an example that the field takes",
    ),
}
"""By code."""
