"""Where the statements of a SQL cell end, and which names they use outside strings and comments."""

from __future__ import annotations

import pytest

from jupyter_dbx.kernel.languages.sql import parameters_in, split, substitute_widgets, substitutions_in, visible

#: Text that contains a semicolon, a quote or a name, none of which counts.
OPAQUE = [
    r"r'C:\'",
    r'R"a;b\"',
    r"'it''s; :x'",
    r"'it\'s; :x'",
    '"a:b;"',
    "`a;:x`",
    "/* a /* b */ ; :x */",
    "/* it's; :x */",
    "-- it's; :x",
    "-- goes on \\\n ; :x",
]


def parses(text: str) -> bool:
    """Return what Spark's parser would, for statements of one word."""
    words = visible(text).replace(";", " ; ").split()
    if "WRONG" in words:
        return False
    is_script = words[:1] == ["BEGIN"] and words.count("BEGIN") == words.count("END")
    return is_script or ("BEGIN" not in words and ";" not in words)


def texts(cell: str) -> list[str]:
    return [statement.text for statement in split(cell, parses)]


@pytest.mark.parametrize("opaque", OPAQUE)
def test_string_or_comment_ends_no_statement(opaque: str) -> None:
    assert texts(f"a {opaque}\n; b") == [f"a {opaque}", "b"]


@pytest.mark.parametrize("opaque", OPAQUE)
def test_string_or_comment_names_no_parameter(opaque: str) -> None:
    assert parameters_in(f"SELECT {opaque}\n, :y") == {"y"}


@pytest.mark.parametrize("identifier", ["for'x'", "_r'x'", "a.r"])
def test_letter_of_a_name_makes_no_raw_string(identifier: str) -> None:
    assert texts(rf"SELECT {identifier}, '\';' ; b") == [rf"SELECT {identifier}, '\';'", "b"]


@pytest.mark.parametrize("unclosed", ["'a; b", "/* a; b", "/* a /* b */ ;", "r'a; b", "`a; b"])
def test_unclosed_text_is_one_statement(unclosed: str) -> None:
    assert texts(f"SELECT {unclosed}") == [f"SELECT {unclosed}"]


@pytest.mark.parametrize(
    ("cell", "statements"),
    [
        ("a; BEGIN b; c; END; d", ["a", "BEGIN b; c; END", "d"]),
        ("BEGIN a; BEGIN b; END; c; END; d; BEGIN e; END", ["BEGIN a; BEGIN b; END; c; END", "d", "BEGIN e; END"]),
        ("BEGIN a; END", ["BEGIN a; END"]),
        ("BEGIN a; b; c", ["BEGIN a", "b", "c"]),
        ("a; BEGIN b; WRONG; END; c", ["a", "BEGIN b; WRONG; END", "c"]),
        ("SELECT begin WRONG; a; SELECT end", ["SELECT begin WRONG", "a", "SELECT end"]),
        ("SELECT begin; SELECT end", ["SELECT begin", "SELECT end"]),
        ("-- BEGIN\na; b -- END\n", ["-- BEGIN\na", "b -- END"]),
    ],
)
def test_script_is_one_statement_among_others(cell: str, statements: list[str]) -> None:
    assert texts(cell) == statements


def test_parser_is_not_needed_without_a_script() -> None:
    def never(text: str) -> bool:
        raise AssertionError(text)

    assert len(split("a; SELECT 'BEGIN'; b; -- END\n;;", never)) == 3


def test_statement_has_the_line_of_its_first_word() -> None:
    assert [s.line for s in split("\n-- a;\na;\n\n b;\n\n;BEGIN\nc;\nEND", parses)] == [2, 5, 7]


@pytest.mark.parametrize("name", ["a", "a-b", "my city", "größe"])
def test_widget_of_any_name_is_inserted(name: str) -> None:
    text = f"SELECT ${{{name}}}, getArgument('{name}')"

    assert substitutions_in(text) == {name}
    assert substitute_widgets(text, {name: "7"}) == "SELECT 7, '7'"


def test_comment_inserts_no_widget() -> None:
    assert substitutions_in("SELECT '${a}' -- ${b}\n/* ${c} */") == {"a"}
