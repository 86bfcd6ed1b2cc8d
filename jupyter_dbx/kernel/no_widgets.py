"""Tells pages that a kernel has no ipywidgets while it has not imported them.

Each page that opens a notebook asks its kernel for the state of all widgets. A kernel without the package would close that comm,
which every other page of the notebook reports as an error, "Comm not found". ipywidgets answers by itself once it is imported.
"""

from __future__ import annotations

from typing import Any

#: Name of the comm, and the answer to every request on it. Source: ipywidgets, "packages/schema/messages.md".
TARGET = "jupyter.widget.control"
NO_STATES = {"method": "update_states", "states": {}, "buffer_paths": []}


def answer_for_widgets(comms: Any) -> None:
    """Answer on ipykernel's CommManager, which mypy does not follow here."""
    comms.register_target(TARGET, lambda comm, _: comm.on_msg(lambda message: comm.send(NO_STATES)))
