"""DriverKernel: IPython's kernel with a way to Spark."""

from __future__ import annotations

import asyncio
import builtins
import logging
import signal
from html import escape
from types import FrameType
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.display import DisplayHandle
from traitlets import Unicode

from jupyter_dbx.kernel import dbruntime, hooks
from jupyter_dbx.kernel.contact import share_contact, take_contact
from jupyter_dbx.kernel.importing import BackgroundImport
from jupyter_dbx.kernel.names import BIND_CALL, NAMES, BindingTransformer
from jupyter_dbx.kernel.progress import CellProgress
from jupyter_dbx.kernel.session import NotebookSession
from jupyter_dbx.kernel.wishes import Wishes

#: How long after its first answer a kernel begins to import PySpark, s: what a front end asks first is answered by then.
IMPORT_DELAY_S = 0.3


class DriverKernel(IPythonKernel):  # type: ignore[misc]  # ipykernel is not followed by mypy here
    """A plain good IPython kernel until a cell needs Spark."""

    default_cluster = Unicode(
        help="Id or name of the cluster for notebooks that have chosen none. Empty: such notebooks have no `spark`."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._status: DisplayHandle | None = None
        contact = take_contact(self.session.session)
        share_contact(contact)
        self.spark_session = NotebookSession(contact, self.shell.user_ns, self._say, self.default_cluster)
        self.spark_session.redaction.install(self.session)
        self._progress = CellProgress(self.shell.display_pub, self.spark_session.kernel_id)
        self.spark_session.on_progress = self._progress.show
        Wishes(self.spark_session, self._progress).listen(self.comm_manager)
        self.spark_session.folders.install()
        hooks.install(self.spark_session)
        #: what the notebook's variables are at the start
        self.given_names: dict[str, Any] = {}
        dbruntime.install(self.spark_session, self.shell.user_ns)
        # py4j logs every lost connection with a traceback; the guard around it says the same in one sentence.
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        setattr(builtins, BIND_CALL, self.spark_session.bind_names)
        self.shell.ast_transformers.append(BindingTransformer())
        self.shell.set_custom_exc((NameError,), self._show_name_error)
        self.shell.extension_manager.load_extension("jupyter_dbx.kernel.magics")
        self._importing = BackgroundImport()

    async def kernel_info_request(self, *args: Any) -> None:
        """Answer, and only then begin to import PySpark: it must not make the kernel come up later."""
        await super().kernel_info_request(*args)
        asyncio.get_running_loop().call_later(IMPORT_DELAY_S, self._importing.start)

    async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> Any:
        """Run a cell, and let the driver know when it begins and ends."""
        if silent:
            return await super().do_execute(code, silent, *args, **kwargs)
        self._progress.begin(self.spark_session.begin_cell(code), self.get_parent("shell"))
        try:
            return await super().do_execute(code, silent, *args, **kwargs)
        finally:
            self.spark_session.end_cell()

    def pre_handler_hook(self) -> None:
        """Make an interrupt cancel this cell's jobs, too. Called before each request on the shell channel."""
        super().pre_handler_hook()
        signal.signal(signal.SIGINT, self._on_interrupt)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        __tracebackhide__ = True  # who interrupts knows it
        self.spark_session.interrupt_cell()
        signal.default_int_handler(number, frame)

    def do_shutdown(self, restart: bool) -> Any:
        """Give the seat back before the process ends."""
        self.spark_session.leave()
        self.spark_session.environment.discard()
        return super().do_shutdown(restart)

    def restart_python(self) -> None:
        """Take all variables away but those of the start; the session stays."""
        self.shell.reset(new_session=False)
        self.shell.push(self.given_names, interactive=False)

    def _say(self, line: str) -> None:
        """Show a line in place of the one before; "" takes it away."""
        content = {"text/plain": line, "text/html": f"<small>{escape(line)}</small>" if line else ""}
        if self._status is None and line:
            self._status = DisplayHandle()
            self._status.display(content, raw=True)
        elif self._status is not None:
            self._status.update(content, raw=True)
            self._status = self._status if line else None

    def _show_name_error(self, shell: Any, kind: type, error: NameError, traceback: Any, tb_offset: Any = None) -> Any:
        lines = shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
        if error.name in NAMES:
            lines = [*lines, self.spark_session.hint]
        shell._showtraceback(kind, error, lines)
        return lines
