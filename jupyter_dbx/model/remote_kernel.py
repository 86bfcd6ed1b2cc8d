"""Kernels that another Jupyter server starts, for which this one is the control plane."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RemoteKernel:
    """Whose kernel it is: the user who mentioned it first."""

    kernel_id: str
    user_name: str
    #: absolute path of its notebook there, or ""
    notebook: str
    #: when it was mentioned last, accurate to a day, ms since the epoch
    seen_ms: int
    #: row version, +1 on each save
    version: int = 0
