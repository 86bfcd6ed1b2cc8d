"""CellOutputs: keeps what recent cells have sent to their page, so that a page that is loaded later can show it.

A page receives a cell's outputs only if it has sent the cell; a reloaded page has not. It asks for what it has missed, replays
it, and takes the rest as it arrives. The record is made from the messages themselves, as they leave the kernel.
"""

from __future__ import annotations

import functools
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jupyter_dbx.kernel.session.cells import Cell
from jupyter_dbx.model.wire import Json

#: Limits of what is kept: runs, count, and bytes of messages, of one run and of all runs.
MAX_RUNS = 100
MAX_RUN_BYTES = 4_000_000
MAX_BYTES = 32_000_000

#: How many of the newest messages are identified to the page, count: those that it may receive twice.
MAX_RECENT = 1000

#: Shown in place of the outputs that a run had sent before the newest MAX_RUN_BYTES.
CUT = "[Earlier outputs of this run were not kept.]\n"

#: What a page shows in a cell's output.
_SHOWN = frozenset({"stream", "display_data", "execute_result", "error"})


def _now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(eq=False)
class _Message:
    """A message of a run, with its content as it was sent: JSON."""

    kind: str
    content: bytes


@dataclass(eq=False)
class _Run:
    """One run of a cell of a document."""

    cell_id: str
    request: Json
    execution_count: int | None = None
    #: ms since the epoch; None = it runs
    began_ms: int = field(default_factory=_now_ms)
    ended_ms: int | None = None
    messages: list[_Message] = field(default_factory=list)
    size: int = 0
    is_cut: bool = False
    #: the next output replaces the previous ones
    clears: bool = False


class CellOutputs:
    """The outputs of recent runs of cells. Can be used from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # an interrupt may come while it is held
        self._unpack: Any = None  # of jupyter_client's session, which mypy does not follow
        self._runs: dict[str, _Run] = {}
        #: display id → the newest output with it, and its run
        self._displays: dict[str, tuple[_Run, _Message]] = {}
        self._recent: deque[str] = deque(maxlen=MAX_RECENT)

    def install(self, session: Any) -> None:
        """Record the messages of a kernel's `jupyter_client` session; before redaction, so that no secret is kept."""
        serialize, self._unpack = session.serialize, session.unpack

        @functools.wraps(serialize)
        def recorded(message: Json, ident: Any = None) -> list[bytes]:
            parts: list[bytes] = serialize(message, ident)
            if run := self._runs.get((message.get("parent_header") or {}).get("msg_id", "")):
                self._record(run, message, parts[-1])  # its content
            return parts

        session.serialize = recorded

    def begin(self, cell: Cell) -> None:
        """Record a cell from now on; the oldest runs are dropped."""
        if not cell.cell_id or cell.request is None:
            return
        with self._lock:
            self._runs[cell.request["msg_id"]] = _Run(cell.cell_id, cell.request)
            while len(self._runs) > MAX_RUNS or sum(run.size for run in self._runs.values()) > MAX_BYTES:
                self._forget(self._runs.pop(next(iter(self._runs))).messages)

    def missed(self, since_ms: int) -> Json:
        """Return what a page may have missed: the runs that go on, and those that have ended since then.

        Returns
        -------
        `runs`, oldest first, each with its messages to replay; `recent`, the ids of the newest messages that they contain
        """
        with self._lock:
            runs = [run for run in self._runs.values() if run.ended_ms is None or run.ended_ms > since_ms]
            return {"runs": [self._document(run) for run in runs], "recent": list(self._recent)}

    def _record(self, run: _Run, message: Json, content: bytes) -> None:
        kind = message["header"]["msg_type"]
        with self._lock:
            if kind in _SHOWN or kind in ("clear_output", "update_display_data"):
                self._recent.append(message["header"]["msg_id"])
            match kind:
                case "execute_input":
                    run.execution_count = message["content"]["execution_count"]
                case "status" if message["content"]["execution_state"] == "idle":
                    run.ended_ms = _now_ms()
                case "clear_output" if message["content"].get("wait"):
                    run.clears = True
                case "clear_output":
                    self._clear(run)
                case "update_display_data":
                    self._update(message["content"], content)
                case _ if kind in _SHOWN:
                    self._add(run, message, _Message(kind, content))

    def _add(self, run: _Run, message: Json, new: _Message) -> None:
        if run.clears:
            self._clear(run)
        run.messages.append(new)
        run.size += len(new.content)
        if display_id := (message["content"].get("transient") or {}).get("display_id"):
            self._displays[display_id] = (run, new)
        if run.size > MAX_RUN_BYTES:
            self._cut(run)

    def _update(self, sent: Json, content: bytes) -> None:
        run, old = self._displays.get((sent.get("transient") or {}).get("display_id", ""), (None, None))
        if run is not None and old is not None:
            run.size += len(content) - len(old.content)
            old.content = content

    def _clear(self, run: _Run) -> None:
        self._forget(run.messages)
        run.messages, run.size, run.is_cut, run.clears = [], 0, False, False

    def _cut(self, run: _Run) -> None:
        """Drop the older half of a run's outputs, but not the newest one."""
        count, run.is_cut = 0, True
        while count < len(run.messages) - 1 and run.size > MAX_RUN_BYTES // 2:
            run.size -= len(run.messages[count].content)
            count += 1
        self._forget(run.messages[:count])
        run.messages = run.messages[count:]

    def _forget(self, messages: list[_Message]) -> None:
        """Take no more updates of these outputs."""
        gone = set(map(id, messages))
        self._displays = {name: found for name, found in self._displays.items() if id(found[1]) not in gone}

    def _document(self, run: _Run) -> Json:
        return {
            "cell_id": run.cell_id,
            "msg_id": run.request["msg_id"],
            "session": run.request.get("session", ""),
            "execution_count": run.execution_count,
            "began_ms": run.began_ms,
            "ended_ms": run.ended_ms,
            "messages": list(self._replayed(run)),
        }

    def _replayed(self, run: _Run) -> Iterator[Json]:
        """Yield the messages of a run, with successive text joined."""
        text: Json = {}
        if run.is_cut:
            yield {"msg_type": "stream", "content": {"name": "stderr", "text": CUT}}
        for message in run.messages:
            content = self._unpack(message.content)
            if message.kind == "stream" and text.get("name") == content["name"]:
                text["text"] += content["text"]
                continue
            yield {"msg_type": message.kind, "content": content}
            text = content if message.kind == "stream" else {}
