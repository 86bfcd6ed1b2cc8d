"""The interface of the notebook's session that PySpark's patches use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from jupyter_dbx.kernel.pyspark.driver_files import DriverFiles
    from jupyter_dbx.model.protocol import CachedRdd


class AddedFiles(Protocol):
    """The interface of the notebook's added files that the patches use."""

    def stage(self, path: str) -> str:
        """Return the URI to add in place of this path."""

    def stage_jar(self, path: str) -> str:
        """Return the JAR to add in place of this one."""

    def uris(self, *, archives: bool = False) -> list[str]:
        """Return the URIs that are added now."""


class Adopted(Protocol):
    """The interface of PySpark's objects on the notebook's seat that the patches use."""

    spark: Any
    sc: Any
    driver_files: DriverFiles
    #: tag of all jobs of the notebook
    job_tag: str
    #: the notebook's own folder of checkpoints, as an Option in Scala; None = the cluster's
    checkpoint_folder: Any

    @property
    def files(self) -> AddedFiles:
        """Return the files that the notebook has added."""

    def print_ignored(self, options: Mapping[str, Any]) -> None:
        """Print the options that cannot be applied to a shared driver."""


class SeatOwner(Protocol):
    """The interface of the notebook's session that the patches use."""

    @property
    def is_bound(self) -> bool:
        """Return whether the notebook has a seat on a live driver."""

    @property
    def is_binding(self) -> bool:
        """Return whether a seat is being taken."""

    @property
    def adopted(self) -> Adopted:
        """Return PySpark's objects on the seat; binds if necessary."""

    def cancel_jobs(self, cell: int = 0) -> None:
        """Cancel the jobs of a cell, 0 = of the whole notebook."""

    def bind(self, *, context: Any = None) -> None:
        """Take a seat unless the notebook has one."""

    def owns(self, context: Any) -> bool:
        """Return whether binding created this SparkContext."""

    def release(self, *, keeps_packages: bool = False) -> None:
        """Release the seat."""

    def send(self, message: CachedRdd) -> None:
        """Send a message to the driver, if there is one."""
