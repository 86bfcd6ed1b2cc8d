"""The audit log: a file of JSON lines for each day, which several servers of a workspace may write at once."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from jupyter_dbx.managers.strangers import Strangers
from jupyter_dbx.model.audit import AuditFilter, AuditRecord
from jupyter_dbx.model.errors import AuditUnavailable

#: Longest text of a record, characters; paths and names of requests may be of any length.
LONGEST_TEXT = 500


class AuditLog:
    """Writes and reads the log.

    Parameters
    ----------
    folder : where its files are
    keep_days : how long a file is kept after its day
    clock : the time, s since the epoch
    """

    def __init__(self, folder: Path, keep_days: int, clock: Callable[[], float]) -> None:
        self._folder, self._keep_days, self._clock = folder, keep_days, clock
        self._today = ""
        self._strangers = Strangers()

    def now_ms(self) -> int:
        """Return the time for a record, ms since the epoch."""
        return int(self._clock() * 1000)

    async def write(self, record: AuditRecord) -> None:
        """Append a record; it is on the disk when this returns.

        Of requests of nobody who is known, only some are written at once: see `Strangers`.

        Raises
        ------
        AuditUnavailable : it could not be written
        """
        due = self._strangers.due(record.time)
        await self._write([*due, *([record] if record.user_name else self._strangers.note(record))])

    async def _write(self, records: Sequence[AuditRecord]) -> None:
        try:
            for record in records:
                await asyncio.to_thread(self._append, record)
        except OSError as error:
            raise AuditUnavailable(
                f"The audit log in {self._folder} cannot be written: {error.strerror}. The request may have been carried "
                "out; an administrator has to make room or correct the permissions."
            ) from None

    def _append(self, record: AuditRecord) -> None:
        day = f"{datetime.fromtimestamp(self._clock(), UTC):%Y-%m-%d}"
        if day != self._today:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._remove_old()
            self._today = day
        fields = {
            name: value[:LONGEST_TEXT] if isinstance(value, str) else value for name, value in asdict(record).items()
        }
        line = json.dumps(fields).encode() + b"\n"
        descriptor = os.open(self._folder / f"{day}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(descriptor, "ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # another server may write at the same time
            size = os.fstat(descriptor).st_size
            try:
                if file.write(line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fdatasync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)  # no half line
                raise

    def _remove_old(self) -> None:
        oldest = f"{datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=self._keep_days):%Y-%m-%d}"
        for file in self._folder.glob("*.jsonl"):
            if file.stem < oldest:
                file.unlink(missing_ok=True)

    async def read(self, wanted: AuditFilter, *, offset: int, limit: int) -> list[AuditRecord]:
        """Return a page of the records that are wanted, newest first."""
        await self._write(self._strangers.due())
        return await asyncio.to_thread(lambda: list(islice(self._newest_first(wanted), offset, offset + limit)))

    def _newest_first(self, wanted: AuditFilter) -> Iterator[AuditRecord]:
        for file in sorted(self._folder.glob("*.jsonl"), reverse=True):
            for line in reversed(file.read_bytes().splitlines()):
                record = AuditRecord(**json.loads(line))
                if wanted.fits(record):
                    yield record
