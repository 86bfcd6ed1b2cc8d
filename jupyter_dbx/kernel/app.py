"""DriverKernel: IPython's kernel with access to Spark."""

from __future__ import annotations

import asyncio
import builtins
import inspect
import linecache
import logging
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import DisplayHandle
from traitlets import Unicode

from jupyter_dbx.kernel import dbruntime
from jupyter_dbx.kernel.display.streams import STREAMS
from jupyter_dbx.kernel.errors import CellInterrupted, NoCluster, NotebookExited, is_cancelled
from jupyter_dbx.kernel.no_widgets import answer_for_widgets
from jupyter_dbx.kernel.outputs import CellOutputs
from jupyter_dbx.kernel.page import REPLY, REQUEST, PageRequests
from jupyter_dbx.kernel.progress import CellProgress
from jupyter_dbx.kernel.pyspark import hooks
from jupyter_dbx.kernel.pyspark.importing import BackgroundImport
from jupyter_dbx.kernel.session.cells import NO_CELL, title_of
from jupyter_dbx.kernel.session.contact import receive_contact, share_contact
from jupyter_dbx.kernel.session.names import BIND_CALL, NAMES, BindingTransformer
from jupyter_dbx.kernel.session.notebook import Notebook
from jupyter_dbx.kernel.session.session import NotebookSession
from jupyter_dbx.kernel.workspace import programs
from jupyter_dbx.kernel.workspace.folders import git_work_tree
from jupyter_dbx.kernel.workspace.rights import hint_on_workspace
from jupyter_dbx.kernel.workspace.whereabouts import hint_for
from jupyter_dbx.model.cell_language import with_magic

#: How long after its first reply a kernel starts to import PySpark, s: the front end's first requests are served by then.
IMPORT_DELAY_S = 0.3

#: When a new kernel repeats that it is idle, s after its start. A server that connects while the kernel starts may miss the first
#: status; it would ask again only after half a second (`nudge` in jupyter_server's channels.py).
REPEAT_IDLE_AFTER_S = (0.05, 0.1, 0.15, 0.2, 0.3)

#: Magic → what the front end learns about the language of a notebook whose cells are in it.
LANGUAGE_INFO = {
    name: {"name": name, "mimetype": f"text/x-{name}", "pygments_lexer": name, "file_extension": f".{name}"}
    for name in ("sql", "scala")
}


#: What an interrupt raises in a cell, without and with `await`.
INTERRUPTS = (KeyboardInterrupt, asyncio.CancelledError)

#: All that a cancelled cell shows, in grey.
CANCELLED_LINE = "\x1b[38;5;244mCancelled\x1b[0m"


class DriverKernel(IPythonKernel):  # type: ignore[misc]  # mypy does not follow ipykernel here
    """A plain IPython kernel until a cell needs Spark."""

    default_cluster = Unicode(
        help="Id or name of the cluster for notebooks that are not attached. If empty, such notebooks have no `spark`."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._status: DisplayHandle | None = None
        self._exits_well = self._has_exited = False
        contact = receive_contact(self.session.session)
        share_contact(contact)
        notebook = Notebook(contact)
        self.spark_session = NotebookSession(notebook, self.shell.user_ns, self._show_status, self.default_cluster)
        # The front end highlights cells in this language, and keeps it in the notebook's file.
        if notebook.languages.default in LANGUAGE_INFO:
            self.language_info = LANGUAGE_INFO[notebook.languages.default]
        self._outputs = CellOutputs()
        self._outputs.install(self.session)  # before redaction, so that it records redacted messages
        notebook.redaction.install(self.session)
        progress = CellProgress(self.shell.display_pub, notebook.kernel_id, notebook.start)
        self.spark_session.on_begin, self.spark_session.on_progress = progress.begin, progress.show
        self._page_requests = PageRequests(self.spark_session, progress, self._outputs, self.shell)
        self.control_handlers[REQUEST] = self._answer_page
        self.spark_session.stops.add(STREAMS.stop_all)
        for kind, handler in dict(self.shell_handlers).items():
            self.shell_handlers[kind] = self._as_cell(handler)
        self._remember_cells_of_comms()
        answer_for_widgets(self.comm_manager)
        notebook.folders.install()
        programs.install(notebook.folders)
        if work_tree := git_work_tree(Path.cwd()):
            sys.path.append(str(work_tree))  # last, so that it hides no installed package
        hooks.install(self.spark_session, notebook.kernel_id, notebook.folders)
        #: the notebook's variables at the start
        self.initial_names: dict[str, Any] = {}
        dbruntime.install(self.spark_session, self.shell.user_ns)
        # py4j logs every lost connection with a traceback; the gateway's guard reports it in one sentence.
        logging.getLogger("py4j").setLevel(logging.CRITICAL)
        setattr(builtins, BIND_CALL, self.spark_session.bind_names)
        self.shell.ast_transformers.append(BindingTransformer())
        self.shell.set_custom_exc((Exception, *INTERRUPTS), self._show_error)
        self.shell.extension_manager.load_extension("jupyter_dbx.kernel.magics")
        self._importing = BackgroundImport()

    def start(self) -> None:
        """Start, and tell the server so as soon as it listens."""
        super().start()
        # ipykernel ignores interrupts while the main shell handles no request.
        signal.signal(signal.SIGINT, self._on_idle_interrupt)
        for delay_s in REPEAT_IDLE_AFTER_S:
            self.io_loop.call_later(delay_s, self._repeat_idle)

    def _repeat_idle(self) -> None:
        if not self.spark_session.cells.count:
            self.session.send(self.iopub_socket, "status", {"execution_state": "idle"}, ident=self._topic("status"))

    async def kernel_info_request(self, *args: Any) -> None:
        """Reply, and only then start to import PySpark, which must not delay the kernel's start."""
        await super().kernel_info_request(*args)
        asyncio.get_running_loop().call_later(IMPORT_DELAY_S, self._importing.start)

    async def do_execute(self, code: str, silent: bool, *args: Any, **kwargs: Any) -> Any:
        """Run a cell, and notify the driver of it."""
        if silent:
            return await super().do_execute(code, silent, *args, **kwargs)
        if self._has_exited:
            return self._reply_ok()
        # Programs that run a notebook allow no input. For them `dbutils.notebook.exit` is a success, after which nothing runs.
        self._exits_well = self.spark_session.notebook.is_run_by_program and not kwargs.get("allow_stdin")
        code = with_magic(code, self.spark_session.notebook.languages.magic_of(kwargs.get("cell_id") or ""))
        self.spark_session.cells.begin(self.spark_session.cells.current)
        reply = await super().do_execute(code, silent, *args, **kwargs)
        return self._reply_ok() if self._has_exited else reply

    def _reply_ok(self) -> dict[str, Any]:
        count = self.shell.execution_count - 1
        return {"status": "ok", "execution_count": count, "payload": [], "user_expressions": {}}

    def do_complete(self, code: str, cursor_pos: int) -> Any:
        """Complete a cell in the notebook's language."""
        whole = with_magic(code, self.spark_session.notebook.languages.default)
        added = len(whole) - len(code)
        reply = super().do_complete(whole, cursor_pos + added)
        if not added:
            return reply
        return reply | {name: max(0, reply[name] - added) for name in ("cursor_start", "cursor_end")}

    # -- requests ------------------------------------------------------------------------------------------------------

    def _as_cell(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler of shell requests during which the request is the cell that code works for."""

        async def handle(stream: Any, ident: Any, message: Any) -> None:
            with self.spark_session.handling(*self._origin_of(message)) as cell:
                self._outputs.begin(cell)
                answer = handler(stream, ident, message)
                if inspect.isawaitable(answer):
                    await answer

        return handle

    def _origin_of(self, message: Any) -> tuple[str, Any, str]:
        """Return a request's title, the header of the message below whose output its progress is shown, and its cell's id."""
        content = message["content"]
        if message["header"]["msg_type"] == "execute_request":
            cell_id = str((message.get("metadata") or {}).get("cellId", ""))
            return title_of(content.get("code", "")), None if content.get("silent") else message["header"], cell_id
        comm = self.comm_manager.comms.get(content.get("comm_id"))
        cell = getattr(comm, "dbx_cell", NO_CELL)  # of a widget: the one that created it
        return cell.title, cell.request, ""

    def _answer_page(self, stream: Any, ident: Any, message: Any) -> None:
        """Handle a request of the notebook's page."""

        def send(response: Any, *buffers: bytes) -> None:
            stream.io_loop.add_callback(self.session.send, stream, REPLY, response, message, ident, list(buffers))

        self._page_requests.answer(message["content"], send)
        for cell in self.spark_session.cells.running:
            if cell.is_in_main_thread and cell.request is not None:
                # A page just loaded has missed it, and requests of JupyterLab's debugger have reported the kernel as idle.
                self._publish_status("busy", "shell", {"header": cell.request})

    def _publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        """Publish that the kernel is busy or idle, but not for requests of the page: they tell nothing about cells."""
        if channel != "control" or self.get_parent(channel).get("header", {}).get("msg_type") != REQUEST:
            super()._publish_status(status, channel, parent)

    def _remember_cells_of_comms(self) -> None:
        register = self.comm_manager.register_comm

        def register_comm(comm: Any) -> Any:
            comm.dbx_cell = self.spark_session.cells.current
            return register(comm)

        self.comm_manager.register_comm = register_comm

    # -- interrupts ----------------------------------------------------------------------------------------------------

    def pre_handler_hook(self) -> None:
        """Let an interrupt end what runs. ipykernel calls this before each request of the main shell."""
        super().pre_handler_hook()
        signal.signal(signal.SIGINT, self._on_interrupt)

    @contextmanager
    def _cancel_on_sigint(self, future: Any) -> Iterator[None]:
        """Let an interrupt end a cell that uses `await`.

        ipykernel's own cancels the cell only once another event wakes the loop, and has no effect while the cell calls Spark.
        """
        loop = asyncio.get_running_loop()

        def on_interrupt(number: int, frame: FrameType | None) -> None:
            __tracebackhide__ = True
            if _is_in_cell(frame):
                self._on_interrupt(number, frame)
            self.spark_session.interrupt()
            loop.call_soon_threadsafe(future.cancel)  # an exception here would end the kernel

        saved = signal.signal(signal.SIGINT, on_interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, saved)

    @contextmanager
    def _dummy_context_manager(self, future: Any) -> Iterator[None]:
        """Let an interrupt end a cell that uses `await` in a subshell; ipykernel does not, because its thread gets no signals."""
        loop = asyncio.get_running_loop()
        with self.spark_session.stopped_by_interrupts(lambda: loop.call_soon_threadsafe(future.cancel)):
            yield

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        __tracebackhide__ = True  # the user knows where the interrupt came from
        self.spark_session.interrupt()
        signal.default_int_handler(number, frame)

    def _on_idle_interrupt(self, number: int, frame: FrameType | None) -> None:
        """End what runs in subshells, in threads and in tasks of the kernel's loop."""
        self.spark_session.interrupt()

    def do_shutdown(self, restart: bool) -> Any:
        """Release the seat before the process ends."""
        self.spark_session.leave()
        self.spark_session.notebook.environment.discard()
        return super().do_shutdown(restart)

    def restart_python(self) -> None:
        """Reset the variables to those of the start; the session remains."""
        self.shell.reset(new_session=False)
        self.shell.push(self.initial_names, interactive=False)

    def _show_status(self, line: str) -> None:
        """Show a status line in place of the previous one; "" removes it."""
        content = {"text/plain": line, "text/html": f"<small>{escape(line)}</small>" if line else ""}
        if self._status is None and line:
            self._status = DisplayHandle()
            self._status.display(content, raw=True)
        elif self._status is not None:
            self._status.update(content, raw=True)
            self._status = self._status if line else None

    def _show_error(self, shell: Any, kind: type, error: BaseException, traceback: Any, tb_offset: Any = None) -> Any:
        is_interrupted = isinstance(error, INTERRUPTS) and self.spark_session.cells.current.is_interrupted
        if is_interrupted or is_cancelled(error):
            return self._show_cancelled(shell, kind, error, traceback)
        if isinstance(error, NameError | KeyError):
            return self._show_missing_name(shell, kind, error, traceback, tb_offset)
        if isinstance(error, NotebookExited) and self._exits_well:
            self._has_exited = True
            print(error)
            return []
        folders = self.spark_session.notebook.folders
        if isinstance(error, Exception) and (hint := hint_on_workspace(error, folders) or hint_for(error, folders)):
            error.add_note(f"Hint: {hint}")
        shell.showtraceback((kind, error, traceback), running_compiled_code=True)
        return shell._last_traceback

    def _show_cancelled(self, shell: Any, kind: type, error: BaseException, traceback: Any) -> list[str]:
        """Show that the cell was cancelled; `%tb` shows where it was."""
        shell._get_exc_info((kind, error, traceback))  # makes it the last error
        if isinstance(error, (*INTERRUPTS, CellInterrupted)):
            shell._showtraceback(kind, error, [CANCELLED_LINE])
        else:  # Spark's message has Java's stack trace
            shell._showtraceback(CellInterrupted, "Cancelled", [CANCELLED_LINE])
        return [CANCELLED_LINE]

    def _show_missing_name(
        self, shell: Any, kind: type, error: Exception, traceback: Any, tb_offset: Any = None
    ) -> Any:
        name = str(error.name if isinstance(error, NameError) else (*error.args, "")[0])
        is_ours = name in NAMES and (isinstance(error, NameError) or _reads_variables(traceback))
        if is_ours and (reason := self.spark_session.why_unbound()):
            # As `%sql` shows it, in one line: any line of code would fail. Pages offer a cluster after an error of this name.
            kind, error = NoCluster, NoCluster(reason)
            lines = error._render_traceback_()
        else:
            lines = shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
            lines = [*lines, *([self.spark_session.hint_for(name)] if is_ours else [])]
        shell._showtraceback(kind, error, lines)
        return lines


def _reads_variables(traceback: TracebackType) -> bool:
    """Return whether the line that failed looks names up in the notebook's variables, not in some other mapping."""
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    line = linecache.getline(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
    return re.search(r"\b(globals|locals|vars)\(|user_(global_)?ns\b", line) is not None


def _is_in_cell(frame: FrameType | None) -> bool:
    """Return whether the cell's code runs at this moment, and not the kernel's loop or another of its tasks."""
    while frame is not None and frame.f_code is not InteractiveShell.run_code.__code__:
        frame = frame.f_back
    return frame is not None
