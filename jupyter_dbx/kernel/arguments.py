"""Arguments: what a notebook can be told, each a widget with a value.

Source: Databricks, "Databricks widgets".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from jupyter_dbx.kernel.errors import NotebookError


class WidgetError(NotebookError):
    """A widget cannot be made, or there is none of this name."""


@dataclass(frozen=True)
class Widget:
    """An argument of the notebook."""

    #: text, dropdown, combobox or multiselect
    kind: str
    name: str
    #: of a multiselect, those chosen with commas between them
    value: str
    #: what it may be, or for a combobox what is offered
    choices: tuple[str, ...]
    label: str


class Arguments:
    """The arguments of one notebook, in the order in which they were made.

    Parameters
    ----------
    given : name → value, by whoever runs this notebook; they go before defaults, also before there is a widget
    """

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        self._given = dict(given or {})
        self._widgets: dict[str, Widget] = {}
        #: argument → the cells that have read it
        self._readers: dict[str, set[str]] = {}
        #: is told when widgets come or go
        self.on_change: Callable[[], None] = lambda: None
        #: tells the id of the cell that runs, or ""
        self.reader: Callable[[], str] = lambda: ""

    @property
    def widgets(self) -> list[Widget]:
        """Return the widgets, each with the value that counts."""
        return [replace(w, value=self._given.get(w.name, w.value)) for w in self._widgets.values()]

    @property
    def values(self) -> dict[str, str]:
        """Return every value, by name."""
        return {name: widget.value for name, widget in self._widgets.items()} | self._given

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Return the values of those of these names that there are, and remember which cell asked."""
        values = {name: value for name, value in self.values.items() if name in set(names)}
        for name in values:
            self._readers.setdefault(name, set()).add(self.reader())
        return values

    def readers(self, name: str) -> list[str]:
        """Return the ids of the cells that have read an argument."""
        return sorted(self._readers.get(name, set()) - {""})

    def create(self, kind: str, name: str, default: str, choices: Sequence[str] = (), label: str = "") -> None:
        """Make a widget; one of this name and kind keeps the value that was chosen.

        Raises
        ------
        WidgetError : it has no name, or its default is none of its choices
        """
        name, default, offered = str(name), str(default), tuple(map(str, choices))
        if not name.strip():
            raise WidgetError("A widget needs a name.")
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
        """Take widgets away.

        Raises
        ------
        WidgetError : there is none of such a name
        """
        for name in names:
            if name not in self._widgets:
                raise WidgetError(f"No widget is called {name!r}. There are: {', '.join(self._widgets) or 'none'}.")
            del self._widgets[name]
        self.on_change()

    @contextmanager
    def given(self, arguments: Mapping[str, str]) -> Iterator[None]:
        """Let these arguments count meanwhile, for a notebook that runs inside of this one."""
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
