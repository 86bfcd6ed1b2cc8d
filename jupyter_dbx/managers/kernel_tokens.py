"""Tokens of kernels: each kernel has its own, valid for the routes of jupyter_dbx while the kernel runs."""

from __future__ import annotations

import secrets
from typing import NamedTuple

#: What stands for a kernel's id with the token that other programs of the server's user get.
PROGRAMS = "programs of this user"


class Kernel(NamedTuple):
    """A kernel that has a token."""

    kernel_id: str
    #: name of the user for whom it acts: whoever started it
    user_name: str


class KernelTokens:
    """Issues and checks tokens. They are kept in memory only, as kernels end with their server."""

    def __init__(self) -> None:
        self._kernels: dict[str, Kernel] = {}

    def issue(self, kernel_id: str, user_name: str) -> str:
        """Return a new token for a kernel; it replaces the previous one."""
        self.revoke(kernel_id)
        token = secrets.token_urlsafe(32)
        self._kernels[token] = Kernel(kernel_id, user_name)
        return token

    def kernel_of(self, token: str) -> Kernel | None:
        """Return the kernel with this token, or None."""
        return self._kernels.get(token)

    def user_of(self, kernel_id: str) -> str:
        """Return the name of the user for whom a kernel acts; "" = the kernel has no token."""
        return next((kernel.user_name for kernel in self._kernels.values() if kernel.kernel_id == kernel_id), "")

    def has(self, kernel_id: str) -> bool:
        """Return whether this kernel has a token."""
        return bool(self.user_of(kernel_id))

    def revoke(self, kernel_id: str) -> None:
        """Invalidate a kernel's token."""
        self._kernels = {token: kernel for token, kernel in self._kernels.items() if kernel.kernel_id != kernel_id}
