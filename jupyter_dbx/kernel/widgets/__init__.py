"""WIDGETS: the cluster panel, for any front end that shows ipywidgets.

`from jupyter_dbx import ClusterPanel` is its public name, `%cluster panel` the shortcut. It uses only standard controls of
ipywidgets 8 and no JavaScript, so it works in JupyterLab, Notebook 7 and VS Code. A panel polls the server on its own thread
(`watch.py`), so it updates while a cell is running, and a click never blocks a cell: a callback only queues a job. Controls
change in place and only where they differ, so that they keep the focus and text that is being typed. May import `client`,
`model` and, of the kernel, `session` and `arguments`.
"""

from jupyter_dbx.kernel.widgets.panel import ClusterPanel

__all__ = ["ClusterPanel"]
