"""Managed Spark clusters inside Jupyter, on your own machines.

People state what they want (REST, magics, CLI); it is written to the store. Controllers watch the store and what really
runs, and act until both agree. The two sides never call each other: they meet only in the store. Each room's
``__init__`` says what the room is and what it may import; ``tests/test_architecture.py`` holds the code to it.
"""

from typing import Any

__version__ = "0.1.0"

__all__ = ["ClusterPanel", "__version__"]


def __getattr__(name: str) -> Any:
    """Return the panel: imported when it is asked for, because servers and drivers have no use for widgets."""
    if name == "ClusterPanel":
        from jupyter_dbx.kernel.widgets import ClusterPanel

        return ClusterPanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-dbx"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from jupyter_dbx.app import DbxApp

    return [{"module": "jupyter_dbx.app", "app": DbxApp}]
