"""Arguments of a notebook, and their bar."""

from __future__ import annotations

import pytest

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.dbutils.widgets import Widgets
from jupyter_dbx.kernel.widgets.arguments import ACCESSED, ALL, NOTHING, ArgumentBar
from jupyter_dbx.kernel.widgets.multiselect import MAX_SHOWN, MultiSelect


@pytest.fixture
def arguments() -> Arguments:
    return Arguments()


@pytest.fixture
def widgets(arguments: Arguments) -> Widgets:
    return Widgets(arguments)


def test_each_kind_has_its_default(widgets: Widgets) -> None:
    widgets.text("a \"b\" 'c'", "x")
    widgets.dropdown("d", "2", ["1", "2"])
    widgets.combobox("c", "9", ["1", "2"], "A label")
    widgets.multiselect("m", "1", ["1", "2"])

    assert widgets.getAll() == {"a \"b\" 'c'": "x", "d": "2", "c": "9", "m": "1"}
    assert widgets.get("a \"b\" 'c'") == "x"


def test_chosen_value_is_kept_when_the_cell_runs_again(arguments: Arguments, widgets: Widgets) -> None:
    widgets.dropdown("d", "1", ["1", "2"])
    arguments.choose("d", "2")

    widgets.dropdown("d", "1", ["1", "2", "3"])
    assert widgets.get("d") == "2"

    widgets.dropdown("d", "1", ["1", "3"])
    assert widgets.get("d") == "1"


def test_passed_value_overrides_the_default_and_needs_no_widget() -> None:
    widgets = Widgets(Arguments({"day": "monday"}))

    assert widgets.get("day") == "monday"

    widgets.text("day", "sunday")
    assert widgets.get("day") == "monday"


def test_arguments_of_an_inner_notebook_apply_only_while_it_runs(arguments: Arguments, widgets: Widgets) -> None:
    widgets.text("day", "sunday")

    with arguments.given({"day": "monday"}):
        assert widgets.get("day") == "monday"

    assert widgets.get("day") == "sunday"


@pytest.mark.parametrize("use", [lambda w: w.get("x"), lambda w: w.getArgument("x"), lambda w: w.remove("x")])
def test_error_for_a_missing_widget_lists_the_widgets(widgets: Widgets, use: object) -> None:
    widgets.text("day", "sunday")

    with pytest.raises(WidgetError, match=r"'x'.*Widgets: day"):
        use(widgets)  # type: ignore[operator]


def test_missing_widget_may_have_a_default(widgets: Widgets) -> None:
    assert widgets.getArgument("x", "7") == "7"


@pytest.mark.parametrize("kind", ["dropdown", "multiselect"])
def test_default_must_be_a_choice(widgets: Widgets, kind: str) -> None:
    with pytest.raises(WidgetError, match=r"The default of 'd' must be one of its choices \['1', '2'\], not '3'"):
        getattr(widgets, kind)("d", "3", ["1", "2"])


def test_widgets_are_removed(widgets: Widgets) -> None:
    widgets.text("a", "")
    widgets.text("b", "")

    widgets.remove("a")
    assert list(widgets.getAll()) == ["b"]

    widgets.removeAll()
    assert widgets.getAll() == {}


def test_bar_has_a_control_for_each_widget_that_sets_its_value(arguments: Arguments, widgets: Widgets) -> None:
    bar = ArgumentBar(arguments, lambda cells: None)
    arguments.on_change = bar.refresh
    widgets.text("t", "x", "A text")
    widgets.dropdown("d", "1", ["1", "2"])
    widgets.combobox("c", "1", ["1", "2"])
    widgets.multiselect("m", "1", ["1", "2"])

    text, dropdown, combobox, several, _ = bar.box.children
    text.value, dropdown.value, combobox.value, several.value = "y", "2", "z", ("1", "2")

    assert text.description == "A text"
    assert widgets.getAll() == {"t": "y", "d": "2", "c": "z", "m": "1,2"}


def test_bar_keeps_unchanged_controls(arguments: Arguments, widgets: Widgets) -> None:
    bar = ArgumentBar(arguments, lambda cells: None)
    arguments.on_change = bar.refresh
    widgets.text("t", "x")
    first, _ = bar.box.children
    first.value = "y"

    widgets.text("t", "x")
    widgets.text("u", "x")

    assert bar.box.children[0] is first


def test_help_lists_the_commands_and_describes_one(widgets: Widgets, capsys: pytest.CaptureFixture[str]) -> None:
    widgets.help()
    listed = capsys.readouterr().out
    widgets.help("dropdown")
    one = capsys.readouterr().out

    assert "dropdown(name, defaultValue, choices, label='') -> Create a dropdown list." in listed
    assert one.startswith("dropdown(name, defaultValue, choices, label='')\n\nCreate a dropdown")


@pytest.mark.parametrize(("effect", "ran"), [(ACCESSED, [["c1", "c2"]]), (ALL, [None]), (NOTHING, [])])
def test_changed_value_runs_the_configured_cells(
    arguments: Arguments, widgets: Widgets, effect: str, ran: list[object]
) -> None:
    runs: list[object] = []
    bar = ArgumentBar(arguments, runs.append)
    arguments.on_change = bar.refresh
    widgets.text("a", "1")
    widgets.text("b", "1")
    for cell, name in (("c2", "a"), ("c1", "a"), ("c3", "b")):
        arguments.reader = lambda cell=cell: cell  # type: ignore[misc]
        widgets.get(name)

    first, _, setting = bar.box.children
    setting.value = effect
    first.value = "2"

    assert runs == ran


def shown(several: MultiSelect) -> tuple[str, list[str]]:
    """Return the text on the button, and the visible choices, checked ones with an asterisk."""
    checks = several._matching.children
    return several._toggle.description, [check.description + "*" * check.value for check in checks]


@pytest.fixture
def closed() -> list[str]:
    """What the list had when it was closed after a change."""
    return []


@pytest.fixture
def several(closed: list[str]) -> MultiSelect:
    control = MultiSelect("Days", ["mon", "tue", "wed"], ["tue"], lambda: closed.append(",".join(control.value)))
    return control


def test_list_checks_what_is_chosen(several: MultiSelect) -> None:
    assert shown(several) == ("tue", ["mon", "tue*", "wed"])

    several._matching.children[0].value = True
    assert several.value == ("mon", "tue")

    several.value = ()
    assert shown(several) == ("None", ["mon", "tue", "wed"])


def test_search_narrows_the_list_and_its_verbs(several: MultiSelect) -> None:
    several._search.value = " E "
    assert shown(several)[1] == ["tue*", "wed"]

    several._check_all()
    assert several.value == ("tue", "wed")
    several._search.value = "wed"
    several._check_none()
    assert several.value == ("tue",)
    several._search.value = "nothing"
    assert several._more.value == "Nothing matches"


def test_list_shows_a_part_of_very_many_choices_and_keeps_the_others() -> None:
    choices = [f"choice {number}" for number in range(MAX_SHOWN + 50)]
    several = MultiSelect("Many", choices, choices[-2:], lambda: None)

    assert len(several._matching.children) == MAX_SHOWN
    assert several._more.value == "50 more: search for them"
    several._matching.children[0].value = True
    assert several.value == (choices[0], *choices[-2:])
    assert shown(several)[0] == "3 selected"


def test_closing_the_list_tells_of_a_change_once(several: MultiSelect, closed: list[str]) -> None:
    several._toggle.value = True
    several._check_all()
    several._check_none()
    several._check_all()
    assert closed == []
    several._toggle.value = False
    assert closed == ["mon,tue,wed"]

    several._toggle.value = True
    several._toggle.value = False
    assert closed == ["mon,tue,wed"]
