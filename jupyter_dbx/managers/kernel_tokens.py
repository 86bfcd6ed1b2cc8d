"""Tokens of kernels: each kernel has one of its own, good for our routes only, as long as the kernel lives."""

from __future__ import annotations

import secrets


class KernelTokens:
    """In memory only: kernels of a server that ended ended with it."""

    def __init__(self) -> None:
        self._kernels: dict[str, str] = {}

    def issue(self, kernel_id: str) -> str:
        """Return a new token for a kernel, in place of the one it had."""
        self.revoke(kernel_id)
        token = secrets.token_urlsafe(32)
        self._kernels[token] = kernel_id
        return token

    def kernel_of(self, token: str) -> str | None:
        """Return the kernel whose token this is, or None."""
        return self._kernels.get(token)

    def has(self, kernel_id: str) -> bool:
        """Return whether this kernel has a token."""
        return kernel_id in self._kernels.values()

    def revoke(self, kernel_id: str) -> None:
        """Make a kernel's token worthless."""
        self._kernels = {t: k for t, k in self._kernels.items() if k != kernel_id}
