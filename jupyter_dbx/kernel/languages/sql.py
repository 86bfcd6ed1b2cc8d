"""SQL in cells: statements, their parameters, and Databricks' widget statements.

Spark parses and binds the statements. This module only finds where they end, and the names that they use outside strings and
comments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

#: A string (a raw one has no escapes), a quoted identifier, a comment, or the beginning of a comment in brackets, which can
#: contain others. Source: Spark's SqlBaseLexer.g4.
_OPAQUE = re.compile(
    r"""(?<!\w)[rR](?:'[^']*'?|"[^"]*"?)|'(?:[^'\\]|\\.)*'?|"(?:[^"\\]|\\.)*"?|`[^`]*`?|--(?:\\\n|[^\n])*|/\*""",
    re.DOTALL,
)
_BRACKET = re.compile(r"/\*|\*/")

_PARAMETER = re.compile(r"(?<![:\w])(?<!\]):([A-Za-z_]\w*)")

_INSERTED = re.compile(r"\$\{([^{}]+)\}|\bgetArgument\(\s*['\"]([^'\"]+)['\"]\s*\)")

#: What a script begins and ends with; both are also names of columns.
_BEGIN, _END = re.compile(r"\bBEGIN\b", re.IGNORECASE), re.compile(r"\bEND\s*\Z", re.IGNORECASE)

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
    #: line of the cell on which it starts, from 1
    line: int


@dataclass(frozen=True)
class CreateWidget:
    """`CREATE WIDGET …`, a Databricks statement that Spark does not have."""

    kind: str
    name: str
    default: str
    #: query whose first column holds the choices, or ""
    choices: str


@dataclass(frozen=True)
class RemoveWidget:
    """`REMOVE WIDGET …`."""

    name: str


def visible(text: str) -> str:
    """Return the text with strings, quoted identifiers and comments blanked out; the other characters keep their position."""
    parts, end = list[str](), 0
    for start, stop, _ in _opaque(text):
        parts += [text[end:start], re.sub(r"[^\n]", " ", text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def _opaque(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of every string, quoted identifier and comment, and whether it is a comment."""
    end = 0
    while (found := _OPAQUE.search(text, end)) is not None:
        end = _end_of_comment(text, found.end()) if found[0] == "/*" else found.end()
        yield found.start(), end, found[0].startswith(("--", "/*"))


def _end_of_comment(text: str, start: int) -> int:
    depth = 1
    for bracket in _BRACKET.finditer(text, start):
        depth += 1 if bracket[0] == "/*" else -1
        if not depth:
            return bracket.end()
    return len(text)


def split(text: str, is_whole: Callable[[str], bool]) -> list[Statement]:
    """Return the statements of a text, which `;` separates; empty ones are left out.

    Spark has no function for this: its own command line takes a text for either one script or no script.

    Parameters
    ----------
    is_whole : returns whether Spark's grammar accepts a text; decides where a script `BEGIN … END` ends, which contains `;`
    """
    shown = visible(text)
    ends = [*(i for i, character in enumerate(shown) if character == ";"), len(text)]
    found, start = list[Statement](), 0
    while ends:
        end = _end_of_statement(text, shown, start, ends, is_whole)
        if shown[start:end].strip():
            first = start + len(text[start:end]) - len(text[start:end].lstrip())
            found.append(Statement(text[start:end].strip(), text.count("\n", 0, first) + 1))
        start, ends = end + 1, [e for e in ends if e > end]
    return found


def _end_of_statement(text: str, shown: str, start: int, ends: list[int], is_whole: Callable[[str], bool]) -> int:
    """Return the first of `ends` at which a statement can end that begins at `start`."""
    begin = _BEGIN.search(shown, start, ends[0])
    stops = [end for end in ends if _END.search(shown, start, end)] if begin else []
    if begin is None or not stops:
        return ends[0]
    # Spark finds the error in a script only if it has all of it.
    otherwise = ends[0] if shown[start : begin.start()].strip() else stops[-1]
    return next((end for end in (ends[0], *stops) if is_whole(text[start:end])), otherwise)


def parameters_in(text: str) -> set[str]:
    """Return the names of `:name` parameters; may include similar syntax (`value:field`, `array[1:n]`)."""
    return set(_PARAMETER.findall(visible(text)))


def substitutions_in(text: str) -> set[str]:
    """Return the names in `${name}` and `getArgument("name")`; a comment has none."""
    parts, end = list[str](), 0
    for start, stop, is_comment in _opaque(text):
        parts += [text[end:start], "" if is_comment else text[start:stop]]
        end = stop
    return {name for pair in _INSERTED.findall("".join([*parts, text[end:]])) for name in pair if name}


def is_widget_name(name: str) -> bool:
    """Return whether the name in `${name}` is a widget's; `${env:HOME}` and `${spark.x}` are Spark's."""
    return not re.search("[:.]", name)


def substitute_widgets(text: str, values: Mapping[str, str]) -> str:
    """Return the text with `${name}` and `getArgument("name")` replaced by widget values, as in Databricks.

    Any other `${…}` is a Spark variable.
    """

    def value_of(found: re.Match[str]) -> str:
        inserted, argument = found.groups()
        if inserted is not None:
            return values.get(inserted, found[0])
        if argument not in values:
            return found[0]
        return "'{}'".format(values[argument].replace("\\", "\\\\").replace("'", "\\'"))

    return _INSERTED.sub(value_of, text)


def widget_statement(text: str) -> CreateWidget | RemoveWidget | None:
    """Return a statement about widgets, or None if the statement is for Spark."""
    if found := _CREATE.fullmatch(text):
        default = re.sub(r"\\(.)", r"\1", found["default"][1:-1])
        return CreateWidget(found["kind"].lower(), found["name"].strip("`"), default, (found["choices"] or "").strip())
    if found := _REMOVE.fullmatch(text):
        return RemoveWidget(found["name"].strip("`"))
    return None
