"""A user's own Jupyter server as a door to a shared control plane: `DbxApp.control_plane`.

Such a server has no clusters. It passes every request to the API, and to Spark's web UIs, on to the control plane with its user's
own credentials (`handler.py`, `link.py`), says which kernel and notebook the request is about (`model/door.py`), and keeps to
itself what only it knows: it starts the kernels, their tokens are valid only here, and it tells the control plane that a notebook
was renamed (`attachments.py`). Its pages hear of changes as if they were its own.

A door decides nothing: the control plane asks for permissions, and refuses doors of versions that it does not know.

May import `rest.framework`, `rest.dbx` for the feed, `model`, `managers`, jupyter_server and tornado.
"""
