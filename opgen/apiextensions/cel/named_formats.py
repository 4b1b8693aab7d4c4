"""Named formats: `format.dns1123Label().validate(text)` and the like, with apimachinery's messages."""

from __future__ import annotations

import re
from collections.abc import Callable

from opgen.apiextensions import formats
from opgen.apiextensions.cel.urls import complaint
from opgen.apiextensions.cel.values import NONE, CelError, ListValue, OptionalValue, Value, register_type
from opgen.apiextensions.gourl import is_request_uri

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_OLD_LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?"
_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_NAME})?"
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character"
)
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character"
)
_OLD_LABEL_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character"
)
_NAME_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character"
)
Check = Callable[[str], list[str]]


class FormatValue:
    """A format: `check` lists what is wrong with a text; `pattern_size` is what validating is charged by."""

    __slots__ = ("check", "name", "pattern_size")

    def __init__(self, name: str, check: Check, pattern_size: int) -> None:
        self.name = name
        self.check = check
        self.pattern_size = pattern_size

    @property
    def unit_equality(self) -> bool:
        """Comparing two costs one unit."""
        return True

    def equal(self, other: Value) -> bool:
        """`self == other`."""
        if type(other) is not FormatValue:
            raise CelError("no such overload")
        return self.name == other.name


register_type(FormatValue, "kubernetes.NamedFormat")


def _too_long(most: int, unit: str = "bytes") -> str:
    return f"must be no more than {most} {unit}"


def _pattern_error(text: str, pattern: str, *examples: str) -> str:
    shown = "".join(
        (f" or '{example}', " if index else f"'{example}', ") for index, example in enumerate(examples)
    )
    return f"{text} (e.g. {shown}regex used for validation is '{pattern}')"


def _matching(most: int, pattern: str, text: str, *examples: str, unit: str = "characters") -> Check:
    compiled = re.compile(pattern)

    def check(value: str) -> list[str]:
        found = [_too_long(most, unit)] if len(value.encode("utf-8", "surrogatepass")) > most else []
        if compiled.fullmatch(value) is None:
            found.append(_pattern_error(text, pattern, *examples))
        return found

    return check


_label_pattern = _matching(63, _LABEL, _LABEL_TEXT, "my-name", "123-abc")
_subdomain = _matching(253, _SUBDOMAIN, _SUBDOMAIN_TEXT, "example.com")
_old_label = _matching(63, _OLD_LABEL, _OLD_LABEL_TEXT, "my-name", "abc-123")
_value = _matching(63, _VALUE, _VALUE_TEXT, "MyValue", "my_value", "12345", unit="bytes")
_prefix_part = _matching(253, _SUBDOMAIN, _SUBDOMAIN_TEXT, "example.com", unit="bytes")


def _label(value: str) -> list[str]:
    found = _label_pattern(value)
    if "." in value and re.compile(_SUBDOMAIN).fullmatch(value) is not None:
        return [*found[:-1], "must not contain dots"]
    return found


def _prefix(check: Check) -> Check:
    """As a prefix that more is appended to: a dash at the end is no harm."""

    def masked(value: str) -> list[str]:
        if len(value) > 1 and value.endswith("-"):
            value = value[:-2] + "a"
        return check(value)

    return masked


def _qualified_name(value: str) -> list[str]:
    parts = value.split("/")
    found: list[str] = []
    name = parts[-1]
    if len(parts) == 2:
        if not parts[0]:
            found.append("prefix part must be non-empty")
        else:
            found += [f"prefix part {message}" for message in _prefix_part(parts[0])]
    elif len(parts) > 2:
        text = _pattern_error(f"a valid label key {_NAME_TEXT}", _NAME, "MyName", "my.name", "123-abc")
        return [f"{text} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    if not name:
        found.append("name part must be non-empty")
    elif len(name.encode("utf-8", "surrogatepass")) > 63:
        found.append(f"name part {_too_long(63)}")
    if re.compile(_NAME).fullmatch(name) is None:
        text = _pattern_error(_NAME_TEXT, _NAME, "MyName", "my.name", "123-abc")
        found.append(f"name part {text}")
    return found


def _known(name: str, complaint: str) -> Check:
    check = formats.checker(name)
    return lambda value: [] if check is not None and check(value) else [complaint]


def _uri(value: str) -> list[str]:
    return [] if is_request_uri(value) else [complaint(value)]


_FORMATS = {
    "dns1123Label": FormatValue("DNS1123Label", _label, 30),
    "dns1123Subdomain": FormatValue("DNS1123Subdomain", _subdomain, 60),
    "dns1035Label": FormatValue("DNS1035Label", _old_label, 30),
    "qualifiedName": FormatValue("QualifiedName", _qualified_name, 60),
    "dns1123LabelPrefix": FormatValue("DNS1123LabelPrefix", _prefix(_label), 30),
    "dns1123SubdomainPrefix": FormatValue("DNS1123SubdomainPrefix", _prefix(_subdomain), 60),
    "dns1035LabelPrefix": FormatValue("DNS1035LabelPrefix", _prefix(_old_label), 30),
    "labelValue": FormatValue("LabelValue", _value, 40),
    "uri": FormatValue("URI", _uri, 1103),
    "uuid": FormatValue("uuid", _known("uuid", "does not match the UUID format"), 70),
    "byte": FormatValue("byte", _known("byte", "invalid base64"), 84),
    "date": FormatValue("date", _known("date", "invalid date"), 71),
    "datetime": FormatValue("datetime", _known("datetime", "invalid datetime"), 71),
}


def named(name: str) -> OptionalValue:
    """`format.named(name)`."""
    found = _FORMATS.get(name)
    return NONE if found is None else OptionalValue(found)


def validate(format_: FormatValue, text: str) -> OptionalValue:
    """What is wrong with the text, none if nothing."""
    found = format_.check(text)
    return OptionalValue(ListValue(list(found))) if found else NONE


def _constant(value: FormatValue) -> Callable[[], FormatValue]:
    return lambda: value


OVERLOADS: dict[str, Callable[..., Value]] = {
    "format-named": named,
    "format-validate": validate,
    **{f"format.{name}": _constant(value) for name, value in _FORMATS.items()},
}
