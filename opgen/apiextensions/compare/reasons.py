"""What can be said of a change, as data: every code with its severity and what it means for whom.

A reason is breaking where an object that was accepted is refused or loses data, or a client no longer finds
what it relied on; dangerous where nothing is refused, yet somebody may be surprised; safe otherwise.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How bad a change is; only BREAKING fails `opgen diff` by itself."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of change: its severity, what it means, and what to do about it ("" where nothing need be done)."""

    severity: Severity
    meaning: str
    hint: str = ""


_STORED = "stored objects stay valid until the field changes (Kubernetes 1.30 and later ratchet), new ones are refused"
_DATA = "keep the field, or add a version without it and convert"
_B, _D, _S = Severity.BREAKING, Severity.DANGEROUS, Severity.SAFE

CODES: Mapping[str, Code] = {
    # The definition
    "kind-removed": Code(_B, "The definition is gone: deleting it deletes every object of the kind."),
    "kind-added": Code(_S, "The definition is new."),
    "group-changed": Code(_B, "Another group is another API: objects of the old one are not found in it."),
    "kind-changed": Code(_B, "Clients ask for a kind that is no longer there."),
    "plural-changed": Code(_B, "Another plural is another path: the old one answers 404."),
    "list-kind-changed": Code(_B, "The server refuses it once the kind is established."),
    "name-removed": Code(_D, "Commands and scripts that use the short name, singular or category fail."),
    "name-added": Code(_S, "A further name to call the kind by."),
    "scope-changed": Code(_B, "Every path changes, and the server refuses it: delete the definition first."),
    "refused-by-server": Code(_B, "The API server would refuse this update of the definition."),
    "pruning-began": Code(_B, "Fields that no schema declares were kept and are dropped from now on."),
    "pruning-ended": Code(_D, "Fields that no schema declares are kept from now on, typing errors too."),
    # Versions
    "version-removed": Code(
        _B, "Clients of a served version get 404.", "deprecate it first, and serve it for some releases"
    ),
    "stored-version-removed": Code(
        _B,
        "Objects may be stored in it, so the server refuses it.",
        "store them anew in the storage version, then take it out of status.storedVersions",
    ),
    "unserved-version-removed": Code(_S, "Nobody could read or write it."),
    "version-unserved": Code(_B, "Clients of the version get 404.", "deprecate it first"),
    "version-served": Code(_S, "One more version to read and write."),
    "version-added": Code(_S, "One more version."),
    "version-deprecated": Code(_D, "Every request in the version is answered with a warning."),
    "storage-version-changed": Code(
        _D,
        "Objects are written in another version from now on; those in the old one stay until they are written.",
        "migrate the stored objects before the old version goes",
    ),
    "versions-diverge": Code(
        _D,
        "Without a conversion webhook, what one served version declares and another does not is lost when an "
        "object is written through that other one.",
        "declare it in all served versions, or convert",
    ),
    "conversion-dropped": Code(_B, "Versions with different fields are no longer converted, but pruned."),
    "conversion-added": Code(_D, "Every read of another version than the stored one needs the webhook."),
    "conversion-changed": Code(
        _D, "Conversion goes elsewhere: what answers there must know the same versions."
    ),
    "status-subresource-removed": Code(_B, "Writers of /status get 404."),
    "status-subresource-added": Code(
        _D, "A status that is written with the object is ignored; writers must use /status."
    ),
    "status-began": Code(_S, "The kind has a status from now on, as a subresource."),
    "scale-removed": Code(_B, "kubectl scale and autoscalers get 404."),
    "scale-changed": Code(_B, "kubectl scale and autoscalers act on another field."),
    "scale-added": Code(_S, "The kind can be scaled."),
    "selectable-field-removed": Code(_B, "Lists and watches with this field selector are refused."),
    "selectable-field-added": Code(_S, "One more field to select by."),
    "columns-changed": Code(_S, "kubectl get prints other columns."),
    # Fields
    "field-removed": Code(_B, "The field is dropped from objects, and refused by strict clients.", _DATA),
    "field-undeclared": Code(
        _D, "The field is kept, yet nothing checks it or fills in its default any more."
    ),
    "field-added": Code(_S, "One more field, which may be left out."),
    "field-declared": Code(_D, "The field was kept whatever it held and is checked from now on."),
    "required-added": Code(
        _B,
        "Objects without the field are refused.",
        "give it a default, or check it in the controller",
    ),
    "required-with-default": Code(
        _D, "The field may still be left out, for its default is filled in first; typed clients may not know."
    ),
    "required-removed": Code(_S, "The field may be left out."),
    "type-changed": Code(_B, "Values of the old type are refused.", "add a field of the new type beside it"),
    "type-widened": Code(_D, "Old values are fine; clients may meet values of a type that they do not know."),
    "nullable-added": Code(_D, "Clients may meet null where there was none."),
    "nullable-removed": Code(_B, "null is refused, or dropped."),
    "default-added": Code(_D, "Objects that leave the field out now have it when they are read."),
    "default-clashes": Code(
        _B, "With the default in place, objects that leave the field out fail another condition.", _STORED
    ),
    "default-changed": Code(_B, "The same manifest means something else from now on."),
    "status-default-changed": Code(
        _D, "Until the controller writes it, the status is read with another value."
    ),
    "default-removed": Code(_B, "Clients no longer find the field where it was left out."),
    "enum-added": Code(_B, "Values that are not in the list are refused.", _STORED),
    "enum-value-removed": Code(_B, "The value is refused.", _STORED),
    "enum-value-added": Code(_D, "Clients may meet a value that they do not know."),
    "enum-removed": Code(_D, "Clients may meet values that they do not know."),
    "bound-tightened": Code(_B, "Values beyond the bound are refused.", _STORED),
    "bound-loosened": Code(_S, "More values are accepted."),
    "format-tightened": Code(_B, "Values that are not of the format are refused.", _STORED),
    "format-loosened": Code(_S, "Every value that was accepted still is."),
    "pattern-tightened": Code(_B, "Values that do not match are refused.", _STORED),
    "pattern-changed": Code(
        _B, "Whether all old values match the new pattern could not be told.", "look at both patterns"
    ),
    "pattern-loosened": Code(_S, "Every value that matched before matches still."),
    "unique-items-added": Code(_B, "Lists with equal items are refused."),
    "preserve-removed": Code(
        _B, "Fields that are not declared were kept and are dropped from now on.", _DATA
    ),
    "preserve-added": Code(_D, "Fields that are not declared are kept from now on, typing errors too."),
    "map-removed": Code(_B, "Keys that are not declared are dropped.", _DATA),
    "map-values-restricted": Code(_B, "Values that could be anything must be of a type, or are pruned."),
    "embedded-resource-added": Code(_B, "apiVersion, kind and metadata are required and checked in it."),
    "embedded-resource-removed": Code(_B, "apiVersion, kind and metadata are dropped unless declared."),
    "embedded-resource-loosened": Code(_S, "apiVersion, kind and metadata are no longer checked in it."),
    "list-type-tightened": Code(_B, "Lists with equal items or keys are refused.", _STORED),
    "list-type-loosened": Code(
        _D, "Server-side apply replaces the whole list, where several appliers could own items of it."
    ),
    "list-keys-changed": Code(
        _B, "Items are told apart by other keys: lists may be refused, appliers clash."
    ),
    "map-type-changed": Code(_D, "Server-side apply owns the object as a whole, or its fields one by one."),
    # Conditions over several fields
    "all-of-added": Code(_B, "Objects that do not fit the further schema are refused.", _STORED),
    "any-of-tightened": Code(_B, "Objects that fitted an alternative which is gone are refused.", _STORED),
    "one-of-tightened": Code(
        _B, "Objects that fit none or several of the alternatives are refused.", _STORED
    ),
    "not-tightened": Code(_B, "Objects that fit what must not be are refused.", _STORED),
    "junctors-loosened": Code(_S, "More objects are accepted."),
    "rule-added": Code(
        _B,
        "Objects that break the rule are refused.",
        "stored objects stay valid until what the rule looks at changes (Kubernetes 1.30 and later ratchet)",
    ),
    "transition-rule-added": Code(
        _B, "Updates that break the rule are refused; ratcheting does not spare them."
    ),
    "rule-removed": Code(_D, "What the rule promised no longer holds."),
    "rule-reason-changed": Code(_D, "Clients that look at the reason of a refusal find another one."),
    "rule-harmless": Code(_S, "No object of the old definition can break the rule."),
    # Conventions (--conventions)
    "convention-bool": Code(_D, "A third value can never be added to a boolean.", "use an enum of strings"),
    "convention-float": Code(
        _D, "Floating-point numbers do not survive every client unchanged.", "use an integer or a quantity"
    ),
    "convention-uint": Code(
        _D, "Not every language has unsigned integers.", "use int32 or int64 with a minimum"
    ),
    "convention-map": Code(
        _D,
        "The key of a map has no name, and no further meaning can be added to it.",
        "use a list of type map",
    ),
    "convention-list-type": Code(
        _D,
        "Server-side apply replaces the whole list, and changing that later surprises appliers.",
        "set x-kubernetes-list-type: atomic, set or map",
    ),
    "convention-conditions": Code(
        _D,
        "Tools that wait for conditions expect the standard form, and several writers one item each.",
        "use meta/v1 Condition, in a list of type map with the key type",
    ),
    "convention-status": Code(
        _D, "Who may write the desired state may write the status too.", "add `subresources: {status: {}}`"
    ),
    # Stored objects (--objects)
    "object-refused": Code(_B, "The new definition would not take the object."),
    "object-stuck": Code(_B, "The new definition refuses even an update that changes nothing."),
    "object-pruned": Code(_B, "Fields of the object are lost when it is next written.", _DATA),
    "object-defaulted": Code(_D, "The object is read with other values than before."),
    "object-broken-before": Code(
        _D, "The old definition refuses the object too, so nothing is said of what the new one does to it."
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that changed.

    `version` is "" for the definition as a whole; then `path` is a field of the definition (`spec.scope`), else
    one of the object (`spec.ports[].name`, `spec.labels.*`, "" for the whole). `place` is where it stands in the
    new definition, in the API server's words. `text` is one line, without the path.
    """

    code: str
    text: str
    version: str = ""
    path: str = ""
    place: str = ""
    hint: str = ""
    kind: str = ""

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity
