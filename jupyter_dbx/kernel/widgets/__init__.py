"""WIDGETS: clusters to look at and to click on, in any front end that shows ipywidgets.

`from jupyter_dbx import ClusterPanel` is the public way in, `%cluster panel` the short one. Only plain controls of
ipywidgets 8, no JavaScript of ours: so the same panel works in JupyterLab, Notebook 7 and VS Code. A panel asks the server on
a thread of its own (`watch.py`), so that it lives on while a cell runs and a click never holds a cell up; each callback only
says what it is about to do. What is shown changes in place and only where it differs, so that nobody loses the focus or
what they type. May import `model` and the rest of `kernel`.
"""

from jupyter_dbx.kernel.widgets.panel import ClusterPanel

__all__ = ["ClusterPanel"]
