"""What IPython shows of values that `display` shows as tables, without Spark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

from jupyter_dbx.kernel.dbutils.fs import FileInfo
from jupyter_dbx.kernel.display import formatters
from jupyter_dbx.kernel.display.data_table import MIME_TYPE

FILES = [FileInfo("dbfs:/a", "a", 1, 2)]


@pytest.fixture
def shell() -> Any:
    shell = SimpleNamespace(display_formatter=DisplayFormatter(), displayhook=SimpleNamespace(msg=None))
    formatters.install(shell)
    return shell


def formats(shell: Any, value: Any) -> dict[str, Any]:
    return dict(shell.display_formatter.format(value)[0])


def test_display_of_ipython_shows_files_as_a_table(shell: Any) -> None:
    data = formats(shell, FILES)

    assert list(data[MIME_TYPE]["cells"]) == [["dbfs:/a"], ["a"], [1], [2]]


def test_files_that_are_the_value_of_a_cell_are_printed(shell: Any) -> None:
    shell.displayhook.msg = {}

    assert formats(shell, FILES) == {"text/plain": "[FileInfo(path='dbfs:/a', name='a', size=1, modificationTime=2)]"}


@pytest.mark.parametrize("value", [[], [1], [(1, 2)], [*FILES, 1]])
def test_other_lists_are_left_to_ipython(shell: Any, value: list[Any]) -> None:
    assert list(formats(shell, value)) == ["text/plain"]
