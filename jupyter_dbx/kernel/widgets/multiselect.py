"""MultiSelect: a button with the chosen values that opens a list of checkboxes with a search field.

The button's own state opens the list, by the style sheet: it opens also while a cell is running. JupyterLab lays the list over
the notebook, and closes it as any combobox (`labextension/src/plugins/multiselects.ts`); elsewhere it opens in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import ipywidgets as w
from traitlets import Tuple, Unicode

from jupyter_dbx.kernel.widgets.controls import button, route_to_subshell

#: Maximum number of checkboxes that are shown at once; the search finds the others.
MAX_SHOWN = 100

#: Maximum length of the values on the button, characters; longer ones are counted.
MAX_TEXT = 24

CHECK = w.Layout(width="auto", margin="0", flex="none")
FILLING = w.Layout(width="auto", margin="0")


class MultiSelect(w.HBox):  # type: ignore[misc]  # mypy does not follow ipywidgets here
    """A choice of any number of values.

    Parameters
    ----------
    label : shown before it
    choices : all values
    chosen : some of them
    on_close : called when the list is closed after the value has changed in it

    Attributes
    ----------
    value : the chosen values, in the order of the choices
    """

    description = Unicode()
    value = Tuple()

    def __init__(
        self, label: str, choices: Sequence[str], chosen: Sequence[str], on_close: Callable[[], None], **kwargs: Any
    ) -> None:
        self._choices, self._on_close = tuple(choices), on_close
        self._checks: dict[str, w.Checkbox] = {}
        self._at_opening: tuple[str, ...] | None = None
        self._is_showing = False
        self._toggle = w.ToggleButton(tooltip=label, layout=FILLING)
        self._search = w.Text(placeholder="Search", layout=FILLING)
        self._matching = w.VBox(layout=w.Layout(max_height="14em", overflow="hidden auto"))
        self._more = w.Label()
        verbs = w.HBox([button("All", self._check_all), button("None", self._check_none)])
        self._list = w.VBox([self._search, verbs, self._matching, self._more])
        style = files("jupyter_dbx.kernel.widgets").joinpath("multiselect.css").read_text()
        css = w.HTML(f"<style>{style}</style>", layout=w.Layout(display="none"))
        frame = w.Box([self._toggle, self._list])
        for part, kind in ((frame, "dbx-multi"), (self._list, "dbx-multi-list"), (self._matching, "dbx-multi-choices")):
            part.add_class(kind)
        super().__init__([w.Label(label, layout=w.Layout(margin="0 8px 0 0")), frame, css], description=label, **kwargs)
        self.value = tuple(choice for choice in choices if choice in chosen)
        self._toggle.observe(lambda change: self._on_toggle(change["new"]), "value")
        self._search.observe(lambda _: self._show_matching(), "value")
        self.observe(lambda _: self._show_value(), "value")
        self._show_value()
        self._show_matching()

    def _on_toggle(self, is_open: bool) -> None:
        before, self._at_opening = self._at_opening, self.value if is_open else None
        if not is_open and before not in (None, self.value):
            self._on_close()

    def _show_value(self) -> None:
        text = ", ".join(self.value) or "None"
        self._toggle.description = text if len(text) <= MAX_TEXT else f"{len(self.value)} selected"
        self._is_showing = True
        for choice, check in self._checks.items():
            check.value = choice in self.value
        self._is_showing = False

    def _matches(self) -> list[str]:
        query = self._search.value.strip().lower()
        return [choice for choice in self._choices if query in choice.lower()]

    def _show_matching(self) -> None:
        found = self._matches()
        self._matching.children = [self._check(choice) for choice in found[:MAX_SHOWN]]
        hidden = len(found) - MAX_SHOWN
        self._more.value = f"{hidden} more: search for them" if hidden > 0 else "" if found else "Nothing matches"
        self._more.layout.display = None if self._more.value else "none"
        route_to_subshell(self)

    def _check(self, choice: str) -> w.Checkbox:
        if choice not in self._checks:
            check = w.Checkbox(choice in self.value, description=choice, indent=False, layout=CHECK)
            check.observe(lambda _: self._read_checks(), "value")
            self._checks[choice] = check
        return self._checks[choice]

    def _read_checks(self) -> None:
        if not self._is_showing:
            self._choose(lambda choice, was: self._checks[choice].value if choice in self._checks else was)

    def _check_all(self) -> None:
        found = set(self._matches())
        self._choose(lambda choice, was: was or choice in found)

    def _check_none(self) -> None:
        found = set(self._matches())
        self._choose(lambda choice, was: was and choice not in found)

    def _choose(self, is_chosen: Callable[[str, bool], bool]) -> None:
        self.value = tuple(choice for choice in self._choices if is_chosen(choice, choice in self.value))
