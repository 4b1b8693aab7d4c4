"""What apimachinery asks of names, labels and other words; each rule returns what is wrong, in its words.

All lengths are counted in bytes; the newer of its rules, those of labels, also say so, the others speak of characters.
"""

from __future__ import annotations

import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"

_LABEL_PATTERN = re.compile(_LABEL)
_SUBDOMAIN_PATTERN = re.compile(_SUBDOMAIN)
_LABEL_1035_PATTERN = re.compile(_LABEL_1035)
_KEY_PATTERN = re.compile(_KEY)
_VALUE_PATTERN = re.compile(_VALUE)

_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_KEY_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def dns1123_label(value: str) -> list[str]:
    """A DNS label (RFC 1123): 63 bytes, no dots."""
    errors = _too_long(value, 63, "characters")
    if _LABEL_PATTERN.fullmatch(value) is None:
        if _SUBDOMAIN_PATTERN.fullmatch(value) is not None:
            return [*errors, "must not contain dots"]
        errors.append(_no_match(_LABEL_TEXT, _LABEL, "my-name", "123-abc"))
    return errors


def dns1123_subdomain(value: str) -> list[str]:
    """A DNS subdomain (RFC 1123): 253 bytes."""
    return _subdomain(value, "characters")


def _subdomain(value: str, unit: str) -> list[str]:
    errors = _too_long(value, 253, unit)
    if _SUBDOMAIN_PATTERN.fullmatch(value) is None:
        errors.append(_no_match(_SUBDOMAIN_TEXT, _SUBDOMAIN, "example.com"))
    return errors


def dns1035_label(value: str) -> list[str]:
    """A DNS label (RFC 1035), which begins with a letter: 63 bytes."""
    errors = _too_long(value, 63, "characters")
    if _LABEL_1035_PATTERN.fullmatch(value) is None:
        errors.append(_no_match(_LABEL_1035_TEXT, _LABEL_1035, "my-name", "abc-123"))
    return errors


def object_name(value: str, *, prefix: bool = False) -> list[str]:
    """The name of most objects; `prefix` judges a generateName, which may end in a dash."""
    if prefix and len(value) > 1 and value.endswith("-"):
        value = f"{value[:-2]}a"  # as the server does, which drops one character too many
    return dns1123_subdomain(value)


def qualified_name(value: str) -> list[str]:
    """A label's key: `name` or `prefix/name`."""
    parts = value.split("/")
    errors: list[str] = []
    if len(parts) > 2:
        text = f"a valid label key {_no_match(_KEY_TEXT, _KEY, 'MyName', 'my.name', '123-abc')}"
        return [f"{text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    if len(parts) == 2:
        wrong = _subdomain(parts[0], "bytes") if parts[0] else ["must be non-empty"]
        errors += [f"prefix part {text}" for text in wrong]
    name = parts[-1]
    wrong = _too_long(name, 63, "bytes") if name else ["must be non-empty"]
    errors += [f"name part {text}" for text in wrong]
    if _KEY_PATTERN.fullmatch(name) is None:
        errors.append(f"name part {_no_match(_KEY_TEXT, _KEY, 'MyName', 'my.name', '123-abc')}")
    return errors


def label_value(value: str) -> list[str]:
    """A label's value, which may be empty: 63 bytes."""
    errors = _too_long(value, 63, "bytes")
    if _VALUE_PATTERN.fullmatch(value) is None:
        errors.append(_no_match(_VALUE_TEXT, _VALUE, "MyValue", "my_value", "12345"))
    return errors


def path_segment(value: str, *, prefix: bool = False) -> list[str]:
    """A name that can stand in a URL's path."""
    if not prefix and value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{text}'" for text in ("/", "%") if text in value]


def _too_long(value: str, most: int, unit: str) -> list[str]:
    size = len(value) if value.isascii() else len(value.encode(errors="replace"))
    return [f"must be no more than {most} {unit}"] if size > most else []


def _no_match(text: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{example}', " for example in examples)
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"
