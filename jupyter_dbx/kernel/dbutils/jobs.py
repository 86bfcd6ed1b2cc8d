"""`dbutils.jobs`: what tasks of a job tell each other."""

from __future__ import annotations

import json
from typing import Any

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError

#: Longest value, bytes of JSON.
LONGEST_VALUE = 48 * 1024


class TaskValueError(NotebookError):
    """A task value cannot be set or read."""


class TaskValues(Utility):
    """Values that a task of a job leaves for later ones; a notebook that is no task only sees what it is given for trials."""

    def set(self, key: str, value: Any) -> None:
        """Leave a value, which JSON can hold in 48 KiB; without effect in a notebook that is no task of a job."""
        try:
            size = len(json.dumps(value).encode())
        except (TypeError, ValueError) as error:
            raise TaskValueError(f"The value of {key!r} cannot be told as JSON: {error}.") from None
        if size > LONGEST_VALUE:
            raise TaskValueError(f"The value of {key!r} takes {size:,} bytes of JSON; {LONGEST_VALUE:,} is the most.")

    def get(self, taskKey: str, key: str, default: Any = None, debugValue: Any = None) -> Any:
        """Return the value that a task left; in a notebook that is no task of a job, `debugValue`."""
        if debugValue is None:
            raise TaskValueError(
                f"This notebook is no task of a job, so that nobody left {key!r}: give a debugValue, which counts here."
            )
        return debugValue


class Jobs(Utility):
    """Tasks of jobs: `taskValues` has what they tell each other."""

    def __init__(self) -> None:
        self.taskValues = TaskValues()
