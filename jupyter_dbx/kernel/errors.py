"""Errors in a notebook, shown as one sentence instead of a traceback."""

from __future__ import annotations

from jupyter_dbx.model.errors import DbxError

#: Spark's error condition of a job that was cancelled; it is somewhere in the errors of what needed the job.
_CANCELLED = "SPARK_JOB_CANCELLED"


class NotebookError(DbxError):
    """An error that the user can act on."""


class NoCluster(NotebookError):
    """The notebook is not attached to a cluster, or its cluster cannot be found."""

    #: what to do if it is not attached
    HINT = (
        "No cluster is attached: `%cluster attach NAME`, or `%cluster create NAME --workers 2`; `%cluster` lists them."
    )


class ClusterFailed(NotebookError):
    """The cluster did not start, or rejected this kernel."""


class DriverEnded(NotebookError):
    """The driver ended while the cell ran, or an object of a driver that has ended was used."""


class CellInterrupted(NotebookError):
    """The cell was interrupted; its threads may start no more jobs."""


class RequestRefused(NotebookError):
    """The server rejected a request of a magic or utility."""


class NotebookExited(NotebookError):
    """The notebook called `dbutils.notebook.exit`; carries the value."""

    PREFIX = "Notebook exited: "

    def __init__(self, value: str) -> None:
        super().__init__(f"{self.PREFIX}{value}")
        self.value = value

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class ScalaFailed(NotebookError):
    """Scala code did not compile, or threw an exception."""


class LanguageMissing(NotebookError):
    """The cell is in a language that is not supported."""


def is_cancelled(error: BaseException) -> bool:
    """Return whether an error only says that someone has cancelled a job, or what a cell runs."""
    if isinstance(error, CellInterrupted):
        return True
    java = getattr(error, "_stackTrace", "")  # of PySpark's errors
    is_ours = isinstance(error, NotebookError) or type(error).__module__.startswith("py4j.")
    return _CANCELLED in str(java or (error if is_ours else ""))
