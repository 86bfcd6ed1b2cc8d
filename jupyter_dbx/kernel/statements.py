"""SQL as it is written in cells: statements, the parameters in them, and what Databricks adds for widgets.

Spark itself splits, parses and binds; here is only found out which names a text mentions, outside of strings and comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: A string, a quoted name or a comment. Source: Spark's SqlBaseLexer.g4.
_OPAQUE = re.compile(
    r"""'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|`[^`]*`?|--[^\n]*|/\*.*?(?:\*/|\Z)""",
    re.DOTALL,
)

_PARAMETER = re.compile(r"(?<![:\w])(?<!\]):([A-Za-z_]\w*)")

_INSERTED = re.compile(r"\$\{(\w+)\}|\bgetArgument\(\s*['\"](\w+)['\"]\s*\)")

_CREATE = re.compile(
    r"""CREATE\s+WIDGET\s+(?P<kind>TEXT|DROPDOWN|COMBOBOX|MULTISELECT)\s+(?P<name>`[^`]+`|\w+)\s+DEFAULT\s+
        (?P<default>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*(?:CHOICES\s+(?P<choices>.+))?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_REMOVE = re.compile(r"REMOVE\s+WIDGET\s+(?P<name>`[^`]+`|\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One statement of a cell."""

    text: str
    #: line of the cell in which it begins, from 1
    line: int


@dataclass(frozen=True)
class CreateWidget:
    """`CREATE WIDGET …`, which is Databricks' and none of Spark's."""

    kind: str
    name: str
    default: str
    #: a query whose first column they are, or ""
    choices: str


@dataclass(frozen=True)
class RemoveWidget:
    """`REMOVE WIDGET …`."""

    name: str


def visible(text: str) -> str:
    """Return the text with strings, quoted names and comments blanked out; every other character stays where it is."""
    return _OPAQUE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def is_single(text: str) -> bool:
    """Return whether a text is one statement for sure, so that nobody need split it."""
    return ";" not in visible(text).rstrip().rstrip(";")


def located(parts: list[str], text: str) -> list[Statement]:
    """Return the statements that a text was split into, each with its line; those without any words are left out."""
    found, begin = [], 0
    for part in parts:
        code = part.strip()
        if visible(code).strip(" \n\t;"):
            begin = text.index(code, begin)
            found.append(Statement(code.rstrip("; \n\t"), text.count("\n", 0, begin) + 1))
            begin += len(code)
    return found


def parameters_in(text: str) -> set[str]:
    """Return the names of `:name` markers, and some that only look like them (`value:field`, `array[1:n]`)."""
    return set(_PARAMETER.findall(visible(text)))


def inserted_in(text: str) -> set[str]:
    """Return the names in `${name}` and `getArgument("name")`."""
    return {name for pair in _INSERTED.findall(text) for name in pair if name}


def with_widgets(text: str, values: Mapping[str, str]) -> str:
    """Return the text with `${name}` and `getArgument("name")` replaced by widgets' values, as Databricks has always done it.

    Other `${…}` are Spark's own variables.
    """

    def value_of(found: re.Match[str]) -> str:
        inserted, asked = found.groups()
        if inserted is not None:
            return values.get(inserted, found[0])
        return "'{}'".format(values[asked].replace("\\", "\\\\").replace("'", "\\'")) if asked in values else found[0]

    return _INSERTED.sub(value_of, text)


def widget_statement(text: str) -> CreateWidget | RemoveWidget | None:
    """Return what a statement does to widgets, or None if it is Spark's to understand."""
    if found := _CREATE.fullmatch(text):
        default = re.sub(r"\\(.)", r"\1", found["default"][1:-1])
        return CreateWidget(found["kind"].lower(), found["name"].strip("`"), default, (found["choices"] or "").strip())
    if found := _REMOVE.fullmatch(text):
        return RemoveWidget(found["name"].strip("`"))
    return None


def can_be_bound(value: Any) -> bool:
    """Return whether Spark takes a Python value for a parameter."""
    import datetime
    import decimal

    kinds = (str, bool, int, float, bytes, decimal.Decimal, datetime.date, datetime.datetime, datetime.timedelta)
    if isinstance(value, list | tuple):
        return all(can_be_bound(v) for v in value)
    return value is None or isinstance(value, kinds)
