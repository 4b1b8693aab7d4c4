"""The cases of other comparing tools, each with what is said of it here: crdify's and crd-schema-checker's.

The cases are theirs, the schemas our own. What differs in severity is told in docs/diff.md.
"""

from __future__ import annotations

from typing import Any

import pytest
from compare_support import of_field_lines

CASES: tuple[tuple[str, dict[str, Any], dict[str, Any], list[str]], ...] = (
    (
        "crdify allOf: same in another order",
        {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "allOf": [{"pattern": "^b"}, {"pattern": "^a"}]},
        [],
    ),
    (
        "crdify allOf: new",
        {"type": "string"},
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        ['breaking allOf asks for {"pattern":"^a"} too [all-of-added]'],
    ),
    (
        "crdify allOf: one taken away",
        {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        ["safe allOf asks for less [junctors-loosened]"],
    ),
    (
        "crdify allOf: one added",
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        ['breaking allOf asks for {"pattern":"^b"} too [all-of-added]'],
    ),
    (
        "crdify allOf: changed",
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        {"type": "string", "allOf": [{"pattern": "^b"}]},
        ['breaking allOf asks for {"pattern":"^b"} too [all-of-added]'],
    ),
    (
        "crdify allOf: gone",
        {"type": "string", "allOf": [{"pattern": "^a"}]},
        {"type": "string"},
        ["safe allOf asks for less [junctors-loosened]"],
    ),
    (
        "crdify anyOf: same in another order",
        {"type": "string", "anyOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "anyOf": [{"pattern": "^b"}, {"pattern": "^a"}]},
        [],
    ),
    (
        "crdify anyOf: new",
        {"type": "string"},
        {"type": "string", "anyOf": [{"pattern": "^a"}]},
        ['breaking anyOf is new: {"pattern":"^a"} [any-of-tightened]'],
    ),
    (
        "crdify anyOf: one taken away",
        {"type": "string", "anyOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "anyOf": [{"pattern": "^a"}]},
        ['breaking anyOf has no longer {"pattern":"^b"} [any-of-tightened]'],
    ),
    (
        "crdify anyOf: one added",
        {"type": "string", "anyOf": [{"pattern": "^a"}]},
        {"type": "string", "anyOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        ["safe anyOf has further alternatives, or is gone [junctors-loosened]"],
    ),
    (
        "crdify anyOf: changed",
        {"type": "string", "anyOf": [{"pattern": "^a"}]},
        {"type": "string", "anyOf": [{"pattern": "^b"}]},
        ['breaking anyOf has no longer {"pattern":"^a"} [any-of-tightened]'],
    ),
    (
        "crdify anyOf: gone",
        {"type": "string", "anyOf": [{"pattern": "^a"}]},
        {"type": "string"},
        ["safe anyOf has further alternatives, or is gone [junctors-loosened]"],
    ),
    (
        "crdify oneOf: same in another order",
        {"type": "string", "oneOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "oneOf": [{"pattern": "^b"}, {"pattern": "^a"}]},
        [],
    ),
    (
        "crdify oneOf: new",
        {"type": "string"},
        {"type": "string", "oneOf": [{"pattern": "^a"}]},
        ['breaking oneOf is new: {"pattern":"^a"} [one-of-tightened]'],
    ),
    (
        "crdify oneOf: one taken away",
        {"type": "string", "oneOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        {"type": "string", "oneOf": [{"pattern": "^a"}]},
        ['breaking oneOf has no longer {"pattern":"^b"} [one-of-tightened]'],
    ),
    (
        "crdify oneOf: one added",
        {"type": "string", "oneOf": [{"pattern": "^a"}]},
        {"type": "string", "oneOf": [{"pattern": "^a"}, {"pattern": "^b"}]},
        ['breaking oneOf has {"pattern":"^b"} too, which objects may fit beside another [one-of-tightened]'],
    ),
    (
        "crdify oneOf: changed",
        {"type": "string", "oneOf": [{"pattern": "^a"}]},
        {"type": "string", "oneOf": [{"pattern": "^b"}]},
        ['breaking oneOf has no longer {"pattern":"^a"} [one-of-tightened]'],
    ),
    (
        "crdify oneOf: gone",
        {"type": "string", "oneOf": [{"pattern": "^a"}]},
        {"type": "string"},
        ["safe oneOf is gone [junctors-loosened]"],
    ),
    (
        "crdify not: new",
        {"type": "string"},
        {"type": "string", "not": {"pattern": "^a"}},
        ['breaking must not fit {"pattern":"^a"} [not-tightened]'],
    ),
    (
        "crdify not: gone",
        {"type": "string", "not": {"pattern": "^a"}},
        {"type": "string"},
        ["safe what must not be is gone, or can't be in old objects [junctors-loosened]"],
    ),
    (
        "crdify not: changed",
        {"type": "string", "not": {"pattern": "^a"}},
        {"type": "string", "not": {"pattern": "^b"}},
        ['breaking must not fit {"pattern":"^b"} [not-tightened]'],
    ),
    (
        "crdify default: new",
        {"type": "string"},
        {"type": "string", "default": "x"},
        ['dangerous the default "x" is new [default-added]'],
    ),
    (
        "crdify default: gone",
        {"type": "string", "default": "x"},
        {"type": "string"},
        ['breaking the default "x" is gone [default-removed]'],
    ),
    (
        "crdify default: changed",
        {"type": "string", "default": "x"},
        {"type": "string", "default": "y"},
        ['breaking the default was "x" and is "y" [default-changed]'],
    ),
    (
        "crdify enum: new",
        {"type": "string"},
        {"type": "string", "enum": ["x"]},
        ['breaking only "x" are accepted now [enum-added]'],
    ),
    (
        "crdify enum: value added",
        {"type": "string", "enum": ["x"]},
        {"type": "string", "enum": ["x", "y"]},
        ['dangerous the value "y" is accepted now [enum-value-added]'],
    ),
    (
        "crdify enum: value removed",
        {"type": "string", "enum": ["x", "y"]},
        {"type": "string", "enum": ["y"]},
        ['breaking the value "x" is no longer accepted [enum-value-removed]'],
    ),
    (
        "crdify exclusiveMaximum: tightened",
        {"type": "integer", "maximum": 10},
        {"type": "integer", "maximum": 10, "exclusiveMaximum": True},
        ["breaking maximum was 10 and is 10 (excluded) [bound-tightened]"],
    ),
    (
        "crdify exclusiveMaximum: loosened",
        {"type": "integer", "maximum": 10, "exclusiveMaximum": True},
        {"type": "integer", "maximum": 10},
        ["safe maximum was 10 (excluded) and is 10 [bound-loosened]"],
    ),
    (
        "crdify format: changed",
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "isbn"},
        ["breaking format was date-time and is isbn [format-tightened]"],
    ),
    (
        "crdify maximum: new",
        {"type": "integer"},
        {"type": "integer", "maximum": 10},
        ["breaking maximum 10 is new [bound-tightened]"],
    ),
    (
        "crdify maximum: decreased",
        {"type": "integer", "maximum": 20},
        {"type": "integer", "maximum": 10},
        ["breaking maximum was 20 and is 10 [bound-tightened]"],
    ),
    (
        "crdify maximum: increased",
        {"type": "integer", "maximum": 10},
        {"type": "integer", "maximum": 20},
        ["safe maximum was 10 and is 20 [bound-loosened]"],
    ),
    (
        "crdify minimum: new",
        {"type": "integer"},
        {"type": "integer", "minimum": 10},
        ["breaking minimum 10 is new [bound-tightened]"],
    ),
    (
        "crdify minimum: increased",
        {"type": "integer", "minimum": 10},
        {"type": "integer", "minimum": 20},
        ["breaking minimum was 10 and is 20 [bound-tightened]"],
    ),
    (
        "crdify minimum: decreased",
        {"type": "integer", "minimum": 20},
        {"type": "integer", "minimum": 10},
        ["safe minimum was 20 and is 10 [bound-loosened]"],
    ),
    (
        "crdify maxLength: new",
        {"type": "string"},
        {"type": "string", "maxLength": 10},
        ["breaking maxLength 10 is new [bound-tightened]"],
    ),
    (
        "crdify maxLength: decreased",
        {"type": "string", "maxLength": 20},
        {"type": "string", "maxLength": 10},
        ["breaking maxLength was 20 and is 10 [bound-tightened]"],
    ),
    (
        "crdify maxLength: increased",
        {"type": "string", "maxLength": 10},
        {"type": "string", "maxLength": 20},
        ["safe maxLength was 10 and is 20 [bound-loosened]"],
    ),
    (
        "crdify minLength: new",
        {"type": "string"},
        {"type": "string", "minLength": 10},
        ["breaking minLength 10 is new [bound-tightened]"],
    ),
    (
        "crdify minLength: increased",
        {"type": "string", "minLength": 10},
        {"type": "string", "minLength": 20},
        ["breaking minLength was 10 and is 20 [bound-tightened]"],
    ),
    (
        "crdify minLength: decreased",
        {"type": "string", "minLength": 20},
        {"type": "string", "minLength": 10},
        ["safe minLength was 20 and is 10 [bound-loosened]"],
    ),
    (
        "crdify maxItems: new",
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}, "maxItems": 10},
        ["breaking maxItems 10 is new [bound-tightened]"],
    ),
    (
        "crdify maxItems: decreased",
        {"type": "array", "items": {"type": "string"}, "maxItems": 20},
        {"type": "array", "items": {"type": "string"}, "maxItems": 10},
        ["breaking maxItems was 20 and is 10 [bound-tightened]"],
    ),
    (
        "crdify maxItems: increased",
        {"type": "array", "items": {"type": "string"}, "maxItems": 10},
        {"type": "array", "items": {"type": "string"}, "maxItems": 20},
        ["safe maxItems was 10 and is 20 [bound-loosened]"],
    ),
    (
        "crdify minItems: new",
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}, "minItems": 10},
        ["breaking minItems 10 is new [bound-tightened]"],
    ),
    (
        "crdify minItems: increased",
        {"type": "array", "items": {"type": "string"}, "minItems": 10},
        {"type": "array", "items": {"type": "string"}, "minItems": 20},
        ["breaking minItems was 10 and is 20 [bound-tightened]"],
    ),
    (
        "crdify minItems: decreased",
        {"type": "array", "items": {"type": "string"}, "minItems": 20},
        {"type": "array", "items": {"type": "string"}, "minItems": 10},
        ["safe minItems was 20 and is 10 [bound-loosened]"],
    ),
    (
        "crdify maxProperties: new",
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 10},
        ["breaking maxProperties 10 is new [bound-tightened]"],
    ),
    (
        "crdify maxProperties: decreased",
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 20},
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 10},
        ["breaking maxProperties was 20 and is 10 [bound-tightened]"],
    ),
    (
        "crdify maxProperties: increased",
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 10},
        {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 20},
        ["safe maxProperties was 10 and is 20 [bound-loosened]"],
    ),
    (
        "crdify minProperties: new",
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 10},
        ["breaking minProperties 10 is new [bound-tightened]"],
    ),
    (
        "crdify minProperties: increased",
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 10},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 20},
        ["breaking minProperties was 10 and is 20 [bound-tightened]"],
    ),
    (
        "crdify minProperties: decreased",
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 20},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 10},
        ["safe minProperties was 20 and is 10 [bound-loosened]"],
    ),
    (
        "crdify nullable: added",
        {"type": "string"},
        {"type": "string", "nullable": True},
        ["dangerous null is accepted now [nullable-added]"],
    ),
    (
        "crdify nullable: removed",
        {"type": "string", "nullable": True},
        {"type": "string"},
        ["breaking null is no longer accepted [nullable-removed]"],
    ),
    (
        "crdify pattern: new",
        {"type": "string"},
        {"type": "string", "pattern": "^a$"},
        ['breaking the pattern ^a$ is new: "" is refused [pattern-tightened]'],
    ),
    (
        "crdify pattern: changed",
        {"type": "string", "pattern": "^a$"},
        {"type": "string", "pattern": "^b$"},
        ['breaking the pattern was ^a$ and is ^b$: "a" is refused [pattern-tightened]'],
    ),
    (
        "crdify pattern: gone",
        {"type": "string", "pattern": "^a$"},
        {"type": "string"},
        ["safe the pattern ^a$ is gone [pattern-loosened]"],
    ),
    (
        "crdify required: new",
        {"type": "object", "properties": {"x": {"type": "string"}}},
        {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]},
        ["breaking v1 spec.a.x: is required now [required-added]"],
    ),
    (
        "crdify required: new field",
        {"type": "object", "properties": {"x": {"type": "string"}}},
        {
            "type": "object",
            "properties": {"x": {"type": "string"}, "y": {"type": "string"}},
            "required": ["y"],
        },
        [
            "breaking v1 spec.a.y: is new and required [required-added]",
            "safe v1 spec.a.y: is new, of type string [field-added]",
        ],
    ),
    (
        "crdify type: changed",
        {"type": "string"},
        {"type": "integer"},
        ["breaking the type was string and is integer [type-changed]"],
    ),
    (
        "crdify type: int to string",
        {"type": "integer"},
        {"type": "string"},
        ["breaking the type was integer and is string [type-changed]"],
    ),
    (
        "crdify existingFieldRemoval",
        {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"}}},
        {"type": "object", "properties": {"x": {"type": "string"}}},
        ["breaking v1 spec.a.y: is gone [field-removed]"],
    ),
    (
        "crdify description: changed",
        {"type": "string", "description": "one"},
        {"type": "string", "description": "two"},
        [],
    ),
    (
        "crdify xvalidations: new",
        {"type": "string"},
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        ["breaking the rule self == oldSelf is new [transition-rule-added]"],
    ),
    (
        "crdify xvalidations: all gone",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        {"type": "string"},
        ["dangerous the rule self == oldSelf is gone [rule-removed]"],
    ),
    (
        "crdify xvalidations: added",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable"},
                {"rule": "self.size() > 0", "message": "must not be empty"},
            ],
        },
        ["breaking the rule self.size() > 0 is new [rule-added]"],
    ),
    (
        "crdify xvalidations: removed",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable"},
                {"rule": "self.size() > 0", "message": "must not be empty"},
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        ["dangerous the rule self.size() > 0 is gone [rule-removed]"],
    ),
    (
        "crdify xvalidations: modified",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self != oldSelf", "message": "field is immutable"}],
        },
        [
            "breaking the rule self != oldSelf is new [transition-rule-added]",
            "dangerous the rule self == oldSelf is gone [rule-removed]",
        ],
    ),
    (
        "crdify xvalidations: optionalOldSelf added",
        {"type": "string", "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf"}]},
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf", "optionalOldSelf": True}],
        },
        ["breaking the rule true || oldSelf == oldSelf holds for new objects too [rule-added]"],
    ),
    (
        "crdify xvalidations: optionalOldSelf removed",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf", "optionalOldSelf": True}],
        },
        {"type": "string", "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf"}]},
        ["dangerous the rule true || oldSelf == oldSelf no longer holds for new objects [rule-removed]"],
    ),
    (
        "crdify xvalidations: optionalOldSelf false",
        {"type": "string", "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf"}]},
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "true || oldSelf == oldSelf", "optionalOldSelf": False}],
        },
        [],
    ),
    (
        "crdify xvalidations: reason added",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "reason": "FieldValueForbidden"}
            ],
        },
        [
            "dangerous the rule self == oldSelf answers FieldValueForbidden, not FieldValueInvalid "
            "[rule-reason-changed]",
        ],
    ),
    (
        "crdify xvalidations: reason removed",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "reason": "FieldValueForbidden"}
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        [
            "dangerous the rule self == oldSelf answers FieldValueInvalid, not FieldValueForbidden "
            "[rule-reason-changed]",
        ],
    ),
    (
        "crdify xvalidations: reason changed",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "reason": "FieldValueForbidden"}
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "reason": "FieldValueRequired"}
            ],
        },
        [
            "dangerous the rule self == oldSelf answers FieldValueRequired, not FieldValueForbidden "
            "[rule-reason-changed]",
        ],
    ),
    (
        "crdify xvalidations: message changed",
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        {"type": "string", "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "another"}]},
        [],
    ),
    (
        "crdify xvalidations: messageExpression changed",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "messageExpression": "'x'"}
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable", "messageExpression": "'y'"}
            ],
        },
        [],
    ),
    (
        "crdify xvalidations: reordered",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self.size() > 0", "message": "must not be empty"},
                {"rule": "self == oldSelf", "message": "field is immutable"},
                {"rule": "self.matches('[a-z]+')"},
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self.matches('[a-z]+')"},
                {"rule": "self == oldSelf", "message": "field is immutable"},
                {"rule": "self.size() > 0", "message": "must not be empty"},
            ],
        },
        [],
    ),
    (
        "crdify xvalidations: duplicates",
        {
            "type": "string",
            "x-kubernetes-validations": [
                {"rule": "self == oldSelf", "message": "field is immutable"},
                {"rule": "self == oldSelf", "message": "field is immutable"},
            ],
        },
        {
            "type": "string",
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "field is immutable"}],
        },
        [],
    ),
    (
        "checker compatibility: more properties",
        {"type": "object", "properties": {"x": {"type": "string"}}},
        {"type": "object", "properties": {"x": {"type": "string"}, "new": {"type": "integer"}}},
        ["safe v1 spec.a.new: is new, of type integer [field-added]"],
    ),
    (
        "checker compatibility: fewer",
        {"type": "object", "properties": {"x": {"type": "string"}, "new": {"type": "integer"}}},
        {"type": "object", "properties": {"x": {"type": "string"}}},
        ["breaking v1 spec.a.new: is gone [field-removed]"],
    ),
    (
        "checker: any property of a compatible schema",
        {
            "type": "object",
            "properties": {
                "p": {"type": "object", "properties": {"s": {"type": "string"}}},
                "q": {"type": "object", "properties": {"s": {"type": "string"}, "t": {"type": "string"}}},
            },
        },
        {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"s": {"type": "string"}, "t": {"type": "string"}},
            },
        },
        ["safe v1 spec.a.p.t: is new, of type string [field-added]"],
    ),
    (
        "checker: any property of an incompatible schema",
        {
            "type": "object",
            "properties": {
                "p": {"type": "object", "properties": {"s": {"type": "string"}}},
                "q": {"type": "object", "properties": {"s": {"type": "string"}, "t": {"type": "string"}}},
            },
        },
        {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"s": {"type": "string"}}},
        },
        ["breaking v1 spec.a.q.t: is gone [field-removed]"],
    ),
    (
        "checker: any property of any schema",
        {"type": "object", "properties": {"x": {"type": "string"}}},
        {"type": "object", "additionalProperties": True},
        [],
    ),
    (
        "checker: free with more",
        {"x-kubernetes-preserve-unknown-fields": True, "properties": {"x": {"type": "integer"}}},
        {
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"x": {"type": "integer"}, "new": {"type": "number"}},
        },
        [
            "dangerous v1 spec.a.new: was taken whatever it held and must be of type number now [field-declared]"
        ],
    ),
    (
        "checker: items with more",
        {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
        {
            "type": "array",
            "items": {"type": "object", "properties": {"x": {"type": "integer"}, "new": {"type": "number"}}},
        },
        ["safe v1 spec.a[].new: is new, of type number [field-added]"],
    ),
    (
        "checker: values with more",
        {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"s": {"type": "string"}}},
        },
        {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"s": {"type": "string"}, "t": {"type": "string"}},
            },
        },
        ["safe v1 spec.a.*.t: is new, of type string [field-added]"],
    ),
    (
        "checker: any values to booleans",
        {"type": "object", "additionalProperties": True},
        {"type": "object", "additionalProperties": {"type": "boolean"}},
        ["breaking v1 spec.a.*: values must be of type boolean now [map-values-restricted]"],
    ),
    (
        "checker: booleans to any",
        {"type": "object", "additionalProperties": {"type": "boolean"}},
        {"type": "object", "additionalProperties": True},
        [],
    ),
    (
        "checker: object to list",
        {"type": "object", "properties": {"x": {"type": "boolean"}}},
        {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "integer"}}}},
        ["breaking the type was object and is array [type-changed]"],
    ),
)


@pytest.mark.parametrize(
    ("old", "new", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_other_tools_look_at(old: dict[str, Any], new: dict[str, Any], said: list[str]) -> None:
    assert of_field_lines(old, new) == said
