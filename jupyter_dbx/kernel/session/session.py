"""NotebookSession: from an attachment to `spark`, and back: bind, rebind, release."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyter_dbx.kernel.errors import ClusterFailed, NoCluster
from jupyter_dbx.kernel.session.attachment import NotebookAttachment
from jupyter_dbx.kernel.session.cells import NO_CELL, Cell, Cells
from jupyter_dbx.kernel.session.notebook import Notebook

if TYPE_CHECKING:
    from jupyter_dbx.kernel.pyspark.adoption import AdoptedSpark
    from jupyter_dbx.kernel.pyspark.gateway import Gateway
    from jupyter_dbx.kernel.session.seat import Seat
    from jupyter_dbx.model.protocol import Progress, SeatMessage

#: Time limit for the driver of a running cluster to become reachable, s.
PATIENCE_S = 60.0


class NotebookSession:
    """One notebook's way to Spark.

    Parameters
    ----------
    namespace : the notebook's variables
    show_status : shows a line that replaces the previous one; "" clears it
    default_cluster : ID or name, for notebooks that are not attached
    """

    def __init__(
        self,
        notebook: Notebook,
        namespace: dict[str, Any],
        show_status: Callable[[str], None],
        default_cluster: str = "",
    ) -> None:
        self.notebook = notebook
        self._namespace = namespace
        self._show_status, self._default_cluster = show_status, default_cluster
        self._lock = threading.RLock()
        self._seat: Seat | None = None
        self._gateway: Gateway | None = None
        self._adopted: AdoptedSpark | None = None
        #: variables that binding set in the namespace
        self._bound: Mapping[str, Any] = {}
        self.cells = Cells(lambda cell: self.on_begin(cell), lambda: self._send_cells(self.cells.running))
        #: stop what an interrupt ends beside Spark jobs, e.g. notebooks that this one runs; called from the signal handler
        self.stops: set[Callable[[], object]] = set()
        self._release_after_cell = False
        self.is_binding = False
        #: receives each cell that begins
        self.on_begin: Callable[[Cell], None] = lambda cell: None
        #: receives the progress of cells' jobs, on another thread
        self.on_progress: Callable[[Progress], None] = lambda progress: None
        #: the last cell that found no cluster for a name, and the reason
        self._refused = (0, "")

    # -- cells ---------------------------------------------------------------------------------------------------------

    @contextmanager
    def handling(self, title: str = "", request: Any = None, cell_id: str = "") -> Iterator[Cell]:
        """Handle a request, and release the seat after it if that was requested meanwhile."""
        try:
            with self.cells.handling(title, request, cell_id) as cell:
                yield cell
        finally:
            if cell.number and self._bound and not self.is_bound:
                from jupyter_dbx.model.protocol import Progress

                # The driver that had the cell's jobs will not report their end.
                self.on_progress(Progress(cell.number, over=True))
            if self._release_after_cell and not self.cells.running:
                self.release()

    def cancel_jobs(self, cell: int = 0) -> None:
        """Cancel the jobs of a cell, 0 = of the whole notebook; cells continue and receive their errors."""
        if self._seat is not None:
            # Messages are imported with the first one: a kernel that does not need Spark starts faster without them.
            from jupyter_dbx.model.protocol import Interrupt

            self.send(Interrupt(cell))

    def interrupt(self) -> None:
        """End all that the notebook runs: jobs, notebooks and callbacks. Called from the signal handler."""
        self.cells.interrupt()
        for stop in tuple(self.stops):
            stop()
        self.cancel_jobs()

    @contextmanager
    def stopped_by_interrupts(self, stop: Callable[[], object]) -> Iterator[None]:
        """Let an interrupt call `stop`, from a signal handler, until this context ends."""
        self.stops.add(stop)
        try:
            yield
        finally:
            self.stops.discard(stop)

    def send(self, message: SeatMessage) -> None:
        """Send a message to the driver, if there is one."""
        if self._seat is not None:
            self._seat.send(message)

    def _send_cells(self, cells: Sequence[Cell]) -> None:
        if self._seat is not None:
            from jupyter_dbx.model.protocol import RunningCell

            *others, newest = cells or (NO_CELL,)
            self.send(RunningCell(newest.number, newest.title, tuple(cell.number for cell in others)))

    # -- binding -------------------------------------------------------------------------------------------------------

    @property
    def cluster_id(self) -> str:
        """Return the ID of the cluster; binds if necessary."""
        self.bind()
        assert self._gateway is not None
        return self._gateway.cluster_id

    @property
    def adopted(self) -> AdoptedSpark:
        """Return PySpark's objects on the notebook's seat; binds if necessary."""
        self.bind()
        assert self._adopted is not None
        return self._adopted

    @property
    def spark(self) -> Any:
        """Return the notebook's SparkSession, even if `spark` is another variable; binds if necessary."""
        return self.adopted.spark

    @property
    def driver_user(self) -> str:
        """Return the OS user of the driver if it is not the kernel's, else ""; without a seat, ""."""
        return self._adopted.driver_files.user if self._adopted is not None else ""

    @property
    def is_bound(self) -> bool:
        """Return whether there is a session on a driver that is alive."""
        return self._gateway is not None and not self._gateway.is_ended

    def owns(self, context: Any) -> bool:
        """Return whether this SparkContext is the one that binding created."""
        return self._adopted is not None and self._adopted.sc is context

    def bind_names(self, *names: str) -> None:
        """Bind if one of these names is missing or stale, that is, older than its driver's end.

        A cell calls this before its first statement that loads such a name. If the notebook is not attached, a missing name
        becomes an ordinary NameError.
        """
        missing = [n for n in names if n not in self._namespace]
        stale = [n for n in names if n in self._bound and self._namespace.get(n) is self._bound[n]]
        if not missing and not (stale and not self.is_bound):
            return
        try:
            self.bind()
            # After `del spark`, the session still exists without its name.
            self._namespace.update({n: self._bound[n] for n in missing if n not in self._namespace})
        except NoCluster as error:
            self._refused = (self.cells.current.number, str(error))
            if stale:
                raise

    def hint_for(self, name: str) -> str:
        """Return why one of the names that binding sets is missing, and what to do."""
        if reason := self.why_unbound():
            return reason
        modules = "Modules get the session by `SparkSession.builder.getOrCreate()`."
        if self.is_bound:
            return f"`{name}` is a variable of the notebook. {modules}"
        return f"`{name}` exists from the first cell with its name: put a line with `{name}` before this one. {modules}"

    def why_unbound(self) -> str:
        """Return why this cell cannot have a session, or "" if it could."""
        number, reason = self._refused
        if reason and number == self.cells.current.number:
            return reason
        return "" if self.is_bound or self._has_cluster() else NoCluster.HINT

    def _has_cluster(self) -> bool:
        from jupyter_dbx.client.transport import RequestFailed, ServerUnreachable

        if self.notebook.runs_on:
            return True
        try:
            choice = NotebookAttachment(self.notebook).choice()
        except (RequestFailed, ServerUnreachable):
            return bool(self.notebook.named_cluster or self._default_cluster)
        undecided = not choice.is_chosen
        return bool(choice.cluster_id or (undecided and (self.notebook.named_cluster or self._default_cluster)))

    def bind(self, *, context: Any = None) -> None:
        """Take a seat on the notebook's cluster unless it has one; starts the cluster if necessary, and waits for it.

        Parameters
        ----------
        context : a SparkContext under construction, to bind instead of a new one

        Raises
        ------
        NoCluster : the notebook is not attached, or no server was found
        ClusterFailed : the cluster did not start, or its driver rejects this kernel
        """
        with self._lock:
            if self.is_bound:
                return
            if self.is_binding:
                return  # PySpark requests the active context while it creates it
            self.is_binding = True
            try:
                self._forget()
                self._bind(context)
            finally:
                self.is_binding = False

    def _bind(self, context: Any) -> None:
        self._take_seat()
        # Imported here, because a kernel that does not need Spark starts faster without it (see importing.py).
        from jupyter_dbx.kernel.pyspark.adoption import AdoptedSpark
        from jupyter_dbx.model.protocol import Bound

        assert self._gateway is not None
        try:
            self._adopted = AdoptedSpark(self._gateway, self.notebook.kernel_id, context)
            self.refresh_module_path()
            self._adopted.spark.conf.set("spark.databricks.workspaceUrl", self.notebook.client.host)
            self._adopted.apply_mounts(self.notebook.folders.mounts)
            # Without the host, because browsers may know the server by another name than this kernel.
            base = urlsplit(self.notebook.client.url).path.rstrip("/")
            self._adopted.link_ui(f"{base}/api/dbx/clusters/{self._gateway.cluster_id}/spark-ui/")
            self.send(Bound(self._adopted.temp_dir))
            self._set_names(self._adopted.names)
        except BaseException:
            self._forget()
            raise
        for count, _ in enumerate(self.cells.running, start=1):
            self._send_cells(self.cells.running[:count])

    def _take_seat(self) -> None:
        from jupyter_dbx.kernel.session.driver_search import POLL_S, DriverSearch

        search = DriverSearch(self.notebook, self._show_status, self._default_cluster)
        deadline = time.monotonic() + PATIENCE_S
        while True:
            driver = search.find()
            # After the search, because the import waits for PySpark's, which the search need not.
            from jupyter_dbx.kernel.pyspark.gateway import Gateway
            from jupyter_dbx.kernel.session.seat import DriverUnreachable, Seat

            path = self.notebook.current_path
            seat = Seat(
                driver,
                self.notebook.kernel_id,
                path,
                lambda progress: self.on_progress(progress),
                self._on_dismissed,
                start=self.notebook.start,
            )
            try:
                welcome = seat.take()
                break
            except DriverUnreachable as error:
                # The server has not yet detected that this driver is gone.
                if time.monotonic() > deadline:
                    raise ClusterFailed(
                        f"The driver of cluster {driver.cluster_name!r} is not responding: {error}"
                    ) from None
                time.sleep(POLL_S)
        self._seat = seat
        try:
            self._gateway = Gateway(welcome, seat, self.cells, self.notebook.folders)
        except BaseException:
            self.leave()
            raise

    def _set_names(self, names: Mapping[str, Any]) -> None:
        for name, value in names.items():
            # The notebook's own variables are kept: `sc` may be its StandardScaler.
            if name not in self._namespace or self._namespace[name] is self._bound.get(name):
                self._namespace[name] = value
        self._bound = names

    def refresh_module_path(self) -> None:
        """Make the notebook's packages importable in Python workers that start from now on."""
        if self.is_bound and self._adopted is not None:
            self._adopted.workers.use(self.notebook.environment)

    # -- release -------------------------------------------------------------------------------------------------------

    def release(self, *, keeps_packages: bool = False) -> None:
        """Release the seat; the next use of Spark takes a new one on the same cluster.

        Parameters
        ----------
        keeps_packages : False = packages that `%pip` installed are removed
        """
        if not keeps_packages:
            self.notebook.environment.discard()
        with self._lock:
            self._release_after_cell = False
            self.leave()
            self._forget()

    def release_soon(self) -> None:
        """Release the seat as soon as no cell is running. May be called from any thread."""
        self._release_after_cell = True
        if not self.cells.running:
            self.release()

    def _on_dismissed(self, seat: Seat) -> None:
        """Release a seat from which the notebook was detached, e.g. by the API; not one that was taken since."""
        with self._lock:
            if self._seat is seat:
                self.release_soon()

    def leave(self) -> None:
        """Make the driver free the seat, without waiting for a cell that may be binding."""
        if self._seat is not None:
            self._seat.leave()

    def _forget(self) -> None:
        """Drop the session's PySpark objects, so that binding can create new ones."""
        if self._gateway is None:
            return
        from jupyter_dbx.kernel.pyspark.adoption import abandon

        self._gateway.shut()
        abandon(self._adopted)
        self._gateway = self._seat = self._adopted = None
