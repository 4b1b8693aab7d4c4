"""Where in a schema a comparison is: the object's path, and the place in the new definition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from opgen.apiextensions.compare.reasons import CODES, Reason


@dataclass(frozen=True, slots=True)
class Where:
    """A node of a version's schema."""

    version: str
    path: str
    place: str

    def property(self, name: str) -> Where:
        path = f"{self.path}.{name}" if self.path else name
        return replace(self, path=path, place=f"{self.place}.properties[{name}]")

    def items(self) -> Where:
        return replace(self, path=f"{self.path}[]", place=f"{self.place}.items")

    def values(self) -> Where:
        path = f"{self.path}.*" if self.path else "*"
        return replace(self, path=path, place=f"{self.place}.additionalProperties")

    def reason(self, code: str, text: str, keyword: str = "", hint: str = "") -> Reason:
        """A reason at this node; `keyword` is the part of the schema that it is about."""
        place = f"{self.place}.{keyword}" if keyword else self.place
        return Reason(code, text, self.version, self.path, place, hint or CODES[code].hint)
