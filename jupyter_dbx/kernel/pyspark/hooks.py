"""Patches PySpark on import, so that every way to create a session uses the notebook's seat and none starts a JVM.

Each patch is applied while its module is imported, before other code can refer to the original functions.
"""

from __future__ import annotations

import contextlib
import functools
import io
import sys
from collections.abc import Callable
from pickle import PicklingError
from types import ModuleType
from typing import TYPE_CHECKING, Any

import wrapt

from jupyter_dbx.kernel.display import display
from jupyter_dbx.kernel.errors import NotebookError
from jupyter_dbx.kernel.pyspark import broadcasts, callbacks, dstreams, paths, sessions, sharing
from jupyter_dbx.kernel.pyspark.owner import SeatOwner
from jupyter_dbx.kernel.workspace.folders import Folders

if TYPE_CHECKING:
    pass


def install(session: SeatOwner, kernel_id: str, folders: Folders) -> None:
    """Register the patches, which cost nothing until PySpark is imported.

    Parameters
    ----------
    session : the notebook's session
    folders : the workspace's folders, used to translate paths
    """
    hooks: dict[str, Callable[[ModuleType], None]] = {
        "py4j.protocol": _patch_java_errors,
        "py4j.java_gateway": _patch_py4j,
        "py4j.clientserver": callbacks.patch,
        "pyspark.java_gateway": functools.partial(_patch_launch, session),
        "pyspark.errors.exceptions.base": _patch_errors,
        "pyspark.errors.exceptions.captured": _patch_captured_errors,
        "pyspark.serializers": _patch_serializers,
        "pyspark.core.broadcast": functools.partial(broadcasts.patch, session),
        "pyspark.core.context": functools.partial(sessions.patch_context, session, folders),
        "pyspark.core.rdd": functools.partial(_patch_rdd, session, folders),
        "pyspark.sql.utils": functools.partial(sessions.patch_utils, session),
        "pyspark.sql.types": _patch_types,
        "pyspark.sql.session": functools.partial(sessions.patch_session, session, kernel_id, folders),
        "pyspark.sql.conf": functools.partial(sessions.patch_conf, folders),
        "pyspark.sql.classic.dataframe": functools.partial(_patch_dataframe, session),
        "pyspark.sql.readwriter": functools.partial(_patch_paths, folders),
        "pyspark.sql.streaming.readwriter": functools.partial(_patch_streams, folders),
        "pyspark.ml.wrapper": functools.partial(sessions.patch_ml, session),
        "pyspark.sql.catalog": functools.partial(_patch_paths, folders),
        "pyspark.streaming.context": functools.partial(dstreams.patch, session),
    }
    for module, hook in hooks.items():
        wrapt.register_post_import_hook(hook, module)


def _patch_py4j(module: ModuleType) -> None:
    get_id = module.JavaObject._get_object_id

    def get_object_id(self: Any) -> Any:
        # Called when the object is an argument, possibly of a call through another gateway.
        gateway = vars(self._gateway_client).get("dbx_gateway")
        if gateway is not None and gateway.is_ended:
            raise gateway.ended()
        return get_id(self)

    module.JavaObject._get_object_id = get_object_id


def _patch_java_errors(module: ModuleType) -> None:
    from jupyter_dbx.kernel.pyspark.tracebacks import render  # not needed for the kernel's start

    error = module.Py4JJavaError
    original = error.__str__

    @functools.wraps(original)
    def text(self: Any) -> str:
        try:
            return str(original(self))
        except NotebookError as ended:  # Java's message is gone with the driver
            return f"{self.errmsg} {ended}"

    error.__str__, module.Py4JError._render_traceback_ = text, render


def _patch_errors(module: ModuleType) -> None:
    from jupyter_dbx.kernel.pyspark.tracebacks import render  # not needed for the kernel's start

    module.PySparkException._render_traceback_ = render


def _patch_captured_errors(module: ModuleType) -> None:
    """Let errors be printed after `stop()` and after the driver's end: PySpark queries the driver for their text."""
    for error in (module.CapturedException, module.PythonException):
        if "__str__" in vars(error):
            error.__str__ = _without_driver(error.__str__)


def _patch_serializers(module: ModuleType) -> None:
    dumps = module.CloudPickleSerializer.dumps

    @functools.wraps(dumps)
    def new_dumps(self: Any, obj: Any) -> Any:
        from pyspark.errors import PySparkPicklingError

        try:
            # PySpark prints the whole traceback before it raises the error with the same text.
            with contextlib.redirect_stderr(io.StringIO()):
                return dumps(self, obj)
        except PicklingError as error:
            # A PySpark error, so that it is shown like the others: usually a function uses `spark` or a DataFrame.
            raise PySparkPicklingError(str(error)) from None

    module.CloudPickleSerializer.dumps = new_dumps


def _without_driver(original: Callable[[Any], str]) -> Callable[[Any], str]:
    @functools.wraps(original)
    def text(self: Any) -> str:
        try:
            return original(self)
        except (AssertionError, NotebookError):
            return str(self._desc)

    return text


def _patch_launch(session: SeatOwner, module: ModuleType) -> None:
    launch = module.launch_gateway

    @functools.wraps(launch)
    def launch_gateway(*args: Any, **kwargs: Any) -> Any:
        if not session.is_binding:
            raise NotebookError("This kernel does not start a JVM, because it uses its cluster's. Use `spark`.")
        return launch(*args, **kwargs)

    module.launch_gateway = launch_gateway  # type: ignore[attr-defined]


def _patch_types(module: ModuleType) -> None:
    """Let PySpark check for NumPy arguments without importing pandas, which takes 0.6 s at every binding."""

    def is_scalar(self: Any, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.generic)

    def is_vector(self: Any, obj: Any) -> bool:
        numpy = sys.modules.get("numpy")
        return numpy is not None and isinstance(obj, numpy.ndarray) and obj.ndim == 1

    module.NumpyScalarConverter.can_convert = is_scalar
    module.NumpyArrayConverter.can_convert = is_vector


def _patch_rdd(session: SeatOwner, folders: Folders, module: ModuleType) -> None:
    persist = module.RDD.persist

    @functools.wraps(persist)
    def new_persist(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Spark does not record which session cached an RDD, and this kernel may be killed, so the driver is notified now.
        from jupyter_dbx.model.protocol import CachedRdd

        session.send(CachedRdd(self.id()))
        return persist(self, *args, **kwargs)

    module.RDD.persist = new_persist
    sharing.patch_checkpoints(session, module, "RDD")
    paths.patch(module.RDD, folders)


def _patch_dataframe(session: SeatOwner, module: ModuleType) -> None:
    """Add the method `display` to DataFrames, as in Databricks, and let an interrupt end `toPandas` and `toArrow` as such."""

    def show(self: Any, *args: Any, **kwargs: Any) -> None:
        """Show the DataFrame, as `display` does."""
        display(self, *args, **kwargs)

    collect = module.DataFrame._collect_as_arrow

    @functools.wraps(collect)
    def new_collect(*args: Any, **kwargs: Any) -> Any:
        try:
            return collect(*args, **kwargs)
        except Exception as error:
            # PySpark's clean-up raises the failure of the cancelled job in place of the interrupt.
            cause: BaseException | None = error
            while cause is not None and not isinstance(cause, KeyboardInterrupt):
                cause = cause.__context__
            raise (cause or error) from None

    module.DataFrame.display, module.DataFrame._collect_as_arrow = show, new_collect
    sharing.patch_checkpoints(session, module, "DataFrame")


def _patch_paths(folders: Folders, module: ModuleType) -> None:
    for name in paths.METHODS:
        cls = getattr(module, name, None)
        if cls is not None and cls.__module__ == module.__name__:
            paths.patch(cls, folders)


def _patch_streams(folders: Folders, module: ModuleType) -> None:
    """Add the method `table` to stream writers, Databricks' name of `toTable`."""
    module.DataStreamWriter.table = module.DataStreamWriter.toTable
    _patch_paths(folders, module)
