"""`dbutils.widgets`: a notebook's arguments, each with a control in a bar."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.dbutils.utility import Utility


class Widgets(Utility):
    """Arguments of the notebook: each has a control in a bar, and may be given by whoever runs the notebook."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments

    def text(self, name: str, defaultValue: str, label: str = "") -> None:  # Databricks' names
        """Make a field for any text."""
        self._arguments.create("text", name, defaultValue, label=label)

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Make a list of which one is chosen."""
        self._arguments.create("dropdown", name, defaultValue, choices, label)

    def combobox(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Make a field that offers a list and takes any text."""
        self._arguments.create("combobox", name, defaultValue, choices, label)

    def multiselect(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Make a list of which several may be chosen; its value has commas between them."""
        self._arguments.create("multiselect", name, defaultValue, choices, label)

    def get(self, name: str) -> str:
        """Return a widget's value."""
        found = self._arguments.read([name])
        if not found:
            known = ", ".join(self._arguments.values) or "none"
            raise WidgetError(
                f"InputWidgetNotDefined: no widget is called {name!r}. There are: {known}. "
                f"dbutils.widgets.text({name!r}, '…') makes one."
            )
        return found[name]

    def getAll(self) -> dict[str, str]:
        """Return the values of all widgets, by name."""
        return self._arguments.read(self._arguments.values)

    def getArgument(self, name: str, defaultValue: str | None = None) -> str:
        """Return a widget's value, or the default if there is no such widget."""
        return self.get(name) if defaultValue is None else self._arguments.read([name]).get(name, defaultValue)

    def remove(self, name: str) -> None:
        """Take a widget away."""
        self._arguments.remove(name)

    def removeAll(self) -> None:
        """Take all widgets away."""
        self._arguments.remove(*(widget.name for widget in self._arguments.widgets))
