"""`dbutils.widgets`: a notebook's arguments, each with a control above the notebook."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_dbx.kernel.arguments import Arguments, WidgetError
from jupyter_dbx.kernel.dbutils.utility import Utility


class Widgets(Utility):
    """Arguments of the notebook: each has a control above the notebook, and a caller of the notebook can pass its value."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments

    def text(self, name: str, defaultValue: str, label: str = "") -> None:  # the names are Databricks'
        """Create a text field."""
        self._arguments.create("text", name, defaultValue, label=label)

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Create a dropdown list."""
        self._arguments.create("dropdown", name, defaultValue, choices, label)

    def combobox(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Create a text field with a list of suggestions."""
        self._arguments.create("combobox", name, defaultValue, choices, label)

    def multiselect(self, name: str, defaultValue: str, choices: Sequence[str], label: str = "") -> None:
        """Create a list with multiple selection; its value is comma-separated."""
        self._arguments.create("multiselect", name, defaultValue, choices, label)

    def get(self, name: str) -> str:
        """Return a widget's value."""
        found = self._arguments.read([name])
        if not found:
            known = ", ".join(self._arguments.values) or "none"
            raise WidgetError(
                f"InputWidgetNotDefined: there is no widget named {name!r}. Widgets: {known}. "
                f"dbutils.widgets.text({name!r}, '…') creates one."
            )
        return found[name]

    def getAll(self) -> dict[str, str]:
        """Return the values of all widgets, by name."""
        return self._arguments.read(self._arguments.values)

    def getArgument(self, name: str, defaultValue: str | None = None) -> str:
        """Return a widget's value, or the default if it does not exist."""
        return self.get(name) if defaultValue is None else self._arguments.read([name]).get(name, defaultValue)

    def remove(self, name: str) -> None:
        """Remove a widget."""
        self._arguments.remove(name)

    def removeAll(self) -> None:
        """Remove all widgets."""
        self._arguments.remove(*(widget.name for widget in self._arguments.widgets))
