"""Remote kernels: remembers whose kernels those are that other Jupyter servers start, and their notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jupyter_dbx.managers.conflicts import retry_on_conflict
from jupyter_dbx.model.keys import check_key
from jupyter_dbx.model.principal import Principal
from jupyter_dbx.model.remote_kernel import RemoteKernel
from jupyter_dbx.store import Store

#: How exactly the time of the last mention is stored, and how long a kernel is remembered after it, ms.
DAY_MS, REMEMBERED_MS = 24 * 3600_000, 14 * 24 * 3600_000


class RemoteKernels:
    """The kernels of other servers, by what these servers say in their users' requests."""

    def __init__(self, store: Store) -> None:
        self._store = store
        #: when those that have not been mentioned for long were forgotten last, ms since the epoch
        self._tidied_ms = 0

    async def owner_of(self, kernel_id: str) -> str:
        """Return the name of the user whose kernel it is; "" = nobody has mentioned it."""
        found = await self._store.remote_kernels.get(kernel_id)
        return found.user_name if found else ""

    async def of(self, kernel_ids: Iterable[str]) -> dict[str, RemoteKernel]:
        """Return those of these kernels that are remote, by their ids."""
        found = [await self._store.remote_kernels.get(kernel_id) for kernel_id in set(kernel_ids)]
        return {kernel.kernel_id: kernel for kernel in found if kernel}

    @retry_on_conflict
    async def meet(self, kernel_id: str, notebook: str, principal: Principal) -> None:
        """Remember a kernel that a user mentions, with its notebook's path; whose it is does not change any more."""
        check_key(kernel_id, "The ID of a kernel", "kernel_id")
        check_key(notebook, "The path of the notebook", "path")
        found, now = await self._store.remote_kernels.get(kernel_id), self._store.now_ms()
        if found is None:
            if now > self._tidied_ms + DAY_MS:
                self._tidied_ms = now
                await self._forget_before(now - REMEMBERED_MS)
            found = RemoteKernel(kernel_id, principal.user_name, "", 0)
        if found.notebook != notebook or found.seen_ms < now - DAY_MS:
            await self._store.remote_kernels.save(replace(found, notebook=notebook, seen_ms=now))

    async def _forget_before(self, time_ms: int) -> None:
        for found in await self._store.remote_kernels.list():
            if found.seen_ms < time_ms:
                await self._store.remote_kernels.delete(found)
