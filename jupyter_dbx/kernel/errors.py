"""What can go wrong in a notebook, each shown as one sentence instead of a traceback."""

from __future__ import annotations


class NotebookError(Exception):
    """Something a user can act on."""

    def _render_traceback_(self) -> list[str]:
        # IPython shows this in place of the traceback, whose frames would be ours and not the user's.
        return [f"\x1b[31m{type(self).__name__}\x1b[0m: {self}"]


class NoCluster(NotebookError):
    """The notebook has no cluster, or none can be found."""


class ClusterFailed(NotebookError):
    """The cluster did not start, or refused this kernel."""


class DriverEnded(NotebookError):
    """The driver ended while the cell ran, or the object used was made on a driver that has ended."""


class CellInterrupted(NotebookError):
    """The cell was interrupted; its threads may start no more jobs."""


class RequestRefused(NotebookError):
    """The server refused what a magic asked for."""


class NotebookExited(NotebookError):
    """The notebook ended itself by `dbutils.notebook.exit`; carries the value."""

    WORDS = "Notebook exited: "

    def __init__(self, value: str) -> None:
        super().__init__(f"{self.WORDS}{value}")
        self.value = value

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class ScalaFailed(NotebookError):
    """Scala code did not compile, or threw an exception."""


class LanguageMissing(NotebookError):
    """The cell is in a language that is not here."""
