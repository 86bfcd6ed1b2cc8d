"""Tokens of kernels: each kernel has its own, valid for the routes of jupyter_dbx while the kernel runs."""

from __future__ import annotations

import secrets


class KernelTokens:
    """Issues and checks tokens. They are kept in memory only, as kernels end with their server."""

    def __init__(self) -> None:
        self._kernels: dict[str, str] = {}

    def issue(self, kernel_id: str) -> str:
        """Return a new token for a kernel; it replaces the previous one."""
        self.revoke(kernel_id)
        token = secrets.token_urlsafe(32)
        self._kernels[token] = kernel_id
        return token

    def kernel_of(self, token: str) -> str | None:
        """Return the id of the kernel with this token, or None."""
        return self._kernels.get(token)

    def has(self, kernel_id: str) -> bool:
        """Return whether this kernel has a token."""
        return kernel_id in self._kernels.values()

    def revoke(self, kernel_id: str) -> None:
        """Invalidate a kernel's token."""
        self._kernels = {t: k for t, k in self._kernels.items() if k != kernel_id}
