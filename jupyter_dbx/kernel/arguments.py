"""Arguments: the parameters of a notebook, each a widget with a value.

Source: Databricks, "Databricks widgets".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from jupyter_dbx.kernel.errors import NotebookError


class WidgetError(NotebookError):
    """A widget cannot be created, or does not exist."""


@dataclass(frozen=True)
class Widget:
    """An argument of the notebook."""

    #: text, dropdown, combobox or multiselect
    kind: str
    name: str
    #: for a multiselect, comma-separated
    value: str
    #: possible values; for a combobox, suggestions
    choices: tuple[str, ...]
    label: str


class Arguments:
    """The arguments of one notebook, in order of creation.

    Parameters
    ----------
    given : name → value, passed by the notebook's caller; they override defaults, also of widgets created later
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._given = dict(given or {})
        self._widgets: dict[str, Widget] = {}
        #: id of the ipywidgets model that shows them; "" = none does
        self.model_id = ""
        #: argument → the cells that have read it
        self._readers: dict[str, set[str]] = {}
        #: called when widgets are created or removed
        self.on_change: Callable[[], None] = lambda: None
        #: returns the id of the running cell, or ""
        self.reader: Callable[[], str] = lambda: ""

    @property
    def widgets(self) -> list[Widget]:
        """Return the widgets, each with its effective value."""
        return [replace(w, value=self._given.get(w.name, w.value)) for w in self._widgets.values()]

    @property
    def values(self) -> dict[str, str]:
        """Return all values, by name."""
        return {name: widget.value for name, widget in self._widgets.items()} | self._given

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Return the values of the names that exist, and record that the running cell has read them."""
        values = {name: value for name, value in self.values.items() if name in set(names)}
        for name in values:
            self._readers.setdefault(name, set()).add(self.reader())
        return values

    def readers(self, name: str) -> list[str]:
        """Return the ids of the cells that have read an argument."""
        return sorted(self._readers.get(name, set()) - {""})

    def create(self, kind: str, name: str, default: str, choices: Sequence[str] = (), label: str = "") -> None:
        """Create a widget; an existing one of the same name and kind keeps its value.

        Raises
        ------
        WidgetError : it has no name, or its default is not one of its choices
        """
        name, default, offered = str(name), str(default), tuple(map(str, choices))
        if not name.strip():
            raise WidgetError("A widget must have a name.")
        if not _fits(kind, default, offered):
            raise WidgetError(f"The default of {name!r} must be one of its choices {list(offered)}, not {default!r}.")
        earlier = self._widgets.get(name)
        keeps = earlier is not None and earlier.kind == kind and _fits(kind, earlier.value, offered)
        value = earlier.value if earlier is not None and keeps else default
        self._widgets[name] = Widget(kind, name, value, offered, label or name)
        self.on_change()

    def choose(self, name: str, value: str) -> None:
        """Set a widget's value."""
        self._given.pop(name, None)
        self._widgets[name] = replace(self._widgets[name], value=value)

    def remove(self, *names: str) -> None:
        """Remove widgets.

        Raises
        ------
        WidgetError : a widget does not exist
        """
        for name in names:
            if name not in self._widgets:
                raise WidgetError(f"There is no widget named {name!r}. Widgets: {', '.join(self._widgets) or 'none'}.")
            del self._widgets[name]
        self.on_change()

    @contextmanager
    def given(self, arguments: Mapping[str, str]) -> Iterator[None]:
        """Apply these arguments within the context, for a notebook that runs inside this one."""
        before = self._given
        self._given = before | dict(arguments)
        try:
            yield
        finally:
            self._given = before


def _fits(kind: str, value: str, choices: tuple[str, ...]) -> bool:
    if kind == "dropdown":
        return value in choices
    return kind != "multiselect" or set(value.split(",")) <= {*choices, ""} or value in choices
