"""Managed Spark clusters inside Jupyter, on your own machines.

Users state their intent through REST, magics or the CLI, and managers write it to the store. Controllers compare the store with
what is running and act until both agree. The two sides never call each other; they communicate only through the store. The
docstring of each package's ``__init__`` describes the package and what it may import; ``tests/test_architecture.py`` enforces it.
"""

from typing import Any

__version__ = "0.1.0"

__all__ = ["ClusterPanel", "__version__"]


def __getattr__(name: str) -> Any:
    """Return the panel, imported on first use, because servers and drivers do not need widgets."""
    if name == "ClusterPanel":
        from jupyter_dbx.kernel.widgets import ClusterPanel

        return ClusterPanel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Make `%sql` run on Spark again after another extension took it: `%reload_ext jupyter_dbx`."""
    if not hasattr(getattr(shell, "kernel", None), "spark_session"):
        print("jupyter_dbx has a kernel of its own: select Spark (jupyter-dbx).")
        return
    from jupyter_dbx.kernel.magics.sql_owner import restore_sql

    restore_sql(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-dbx"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from jupyter_dbx.app import DbxApp

    return [{"module": "jupyter_dbx.app", "app": DbxApp}]
