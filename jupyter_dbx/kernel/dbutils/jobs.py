"""`dbutils.jobs`: values that the tasks of a job share."""

from __future__ import annotations

import json
from typing import Any

from jupyter_dbx.kernel.dbutils.utility import Utility
from jupyter_dbx.kernel.errors import NotebookError

#: Maximum size of a value, bytes of JSON.
MAX_VALUE_BYTES = 48 * 1024


class TaskValueError(NotebookError):
    """A task value cannot be set or read."""


class TaskValues(Utility):
    """Values that a job task sets for later tasks. Outside a job, `get` returns its `debugValue`."""

    def set(self, key: str, value: Any) -> None:
        """Set a value of up to 48 KiB of JSON; has no effect outside a job."""
        try:
            size = len(json.dumps(value).encode())
        except (TypeError, ValueError) as error:
            raise TaskValueError(f"The value of {key!r} cannot be represented in JSON: {error}.") from None
        if size > MAX_VALUE_BYTES:
            raise TaskValueError(
                f"The value of {key!r} has {size:,} bytes of JSON; the maximum is {MAX_VALUE_BYTES:,}."
            )

    def get(self, taskKey: str, key: str, default: Any = None, debugValue: Any = None) -> Any:
        """Return the value that a task set; outside a job, `debugValue`."""
        if debugValue is None:
            raise TaskValueError(
                f"This notebook does not run in a job, so no task has set {key!r}. Pass a debugValue to use here."
            )
        return debugValue


class Jobs(Utility):
    """Features for jobs: `taskValues` shares values between tasks."""

    def __init__(self) -> None:
        self.taskValues = TaskValues()
