"""What the rules share: errors in the server's words, and checks of names, numbers, ports, labels and selectors."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from opgen.apiextensions.errors import ErrorType, FieldError
from opgen.apiextensions.names import dns1123_label, dns1123_subdomain, label_value, qualified_name

Data = dict[str, Any]
Rule = Callable[[Data, "Data | None"], Iterator[FieldError]]
Errors = Iterator[FieldError]

_PORT_NAME = re.compile(r"[-a-z0-9]+\Z")
_PERCENT = re.compile(r"[0-9]+%\Z")
_PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)
LARGEST_ID = 2**31 - 1


def required(path: str, detail: str = "") -> FieldError:
    """Something that must be there is not."""
    return FieldError(path, ErrorType.REQUIRED, detail)


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError(path, ErrorType.INVALID, detail, value)


def forbidden(path: str, detail: str) -> FieldError:
    """The field may not be used here."""
    return FieldError(path, ErrorType.FORBIDDEN, detail)


def duplicate(path: str, value: Any) -> FieldError:
    """The value must be unique and is not."""
    return FieldError(path, ErrorType.DUPLICATE, "", value)


def unsupported(path: str, value: Any, known: Iterable[str]) -> FieldError:
    """The value is none of those that are known."""
    listed = ", ".join(f'"{name}"' for name in known)
    return FieldError(path, ErrorType.NOT_SUPPORTED, f"supported values: {listed}", value)


def part(data: Data, *keys: str) -> Data:
    """The object below `keys`, empty where there is none."""
    for key in keys:
        data = data.get(key) or {}
    return data


def one_of(data: Data, key: str, path: str, *known: str) -> Errors:
    """A word that is there must be a known one."""
    value = data.get(key)
    if value not in (None, "", *known):
        yield unsupported(f"{path}.{key}".lstrip("."), value, known)


def not_negative(data: Data, path: str, *keys: str) -> Errors:
    """Numbers that are there must not be below zero."""
    for key in keys:
        value = data.get(key)
        if isinstance(value, int) and value < 0:
            yield invalid(f"{path}.{key}".lstrip("."), value, "must be greater than or equal to 0")


def each(path: str, value: Any, texts: Iterable[str]) -> Errors:
    """An error for each thing that is wrong with the value."""
    for text in texts:
        yield invalid(path, value, text)


def label(data: Data, key: str, path: str) -> Errors:
    """A DNS label that has to be there."""
    value = data.get(key) or ""
    where = f"{path}.{key}"
    if not value:
        yield required(where)
    else:
        yield from each(where, value, dns1123_label(value))


def subdomain(path: str, value: str) -> Errors:
    """A DNS subdomain, where a value is given."""
    if value:
        yield from each(path, value, dns1123_subdomain(value))


def service_name(path: str, value: str) -> Errors:
    """A Service's name."""
    yield from each(path, value, dns1123_label(value))


def port_number(path: str, value: int) -> Errors:
    """A port."""
    if not 1 <= value <= 65535:
        yield invalid(path, value, "must be between 1 and 65535, inclusive")


def port_name_problems(name: str) -> list[str]:
    """What is wrong with a port's name."""
    found = []
    if len(name) > 15:
        found.append("must be no more than 15 characters")
    if not _PORT_NAME.match(name):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", name):
        found.append("must contain at least one letter (a-z)")
    if "--" in name:
        found.append("must not contain consecutive hyphens")
    if name and (name.startswith("-") or name.endswith("-")):
        found.append("must not begin or end with a hyphen")
    return found


def port_or_name(path: str, value: int | str | None) -> Errors:
    """A port by number or by name; 0 where it isn't there."""
    if value is None or isinstance(value, int):
        yield from port_number(path, value or 0)
    else:
        yield from each(path, value, port_name_problems(value))


def count_or_percent(path: str, value: int | str, *, at_most_100: bool = False) -> Errors:
    """A count that is not negative, or a share such as 25%."""
    if isinstance(value, int):
        if value < 0:
            yield invalid(path, value, "must be greater than or equal to 0")
    elif not _PERCENT.match(value):
        yield invalid(path, value, _PERCENT_TEXT)
    elif at_most_100 and int(value[:-1]) > 100:
        yield invalid(path, value, "must not be greater than 100%")


def is_zero(value: int | str | None) -> bool:
    """0 or 0%."""
    return value in (None, 0) or (isinstance(value, str) and value.rstrip("%") in ("0", "00"))


def key(path: str, value: str) -> Errors:
    """The key of a label."""
    yield from each(path, value, qualified_name(value))


def labels(path: str, values: Any) -> Errors:
    """Keys and values of labels."""
    for name in sorted(values or {}):
        yield from each(path, name, qualified_name(name))
        yield from each(path, values[name], label_value(values[name]))


def label_selector(path: str, selector: Data | None) -> Errors:
    """A selector's labels and expressions."""
    if selector is None:
        return
    yield from labels(f"{path}.matchLabels", selector.get("matchLabels"))
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        where = f"{path}.matchExpressions[{index}]"
        operator, values = expression.get("operator"), expression.get("values") or []
        if operator in ("In", "NotIn"):
            if not values:
                yield required(f"{where}.values", "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                yield forbidden(f"{where}.values", text)
        else:
            yield invalid(f"{where}.operator", operator or "", "not a valid selector operator")
        yield from key(f"{where}.key", expression.get("key") or "")
        for place, value in enumerate(values):
            yield from each(f"{where}.values[{place}]", value, label_value(value))


def ip_address(path: str, value: str) -> Errors:
    """An IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        yield invalid(path, value, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def network(path: str, value: str) -> Errors:
    """An address range."""
    try:
        if "/" not in value:
            raise ValueError
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        yield invalid(path, value, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")


def handlers(found: Data, path: str, known: tuple[str, ...], nothing: FieldError) -> Errors:
    """Exactly one of the sources or handlers; `nothing` where there is none."""
    given = [name for name in known if found.get(name) is not None]
    if not given:
        yield nothing
    for name in given[1:]:
        yield forbidden(f"{path}.{name}", "may not specify more than 1 handler type")
