"""Regular expressions: none takes much more time for a longer text than its length explains, whatever the text is."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

import jupyter_dbx

PACKAGE = Path(jupyter_dbx.__file__).parent

FUNCTIONS = ("compile", "fullmatch", "search", "match", "sub", "split", "findall", "finditer")

#: Texts that are repeated, after these beginnings and before these ends: what our patterns look for, or nearly.
PUMPS = (
    """ \n|\t|a|0|1.|a.|`|'|"|\\|(|()|/|/*|-|:|a:|$|${|a |a=|= |[|A_|,|, |<|<<a|a, |\0|é|# \n|at a(|%sql |" |'a' |../"""
)
BEGINNINGS = (
    """a|%|.|'|"|`|:|ADD FILE a|CREATE WIDGET TEXT a DEFAULT 'a' CHOICES |OPTIONS (|LOCATION |sql(|http://a:|[A|x eq """
    """|/*|--|An error occurred while calling |${|getArgument('|END |cannot |"/|at a(|  File "|<<|pip install |$a=|FROM a"""
)
TEXTS = [
    (beginning, pump, end)
    for beginning, pump, end in product(["", *BEGINNINGS.split("|")], [" ", *PUMPS.split("|")], ["", "\0!"])
]

#: Lengths of the texts, characters, and what a linear pattern does not exceed: 4 is exact, quadratic ones have 16.
SHORT, LONG, MOST = 300, 1200, 9.0

#: Repetitions of a measurement; the shortest counts.
TIMES = 5


def calls_of(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of functions of `re`, by name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS:
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re":
                yield node.func.attr, node


def use_of(path: Path, line: int) -> str:
    """Return which method of the pattern that is compiled on this line is used: the one that takes longest."""
    text = path.read_text()
    named = re.match(r"(\w+)(?:, \w+)? = re", text.splitlines()[line - 1])
    used = set(re.findall(rf"\b{named[1]}\.(\w+)\(", text)) if named else set()
    return next((method for method in ("fullmatch", "match") if used == {method}), "search")


def patterns() -> Iterator[object]:
    """Yield every pattern of the package that is a literal, with the function that uses it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for function, call in calls_of(path):
            function = use_of(path, call.lineno) if function == "compile" else function
            try:
                source = ast.literal_eval(call.args[0])
            except ValueError:
                continue  # made of others, by an f-string
            names = re.findall(r"\bre\.([A-Z]+)", ast.unparse(call))
            flags = re.RegexFlag(0)
            for name in names:
                flags |= re.RegexFlag[name]
            name = f"{path.relative_to(PACKAGE)}:{call.lineno}"
            yield pytest.param(re.compile(source, flags), function, id=name)


def using(pattern: re.Pattern[str], function: str) -> Callable[[str], object]:
    """Return the use of a pattern; all others are like a search for all."""
    if function in ("fullmatch", "match"):
        return getattr(pattern, function)  # type: ignore[no-any-return]
    return lambda text: sum(1 for _ in pattern.finditer(text))


def shortest(use: Callable[[object], object], text: object, times: int) -> float:
    """Return the processor time of a use, s."""
    found = []
    for _ in range(times):
        began = time.process_time()
        use(text)
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize(("pattern", "function"), list(patterns()))
def test_time_grows_with_the_length_of_a_text(pattern: re.Pattern[str], function: str) -> None:
    use = using(pattern, function)

    def text(parts: tuple[str, str, str], length: int) -> str | bytes:
        beginning, pump, end = parts
        made = beginning + pump * (length // len(pump)) + end
        return made.encode() if isinstance(pattern.pattern, bytes) else made

    suspects = sorted(TEXTS, key=lambda parts: shortest(use, text(parts, SHORT), 1), reverse=True)[:5]
    growth = {
        parts: shortest(use, text(parts, LONG), TIMES) / shortest(use, text(parts, SHORT), TIMES) for parts in suspects
    }

    assert max(growth.values()) < MOST, growth


@pytest.mark.parametrize("source", [r"a\s+.+?\s*;?\s*\Z", r"\.\d*?0+x", r"\w*\Z"])
def test_slow_pattern_is_found(source: str) -> None:
    with pytest.raises(AssertionError):
        test_time_grows_with_the_length_of_a_text(re.compile(source), "search")
