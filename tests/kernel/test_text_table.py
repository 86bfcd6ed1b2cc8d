"""Tables as HTML and as plain text."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from jupyter_dbx.kernel.display.text_table import CELL_CAP, Table


def html_of(table: Table) -> str:
    return table._repr_html_()


class Tags(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_table_has_a_header_and_all_rows() -> None:
    page = Tags(html_of(Table(["a", "b"], [[1, "x"], [2, "y"]])))

    assert page.text == "ab1x2y"
    assert (page.tags.count("th"), page.tags.count("tr"), page.tags.count("td")) == (2, 3, 4)


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "a & b", '"><img src=x onerror=y>', "</td></table>"])
def test_values_are_escaped(evil: str) -> None:
    page = Tags(html_of(Table([evil], [[evil]], evil)))

    assert page.text == evil * 3
    assert set(page.tags) == {"div", "table", "thead", "tbody", "tr", "th", "td", "p", "small"}


@pytest.mark.parametrize("value", [1, -2.5, float("nan"), 10**30, Decimal("1.50")])
def test_number_is_right_aligned(value: object) -> None:
    assert f'<td style="text-align: right">{value}</td>' in html_of(Table(["a"], [[value]]))


@pytest.mark.parametrize("value", ["1", True, date(2026, 1, 2), [1, 2], {"a": 1}, b"a"])
def test_other_values_are_left_aligned(value: object) -> None:
    assert '<td style="text-align: left">' in html_of(Table(["a"], [[value]]))


def test_null_differs_from_the_string_null() -> None:
    null, word = re.findall("<td.*?</td>", html_of(Table(["a", "b"], [[None, "null"]])))

    assert null == '<td style="text-align: left"><em>null</em></td>'
    assert word == '<td style="text-align: left">null</td>'


def test_long_cell_is_cut() -> None:
    table = Table(["a"], [["x" * CELL_CAP], ["x" * (CELL_CAP + 1)]])

    cells = re.findall(">(x+…?)<", html_of(table))

    assert cells == ["x" * CELL_CAP, "x" * CELL_CAP + "…"]


def test_cut_is_made_before_escaping() -> None:
    page = Tags(html_of(Table(["a"], [["<" * (CELL_CAP + 1)]])))

    assert page.text == "a" + "<" * CELL_CAP + "…"


def test_notice_is_below_the_table_and_only_if_there_is_one() -> None:
    assert html_of(Table(["a"], [], "3 rows")).endswith("</div><p><small>3 rows</small></p>")
    assert html_of(Table(["a"], [])).endswith("</table></div>")


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (Table(["name", "n"], [["a", 1], ["long one", None]]), "name      n\na         1\nlong one  null"),
        (Table(["a"], [["b"]], "1 row"), "a\nb\n1 row"),
        (Table(["a", "b"], []), "a  b"),
        (Table([], []), ""),
        (Table([], [], "nothing"), "\nnothing"),
    ],
)
def test_plain_text_has_aligned_columns(table: Table, text: str) -> None:
    assert repr(table) == text
