"""PROVIDES NODES: one file per kind of infrastructure, behind the contract in `base.py`.

A backend provisions nodes and runs named daemons on them; it knows nothing of Spark. Further backends are found through the
entry point group `jupyter_dbx.backends`. May import `model`; a library for one backend is imported in that backend's file only.
"""
